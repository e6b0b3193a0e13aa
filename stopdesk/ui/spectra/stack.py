"""Plots of spectra one above the other, over one axis: zooming or panning one moves all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from stopdesk.errors import InputError
from stopdesk.ui import theme
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.curves import Curve
from stopdesk.ui.plots.export import PlotTable
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.legend import Entry
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.plots.view import PlotView
from stopdesk.ui.spectra.drawing import Group, Prepared

#: The numbers of more channels than this are not written from a plot: their file has them.
_MOST_WRITTEN = 200_000

#: Broader lines than this take Qt a hundred times as long, half a second for a thousand channels of noise.
_THIN = 1.0

#: Curves of more points than this together stay thin on paper, too.
_MOST_BROAD = 2000

#: Room for the numbers beside the axes of plots that stand one above the other, in which all begin at one place.
_NUMBERS = 7 * theme.GRID

#: Room above and below curves, as a part of their range.
_MARGIN = 0.06


@dataclass(frozen=True, eq=False)
class Drawn:
    """A spectrum to draw: its name and colour, and its values over the axis."""

    name: str
    colour: QColor
    values: Prepared


class SpectraFrame(PlotFrame):
    """One plot of spectra; of those with many channels as much is drawn as the screen can show."""

    def __init__(self, name: str, *, notices: Notices) -> None:
        super().__init__(name, notices=notices)
        self._drawn: list[tuple[Drawn, float]] = []
        self._quantities = (Quantity(""), Quantity(""))
        self.view.sigXRangeChanged.connect(self._follow)

    def show_spectra(self, drawn: Sequence[tuple[Drawn, float]], x: Quantity, y: Quantity) -> None:
        """Draw these spectra, each times its factor."""
        self._drawn, self._quantities = list(drawn), (x, y)
        self.subject = drawn[0][0].name
        self.set_axes(x, y)
        self.plot.getAxis("bottom").resizeEvent()  # a title that became shorter is not put into the middle else
        self._draw()

    def _draw(self) -> None:
        (x0, x1), _ = self.view.viewRange()
        curves = []
        for each, factor in self._drawn:
            values = each.values
            points = (values.x, values.y) if values.is_fine else values.part(x0, x1)
            curves.append(Curve(each.name, points[0], points[1] * factor, each.colour, width=_THIN))
        self.show_curves(curves, tables=())

    def _follow(self) -> None:
        if not all(each.values.is_fine for each, _ in self._drawn):
            self._draw()

    def export(self, path: Path) -> None:
        """Write the plot as PlotFrame does; the numbers are those of all channels."""
        if path.suffix.lower() == ".csv":
            if sum(len(each.values.x) for each, _ in self._drawn) > _MOST_WRITTEN:
                raise InputError(
                    f"More than {_MOST_WRITTEN:,} channels are not written as CSV: their own files have their numbers."
                )
            x, y = self._quantities
            self.set_tables(
                [
                    PlotTable(each.name, ((x, each.values.x), (y, each.values.y * factor)))
                    for each, factor in self._drawn
                ]
            )
        super().export(path)

    def _set_pens(self, scale: int) -> None:
        n_points = sum(len(curve.x) for _, curve in self._curves)
        super()._set_pens(scale if n_points <= _MOST_BROAD else 1)

    @contextmanager
    def _printed(self, scale: int) -> Iterator[None]:
        """As PlotFrame, with a legend where there are several curves: on paper there is no list of them beside."""
        names = [Entry(each.name, each.colour) for each, _ in self._drawn]
        self._show_names(names if len(names) > 1 else [])
        try:
            with super()._printed(scale):
                yield
        finally:
            self._show_names([])

    def _show_names(self, names: list[Entry]) -> None:
        self.legend.show_entries(names)
        self.plot.layout.activate()

    def whole(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges in which all of the spectra lie, with room for the highest and lowest values."""
        xs = [each.values.x_range for each, _ in self._drawn]
        ys = [[factor * end for end in each.values.y_range] for each, factor in self._drawn]
        low, high = min(min(pair) for pair in ys), max(max(pair) for pair in ys)
        margin = _MARGIN * (high - low) or _MARGIN * abs(high) or 1.0
        return (min(x for x, _ in xs), max(x for _, x in xs)), (low - margin, high + margin)


class PlotStack(QWidget):
    """As many plots as there are kinds of values."""

    def __init__(self, *, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._is_following = False
        self._n_shown = 0
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setChildrenCollapsible(False)
        self._frames = [self._add_frame()]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, 0, 0, 0)
        layout.addWidget(self._splitter)
        self.set_message("")

    @property
    def frames(self) -> list[SpectraFrame]:
        """The plots that are shown now, from the top."""
        return self._frames[: self._n_shown]

    def show_groups(self, groups: Sequence[Group], drawn: Mapping[str, Drawn], x: Quantity) -> None:
        """Show a plot for each group; what the user has zoomed in on stays in view."""
        zoomed = any(frame.zoomed for frame in self.frames)
        was_shown = self._n_shown
        while len(self._frames) < len(groups):
            self._frames.append(self._add_frame())
        self._n_shown = len(groups)
        for number, frame in enumerate(self._frames):
            frame.setVisible(number < max(1, len(groups)))
            axis = frame.plot.getAxis("left")
            axis.setStyle(autoExpandTextSpace=len(groups) == 1, tickTextWidth=_NUMBERS)
        if len(groups) != was_shown:
            self._splitter.setSizes([1000] * self._splitter.count())
        for number, (frame, group) in enumerate(zip(self._frames, groups, strict=False)):
            frame.zoomed = zoomed and number < was_shown
            frame.set_message("")
            frame.canvas.show()
            members = [(drawn[key], factor) for key, factor in group.members]
            frame.show_spectra(members, x, Quantity(group.name, group.unit))
            zoomed = zoomed and (frame.zoomed or number >= was_shown)
        self._go_home(zoomed=zoomed, was_shown=was_shown)

    def _go_home(self, *, zoomed: bool, was_shown: int) -> None:
        """Show the whole of all plots, unless the user has zoomed; a new plot then shows the whole of its height."""
        wholes = [frame.whole() for frame in self.frames]
        across = (min((x[0] for x, _ in wholes), default=0.0), max((x[1] for x, _ in wholes), default=1.0))
        for number, (frame, (_, height)) in enumerate(zip(self.frames, wholes, strict=True)):
            frame.zoomed = zoomed
            frame.set_home(across, height)
            if zoomed and number >= was_shown:
                frame.view.setYRange(*height, padding=0)

    def set_message(self, text: str) -> None:
        """Show a sentence, and no plot, where there is nothing to draw."""
        self._n_shown = 0
        for frame in self._frames[1:]:
            frame.hide()
        self._frames[0].canvas.hide()
        self._frames[0].set_message(text)

    def zoom(self) -> list[list[float]]:
        """What the user has zoomed in on: the ranges of the plots; empty where all of it is in view."""
        if not any(frame.zoomed for frame in self.frames):
            return []
        return [[float(end) for ends in frame.view.viewRange() for end in ends] for frame in self.frames]

    def set_zoom(self, ranges: Sequence[Sequence[float]]) -> None:
        """Zoom in on what ``zoom`` said; passed over where there are other plots now."""
        if len(ranges) != len(self.frames):
            return
        for frame, (x0, x1, y0, y1) in zip(self.frames, ranges, strict=True):
            frame.view.setRange(xRange=(x0, x1), yRange=(y0, y1), padding=0)
            frame.zoomed = True

    def _follow(self, view: PlotView, across: tuple[float, float]) -> None:
        """Let all plots show what one shows of the axis, by value: pyqtgraph's own link goes by screen points."""
        if self._is_following:
            return
        self._is_following = True
        for frame in self.frames:
            if frame.view is not view:
                frame.view.setXRange(*across, padding=0)
        self._is_following = False

    def _add_frame(self) -> SpectraFrame:
        number = self._splitter.count() + 1
        frame = SpectraFrame("Spectra" if number == 1 else f"Spectra {number}", notices=self._notices)
        frame.view.sigXRangeChanged.connect(self._follow)
        self._splitter.addWidget(frame)
        frame.setMinimumHeight(15 * theme.GRID)
        frame.make_room(4)
        return frame
