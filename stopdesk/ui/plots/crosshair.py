"""Two lines that follow the mouse over a plot, and the values under it in the plot's corner."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from stopdesk.ui.plots.plain import plain_label


class Crosshair:
    """The crosshair of one plot."""

    def __init__(self, view: pg.ViewBox, parent: QWidget) -> None:
        self._lines = [pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 0)]
        for line in self._lines:
            line.setZValue(50)
            line.hide()
            view.addItem(line, ignoreBounds=True)
        self._readout = plain_label(parent)
        self._readout.setAutoFillBackground(True)
        self._readout.setMargin(3)
        self._readout.hide()

    @property
    def text(self) -> str:
        """What the corner says; empty while the crosshair is hidden."""
        return "" if self._readout.isHidden() else self._readout.text()

    def show_at(self, point: QPointF, text: str) -> None:
        """Cross at a point in view coordinates, with these words in the corner."""
        for line, value in zip(self._lines, (point.x(), point.y()), strict=True):
            line.setValue(value)
            line.show()
        self._readout.setText(text)
        self._readout.adjustSize()
        self._readout.show()

    def hide(self) -> None:
        """Show neither lines nor words."""
        self._readout.hide()
        for line in self._lines:
            line.hide()

    def move_corner(self, corner: QPoint) -> None:
        """Put the words there."""
        self._readout.move(corner)

    def use(self, colour: QColor) -> None:
        """Draw the lines in this colour."""
        for line in self._lines:
            line.setPen(pg.mkPen(colour, style=Qt.PenStyle.DashLine))
