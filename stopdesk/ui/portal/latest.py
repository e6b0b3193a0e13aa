"""Work for a plot, done in a task: one at a time, and of what is asked for meanwhile only the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from stopdesk.errors import StopdeskError
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks


class Latest(QObject):
    """Runs one kind of work in a task at a time; of what is asked for meanwhile only the last is done."""

    idle = Signal()

    def __init__(self, name: str, *, tasks: Tasks, notices: Notices, parent: QObject) -> None:
        super().__init__(parent)
        self._name = name
        self._tasks = tasks
        self._notices = notices
        self._running: Task | None = None
        self._waiting: tuple[Callable[[Task], Any], Callable[[Any], None]] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether something is under way."""
        return self._running is not None

    def ask(self, work: Callable[[Task], Any], done: Callable[[Any], None], *, give_up: bool = False) -> None:
        """Do the work and hand over its outcome; ``give_up`` drops what is under way, as it is of no use any more."""
        if self._running is not None:
            self._waiting = (work, done)
            if give_up:
                self._running.cancel()
            return
        self._running = self._tasks.start(
            self._name,
            work,
            done=lambda outcome: self._end(done, outcome),
            failed=self._fail,
            dropped=self._next,
            queue_name="table",  # the table's own: two threads at work on long columns keep the window waiting
            width=1,
            quiet=True,
        )

    def _end(self, done: Callable[[Any], None], outcome: Any) -> None:
        self._running = None
        done(outcome)
        self._next()

    def _fail(self, error: StopdeskError) -> None:
        self._notices.fail(error)
        self._next()

    def _next(self) -> None:
        self._running = None
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.ask(*waiting)
        else:
            self.idle.emit()
