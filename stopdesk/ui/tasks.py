"""Blocking calls, moved off the GUI thread: a queue of worker threads a server, outcomes brought back as signals."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from stopdesk.errors import Cancelled, StopdeskError

_log = logging.getLogger(__name__)
_IDLE_SECONDS = 5.0


class Task:
    """One blocking call. The work may ask ``cancelled`` and say ``report``; both are safe in any thread.

    A ``quiet`` task is not shown; one that changes something at once and for good has no ``can_cancel``.
    """

    def __init__(self, number: int, name: str, queue_name: str, *, quiet: bool, can_cancel: bool, owner: Tasks) -> None:
        self.number = number
        self.name = name
        self.queue_name = queue_name
        self.quiet = quiet
        self.can_cancel = can_cancel
        self.fraction: float | None = None
        self.message = ""
        self._owner = owner
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the user, or the closing window, no longer wants the outcome."""
        return self._cancelled.is_set()

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled when the outcome is no longer wanted."""
        if self.cancelled:
            raise Cancelled(f"{self.name} was cancelled.")

    def cancel(self) -> None:
        """Drop the outcome; work that looks at ``cancelled`` ends early, other work ends by itself."""
        self._cancelled.set()
        self._owner.progressed.emit(self)

    def report(self, fraction: float | None, message: str = "") -> None:
        """Say how far the work is, from 0 to 1 (None: unknown); ends cancelled work."""
        self.fraction = fraction
        self.message = message
        self._owner.progressed.emit(self)
        self.raise_if_cancelled()


Done = Callable[[Any], None]
Failed = Callable[[StopdeskError], None]
_Answers = tuple[Done | None, Failed | None, Callable[[], object] | None]


class _Queue:
    """Up to ``width`` daemon threads that take calls in order and go away when there are none."""

    def __init__(self, name: str, width: int) -> None:
        self._name = name
        self._width = width
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._unfinished = 0  # calls that wait or are under way: one thread each, as long as there are enough
        self.threads: set[threading.Thread] = set()

    def put(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._unfinished += 1
            self._calls.put(call)
            if self._unfinished > len(self.threads) and len(self.threads) < self._width:
                thread = threading.Thread(target=self._serve, name=f"task-{self._name}", daemon=True)
                self.threads.add(thread)
                thread.start()

    def close(self) -> None:
        """Let every thread end once it has done what it is at."""
        with self._lock:
            for _ in self.threads:
                self._calls.put(None)

    def _serve(self) -> None:
        while True:
            try:
                call = self._calls.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                with self._lock:
                    if self._calls.empty():
                        self.threads.discard(threading.current_thread())
                        return
                continue
            if call is None:  # the window closes
                return
            call()
            del call
            with self._lock:
                self._unfinished -= 1


class Tasks(QObject):
    """Runs tasks and keeps the list of those under way; lives in the GUI thread.

    ``changed`` is sent when the list changes, ``progressed`` when a task says how far it is.
    """

    changed = Signal()
    progressed = Signal(object)
    _ended = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._queues: dict[str, _Queue] = {}
        self._under_way: dict[int, Task] = {}
        self._calls: dict[int, tuple[Callable[[Task], Any], _Answers]] = {}
        self._closing = False
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def under_way(self) -> tuple[Task, ...]:
        """The tasks that have not ended, oldest first."""
        return tuple(self._under_way.values())

    def start(
        self,
        name: str,
        work: Callable[[Task], Any],
        *,
        done: Done | None = None,
        failed: Failed | None = None,
        dropped: Callable[[], object] | None = None,
        queue_name: str = "work",
        width: int = 4,
        quiet: bool = False,
        can_cancel: bool = True,
    ) -> Task:
        """Run ``work(task)`` in a thread; then call ``done(outcome)`` or ``failed(error)`` in the GUI thread.

        Tasks of one ``queue_name`` (one a server) share ``width`` threads. A ``quiet`` task is not shown, and one
        without ``can_cancel`` has no button for it. After a cancel ``dropped()`` is called instead. An error that is
        not a StopdeskError goes to the log with its traceback and arrives as a StopdeskError that says so.
        """
        task = Task(next(self._numbers), name, queue_name, quiet=quiet, can_cancel=can_cancel, owner=self)
        if self._closing:
            task.cancel()
            return task
        self._under_way[task.number] = task
        self._calls[task.number] = (work, (done, failed, dropped))
        self.changed.emit()
        self._queues.setdefault(queue_name, _Queue(queue_name, width)).put(partial(self._run, task))
        return task

    def _run(self, task: Task) -> None:
        """Do the work (in a thread of the queue).

        The GUI thread keeps hold of it until the outcome has been delivered: what the work holds, widgets perhaps, must
        not be let go of last in a thread that is not theirs.
        """
        outcome: Any = None
        error: StopdeskError | None = None
        work, _ = self._calls[task.number]
        try:
            if not task.cancelled:
                outcome = work(task)
        except StopdeskError as problem:
            if not isinstance(problem, Cancelled):
                _log.info("%s: %s", task.name, problem, exc_info=problem)
            error = problem.with_traceback(None)
        except Exception as problem:
            _log.exception("%s failed", task.name)
            error = StopdeskError(f"{task.name}: an unexpected fault ({type(problem).__name__}); the log has it.")
        del work
        self._ended.emit(task, outcome, error)

    def _deliver(self, task: Task, outcome: Any, error: StopdeskError | None) -> None:
        _, (done, failed, dropped) = self._calls.pop(task.number)
        self._under_way.pop(task.number, None)
        self.changed.emit()
        if task.cancelled or isinstance(error, Cancelled):
            if dropped is not None:
                dropped()
        elif error is None:
            if done is not None:
                done(outcome)
        elif failed is not None:
            failed(error)

    def cancel_all(self) -> None:
        """Drop every outcome."""
        for task in self.under_way:
            task.cancel()

    def shutdown(self, seconds: float = 2.0) -> bool:
        """Take no more work, cancel what is under way and wait a bounded time; whether everything has ended."""
        self._closing = True
        self.cancel_all()
        deadline = time.monotonic() + seconds
        for line in self._queues.values():
            line.close()
        for line in self._queues.values():
            for thread in tuple(line.threads):
                thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for line in self._queues.values() for thread in line.threads)
