"""The searches of a session: shown again, run again, forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from stopdesk.domain.search import Search
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.theme import GRID

_KEY = Qt.ItemDataRole.UserRole


class SearchHistory(QWidget):
    """Newest first. ``show_wanted``, ``rerun_wanted`` and ``drop_wanted`` carry the key of a search."""

    show_wanted = Signal(str)
    rerun_wanted = Signal(str)
    drop_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.list = QListWidget()
        self.list.setAccessibleName("Searches of this session")
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(False)
        self.rerun = _button("Run again", "Ask the same portals the same; rows that were not there before are counted")
        self.drop = _button("Forget", "Take the search and its results out of the session")
        row = QHBoxLayout()
        row.addWidget(self.rerun)
        row.addWidget(self.drop)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID // 2, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        self._shown = ""
        self.list.itemClicked.connect(lambda item: self.show_wanted.emit(item.data(_KEY)))
        self.list.itemActivated.connect(lambda item: self.show_wanted.emit(item.data(_KEY)))
        self.list.currentItemChanged.connect(lambda *_: self._enable())
        self.rerun.clicked.connect(lambda: self.rerun_wanted.emit(self.current))
        self.drop.clicked.connect(lambda: self.drop_wanted.emit(self.current))
        self._enable()

    @property
    def current(self) -> str:
        """The key of the search that is selected; "" for none."""
        item = self.list.currentItem()
        return str(item.data(_KEY)) if item is not None else ""

    def show_searches(self, searches: Sequence[Search], shown: str) -> None:
        """Show these searches; the one whose results are on the screen is marked."""
        current = self.current if shown == self._shown else ""
        self._shown = shown
        self.list.clear()
        for search in reversed(searches):
            item = QListWidgetItem(search_words(search), self.list)
            item.setData(_KEY, search.key)
            item.setToolTip(plain_tip(_tip(search)))
            font = item.font()
            font.setBold(search.key == shown)
            item.setFont(font)
            if search.key == (current or shown):
                self.list.setCurrentItem(item)
        self._enable()

    def _enable(self) -> None:
        for button in (self.rerun, self.drop):
            button.setEnabled(bool(self.current))


def radius_words(degrees: float) -> str:
    """A radius in the unit in which it reads best."""
    for unit, factor in (("°", 1.0), ("′", 60.0)):
        if degrees * factor >= 1.0 - 1e-9:
            return f"{degrees * factor:.4g}{unit}"
    return f"{degrees * 3600:.4g}″"


def search_words(search: Search) -> str:
    """A search in two lines: where, and when with how many rows."""
    n_rows = sum(answer.n_rows for answer in search.answers)
    last = max((answer.date for answer in search.answers), default=search.created)
    new = sum(answer.n_new or 0 for answer in search.answers)
    said = [f"{last.astimezone():%Y-%m-%d %H:%M}", "1 row" if n_rows == 1 else f"{n_rows:,} rows"]
    said += [f"{new:,} new"] if any(answer.n_new is not None for answer in search.answers) else []
    return f"{_where(search)}, {radius_words(search.cone.radius)}\n{' · '.join(said)}"


def _where(search: Search) -> str:
    return search.name or search.cone.position.sexagesimal


def _tip(search: Search) -> str:
    lines = [f"{search.name} {search.cone.position.sexagesimal} (ICRS)".strip()]
    lines.append(f"First run {search.created.astimezone():%Y-%m-%d %H:%M}")
    lines += [f"{answer.service}: {answer.n_rows:,} rows" for answer in search.answers]
    return "\n".join(lines)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    return button
