"""Which rows of a table are shown and in which order: filters and sort keys over numpy columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.parameter import read_number
from stopdesk.errors import InputError
from stopdesk.ui.grids.columns import Column, IntArray

#: What a filter may look like, for tooltips and errors.
SYNTAX = "1e3, >10, <=0.5, 1..10, or yes and no for flags"

#: A plain number in a filter matches what shows the same five digits.
_SAME = 5e-5


@dataclass(frozen=True)
class SortKey:
    """One column to sort by; the first of several counts most."""

    column: int
    descending: bool = False


@dataclass(frozen=True)
class Condition:
    """A range that values must lie in, its ends included unless open."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read a filter; InputError says what it may look like."""
        stripped = text.strip().lower()
        if stripped in ("yes", "no"):
            value = 1.0 if stripped == "yes" else 0.0
            return cls(value, value)
        try:
            if ".." in stripped:
                low, high = stripped.split("..", 1)
                return cls(
                    read_number(low) if low.strip() else -math.inf, read_number(high) if high.strip() else math.inf
                )
            for sign in ("<=", ">=", "<", ">"):
                if stripped.startswith(sign):
                    value = read_number(stripped[len(sign) :])
                    is_open = len(sign) == 1
                    return cls(high=value, high_open=is_open) if "<" in sign else cls(low=value, low_open=is_open)
            value = read_number(stripped.removeprefix("="))
        except InputError as error:
            raise InputError(f"{text.strip()!r} is no filter; write for example {SYNTAX}.") from error
        return cls(value - _SAME * abs(value), value + _SAME * abs(value))

    def holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each value lies in the range; NaN never does."""
        low = values > self.low if self.low_open else values >= self.low
        high = values < self.high if self.high_open else values <= self.high
        return np.asarray(low & high)


def arrange(
    columns: Sequence[Column], n_rows: int, keys: Sequence[SortKey], conditions: Mapping[int, Condition]
) -> IntArray | None:
    """The rows to show, in order; None for all of them as they are. Empty cells come last whichever way one sorts."""
    if not keys and not conditions:
        return None
    rows = np.arange(n_rows)
    for column, condition in conditions.items():
        rows = rows[condition.holds(np.asarray(columns[column].at(rows), dtype=np.float64))]
    if keys:
        values = [np.asarray(columns[key.column].at(rows), dtype=np.float64) for key in keys]
        ordered = [-value if key.descending else value for key, value in zip(keys, values, strict=True)]
        rows = rows[np.lexsort(ordered[::-1])] if len(keys) > 1 else rows[np.argsort(ordered[0], kind="stable")]
    return rows
