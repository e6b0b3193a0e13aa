"""The main path without a mouse: fill in the form, run it, look at the lines, save, quit; keys and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import Phase
from stopdesk.session.file import read_session
from tests.desk import PATIENCE_MS, only_run, wait_for_state
from tests.runs import make_run, stored

pytestmark = pytest.mark.timeout(180)

CTRL = Qt.KeyboardModifier.ControlModifier


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the keyboard is."""
    QTest.keyClick(QApplication.focusWidget() or QApplication.activeWindow(), key, modifier)


def tab_to(target: QWidget) -> None:
    """Press Tab until the keyboard is on ``target`` or inside it."""
    for _ in range(200):
        focus = QApplication.focusWidget()
        if focus is not None and (focus is target or target.isAncestorOf(focus)):
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab never comes to {target.accessibleName() or target}")


def test_tab_goes_through_the_window_in_reading_order(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    desk.document.put_run(make_run(phase=Phase.COMPLETED, results={"grid": stored()}))
    workspace = window.workspace
    workspace.show_model("lte")
    parts = [window.source_bar, workspace.models, workspace.stack, workspace.run_bar, window.jobs, window.status]
    window.source_bar._name.setFocus()
    visited: list[int] = []
    for _ in range(100):
        focus = QApplication.focusWidget()
        assert focus is not None
        visited += [number for number, part in enumerate(parts) if focus is part or part.isAncestorOf(focus)]
        press(Qt.Key.Key_Tab)
        if QApplication.focusWidget() is window.source_bar._name:
            break
    assert visited == sorted(visited)
    assert set(visited) == set(range(len(parts)))


def test_the_model_is_changed_by_keyboard_and_the_keyboard_stays(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.workspace.models.setFocus()
    changes: list[object] = []
    QApplication.instance().focusWindowChanged.connect(changes.append)  # type: ignore[union-attr]
    press(Qt.Key.Key_Home)
    assert window.workspace.model == "lte"
    qtbot.waitUntil(lambda: not window.workspace.form.is_reading)
    assert window.workspace.models.hasFocus()
    assert changes == [], "nothing but the window came to the screen"


def test_from_the_form_to_the_saved_session(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, target = desk.window, tmp_path / "by keyboard.stop"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)

    tab_to(window.source_bar._name)
    QTest.keyClicks(QApplication.focusWidget(), "L1544")
    tab_to(window.workspace.models)
    press(Qt.Key.Key_Home)
    assert window.workspace.model == "lte"
    qtbot.waitUntil(lambda: not window.workspace.form.is_reading)
    column = window.workspace.form.rows["column_density"].editor.controls()[0]
    tab_to(column)
    press(Qt.Key.Key_A, CTRL)
    QTest.keyClicks(QApplication.focusWidget(), "3e15")
    qtbot.waitUntil(window.workspace.run_bar.button.isEnabled)
    with qtbot.waitSignal(window.results.shown, timeout=PATIENCE_MS):
        press(Qt.Key.Key_Return, CTRL)
    run = wait_for_state(qtbot, desk, "completed")
    assert run.request["column_density"] == "3e15"

    content = window.results.view.content
    assert content is not None
    assert window.pages.currentWidget() is window.results
    tab_to(content.tabs.tabBar())
    press(Qt.Key.Key_Right)
    assert content.tabs.currentWidget() is content.lines
    tab_to(content.lines)
    line = content.line
    press(Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: content.line != line)

    press(Qt.Key.Key_3, CTRL)
    assert window.pages.currentWidget() is window.workspace
    press(Qt.Key.Key_J, CTRL)
    assert window.jobs._view.hasFocus()
    press(Qt.Key.Key_Home)
    press(Qt.Key.Key_Return)
    assert window.pages.currentWidget() is window.results

    press(Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: not desk.document.is_modified)
    with qtbot.waitSignal(window.closed):
        press(Qt.Key.Key_Q, CTRL)
    kept = read_session(target)
    assert kept.source.name == "L1544"
    assert kept.runs[0].results == only_run(desk).results
