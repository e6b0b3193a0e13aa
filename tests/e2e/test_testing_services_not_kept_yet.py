"""The Test button tests what the dialog shows: a log-in that is not kept yet is used, there and nowhere else."""

from __future__ import annotations

import base64

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import LogIn, Service
from stopdesk.net.credentials import Credential, Origin
from stopdesk.ui.login import LoginDialog
from stopdesk.ui.services.dialog import ServicesDialog
from tests.desk import run_on, wait_for_state, wait_until_idle
from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(120)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def sent(server: UwsServer) -> list[str | None]:
    """Who the server was told that we are, request by request."""
    return [request.headers.get("authorization") for request in server.requests]


def opened(desk: app.Desk, service: Service) -> ServicesDialog:
    """The dialog with this service, which is kept, in front."""
    desk.settings.change(desk.settings.settings.with_service(service))
    desk.window.actions_by_name["services"].trigger()
    (dialog,) = (each for each in desk.window.findChildren(ServicesDialog) if each.isVisible())
    dialog.list.setCurrentRow(0)
    assert dialog.fields.service == service
    return dialog


def press(dialog: ServicesDialog, text: str) -> None:
    next(each for each in dialog.findChildren(QPushButton) if each.text().replace("&", "") == text).click()


def set_log_in(dialog: ServicesDialog, kind: LogIn, user: str = "") -> None:
    fields = dialog.fields
    fields.log_in.setCurrentIndex(fields.log_in.findData(kind.value))
    if kind is LogIn.BASIC:
        fields.user.clear()
        QTest.keyClicks(fields.user, user)


def log_ins() -> list[LoginDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog) and each.isVisible()]


def log_in(qtbot: QtBot, secret: str) -> LoginDialog:
    qtbot.waitUntil(lambda: bool(log_ins()), timeout=20_000)
    (dialog,) = log_ins()
    QTest.keyClicks(dialog._secret, secret)
    dialog._keep.setChecked(False)
    dialog.accept()
    return dialog


def wait_for_report(qtbot: QtBot, dialog: ServicesDialog, words: str) -> None:
    qtbot.waitUntil(lambda: words in dialog.report.toPlainText(), timeout=20_000)


@pytest.mark.parametrize("accept", [True, False])
def test_a_log_in_that_is_new_is_asked_for_and_kept_with_ok_only(qtbot: QtBot, desk: app.Desk, accept: bool) -> None:
    with UwsServer() as server:
        dialog = opened(desk, Service(name="Fake", url=server.url))
        set_log_in(dialog, LogIn.BASIC, "alice")
        press(dialog, "Test")
        asked = log_in(qtbot, "wonderland")
        assert (asked._kind.currentData(), asked._user.text()) == ("basic", "alice")
        assert server.requests == [], "nothing before the log-in"
        wait_for_report(qtbot, dialog, "UWS 1.1")
        assert set(sent(server)) == {basic("alice", "wonderland")}
        origin = Origin.of(server.url)
        assert desk.credentials.get(origin) is None
        n_tested = len(server.requests)
        press(dialog, "OK" if accept else "Cancel")
        expected = Credential.basic("alice", "wonderland") if accept else None
        qtbot.waitUntil(lambda: desk.credentials.get(origin) == expected)
        if not accept:
            run_on(qtbot, desk, server.url)
            wait_for_state(qtbot, desk, "executing")
            assert set(sent(server)[n_tested:]) == {None}


def test_another_user_is_asked_for_and_the_one_before_stays_until_ok(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland", "bob": "builder"}
        origin, alice = Origin.of(server.url), Credential.basic("alice", "wonderland")
        desk.credentials.put(origin, alice, keep=False)
        dialog = opened(desk, Service(name="Fake", url=server.url, log_in=LogIn.BASIC, user="alice"))
        press(dialog, "Test")
        wait_for_report(qtbot, dialog, "UWS 1.1")
        assert set(sent(server)) == {basic("alice", "wonderland")}
        server.requests.clear()
        set_log_in(dialog, LogIn.BASIC, "bob")
        press(dialog, "Test")
        log_in(qtbot, "builder")
        wait_for_report(qtbot, dialog, "UWS 1.1")
        qtbot.waitUntil(dialog.test.isEnabled)
        assert set(sent(server)) == {basic("bob", "builder")}
        assert desk.credentials.get(origin) == alice


def test_a_token_in_place_of_a_password_is_asked_for_again_when_it_is_wrong(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.token = "right"
        desk.credentials.put(Origin.of(server.url), Credential.basic("alice", "wonderland"), keep=False)
        dialog = opened(desk, Service(name="Fake", url=server.url, log_in=LogIn.BASIC, user="alice"))
        set_log_in(dialog, LogIn.BEARER)
        press(dialog, "Test")
        first = log_in(qtbot, "wrong")
        assert first._kind.currentData() == "bearer"
        qtbot.waitUntil(lambda: bool(log_ins()) and log_ins() != [first], timeout=20_000)
        log_in(qtbot, "right")
        wait_for_report(qtbot, dialog, "UWS 1.1")
        assert sent(server)[0] == "Bearer wrong"
        assert set(sent(server)[1:]) == {"Bearer right"}


def test_a_log_in_that_was_taken_away_is_not_waited_for(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        dialog = opened(desk, Service(name="Fake", url=server.url, log_in=LogIn.BEARER))
        set_log_in(dialog, LogIn.NONE)
        press(dialog, "Test")
        wait_for_report(qtbot, dialog, "UWS 1.1")
        assert set(sent(server)) == {None}
        assert not log_ins()


def test_what_was_typed_for_a_test_goes_to_no_other_address(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server, UwsServer() as other:
        dialog = opened(desk, Service(name="Fake", url=server.url))
        set_log_in(dialog, LogIn.BASIC, "alice")
        press(dialog, "Test")
        log_in(qtbot, "wonderland")
        wait_for_report(qtbot, dialog, "UWS 1.1")
        qtbot.waitUntil(dialog.test.isEnabled)
        dialog.fields.url.clear()
        QTest.keyClicks(dialog.fields.url, other.url)
        press(dialog, "Test")
        qtbot.waitUntil(lambda: bool(log_ins()), timeout=20_000)
        log_ins()[0].reject()
        wait_until_idle(qtbot, desk)
        assert other.requests == []
