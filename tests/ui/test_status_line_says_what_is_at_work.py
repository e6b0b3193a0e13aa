"""The status line shows the last notice, and work that takes a while, with a cancel."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QPlainTextEdit
from pytestqt.qtbot import QtBot

from stopdesk.errors import FileError
from stopdesk.ui import status
from stopdesk.ui.notices import Level, Notices
from stopdesk.ui.status import StatusLine
from stopdesk.ui.tasks import Task, Tasks
from tests.ui.sample_results import dark_palette


@pytest.fixture
def line(qtbot: QtBot, tasks: Tasks, notices: Notices, monkeypatch: pytest.MonkeyPatch) -> StatusLine:
    monkeypatch.setattr(status, "SHOW_AFTER_MS", 0)
    line = StatusLine(notices=notices, tasks=tasks)
    qtbot.addWidget(line)
    line.resize(900, 30)
    line.show()
    return line


class Work:
    """Work that reports when told, and ends when told or cancelled."""

    def __init__(self) -> None:
        self.end = threading.Event()

    def __call__(self, task: Task) -> None:
        while not self.end.wait(0.005):
            task.raise_if_cancelled()


@pytest.fixture
def work() -> Work:
    return Work()


def test_the_last_notice_stands_there_and_all_can_be_read(qtbot: QtBot, line: StatusLine, notices: Notices) -> None:
    notices.tell("Saved ladder.stop.")
    assert line.text == "Saved ladder.stop."
    notices.fail(FileError("a.stop", "it is damaged.\nSecond line"), details="at byte 12")
    assert line.text == "⚠ a.stop: it is damaged."
    assert "at byte 12" in line._text.toolTip()
    line._history.click()
    (dialog,) = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog))
    text = dialog.findChild(QPlainTextEdit).toPlainText()
    assert "Saved ladder.stop." in text
    assert "Second line" in text
    dialog.reject()


def test_an_error_looks_other_than_a_word(line: StatusLine, notices: Notices) -> None:
    notices.tell("All is well.")
    calm = line._text.styleSheet()
    notices.warn("Look here.")
    assert line.text == "⚠ Look here."
    notices.fail("It broke.")
    assert line._text.styleSheet() != calm
    assert notices.history[-1].level is Level.ERROR


def test_what_was_said_is_read_in_another_colour_scheme_too(line: StatusLine, notices: Notices) -> None:
    def lightness() -> int:
        QApplication.processEvents()
        return line._text.palette().color(line._text.foregroundRole()).lightness()

    notices.tell("All is well.")
    assert lightness() < 64
    with dark_palette():
        assert lightness() > 192
        notices.fail("It broke.")
        on_dark = lightness()
    assert lightness() < on_dark


@pytest.mark.parametrize("text", ["", "\n", "x" * 10_000, "<script>alert(1)</script>", "水 🚀"])
def test_any_text_fits_into_one_line(line: StatusLine, notices: Notices, text: str) -> None:
    height, width = line.sizeHint().height(), line.minimumSizeHint().width()
    notices.fail(text)
    assert line.sizeHint().height() == height
    assert line.minimumSizeHint().width() == width
    assert "<script>" not in line._text.toolTip()


def test_notices_are_bounded(notices: Notices) -> None:
    for number in range(250):
        notices.tell(str(number))
    assert len(notices.history) == 100
    assert notices.history[-1].text == "249"


def test_work_is_shown_and_goes_when_it_has_ended(qtbot: QtBot, line: StatusLine, tasks: Tasks, work: Work) -> None:
    tasks.start("Fetching the results", work)
    qtbot.waitUntil(line._bar.isVisible)
    assert line._work.text() == "Fetching the results"
    assert line._bar.maximum() == 0, "how far it is, is not known"
    work.end.set()
    qtbot.waitUntil(lambda: not line._bar.isVisible())
    assert not line._cancel.isVisible()


def test_quiet_work_is_not_shown(qtbot: QtBot, line: StatusLine, tasks: Tasks, work: Work) -> None:
    done: list[object] = []
    tasks.start("Autosave", work, quiet=True)
    tasks.start("Looking", lambda _: 1, quiet=True, done=done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert not line._bar.isVisible()
    assert not line._late.isActive()
    work.end.set()


def test_short_work_is_not_shown(qtbot: QtBot, tasks: Tasks, notices: Notices) -> None:
    line = StatusLine(notices=notices, tasks=tasks)
    qtbot.addWidget(line)
    line.show()
    done: list[object] = []
    tasks.start("Blinking", lambda _: 1, done=done.append)
    assert line._late.isActive()
    qtbot.waitUntil(lambda: bool(done))
    assert not line._late.isActive()
    assert line._bar.isHidden()


def test_progress_moves_the_bar(qtbot: QtBot, line: StatusLine, tasks: Tasks, work: Work) -> None:
    def reporting(task: Task) -> None:
        task.report(0.25, "grid.vot")
        work(task)

    tasks.start("Fetching", reporting)
    qtbot.waitUntil(lambda: line._bar.isVisible() and line._bar.value() == 250)
    assert line._work.text() == "Fetching: grid.vot"
    assert "Fetching: grid.vot" in line._work.toolTip()
    work.end.set()


def test_a_cancel_goes_to_the_first_and_then_to_the_next(
    qtbot: QtBot, line: StatusLine, tasks: Tasks, notices: Notices
) -> None:
    first, second = threading.Event(), Work()
    dropped: list[str] = []
    one = tasks.start("First", lambda _: first.wait(20), dropped=lambda: dropped.append("First"))
    two = tasks.start("Second", second, dropped=lambda: dropped.append("Second"))
    qtbot.waitUntil(lambda: line._work.text() == "First and 1 more")
    line._cancel.click()
    assert one.cancelled
    assert not two.cancelled
    assert notices.history[-1].text == "First: cancelled."
    qtbot.waitUntil(lambda: line._work.text() == "Second")  # though the first has not noticed yet
    line._cancel.click()
    qtbot.waitUntil(lambda: dropped == ["Second"])
    qtbot.waitUntil(lambda: not line._bar.isVisible())
    first.set()
    qtbot.waitUntil(lambda: dropped == ["Second", "First"])


def test_what_cannot_be_taken_back_has_no_cancel(qtbot: QtBot, line: StatusLine, tasks: Tasks, work: Work) -> None:
    tasks.start("Saving ladder.stop", work, can_cancel=False)
    qtbot.waitUntil(line._bar.isVisible)
    assert not line._cancel.isVisible()
    work.end.set()
