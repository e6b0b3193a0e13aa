"""The pages of the forms, one in front, and what stands there while a form is on its way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

from stopdesk.ui.forms.controls import Words
from stopdesk.ui.forms.making import Form


class Pages(QStackedWidget):
    """As wide as the form in front; each form scrolls by itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: dict[str, QScrollArea] = {}
        self._waiting = Words()
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self._waiting)

    def add(self, key: str, form: Form) -> QScrollArea:
        """Give a form its page."""
        page = QScrollArea()
        page.setFrameShape(QFrame.Shape.NoFrame)
        page.setWidgetResizable(True)
        page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.setWidget(form)
        width = max(form.sizeHint().width(), form.minimumWidth())
        page.setFixedWidth(width + page.verticalScrollBar().sizeHint().width())
        form.revealed.connect(page.ensureWidgetVisible)
        self.addWidget(page)
        self._pages[key] = page
        return page

    def drop(self, key: str) -> None:
        """Remove a form with its page."""
        page = self._pages.pop(key)
        self.removeWidget(page)
        page.deleteLater()

    def bring(self, key: str) -> None:
        """Show a form."""
        self.setCurrentWidget(self._pages[key])
        self.setFixedWidth(self._pages[key].width())

    def wait(self, words: str) -> None:
        """Show words in the place of a form."""
        self._waiting.setText(words)
        self.setCurrentWidget(self._waiting)
