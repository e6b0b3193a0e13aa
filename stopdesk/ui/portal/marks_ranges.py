"""Observations as ranges along an axis, of frequency or of time: as bars in lanes, or as how many there are where."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.vo.marks import ObservationMarks

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Up to so many ranges get a bar each; of more it is said how many there are in each bin.
MOST_BARS = 4000

#: An axis that spans more than this factor is logarithmic.
_WIDE = 30.0


@dataclass(frozen=True)
class Block:
    """The lanes of one portal: from ``bottom`` up to ``top``."""

    portal: int
    bottom: int
    top: int


@dataclass(frozen=True, eq=False)
class RangeScene:
    """The shown rows that have a range; ``low`` and ``high`` (ranges,) in view coordinates, log10 where ``is_log``.

    ``index`` (ranges,) are their places in the arrays of ``marks``. ``lane`` (ranges,) and ``blocks`` say where their
    bars stand, from below; both are empty for a dense scene. ``sorted_ends`` are the low and the high ends of each
    portal's ranges, each in order.
    """

    marks: ObservationMarks
    index: Ints
    low: Floats
    high: Floats
    is_log: bool
    lane: Ints
    blocks: tuple[Block, ...]
    sorted_ends: dict[int, tuple[Floats, Floats]]
    n_shown: int

    @property
    def is_dense(self) -> bool:
        """Whether there are too many for a bar each."""
        return len(self.index) > MOST_BARS

    @property
    def n_lanes(self) -> int:
        """How many lanes there are, one above the other."""
        return self.blocks[-1].top if self.blocks else 0

    @property
    def portals(self) -> Ints:
        """The portal of each range."""
        return self.marks.portal[self.index]

    def home(self) -> tuple[float, float]:
        """From the first to the last range, with a margin, in view coordinates."""
        if not len(self.index):
            return 0.0, 1.0
        low, high = float(self.low.min()), float(self.high.max())
        margin = 0.03 * (high - low) or 0.02 * abs(high) or 1.0
        return low - margin, high + margin

    def counts(self, edges: Floats) -> dict[int, Ints]:
        """For each portal how many of its ranges touch each bin between these edges."""
        return {portal: touching(ends, edges) for portal, ends in self.sorted_ends.items()}

    def touched(self, low: float, high: float) -> Ints:
        """The ranges that have something in common with this one."""
        return np.flatnonzero((self.low <= high) & (self.high >= low))

    def bars_within(self, low: float, high: float, bottom: float, top: float) -> Ints:
        """The ranges whose bars a box touches; bars fill their lanes, lane n reaching from n to n + 1."""
        hit = (self.low <= high) & (self.high >= low) & (self.lane < top) & (self.lane + 1 > bottom)
        return np.flatnonzero(hit)


def touching(ends: tuple[Floats, Floats], edges: Floats) -> Ints:
    """How many ranges touch each of the bins: those that begin before its end, but for those that ended before it."""
    low, high = ends
    begun = np.searchsorted(low, edges[1:], side="right")
    return np.asarray(begun - np.searchsorted(high, edges[:-1], side="left"), dtype=np.int64)


def prepare_ranges(
    marks: ObservationMarks, low: Floats, high: Floats, shown: Flags | None, *, may_be_log: bool
) -> RangeScene:
    """Lay out the ranges (rows,) of the rows that are ``shown`` (rows,), or of all; NaN has none.

    The axis becomes logarithmic where it ``may_be`` and spans more than a factor of 30.
    """
    visible = np.ones(marks.n_rows, dtype=bool) if shown is None else shown
    known = visible & np.isfinite(low) & np.isfinite(high)
    known &= (low > 0) if may_be_log else known
    index = np.flatnonzero(known)
    low, high = low[index], high[index]
    is_log = may_be_log and len(index) > 0 and float(high.max()) > _WIDE * float(low.min())
    if is_log:
        low, high = np.log10(low), np.log10(high)
    portal = marks.portal[index]
    lane, blocks = _lanes(low, high, portal) if len(index) <= MOST_BARS else (np.empty(0, np.int64), ())
    present = np.unique(portal).tolist()
    ends = {number: (np.sort(low[portal == number]), np.sort(high[portal == number])) for number in present}
    return RangeScene(marks, index, low, high, is_log, lane, blocks, ends, int(visible.sum()))


def _lanes(low: Floats, high: Floats, portal: Ints) -> tuple[Ints, tuple[Block, ...]]:
    """A lane for each range, the portals one above the other, the first of them on top."""
    lane = np.zeros(len(low), dtype=np.int64)
    blocks = []
    bottom = 0
    for number in np.unique(portal)[::-1].tolist():
        here = np.flatnonzero(portal == number)
        own = pack(low[here], high[here])
        lane[here] = bottom + own
        top = bottom + int(own.max()) + 1
        blocks.append(Block(number, bottom, top))
        bottom = top
    return lane, tuple(blocks)


def pack(low: Floats, high: Floats) -> Ints:
    """Lanes in which no two ranges overlap, as few as can be: each takes the lowest that is free."""
    lanes = np.zeros(len(low), dtype=np.int64)
    free: list[int] = []
    taken: list[tuple[float, int]] = []
    n_lanes = 0
    for k in np.lexsort((high, low)).tolist():
        while taken and taken[0][0] < low[k]:
            heapq.heappush(free, heapq.heappop(taken)[1])
        if not free:
            heapq.heappush(free, n_lanes)
            n_lanes += 1
        lanes[k] = heapq.heappop(free)
        heapq.heappush(taken, (float(high[k]), int(lanes[k])))
    return lanes
