"""The choice of a table's columns: a searchable list with ticks, put in order by dragging."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from stopdesk.ui.plots.plain import plain_tip
from stopdesk.ui.plots.quantity import pretty_unit
from stopdesk.ui.portal.columns import default_columns
from stopdesk.vo.rows import RowColumn, Rows

_Index = QModelIndex | QPersistentModelIndex
_ROLE = Qt.ItemDataRole
_MIME = "application/x-stopdesk-column"


@dataclass
class _Entry:
    column: RowColumn
    shown: bool


class ColumnList(QAbstractListModel):
    """All columns in order, those that match the words in sight."""

    changed = Signal()

    def __init__(self, rows: Rows, shown: Sequence[str]) -> None:
        super().__init__()
        self._entries: list[_Entry] = []
        self._visible: list[int] = []
        self._words: tuple[str, ...] = ()
        self._rows = rows
        self.set_shown(shown)

    def set_shown(self, keys: Sequence[str]) -> None:
        """Show these in this order, the others after them."""
        self.beginResetModel()
        found = [column for key in keys if (column := self._rows.column(key)) is not None]
        chosen = {column.key for column in found}
        self._entries = [_Entry(column, shown=True) for column in found]
        self._entries += [_Entry(column, shown=False) for column in self._rows.columns if column.key not in chosen]
        self._match()
        self.endResetModel()
        self.changed.emit()

    @property
    def shown(self) -> list[str]:
        """The keys of the ticked columns, in order."""
        return [entry.column.key for entry in self._entries if entry.shown]

    def set_words(self, text: str) -> None:
        """Keep those in sight that have all these words in what is said of them."""
        self.beginResetModel()
        self._words = tuple(text.casefold().split())
        self._match()
        self.endResetModel()

    def _match(self) -> None:
        self._visible = [place for place, entry in enumerate(self._entries) if self._matches(entry.column)]

    def _matches(self, column: RowColumn) -> bool:
        said = " ".join((column.name, column.description, column.ucd, column.utype, column.unit)).casefold()
        return all(word in said for word in self._words)

    def move(self, place: int, before: int) -> None:
        """Put the column in sight at ``place`` before the one at ``before``, at the end where there is none."""
        if not 0 <= place < len(self._visible):
            return
        target = self._visible[before] if before < len(self._visible) else len(self._entries)
        source = self._visible[place]
        self.beginResetModel()
        entry = self._entries.pop(source)
        self._entries.insert(target - 1 if target > source else target, entry)
        self._match()
        self.endResetModel()
        self.changed.emit()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Number of columns in sight."""
        return 0 if parent.isValid() else len(self._visible)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        """Name and unit, tick, and what is said of the column."""
        entry = self._entries[self._visible[index.row()]]
        if role == _ROLE.DisplayRole:
            unit = pretty_unit(entry.column.unit)
            return f"{entry.column.name} ({unit})" if unit else entry.column.name
        if role == _ROLE.CheckStateRole:
            return Qt.CheckState.Checked if entry.shown else Qt.CheckState.Unchecked
        if role == _ROLE.ToolTipRole:
            return plain_tip("\n".join(filter(None, (entry.column.description, entry.column.ucd))))
        return None

    def setData(self, index: _Index, value: Any, role: int = _ROLE.EditRole) -> bool:
        """Tick or untick."""
        if role != _ROLE.CheckStateRole:
            return False
        self._entries[self._visible[index.row()]].shown = Qt.CheckState(value) == Qt.CheckState.Checked
        self.dataChanged.emit(index, index, [_ROLE.CheckStateRole])
        self.changed.emit()
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Everything can be ticked and dragged; drops go between."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable | flag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Columns are moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Only our own."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The place of the dragged column."""
        data = QMimeData()
        data.setData(_MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: _Index) -> bool:
        """Move it; False, since Qt would otherwise remove the row that was dragged."""
        if data.hasFormat(_MIME):
            before = row if row >= 0 else parent.row() if parent.isValid() else self.rowCount()
            self.move(int(bytes(data.data(_MIME).data())), before)
        return False


class ColumnsDialog(QDialog):
    """Which columns are shown and in which order. ``chosen`` comes with every change, so that the table follows."""

    chosen = Signal(object)

    def __init__(self, rows: Rows, shown: Sequence[str], *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self.setWindowTitle("Columns")
        self.model = ColumnList(rows, shown)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a column by name, description or UCD")
        self.search.setAccessibleName("Find a column")
        self.search.setClearButtonEnabled(True)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Columns")
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setDropIndicatorShown(True)
        self.count = QLabel()
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addLayout(self._moving())
        layout.addWidget(self.count)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.usual = buttons.addButton("The usual ones", QDialogButtonBox.ButtonRole.ResetRole)
        layout.addWidget(buttons)
        buttons.rejected.connect(self.reject)
        self.usual.clicked.connect(lambda: self.model.set_shown(default_columns(rows)))
        self.search.textChanged.connect(self.model.set_words)
        self.model.changed.connect(self._tell)
        self.resize(380, 560)
        self._count()

    def _moving(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(QLabel("Drag to put in order, or"))
        for text, by in (("Move up", -1), ("Move down", 2)):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _, by=by: self._move(by))
            line.addWidget(button)
        line.addStretch(1)
        return line

    def _move(self, by: int) -> None:
        place = self.list.currentIndex().row()
        if place >= 0 and 0 <= place + by <= self.model.rowCount():
            self.model.move(place, place + by)
            self.list.setCurrentIndex(self.model.index(place + (1 if by > 0 else -1), 0))

    def _tell(self) -> None:
        self._count()
        if self.model.shown:
            self.chosen.emit(self.model.shown)

    def _count(self) -> None:
        n, total = len(self.model.shown), len(self._rows.columns)
        self.count.setText(f"{n:,} of {total:,} columns shown" if n else "A table needs at least one column.")
