"""Destruction time and run-time limit are shown, changed, and shown again as the service set them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QDateTime
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.ui.jobs.limits import DestructionDialog, RunTimeDialog
from tests.desk import only_run, run_on, told, wait_for_state, wait_until_told
from tests.fakes.uws_server import UwsServer

WHEN = (datetime.now(UTC) + timedelta(days=400)).replace(second=0, microsecond=0)


def details_of(qtbot: QtBot, desk: app.Desk, server: UwsServer, phase: str = "executing") -> str:
    """Run a model there and show its details; gives the id of its job."""
    key = run_on(qtbot, desk, server.url)
    wait_for_state(qtbot, desk, phase)
    desk.window.jobs.select(key)
    desk.window.details_dock.show()
    qtbot.waitUntil(desk.window.details.limits.isVisible)
    (job_id,) = server.jobs
    return job_id


def ok(dialog: QDialog) -> QPushButton:
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    return buttons.button(QDialogButtonBox.StandardButton.Ok)


def change_destruction(desk: app.Desk, when: datetime) -> DestructionDialog:
    desk.window.details.limits.change_destruction.click()
    (dialog,) = desk.window.findChildren(DestructionDialog)
    dialog.edit.setDateTime(QDateTime.fromSecsSinceEpoch(int(when.timestamp())))
    return dialog


def change_run_time(desk: app.Desk) -> RunTimeDialog:
    desk.window.details.limits.change_run_time.click()
    (dialog,) = desk.window.findChildren(RunTimeDialog)
    return dialog


def test_both_are_shown_as_the_service_says(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        details_of(qtbot, desk, server)
        limits = desk.window.details.limits
        local = datetime(2026, 12, 20, 10, tzinfo=UTC).astimezone()
        assert limits.destruction.text() == f"{local:%Y-%m-%d %H:%M:%S}"
        assert limits.run_time.text() == "1:00:00"


def test_a_destruction_time_is_chosen_in_local_time_and_sent_in_utc(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        job_id = details_of(qtbot, desk, server)
        dialog = change_destruction(desk, WHEN)
        assert dialog.words.text() == f"{WHEN:%Y-%m-%d %H:%M} UTC"
        assert dialog.edit.dateTime().toString("yyyy-MM-dd HH:mm") == f"{WHEN.astimezone():%Y-%m-%d %H:%M}"
        ok(dialog).click()
        shown = f"{WHEN.astimezone():%Y-%m-%d %H:%M:%S}"
        wait_until_told(qtbot, desk, f"the destruction time is {shown}.")
        assert server.jobs[job_id].destruction == f"{WHEN:%Y-%m-%dT%H:%M:%SZ}"
        qtbot.waitUntil(lambda: desk.window.details.limits.destruction.text() == shown)


def test_a_time_in_the_past_is_not_taken(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        details_of(qtbot, desk, server)
        dialog = change_destruction(desk, datetime.now(UTC) - timedelta(hours=1))
        assert "in the past" in dialog.words.text()
        assert not ok(dialog).isEnabled()
        dialog.reject()
        assert server.count("POST", "destruction") == 0


@pytest.mark.parametrize(("unit", "number", "seconds"), [("seconds", 90, 90), ("minutes", 1.5, 90), ("hours", 2, 7200)])
def test_a_run_time_limit_is_sent_in_seconds(
    qtbot: QtBot, desk: app.Desk, unit: str, number: float, seconds: int
) -> None:
    with UwsServer() as server:
        job_id = details_of(qtbot, desk, server)
        dialog = change_run_time(desk)
        assert (dialog.number.text(), dialog.unit.currentText()) == ("1", "hours")
        dialog.unit.setCurrentText(unit)
        assert dialog.seconds == 3600, "another unit is not another limit"
        dialog.number.setValue(number)
        assert dialog.words.text() == f"{seconds:,} s"
        ok(dialog).click()
        wait_until_told(qtbot, desk, "the run-time limit is")
        assert server.jobs[job_id].duration == str(seconds)


def test_zero_is_no_limit(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        job_id = details_of(qtbot, desk, server)
        dialog = change_run_time(desk)
        dialog.number.setValue(0)
        assert dialog.number.text() == "no limit"
        ok(dialog).click()
        wait_until_told(qtbot, desk, "the run-time limit is none.")
        assert server.jobs[job_id].duration == "0"
        qtbot.waitUntil(lambda: desk.window.details.limits.run_time.text() == "none")


def test_what_the_service_made_of_it_is_told_and_shown(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        details_of(qtbot, desk, server)
        server.lie("own_limits")
        dialog = change_run_time(desk)
        dialog.number.setValue(5)
        ok(dialog).click()
        wait_until_told(qtbot, desk, "the service set the run-time limit to 1:00:00, not 5:00:00.")
        ok(change_destruction(desk, WHEN)).click()
        wait_until_told(qtbot, desk, "the service set the destruction time to 2026-12-20")
        assert desk.window.details.limits.run_time.text() == "1:00:00"


def test_a_refusal_is_told_and_leaves_all_as_it_was(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        details_of(qtbot, desk, server)
        server.fault("403", times=1, on="POST destruction")
        ok(change_destruction(desk, WHEN)).click()
        wait_until_told(qtbot, desk, "The destruction time of")
        assert any("was not changed" in text for text in told(desk))
        assert only_run(desk).state == "executing"


def test_the_limit_of_a_job_that_has_ended_stays_but_its_end_can_be_put_off(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.after_run = ("COMPLETED",)
        details_of(qtbot, desk, server, "completed")
        limits = desk.window.details.limits
        qtbot.waitUntil(lambda: not limits.change_run_time.isEnabled())
        assert limits.change_destruction.isEnabled()
        ok(change_destruction(desk, WHEN)).click()
        wait_until_told(qtbot, desk, "the destruction time is")
        assert only_run(desk).state == "completed"
