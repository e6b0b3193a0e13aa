"""Every action of the menus has words, a tip and a key of its own, and does something when it is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.ui import window as window_module
from stopdesk.ui.actions import ACTIONS
from tests.desk import told


@contextmanager
def closing_dialogs() -> Iterator[list[str]]:
    """Close every dialog that comes up; gives their titles."""
    titles: list[str] = []
    timer = QTimer(interval=5)

    def close() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                titles.append(widget.windowTitle())
                widget.reject()

    timer.timeout.connect(close)
    timer.start()
    try:
        yield titles
    finally:
        timer.stop()


def test_each_has_words_a_tip_and_a_key_of_its_own(desk: app.Desk) -> None:
    actions = desk.window.actions_by_name
    assert set(actions) == {spec.name for spec in ACTIONS}
    keys: Counter[str] = Counter()
    for action in actions.values():
        assert action.text().replace("&", "").strip()
        assert action.toolTip() != action.text().replace("&", ""), action.text()
        assert action.statusTip()
        keys.update(sequence.toString() for sequence in action.shortcuts())
    assert not [key for key, number in keys.items() if number > 1]
    assert QKeySequence("").toString() not in keys


def test_no_two_in_a_menu_share_a_letter(desk: app.Desk) -> None:
    for top in desk.window.menuBar().actions():
        texts = [action.text() for action in top.menu().actions() if not action.isSeparator()]  # type: ignore[union-attr]
        letters = Counter(text[text.index("&") + 1].lower() for text in texts if "&" in text)
        assert len(letters) == len(texts), texts
        assert max(letters.values()) == 1, texts


#: What is to be seen after an action, where that is a dialog.
DIALOGS = {
    "open": "Open a session",
    "open_spectrum": "Open spectra",
    "open_table": "Open tables",
    "save": "Save the session",
    "save_as": "Save the session",
    "preferences": "Preferences",
    "add_job": "Add a job by its address",
    "services": "Services",
    "guide": "User's guide",
    "about": "About stopdesk",
}


@pytest.mark.parametrize("name", sorted(DIALOGS))
def test_what_asks_or_shows_opens_its_dialog(qtbot: QtBot, desk: app.Desk, name: str) -> None:
    with closing_dialogs() as titles:
        desk.window.actions_by_name[name].trigger()
        qtbot.waitUntil(lambda: bool(titles))
    assert titles[0].startswith(DIALOGS[name])
    assert not desk.document.is_modified


def test_views_come_to_the_front(desk: app.Desk) -> None:
    window, actions = desk.window, desk.window.actions_by_name
    actions["spectra"].trigger()
    assert window.pages.currentWidget() is window.spectra
    actions["runs"].trigger()
    assert window.pages.currentWidget() is window.results
    actions["model"].trigger()
    assert window.pages.currentWidget() is window.workspace
    actions["details"].trigger()
    assert window.details_dock.isVisible()
    actions["details"].trigger()
    assert not window.details_dock.isVisible()


def test_the_jobs_panel_gets_the_keyboard(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.isActiveWindow)
    desk.window.source_bar._name.setFocus()
    desk.window.actions_by_name["jobs"].trigger()
    focus = QApplication.focusWidget()
    assert focus is not None
    assert desk.window.jobs.isAncestorOf(focus)


def test_undo_and_redo_are_those_of_the_form(qtbot: QtBot, desk: app.Desk) -> None:
    workspace, actions = desk.window.workspace, desk.window.actions_by_name
    qtbot.waitUntil(lambda: not workspace.form.is_reading)
    before = workspace.form.request()
    workspace.form.set_request({**before, "line_width": "7"})
    qtbot.waitUntil(lambda: workspace.form.request().get("line_width") == "7")
    actions["undo"].trigger()
    qtbot.waitUntil(lambda: workspace.form.request() == before)
    actions["redo"].trigger()
    qtbot.waitUntil(lambda: workspace.form.request().get("line_width") == "7")


def test_without_results_there_are_no_tables_to_save(desk: app.Desk) -> None:
    desk.window.actions_by_name["save_tables"].trigger()
    assert told(desk)[-1] == "There are no result tables to save yet."


def test_the_log_s_folder_is_told_where_no_desktop_can_show_it(desk: app.Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoDesktop:
        @staticmethod
        def openUrl(url: object) -> bool:
            return False

    monkeypatch.setattr(window_module, "QDesktopServices", NoDesktop)
    desk.window.actions_by_name["log"].trigger()
    assert str(paths.log_dir()) in told(desk)[-1]


def test_a_new_session_and_the_end(qtbot: QtBot, desk: app.Desk) -> None:
    store = desk.document.store
    with qtbot.waitSignal(desk.document.replaced):
        desk.window.actions_by_name["new"].trigger()
    assert desk.document.store is not store
    with qtbot.waitSignal(desk.window.closed):
        desk.window.actions_by_name["quit"].trigger()
