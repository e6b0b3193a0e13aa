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

#: Curves of more points, or that go up and down more often, are drawn without smoothing, which is many times faster.
_SMOOTH, _FEW_TURNS = 5000, 60
#: Curves that go up and down more often are drawn line by line: as one path, 3,000 points of noise take a second.
_PLAIN = 6


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


def _turns(y: FloatArray) -> float:
    """How often a curve crosses its whole range; 0 where it has none."""
    finite = y[np.isfinite(y)]
    extent = float(np.ptp(finite)) if finite.size else 0.0
    return float(np.abs(np.diff(finite)).sum()) / extent if extent > 0 else 0.0


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
    turns = _turns(y)
    is_solid = STYLES[curve.variant][0] == Qt.PenStyle.SolidLine  # each line by itself would begin its dashes anew
    item.curve.setSegmentedLineMode("on" if is_solid and turns > _PLAIN else "auto")
    item.setData(
        x,
        y,
        pen=curve.pen(),
        connect="pairs" if curve.sticks else "finite",
        antialias=len(x) < _SMOOTH and (curve.sticks or turns < _FEW_TURNS),
        **options,
    )
