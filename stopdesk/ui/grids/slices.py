"""Curves and planes through one row of a grid, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.result import ModelResult
from stopdesk.ui.row_selection import Ints

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def indices_of(result: ModelResult, row: int) -> tuple[int, ...]:
    """Where a row lies on each axis."""
    return tuple(int(index) for index in np.unravel_index(row, result.grid.shape)) if result.grid.axes else ()


def row_at(result: ModelResult, row: int, moved: Mapping[int, int]) -> int:
    """The row that differs from ``row`` in its index on some axes (axis number: index)."""
    indices = list(indices_of(result, row))
    for axis, index in moved.items():
        indices[axis] = index
    return int(np.ravel_multi_index(tuple(indices), result.grid.shape))


def rows_within(result: ModelResult, row: int, spans: Mapping[int, Ints]) -> Ints:
    """The rows with these indices (ascending) on some axes (axis number: indices), on the others that of ``row``."""
    indices = [spans.get(axis, np.array([index])) for axis, index in enumerate(indices_of(result, row))]
    return np.asarray(np.ravel_multi_index(np.ix_(*indices), result.grid.shape)).ravel()


def selected_over(result: ModelResult, rows: Ints, row: int, x_axis: int, y_axis: int) -> BoolArray:
    """Which cells of the plane over two axes through ``row`` are among the selected ``rows``, shape (n_y, n_x)."""
    return _upright(_through(result, _flags(result, rows), row, x_axis, y_axis), x_axis, y_axis)


def selected_along(result: ModelResult, rows: Ints, row: int, axis: int) -> BoolArray:
    """Where along one axis through ``row`` the selected ``rows`` are, shape (n,)."""
    return _through(result, _flags(result, rows), row, axis)


def curve_along(result: ModelResult, output: str, line: int, row: int, axis: int) -> FloatArray:
    """An output of a line along one axis through a row, shape (n,)."""
    return np.asarray(_through(result, result.outputs[output], row, axis)[..., line], dtype=np.float64)


def plane_over(result: ModelResult, output: str, line: int, row: int, x_axis: int, y_axis: int) -> FloatArray:
    """An output of a line over two axes through a row, shape (n_y, n_x)."""
    plane = _through(result, result.outputs[output], row, x_axis, y_axis)[..., line]
    return _upright(np.asarray(plane, dtype=np.float64), x_axis, y_axis)


def converged_over(result: ModelResult, row: int, x_axis: int, y_axis: int) -> BoolArray:
    """Which cells of such a plane converged, shape (n_y, n_x)."""
    flags = result.row_outputs.get("converged", np.ones(result.n_rows, dtype=bool))
    return _upright(np.asarray(_through(result, flags, row, x_axis, y_axis), dtype=bool), x_axis, y_axis)


def masers_over(result: ModelResult, line: int, row: int, x_axis: int, y_axis: int) -> BoolArray:
    """In which cells of such a plane the line is a maser, shape (n_y, n_x)."""
    shape = result.grid.shape
    if "maser" not in result.outputs:  # as in LTE
        return np.zeros((shape[y_axis], shape[x_axis]), dtype=bool)
    plane = _through(result, result.outputs["maser"], row, x_axis, y_axis)[..., line]
    return _upright(np.asarray(plane, dtype=bool), x_axis, y_axis)


def masers_along(result: ModelResult, line: int, row: int, axis: int) -> BoolArray:
    """Where along one axis through a row the line is a maser, shape (n,)."""
    if "maser" not in result.outputs:
        return np.zeros(result.grid.shape[axis], dtype=bool)
    return np.asarray(_through(result, result.outputs["maser"], row, axis)[..., line], dtype=bool)


def _flags(result: ModelResult, rows: Ints) -> BoolArray:
    flags = np.zeros(result.n_rows, dtype=bool)
    flags[rows] = True
    return flags


def _through(result: ModelResult, array: NDArray[Any], row: int, *axes: int) -> NDArray[Any]:
    """An array over the rows along some axes through one row, in the order of the grid, without a copy."""
    where: list[int | slice] = list(indices_of(result, row))
    for axis in axes:
        where[axis] = slice(None)
    return np.asarray(array).reshape(*result.grid.shape, *array.shape[1:])[tuple(where)]


def _upright(plane: NDArray[Any], x_axis: int, y_axis: int) -> NDArray[Any]:
    """A plane in the order of the grid with the vertical axis first."""
    return plane.T if x_axis < y_axis else plane
