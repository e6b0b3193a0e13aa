"""A Qt item model over numpy columns: a million rows cost what the visible ones cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

from stopdesk.ui.grids.columns import Column, IntArray
from stopdesk.ui.grids.ordering import SortKey
from stopdesk.ui.row_selection import Ints, OrderedModel

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class NumbersTableModel(OrderedModel):
    """Rows of numbers, shown in an order that is handed in; ``left`` are the columns that are words."""

    def __init__(self, *, left: Sequence[int] = ()) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.keys: tuple[SortKey, ...] = ()
        self.filtered: frozenset[int] = frozenset()
        self._left = frozenset(left)
        self._n_rows = 0
        self._order: Ints = np.arange(0)

    def set_columns(self, columns: Sequence[Column], n_rows: int) -> None:
        """Show other columns; only a change of shape throws away what the view knows of rows and widths."""
        same = len(columns) == len(self.columns) and n_rows == self._n_rows
        if not same:
            self.beginResetModel()
            self._order, self.keys, self.filtered = np.arange(n_rows), (), frozenset()
        self.columns, self._n_rows = tuple(columns), n_rows
        if not same:
            self.endResetModel()
        elif self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(columns) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)

    def set_order(self, order: IntArray | None, keys: Sequence[SortKey], filtered: Mapping[int, object]) -> None:
        """Show the rows of ``order``, None for all as they are, sorted and filtered as said."""
        self.beginResetModel()
        self._order = np.arange(self._n_rows) if order is None else order
        self.keys, self.filtered = tuple(keys), frozenset(filtered)
        self.endResetModel()

    def row_of(self, place: int) -> int:
        """The row of the result that stands at a place in the table."""
        return int(self._order[place])

    def place_of(self, row: int) -> int | None:
        """Where a row of the result stands; None when it is filtered away."""
        found = np.flatnonzero(self._order == row)
        return int(found[0]) if found.size else None

    @property
    def n_rows(self) -> int:
        """Number of rows before filtering."""
        return self._n_rows

    @property
    def order(self) -> Ints:
        """The rows that are shown, in order."""
        return self._order

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # as Qt has it
        """Number of rows shown."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # as Qt has it
        """Number of columns."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell, and how it stands."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[index.column()].text(self.row_of(index.row()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if index.column() in self._left else _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names with units and the direction of sorting; description and UCD as the tooltip."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.quantity.title + self._sign(section)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{column.tooltip}\nClick to sort; with Ctrl as a further key."
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if section in self._left else _RIGHT
        return None

    def _sign(self, section: int) -> str:
        """The sort's arrow, numbered where there are several keys."""
        for number, key in enumerate(self.keys, 1):
            if key.column == section:
                return (
                    f" {'▼' if key.descending else '▲'}{'₁₂₃₄₅₆₇₈₉'[min(number, 9) - 1] if len(self.keys) > 1 else ''}"
                )
        return ""

    def copy_text(self, rows: Ints, sections: Sequence[int]) -> str:
        """Rows as tab-separated text under a line of names with units."""
        lines = ["\t".join(self.columns[section].quantity.header for section in sections)]
        lines += ["\t".join(self.columns[section].text(row) for section in sections) for row in rows.tolist()]
        return "\n".join(lines) + "\n"
