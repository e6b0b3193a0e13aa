"""Which curve of a plot is which, beside the plot, where it hides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import pyqtgraph as pg
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QSizePolicy

from stopdesk.ui.plots.curves import STYLES

#: Where the legend stands in a plot's layout: beyond the right axis.
ROW, COLUMN = 2, 3

#: Length of a line of colour, and what stands around it.
_SWATCH, _GAP = 18.0, 6.0

#: Across a point in a line of colour.
_POINT = 7.5

#: A legend is no wider than this part of its plot; names beyond are shortened in the middle.
_WIDEST = 0.3


@dataclass(frozen=True)
class Entry:
    """A name with its colour and the variant of it; ``points`` where the curve shows its points.

    ``second`` is the colour of a part of the curve.
    """

    name: str
    colour: QColor
    points: bool = False
    variant: int = 0
    second: QColor | None = None


class Legend(pg.GraphicsWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Names beside lines of their colour, one below the other; takes no room while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[Entry, ...] = ()
        self._front = QColor()
        self._plot_width = 800.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)

    @property
    def names(self) -> tuple[str, ...]:
        """The names that stand here, unshortened."""
        return tuple(entry.name for entry in self._entries)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Name these curves."""
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self.setToolTip("<br>".join(map(escape, self.names)))
            self._fit()

    def use(self, colour: QColor) -> None:
        """Write in this colour."""
        self._front = colour
        self.update()

    def fit(self, plot_width: float) -> None:
        """Stay a part of a plot of this width."""
        if plot_width != self._plot_width:
            self._plot_width = plot_width
            self._fit()

    def _fit(self) -> None:
        metrics = QFontMetricsF(self.font())
        widest = max((metrics.horizontalAdvance(entry.name) for entry in self._entries), default=0.0)
        width = min(widest + _SWATCH + 3 * _GAP, _WIDEST * self._plot_width) if self._entries else 0.0
        self.setMinimumWidth(width)
        self.setMaximumWidth(width)
        self.updateGeometry()
        self.update()

    def boundingRect(self) -> QRectF:
        """All of it."""
        return QRectF(QPointF(), QSizeF(self.size()))

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Draw the names from the top, as many as fit."""
        metrics = QFontMetricsF(self.font())
        step = metrics.height() + 2.0
        room = self.size().width() - _SWATCH - 3 * _GAP + 0.5
        painter.setFont(self.font())
        for number, entry in enumerate(self._entries):
            if (number + 1) * step > self.size().height():
                break
            middle = (number + 0.5) * step
            style, symbol = STYLES[entry.variant]
            painter.setPen(pg.mkPen(entry.colour, width=2, style=style))
            painter.drawLine(QPointF(_GAP, middle), QPointF(_GAP + _SWATCH, middle))
            if entry.second is not None:
                painter.setPen(pg.mkPen(entry.second, width=2, style=style))
                painter.drawLine(QPointF(_GAP + _SWATCH / 2, middle), QPointF(_GAP + _SWATCH, middle))
            if entry.points:
                at = QTransform.fromTranslate(_GAP + _SWATCH / 2, middle).scale(_POINT, _POINT)
                painter.fillPath(at.map(Symbols[symbol]), entry.colour)
            painter.setPen(self._front)
            text = metrics.elidedText(entry.name, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(QPointF(2 * _GAP + _SWATCH, middle + metrics.ascent() / 2 - 1.0), text)
