"""Where on the sky: footprints and positions of observations around the search, coloured by portal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from stopdesk.domain.search import Cone
from stopdesk.domain.target import Position
from stopdesk.ui import theme
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.export import PlotTable
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.legend import Entry
from stopdesk.ui.plots.quantity import Quantity, show_value
from stopdesk.ui.portal.colours import portal_colour
from stopdesk.ui.portal.latest import Latest
from stopdesk.ui.portal.marks import counted, shortened
from stopdesk.ui.portal.marks_picture import PictureItem, Sight, sky_picture
from stopdesk.ui.portal.marks_single import Points, SingleMarks
from stopdesk.ui.portal.marks_sky import SkyScene, circle_around, prepare_sky
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo.marks import ObservationMarks
from stopdesk.vo.tangent import TangentPlane

#: Units of offsets with how many of them a degree has; the first in which the view spans enough is used.
_UNITS = (("deg", 1.0), ("arcmin", 60.0), ("arcsec", 3600.0))

#: Names of portals in the legend, in letters.
_NAME = 20

#: In plots lower than this, in pixels, the corner names a single mark: it is there to be seen around.
_TALL = 260.0

#: The closest that one can look, and the widest, in degrees.
_CLOSEST, _WIDEST = 1e-6, 400.0


class SkyView(QWidget):
    """The sky around a search. ``drawn`` is sent when all that was asked for stands on the screen.

    What is clicked, or framed by dragging with Shift, is selected (with Ctrl: added) in the shared selection.
    """

    drawn = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, selection: Selection) -> None:
        super().__init__()
        self._selection = selection
        self._marks: ObservationMarks | None = None
        self._shown: NDArray[np.bool_] | None = None
        self._cone: Cone | None = None
        self._portals: tuple[str, ...] = ()
        self._scene: SkyScene | None = None
        self._plane: TangentPlane | None = None
        self._chosen = np.zeros(0, dtype=bool)
        self._preparing = Latest("Placing observations on the sky", tasks=tasks, notices=notices, parent=self)
        self._painting = Latest("Drawing observations on the sky", tasks=tasks, notices=notices, parent=self)
        self.frame = PlotFrame("Sky", notices=notices, named=True)
        self._status = ElidedLabel()
        self._build_items()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addWidget(self._status)
        layout.addWidget(self.frame, 1)
        self._set_unit("arcmin")
        self._say_empty()
        selection.changed.connect(self._follow_selection)
        self.frame.recoloured.connect(self._colour)
        self.frame.view.chosen.connect(self._choose)
        self.frame.view.sigTransformChanged.connect(self._follow_view)
        for work in (self._preparing, self._painting):
            work.idle.connect(self._settle)

    def _build_items(self) -> None:
        view = self.frame.view
        view.invertX(True)
        view.setAspectLocked(True)
        view.setLimits(minXRange=_CLOSEST, maxXRange=_WIDEST)
        self._picture = PictureItem()
        self._circle = pg.PlotCurveItem(connect="finite")
        self._centre = Points(symbol="+", size=15, brush=None)
        view.addItem(self._picture, ignoreBounds=True)
        self._single = SingleMarks(view)
        for item in (self._circle, self._centre):
            item.setZValue(20)
            view.addItem(item, ignoreBounds=True)
        self.frame.describe = self._describe
        self._colour()

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_marks(self, marks: ObservationMarks, portals: Sequence[str], cone: Cone | None = None) -> None:
        """Show observations of these portals (names by number) around the search; without one, around their middle."""
        if cone != self._cone:
            self.frame.zoomed = False
        self._marks, self._portals, self._cone, self._shown = marks, tuple(portals), cone, None
        self._scene = None  # what still stands there is of other rows
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
        return not (self._preparing.is_busy or self._painting.is_busy)

    @property
    def picture(self) -> PictureItem:
        """The picture of a sky with too many marks to draw them one by one; empty for others."""
        return self._picture

    def _prepare(self) -> None:
        marks, shown, cone = self._marks, self._shown, self._cone
        if marks is None:
            return

        def work(_: Task) -> tuple[SkyScene, tuple[PlotTable, ...]]:
            scene = prepare_sky(marks, shown, cone)
            return scene, tuple(self._tables(scene))

        self._preparing.ask(work, self._take, give_up=True)

    def _take(self, outcome: tuple[SkyScene, tuple[PlotTable, ...]]) -> None:
        scene, tables = outcome
        self.frame.set_tables(tables)
        self._scene = scene
        self._chosen = scene.marks.selected(self._selection.rows)
        west, east, south, north = scene.home
        message = _why_empty(scene)
        self.frame.set_message(message)
        self.frame.canvas.setVisible(not message)
        self.frame.set_home((west, east), (south, north))
        self._say(scene)
        x, y = circle_around(scene.cone, scene.plane) if scene.cone is not None else (np.empty(0), np.empty(0))
        self._circle.setData(x, y)
        self._centre.setData([0.0] if scene.cone is not None else [], [0.0] if scene.cone is not None else [])
        self._name_portals(scene)
        if scene.is_dense:
            self._single.clear()
        if not scene.is_dense or scene.plane != self._plane:
            self._picture.clear()
        self._plane = scene.plane
        self._paint()

    def _name_portals(self, scene: SkyScene) -> None:
        """Say in a legend which colour is whose, unless there is only one."""
        names = [shortened(self._portal_name(number), _NAME) for number in scene.portals]
        entries = [Entry(name, portal_colour(n), points=True) for name, n in zip(names, scene.portals, strict=True)]
        self.frame.legend.show_entries(entries if len(entries) > 1 else [])

    def _tables(self, scene: SkyScene) -> Iterator[PlotTable]:
        """The positions, a table a portal."""
        ra, dec = Quantity("RA", "deg"), Quantity("Dec", "deg")
        for number in scene.portals:
            here = scene.placed & (scene.marks.portal == number)
            yield PlotTable(self._portal_name(number), ((ra, scene.marks.ra[here]), (dec, scene.marks.dec[here])))

    def _portal_name(self, number: int) -> str:
        return self._portals[number] if number < len(self._portals) else f"portal {number + 1}"

    def _say_empty(self) -> None:
        self.frame.canvas.setVisible(False)
        self.frame.set_message("Observations that a search finds are shown here, on the sky around its centre.")

    def _say(self, scene: SkyScene) -> None:
        n_placed = scene.n_placed
        words = [counted(n_placed, "row") + " on the sky"] if n_placed else []
        if scene.is_dense:
            words.append("where many positions meet, the colour is fuller")
        if scene.n_nowhere and n_placed:
            words.append(f"{counted(scene.n_nowhere, 'row')} without a position")
        if scene.n_far and n_placed:
            words.append(f"{counted(scene.n_far, 'row')} 90° or more from the centre, not drawn")
        if scene.n_unread:
            words.append(f"{counted(scene.n_unread, 'footprint')} could not be read, drawn as positions")
        self._status.set_whole("; ".join(words))
        self._status.setToolTip(f"{self._status.toolTip()}\nClick a mark to select it, or drag with Shift.".strip())

    # ---- drawing -------------------------------------------------------------------------------------------------

    def _sight(self) -> Sight:
        view = self.frame.view
        (x0, x1), (y0, y1) = view.viewRange()
        ratio = self.frame.canvas.devicePixelRatioF()
        width, height = (max(1, round(size * ratio)) for size in (view.width(), view.height()))
        return Sight(x1, x0, y0, y1, width, height)

    def _paint(self) -> None:
        """Draw the scene as it looks from here: few marks now, many in a task."""
        scene, chosen, sight = self._scene, self._chosen, self._sight()
        if scene is None:
            return
        if not scene.is_dense:
            self._single.show(scene, chosen, sight.pixel)
            self._mark_current()
            self._settle()
            return
        self._painting.ask(
            lambda task: (sky_picture(scene, chosen, sight, task.raise_if_cancelled), sight, scene), self._hang
        )
        self._mark_current()

    def _hang(self, outcome: tuple[pg.QtGui.QImage, Sight, SkyScene]) -> None:
        image, sight, scene = outcome
        if scene is self._scene:
            self._picture.show_picture(image, sight)

    def _mark_current(self) -> None:
        scene, current = self._scene, self._selection.current
        index = None if scene is None or current is None else _index_of(scene.marks, current)
        self._single.mark(scene, index, self._sight().pixel)

    def _colour(self) -> None:
        colours = self.frame.colours
        self._circle.setPen(pg.mkPen(colours.quiet, width=1.5, style=pg.QtCore.Qt.PenStyle.DashLine))
        self._centre.setPen(pg.mkPen(colours.front, width=1.5))
        self._single.use(colours.front)

    def _set_unit(self, unit: str) -> None:
        """Count offsets in this unit."""
        zoomed, factor = self.frame.zoomed, dict(_UNITS)[unit]
        for side in ("bottom", "top", "left", "right"):
            self.frame.plot.getAxis(side).setScale(factor)
        self._unit = unit
        self.frame.set_axes(
            Quantity("RA offset", unit, short="ΔRA"),
            Quantity("Dec offset", unit, short="ΔDec"),
        )
        self.frame.zoomed = zoomed

    # ---- what the user does --------------------------------------------------------------------------------------

    def _follow_view(self) -> None:
        (_, _), (y0, y1) = self.frame.view.viewRange()
        unit = next((name for name, factor in _UNITS if (y1 - y0) * factor >= 2.0), "arcsec")
        if unit != self._unit:
            self._set_unit(unit)
        self._paint()

    def _follow_selection(self, _: object) -> None:
        if self._scene is not None:
            self._chosen = self._scene.marks.selected(self._selection.rows)
            self._paint()

    def _settle(self) -> None:
        if self._scene is not None and self.is_settled:
            self.drawn.emit()

    def _choose(self, box: QRectF, adds: bool) -> None:
        scene = self._scene
        if scene is None:
            return
        if box.width() > 0 and box.height() > 0:
            found = scene.within(box.left(), box.right(), box.top(), box.bottom())
        else:
            found = scene.at(box.x(), box.y(), self._sight().pixel)[:1]
        rows = scene.marks.row[found]
        if adds:
            self._selection.toggle(rows, source=self)
        else:
            self._selection.choose(rows, source=self)

    def _describe(self, x: float, y: float) -> str:
        scene = self._scene
        if scene is None:
            return ""
        ra, dec = scene.plane.unproject(x, y)
        factor = dict(_UNITS)[self._unit]
        position = Position(ra=float(ra), dec=float(dec)).sexagesimal
        offsets = f"  ({show_value(x * factor, 4)}, {show_value(y * factor, 4)} {self._unit})"
        words = [position + (offsets if len(position + offsets) <= self._letters() else "")]
        found = scene.at(x, y, self._sight().pixel).tolist()
        n_named = 3 if self.frame.view.height() > _TALL else 1
        for index in found[:n_named]:
            portal = self._portal_name(int(scene.marks.portal[index]))
            words.append(shortened(f"{portal}: {scene.marks.name_of(index)}", self._letters()))
        if len(found) > n_named:
            words.append(f"and {counted(len(found) - n_named, 'more', 'more')}")
        return "\n".join(words)

    def _letters(self) -> int:
        """How many letters have room in the corner."""
        return max(16, int(self.frame.view.width() / self.fontMetrics().averageCharWidth()) - 8)


def _why_empty(scene: SkyScene) -> str:
    """Why there is nothing on the sky; empty when there is something."""
    if not scene.marks.n_rows:
        return "There are no rows to show."
    if not scene.n_shown:
        return "All rows are hidden by the filters."
    if scene.n_placed:
        return ""
    if scene.n_far:
        return "All of these rows lie 90° or more from the centre of the search."
    return "None of these rows says where on the sky it was observed."


def _index_of(marks: ObservationMarks, row: int) -> int | None:
    found = np.flatnonzero(marks.row == row)
    return int(found[0]) if len(found) else None
