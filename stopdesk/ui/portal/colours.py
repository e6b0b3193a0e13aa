"""The colour and shape of each portal, the same in the table and in the plots."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPolygonF

#: Of Okabe & Ito (2008) those that read on light and dark ground alike; vermillion is for what is selected.
_COLOURS = ("#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A8F98")
_N_SHAPES = 7
_SIDE = 12


def portal_colour(number: int) -> QColor:
    """The colour of the portal with that number."""
    return QColor(_COLOURS[number % len(_COLOURS)])


def portal_icon(number: int) -> QIcon:
    """A mark in its colour: disc, square, triangle, diamond, star, pentagon, triangle upside down in turn."""
    made = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(_SIDE * scale, _SIDE * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(portal_colour(number))
        _draw(painter, number % _N_SHAPES)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        made.addPixmap(pixmap, QIcon.Mode.Normal)
        made.addPixmap(pixmap, QIcon.Mode.Selected)
    return made


def _draw(painter: QPainter, shape: int) -> None:
    if shape == 0:
        painter.drawEllipse(QPointF(6, 6), 4.5, 4.5)
    elif shape == 1:
        painter.drawRect(QRectF(2, 2, 8, 8))
    else:
        corners, turned, inner = ((3, 0.0, 0.0), (4, 0.0, 0.0), (5, 0.0, 0.45), (5, 0.0, 0.0), (3, 0.5, 0.0))[shape - 2]
        painter.drawPolygon(_polygon(corners, turned, inner))


def _polygon(corners: int, turned: float, inner: float) -> QPolygonF:
    """A regular polygon, turned by so much of a step; a star where ``inner`` is the radius of its dents."""
    points = []
    for step in range(2 * corners):
        radius = 5.6 if step % 2 == 0 else 5.6 * inner
        angle = math.pi * (step / corners + 2 * turned / corners) - math.pi / 2
        if radius:
            points.append(QPointF(6 + radius * math.cos(angle), 6.4 + radius * math.sin(angle)))
    return QPolygonF(points)
