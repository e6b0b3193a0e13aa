"""What a model gives: one number a line and row, over the rows of a grid, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.grid import Grid
from stopdesk.domain.parameter import Values

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Transitions:
    """The lines of a result, each array of shape (n_lines,): names, GHz, K, s-1."""

    transition: tuple[str, ...]
    frequency: FloatArray
    upper_energy: FloatArray
    einstein_a: FloatArray

    def __len__(self) -> int:
        return len(self.transition)


@dataclass(frozen=True, eq=False)
class ModelResult:
    """The outputs of one request.

    ``values`` are the complete values of the request, axes included; ``outputs`` by name are float or bool arrays of
    shape (n_rows, n_lines), ``row_outputs`` of shape (n_rows,). Rows stand in the order of ``grid``. ``origin`` says
    who computed it: engine and versions, molecule with file, hash and reference, what is subtracted; ``notes`` are
    sentences for the user (rows that did not converge, masers, overlapping lines).
    """

    model: str
    values: Values
    molecule: str
    transitions: Transitions
    outputs: Mapping[str, FloatArray | BoolArray]
    row_outputs: Mapping[str, BoolArray]
    origin: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def grid(self) -> Grid:
        """The axes and rows of the request."""
        return Grid.of(self.values)

    @property
    def n_rows(self) -> int:
        """Number of rows, one a parameter set."""
        return self.grid.n_rows

    @property
    def n_lines(self) -> int:
        """Number of lines."""
        return len(self.transitions)
