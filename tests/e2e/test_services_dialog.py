"""Services are shown, changed, tried out and taken with OK, all at once, in the real window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialogButtonBox, QPushButton
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import LogIn, Service
from stopdesk.session.services import shipped
from stopdesk.session.settings import SettingsFile
from stopdesk.ui.services.dialog import ServicesDialog
from tests.desk import run_on, wait_for_state, wait_until_idle
from tests.fakes.uws_server import UwsServer

HERE = "https://here.example/lvg/jobs"


def opened(desk: app.Desk) -> ServicesDialog:
    desk.window.actions_by_name["services"].trigger()
    (dialog,) = (each for each in desk.window.findChildren(ServicesDialog) if each.isVisible())
    return dialog


def press(dialog: ServicesDialog, text: str) -> None:
    (button,) = (each for each in dialog.findChildren(QPushButton) if each.text().replace("&", "") == text)
    assert button.isEnabled(), text
    button.click()


def add(dialog: ServicesDialog, name: str, url: str) -> None:
    press(dialog, "Add")
    dialog.fields.name.clear()
    QTest.keyClicks(dialog.fields.name, name)
    QTest.keyClicks(dialog.fields.url, url)


def names(dialog: ServicesDialog) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def test_what_comes_with_the_program_is_listed_and_not_offered_until_ticked(desk: app.Desk) -> None:
    known = next(service for service in shipped() if "{model}" not in service.url)
    dialog = opened(desk)
    assert names(dialog) == [service.name for service in shipped()]
    bar = desk.window.workspace.run_bar
    assert bar.services.findData(known.url) < 0
    row = shipped().index(known)
    dialog.list.item(row).setCheckState(Qt.CheckState.Checked)
    press(dialog, "OK")
    assert bar.services.findData(known.url) >= 0
    assert desk.settings.settings.services == (known.model_copy(update={"enabled": True}),)


def test_a_shipped_one_keeps_its_address_and_can_be_put_back(desk: app.Desk) -> None:
    dialog = opened(desk)
    assert dialog.fields.url.isReadOnly()
    assert not dialog.remove.isEnabled()
    QTest.keyClicks(dialog.fields.name, "My ")
    assert dialog.remove.text() == "Put back"
    press(dialog, "OK")
    assert [service.name for service in desk.settings.settings.services] == [f"My {shipped()[0].name}"]
    dialog = opened(desk)
    press(dialog, "Put back")
    assert dialog.list.count() == len(shipped())
    press(dialog, "OK")
    assert desk.settings.settings.services == ()


def test_all_fields_are_taken_with_ok_and_are_on_disk(qtbot: QtBot, desk: app.Desk) -> None:
    changes: list[str] = []
    desk.settings.changed.connect(lambda: changes.append("changed"))
    dialog = opened(desk)
    fields = dialog.fields
    add(dialog, "Here", HERE)
    fields.log_in.setCurrentIndex(fields.log_in.findData("basic"))
    assert fields.user.isVisible()
    QTest.keyClicks(fields.user, "alice")
    fields.at_once.setValue(3)
    fields.paused.click()
    QTest.keyClicks(fields.ca_file, "/etc/ours.pem")
    QTest.keyClicks(fields.note, "Ours")
    assert not changes, "nothing before OK"
    press(dialog, "OK")
    assert changes == ["changed"], "all at once"
    expected = Service(
        name="Here",
        url=HERE,
        log_in=LogIn.BASIC,
        user="alice",
        at_once=3,
        paused=True,
        ca_file="/etc/ours.pem",
        note="Ours",
    )
    assert desk.settings.settings.services == (expected,)
    qtbot.waitUntil(lambda: SettingsFile().load().services == (expected,))
    dialog = opened(desk)
    assert dialog.fields.service == expected
    press(dialog, "Remove")
    press(dialog, "OK")
    assert desk.settings.settings.services == ()


def test_cancel_changes_nothing(desk: app.Desk) -> None:
    before = desk.settings.settings
    dialog = opened(desk)
    add(dialog, "Here", HERE)
    dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
    press(dialog, "Cancel")
    assert desk.settings.settings == before


def test_other_settings_changed_meanwhile_stay(desk: app.Desk) -> None:
    dialog = opened(desk)
    add(dialog, "Here", HERE)
    desk.settings.used("/home/me/a.stop")
    press(dialog, "OK")
    assert desk.settings.settings.recent_files == ("/home/me/a.stop",)


@pytest.mark.parametrize("url", ["", "here.example/jobs", "ftp://here.example/jobs", "https://me:pw@here/jobs"])
def test_a_wrong_address_is_told_and_not_taken(desk: app.Desk, url: str) -> None:
    dialog = opened(desk)
    add(dialog, "Here", url)
    assert not dialog.test.isEnabled()
    assert not dialog.bring.isEnabled()
    dialog.list.setCurrentRow(0)
    press(dialog, "OK")
    assert dialog.isVisible()
    assert dialog.problem.text().startswith("⚠ Here: ")
    assert dialog.fields.name.text() == "Here", "what is wrong is shown"
    dialog.fields.url.clear()
    QTest.keyClicks(dialog.fields.url, HERE)
    assert not dialog.problem.isVisible()
    press(dialog, "OK")
    assert desk.settings.settings.services == (Service(name="Here", url=HERE),)


def test_one_address_is_one_service(desk: app.Desk) -> None:
    dialog = opened(desk)
    add(dialog, "One", HERE)
    add(dialog, "Two", HERE)
    press(dialog, "OK")
    assert dialog.isVisible()
    assert "One has this address already" in dialog.problem.text()
    press(dialog, "Remove")
    press(dialog, "OK")
    assert [service.name for service in desk.settings.settings.services] == ["One"]


def test_a_service_taken_off_the_run_bar_is_kept(desk: app.Desk) -> None:
    desk.settings.change(desk.settings.settings.with_service(Service(name="Here", url=HERE)))
    dialog = opened(desk)
    dialog.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    press(dialog, "OK")
    assert desk.window.workspace.run_bar.services.findData(HERE) < 0
    assert desk.settings.settings.services == (Service(name="Here", url=HERE, enabled=False),)


def test_a_test_tells_what_works(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        for _ in range(3):
            server.add_job("COMPLETED")
        dialog = opened(desk)
        add(dialog, "Fake", server.url)
        press(dialog, "Test")
        assert not dialog.test.isEnabled()
        qtbot.waitUntil(lambda: "List filters" in dialog.report.toPlainText(), timeout=20_000)
        assert "with 3 jobs" in dialog.report.toPlainText()
        assert "List filters: work." in dialog.report.toPlainText()
        assert {request.method for request in server.requests} == {"GET"}, "nothing is changed there"
        assert dialog.test.isEnabled()
        assert desk.settings.settings.services == ()
        dialog.list.setCurrentRow(0)
        assert dialog.report.toPlainText() == "", "it is about another service"


def test_a_test_of_a_service_with_a_list_a_model_names_each(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer(path="/lvg/jobs") as server:
        dialog = opened(desk)
        add(dialog, "Fake", server.root + "/{model}/jobs")
        press(dialog, "Test")
        qtbot.waitUntil(lambda: "UWS 1.1" in dialog.report.toPlainText(), timeout=20_000)
        text = dialog.report.toPlainText()
        assert f"{server.root}/lte/jobs:\n/lte/jobs is not there" in text
        assert f"{server.root}/lvg/jobs:\nThe job list answers" in text


def test_what_goes_wrong_in_a_test_is_told_in_words(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    dialog = opened(desk)
    with UwsServer() as server:
        server.stop()
        add(dialog, "Fake", server.url)
        press(dialog, "Test")
        qtbot.waitUntil(lambda: "refuses the connection" in dialog.report.toPlainText(), timeout=20_000)
    with UwsServer() as other:
        other.fault("html")
        dialog.fields.url.clear()
        QTest.keyClicks(dialog.fields.url, other.url)
        press(dialog, "Test")
        qtbot.waitUntil(lambda: "a web page instead of a UWS jobs" in dialog.report.toPlainText(), timeout=20_000)


def test_a_slow_service_keeps_nobody_in_the_dialog(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("hang")
        dialog = opened(desk)
        add(dialog, "Slow", server.url)
        press(dialog, "Test")
        server.wait_for(lambda server: bool(server.requests))
        press(dialog, "Cancel")
        assert not dialog.isVisible()
        server.release()
        wait_until_idle(qtbot, desk)


def test_a_test_that_is_cancelled_in_the_status_line_can_be_started_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("hang", times=1)
        dialog = opened(desk)
        add(dialog, "Slow", server.url)
        press(dialog, "Test")
        server.wait_for(lambda server: bool(server.requests))
        desk.tasks.cancel_all()
        server.release()
        qtbot.waitUntil(dialog.test.isEnabled, timeout=20_000)
        press(dialog, "Test")
        qtbot.waitUntil(lambda: "UWS 1.1" in dialog.report.toPlainText(), timeout=20_000)


def test_by_keyboard_alone(qtbot: QtBot, desk: app.Desk) -> None:
    dialog = opened(desk)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Space)
    assert dialog.list.item(0).checkState() is Qt.CheckState.Checked
    add_button = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Add")
    QTest.keyClick(dialog.list, Qt.Key.Key_Tab)
    assert add_button.hasFocus()
    QTest.keyClick(add_button, Qt.Key.Key_Space)
    assert dialog.fields.name.hasFocus()
    QTest.keyClicks(dialog.fields.name, "Here")
    QTest.keyClick(dialog.fields.name, Qt.Key.Key_Tab)
    assert dialog.fields.kind.hasFocus()
    QTest.keyClick(dialog.fields.kind, Qt.Key.Key_Tab)
    assert dialog.fields.url.hasFocus()
    QTest.keyClicks(dialog.fields.url, HERE)
    QTest.keyClick(dialog.fields.url, Qt.Key.Key_Return)
    assert [service.name for service in desk.settings.settings.services] == [shipped()[0].name, "Here"]


def test_long_names_widen_nothing_and_it_fits_a_small_screen(qtbot: QtBot, desk: app.Desk) -> None:
    name = "The observatory of <b>long</b> names " * 6
    desk.settings.change(desk.settings.settings.with_service(Service(name=name[:200], url=HERE + "/x" * 200)))
    dialog = opened(desk)
    hint = dialog.minimumSizeHint()
    assert hint.width() <= 1024
    assert hint.height() <= 600
    dialog.resize(hint)
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    assert dialog.rect().contains(buttons.geometry())
    assert "<b>" not in dialog.list.item(0).toolTip()


def test_a_service_of_the_list_runs_a_model(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        dialog = opened(desk)
        add(dialog, "Fake", server.url)
        press(dialog, "OK")
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
