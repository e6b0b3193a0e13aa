"""A result on the screen: its rows in a table above, below the spectrum, lines, map and curves of the chosen row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
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
from stopdesk.ui.grids.choices import Choice, line_items
from stopdesk.ui.grids.chosen import middle_row, nearest, settled, strongest_line
from stopdesk.ui.grids.columns import line_columns, row_columns
from stopdesk.ui.grids.curves_view import CurvesView
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.grids.map_view import MapView
from stopdesk.ui.grids.table import NumbersTable
from stopdesk.ui.grids.view_state import ViewState, number_in, numbers_in
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.plain import plain_label, plain_tip
from stopdesk.ui.plots.quantity import molecule_name
from stopdesk.ui.row_selection import Ints
from stopdesk.ui.selection import SHOWING, Selection
from stopdesk.ui.send_button import SendButton
from stopdesk.ui.spectra.spectrum import SpectrumPlot
from stopdesk.ui.tasks import Tasks

_NO_MAP = "A map needs a grid of two axes or more."
_NO_CURVES = "Curves need a grid."

#: So many selected rows are kept with the session; of more, only the chosen one.
_MOST_KEPT = 4000


def building(*, tasks: Tasks, notices: Notices) -> Iterator[ResultContent | None]:
    """Build the content in steps, none of which holds the window up for long; the last one gives it."""
    spectrum = SpectrumPlot(notices=notices)
    yield None
    for n_curves in (14, 28):  # of a dozen selected rows
        spectrum.frame.make_room(n_curves)
        yield None
    map_view = MapView(notices=notices)
    yield None
    curves = CurvesView(notices=notices)
    yield None
    yield ResultContent((spectrum, map_view, curves), tasks=tasks, notices=notices)


def counted(n: int, one: str, many: str) -> str:
    """A number with its word."""
    return f"{n:,} {one if n == 1 else many}"


class ResultContent(QWidget):
    """Everything about one result. Rows and lines are selected, one of each is the chosen one, everywhere the same.

    ``selection`` has row numbers of the result, ``line_selection`` numbers of its lines, wherever they stand in a
    sorted or filtered table; both may be changed from outside. While a result is shown neither is ever empty.
    ``row_selected`` gives the row that became the chosen one.
    """

    row_selected = Signal(int)
    save_requested = Signal()

    def __init__(
        self,
        plots: tuple[SpectrumPlot, MapView, CurvesView],
        *,
        tasks: Tasks,
        notices: Notices,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._result: ModelResult | None = None
        self._v_lsr: float | None = None
        self._drawn: dict[QWidget, tuple[object, ...]] = {}
        self._row = self._line = self._version = 0
        self._taking = False
        self.selection, self.line_selection = Selection(self), Selection(self)
        self.title = ElidedLabel()
        self.facts = plain_label()
        self.notes = plain_label()
        self.line_choice = Choice("Line", "Line shown in the table, the map and against velocity")
        self.save_button = QPushButton("Save tables…")
        self.save_button.setToolTip("Save the tables of this result as VOTable")
        self.send_button = SendButton("the table of this result")
        self.rows = NumbersTable("Rows of the result", tasks=tasks, notices=notices)
        self.spectrum, self.map, self.curves = plots
        self.lines = NumbersTable("Lines of the row", tasks=tasks, notices=notices, left=(0,))
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
        strip.addWidget(self.send_button)
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
        self.selection.changed.connect(self._follow_rows)
        self.line_selection.changed.connect(self._follow_lines)
        self.rows.picked.connect(lambda found, row: self.selection.choose(found, source=self.rows, current=row))
        self.rows.arranged.connect(self._count_rows)
        for view in (self.map, self.curves):
            view.row_chosen.connect(self.select_row)
            view.region_chosen.connect(self._select_region)
        self.spectrum.line_chosen.connect(self.select_line)
        self.lines.picked.connect(
            lambda lines, line: self.line_selection.choose(lines, source=self.lines, current=line)
        )
        self.line_choice.changed.connect(lambda: self.select_line(int(self.line_choice.value())))
        self.save_button.clicked.connect(self.save_requested)
        self.tabs.currentChanged.connect(self._show_tab)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_result(
        self, result: ModelResult, title: str, v_lsr: float | None, state: Mapping[str, object] = MappingProxyType({})
    ) -> None:
        """Show a result as ``state`` says, else with its middle row and that row's strongest line chosen."""
        self._result, self._v_lsr = result, v_lsr
        self._select_first(result, state)
        self.title.set_whole(title)
        for frame in (self.spectrum.frame, self.map.frame, self.curves.frame):
            frame.run_name = title
        origin = [f"molecule: {result.molecule}", *(f"{name}: {text}" for name, text in result.origin.items())]
        self.facts.setToolTip(plain_tip("\n".join(origin)))
        self._show_notes(result)
        self.line_choice.set_items([(text, number) for number, text in enumerate(line_items(result))], self.line)
        self._allow_tabs(len(result.grid.axes) if result.n_lines else 0)
        self._size_table(result.n_rows)
        if state:
            self._set_view_state(result, state)
        self._drawn.clear()
        self._show_rows()
        self._show_tab()
        QTimer.singleShot(0, self, self._draw_ahead)

    def _select_first(self, result: ModelResult, state: Mapping[str, object]) -> None:
        """Begin with the rows and the line of a state, else with the middle row and its strongest line."""
        self._row = number_in(state, "row", result.n_rows, middle_row(result))
        strongest = strongest_line(result, self._row) if result.n_lines else 0
        self._line = number_in(state, "line", result.n_lines, strongest)
        self._version += 1
        self._taking = True  # everything is drawn when the rest is there
        rows = {self._row, *(numbers_in(state, "rows", result.n_rows) or ())}
        self.selection.choose(list(rows), source=SHOWING, current=self._row)
        self.line_selection.choose([self._line] if result.n_lines else [], source=SHOWING)
        self._taking = False

    @property
    def result(self) -> ModelResult | None:
        """What is shown; None before the first result."""
        return self._result

    @property
    def run_name(self) -> str:
        """Whose result it is."""
        return self.title.whole

    @property
    def row(self) -> int:
        """The chosen row."""
        return self._row

    @property
    def line(self) -> int:
        """The chosen line."""
        return self._line

    def view_state(self) -> ViewState:
        """How the result is looked at: tab, row, line, and what is chosen in each tab that has been looked at."""
        if self._result is None:
            return {}
        here: ViewState = {"tab": self.tabs.tabText(self.tabs.currentIndex()), "row": self.row, "line": self.line}
        if 1 < len(self.selection.rows) <= _MOST_KEPT:
            here["rows"] = ",".join(map(str, self.selection.rows.tolist()))
        views: list[ViewState] = [view.view_state() for view in (self.spectrum, self.map, self.curves)]
        return here | views[0] | views[1] | views[2]

    def _set_view_state(self, result: ModelResult, state: Mapping[str, object]) -> None:
        """Choose tab and choices before anything is drawn."""
        n_axes = len(result.grid.axes) if result.n_lines else 0
        self.spectrum.set_view_state(state)
        if n_axes >= 2:
            self.map.set_view_state(result, state)
        if n_axes:
            self.curves.set_view_state(result, self.row, self.line, state)
        for index in range(self.tabs.count()):
            if self.tabs.tabText(index) == state.get("tab") and self.tabs.isTabEnabled(index):
                with QSignalBlocker(self.tabs):
                    self.tabs.setCurrentIndex(index)

    def set_v_lsr(self, v_lsr: float | None) -> None:
        """Take another velocity of the source."""
        self._v_lsr = v_lsr
        if self._result is not None:
            self._show_tab()

    @property
    def v_lsr(self) -> float | None:
        """The velocity of the source in km/s."""
        return self._v_lsr

    def select_row(self, row: int) -> None:
        """Choose a row, and no others, everywhere."""
        if self._result is not None:
            self.selection.choose([row], source=self)

    def _select_region(self, rows: Ints, adds: bool) -> None:
        if adds:
            self.selection.toggle(rows, source=self)
        else:
            self.selection.choose(rows, source=self, current=nearest(rows, self._row))

    def select_line(self, line: int) -> None:
        """Choose a line, and no others, everywhere."""
        if self._result is not None:
            self.line_selection.choose([line], source=self)

    def _follow_rows(self, source: object) -> None:
        if self._result is None or self._taking:
            return
        row = settled(self.selection, self._result.n_rows, self._row, source)
        if row is None:
            return
        moved, self._row = row != self._row, row
        self._version += 1
        self.rows.select_rows(self.selection.rows, row, go=source is not self.rows)
        self._count_rows()
        self._show_tab()
        if moved:
            self.row_selected.emit(row)

    def _follow_lines(self, source: object) -> None:
        if self._result is None or self._taking:
            return
        line = settled(self.line_selection, self._result.n_lines, self._line, source)
        if line is None:
            return
        moved, self._line = line != self._line, line
        self.lines.select_rows(self.line_selection.rows, line, go=source is not self.lines)
        if moved:
            self.line_choice.set_value(line)
            self._show_rows()
            self._show_tab()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape goes back from many rows to the chosen one."""
        if event.key() == Qt.Key.Key_Escape and len(self.selection.rows) > 1:
            self.select_row(self._row)
        else:
            super().keyPressEvent(event)

    def _count_rows(self) -> None:
        """Say how many rows there are, how many of them the filters leave, and how many are selected."""
        result = self._result
        if result is None:
            return
        shown, selected = self.rows.model.rowCount(), len(self.selection.rows)
        rows, lines = counted(result.n_rows, "row", "rows"), counted(result.n_lines, "line", "lines")
        if shown < result.n_rows:
            hidden = f" ({self.rows.n_hidden:,} hidden)" if self.rows.n_hidden else ""
            rows = f"{shown:,} of {rows}" + (f", {selected:,} selected{hidden}" if selected > 1 else "")
        elif selected > 1:
            rows = f"{selected:,} of {rows} selected"
        self.facts.setText(f"{model_spec(result.model).title} · {molecule_name(result.molecule)} · {rows} · {lines}")

    def _show_notes(self, result: ModelResult) -> None:
        first = result.notes[0] if result.notes else ""
        short = first if len(first) <= 40 else f"{counted(len(result.notes), 'note', 'notes')}"
        more = f" (+{len(result.notes) - 1})" if len(result.notes) > 1 and short == first else ""
        self.notes.setText(f"⚠ {short}{more}" if result.notes else "")
        self.notes.setToolTip(plain_tip("\n".join(result.notes)))
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
        self.rows.select_rows(self.selection.rows, self._row)
        self._count_rows()

    def _show_tab(self) -> None:
        """Bring the tab in front up to date; the others follow when they come to the front."""
        self._draw_tab(self.tabs.currentWidget())

    def _draw_ahead(self) -> None:
        """Draw the plots of a new result that nobody looks at yet, one a turn, so that their tabs open at once."""
        for view in (self.map, self.curves):
            offered = self.tabs.isTabEnabled(self.tabs.indexOf(view))
            if offered and self._drawn.get(view, (None,))[0] is not self._result:
                self._draw_tab(view)
                QTimer.singleShot(0, self, self._draw_ahead)
                return

    def _draw_tab(self, shown: QWidget) -> None:
        """Bring a tab up to date, unless it is."""
        result = self._result
        if result is None:
            return
        now: tuple[object, ...] = (result, self._row)  # what the tab depends on
        if shown is not self.lines:
            now += (self._line, self._version, self._v_lsr)
        if self._drawn.get(shown) == now:
            return
        self._drawn[shown] = now
        if shown is self.spectrum:
            self.spectrum.show_row(result, self._row, self._line, self._v_lsr, self.selection.rows)
        elif shown is self.lines:
            self.lines.show_columns(line_columns(result, self._row), result.n_lines)
            self.lines.select_rows(self.line_selection.rows, self._line)
        elif shown is self.map and len(result.grid.axes) >= 2:
            self.map.show_row(result, self._row, self._line, self.selection.rows)
        elif shown is self.curves and result.grid.axes:
            self.curves.show_row(result, self._row, self._line, self.selection.rows)
