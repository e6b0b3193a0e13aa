"""Tells a task, and with it the status line, how many bytes have come."""

from __future__ import annotations

import time
from collections.abc import Callable

from stopdesk.ui.jobs.table import amount_text
from stopdesk.ui.tasks import Task

#: Seconds between two words to the window, which must not be kept busy by a fast disk.
_PAUSE = 0.1


class Meter:
    """Called with bytes so far and in all (None: unknown) of one of several ``parts``, numbered from 0.

    Used by the thread of the task. Ends cancelled work.
    """

    def __init__(
        self, task: Task, *, part: int = 0, parts: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._task = task
        self._part = part
        self._parts = parts
        self._clock = clock
        self._next = clock()

    def __call__(self, size: int, total: int | None) -> None:
        """Say how far it is, unless that was just said."""
        self._task.raise_if_cancelled()
        now = self._clock()
        if now < self._next and size != total:
            return
        self._next = now + _PAUSE
        which = f"{self._part + 1} of {self._parts}, " if self._parts > 1 else ""
        fraction = (self._part + size / total) / self._parts if total else None
        self._task.report(fraction, which + amount_text(size, total))
