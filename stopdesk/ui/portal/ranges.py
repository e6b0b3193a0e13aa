"""The plot that coverage and times have in common: ranges as bars by portal, or their number where they are many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QVBoxLayout, QWidget

from stopdesk.ui import theme
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.export import PlotTable
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.legend import Entry
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.plots.view import PlotAxis
from stopdesk.ui.portal.colours import portal_colour
from stopdesk.ui.portal.latest import Latest
from stopdesk.ui.portal.marks import (
    counted,
    faded,
    polygon_path,
    selected_colour,
    shortened,
)
from stopdesk.ui.portal.marks_ranges import RangeScene, prepare_ranges, touching
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo.marks import ObservationMarks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Bins across the view where ranges are counted, and pixels that each has at least.
_BINS, _BIN_WIDTH = 400, 2

#: Fewer lanes than this leave room above them, so that single bars do not fill the plot.
_LANES = 8

#: A bar's part of its lane.
_BAR = 0.8

#: Names of portals beside their lanes, in letters.
_NAME = 18


@dataclass(frozen=True)
class RangeWords:
    """What one kind of ranges is called: the plot, its axis, both ends (with their unit), a single range.

    The last two are sentences for when there is nothing to show, ``before`` a search and after.
    """

    plot: str
    axis: Quantity
    ends: tuple[str, str]
    unit: str
    range_noun: str
    before: str
    nowhere: str


@dataclass(frozen=True, eq=False)
class _Drawing:
    """A scene with what a task has made of it: a path of bars a portal, and the numbers to export."""

    scene: RangeScene
    bars: dict[int, QPainterPath]
    tables: tuple[PlotTable, ...]


class RangesView(QWidget):
    """Ranges along one axis. ``drawn`` is sent when all that was asked for stands on the screen.

    What is clicked, or framed by dragging with Shift, is selected (with Ctrl: added) in the shared selection. Its kinds
    say what the ranges are (``_ranges``), what stands above them and what the corner says of a point.
    """

    drawn = Signal()

    #: The part of the plot's height that is left free above the bars.
    headroom = 0.05

    def __init__(
        self,
        words: RangeWords,
        *,
        may_be_log: bool,
        axes: Sequence[PlotAxis],
        tasks: Tasks,
        notices: Notices,
        selection: Selection,
    ) -> None:
        super().__init__()
        self._words = words
        self._may_be_log = may_be_log
        self._selection = selection
        self._marks: ObservationMarks | None = None
        self._shown: NDArray[np.bool_] | None = None
        self._portals: tuple[str, ...] = ()
        self._drawing: _Drawing | None = None
        self._chosen_ends: tuple[Floats, Floats] = (np.empty(0), np.empty(0))
        self._preparing = Latest(f"Laying out the plot {words.plot!r}", tasks=tasks, notices=notices, parent=self)
        self._selecting = Latest(f"Selecting in the plot {words.plot!r}", tasks=tasks, notices=notices, parent=self)
        self.frame = PlotFrame(words.plot, notices=notices, named=True, axes=axes)
        self._status = ElidedLabel()
        self._items: dict[int, pg.QtWidgets.QGraphicsPathItem] = {}
        self._chosen = self._path_item(selected_colour(), height=10)
        self._chosen.setPen(pg.mkPen(selected_colour(), width=2))
        self._chosen.setBrush(pg.mkBrush(selected_colour()))
        self._current = self._path_item(QColor(), height=11)
        self._lay_out()
        for work in (self._preparing, self._selecting):
            work.idle.connect(self._settle)

    def _path_item(self, colour: QColor, *, height: int) -> pg.QtWidgets.QGraphicsPathItem:
        item = pg.QtWidgets.QGraphicsPathItem()
        item.setZValue(height)
        item.setPen(pg.mkPen(colour, width=1))
        item.setBrush(pg.mkBrush(faded(colour, 120)))
        self.frame.view.addItem(item, ignoreBounds=True)
        return item

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addWidget(self._status)
        layout.addWidget(self.frame, 1)
        self.frame.canvas.setVisible(False)
        self.frame.set_message(self._words.before)
        self.frame.describe = self._describe
        self._selection.changed.connect(self._follow_selection)
        self.frame.recoloured.connect(self._colour)
        self.frame.view.chosen.connect(self._choose)
        self.frame.view.sigTransformChanged.connect(self._follow_view)
        self._colour()

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_marks(self, marks: ObservationMarks, portals: Sequence[str]) -> None:
        """Show observations of these portals (names by number)."""
        self.frame.zoomed = False
        self._marks, self._portals, self._shown = marks, tuple(portals), None
        self._drawing = None  # what still stands there is of other rows
        self.frame.crosshair.hide()
        self._prepare()

    def set_shown(self, shown: NDArray[np.bool_] | None) -> None:
        """Hide the rows whose flag (rows,) is not set; None shows all."""
        self._shown = shown
        self._prepare()

    @property
    def status(self) -> str:
        """What is said above the plot."""
        return self._status.whole

    @property
    def is_settled(self) -> bool:
        """Whether all that was asked for stands on the screen."""
        return not (self._preparing.is_busy or self._selecting.is_busy)

    @property
    def scene(self) -> RangeScene | None:
        """What is drawn; None before anything is."""
        return None if self._drawing is None else self._drawing.scene

    def _ranges(self, marks: ObservationMarks) -> tuple[Floats, Floats]:
        """Both ends of every row's range in the unit of the axis; NaN where it has none."""
        raise NotImplementedError

    def _prepare(self) -> None:
        marks, shown = self._marks, self._shown
        if marks is None:
            return

        def work(_: Task) -> _Drawing:
            scene = prepare_ranges(marks, *self._ranges(marks), shown, may_be_log=self._may_be_log)
            numbers = [block.portal for block in scene.blocks]
            bars = {number: _bars(scene, np.flatnonzero(scene.portals == number)) for number in numbers}
            return _Drawing(scene, bars, tuple(self._tables(scene)))

        self._preparing.ask(work, self._take, give_up=True)

    def _take(self, drawing: _Drawing) -> None:
        self._drawing = drawing
        scene = drawing.scene
        message = self._why_empty(scene)
        self.frame.canvas.setVisible(not message)
        self.frame.set_message(message)
        self._say()
        up = Quantity("Observations") if scene.is_dense else Quantity("")
        self.frame.set_axes(self._words.axis, up, x_log=scene.is_log)
        self.frame.view.setMouseEnabled(x=True, y=not scene.is_dense)
        for number in scene.sorted_ends:
            if number not in self._items:
                self._items[number] = self._path_item(portal_colour(number), height=1)
        self._name_portals(scene)
        self.frame.set_tables(drawing.tables)
        for number, item in self._items.items():
            item.setPath(drawing.bars.get(number, QPainterPath()))
        height = max(_LANES, scene.n_lanes) / (1.0 - self.headroom)
        self.frame.set_home(scene.home(), (0.0, height))
        self._follow_view()
        self._follow_selection(None)

    def _name_portals(self, scene: RangeScene) -> None:
        """Say beside the lanes whose they are, or in a legend where there are none."""
        present = list(scene.sorted_ends)
        names = [shortened(self._portal_name(number), _NAME) for number in present]
        entries = [Entry(name, portal_colour(number)) for name, number in zip(names, present, strict=True)]
        self.frame.legend.show_entries(entries if scene.is_dense and len(entries) > 1 else [])
        lanes = [((b.bottom + b.top) / 2, shortened(self._portal_name(b.portal), _NAME)) for b in scene.blocks]
        self.frame.plot.getAxis("left").setTicks(None if scene.is_dense else [lanes, []])
        self.frame.plot.getAxis("right").setTicks(None if scene.is_dense else [[], []])

    def _tables(self, scene: RangeScene) -> Iterator[PlotTable]:
        """The ends of the ranges, a table a portal."""
        low, high = ((10.0**each if scene.is_log else each) for each in (scene.low, scene.high))
        first, last = (Quantity(name, self._words.unit) for name in self._words.ends)
        for number in scene.sorted_ends:
            here = scene.portals == number
            yield PlotTable(self._portal_name(number), ((first, low[here]), (last, high[here])))

    def _portal_name(self, number: int) -> str:
        return self._portals[number] if number < len(self._portals) else f"portal {number + 1}"

    def _why_empty(self, scene: RangeScene) -> str:
        if not scene.marks.n_rows:
            return "There are no rows to show."
        if not scene.n_shown:
            return "All rows are hidden by the filters."
        return "" if len(scene.index) else self._words.nowhere

    def _say(self) -> None:
        """Say above the plot what it shows."""
        self._status.set_whole("; ".join(self._facts()))
        self._status.setToolTip(f"{self._status.toolTip()}\nClick a mark to select it, or drag with Shift.".strip())

    def _facts(self) -> list[str]:
        scene = self.scene
        n = 0 if scene is None else len(scene.index)
        if scene is None or not n:
            return []
        words = [counted(n, self._words.range_noun)]
        if scene.is_dense:
            words.append("too many for a bar each: the height is how many there are; filter to see them singly")
        if scene.n_shown > n:
            words.append(f"{counted(scene.n_shown - n, 'row')} without one")
        return words

    # ---- drawing -------------------------------------------------------------------------------------------------

    def _edges(self) -> Floats:
        """The bins of a dense scene: as fine as the screen, and moving with it."""
        (x0, x1), _ = self.frame.view.viewRange()
        n_bins = max(1, min(_BINS, int(self.frame.view.width()) // _BIN_WIDTH))
        return np.linspace(x0, x1, n_bins + 1)

    def _follow_view(self) -> None:
        scene = self.scene
        if scene is None or not scene.is_dense:
            return
        edges = self._edges()
        below = np.zeros(len(edges) - 1)
        for number, counts in scene.counts(edges).items():
            self._items[number].setPath(_steps(edges, below, below + counts))
            below = below + counts
        chosen = touching(self._chosen_ends, edges).astype(np.float64)
        self._chosen.setPath(_steps(edges, np.zeros(len(edges) - 1), chosen))
        top = 1.08 * float(below.max(initial=1.0)) / (1.0 - self.headroom)
        if self.frame.view.viewRange()[1] != [0.0, top]:
            self.frame.view.setYRange(0.0, top, padding=0)

    def _follow_selection(self, _: object) -> None:
        """Draw what is selected, prepared in a task, and the current row at once."""
        drawing, rows = self._drawing, self._selection.rows
        self._mark_current()
        if drawing is None:
            return
        scene = drawing.scene

        def work(_: Task) -> tuple[RangeScene, QPainterPath, tuple[Floats, Floats]]:
            chosen = np.flatnonzero(scene.marks.selected(rows)[scene.index])
            if scene.is_dense:
                return scene, QPainterPath(), (np.sort(scene.low[chosen]), np.sort(scene.high[chosen]))
            return scene, _bars(scene, chosen), (np.empty(0), np.empty(0))

        self._selecting.ask(work, self._take_selection)

    def _take_selection(self, outcome: tuple[RangeScene, QPainterPath, tuple[Floats, Floats]]) -> None:
        scene, path, self._chosen_ends = outcome
        if scene is not self.scene:
            return
        self._chosen.setPath(path)
        self._follow_view()

    def _mark_current(self) -> None:
        scene, current = self.scene, self._selection.current
        if scene is None or current is None or scene.is_dense:
            self._current.setPath(QPainterPath())
        else:
            self._current.setPath(_bars(scene, np.flatnonzero(scene.marks.row[scene.index] == current)))

    def _colour(self) -> None:
        self._current.setPen(pg.mkPen(self.frame.colours.front, width=1.5))
        self._current.setBrush(pg.mkBrush(None))

    def _settle(self) -> None:
        if self._drawing is not None and self.is_settled:
            self.drawn.emit()

    # ---- what the user does --------------------------------------------------------------------------------------

    def _pixel(self) -> tuple[float, float]:
        """The size of a pixel in view coordinates."""
        (x0, x1), (y0, y1) = self.frame.view.viewRange()
        return (x1 - x0) / max(1.0, self.frame.view.width()), (y1 - y0) / max(1.0, self.frame.view.height())

    def _under(self, x: float, y: float) -> Ints:
        """The ranges under a point in view coordinates: bars, or in a dense scene all that touch the bin there."""
        scene = self.scene
        if scene is None:
            return np.empty(0, np.int64)
        reach = 2.0 * self._pixel()[0]
        if not scene.is_dense:
            return scene.bars_within(x - reach, x + reach, y, y)
        return scene.touched(x, x) if y >= 0 else np.empty(0, np.int64)

    def _choose(self, box: QRectF, adds: bool) -> None:
        scene = self.scene
        if scene is None:
            return
        if box.width() <= 0 or box.height() <= 0:
            found = self._under(box.x(), box.y())
            found = found if scene.is_dense else found[:1]
        elif scene.is_dense:
            found = scene.touched(box.left(), box.right())
        else:
            found = scene.bars_within(box.left(), box.right(), box.top(), box.bottom())
        rows = scene.marks.row[scene.index[found]]
        if adds:
            self._selection.toggle(rows, source=self)
        else:
            self._selection.choose(rows, source=self)

    def _describe(self, x: float, y: float) -> str:
        scene = self.scene
        if scene is None:
            return ""
        words = [self._where(x)]
        at = float(np.log10(x)) if scene.is_log else x
        found = self._under(at, y)
        if scene.is_dense:
            for number, n in enumerate(np.bincount(scene.portals[found]).tolist()):
                words += [f"{self._portal_name(number)}: {counted(n, 'row')}"] if n else []
        elif len(found):
            words += self._about(scene, int(found[0]))
        return "\n".join(shortened(word, self._letters()) for word in words)

    def _about(self, scene: RangeScene, number: int) -> list[str]:
        """Lines about one range."""
        index = int(scene.index[number])
        return [f"{self._portal_name(int(scene.marks.portal[index]))}: {scene.marks.name_of(index)}"]

    def _where(self, x: float) -> str:
        """A place on the axis, in words."""
        return self._words.axis.show(x)

    def _letters(self) -> int:
        """How many letters have room in the corner."""
        return max(16, int(self.frame.view.width() / self.fontMetrics().averageCharWidth()) - 8)


def _bars(scene: RangeScene, which: Ints) -> QPainterPath:
    """The bars of these ranges."""
    if not len(which):
        return QPainterPath()
    low, high, base = scene.low[which], scene.high[which], scene.lane[which] + (1 - _BAR) / 2
    x = np.column_stack([low, high, high, low, low]).ravel()
    y = np.column_stack([base, base, base + _BAR, base + _BAR, base]).ravel()
    return polygon_path(x, y, np.arange(len(which) + 1, dtype=np.int64) * 5)


def _steps(edges: Floats, below: Floats, above: Floats) -> QPainterPath:
    """The area between two staircases over the same bins."""
    if not above.any():
        return QPainterPath()
    x = np.concatenate([np.repeat(edges, 2)[1:-1], np.repeat(edges, 2)[1:-1][::-1]])
    y = np.concatenate([np.repeat(above, 2), np.repeat(below, 2)[::-1]])
    return polygon_path(np.append(x, x[0]), np.append(y, y[0]), np.array([0, len(x) + 1], dtype=np.int64))
