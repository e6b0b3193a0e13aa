"""Curves and planes through one row of a grid, as arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.result import ModelResult

FloatArray = NDArray[np.float64]


def indices_of(result: ModelResult, row: int) -> tuple[int, ...]:
    """Where a row lies on each axis."""
    return tuple(int(index) for index in np.unravel_index(row, result.grid.shape)) if result.grid.axes else ()


def row_at(result: ModelResult, row: int, moved: Mapping[int, int]) -> int:
    """The row that differs from ``row`` in its index on some axes (axis number: index)."""
    indices = list(indices_of(result, row))
    for axis, index in moved.items():
        indices[axis] = index
    return int(np.ravel_multi_index(tuple(indices), result.grid.shape))


def curve_along(result: ModelResult, output: str, line: int, row: int, axis: int) -> FloatArray:
    """An output of a line along one axis through a row, shape (n,)."""
    where: list[int | slice] = list(indices_of(result, row))
    where[axis] = slice(None)
    return np.asarray(_cube(result, output)[(*where, line)], dtype=np.float64)


def plane_over(result: ModelResult, output: str, line: int, row: int, x_axis: int, y_axis: int) -> FloatArray:
    """An output of a line over two axes through a row, shape (n_y, n_x)."""
    where: list[int | slice] = list(indices_of(result, row))
    where[x_axis] = where[y_axis] = slice(None)
    plane = np.asarray(_cube(result, output)[(*where, line)], dtype=np.float64)
    return plane.T if x_axis < y_axis else plane


def converged_over(result: ModelResult, row: int, x_axis: int, y_axis: int) -> NDArray[np.bool_]:
    """Which cells of such a plane converged, shape (n_y, n_x)."""
    flags = result.row_outputs.get("converged", np.ones(result.n_rows, dtype=bool)).reshape(result.grid.shape)
    where: list[int | slice] = list(indices_of(result, row))
    where[x_axis] = where[y_axis] = slice(None)
    plane = np.asarray(flags[tuple(where)], dtype=bool)
    return plane.T if x_axis < y_axis else plane


def _cube(result: ModelResult, output: str) -> NDArray[np.float64]:
    """The output over (axis 1, …, axis n, line), without a copy where the array lies in one piece."""
    return np.asarray(result.outputs[output], dtype=np.float64).reshape(*result.grid.shape, result.n_lines)
