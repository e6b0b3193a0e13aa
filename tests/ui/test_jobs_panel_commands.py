"""What can be done with a job is offered where it makes sense, by button, key, menu and double click."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import Phase
from stopdesk.domain.run import FETCHING, Run
from stopdesk.ui.jobs.panel import COMMANDS, JobsPanel
from tests.runs import every_state, make_run, stored

#: For every state of a run the commands that must be offered, beside those that always are.
ALWAYS = {"Rerun with changes", "Rename…", "Copy as command line", "Copy as Python", "Delete"}
WITH_JOB = {"Copy job address", "Remove from the list"}
LIVE = WITH_JOB | {"Abort", "Ask again"}
OFFERED = {
    "pending": LIVE | {"Start"},
    "held": LIVE | {"Start"},
    "queued": LIVE,
    "executing": LIVE,
    "suspended": LIVE,
    "unknown": LIVE,
    "lost": LIVE,
    "completed": WITH_JOB,
    "error": WITH_JOB,
    "aborted": WITH_JOB,
    "archived": WITH_JOB,
    "gone": WITH_JOB | {"Ask again"},
    "waiting": set(),
    "held back": {"Send again"},
    "sending": set(),
    "rejected": {"Send again"},
}


@pytest.fixture
def panel(qtbot: QtBot) -> JobsPanel:
    panel = JobsPanel()
    qtbot.addWidget(panel)
    panel.resize(1200, 300)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    return panel


@pytest.fixture
def commanded(panel: JobsPanel) -> list[tuple[str, list[str]]]:
    heard: list[tuple[str, list[str]]] = []
    panel.commanded.connect(lambda word, keys: heard.append((word, keys)))
    return heard


def only(panel: JobsPanel, run: Run) -> Run:
    panel.set_runs((run,))
    panel.select(run.key)
    panel.focus()
    return run


def offered(panel: JobsPanel) -> set[str]:
    return {action.text() for action in panel.command_menu().actions() if action.isEnabled()}


@pytest.mark.parametrize("state", OFFERED)
def test_each_state_allows_what_makes_sense(panel: JobsPanel, state: str) -> None:
    run = only(panel, every_state()[state])
    assert run.state == state
    assert offered(panel) == ALWAYS | OFFERED[state]
    for word, button in panel._buttons.items():
        assert button.isEnabled() == (word in ALWAYS | OFFERED[state]), word


def test_every_state_is_covered() -> None:
    assert set(OFFERED) == set(every_state())


def test_results_are_offered_where_they_are_and_fetched_where_they_are_not(panel: JobsPanel) -> None:
    only(panel, make_run(phase=Phase.COMPLETED, results={"grid": stored()}))
    assert "Open results" in offered(panel)
    assert "Fetch results" not in offered(panel)
    only(panel, make_run(phase=Phase.COMPLETED, results_text="The disk is full."))
    assert "Fetch results" in offered(panel)
    only(panel, make_run(phase=Phase.COMPLETED, results_text=FETCHING))
    assert "Fetch results" not in offered(panel), "they are on their way"


def test_only_what_is_known_to_have_been_asked_can_be_asked_again(panel: JobsPanel) -> None:
    again = {"Rerun with changes", "Copy as command line", "Copy as Python"}
    only(panel, make_run(model=None, service="https://uws.example/jobs"))
    assert again <= offered(panel), "a form of the service"
    only(panel, make_run(model=None, service="https://uws.example/jobs", request={}))
    assert not again & offered(panel), "a job made elsewhere"


def test_an_abort_under_way_is_not_offered_twice(panel: JobsPanel) -> None:
    only(panel, make_run(abort_asked=True))
    assert "Abort" not in offered(panel)


def test_without_a_selection_nothing_can_be_done(panel: JobsPanel, commanded: list[object]) -> None:
    panel.set_runs((make_run(),))
    assert offered(panel) == set()
    assert not any(button.isEnabled() for button in panel._buttons.values())
    panel.focus()
    QTest.keyClick(panel._view, Qt.Key.Key_Delete)
    assert commanded == []


@pytest.mark.parametrize(
    ("key", "modifier", "word"),
    [
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "Delete"),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "Open results"),
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier, "Rename…"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "Ask again"),
        (Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier, "Abort"),
        (Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier, "Rerun with changes"),
    ],
)
def test_keys_do_what_the_menu_says(
    qtbot: QtBot,
    panel: JobsPanel,
    commanded: list[tuple[str, list[str]]],
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    word: str,
) -> None:
    run = only(panel, make_run(results={"grid": stored()}))
    menu = panel.command_menu()  # its keys are there to be read, and must not be in the way
    qtbot.waitUntil(panel._view.hasFocus)
    QTest.keyClick(panel._view, key, modifier)
    assert commanded == [(word, [run.key])]
    menu.deleteLater()


def test_keys_in_the_filter_are_not_commands(
    qtbot: QtBot, panel: JobsPanel, commanded: list[tuple[str, list[str]]]
) -> None:
    only(panel, make_run("run", results={"grid": stored()}))
    panel._search.setFocus()
    qtbot.waitUntil(panel._search.hasFocus)
    QTest.keyClicks(panel._search, "run")
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_F2):
        QTest.keyClick(panel._search, key)
    assert commanded == []


def test_a_command_goes_to_those_of_the_selected_runs_that_allow_it(
    panel: JobsPanel, commanded: list[tuple[str, list[str]]]
) -> None:
    running, done = make_run("running"), make_run("done", Phase.COMPLETED)
    panel.set_runs((running, done))
    panel._view.selectAll()
    panel._buttons["Abort"].click()
    panel._buttons["Delete"].click()
    assert commanded[0] == ("Abort", [running.key])
    assert commanded[1][0] == "Delete"
    assert set(commanded[1][1]) == {running.key, done.key}


def test_a_double_click_opens_the_results(panel: JobsPanel, commanded: list[tuple[str, list[str]]]) -> None:
    run = only(panel, make_run(phase=Phase.COMPLETED, results={"grid": stored()}))
    place = panel._view.visualRect(panel.index_of(run.key, 0)).center()
    QTest.mouseClick(panel._view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(panel._view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert commanded == [("Open results", [run.key])]


def test_the_menu_commands_and_shows_its_keys(panel: JobsPanel, commanded: list[tuple[str, list[str]]]) -> None:
    run = only(panel, make_run())
    actions = {action.text(): action for action in panel.command_menu().actions()}
    assert list(actions) == [word for word, *_ in COMMANDS]
    actions["Copy job address"].trigger()
    assert commanded == [("Copy job address", [run.key])]
    assert actions["Delete"].shortcut().toString() == "Del"


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen, of every menu
def test_a_right_click_opens_the_menu_of_the_run(panel: JobsPanel, commanded: list[tuple[str, list[str]]]) -> None:
    run = only(panel, make_run())
    opened: list[str] = []
    timer = QTimer(interval=5)

    def choose() -> None:
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            opened.extend(action.text() for action in menu.actions())
            menu.setActiveAction(next(action for action in menu.actions() if action.text() == "Abort"))
            QTest.keyClick(menu, Qt.Key.Key_Return)

    timer.timeout.connect(choose)
    timer.start()
    panel._view.customContextMenuRequested.emit(panel._view.visualRect(panel.index_of(run.key, 0)).center())
    timer.stop()
    assert opened
    assert commanded == [("Abort", [run.key])]


def test_the_selection_tells_its_first_run(panel: JobsPanel) -> None:
    runs = (make_run(), make_run())
    panel.set_runs(runs)
    keys: list[str] = []
    panel.current_changed.connect(keys.append)
    panel.select(runs[0].key)
    panel.remove(runs[0].key)
    assert keys[0] == runs[0].key
    assert keys[-1] == ""
