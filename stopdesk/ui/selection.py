"""Which rows are selected and which of them is the current one, for the table and the plots alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QObject, Signal

Ints = NDArray[np.int64]

#: Who changes a selection because other rows are shown: nobody has chosen these, and other programs are not told.
SHOWING = object()


class Selection(QObject):
    """Row numbers, from 0, shared. ``changed`` gives who changed it, so that they need not follow themselves.

    It is sent only where something has changed, so views that follow each other come to rest.
    """

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows = np.empty(0, dtype=np.int64)
        self._current: int | None = None

    @property
    def rows(self) -> Ints:
        """The selected rows, ascending; not to be written to."""
        return self._rows

    @property
    def current(self) -> int | None:
        """The row chosen last, one of the selected; None where nothing is selected, or many at once."""
        return self._current

    def choose(self, rows: ArrayLike, *, source: object, current: int | None = None) -> None:
        """Select these rows and no others; a single one is the current one, of several it is ``current``."""
        self._become(np.flatnonzero(_flags(_numbers(rows))), source, current)

    def toggle(self, rows: ArrayLike, *, source: object) -> None:
        """Add these rows to the selected; take them away if all of them are."""
        asked = _numbers(rows)
        if not len(asked):
            return
        flags = _flags(self._rows, at_least=int(asked.max()) + 1)
        adds = not flags[asked].all()
        flags[asked] = adds
        is_single = adds and bool((asked == asked[0]).all())
        self._become(np.flatnonzero(flags), source, int(asked[0]) if is_single else self._current)

    def clear(self, *, source: object) -> None:
        """Select nothing."""
        self.choose([], source=source)

    def _become(self, rows: Ints, source: object, current: int | None) -> None:
        if len(rows) == 1:
            current = int(rows[0])
        elif current is not None and not np.any(rows == current):
            current = None
        if current == self._current and np.array_equal(rows, self._rows):
            return
        self._rows = rows
        self._rows.setflags(write=False)
        self._current = current
        self.changed.emit(source)


def _numbers(rows: ArrayLike) -> Ints:
    return np.asarray(rows, dtype=np.int64).ravel()


def _flags(rows: Ints, *, at_least: int = 0) -> NDArray[np.bool_]:
    """A flag for every row from 0 on: sorting half a million numbers would take a hundred times as long."""
    flags = np.zeros(max(at_least, int(rows.max(initial=-1)) + 1), dtype=bool)
    flags[rows] = True
    return flags
