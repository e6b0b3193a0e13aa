"""A service gets as many jobs at a time as the user says, none while it is paused, and goes on after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service
from stopdesk.ui.forms.order import RunOrder
from stopdesk.ui.login import LoginDialog
from tests.desk import opened_desk, told, wait_for_state
from tests.fakes.uws_server import UwsServer


def limit(desk: app.Desk, url: str, *, at_once: int = 0, paused: bool = False) -> None:
    service = Service(name="x", url=url, at_once=at_once, paused=paused)
    desk.settings.change(desk.settings.settings.with_service(service))


def send(desk: app.Desk, url: str, number: int) -> list[str]:
    return [desk.conductor.submit(RunOrder(str(n), "lte", {"molecule": "co"}, {}, url)) for n in range(number)]


def states(desk: app.Desk, keys: list[str]) -> list[str]:
    return [desk.document.session.run(key).state for key in keys]


def wait_for(qtbot: QtBot, desk: app.Desk, keys: list[str], wanted: list[str]) -> None:
    try:
        qtbot.waitUntil(lambda: states(desk, keys) == wanted, timeout=30_000)
    except Exception as error:
        raise AssertionError(f"waited for {wanted}, but: {states(desk, keys)}, told: {told(desk)}") from error


def change(desk: app.Desk, server: UwsServer, key: str, phase: str) -> None:
    server.set_phase((desk.document.session.run(key).job_url or "").rsplit("/", 1)[1], phase)
    desk.conductor.look_again(key)


def test_two_at_a_time_the_oldest_first(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        limit(desk, server.url, at_once=2)
        keys = send(desk, server.url, 4)
        wait_for(qtbot, desk, keys, ["executing", "executing", "waiting", "waiting"])
        qtbot.waitUntil(lambda: "2 jobs at a time" in desk.document.session.run(keys[3]).contact_text)
        desk.window.jobs.select(keys[3])
        desk.window.details_dock.show()
        qtbot.waitUntil(lambda: "2 jobs at a time" in desk.window.details._trouble.toPlainText())
        assert "2 waiting" in desk.window.jobs.counts
        change(desk, server, keys[1], "COMPLETED")
        wait_for(qtbot, desk, keys, ["executing", "completed", "executing", "waiting"])
        change(desk, server, keys[0], "ERROR")
        wait_for(qtbot, desk, keys, ["error", "completed", "executing", "executing"])
        assert server.count("POST", server.path) == 4


def test_a_run_that_waits_can_be_deleted(qtbot: QtBot, desk: app.Desk) -> None:
    desk.settings.change(desk.settings.settings.with_value("confirm_delete", value=False))
    with UwsServer() as server:
        limit(desk, server.url, at_once=1)
        first, second, third = send(desk, server.url, 3)
        wait_for(qtbot, desk, [first, second, third], ["executing", "waiting", "waiting"])
        desk.window.jobs.commanded.emit("Delete", [second])
        change(desk, server, first, "COMPLETED")
        wait_for(qtbot, desk, [first, third], ["completed", "executing"])
        assert server.count("POST", server.path) == 2


def test_a_pause_sends_none_and_ends_in_the_services_dialog(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server, UwsServer() as other:
        limit(desk, server.url, paused=True)
        keys = send(desk, server.url, 2)
        free = send(desk, other.url, 1)
        wait_for(qtbot, desk, [*keys, *free], ["waiting", "waiting", "executing"])
        qtbot.waitUntil(lambda: "paused" in desk.document.session.run(keys[0]).contact_text)
        assert not server.requests
        limit(desk, server.url)
        wait_for(qtbot, desk, keys, ["executing", "executing"])


def test_what_waits_goes_on_after_a_restart(qtbot: QtBot, home: Path, tmp_path: Path) -> None:
    target = tmp_path / "waiting.stop"
    with UwsServer() as server:
        with opened_desk(qtbot) as desk:
            limit(desk, server.url, at_once=1)
            keys = send(desk, server.url, 2)
            wait_for(qtbot, desk, keys, ["executing", "waiting"])
            saved: list[bool] = []
            desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
            qtbot.waitUntil(lambda: bool(saved))
        with opened_desk(qtbot) as desk:
            desk.open_at_start([str(target)])
            qtbot.waitUntil(lambda: len(desk.document.session.runs) == 2, timeout=20_000)
            wait_for(qtbot, desk, keys, ["executing", "waiting"])
            assert any("1 run of this session waits to be sent" in text for text in told(desk))
            change(desk, server, keys[0], "COMPLETED")
            wait_for(qtbot, desk, keys, ["completed", "executing"])
        assert server.count("POST", server.path) == 2


def dialogs() -> list[LoginDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog) and each.isVisible()]


def log_in(qtbot: QtBot, secret: str) -> None:
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
    (dialog,) = dialogs()
    dialog._user.setText("alice")
    dialog._secret.setText(secret)
    dialog._keep.setChecked(False)
    dialog.accept()


def test_an_expired_log_in_pauses_jobs_and_fails_none(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        limit(desk, server.url, at_once=2)
        keys = send(desk, server.url, 2)
        log_in(qtbot, "wonderland")
        wait_for(qtbot, desk, keys, ["executing", "executing"])
        server.users = {"alice": "looking glass"}  # what we have is no good any more
        keys += send(desk, server.url, 2)
        for key in keys[:2]:
            change(desk, server, key, "SUSPENDED")  # wakes the requests that were made before
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
        dialogs()[0].reject()
        wait_for(qtbot, desk, keys[:2], ["lost", "lost"])
        wait_for(qtbot, desk, keys[2:], ["waiting", "waiting"])
        desk.window.jobs.select(keys[1])
        desk.window.details_dock.show()
        qtbot.waitUntil(desk.window.details._login.isVisible)
        desk.window.details._login.click()
        log_in(qtbot, "looking glass")
        wait_for(qtbot, desk, keys, ["suspended", "suspended", "waiting", "waiting"])
        change(desk, server, keys[0], "COMPLETED")
        wait_for(qtbot, desk, keys, ["completed", "suspended", "executing", "waiting"])
        change(desk, server, keys[1], "COMPLETED")
        wait_for(qtbot, desk, keys, ["completed", "completed", "executing", "executing"])
        assert not any("was not sent" in text or "error" in text for text in told(desk))


def test_a_log_in_that_is_missing_holds_back_all_of_a_service(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        keys = send(desk, server.url, 3)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
        dialogs()[0].reject()
        keys += send(desk, server.url, 1)
        wait_for(qtbot, desk, keys, ["held back"] * 4)
        assert "4 waiting" in desk.window.jobs.counts
        desk.window.jobs.select(keys[-1])
        desk.window.details_dock.show()
        qtbot.waitUntil(desk.window.details._login.isVisible)
        desk.window.details._login.click()
        log_in(qtbot, "wonderland")
        wait_for(qtbot, desk, keys, ["executing"] * 4)
        assert wait_for_state(qtbot, desk, "executing", key=keys[0]).contact_text == ""


def test_results_that_a_log_in_kept_away_come_with_it(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        (key,) = send(desk, server.url, 1)
        wait_for(qtbot, desk, [key], ["executing"])
        server.lie("open_jobs")
        server.users = {"alice": "wonderland"}
        change(desk, server, key, "COMPLETED")
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
        dialogs()[0].reject()
        wait_for(qtbot, desk, [key], ["completed"])
        desk.window.login_wanted.emit(server.url)
        log_in(qtbot, "wonderland")
        qtbot.waitUntil(lambda: set(desk.document.session.run(key).results) == {"result"}, timeout=20_000)
