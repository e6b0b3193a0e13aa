"""The curves of a plot: what they are, and how they come onto a linear or logarithmic view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPen

FloatArray = NDArray[np.float64]

#: Curves of more points are drawn without smoothing, which is many times faster.
_SMOOTH = 5000


#: The line and the point of each variant of a colour.
STYLES = ((Qt.PenStyle.SolidLine, "o"), (Qt.PenStyle.DashLine, "s"), (Qt.PenStyle.DotLine, "t1"))


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve to draw: its name, its values in the units of the axes, its colour; sticks stand on zero.

    ``points`` shows all points, ``hollow`` (a flag a point) shows some as circles, whether the others are shown or not.
    ``variant``, a number into `STYLES`, tells curves of one colour apart. Without ``width`` there is no line.
    """

    name: str
    x: FloatArray
    y: FloatArray
    colour: QColor
    sticks: bool = False
    points: bool = False
    width: float = 1.8
    hollow: NDArray[np.bool_] | None = None
    variant: int = 0

    def pen(self, scale: float = 1.0) -> QPen:
        """What its line is drawn with, ``scale`` times as wide as on the screen."""
        if not self.width:
            return QPen(Qt.PenStyle.NoPen)
        pen: QPen = pg.mkPen(self.colour, width=self.width * scale, style=STYLES[self.variant][0])
        return pen


def logarithm(values: FloatArray) -> FloatArray:
    """log10 of the values; NaN where there is none."""
    out = np.full(values.shape, np.nan)
    np.log10(values, out=out, where=values > 0)
    return out


def stick_path(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Pairs of points from zero to the value, for a stick each."""
    return np.repeat(x, 2), np.column_stack([np.zeros_like(y), y]).ravel()


def fill_item(item: pg.PlotDataItem, curve: Curve, x: FloatArray, y: FloatArray) -> None:
    """Draw the curve as ``item``, its points given in view coordinates."""
    options: dict[str, Any] = {"symbol": None}
    if curve.hollow is not None and curve.hollow.any():
        nothing, full = QBrush(Qt.BrushStyle.NoBrush), QBrush(curve.colour)
        outline, none = pg.mkPen(curve.colour, width=1.5), QPen(Qt.PenStyle.NoPen)
        brushes = [full if curve.points and not hollow else nothing for hollow in curve.hollow]
        options = {"symbolBrush": brushes, "symbolPen": [outline if hollow else none for hollow in curve.hollow]}
        options |= {"symbol": "o", "symbolSize": 8}
    elif curve.points:
        options = {"symbol": STYLES[curve.variant][1], "symbolSize": 7, "symbolBrush": curve.colour, "symbolPen": None}
    item.setData(
        x,
        y,
        pen=curve.pen(),
        connect="pairs" if curve.sticks else "finite",
        antialias=len(x) < _SMOOTH,
        **options,
    )
