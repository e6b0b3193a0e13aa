"""Curves of one output along one axis of a grid, for some lines, through the chosen row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.result import ModelResult
from stopdesk.ui import theme
from stopdesk.ui.grids import slices
from stopdesk.ui.grids.choices import Choice, line_items
from stopdesk.ui.grids.columns import GridAxis, axes_of, number_outputs, quantity_of
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.grids.sliders import AxisSliders
from stopdesk.ui.grids.view_state import ViewState, number_in, numbers_in, word_in
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.curves import Curve
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.quantity import molecule_name
from stopdesk.ui.row_selection import Ints

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

#: A maser that many times higher than all else is left out of the whole view.
_TOWERING = 10.0

#: Curves of more points show only their masers.
_MOST_POINTS = 60

_REGION = "Drag with Shift to select the parameter sets at the framed values; with Ctrl too, they are added."

#: How many lines are drawn to begin with.
_FIRST = 4


def strongest_lines(result: ModelResult, row: int, n: int) -> tuple[int, ...]:
    """The lines with the highest peak temperature in a row, in the order of the file."""
    peak = np.nan_to_num(result.outputs["peak_temperature"][row].astype(np.float64), nan=-np.inf)
    return tuple(sorted(int(line) for line in np.argsort(-peak, kind="stable")[:n]))


def span_of(values: FloatArray) -> tuple[float, float]:
    """The range of finite values with a margin."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - margin, high + margin


def heights_to_show(values: FloatArray, masers: BoolArray) -> FloatArray:
    """The values that a view should hold: all but masers that tower over everything else."""
    others = values[~masers & np.isfinite(values)]
    if not others.size:
        return values
    low, high = float(others.min()), float(others.max())
    reach = _TOWERING * max(high - low, abs(high), abs(low))
    return values[~masers | ((values <= high + reach) & (values >= low - reach))]


class CurvesView(QWidget):
    """The curves with their choices. ``row_chosen`` gives the row at the value, or the slider, that the user chose.

    ``region_chosen`` gives the rows (ascending) at the values that the user framed, and whether they add to the others.
    """

    row_chosen = Signal(int)
    region_chosen = Signal(object, bool)

    def __init__(self, *, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ModelResult | None = None
        self._row = self._line = 0
        self._selected: Ints = np.empty(0, dtype=np.intp)
        self._axes: tuple[GridAxis, ...] = ()
        self.output = Choice("Output", "Output of the curves")
        self.axis = Choice("Along", "Axis of the curves")
        self.log_height = QCheckBox("Log scale")
        self.log_height.setToolTip("Logarithmic vertical axis; values of zero and below are left out")
        self._status = ElidedLabel()
        self.lines = QListWidget()
        self.lines.setAccessibleName("Lines drawn as curves")
        self.lines.setToolTip("Tick the lines to draw")
        self.lines.setUniformItemSizes(True)
        self.sliders = AxisSliders()
        self.frame = PlotFrame("Curves", notices=notices, named=True)
        self._marker = pg.InfiniteLine(angle=90, movable=False)
        self._ticks = pg.VTickGroup(yrange=[0.0, 0.05])
        for item in (self._marker, self._ticks):
            item.setZValue(-5)
            self.frame.view.addItem(item, ignoreBounds=True)
        self._lay_out()
        self.output.changed.connect(self._draw)
        self.axis.changed.connect(self._draw)
        self.log_height.toggled.connect(self._draw)
        self.lines.itemChanged.connect(self._draw)
        self.sliders.moved.connect(self._slide)
        self.frame.view.chosen.connect(self._choose)
        self.frame.recoloured.connect(self._colour)
        self._colour()
        self.frame.make_room(_FIRST + 1)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        self.output.add_to(strip)
        self.axis.add_to(strip)
        strip.addWidget(self.log_height)
        strip.addWidget(self._status, 1)
        below = QHBoxLayout()
        below.setSpacing(theme.GRID)
        below.addWidget(self.frame, 1)
        below.addWidget(self.lines)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addLayout(strip)
        layout.addWidget(self.sliders)
        layout.addLayout(below, 1)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_row(self, result: ModelResult, row: int, line: int, selected: Ints) -> None:
        """Show the curves through a row, selected rows marked; a new result starts with its strongest lines."""
        line_changed = line != self._line
        self._row, self._line, self._selected = row, line, selected
        if result is not self._result:
            self._take(result, {line, *strongest_lines(result, row, _FIRST)})
        elif line_changed:
            self._tick(line)
        self._draw()

    def _take(self, result: ModelResult, ticked: set[int]) -> None:
        """Offer what a new result has, with these lines ticked."""
        self._result = result
        self._axes = axes_of(result)
        self.frame.zoomed = False
        outputs = [(quantity_of(output).title, output.name) for output in number_outputs(result)]
        self.output.set_items(outputs, "peak_temperature")
        longest = max(range(len(self._axes)), key=lambda number: len(self._axes[number].values), default=0)
        self.axis.set_items([(axis.quantity.name, number) for number, axis in enumerate(self._axes)], longest)
        self.sliders.set_axes(self._axes)
        self._fill_lines(ticked)

    def view_state(self) -> ViewState:
        """What is chosen here; empty before the first result."""
        if not self._axes:
            return {}
        return {
            "curves_output": self.output.value(),
            "curves_along": self._axes[int(self.axis.value())].name,
            "curves_log": int(self.log_height.isChecked()),
            "curves_lines": ",".join(map(str, self.drawn_lines())),
        }

    def set_view_state(self, result: ModelResult, row: int, line: int, state: Mapping[str, object]) -> None:
        """Choose for a result, before it is drawn, what a state says as far as it fits."""
        ticked = numbers_in(state, "curves_lines", result.n_lines)
        self._line = line
        self._take(result, ticked or {line, *strongest_lines(result, row, _FIRST)})
        self.output.set_value(word_in(state, "curves_output"))
        names = [axis.name for axis in self._axes]
        if word_in(state, "curves_along") in names:
            self.axis.set_value(names.index(word_in(state, "curves_along")))
        with QSignalBlocker(self.log_height):
            self.log_height.setChecked(number_in(state, "curves_log", 2, int(self.log_height.isChecked())) == 1)

    def drawn_lines(self) -> tuple[int, ...]:
        """The lines that are ticked."""
        items = (self.lines.item(number) for number in range(self.lines.count()))
        return tuple(n for n, item in enumerate(items) if item.checkState() == Qt.CheckState.Checked)

    def _fill_lines(self, ticked: set[int]) -> None:
        assert self._result is not None
        with QSignalBlocker(self.lines):
            self.lines.clear()
            for number, text in enumerate(line_items(self._result)):
                item = QListWidgetItem(text)
                item.setFlags(
                    Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
                )
                item.setCheckState(Qt.CheckState.Checked if number in ticked else Qt.CheckState.Unchecked)
                self.lines.addItem(item)
        widest = max(
            (item.text() for item in self.lines.findItems("*", Qt.MatchFlag.MatchWildcard)), key=len, default=""
        )
        self.lines.setFixedWidth(min(280, self.lines.fontMetrics().horizontalAdvance(widest) + 64))
        if ticked:
            self.lines.scrollToItem(self.lines.item(min(ticked)))

    def _tick(self, line: int) -> None:
        with QSignalBlocker(self.lines):
            self.lines.item(line).setCheckState(Qt.CheckState.Checked)

    def _draw(self) -> None:
        if self._result is None or not self._axes:
            return
        number = int(self.axis.value())
        axis = self._axes[number]
        output = next(o for o in number_outputs(self._result) if o.name == self.output.value())
        log = self.log_height.isChecked()
        self.sliders.show_indices(slices.indices_of(self._result, self._row), {number})
        self.frame.subject = output.label
        self.frame.set_axes(axis.quantity, quantity_of(output), x_log=axis.log, y_log=log)
        curves, masers = [], []
        colours = iter(index for index in range(1000) if index % len(theme.CURVES) != 1)
        for line in self.drawn_lines():
            values = slices.curve_along(self._result, output.name, line, self._row, number)
            colour = theme.curve_colour(1 if line == self._line else next(colours))
            name = f"{molecule_name(self._result.molecule)} {self._result.transitions.transition[line]}"
            masers.append(slices.masers_along(self._result, line, self._row, number))
            points = len(values) <= _MOST_POINTS
            curves.append(Curve(name, axis.values, values, colour, points=points, hollow=masers[-1]))
        self.frame.show_curves(curves)
        self.frame.set_message("" if curves else "Tick a line in the list on the right.")
        across = self.frame.to_view(axis.values, axis.values)[0]
        shown = heights_to_show(_joined([curve.y for curve in curves]), _joined(masers).astype(bool))
        self.frame.set_home(span_of(across), span_of(self.frame.to_view(shown, shown)[1]))
        self._marker.setValue(float(across[slices.indices_of(self._result, self._row)[number]]))
        chosen = slices.selected_along(self._result, self._selected, self._row, number)
        self._ticks.setXVals(across[chosen & (len(self._selected) > 1)].tolist())
        self._say(np.isnan(curves[0].y) if curves else np.zeros(0, dtype=bool), int(_joined(masers).sum()))

    @property
    def status(self) -> str:
        """What is said of the curves beside their choices."""
        return self._status.whole

    def _say(self, empty: BoolArray, n_masers: int) -> None:
        n = int(empty.sum())
        words = [f"{n} of {empty.size} parameter sets did not converge: gaps"] if n else []
        if n_masers:
            words.append(f"{n_masers} {'point is a maser' if n_masers == 1 else 'points are masers'} (○)")
        self._status.set_whole("; ".join(words))
        self._status.setToolTip("\n".join([*words, _REGION]))

    def _colour(self) -> None:
        self._marker.setPen(pg.mkPen(self.frame.colours.quiet, width=1))
        self._ticks.setPen(pg.mkPen(self.frame.colours.front, width=3))

    # ---- what the user does --------------------------------------------------------------------------------------

    def _choose(self, box: QRectF, adds: bool) -> None:
        """Choose the value nearest to a click, or those that were framed."""
        if self._result is None or not self._axes:
            return
        number = int(self.axis.value())
        across = self.frame.to_view(self._axes[number].values, np.ones(1))[0]
        if box.isNull():
            found = np.array([np.argmin(np.abs(across - box.x()))])
        else:
            found = np.flatnonzero((across >= box.left()) & (across <= box.right()))
        rows = slices.rows_within(self._result, self._row, {number: found})
        if box.isNull() and not adds:
            self.row_chosen.emit(int(rows[0]))
        elif len(rows):
            self.region_chosen.emit(rows, adds)

    def _slide(self, axis: int, index: int) -> None:
        if self._result is not None:
            self.row_chosen.emit(slices.row_at(self._result, self._row, {axis: index}))


def _joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(arrays) if arrays else np.empty(0)
