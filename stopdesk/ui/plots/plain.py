"""Text that may come from a user or a file, which Qt must show letter by letter and never take for HTML."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as QtText
from PySide6.QtWidgets import QLabel, QWidget


def plain_tip(text: str) -> str:
    """A text as a tooltip that shows it as it stands, also where it looks like HTML."""
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>") if QtText.mightBeRichText(text) else text


def plain_label(parent: QWidget | None = None) -> QLabel:
    """A label for such a text."""
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
