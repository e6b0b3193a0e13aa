"""The queries in ADQL that go to services of TAP: each follows the search until it is edited by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from stopdesk.domain.search import Cone
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.ui.forms.controls import Menu, Words
from stopdesk.ui.theme import GRID
from stopdesk.vo.queries import IN_ADQL, adql_for

_TO_COME = "The query stands here once it is known where to search: enter a source."
_BY_HAND = "SELECT TOP 100 *\nFROM …\nWHERE …"


class AdqlPanel(QWidget):
    """Shows the query of one service at a time; ``changed`` is sent when others are edited by hand."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._services: dict[str, Service] = {}
        self._cone: Cone | None = None
        self._edited: dict[str, str] = {}
        self.services = Menu()
        self.services.setAccessibleName("Service that the query is for")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Query in ADQL")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        self.state = Words()
        self.reset = QPushButton("Reset")
        self.reset.setToolTip("Have the query follow the search again")
        self.reset.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.state, 1)
        row.addWidget(self.reset)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, GRID // 2, 0, 0)
        layout.addWidget(self.services)
        layout.addWidget(self.text, 1)
        layout.addLayout(row)
        self.services.currentIndexChanged.connect(self._show)
        self.text.textChanged.connect(self._typed)
        self.reset.clicked.connect(self._put_back)
        self._show()

    @property
    def edited(self) -> dict[str, str]:
        """The queries edited by hand, by the address of the service."""
        return dict(self._edited)

    def set_edited(self, edited: Mapping[str, str]) -> None:
        """Show these queries as edited by hand, and all others as they follow from the search."""
        self._edited = dict(edited)
        self._mark()
        self._show()
        self.changed.emit()

    def set_services(self, services: Sequence[Service]) -> None:
        """Offer the services of TAP among these."""
        asked = {service.url: service for service in services if service.kind in IN_ADQL}
        if asked == self._services:
            return
        self._services = asked
        current = self.services.currentData()
        with QSignalBlocker(self.services):
            self.services.clear()
            for url, service in asked.items():
                self.services.addItem(service.name, url)
            self.services.setCurrentIndex(max(0, self.services.findData(current)))
        self._mark()
        self._show()

    def set_cone(self, cone: Cone | None) -> None:
        """Follow this search; None where it is not known yet where it goes."""
        if cone != self._cone:
            self._cone = cone
            self._show()

    def bring(self, url: str) -> None:
        """Show the query for this service."""
        self.services.setCurrentIndex(max(0, self.services.findData(url)))

    def lacking(self, services: Sequence[Service]) -> list[Service]:
        """Those of the services that have no query, because only the user can write it."""
        return [
            each for each in services if each.kind is ServiceKind.TAP and not self._edited.get(each.url, "").strip()
        ]

    def _show(self) -> None:
        url = self.services.currentData()
        service = self._services.get(url)
        text = ""
        if service is not None:
            text = self._edited.get(url) or (adql_for(service, self._cone) if self._cone is not None else "")
        if text != self.text.toPlainText():
            with QSignalBlocker(self.text):
                self.text.setPlainText(text)
        self.text.setReadOnly(service is None)
        is_by_hand = service is not None and service.kind is ServiceKind.TAP
        self.text.setPlaceholderText(
            _BY_HAND if is_by_hand else "The query stands here once it is known where to search."
        )
        self.services.setEnabled(bool(self._services))
        self._say()

    def _say(self) -> None:
        url = self.services.currentData()
        service = self._services.get(url)
        self.reset.setEnabled(url in self._edited)
        if service is None:
            words = "None of the ticked portals takes queries in ADQL."
        elif url in self._edited:
            words = "Edited by hand: it no longer follows the search."
        elif service.kind is ServiceKind.TAP:
            words = "This service has no table of observations: write the query."
        else:
            words = "Follows the source and the radius."
        self.state.setText(words)

    def _mark(self) -> None:
        """Mark the services whose query was edited."""
        for index in range(self.services.count()):
            url = self.services.itemData(index)
            name = self._services[url].name
            self.services.setItemText(index, f"{name} (edited)" if url in self._edited else name)

    def _typed(self) -> None:
        url = self.services.currentData()
        service = self._services.get(url)
        if service is None:
            return
        text = self.text.toPlainText()
        own = adql_for(service, self._cone) if self._cone is not None else ""
        if text.strip() and text != own:
            self._edited[url] = text
        else:
            self._edited.pop(url, None)
        self._mark()
        self._say()
        self.changed.emit()

    def _put_back(self) -> None:
        self._edited.pop(self.services.currentData(), None)
        self._mark()
        self._show()
        self.changed.emit()
