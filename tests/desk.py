"""The real window for tests: built by the real composition root, taken down as at a quit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import Run
from stopdesk.domain.settings import Service
from stopdesk.ui.services.dialog import ServicesDialog

#: A first compilation may come in between, on a slow machine.
PATIENCE_MS = 90_000


@contextmanager
def opened_desk(qtbot: QtBot) -> Iterator[app.Desk]:
    """The window, shown and settled; everything is shut down afterwards."""
    desk = app.build()
    desk.window.show()
    qtbot.waitExposed(desk.window)
    try:
        yield desk
    finally:
        desk.window.hide()
        desk.shut_down()
        desk.window.deleteLater()


def only_run(desk: app.Desk) -> Run:
    """The one run of the session."""
    (run,) = desk.document.session.runs
    return run


def wait_for_state(qtbot: QtBot, desk: app.Desk, *states: str, key: str = "", timeout: int = PATIENCE_MS) -> Run:
    """Wait until the run (the only one, or that of ``key``) is in one of these states."""

    def run() -> Run:
        return desk.document.session.run(key) if key else only_run(desk)

    def reached() -> bool:
        return bool(desk.document.session.runs) and run().state in states

    try:
        qtbot.waitUntil(reached, timeout=timeout)
    except Exception as error:  # say what it was instead
        shown = [(each.name, each.state, each.contact_text) for each in desk.document.session.runs]
        raise AssertionError(f"waited for {states}, but: {shown}, told: {told(desk)}") from error
    return run()


def told(desk: app.Desk) -> list[str]:
    """Everything the user was told, oldest first."""
    return [notice.text for notice in desk.notices.history]


def wait_until_idle(qtbot: QtBot, desk: app.Desk, timeout: int = PATIENCE_MS) -> None:
    """Wait until no task is under way; says which ones were where that does not come."""
    try:
        qtbot.waitUntil(lambda: not desk.tasks.under_way, timeout=timeout)
    except Exception as error:
        names = [task.name for task in desk.tasks.under_way]
        raise AssertionError(f"still under way: {names}") from error


def wait_until_told(qtbot: QtBot, desk: app.Desk, words: str, timeout: int = 20_000) -> None:
    """Wait until the user was told something with these words in it."""
    qtbot.waitUntil(lambda: any(words in text for text in told(desk)), timeout=timeout)


@contextmanager
def answering(qtbot: QtBot, *buttons: str) -> Iterator[list[str]]:
    """Press these buttons, one in each question that comes up in turn; gives the texts of the questions."""
    asked: list[str] = []
    left = list(buttons)
    timer = QTimer()
    timer.setInterval(10)

    def look() -> None:
        for box in _questions():
            asked.append(box.text())
            word = left.pop(0)
            next(button for button in box.buttons() if button.text().replace("&", "") == word).click()

    timer.timeout.connect(look)
    timer.start()
    try:
        yield asked
    finally:
        timer.stop()
    assert not left, f"never asked: {left}"


def _questions() -> list[QMessageBox]:
    from PySide6.QtWidgets import QApplication

    boxes = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QMessageBox))
    return [box for box in boxes if box.isVisible()]


class Heartbeat:
    """Beats every few milliseconds in the GUI thread and keeps the longest pause between two beats."""

    def __init__(self, interval_ms: int = 5) -> None:
        self.longest_ms = 0.0
        self.when: list[tuple[float, str]] = []
        self.doing: Callable[[], str] = lambda: ""
        self._clock = QElapsedTimer()
        self._timer = QTimer()
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin, or begin anew."""
        self.longest_ms = 0.0
        self.when = []
        self._clock.start()
        self._timer.start()

    def stop(self) -> None:
        """End."""
        self._timer.stop()

    def _beat(self) -> None:
        pause = self._clock.nsecsElapsed() / 1e6
        self._clock.restart()
        if pause > 40:
            self.when.append((pause, self.doing()))
        self.longest_ms = max(self.longest_ms, pause)


def run_on(qtbot: QtBot, desk: app.Desk, url: str) -> str:
    """Choose the service with this job list, press Run, give the key of the run."""
    settings = desk.settings
    settings.change(settings.settings.with_service(Service(name=url, url=url)))
    bar = desk.window.workspace.run_bar
    bar.services.setCurrentIndex(bar.services.findData(url))
    before = {run.key for run in desk.document.session.runs}
    qtbot.waitUntil(bar.button.isEnabled)
    bar.button.click()
    (key,) = {run.key for run in desk.document.session.runs} - before
    return key


def bring(desk: app.Desk, url: str) -> None:
    """Import the jobs of the service with this job list, which is called Fake."""
    desk.settings.change(desk.settings.settings.with_service(Service(name="Fake", url=url)))
    desk.window.actions_by_name["services"].trigger()
    (dialog,) = (each for each in desk.window.findChildren(ServicesDialog) if each.isVisible())
    dialog.list.setCurrentRow(0)
    next(each for each in dialog.findChildren(QPushButton) if each.text().startswith("Import")).click()
