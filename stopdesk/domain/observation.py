"""Which lines fall into which observations: frequency ranges against transitions, for as many rows as there are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: km/s (exact).
SPEED_OF_LIGHT = 299792.458


def observed_frequencies(rest: ArrayLike, v_lsr: float) -> NDArray[np.float64]:
    """Where lines of these rest frequencies are seen for a source of ``v_lsr`` in km/s; same unit as ``rest``.

    The radio convention, v = c (nu0 - nu) / nu0, which v_LSR is quoted in (Greisen et al. 2006, A&A 446, 747, table 1).
    """
    return np.asarray(np.asarray(rest, float) * (1.0 - v_lsr / SPEED_OF_LIGHT), dtype=np.float64)


@dataclass(frozen=True)
class LinesInRanges:
    """For each row the lines in its range: numbers ``order[first[row]:last[row]]`` of the transitions, by frequency.

    ``known`` tells which rows have a range at all, ``first`` and ``last`` have shape (rows,), ``order`` (lines,).
    """

    order: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    known: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many lines fall into each row; shape (rows,)."""
        return self.last - self.first

    def of(self, row: int) -> NDArray[np.intp]:
        """The numbers of the transitions in that row, lowest frequency first."""
        return self.order[self.first[row] : self.last[row]]


def lines_in_ranges(low: ArrayLike, high: ArrayLike, rest: ArrayLike, *, v_lsr: float = 0.0) -> LinesInRanges:
    """Which lines fall into which frequency ranges, edges included.

    ``low`` and ``high`` of shape (rows,) and ``rest`` of shape (lines,) share a unit; the ends of a range may be
    swapped, and a row with a NaN has no range. ``v_lsr`` of the source is in km/s. Ranges of archives are mostly
    topocentric or barycentric: a line within 30 km/s of an edge may be in or out.
    """
    ends = np.asarray(low, float), np.asarray(high, float)
    known = np.isfinite(ends[0]) & np.isfinite(ends[1])
    bottom, top = np.where(known, np.minimum(*ends), 0.0), np.where(known, np.maximum(*ends), 0.0)
    seen = observed_frequencies(rest, v_lsr)
    order = np.argsort(seen, kind="stable")
    seen = seen[order]
    first = np.searchsorted(seen, bottom, side="left")
    last = np.searchsorted(seen, top, side="right")
    first, last = (np.where(known, each, 0) for each in (first, last))
    return LinesInRanges(order, first, last, known)
