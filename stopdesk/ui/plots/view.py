"""How a plot answers the mouse: wheel zooms, drag pans, right-drag zooms into a box, double click resets."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal

from stopdesk.ui.plots.quantity import log_tick_text, tick_text


class PlotView(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """The area of a plot. ``clicked`` gives a point in view coordinates, ``menu_asked`` one on the screen.

    ``chosen`` gives what is clicked, or framed by dragging with Shift, as a rectangle in view coordinates (that of a
    click has no size), and whether Ctrl was held, which adds to what is chosen. With ``frames`` set, dragging frames
    without Shift too.
    """

    clicked = Signal(QPointF)
    chosen = Signal(QRectF, bool)
    reset_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.frames = False
        self.disableAutoRange()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Draw a box with the right button or with Shift; leave the rest to pyqtgraph."""
        framing = self.frames or bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_choice = framing and event.button() == Qt.MouseButton.LeftButton
        if axis is not None or not (is_choice or event.button() == Qt.MouseButton.RightButton):
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        start, here = QPointF(event.buttonDownPos(event.button())), QPointF(event.pos())
        if not event.isFinish():
            self.updateScaleBox(start, here)
            return
        self.rbScaleBox.hide()
        if abs(here.x() - start.x()) > 3 and abs(here.y() - start.y()) > 3:
            box = QRectF(self.childGroup.mapRectFromParent(QRectF(start, here)))
            if is_choice:
                self.chosen.emit(box.normalized(), _adds(event))
            else:
                self.showAxRect(box, padding=0)

    def mouseClickEvent(self, event: Any) -> None:
        """Tell what was clicked."""
        event.accept()
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_asked.emit(event.screenPos().toPoint())
        elif event.double():
            self.reset_asked.emit()
        elif event.button() == Qt.MouseButton.LeftButton:
            point = QPointF(self.mapSceneToView(event.scenePos()))
            self.clicked.emit(point)
            self.chosen.emit(QRectF(point, point), _adds(event))


def _adds(event: Any) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


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
