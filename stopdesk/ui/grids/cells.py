"""The cells of a map: their edges, which of them lie where, and lines around some of them, all in view coordinates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from stopdesk.ui.grids.columns import GridAxis
from stopdesk.ui.row_selection import Ints

FloatArray = NDArray[np.float64]


def cell_edges(axis: GridAxis) -> tuple[float, float]:
    """Outer edges of the first and the last cell of an axis, in view coordinates (log10 on a logarithmic axis)."""
    values = np.log10(axis.values) if axis.log else axis.values
    if len(values) > 1:
        step = float(values[-1] - values[0]) / (len(values) - 1)
    else:
        step = 0.1 * abs(float(values[0])) or 1.0
    return float(values[0]) - 0.5 * step, float(values[-1]) + 0.5 * step


def cell_at(axis: GridAxis, at: float) -> int | None:
    """The cell of an axis at a place; None beside them."""
    low, high = cell_edges(axis)
    n = len(axis.values)
    return min(int((at - low) / (high - low) * n), n - 1) if low <= at <= high else None


def cells_between(axis: GridAxis, start: float, end: float) -> Ints:
    """The cells of an axis whose middle lies between two places, ascending."""
    low, high = cell_edges(axis)
    n = len(axis.values)
    middles = low + (np.arange(n) + 0.5) * (high - low) / n
    return np.flatnonzero((middles >= start) & (middles <= end))


def hatching(flags: NDArray[np.bool_], rect: QRectF, *, filled: bool) -> tuple[FloatArray, FloatArray]:
    """Lines (pairs of points) around the flagged cells of a map over ``rect``, and across each where ``filled``."""
    n_y, n_x = flags.shape
    inside = np.pad(flags, 1)
    up_y, up_x = np.nonzero(inside[1:-1, 1:] != inside[1:-1, :-1])  # a vertical line left of cell (y, x)
    on_y, on_x = np.nonzero(inside[1:, 1:-1] != inside[:-1, 1:-1])  # a horizontal one below it
    at_y, at_x = np.nonzero(flags if filled else np.zeros_like(flags))
    x = np.concatenate([np.column_stack(pair) for pair in ((up_x, up_x), (on_x, on_x + 1), (at_x, at_x + 1))])
    y = np.concatenate([np.column_stack(pair) for pair in ((up_y, up_y + 1), (on_y, on_y), (at_y, at_y + 1))])
    return rect.left() + x.ravel() * rect.width() / n_x, rect.top() + y.ravel() * rect.height() / n_y
