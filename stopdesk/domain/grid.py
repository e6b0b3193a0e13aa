"""A grid: a spec's values of which some are axes, unrolled into rows, one a parameter set.

Rows are numbered from 0 in C order: the axis declared last varies fastest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.parameter import Axis, Value, Values

#: More rows than this are refused.
MAX_ROWS = 1_000_000


@dataclass(frozen=True)
class Grid:
    """The axes of a request, in the order of declaration, and what is the same in every row."""

    axes: tuple[tuple[str, Axis], ...]
    fixed: Mapping[str, Value]

    @classmethod
    def of(cls, values: Values) -> Grid:
        """The grid of a set of values (in the order in which they come)."""
        axes = tuple((name, value) for name, value in values.items() if isinstance(value, Axis))
        return cls(axes, {name: value for name, value in values.items() if not isinstance(value, Axis)})

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(axis.n for _, axis in self.axes)

    @property
    def n_rows(self) -> int:
        """Number of rows; 1 without axes."""
        n = 1
        for _, axis in self.axes:
            n *= max(axis.n, 0)
        return n

    @property
    def axis_names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(name for name, _ in self.axes)

    def columns(self, start: int = 0, stop: int | None = None) -> dict[str, NDArray[np.float64]]:
        """The values of every axis in rows ``start`` to ``stop`` (not included), each of shape (stop - start,)."""
        stop = self.n_rows if stop is None else stop
        if not self.axes:
            return {}
        indices = np.unravel_index(np.arange(start, stop), self.shape)
        return {name: axis.values()[index] for (name, axis), index in zip(self.axes, indices, strict=True)}

    def row(self, index: int) -> dict[str, Value]:
        """The complete values of one row, axes replaced by numbers."""
        return {**self.fixed, **{name: float(column[0]) for name, column in self.columns(index, index + 1).items()}}

    def middle_row(self) -> int:
        """The row in the middle of all axes."""
        if not self.axes:
            return 0
        return int(np.ravel_multi_index(tuple((n - 1) // 2 for n in self.shape), self.shape))


def content_key(model: str, request: Mapping[str, str], file_hashes: Mapping[str, str]) -> str:
    """A stable key of what is asked for: sha256 of the model's name, the sorted request and the files' hashes."""
    document = json.dumps([model, sorted(request.items()), sorted(file_hashes.items())], separators=(",", ":"))
    return hashlib.sha256(document.encode()).hexdigest()
