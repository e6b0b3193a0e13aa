"""Collects garbage in the GUI thread only: a timer or widget let go of in another thread brings the program down.

Python runs its cycle collector in whatever thread happens to allocate. Qt's objects belong to the thread that made
them; a timer destroyed elsewhere leaves its entry behind, and the next turn of the event loop falls over it.
"""

from __future__ import annotations

import gc
import time

from PySide6.QtCore import QObject, QTimer

#: How often it is looked whether there is something to collect, in milliseconds.
_EVERY_MS = 500

#: A collection of more than so many seconds would be felt.
_LONG = 0.008


class Collector(QObject):
    """Takes the place of Python's own collector from ``start`` to ``stop``; lives in the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Collect here from now on; what is there now stays for good, which makes every collection short."""
        gc.disable()
        gc.freeze()
        self._timer.start()

    def collect(self) -> None:
        """Collect the oldest generation that has grown beyond its threshold, as Python itself would.

        Where that takes long, as with thousands of runs, what has survived it stays for good too.
        """
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if thresholds[generation] and counts[generation] > thresholds[generation]:
                begin = time.perf_counter()
                gc.collect(generation)
                if generation == 2 and time.perf_counter() - begin > _LONG:
                    gc.freeze()
                return

    def stop(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
