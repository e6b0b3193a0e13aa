"""A wrong password is asked for again, one question a service at a time, and a no is a no until one wants more."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.errors import NotAllowed
from stopdesk.ui.login import LoginDialog
from tests.desk import run_on, told, wait_for_state, wait_until_told
from tests.fakes.uws_server import UwsServer


def dialogs() -> list[LoginDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog) and each.isVisible()]


def dialog(qtbot: QtBot) -> LoginDialog:
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
    (only,) = dialogs()
    return only


def answer(qtbot: QtBot, password: str, user: str = "alice", *, keep: bool = False) -> None:
    asking = dialog(qtbot)
    asking._user.setText(user)
    asking._secret.setText(password)
    asking._keep.setChecked(keep)
    asking.accept()


def test_a_wrong_password_is_asked_for_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        run_on(qtbot, desk, server.url)
        answer(qtbot, "looking glass")
        qtbot.waitUntil(lambda: server.count("POST") == 2, timeout=20_000)
        answer(qtbot, "wonderland")
        wait_for_state(qtbot, desk, "executing")
        assert not dialogs()


def test_many_runs_make_one_question_and_all_go_on(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        keys = [run_on(qtbot, desk, server.url) for _ in range(5)]
        asking = dialog(qtbot)
        for key in keys:
            wait_for_state(qtbot, desk, "held back", key=key)
        assert dialogs() == [asking]
        answer(qtbot, "wonderland")
        for key in keys:
            wait_for_state(qtbot, desk, "executing", key=key)
        assert not dialogs()
        assert len(server.jobs) == 5


def test_a_refusal_that_comes_after_the_log_in_is_no_second_question(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        client = desk.conductor._client
        create, refused, go_on = client.create, threading.Event(), threading.Event()
        calls = iter(("first", "second"))

        def late(*words: Any, **more: Any) -> str:
            which = next(calls, "later")
            try:
                return create(*words, **more)
            except NotAllowed:
                if which == "first":
                    assert refused.wait(20), "both are under way"
                elif which == "second":
                    refused.set()
                    assert go_on.wait(20)
                raise

        client.create = late  # type: ignore[method-assign]
        first = run_on(qtbot, desk, server.url)
        second = run_on(qtbot, desk, server.url)
        qtbot.waitUntil(refused.is_set, timeout=20_000)
        answer(qtbot, "wonderland")
        wait_for_state(qtbot, desk, "executing", key=first)
        go_on.set()
        wait_for_state(qtbot, desk, "executing", key=second)
        assert not dialogs()


def test_after_a_no_sending_again_asks_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        key = run_on(qtbot, desk, server.url)
        dialog(qtbot).reject()
        wait_for_state(qtbot, desk, "held back")
        desk.window.jobs.commanded.emit("Send again", [key])
        answer(qtbot, "wonderland")
        wait_for_state(qtbot, desk, "executing")


def test_a_user_name_that_cannot_be_is_told_and_asked_for_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        run_on(qtbot, desk, server.url)
        answer(qtbot, "wonderland", user="ali:ce")
        wait_until_told(qtbot, desk, "has a colon in it")
        answer(qtbot, "wonderland")
        wait_for_state(qtbot, desk, "executing")
        assert "wonderland" not in " ".join(told(desk))


def test_without_a_keyring_it_is_said_that_the_log_in_is_not_kept(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        run_on(qtbot, desk, server.url)
        answer(qtbot, "wonderland", keep=True)
        wait_for_state(qtbot, desk, "executing")
        assert any("There is no keyring here" in text for text in told(desk))


@pytest.mark.parametrize("times", [1, 2])
def test_the_log_in_of_the_details_is_one_dialog(qtbot: QtBot, desk: app.Desk, times: int) -> None:
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        server.users = {"alice": "wonderland"}
        server.set_phase(next(iter(server.jobs)), "QUEUED")
        desk.conductor.look_again(key)
        dialog(qtbot).reject()
        wait_for_state(qtbot, desk, "lost")
        desk.window.jobs.select(key)
        desk.window.details_dock.show()
        qtbot.waitUntil(desk.window.details._login.isVisible)
        for _ in range(times):
            desk.window.details._login.click()
        answer(qtbot, "wonderland")
        wait_for_state(qtbot, desk, "queued")
