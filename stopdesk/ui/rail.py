"""The rail of workspaces: an icon and a word for each, a dot where something new has arrived, the page in front."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QStackedWidget, QToolBar, QWidget

from stopdesk.ui import icons
from stopdesk.ui.theme import GRID


class Rail(QToolBar):
    """The pages by name, in their order from the top; ``stack`` is where they are shown."""

    def __init__(self, pages: Mapping[str, QWidget]) -> None:
        super().__init__("Workspaces")
        self.setObjectName("rail")
        self.setMovable(False)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIconSize(QSize(3 * GRID, 3 * GRID))
        self.stack = QStackedWidget()
        self._pages = dict(pages)
        self._actions: dict[str, QAction] = {}
        self._new: frozenset[str] = frozenset()
        for page in pages.values():
            self.stack.addWidget(page)

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        """Show the actions of the pages; ``actions`` may have others, too."""
        group = QActionGroup(self)
        for name in self._pages:
            action = self._actions[name] = actions[name]
            action.setCheckable(True)
            action.setIcon(icons.icon(name))
            action.setIconText(action.text().replace("&", ""))
            group.addAction(action)
            self.addAction(action)

    @property
    def current(self) -> str:
        """The name of the page in front."""
        return next(name for name, page in self._pages.items() if page is self.stack.currentWidget())

    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        self._actions[name].setChecked(True)
        self.stack.setCurrentWidget(self._pages[name])
        self.mark(name, is_new=False)

    def mark(self, name: str, *, is_new: bool) -> None:
        """Put a dot to a page that is not in front, or take it away."""
        self._new = self._new | {name} if is_new and name != self.current else self._new - {name}
        self._actions[name].setIcon(icons.icon(name, dotted=name in self._new))

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons anew in the colours that were chosen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_actions"):
            for name in self._actions:
                self.mark(name, is_new=name in self._new)
