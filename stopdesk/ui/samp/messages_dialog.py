"""Who is there over SAMP and what was said: the programs with what they take, and the last messages both ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from stopdesk.samp.exchange import Peer
from stopdesk.ui import theme
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.samp import words
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.log import Entry
from stopdesk.ui.theme import GRID

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_ROLE = Qt.ItemDataRole


class _Rows(QAbstractTableModel):
    """A table of words."""

    headers: tuple[str, ...] = ()

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.headers)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        is_title = orientation is Qt.Orientation.Horizontal and role == _ROLE.DisplayRole
        return self.headers[section] if is_title else None


class PeerRows(_Rows):
    """A row a program: what it is called, what it takes, what it says of itself."""

    headers = ("Program", "Takes")

    def __init__(self, samp: SampLink) -> None:
        super().__init__()
        self._samp = samp
        self._peers: Sequence[Peer] = ()
        self._labels: dict[str, str] = {}

    def refresh(self) -> None:
        """Show who is there now."""
        self.beginResetModel()
        self._peers, self._labels = self._samp.peers, dict(self._samp.labels)
        self.endResetModel()

    def row_of(self, peer_id: str) -> int:
        """The row of a program; -1 where it is there no more."""
        return next((row for row, peer in enumerate(self._peers) if peer.id == peer_id), -1)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """As many as there are programs."""
        return 0 if parent.isValid() else len(self._peers)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """The words of a cell."""
        peer = self._peers[index.row()]
        if role == _ROLE.DisplayRole:
            return (self._labels[peer.id], words.takes_words(peer))[index.column()]
        if role == _ROLE.ToolTipRole:
            return plain_tip("\n".join(filter(None, (peer.description, *sorted(peer.subscriptions)))))
        return None


class MessageRows(_Rows):
    """A row a message, the newest on top."""

    headers = ("Time", "Program", "Message", "Outcome")

    def __init__(self, samp: SampLink) -> None:
        super().__init__()
        self._samp = samp
        self._entries: Sequence[Entry] = ()

    def refresh(self) -> None:
        """Show what is remembered now."""
        self.beginResetModel()
        self._entries = self._samp.log[::-1]
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """As many as there are messages."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = _ROLE.DisplayRole) -> Any:
        """The words of a cell; outcomes have a sign, a word and a colour."""
        entry = self._entries[index.row()]
        if role == _ROLE.DisplayRole:
            way = "to" if entry.is_ours else "from"
            return (
                f"{entry.at:%H:%M:%S}",
                f"{way} {words.name_of(entry.peer)}",
                entry.what,
                words.outcome_words(entry),
            )[index.column()]
        if role == _ROLE.ToolTipRole:
            return plain_tip("\n".join(filter(None, (entry.mtype, words.outcome_words(entry)))))
        if role == _ROLE.ForegroundRole and index.column() == 3:
            return theme.CHIPS[words.OUTCOMES[entry.answer][1]].colour
        return None


class MessagesDialog(QDialog):
    """Follows what happens as long as it is open; it asks nothing."""

    def __init__(self, samp: SampLink, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Other programs")
        self._samp = samp
        self.state = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.peers = PeerRows(samp)
        self.messages = MessageRows(samp)
        self._peers_view = _view(self.peers, "Programs that are connected", (22,))
        self._messages_view = _view(self.messages, "Messages, the newest first", (10, 18, 36))
        self._peers_stack = _stack(self._peers_view, "No other program is connected.")
        self._messages_stack = _stack(
            self._messages_view,
            "No message was sent or received yet. Send a table, a spectrum or a position from its menu, or have "
            "another program send one.",
        )
        self._lay_out()
        samp.status_changed.connect(lambda _: self._refresh_peers())
        samp.peers_changed.connect(lambda _: self._refresh_peers())
        samp.log_changed.connect(self._refresh_messages)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.state)
        column.addWidget(self._peers_stack, 1)
        title = QLabel("The last messages")
        title.setBuddy(self._messages_view)
        column.addWidget(title)
        column.addWidget(self._messages_stack, 3)
        column.addWidget(buttons)
        self.resize(100 * GRID, 60 * GRID)

    def select(self, peer_id: str) -> None:
        """Show which of the programs is meant."""
        row = self.peers.row_of(peer_id)
        if row >= 0:
            self._peers_view.selectRow(row)

    def showEvent(self, event: QShowEvent) -> None:
        """Show how things are."""
        self._refresh_peers()
        self._refresh_messages()
        super().showEvent(event)

    def _refresh_peers(self) -> None:
        self.state.setText(words.state_text(self._samp.status))
        self.peers.refresh()
        self._peers_stack.setCurrentIndex(int(self.peers.rowCount() > 0))

    def _refresh_messages(self) -> None:
        if self.isVisible() or self.messages.rowCount() == 0:
            self.messages.refresh()
            self._messages_stack.setCurrentIndex(int(self.messages.rowCount() > 0))


def _view(rows: _Rows, name: str, widths: tuple[int, ...]) -> QTableView:
    view = QTableView()
    view.setModel(rows)
    view.setAccessibleName(name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setTabKeyNavigation(False)
    view.setShowGrid(False)
    view.verticalHeader().hide()
    view.verticalHeader().setDefaultSectionSize(3 * GRID)
    header = view.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    header.setStretchLastSection(True)
    for column, width in enumerate(widths):
        header.resizeSection(column, width * GRID)
    return view


def _stack(view: QTableView, empty: str) -> QStackedWidget:
    """The table, or a sentence where it is empty."""
    words_for_nothing = QLabel(empty, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
    words_for_nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
    words_for_nothing.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    words_for_nothing.setMargin(2 * GRID)
    stack = QStackedWidget()
    stack.addWidget(words_for_nothing)
    stack.addWidget(view)
    return stack
