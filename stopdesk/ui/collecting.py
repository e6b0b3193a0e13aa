"""Collects garbage in the GUI thread only: a timer or widget let go of in another thread brings the program down.

Python runs its cycle collector in whatever thread happens to allocate. Qt's objects belong to the thread that made
them; a timer destroyed elsewhere leaves its entry behind, and the next turn of the event loop falls over it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

#: How often it is looked whether there is something to collect, in milliseconds.
_EVERY_MS = 500

#: So many new objects since the last look take some 10 ms to be looked through.
_MANY = 50_000


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

        Very many new objects at once are records, as of the jobs of a long list, which are there to stay: what survives
        their first collection is not looked through again, so that no later one takes long.
        """
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if counts[0] > _MANY:
            gc.collect()
            gc.freeze()
            return
        for generation in (2, 1, 0):
            if thresholds[generation] and counts[generation] > thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Give the work back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
