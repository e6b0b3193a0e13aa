"""The header of a spectrum: what follows from it in words, and all of its lines, searchable and to be copied."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QFont, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from stopdesk.domain.spectrum import HeaderCard, Spectrum
from stopdesk.ui import theme
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.plain import plain_tip
from stopdesk.ui.spectra.loaded_list import facts

Index = QModelIndex | QPersistentModelIndex

_HEADERS = ("Keyword", "Value", "Comment")


class HeaderModel(QAbstractTableModel):
    """The lines of a header that have the words looked for in them, below what is known from them, in bold."""

    def __init__(self) -> None:
        super().__init__()
        self._known: tuple[HeaderCard, ...] = ()
        self._header: tuple[HeaderCard, ...] = ()
        self._n_known = 0
        self._bold = QFont()
        self._bold.setBold(True)
        self.cards: list[HeaderCard] = []

    def show_cards(self, known: tuple[HeaderCard, ...], header: tuple[HeaderCard, ...], words: str) -> None:
        """Show the lines in which each of the words occurs, in whatever case."""
        self.beginResetModel()
        self._known, self._header = known, header
        wanted = words.casefold().split()
        found = [[card for card in cards if _has(card, wanted)] for cards in (known, header)]
        self.cards, self._n_known = found[0] + found[1], len(found[0])
        self.endResetModel()

    def look_for(self, words: str) -> None:
        """Look for other words in the same header."""
        self.show_cards(self._known, self._header, words)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Number of lines."""
        return 0 if parent.isValid() else len(self.cards)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Keyword, value and comment."""
        return 0 if parent.isValid() else len(_HEADERS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The text of a cell, whole in its tooltip."""
        card = self.cards[index.row()]
        text = (card.keyword, card.value, card.comment)[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.FontRole and index.column() == 0 and index.row() < self._n_known:
            return self._bold
        return plain_tip(text) if role == Qt.ItemDataRole.ToolTipRole and text else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name of a column."""
        is_name = role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal
        return _HEADERS[section] if is_name else None


def _text(card: HeaderCard) -> str:
    return f"{card.keyword}\t{card.value}\t{card.comment}"


def _has(card: HeaderCard, words: list[str]) -> bool:
    text = _text(card).casefold()
    return all(word in text for word in words)


class HeaderView(QWidget):
    """Shows one header."""

    def __init__(self, *, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self.title = ElidedLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search the header")
        self.search.setAccessibleName("Search the header")
        self.search.setClearButtonEnabled(True)
        self.model = HeaderModel()
        self.table = QTableView()
        self.table.setAccessibleName("Header of the spectrum")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(self.table.fontMetrics().height() + 6)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        for column, width in ((0, 13), (1, 19)):
            self.table.setColumnWidth(column, width * theme.GRID)
        copy = QAction("Copy", self.table)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy)
        self.table.addAction(copy)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.GRID, theme.GRID)
        layout.setSpacing(theme.GRID // 2)
        layout.addWidget(self.title)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        self.search.textChanged.connect(self.model.look_for)

    def show_header(self, spectrum: Spectrum | None, name: str) -> None:
        """Show what a spectrum's file says, below what follows from it; nothing for None."""
        self.title.set_whole(name)
        known = tuple(HeaderCard(label, value) for label, value in facts(spectrum)) if spectrum is not None else ()
        self.model.show_cards(known, spectrum.header if spectrum is not None else (), self.search.text())

    def copy(self) -> None:
        """Put the selected lines on the clipboard, keyword, value and comment parted by tabs."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        QGuiApplication.clipboard().setText("\n".join(_text(self.model.cards[row]).rstrip() for row in rows))
        self._notices.tell(f"Copied {len(rows):,} {'line' if len(rows) == 1 else 'lines'} of the header.")
