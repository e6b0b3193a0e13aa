"""The selected rows of a large table: a flag a row, of which Qt is shown what is in sight; and the view of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QItemSelectionRange,
    QModelIndex,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

_Flag = QItemSelectionModel.SelectionFlag
_Command = QItemSelectionModel.SelectionFlag
Spans = tuple[tuple[int, int], ...]


class OrderedModel(QAbstractTableModel):
    """A model of rows that are shown in some order, some of them hidden."""

    @property
    @abstractmethod
    def n_rows(self) -> int:
        """Number of rows, hidden ones too."""

    @property
    @abstractmethod
    def order(self) -> Ints:
        """The rows that are shown, in order."""


class RowSelection(QItemSelectionModel):
    """Keeps a flag for each row, whatever the order, hidden or not; ``picked`` is sent when the user changes them.

    Qt keeps a selection as ranges of places: half a million single ones after a sort would stall it. Ours are flags;
    Qt's own ranges cover the rows in sight only, for painting, for the mouse and for screen readers.
    """

    picked = Signal()

    def __init__(self, model: OrderedModel, in_sight: Callable[[], tuple[int, int]]) -> None:
        super().__init__(model)
        self._rows_model = model
        self._in_sight = in_sight
        self._settled: Bools = np.zeros(0, dtype=bool)
        self._under_way: tuple[Spans, _Command] = ((), _Flag.NoUpdate)
        self._chosen: Bools = self._settled
        self._is_ours = False

    @property
    def chosen(self) -> Bools:
        """Which rows are selected; shape (rows,), not to be written to."""
        return self._chosen

    @property
    def rows(self) -> Ints:
        """The selected rows, ascending."""
        return np.flatnonzero(self._chosen)

    def shown_rows(self) -> Ints:
        """The selected rows that are not hidden, in the order of the table."""
        order = self._rows_model.order
        return order[self._chosen[order]]

    def set_chosen(self, chosen: Bools) -> None:
        """Select these rows and no others, without telling anybody."""
        self._settled = self._chosen = chosen
        self._under_way = ((), _Flag.NoUpdate)
        self.show_in_sight()

    def settle(self) -> None:
        """Let the selection under way be done: the places that it speaks of are about to change."""
        self._settled = self._chosen
        self._under_way = ((), _Flag.NoUpdate)

    def show_in_sight(self) -> None:
        """Give Qt the selected ones of the rows in sight."""
        model = self._rows_model
        first, last = self._in_sight()
        order = model.order[first : last + 1]
        shown = QItemSelection()
        if len(order) and len(self._chosen) == model.n_rows and model.columnCount():
            edges = np.flatnonzero(np.diff(self._chosen[order], prepend=False, append=False))
            right = model.columnCount() - 1
            for top, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                shown.append(QItemSelectionRange(model.index(first + top, 0), model.index(first + end - 1, right)))
        self._is_ours = True
        super().select(shown, _Flag.ClearAndSelect)
        self._is_ours = False

    # ---- as Qt has it --------------------------------------------------------------------------------------------

    def select(self, selection: Any, command: _Command) -> None:
        """What the mouse and the keys do: Qt's rules of ranges that are settled and of one that is under way."""
        if self._is_ours:
            super().select(selection, command)
            return
        if command == _Flag.NoUpdate:
            return
        if isinstance(selection, QItemSelection):
            spans: Spans = tuple((selection.at(n).top(), selection.at(n).bottom()) for n in range(selection.count()))
        else:
            spans = ((selection.row(), selection.row()),) if selection.isValid() else ()
        n_rows = self._rows_model.n_rows
        if command & _Flag.Clear or len(self._chosen) != n_rows:
            self._settled = np.zeros(n_rows, dtype=bool)
        elif not command & _Flag.Current:
            self._settled = self._chosen
        self._under_way = (spans, command)
        before = self._chosen
        self._chosen = self._with_under_way()
        self.show_in_sight()
        if not np.array_equal(before, self._chosen):
            self.picked.emit()

    def _with_under_way(self) -> Bools:
        spans, command = self._under_way
        chosen = self._settled.copy()
        order = self._rows_model.order
        for top, bottom in spans:
            rows = order[top : bottom + 1]
            if command & _Flag.Toggle:
                chosen[rows] = ~chosen[rows]
            elif command & _Flag.Deselect:
                chosen[rows] = False
            elif command & _Flag.Select:
                chosen[rows] = True
        return chosen

    def reset(self) -> None:
        """The model was reset: Qt forgets its ranges, the rows stay selected."""
        self._is_ours = True
        super().reset()
        self._is_ours = False

    def clear(self) -> None:
        """Select nothing, for Qt."""
        if self._is_ours:
            super().clear()
        else:
            self.select(QItemSelection(), _Flag.Clear)
            self.setCurrentIndex(QModelIndex(), _Flag.NoUpdate)


class SelectingView(QTableView):
    """A view of whole rows, of which any number may be selected with the mouse and the keys; ``chosen`` keeps them."""

    def __init__(self, model: OrderedModel) -> None:
        super().__init__()
        self.setModel(model)
        self.chosen = RowSelection(model, self.in_sight)
        self.setSelectionModel(self.chosen)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.verticalScrollBar().valueChanged.connect(lambda _: self.chosen.show_in_sight())

    def in_sight(self) -> tuple[int, int]:
        """The first and the last place in sight; (0, -1) where there is none."""
        first, last = self.rowAt(0), self.rowAt(max(0, self.viewport().height() - 1))
        n_rows = self.model().rowCount()
        return (first, last if last >= 0 else n_rows - 1) if first >= 0 else (0, -1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Select what comes into sight."""
        super().resizeEvent(event)
        self.chosen.show_in_sight()
