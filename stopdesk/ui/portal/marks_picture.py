"""A picture of very many observations on the sky, drawn in a task, and the item that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from stopdesk.ui.portal.colours import portal_colour
from stopdesk.ui.portal.marks import faded, polygon_path, selected_colour
from stopdesk.ui.portal.marks_sky import SkyScene

#: Corners drawn in one go: few enough that Python's lock is free again within milliseconds.
_AT_ONCE = 1500

#: How strongly outlines are drawn, by how many there are at most.
_STRENGTHS = ((2_000, 220), (20_000, 130), (np.inf, 70))


@dataclass(frozen=True)
class Sight:
    """What of the plane is looked at (degrees to East and North, East left), and with how many pixels."""

    east: float
    west: float
    south: float
    north: float
    width: int
    height: int

    @property
    def pixel(self) -> float:
        """The size of a pixel in degrees."""
        return (self.east - self.west) / max(1, self.width)

    def across(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Columns of the picture, from the left."""
        return (self.east - x) * (self.width / (self.east - self.west))

    def down(self, y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Rows of the picture, from the top."""
        return (self.north - y) * (self.height / (self.north - self.south))


def sky_picture(
    scene: SkyScene, selected: NDArray[np.bool_], sight: Sight, go_on: Callable[[], None] = lambda: None
) -> QImage:
    """The scene as it looks from there, on nothing; ``selected`` (rows,) are drawn on top.

    ``go_on`` is called now and then, and ends the work by raising.
    """
    image = QImage(QSize(sight.width, sight.height), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    try:
        shapes = _seen(scene, sight)
        strength = next(alpha for most, alpha in _STRENGTHS if len(shapes) <= most)
        is_chosen = selected[scene.shape_row[shapes]]
        plain, chosen = shapes[~is_chosen], shapes[is_chosen]
        _draw_outlines(painter, scene, plain, sight, lambda portal: faded(portal_colour(portal), strength), go_on)
        points = scene.as_points(sight.pixel)
        painter.drawImage(0, 0, _points_picture(scene, points & ~selected, sight, go_on))
        _draw_outlines(painter, scene, chosen, sight, lambda _: faded(selected_colour(), strength), go_on)
        painter.drawImage(0, 0, _selected_picture(scene, points & selected, sight))
    finally:
        painter.end()
    return image


def _seen(scene: SkyScene, sight: Sight) -> NDArray[np.int64]:
    """The outlines that are in sight and large enough."""
    shapes = scene.as_outlines(sight.pixel)
    left, right, bottom, top = scene.boxes[:, shapes]
    inside = (right >= sight.west) & (left <= sight.east) & (top >= sight.south) & (bottom <= sight.north)
    return np.asarray(shapes[inside], dtype=np.int64)


def _draw_outlines(
    painter: QPainter,
    scene: SkyScene,
    shapes: NDArray[np.int64],
    sight: Sight,
    colour_of: Callable[[int], QColor],
    go_on: Callable[[], None],
) -> None:
    """Draw shapes in the colour of their portal, the portals in turn: none hides the others where there are many."""
    for part in _parts(scene, shapes):
        go_on()
        portal = scene.marks.portal[scene.shape_row[part]]
        for number in np.unique(portal).tolist():
            painter.setPen(pg.mkPen(colour_of(number), width=1))
            x, y, first = scene.corners_of(part[portal == number])
            painter.drawPath(polygon_path(sight.across(x), sight.down(y), first))


def _parts(scene: SkyScene, shapes: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The shapes in parts of few corners."""
    ends = np.cumsum(scene.first[shapes + 1] - scene.first[shapes])
    cuts = np.searchsorted(ends, np.arange(_AT_ONCE, int(ends[-1]) if len(ends) else 0, _AT_ONCE)) + 1
    yield from (part for part in np.split(shapes, np.unique(cuts)) if len(part))


def _points_picture(scene: SkyScene, points: NDArray[np.bool_], sight: Sight, go_on: Callable[[], None]) -> QImage:
    """Positions by their number in each pixel: colours mixed of the portals', the fuller the more there are."""
    total = np.zeros((sight.height, sight.width))
    mixed = np.zeros((sight.height, sight.width, 3))
    for number in np.unique(scene.marks.portal[points]).tolist():
        go_on()
        counts = _dotted(_counts(scene, points & (scene.marks.portal == number), sight))
        total += counts
        mixed += counts[..., None] * np.array(_rgb(portal_colour(number)), dtype=np.float64)
    most = float(total.max(initial=0.0))
    if most <= 0:
        return QImage()
    go_on()
    strength = np.where(total > 0, 0.45 + 0.55 * np.log1p(total) / np.log1p(most), 0.0)
    rgba = np.empty((sight.height, sight.width, 4), dtype=np.uint8)
    rgba[..., :3] = mixed / np.maximum(total, 1.0)[..., None]
    rgba[..., 3] = 255 * strength
    return _image_of(rgba)


def _selected_picture(scene: SkyScene, points: NDArray[np.bool_], sight: Sight) -> QImage:
    """The selected positions, all alike."""
    if not points.any():
        return QImage()
    there = _dotted(_dotted(_counts(scene, points, sight))) > 0
    rgba = np.zeros((sight.height, sight.width, 4), dtype=np.uint8)
    rgba[there] = (*_rgb(selected_colour()), 255)
    return _image_of(rgba)


def _counts(scene: SkyScene, points: NDArray[np.bool_], sight: Sight) -> NDArray[np.float64]:
    """How many positions fall into each pixel; shape (height, width)."""
    column, row = sight.across(scene.x[points]), sight.down(scene.y[points])
    inside = (column >= 0) & (column < sight.width) & (row >= 0) & (row < sight.height)
    cell = row[inside].astype(np.intp) * sight.width + column[inside].astype(np.intp)
    return np.bincount(cell, minlength=sight.width * sight.height).reshape(sight.height, sight.width).astype(float)


def _dotted(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pixel is hard to see: each as a cross of five."""
    out = counts.copy()
    out[1:] += counts[:-1]
    out[:-1] += counts[1:]
    out[:, 1:] += counts[:, :-1]
    out[:, :-1] += counts[:, 1:]
    return out


def _rgb(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def _image_of(rgba: NDArray[np.uint8]) -> QImage:
    height, width, _ = rgba.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class PictureItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Shows a picture where it belongs on the plane; while the view moves on, stretched along, until the next comes."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._rect = QRectF()

    def show_picture(self, image: QImage, sight: Sight) -> None:
        """Show this one."""
        self.prepareGeometryChange()
        self._image = image
        self._rect = QRectF(sight.west, sight.south, sight.east - sight.west, sight.north - sight.south)
        self.update()

    def clear(self) -> None:
        """Show none."""
        self.prepareGeometryChange()
        self._image, self._rect = QImage(), QRectF()
        self.update()

    @property
    def image(self) -> QImage:
        """The picture that is shown."""
        return self._image

    def boundingRect(self) -> QRectF:
        """All of it."""
        return self._rect

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Put it onto the screen, where East is left and North up already."""
        if self._image.isNull():
            return
        target = painter.worldTransform().mapRect(self._rect)
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.drawImage(target, self._image)
        painter.restore()
