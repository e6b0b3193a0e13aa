"""A result on the screen: its rows in a table above, below the spectrum, lines, map and curves of the chosen row."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.models import model_spec
from stopdesk.domain.result import ModelResult
from stopdesk.ui import theme
from stopdesk.ui.grids.choices import Choice
from stopdesk.ui.grids.columns import line_columns, row_columns
from stopdesk.ui.grids.curves_view import CurvesView
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.grids.map_view import MapView
from stopdesk.ui.grids.table import NumbersTable
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.quantity import molecule_name
from stopdesk.ui.spectra.spectrum import SpectrumPlot
from stopdesk.ui.tasks import Tasks

_NO_MAP = "A map needs a grid of two axes or more."
_NO_CURVES = "Curves need a grid."


def middle_row(result: ModelResult) -> int:
    """The row to begin with: in the middle of all axes, or the converged one next to it in the table."""
    middle = result.grid.middle_row()
    converged = np.flatnonzero(result.row_outputs.get("converged", np.ones(result.n_rows, dtype=bool)))
    return int(converged[np.argmin(np.abs(converged - middle))]) if converged.size else middle


def strongest_line(result: ModelResult, row: int) -> int:
    """The line with the highest peak temperature in a row; the first where no line has any."""
    peak = np.asarray(result.outputs["peak_temperature"][row], dtype=np.float64)
    return int(np.nanargmax(peak)) if np.isfinite(peak).any() else 0


def counted(n: int, one: str, many: str) -> str:
    """A number with its word."""
    return f"{n:,} {one if n == 1 else many}"


class ResultContent(QWidget):
    """Everything about one result; one row and one line are chosen, everywhere the same."""

    row_selected = Signal(int)
    save_requested = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ModelResult | None = None
        self._v_lsr: float | None = None
        self.row = self.line = 0
        self.title = ElidedLabel()
        self.facts = QLabel()
        self.notes = QLabel()
        self.line_choice = Choice("Line", "Line shown in the table, the map and against velocity")
        self.save_button = QPushButton("Save tables…")
        self.save_button.setToolTip("Save the tables of this result as VOTable")
        self.rows = NumbersTable("Rows of the result", tasks=tasks, notices=notices)
        self.spectrum = SpectrumPlot(notices=notices)
        self.lines = NumbersTable("Lines of the row", tasks=tasks, notices=notices, left=(0,))
        self.map = MapView(notices=notices)
        self.curves = CurvesView(notices=notices)
        self.tabs = QTabWidget()
        self.why_not = QLabel()
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.line_choice.box.setMaximumWidth(260)
        strip = QHBoxLayout()
        strip.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, theme.GRID // 2)
        strip.setSpacing(theme.GRID)
        strip.addWidget(self.title, 1)
        strip.addWidget(self.facts)
        strip.addWidget(self.notes)
        self.line_choice.add_to(strip)
        strip.addWidget(self.save_button)
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Views of the result")
        for widget, name in (
            (self.spectrum, "Spectrum"),
            (self.lines, "Lines"),
            (self.map, "Map"),
            (self.curves, "Curves"),
        ):
            self.tabs.addTab(widget, name)
        self.why_not.setMargin(theme.GRID // 2)
        self.tabs.setCornerWidget(self.why_not)
        self.splitter.addWidget(self.rows)
        self.splitter.addWidget(self.tabs)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        self.splitter.setChildrenCollapsible(False)
        self.tabs.setMinimumHeight(180)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(strip)
        layout.addWidget(self.splitter, 1)

    def _connect(self) -> None:
        self.rows.row_chosen.connect(self.select_row)
        self.map.row_chosen.connect(self.select_row)
        self.curves.row_chosen.connect(self.select_row)
        self.spectrum.line_chosen.connect(self.select_line)
        self.lines.row_chosen.connect(self.select_line)
        self.line_choice.changed.connect(lambda: self.select_line(int(self.line_choice.value())))
        self.save_button.clicked.connect(self.save_requested)
        self.tabs.currentChanged.connect(self._show_tab)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_result(self, result: ModelResult, title: str, v_lsr: float | None) -> None:
        """Show a result, with its middle row and that row's strongest line chosen."""
        self._result, self._v_lsr = result, v_lsr
        self.row = middle_row(result)
        self.line = strongest_line(result, self.row) if result.n_lines else 0
        self.title.set_whole(title)
        rows, lines = counted(result.n_rows, "row", "rows"), counted(result.n_lines, "line", "lines")
        self.facts.setText(f"{model_spec(result.model).title} · {molecule_name(result.molecule)} · {rows} · {lines}")
        origin = [f"molecule: {result.molecule}", *(f"{name}: {text}" for name, text in result.origin.items())]
        self.facts.setToolTip("\n".join(origin))
        self._show_notes(result)
        transitions = result.transitions
        names = zip(transitions.transition, transitions.frequency, strict=True)
        items = [(f"{name}  {frequency:.6g} GHz", number) for number, (name, frequency) in enumerate(names)]
        self.line_choice.set_items(items, self.line)
        self._allow_tabs(len(result.grid.axes) if result.n_lines else 0)
        self._size_table(result.n_rows)
        self._show_rows()
        self._show_tab()

    def set_v_lsr(self, v_lsr: float | None) -> None:
        """Take another velocity of the source."""
        self._v_lsr = v_lsr
        if self._result is not None:
            self._show_tab()

    def select_row(self, row: int) -> None:
        """Choose a row, everywhere."""
        if self._result is None or row == self.row:
            return
        self.row = row
        self.rows.show_row(row)
        self._show_tab()
        self.row_selected.emit(row)

    def select_line(self, line: int) -> None:
        """Choose a line, everywhere."""
        if self._result is None or line == self.line:
            return
        self.line = line
        self.line_choice.set_value(line)
        self._show_rows()
        self._show_tab()

    def _show_notes(self, result: ModelResult) -> None:
        first = result.notes[0] if result.notes else ""
        short = first if len(first) <= 40 else f"{counted(len(result.notes), 'note', 'notes')}"
        more = f" (+{len(result.notes) - 1})" if len(result.notes) > 1 and short == first else ""
        self.notes.setText(f"⚠ {short}{more}" if result.notes else "")
        self.notes.setToolTip("\n".join(result.notes))
        self.notes.setAccessibleDescription(" ".join(result.notes))
        self.notes.setVisible(bool(result.notes))

    def _allow_tabs(self, n_axes: int) -> None:
        for widget, needed, why in ((self.map, 2, _NO_MAP), (self.curves, 1, _NO_CURVES)):
            index = self.tabs.indexOf(widget)
            self.tabs.setTabEnabled(index, n_axes >= needed)
            self.tabs.setTabToolTip(index, "" if n_axes >= needed else why)
        self.why_not.setText({0: f"{_NO_MAP} {_NO_CURVES}", 1: _NO_MAP}.get(n_axes, ""))
        self.why_not.setEnabled(False)

    def _size_table(self, n_rows: int) -> None:
        """A table of few rows takes no more room than it needs."""
        line = self.rows.view.verticalHeader().defaultSectionSize()
        needed = self.rows.view.horizontalHeader().sizeHint().height() + line * min(n_rows, 200) + 2 * line
        self.rows.setMinimumHeight(min(needed, 5 * line))
        total = max(self.splitter.height(), 400)
        above = min(needed, int(0.42 * total))
        self.splitter.setSizes([above, total - above])

    def _show_rows(self) -> None:
        assert self._result is not None
        self.rows.show_columns(row_columns(self._result, self.line), self._result.n_rows)
        self.rows.show_row(self.row)

    def _show_tab(self) -> None:
        """Bring the tab in front up to date; the others follow when they come to the front."""
        result = self._result
        if result is None:
            return
        shown = self.tabs.currentWidget()
        if shown is self.spectrum:
            self.spectrum.show_row(result, self.row, self.line, self._v_lsr)
        elif shown is self.lines:
            self.lines.show_columns(line_columns(result, self.row), result.n_lines)
            self.lines.show_row(self.line)
        elif shown is self.map and len(result.grid.axes) >= 2:
            self.map.show_row(result, self.row, self.line)
        elif shown is self.curves and result.grid.axes:
            self.curves.show_row(result, self.row, self.line)
