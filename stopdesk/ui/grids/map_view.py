"""A map of one output of a line over two axes of a grid, through the chosen row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from stopdesk.domain.result import ModelResult
from stopdesk.ui import theme
from stopdesk.ui.grids import slices
from stopdesk.ui.grids.cells import cell_at, cell_edges, cells_between, hatching
from stopdesk.ui.grids.choices import Choice, line_title
from stopdesk.ui.grids.columns import GridAxis, axes_of, number_outputs, quantity_of
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.grids.sliders import AxisSliders
from stopdesk.ui.grids.view_state import ViewState, number_in, word_in
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.colours import map_colours
from stopdesk.ui.plots.export import PlotTable
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.plots.view import PlotAxis
from stopdesk.ui.row_selection import Ints

FloatArray = NDArray[np.float64]

#: A map with more holes than this shows them in grey alone, without crosses, and one with more masers outlines them.
_MOST_CROSSES = 2000

#: The colour around selected cells: none of the map's, and not that of masers.
_SELECTED = "#ff7ad9"

_REGION = (
    "Drag over the map to select the cells whose middle the frame holds,\n"
    "which are the parameter sets at the values of the sliders, if there are any.\n"
    "Dragging with Shift does so at any time; with Ctrl, cells are added.\n"
    "A click or Escape goes back to one."
)


def colour_range(*choices: FloatArray) -> tuple[float, float]:
    """The range of the finite values of the first of the arrays that has any; 0 to 1 when none has."""
    for values in choices:
        finite = values[np.isfinite(values)]
        if finite.size:
            return float(finite.min()), float(finite.max())
    return 0.0, 1.0


class MapView(QWidget):
    """The map with its choices. ``row_chosen`` gives the row of the cell, or of the slider, that the user chose.

    ``region_chosen`` gives the rows (ascending) of the cells that the user framed, and whether they add to the others.
    """

    row_chosen = Signal(int)
    region_chosen = Signal(object, bool)

    def __init__(self, *, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ModelResult | None = None
        self._row = self._line = 0
        self._selected: Ints = np.empty(0, dtype=np.intp)
        self._axes: tuple[GridAxis, ...] = ()
        self._values = np.empty((0, 0))
        self._masers = np.zeros((0, 0), dtype=bool)
        self._levels = (0.0, 1.0)
        self.output = Choice("Output", "Output on the map")
        self.x_axis = Choice("Across", "Horizontal axis of the map")
        self.y_axis = Choice("Up", "Vertical axis of the map")
        self.log_colours = QCheckBox("Log colours")
        self.log_colours.setToolTip("Colours by the logarithm; values of zero and below are left grey")
        self.region = QToolButton()
        self.region.setText("Select region")
        self.region.setToolTip(_REGION)
        self.region.setCheckable(True)
        self.sliders = AxisSliders()
        self.frame = PlotFrame("Map", notices=notices)
        self._status = ElidedLabel()
        self._build_items()
        self._lay_out()
        self.output.changed.connect(self._draw)
        self.x_axis.changed.connect(lambda: self._keep_apart(self.y_axis, self.x_axis))
        self.y_axis.changed.connect(lambda: self._keep_apart(self.x_axis, self.y_axis))
        self.log_colours.toggled.connect(self._draw)
        self.sliders.moved.connect(self._slide)
        self.region.toggled.connect(self._set_framing)
        self.frame.view.chosen.connect(self._choose)
        self.frame.recoloured.connect(self._colour)

    def _build_items(self) -> None:
        frame = self.frame
        frame.describe = self._describe
        self._ground = pg.QtWidgets.QGraphicsRectItem()
        self._ground.setPen(pg.mkPen(None))
        self._image = pg.ImageItem(axisOrder="row-major")
        self._crosses = pg.ScatterPlotItem(symbol="x", size=9, pen=None)
        self._hatch = pg.PlotCurveItem(connect="pairs")
        self._outline_ground, self._outline = (pg.PlotCurveItem(connect="pairs") for _ in range(2))
        self._mark_ground, self._mark = pg.PlotCurveItem(), pg.PlotCurveItem()
        lines = (self._hatch, self._outline_ground, self._outline, self._mark_ground, self._mark)
        for item in (self._ground, self._image, self._crosses, *lines):
            frame.view.addItem(item, ignoreBounds=True)
        self._bar = pg.ColorBarItem(interactive=False, width=14, colorMap="viridis", colorMapMenu=False)
        self._bar_axis = PlotAxis("right")
        self._bar_axis.setStyle(showValues=True)
        self._bar_axis.setWidth(64)
        self._bar.layout.removeItem(self._bar.getAxis("right"))
        self._bar.getAxis("right").hide()
        self._bar.layout.addItem(self._bar_axis, 2, 2)
        frame.plot.layout.addItem(self._bar, 2, 5)
        frame.plot.layout.setColumnFixedWidth(4, 12)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        for choice in (self.output, self.x_axis, self.y_axis):
            choice.add_to(strip)
        strip.addWidget(self.log_colours)
        strip.addWidget(self.region)
        strip.addWidget(self._status, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addLayout(strip)
        layout.addWidget(self.sliders)
        layout.addWidget(self.frame, 1)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_row(self, result: ModelResult, row: int, line: int, selected: Ints) -> None:
        """Show the map through a row, selected rows outlined; a new result starts with its first two axes."""
        self._row, self._line, self._selected = row, line, selected
        self._take(result)
        self._draw()

    def _take(self, result: ModelResult) -> None:
        """Offer what a new result has."""
        if result is self._result:
            return
        self._result = result
        self._axes = axes_of(result)
        self.frame.zoomed = False
        outputs = [(quantity_of(output).title, output.name) for output in number_outputs(result)]
        self.output.set_items(outputs, "peak_temperature")
        names = [(axis.quantity.name, number) for number, axis in enumerate(self._axes)]
        self.x_axis.set_items(names, 0)
        self.y_axis.set_items(names, 1)
        self.sliders.set_axes(self._axes)

    def view_state(self) -> ViewState:
        """What is chosen here; empty before the first result."""
        if len(self._axes) < 2:
            return {}
        x, y = (self._axes[number].name for number in self._shown_axes())
        log = int(self.log_colours.isChecked())
        return {"map_output": self.output.value(), "map_across": x, "map_up": y, "map_log": log}

    def set_view_state(self, result: ModelResult, state: Mapping[str, object]) -> None:
        """Choose for a result, before it is drawn, what a state says as far as it fits."""
        self._take(result)
        names = [axis.name for axis in self._axes]
        self.output.set_value(word_in(state, "map_output"))
        across, up = (word_in(state, name) for name in ("map_across", "map_up"))
        if across in names and up in names and across != up:
            self.x_axis.set_value(names.index(across))
            self.y_axis.set_value(names.index(up))
        with QSignalBlocker(self.log_colours):
            self.log_colours.setChecked(number_in(state, "map_log", 2, int(self.log_colours.isChecked())) == 1)

    @property
    def status(self) -> str:
        """What is said of the map beside its choices."""
        return self._status.whole

    @property
    def levels(self) -> tuple[float, float]:
        """The values (their log10 with logarithmic colours) at the ends of the colour bar."""
        return self._levels

    def _shown_axes(self) -> tuple[int, int]:
        return int(self.x_axis.value()), int(self.y_axis.value())

    def _draw(self) -> None:
        if self._result is None or len(self._axes) < 2:
            return
        x_axis, y_axis = self._shown_axes()
        x, y = self._axes[x_axis], self._axes[y_axis]
        name = self.output.value()
        self._values = slices.plane_over(self._result, name, self._line, self._row, x_axis, y_axis)
        self._masers = slices.masers_over(self._result, self._line, self._row, x_axis, y_axis)
        self.frame.subject = self._output_quantity().name
        self.sliders.show_indices(slices.indices_of(self._result, self._row), {x_axis, y_axis})
        self.frame.set_axes(x.quantity, y.quantity, x_log=x.log, y_log=y.log)
        (x0, x1), (y0, y1) = cell_edges(x), cell_edges(y)
        rect = QRectF(x0, y0, x1 - x0, y1 - y0)
        self._ground.setRect(rect)
        self._paint(rect)
        self._outline_selected(rect)
        self._mark_cell()
        self.frame.set_home((x0, x1), (y0, y1))
        columns = np.meshgrid(x.values, y.values)
        output = self._output_quantity()
        table = ((x.quantity, columns[0].ravel()), (y.quantity, columns[1].ravel()), (output, self._values.ravel()))
        self.frame.set_tables([PlotTable("", table)])

    def _paint(self, rect: QRectF) -> None:
        shown = self._values
        if self.log_colours.isChecked():
            shown = np.full(shown.shape, np.nan)
            np.log10(self._values, out=shown, where=self._values > 0)
        self._levels = colour_range(np.where(self._masers, np.nan, shown), shown)
        self._image.setImage(map_colours(shown, *self._levels), levels=None)
        self._image.setRect(rect)
        holes = np.argwhere(~np.isfinite(self._values))
        few = holes if len(holes) <= _MOST_CROSSES else holes[:0]
        n_y, n_x = shown.shape
        at_x = rect.left() + (few[:, 1] + 0.5) * rect.width() / n_x
        self._crosses.setData(at_x, rect.top() + (few[:, 0] + 0.5) * rect.height() / n_y)
        self._hatch.setData(*hatching(self._masers, rect, filled=self._masers.sum() <= _MOST_CROSSES), connect="pairs")
        low, high = self._levels
        self._bar_axis.setLogMode(x=False, y=self.log_colours.isChecked())
        self._bar_axis.setRange(low, high if high > low else low + (abs(low) or 1.0))
        self._bar_axis.setLabel(self._output_quantity().title)
        self._say(shown)
        self._colour()

    def _say(self, shown: FloatArray) -> None:
        assert self._result is not None
        x_axis, y_axis = self._shown_axes()
        failed = int((~slices.converged_over(self._result, self._row, x_axis, y_axis)).sum())
        dark = int(np.isfinite(self._values).sum() - np.isfinite(shown).sum())
        words = []
        if failed:
            words.append(f"{failed} of {shown.size} cells did not converge (×)")
        masers = int(self._masers.sum())
        if masers:
            scaled = "" if self._masers.all() else ", colours scaled without them"
            words.append(f"{masers} of {shown.size} are masers (hatched{scaled})")
        if dark:
            words.append(f"{dark} cells of zero or below are grey")
        self._status.set_whole("; ".join([*words, line_title(self._result, self._line)]))

    def _output_quantity(self) -> Quantity:
        assert self._result is not None
        return next(quantity_of(o) for o in number_outputs(self._result) if o.name == self.output.value())

    def _colour(self) -> None:
        colours = self.frame.colours
        self._ground.setBrush(colours.hole)
        self._crosses.setPen(pg.mkPen(colours.quiet, width=1.5))
        self._hatch.setPen(pg.mkPen("#ff3030", width=1.5))
        self._outline_ground.setPen(pg.mkPen("#000000", width=5))
        self._outline.setPen(pg.mkPen(_SELECTED, width=2.5))
        self._mark_ground.setPen(pg.mkPen("#000000", width=5, join="miter"))
        self._mark.setPen(pg.mkPen("#ffffff", width=2, join="miter"))
        for side in ("left", "top", "bottom"):
            self._bar.getAxis(side).setPen(colours.front)
        self._bar_axis.setPen(colours.front)
        self._bar_axis.setTextPen(colours.front)

    def _cell(self, x_axis: int, y_axis: int) -> QRectF:
        """The chosen row's cell, in view coordinates."""
        assert self._result is not None
        indices = slices.indices_of(self._result, self._row)
        spans = []
        for number in (x_axis, y_axis):
            low, high = cell_edges(self._axes[number])
            step = (high - low) / len(self._axes[number].values)
            spans.append((low + indices[number] * step, step))
        (x, width), (y, height) = spans
        return QRectF(x, y, width, height)

    def _outline_selected(self, rect: QRectF) -> None:
        """Draw a line around the selected cells; one alone is marked as the chosen one."""
        assert self._result is not None
        flags = slices.selected_over(self._result, self._selected, self._row, *self._shown_axes())
        path = hatching(flags & (len(self._selected) > 1), rect, filled=False)
        for item in (self._outline_ground, self._outline):
            item.setData(*path, connect="pairs")

    def _mark_cell(self) -> None:
        cell = self._cell(*self._shown_axes())
        x = [cell.left(), cell.right(), cell.right(), cell.left(), cell.left()]
        y = [cell.top(), cell.top(), cell.bottom(), cell.bottom(), cell.top()]
        for item in (self._mark_ground, self._mark):
            item.setData(x, y)

    # ---- what the user does --------------------------------------------------------------------------------------

    def _keep_apart(self, other: Choice, chosen: Choice) -> None:
        """The two axes of the map differ: the one not touched gives way."""
        if other.value() == chosen.value():
            free = next(number for number in range(len(self._axes)) if number != chosen.value())
            other.set_value(free)
        self._draw()

    def _set_framing(self, on: bool) -> None:
        self.frame.view.frames = on
        self.frame.canvas.viewport().setCursor(Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor)

    def _choose(self, box: QRectF, adds: bool) -> None:
        """Choose the cell that was clicked, or those that were framed."""
        if self._result is None or len(self._axes) < 2:
            return
        if box.isNull():
            across, up = self._cells_at(box.x(), box.y())
            if across is None or up is None:
                return
            found = [np.array([across]), np.array([up])]
        else:
            x, y = (self._axes[number] for number in self._shown_axes())
            found = [cells_between(x, box.left(), box.right()), cells_between(y, box.top(), box.bottom())]
        rows = slices.rows_within(self._result, self._row, dict(zip(self._shown_axes(), found, strict=True)))
        if box.isNull() and not adds:
            self.row_chosen.emit(int(rows[0]))
        elif len(rows):
            self.region_chosen.emit(rows, adds)

    def _cells_at(self, x: float, y: float) -> tuple[int | None, int | None]:
        """Which cell of either axis lies at a point in view coordinates."""
        x_axis, y_axis = self._shown_axes()
        return cell_at(self._axes[x_axis], x), cell_at(self._axes[y_axis], y)

    def _slide(self, axis: int, index: int) -> None:
        if self._result is not None:
            self.row_chosen.emit(slices.row_at(self._result, self._row, {axis: index}))

    def _describe(self, x: float, y: float) -> str:
        x_axis, y_axis = self._shown_axes()
        across, up = self._cells_at(*(float(at[0]) for at in self.frame.to_view(np.array([x]), np.array([y]))))
        if across is None or up is None:
            return f"{self._axes[x_axis].quantity.show(x)},  {self._axes[y_axis].quantity.show(y)}"
        value = float(self._values[up, across])
        output = self._output_quantity()
        words = f"{output.name} {output.show(value)}" if np.isfinite(value) else "did not converge"
        words += ", maser" if self._masers[up, across] else ""
        at = (self._axes[x_axis].values[across], self._axes[y_axis].values[up])
        return f"{self._axes[x_axis].show(at[0])},  {self._axes[y_axis].show(at[1])}:  {words}"
