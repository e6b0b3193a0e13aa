"""Does many small things a few at a time, so that thousands of them never stall the window."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer

#: So many seconds one turn of the event loop may take for it: half a picture at 60 a second.
_TURN = 0.008


class Bits(QObject):
    """Calls what is added in its order, in as many turns of the event loop as it takes; the first turn is at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: deque[Callable[[], object]] = deque()
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._turn)

    def add(self, calls: Iterable[Callable[[], object]]) -> None:
        """Do these too, after what is there already."""
        self._calls.extend(calls)
        if not self._timer.isActive():
            self._timer.start()
            self._turn()

    def clear(self) -> None:
        """Forget what has not been done yet."""
        self._calls.clear()

    def _turn(self) -> None:
        end = time.perf_counter() + _TURN
        while self._calls and time.perf_counter() < end:
            self._calls.popleft()()
        if not self._calls:
            self._timer.stop()
