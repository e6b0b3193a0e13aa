"""Finds text in a table of observations: a bar with next and previous, and the search itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from stopdesk.errors import InputError
from stopdesk.ui import theme
from stopdesk.ui.portal.columns import Form, cell_text, read_number
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo.rows import Asked, Ints, Kind, RowColumn, chunks, texts_of

#: A number or the beginning of one, and what a date or an angle can be found by.
_NUMBER = re.compile(r"[-−+]?(\d+\.?|\d*\.(\d+))(e[-+]?\d+)?")
_PARTS = re.compile(r"[-−+0-9.:\s]+")


def hits(columns: Sequence[tuple[RowColumn, Form]], order: Ints, typed: str, cancelled: Asked | None = None) -> Ints:
    """The places of ``order`` in whose cells these letters stand, in any case; ascending. Raises Cancelled.

    Numbers are found by how they begin: 248.1 finds 248.12.
    """
    words = " ".join(typed.split()).casefold()
    if not words or not len(order):
        return np.empty(0, dtype=np.intp)
    found = np.zeros(len(order), dtype=bool)
    for column, form in columns:
        if column.kind is Kind.NUMBER and form.key not in ("date", "sexagesimal"):
            ends = _ends(words, form)
            if ends is not None:
                found |= _between(column, order, *ends)
        elif column.kind is not Kind.NUMBER or _PARTS.fullmatch(words):
            for part in chunks(len(order), cancelled):
                found[part] |= _in_cells(column, form, order[part], words)
    return np.flatnonzero(found)


def _ends(words: str, form: Form) -> tuple[float, float] | None:
    """The numbers of the column that begin so where they are shown; None where none can."""
    match = _NUMBER.fullmatch(words)
    if match is None:
        return None
    step = 10.0 ** (int((match.group(3) or "e0")[1:]) - len(match.group(2) or ""))
    value = read_number(words)
    shown = (value - step, value) if words.startswith(("-", "−")) else (value, value + step)
    try:
        ends = [form.read(repr(end)) for end in shown]
    except InputError:
        return None
    margin = 1e-9 * max(map(abs, ends))  # the digits shown are rounded, and the end that is next is not meant
    margin = -margin if (ends[0] > ends[1]) != words.startswith(("-", "−")) else margin
    return min(ends) - margin, max(ends) - margin


def _between(column: RowColumn, rows: Ints, low: float, high: float) -> NDArray[np.bool_]:
    values = column.values[rows]
    inside = (values >= low) & (values < high)
    return np.asarray(inside if column.mask is None else inside & ~column.mask[rows])


def _in_cells(column: RowColumn, form: Form, rows: Ints, words: str) -> list[bool] | bool:
    if column.kind is Kind.TEXT and column.mask is None:
        texts = texts_of(column.values[rows])
        if words not in "\n".join(texts).casefold():
            return False
        return [words in text.casefold() for text in texts]
    return [words in cell_text(column, form, row).casefold() for row in rows.tolist()]


class FindBar(QWidget):
    """The bar. ``found`` gives the place to go to; what was found is forgotten when the table changes."""

    found = Signal(int)
    closed = Signal()

    def __init__(self, *, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: Task | None = None
        self._hits: Ints | None = None
        self._columns: tuple[tuple[RowColumn, Form], ...] = ()
        self._order: Ints = np.empty(0, dtype=np.intp)
        self._place = 0
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find in the columns shown")
        self.field.setAccessibleName("Find in the table")
        self.field.setClearButtonEnabled(True)
        self.count = QLabel()
        self.next = self._button("↓", "Next (Enter)", lambda: self.step(1))
        self.previous = self._button("↑", "Previous (Shift+Enter)", lambda: self.step(-1))
        close = self._button("✕", "Close (Esc)", self.close_bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.GRID // 2, theme.GRID // 2, theme.GRID // 2, theme.GRID // 2)
        layout.addWidget(self.field, 1)
        layout.addWidget(self.previous)
        layout.addWidget(self.next)
        layout.addWidget(self.count)
        layout.addStretch(1)
        layout.addWidget(close)
        self.field.textChanged.connect(lambda _: self._look(0))
        self.hide()

    def _button(self, sign: str, tip: str, slot: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(sign)
        button.setToolTip(tip)
        button.setAccessibleName(tip.split(" (")[0])
        button.setAutoRaise(True)
        button.clicked.connect(slot)
        return button

    def open_bar(self) -> None:
        """Be there, ready to type."""
        self.show()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def close_bar(self) -> None:
        """Go away."""
        self._stop()
        self.hide()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on, Shift+Enter back, Escape away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.step(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def set_table(self, columns: Sequence[tuple[RowColumn, Form]], order: Ints) -> None:
        """Search these columns in this order from now on."""
        self._columns, self._order = tuple(columns), order
        self._stop()
        self._hits = None
        self.count.clear()

    def set_place(self, place: int) -> None:
        """Go on from this place."""
        self._place = place

    def step(self, by: int) -> None:
        """Go to the next hit, or the one before; around the ends of the table."""
        if self._hits is None:
            self._look(by)
        elif len(self._hits):
            self._go(by)

    def _look(self, by: int) -> None:
        self._stop()
        self._hits = None
        typed, columns, order = self.field.text(), self._columns, self._order
        if not typed.strip():
            self.count.clear()
            return
        self.count.setText("looking…")
        self._task = self._tasks.start(
            f"Looking for {typed.strip()}",
            lambda task: hits(columns, order, typed, lambda: task.cancelled),
            done=lambda found: self._take(found, by),
            queue_name="find",
            width=1,
            quiet=True,
        )

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _take(self, found: Ints, by: int) -> None:
        self._task = None
        self._hits = found
        if len(found):
            self._go(by)
        else:
            self.count.setText("not found")

    def _go(self, by: int) -> None:
        """To the hit at the present place or after it, or from there by so many."""
        assert self._hits is not None
        if by > 0:
            number = int(np.searchsorted(self._hits, self._place, side="right"))
        elif by < 0:
            number = int(np.searchsorted(self._hits, self._place, side="left")) - 1
        else:
            number = int(np.searchsorted(self._hits, self._place, side="left"))
        number %= len(self._hits)
        self._place = int(self._hits[number])
        self.count.setText(f"{number + 1:,} of {len(self._hits):,} rows")
        self.found.emit(self._place)

    def column_of_hit(self, place: int) -> int | None:
        """Which of the columns holds what was found in the row of that place; None where none does."""
        row = self._order[place : place + 1]
        for section, pair in enumerate(self._columns):
            if len(hits([pair], row, self.field.text())):
                return section
        return None
