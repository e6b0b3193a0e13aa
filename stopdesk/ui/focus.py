"""The order in which Tab goes through a window: reading order, whenever its parts were made."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def chain(*parts: QWidget) -> None:
    """Let Tab go through these parts one after the other, and through each in the order that it has."""
    last: QWidget | None = None
    for part in parts:
        for widget in _inside(part):
            if last is not None:
                QWidget.setTabOrder(last, widget)
            last = widget


def _inside(part: QWidget) -> list[QWidget]:
    """What Tab can reach of a widget and of all that is in it, in its present order."""
    found, widget = [part], part.nextInFocusChain()
    while widget is not part and widget is not None:
        if part.isAncestorOf(widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return [each for each in found if each.focusPolicy() & Qt.FocusPolicy.TabFocus]
