"""How a plot answers the mouse: wheel zooms, drag pans, right-drag draws a box, double click resets."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal

from stopdesk.ui.plots.quantity import log_tick_text, tick_text


class PlotView(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """The area of a plot. ``clicked`` gives a point in view coordinates, ``menu_asked`` one on the screen."""

    clicked = Signal(QPointF)
    reset_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.disableAutoRange()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Draw a box with the right button; leave the rest to pyqtgraph."""
        if event.button() != Qt.MouseButton.RightButton or axis is not None:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        start, here = QPointF(event.buttonDownPos(event.button())), QPointF(event.pos())
        if not event.isFinish():
            self.updateScaleBox(start, here)
            return
        self.rbScaleBox.hide()
        if abs(here.x() - start.x()) > 3 and abs(here.y() - start.y()) > 3:
            self.showAxRect(self.childGroup.mapRectFromParent(QRectF(start, here)), padding=0)

    def mouseClickEvent(self, event: Any) -> None:
        """Tell what was clicked."""
        event.accept()
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_asked.emit(event.screenPos().toPoint())
        elif event.double():
            self.reset_asked.emit()
        elif event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(QPointF(self.mapSceneToView(event.scenePos())))


class PlotAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis with ticks inside, and numbers as astronomers write them."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, maxTickLength=-6)
        self.enableAutoSIPrefix(False)
        if orientation in ("top", "right"):
            self.setStyle(showValues=False)

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The numbers beside the ticks."""
        if self.logMode:
            decades = abs(self.range[1] - self.range[0]) * scale
            return [log_tick_text(10.0 ** (value * scale), decades) for value in values]
        return [tick_text(value * scale, spacing * scale) for value in values]
