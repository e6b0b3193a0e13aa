"""Which row and which line of a result are the chosen ones: to begin with, and among many selected ones."""

from __future__ import annotations

import numpy as np

from stopdesk.domain.result import ModelResult
from stopdesk.ui.row_selection import Ints
from stopdesk.ui.selection import Selection


def middle_row(result: ModelResult) -> int:
    """The row to begin with: in the middle of all axes, or the converged one next to it in the table."""
    middle = result.grid.middle_row()
    converged = np.flatnonzero(result.row_outputs.get("converged", np.ones(result.n_rows, dtype=bool)))
    return int(converged[np.argmin(np.abs(converged - middle))]) if converged.size else middle


def strongest_line(result: ModelResult, row: int) -> int:
    """The line with the highest peak temperature in a row; the first where no line has any."""
    peak = np.asarray(result.outputs["peak_temperature"][row], dtype=np.float64)
    return int(np.nanargmax(peak)) if np.isfinite(peak).any() else 0


def nearest(rows: Ints, row: int) -> int:
    """The row itself where it is one of them, else the one of them with the nearest number."""
    return int(rows[np.argmin(np.abs(rows - row))])


def settled(selection: Selection, n: int, before: int, source: object) -> int | None:
    """The chosen one of a selection among ``n``; None where it had to be changed, which is told as done by ``source``.

    Numbers that are not there are taken out. Where none is chosen, or nothing is left, it is the one that was chosen
    ``before``, or the selected one with the nearest number.
    """
    rows, current = selection.rows[: np.searchsorted(selection.rows, n)], selection.current
    if current is not None and len(rows) == len(selection.rows):
        return current
    if n:
        rows = rows if len(rows) else np.array([min(before, n - 1)])
        there = current is not None and current < n
        selection.choose(rows, source=source, current=current if there else nearest(rows, before))
    return None
