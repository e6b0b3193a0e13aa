"""The rail's icons, drawn in the palette's colours so that they are sharp and fit light and dark."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap

from stopdesk.ui.theme import ACCENT

_SIDE = 24


def _observe(painter: QPainter) -> None:
    """A dish that looks up."""
    dish = QPainterPath(QPointF(4.5, 8))
    dish.cubicTo(QPointF(5, 16), QPointF(12, 20.5), QPointF(18.5, 17.5))
    dish.closeSubpath()
    painter.drawPath(dish)
    painter.drawLine(QPointF(11.5, 12.8), QPointF(16.5, 7.2))
    painter.drawEllipse(QPointF(17.2, 6.4), 1.3, 1.3)
    painter.drawLine(QPointF(9, 17.5), QPointF(6.5, 21))


def _model(painter: QPainter) -> None:
    """A line between two levels."""
    for y in (6.0, 18.0):
        painter.drawLine(QPointF(4, y), QPointF(20, y))
    painter.drawLine(QPointF(12, 7), QPointF(12, 16))
    painter.drawPolyline([QPointF(9, 13), QPointF(12, 16.5), QPointF(15, 13)])


def _runs(painter: QPainter) -> None:
    """A map of cells."""
    colour = painter.pen().color()
    for row in range(3):
        for column in range(3):
            shade = QColor(colour)
            shade.setAlpha(60 + 195 * ((row + 2 * column) % 4) // 3)
            painter.fillRect(QRectF(4 + 5.6 * column, 4 + 5.6 * row, 4.8, 4.8), shade)


def _spectra(painter: QPainter) -> None:
    """A line over a baseline."""
    heights = (18, 17, 18, 16.5, 9, 4, 10, 17, 16, 18, 17)
    painter.drawPolyline([QPointF(3 + 1.8 * step, height) for step, height in enumerate(heights)])


_DRAWINGS = {"observe": _observe, "spectra": _spectra, "model": _model, "runs": _runs}


def icon(name: str, *, dotted: bool = False) -> QIcon:
    """The icon of a workspace, with a dot where something new has arrived."""
    made = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(_SIDE * scale, _SIDE * scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(scale, scale)
        colour = QGuiApplication.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(colour, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        _DRAWINGS[name](painter)
        if dotted:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(ACCENT))
            painter.drawEllipse(QPointF(20, 4), 3.5, 3.5)
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        made.addPixmap(pixmap)
    return made
