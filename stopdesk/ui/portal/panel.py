"""The left side of the Observe workspace: what is asked, of which portals, in which words, and the searches so far."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from stopdesk.ui.portal.adql import AdqlPanel
from stopdesk.ui.portal.history import SearchHistory
from stopdesk.ui.portal.portals_list import PortalsList
from stopdesk.ui.portal.search_form import SearchForm
from stopdesk.ui.theme import GRID


class SearchPanel(QWidget):
    """Arranges its parts; each speaks for itself."""

    def __init__(self) -> None:
        super().__init__()
        self.form = SearchForm()
        self.portals = PortalsList()
        self.adql = AdqlPanel()
        self.history = SearchHistory()
        self.services = QPushButton("Services…")
        self.services.setToolTip("Add, change and test portals, or find more in the registry")
        self.services.setAutoDefault(False)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, GRID // 2, 0, 0)
        column.addWidget(self.portals, 1)
        row = QHBoxLayout()
        row.addWidget(self.services)
        row.addStretch(1)
        column.addLayout(row)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Portals, queries, searches")
        for title, widget in (("Portals", page), ("ADQL", self.adql), ("Searches", self.history)):
            self.tabs.addTab(widget, title)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID // 2, GRID // 2)
        layout.addWidget(self.form)
        layout.addWidget(self.tabs, 1)
        self.setMinimumWidth(30 * GRID)
        self.adql.changed.connect(lambda: self.portals.mark_edited(self.adql.edited))

    def bring(self, widget: QWidget) -> None:
        """Bring one of the tabs to the front."""
        self.tabs.setCurrentWidget(widget)

    def view_state(self) -> dict[str, Any]:
        """The fields and the tab in front, as plain values."""
        return {"form": self.form.state(), "tab": self.tabs.currentIndex(), "adql": self.adql.edited}

    def set_view_state(self, state: Any) -> None:
        """Show these; what is none of ours is passed over."""
        known = state if isinstance(state, dict) else {}
        self.form.set_state(known.get("form"))
        tab, adql = known.get("tab"), known.get("adql")
        self.tabs.setCurrentIndex(tab if type(tab) is int and 0 <= tab < self.tabs.count() else 0)
        queries = adql.items() if isinstance(adql, dict) else ()
        self.adql.set_edited({url: text for url, text in queries if isinstance(url, str) and isinstance(text, str)})
