"""The menu of the rows of observations: commands, what else is offered for them, copying, and finding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.table_work import TableWork

if TYPE_CHECKING:
    from stopdesk.ui.portal.table import ObservationTable

#: So many rows are copied at once; more are a matter for a file.
_MOST_COPIED = 100_000


class TableMenu(QObject):
    """``commanded`` gives a word of the menu and the selected rows that no filter hides, in the table's order."""

    commanded = Signal(str, object)

    def __init__(self, table: ObservationTable, *, work: TableWork, notices: Notices) -> None:
        super().__init__(table)
        self._view, self._model = table.view, table.model
        self._work, self._notices = work, notices
        self._commands: tuple[str, ...] = ()
        self._menus: list[QMenu] = []
        self._actions: list[QAction] = []
        self._add_actions(table)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._view.customContextMenuRequested.connect(self._show)

    def _add_actions(self, table: ObservationTable) -> None:
        keys, view = QKeySequence.StandardKey, table.view
        alone, whole = Qt.ShortcutContext.WidgetShortcut, Qt.ShortcutContext.WidgetWithChildrenShortcut
        actions: tuple[tuple[QWidget, str, QKeySequence.StandardKey, Callable[[], object], Qt.ShortcutContext], ...] = (
            (view, "Copy with headers", keys.Copy, self.copy, alone),
            (view, "Select all", keys.SelectAll, view.selectAll, alone),
            (table, "Find…", keys.Find, table.finder.open_bar, whole),
        )
        for owner, text, key, slot, context in actions:
            action = QAction(text, owner)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(context)
            action.triggered.connect(slot)
            owner.addAction(action)
            self._actions.append(action)

    def set_commands(self, words: Sequence[str]) -> None:
        """Offer these first."""
        self._commands = tuple(words)

    def add_menu(self, menu: QMenu) -> None:
        """Offer this menu below the commands."""
        self._menus.append(menu)

    def make(self) -> QMenu:
        """What can be done with the selected rows."""
        menu = QMenu(self._view)
        rows = self._view.chosen.shown_rows()
        for word in self._commands:
            action = menu.addAction(word)
            action.triggered.connect(partial(self.commanded.emit, word, rows))
            action.setEnabled(bool(len(rows)))
        for each in self._menus:
            menu.addMenu(each)
        if self._commands or self._menus:
            menu.addSeparator()
        index = self._view.currentIndex()
        if index.isValid():
            menu.addAction("Copy cell", lambda: QGuiApplication.clipboard().setText(self._model.whole_at(index)))
        menu.addActions(self._actions)
        return menu

    def _show(self, at: QPoint) -> None:
        menu = self.make()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self._view.viewport().mapToGlobal(at))

    def copy(self) -> None:
        """Put the selected rows that are shown on the clipboard, tab-separated, below a line of names and units."""
        rows = self._view.chosen.shown_rows()
        if len(rows) > _MOST_COPIED:
            self._notices.warn(f"More than {_MOST_COPIED:,} rows are too many to copy: save the rows instead.")
            return

        def take(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            self._notices.tell(f"Copied {len(rows):,} {'row' if len(rows) == 1 else 'rows'} with headers.")

        self._work.copy(tuple(self._model.columns), dict(self._model.forms), rows, take)
