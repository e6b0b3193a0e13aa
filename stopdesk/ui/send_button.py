"""A place for a menu that sends what a view shows to other programs."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QPushButton, QWidget


class SendButton(QPushButton):
    """Says Send and opens its menu; not there while it has none. ``what`` tells what would be sent."""

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__("Send", parent)
        self.setToolTip(f"Send {what} to other programs, such as TOPCAT and Aladin (SAMP)")
        self.setAccessibleName(f"Send {what} to other programs")
        self.setAutoDefault(False)
        self.hide()

    def offer(self, menu: QMenu) -> None:
        """Open this menu from now on."""
        self.setMenu(menu)
        self.show()
