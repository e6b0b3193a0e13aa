"""The plots of the rows on the screen: where, at which frequencies and when, side by side if there is room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.search import Cone
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.coverage import CoverageView
from stopdesk.ui.portal.sky import SkyView
from stopdesk.ui.portal.times import TimeView
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo.marks import ObservationMarks

#: Two plots beside each other take so many pixels, one takes so many.
_BOTH, _NARROWEST = 60 * GRID, 30 * GRID


class ObservationPlots(QSplitter):
    """The sky on the left, frequencies or times on the right; the selection is shared.

    Where there is no room for two plots, the sky is one of the tabs.
    """

    def __init__(self, *, tasks: Tasks, notices: Notices, selection: Selection) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.sky = SkyView(tasks=tasks, notices=notices, selection=selection)
        self.coverage = CoverageView(tasks=tasks, notices=notices, selection=selection)
        self.times = TimeView(tasks=tasks, notices=notices, selection=selection)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Frequencies or times")
        self.tabs.addTab(self.coverage, "Frequencies")
        self.tabs.addTab(self.times, "Times")
        self.addWidget(self.sky)
        self.addWidget(self.tabs)
        self.setStretchFactor(0, 2)
        self.setStretchFactor(1, 3)
        self.setSizes([40 * GRID, 60 * GRID])
        self.setChildrenCollapsible(False)
        self.setMinimumWidth(_NARROWEST)
        self._n_rows = 0
        self._is_filtered = False

    @property
    def _is_sky_a_tab(self) -> bool:
        return self.tabs.indexOf(self.sky) >= 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the sky where it has room."""
        super().resizeEvent(event)
        if self.width() < _BOTH and not self._is_sky_a_tab:
            self.tabs.addTab(self.sky, "Sky")
        elif self.width() >= _BOTH and self._is_sky_a_tab:
            if self.tabs.currentWidget() is self.sky:
                self.tabs.setCurrentWidget(self.coverage)
            self.tabs.removeTab(self.tabs.indexOf(self.sky))
            self.insertWidget(0, self.sky)
            self.sky.show()
            self.setSizes([40 * GRID, 60 * GRID])

    def show_marks(self, marks: ObservationMarks, portals: Sequence[str], cone: Cone | None) -> None:
        """Show the rows of these portals (names by number) around the search."""
        self._n_rows = marks.n_rows
        self._is_filtered = False
        self.sky.show_marks(marks, portals, cone)
        self.coverage.show_marks(marks, portals)
        self.times.show_marks(marks, portals)

    def set_shown(self, shown: NDArray[np.bool_]) -> None:
        """Hide the rows whose flag (rows,) is not set."""
        is_filtered = not bool(shown.all())
        if shown.shape == (self._n_rows,) and (is_filtered or self._is_filtered):
            self._is_filtered = is_filtered
            hidden = shown if is_filtered else None
            for view in (self.sky, self.coverage, self.times):
                view.set_shown(hidden)

    def set_molecule(self, molecule: Molecule | None, v_lsr: float) -> None:
        """Show the lines of a molecule for a source of ``v_lsr`` in km/s."""
        self.coverage.set_molecule(molecule, v_lsr)
