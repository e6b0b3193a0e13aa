"""A service that is marked with a log-in hears nothing before it, then it with every request, and nobody else does."""

from __future__ import annotations

import base64

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import LogIn, Service
from stopdesk.ui.login import LoginDialog
from stopdesk.ui.services.dialog import ServicesDialog
from tests.desk import PATIENCE_MS, run_on, told, wait_for_state
from tests.fakes.uws_server import UwsServer


def dialogs() -> list[LoginDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog) and each.isVisible()]


def the_dialog(qtbot: QtBot) -> LoginDialog:
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
    (only,) = dialogs()
    return only


def send(qtbot: QtBot, desk: app.Desk, service: Service) -> str:
    """Mark the service so, and send a model there."""
    desk.settings.change(desk.settings.settings.with_service(service))
    bar = desk.window.workspace.run_bar
    bar.services.setCurrentIndex(bar.services.findData(service.url))
    before = {run.key for run in desk.document.session.runs}
    qtbot.waitUntil(bar.button.isEnabled)
    bar.button.click()
    (key,) = {run.key for run in desk.document.session.runs} - before
    return key


@pytest.mark.parametrize("kind", [LogIn.BASIC, LogIn.BEARER])
def test_the_log_in_comes_before_the_first_request_and_goes_with_each(
    qtbot: QtBot, desk: app.Desk, kind: LogIn
) -> None:
    with UwsServer() as server, UwsServer() as other:
        send(qtbot, desk, Service(name="x", url=server.url, log_in=kind, user="alice"))
        dialog = the_dialog(qtbot)
        assert server.requests == [], "nothing before the log-in"
        assert dialog._kind.currentData() == kind.value
        if kind is LogIn.BASIC:
            assert dialog._user.text() == "alice"
        QTest.keyClicks(dialog._secret, "wonderland")
        dialog.accept()
        wait_for_state(qtbot, desk, "executing")
        token = (
            "Basic " + base64.b64encode(b"alice:wonderland").decode() if kind is LogIn.BASIC else "Bearer wonderland"
        )
        assert {request.headers.get("authorization") for request in server.requests} == {token}
        run_on(qtbot, desk, other.url)
        qtbot.waitUntil(lambda: bool(other.jobs), timeout=20_000)
        assert all("authorization" not in request.headers for request in other.requests)
        assert not dialogs(), "asked once"
        assert "wonderland" not in " ".join(told(desk))


def test_who_does_not_log_in_sends_nothing_and_is_asked_once(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        service = Service(name="x", url=server.url, log_in=LogIn.BASIC)
        first = send(qtbot, desk, service)
        the_dialog(qtbot).reject()
        run = wait_for_state(qtbot, desk, "held back", key=first)
        assert "log in there first" in run.contact_text
        second = send(qtbot, desk, service)
        wait_for_state(qtbot, desk, "held back", key=second)
        assert not dialogs()
        assert server.requests == []
        desk.window.jobs.commanded.emit("Send again", [first])
        dialog = the_dialog(qtbot)
        QTest.keyClicks(dialog._user, "alice")
        dialog.accept()
        wait_for_state(qtbot, desk, "executing", key=first)


def test_a_mark_that_is_taken_away_lets_requests_go(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        service = Service(name="x", url=server.url, log_in=LogIn.BEARER)
        key = send(qtbot, desk, service)
        the_dialog(qtbot).reject()
        wait_for_state(qtbot, desk, "held back")
        desk.settings.change(desk.settings.settings.with_service(Service(name="x", url=server.url)))
        desk.window.jobs.commanded.emit("Send again", [key])
        wait_for_state(qtbot, desk, "executing")
        assert all("authorization" not in request.headers for request in server.requests)


@pytest.mark.parametrize("closes", [False, True])
def test_a_test_asks_for_the_log_in_and_goes_on(qtbot: QtBot, desk: app.Desk, closes: bool) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        service = Service(name="x", url=server.url, log_in=LogIn.BASIC, user="alice")
        desk.settings.change(desk.settings.settings.with_service(service))
        desk.window.actions_by_name["services"].trigger()
        (services,) = desk.window.findChildren(ServicesDialog)
        next(each for each in services.findChildren(QPushButton) if each.text() == "Test").click()
        dialog = the_dialog(qtbot)
        assert "log in there first" in services.report.toPlainText()
        if closes:
            services.reject()
        QTest.keyClicks(dialog._secret, "wonderland")
        dialog.accept()
        if closes:
            qtbot.waitUntil(lambda: not dialogs() and not desk.tasks.under_way, timeout=PATIENCE_MS)
            assert server.requests == []
        else:
            qtbot.waitUntil(lambda: "UWS 1.1" in services.report.toPlainText(), timeout=20_000)
            assert all("authorization" in request.headers for request in server.requests)
