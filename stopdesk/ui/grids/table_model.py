"""A Qt item model over numpy columns: a million rows cost what the visible ones cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from stopdesk.ui.grids.columns import Column, IntArray
from stopdesk.ui.grids.ordering import SortKey

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


class NumbersTableModel(QAbstractTableModel):
    """Rows of numbers, shown in an order that is handed in; ``left`` are the columns that are words."""

    def __init__(self, *, left: Sequence[int] = ()) -> None:
        super().__init__()
        self.columns: tuple[Column, ...] = ()
        self.keys: tuple[SortKey, ...] = ()
        self.filtered: frozenset[int] = frozenset()
        self._left = frozenset(left)
        self._n_rows = 0
        self._order: IntArray | None = None

    def set_columns(self, columns: Sequence[Column], n_rows: int) -> None:
        """Show other columns; only a change of shape throws away what the view knows of rows and widths."""
        same = len(columns) == len(self.columns) and n_rows == self._n_rows
        if not same:
            self.beginResetModel()
            self._order, self.keys, self.filtered = None, (), frozenset()
        self.columns, self._n_rows = tuple(columns), n_rows
        if not same:
            self.endResetModel()
        elif self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(columns) - 1))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(columns) - 1)

    def set_order(self, order: IntArray | None, keys: Sequence[SortKey], filtered: Mapping[int, object]) -> None:
        """Show the rows of ``order``, sorted and filtered as said."""
        self.beginResetModel()
        self._order, self.keys, self.filtered = order, tuple(keys), frozenset(filtered)
        self.endResetModel()

    def row_of(self, place: int) -> int:
        """The row of the result that stands at a place in the table."""
        return place if self._order is None else int(self._order[place])

    def place_of(self, row: int) -> int | None:
        """Where a row of the result stands; None when it is filtered away."""
        if self._order is None:
            return row if 0 <= row < self._n_rows else None
        found = np.flatnonzero(self._order == row)
        return int(found[0]) if found.size else None

    @property
    def n_rows(self) -> int:
        """Number of rows before filtering."""
        return self._n_rows

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # as Qt has it
        """Number of rows shown."""
        if parent.isValid():
            return 0
        return self._n_rows if self._order is None else len(self._order)

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

    def copy_text(self, places: Sequence[int], sections: Sequence[int]) -> str:
        """Rows as tab-separated text under a line of names with units."""
        lines = ["\t".join(self.columns[section].quantity.header for section in sections)]
        for place in places:
            row = self.row_of(place)
            lines.append("\t".join(self.columns[section].text(row) for section in sections))
        return "\n".join(lines) + "\n"
