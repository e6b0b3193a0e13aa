"""All that a portal says of one row: every value with its unit, and what the column means."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from stopdesk.ui.forms.controls import Elided, Words
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.portal.columns import cell_text, form_of, link_of
from stopdesk.ui.portal.table_model import column_tip
from stopdesk.ui.theme import GRID
from stopdesk.vo.rows import Rows

_URL = Qt.ItemDataRole.UserRole
_KEY = Qt.ItemDataRole.UserRole + 1

#: A table with more columns than this shows the first ones until the search field narrows them.
_MOST = 500


class RowDetails(QWidget):
    """One row of the table of observations.

    ``link_wanted`` carries a web address that was opened, the key of its column and the row.
    """

    link_wanted = Signal(str, str, int)

    def __init__(self) -> None:
        super().__init__()
        self._rows = Rows()
        self._row: int | None = None
        self.title = Elided()
        self.search = QLineEdit(placeholderText="Find a value or a column")
        self.search.setAccessibleName("Find a value or a column of the row")
        self.search.setClearButtonEnabled(True)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName("Values of the row")
        self.tree.setHeaderLabels(["Column", "Value", "Unit"])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.tree.setColumnWidth(0, 14 * GRID)
        self.tree.setColumnWidth(1, 16 * GRID)
        self.hint = Words()
        self.hint.setText("Select a row to see all that the portal says of it.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        for widget in (self.hint, self.title, self.search):
            layout.addWidget(widget)
        layout.addWidget(self.tree, 1)
        self.search.textChanged.connect(self._fill)
        self.tree.itemActivated.connect(self._activated)
        self._fill()

    def show_row(self, rows: Rows, row: int | None) -> None:
        """Show a row of these; None for none."""
        self._rows, self._row = rows, row if row is not None and row < rows.n_rows else None
        self._fill()

    def _fill(self) -> None:
        row = self._row
        self.hint.setVisible(row is None)
        for widget in (self.title, self.search, self.tree):
            widget.setVisible(row is not None)
        self.tree.clear()
        if row is None:
            return
        portal = self._rows.portals[int(self._rows.portal_numbers([row])[0])]
        self.title.set_words(f"{portal.name}, row {row - portal.first + 1:,}")
        wanted = self.search.text().casefold()
        shown = 0
        for column in self._rows.columns:
            if shown >= _MOST:
                break
            form = form_of(column, "")
            text = cell_text(column, form, row)
            if not text or (wanted and wanted not in f"{column.name} {text} {column.description}".casefold()):
                continue
            shown += 1
            item = QTreeWidgetItem(self.tree, [column.name, text, column.unit])
            item.setToolTip(0, plain_tip(column_tip(column, form)))
            item.setToolTip(1, plain_tip(text))
            url = link_of(self._rows, column, row)
            if url:
                item.setData(1, _URL, url)
                item.setData(1, _KEY, column.key)

    def _activated(self, item: QTreeWidgetItem) -> None:
        url = item.data(1, _URL)
        if url and self._row is not None:
            self.link_wanted.emit(url, item.data(1, _KEY), self._row)
        else:
            QGuiApplication.clipboard().setText(item.text(1))
