"""Nothing is lost without being asked about, and Cancel in any dialog cancels all."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.session.file import read_session
from tests.desk import answering, told, wait_until_told


def change(desk: app.Desk) -> None:
    desk.window.source_bar._name.setText("L1544")
    assert desk.document.is_modified


def choose(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path) if path else "", ""))


def test_an_untouched_session_closes_without_a_question(qtbot: QtBot, desk: app.Desk) -> None:
    assert not desk.document.is_modified
    with qtbot.waitSignal(desk.window.closed):
        desk.window.close()


def test_a_change_taken_back_is_no_change(qtbot: QtBot, desk: app.Desk) -> None:
    change(desk)
    desk.window.source_bar._name.setText("")
    assert not desk.document.is_modified


def test_save_in_the_question_saves_and_then_closes(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(desk)
    choose(monkeypatch, tmp_path / "kept")
    with answering(qtbot, "Save") as asked, qtbot.waitSignal(desk.window.closed, timeout=20_000):
        desk.window.close()
    assert len(asked) == 1
    assert read_session(tmp_path / "kept.stop").source.name == "L1544"


def test_cancel_in_the_question_keeps_the_window(qtbot: QtBot, desk: app.Desk) -> None:
    change(desk)
    with answering(qtbot, "Cancel"):
        desk.window.close()
    assert desk.window.isVisible()
    assert desk.document.is_modified


def test_cancel_in_the_file_dialog_cancels_the_closing_too(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(desk)
    choose(monkeypatch, None)
    with answering(qtbot, "Save"):
        desk.window.close()
    assert desk.window.isVisible()
    assert desk.document.is_modified


def test_a_save_that_fails_keeps_the_window_and_says_why(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(desk)
    choose(monkeypatch, tmp_path / "no such folder" / "x.stop")
    with answering(qtbot, "Save"):
        desk.window.close()
    wait_until_told(qtbot, desk, "was not saved")
    assert desk.window.isVisible()


def test_dont_save_closes(qtbot: QtBot, desk: app.Desk) -> None:
    change(desk)
    with answering(qtbot, "Don't save"), qtbot.waitSignal(desk.window.closed):
        desk.window.close()


def test_a_damaged_file_leaves_the_open_session_alone(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.stop"
    damaged.write_bytes(b"SQLite format 3\0 but not really")
    desk.window.source_bar._name.setText("L1544")
    with answering(qtbot, "Don't save"):
        desk.window.files.open_path(damaged)
    wait_until_told(qtbot, desk, "damaged.stop")
    assert desk.window.source_bar.source.name == "L1544"
    assert "Traceback" not in " ".join(told(desk))
