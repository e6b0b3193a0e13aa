"""Which of many selected rows have their spectra drawn over each other, how each is called, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from stopdesk.domain.result import ModelResult
from stopdesk.ui import theme
from stopdesk.ui.grids.columns import axes_of
from stopdesk.ui.row_selection import Ints

#: So many spectra are drawn over each other; more can no longer be told apart.
MOST_DRAWN = 12

#: The colours of the other rows: none that could be taken for those of the chosen one, and none too pale on white.
_COLOURS = (*(theme.CURVES[number] for number in (2, 3, 5)), "#8a8a8a")


@dataclass(frozen=True)
class Overlay:
    """The rows to draw, the chosen one first if it has a spectrum, the others ascending.

    ``names`` say by which values of the axes each differs from the others, ``headers`` the same in plain letters, for
    files; ``words`` say what of the ``n_selected`` rows is left out, "" for nothing.
    """

    rows: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    words: str = ""
    n_selected: int = 0


def look(number: int) -> tuple[QColor, int]:
    """The colour, and its variant, of the other row with that number, from 0."""
    return QColor(_COLOURS[number % len(_COLOURS)]), number // len(_COLOURS)


def overlay_of(result: ModelResult, row: int, selected: Ints) -> Overlay:
    """The selected rows nearest to the chosen one on the axes of the grid, of those that converged."""
    n_selected = len(selected)
    drawable = np.zeros(result.n_rows, dtype=bool)
    drawable[selected] = True
    drawable &= result.row_outputs.get("converged", True)
    rows = _nearest(result, row, drawable)
    names, headers = _names(result, rows)
    n_failed = n_selected - int(np.count_nonzero(drawable))
    words = ""
    if len(rows) < n_selected and n_selected > 1:
        words = f"{len(rows)} of {n_selected:,} selected rows are drawn"
        words += f"; {n_failed:,} did not converge" if n_failed else ""
    return Overlay(rows, names, headers, words, n_selected)


def _nearest(result: ModelResult, row: int, drawable: NDArray[np.bool_]) -> tuple[int, ...]:
    """Up to so many rows: looked for in a box around the chosen one that grows until it holds enough."""
    shape = result.grid.shape
    if not shape:
        return (row,) if drawable[row] else ()
    at = np.array(np.unravel_index(row, shape))
    cube, farthest = drawable.reshape(shape), max(shape)
    reach = 1
    while True:
        start = np.maximum(at - reach, 0)
        box = tuple(slice(int(low), int(high)) for low, high in zip(start, at + reach + 1, strict=True))
        found = np.argwhere(cube[box]) + start
        if len(found) >= MOST_DRAWN or reach >= farthest:
            break
        reach *= 2
    away = np.abs(found - at)
    rows = np.ravel_multi_index(tuple(found.T), shape)
    first = np.lexsort((rows, (away**2).sum(axis=1), away.max(axis=1)))[:MOST_DRAWN]
    return tuple(sorted(rows[first].tolist(), key=lambda each: (each != row, each)))


def _names(result: ModelResult, rows: tuple[int, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What each row is called in the legend, and in files."""
    if len(rows) < 2:
        return ("",) * len(rows), ("",) * len(rows)
    names: list[list[str]] = [[] for _ in rows]
    headers: list[list[str]] = [[] for _ in rows]
    indices = np.unravel_index(np.array(rows), result.grid.shape)
    for axis, index in zip(axes_of(result), indices, strict=True):
        if np.ptp(index) == 0:
            continue
        symbol = axis.quantity.short or axis.quantity.name
        for number, value in enumerate(axis.values[index].tolist()):
            names[number].append(f"{symbol} = {axis.show(value)}")
            headers[number].append(f"{symbol} = {axis.form(value)} {axis.quantity.unit}".rstrip())
    return tuple(map(", ".join, names)), tuple(map(", ".join, headers))
