"""The marks of a sky with few observations, drawn one by one: positions and outlines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainterPath

from stopdesk.ui.plots.view import PlotView
from stopdesk.ui.portal.colours import portal_colour
from stopdesk.ui.portal.marks import faded, polygon_path, portal_symbol, selected_colour
from stopdesk.ui.portal.marks_sky import SMALL, SkyScene

Flags = NDArray[np.bool_]

#: The size of a position on the screen in pixels; a selected one is larger.
_SIZE, _CHOSEN_SIZE = 8, 11


class Points(pg.ScatterPlotItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Positions that leave clicks to the plot they stand in."""

    def mouseClickEvent(self, event: Any) -> None:
        """Look away."""
        event.ignore()


class _Layer:
    """Outlines and positions of one look."""

    def __init__(self, view: PlotView, height: int) -> None:
        self.outlines = pg.QtWidgets.QGraphicsPathItem()
        self.points = Points()
        for item in (self.outlines, self.points):
            item.setZValue(height)
            view.addItem(item, ignoreBounds=True)

    def fill(self, scene: SkyScene, rows: Flags, points: Flags, shapes: NDArray[np.int64]) -> None:
        """Show those of the rows: as points where flagged so, with those of the shapes that are theirs."""
        here = points & rows
        self.points.setData(scene.x[here], scene.y[here])
        self.outlines.setPath(_path(scene, shapes[rows[scene.shape_row[shapes]]]))

    def clear(self) -> None:
        """Show nothing."""
        self.points.setData([], [])
        self.outlines.setPath(QPainterPath())

    def use(self, colour: QColor, *, symbol: str, size: int, width: float, fill: int) -> None:
        """Look like this; ``fill`` is how much of the colour fills an outline, to 255."""
        self.points.setSymbol(symbol)
        self.points.setSize(size)
        self.points.setPen(pg.mkPen(colour, width=1))
        self.points.setBrush(pg.mkBrush(faded(colour, 150)))
        self.outlines.setPen(pg.mkPen(colour, width=width))
        self.outlines.setBrush(pg.mkBrush(faded(colour, fill)))


class SingleMarks:
    """All marks of a scene in a plot: a layer a portal, one for what is selected, one for the current row."""

    def __init__(self, view: PlotView) -> None:
        self._view = view
        self._portals: dict[int, _Layer] = {}
        self._scene: SkyScene | None = None
        self._shown: Flags | None = None
        self._points = np.zeros(0, dtype=bool)
        self._chosen = _Layer(view, 10)
        self._chosen.use(selected_colour(), symbol="o", size=_CHOSEN_SIZE, width=2.0, fill=40)
        self._current = _Layer(view, 11)
        self._current.points.setSize(_CHOSEN_SIZE + 5)

    def show(self, scene: SkyScene, chosen: Flags, pixel: float) -> None:
        """Draw a scene as it looks where a pixel is so many degrees."""
        points, shapes = scene.as_points(pixel), scene.as_outlines(pixel)
        if scene is self._scene and chosen is self._shown and np.array_equal(points, self._points):
            return
        self._scene, self._shown, self._points = scene, chosen, points
        for number in scene.portals:
            if number not in self._portals:
                layer = self._portals[number] = _Layer(self._view, 1)
                symbol = portal_symbol(number)
                layer.use(portal_colour(number), symbol=symbol, size=_SIZE, width=1.4, fill=18)
        for number, layer in self._portals.items():
            layer.fill(scene, (scene.marks.portal == number) & ~chosen, points, shapes)
        self._chosen.fill(scene, chosen, points, shapes)

    def mark(self, scene: SkyScene | None, index: int | None, pixel: float) -> None:
        """Put a ring or a line around the row at this place in the arrays; around none for None."""
        self._current.clear()
        if scene is None or index is None or not np.isfinite(scene.x[index]):
            return
        if scene.extent[index] < SMALL * pixel:
            self._current.points.setData([scene.x[index]], [scene.y[index]])
        else:
            self._current.outlines.setPath(_path(scene, np.flatnonzero(scene.shape_row == index)))

    def clear(self) -> None:
        """Draw nothing."""
        self._scene = self._shown = None
        for layer in (*self._portals.values(), self._chosen, self._current):
            layer.clear()

    def use(self, front: QColor) -> None:
        """Draw around the current row in this colour."""
        self._current.points.setPen(pg.mkPen(front, width=1.5))
        self._current.points.setBrush(None)
        self._current.outlines.setPen(pg.mkPen(front, width=1.2))


def _path(scene: SkyScene, shapes: NDArray[np.int64]) -> QPainterPath:
    x, y, first = scene.corners_of(shapes)
    return polygon_path(x, y, first) if len(x) else QPainterPath()
