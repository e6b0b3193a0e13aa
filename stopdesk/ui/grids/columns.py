"""The columns of a result's tables: what they are called, and their values for any rows without unrolling the grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.models import model_spec
from stopdesk.domain.outputs import TRANSITION_OUTPUTS
from stopdesk.domain.result import ModelResult
from stopdesk.domain.spec import Output
from stopdesk.ui.plots.quantity import Quantity, pretty_unit, show_exponent, show_value

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Values = NDArray[np.float64] | NDArray[np.bool_] | NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Column:
    """One column; ``at`` gives the values of the rows asked for. Flags are of bool, everything else of numbers.

    ``yes`` and ``no`` are how a flag reads; ``form`` is how a number is written, with as many digits as mean something.
    """

    quantity: Quantity
    description: str
    ucd: str
    at: Callable[[IntArray], Values]
    is_flag: bool = False
    yes: str = "yes"
    no: str = "no"
    form: Callable[[float], str] = show_value

    @property
    def tooltip(self) -> str:
        """Description and UCD."""
        return f"{self.description}\nUCD: {self.ucd}" if self.ucd else self.description

    def text(self, row: int) -> str:
        """The cell of a row."""
        value = self.at(np.array([row]))[0]
        if self.is_flag:
            return self.yes if value else self.no
        return self.form(float(value))


@dataclass(frozen=True, eq=False)
class GridAxis:
    """One axis of a result: its parameter's name and quantity, its values, and whether they are logarithmic."""

    name: str
    quantity: Quantity
    description: str
    ucd: str
    values: FloatArray
    log: bool

    def form(self, value: float) -> str:
        """A value, written like its neighbours: with exponents throughout where the axis goes beyond 1e5."""
        return show_exponent(value) if self.values[-1] >= 1e5 else show_value(value)

    def show(self, value: float) -> str:
        """A value with its unit."""
        return f"{self.form(value)} {pretty_unit(self.quantity.unit)}".rstrip()


def axes_of(result: ModelResult) -> tuple[GridAxis, ...]:
    """The axes of a result, in the order of its grid."""
    spec = model_spec(result.model)
    found = []
    for name, axis in result.grid.axes:
        parameter = spec.parameter(name)
        quantity = Quantity(parameter.label, parameter.unit_text, short=parameter.symbol)
        found.append(GridAxis(name, quantity, parameter.help, parameter.ucd, axis.values(), axis.log))
    return tuple(found)


def number_outputs(result: ModelResult) -> tuple[Output, ...]:
    """The outputs of a line that are numbers, in the order of declaration."""
    declared = model_spec(result.model).outputs_per("line")
    return tuple(output for output in declared if output.kind is float and output.name in result.outputs)


def quantity_of(output: Output) -> Quantity:
    """What stands in a header or on an axis for an output."""
    return Quantity(output.label, output.unit)


def row_columns(result: ModelResult, line: int) -> tuple[Column, ...]:
    """Columns over the rows: the row's number, the axes, the outputs of one line, the flags."""
    about = "Number of the row, in the order of the grid."
    columns = [Column(Quantity("Row"), about, "meta.record", lambda rows: rows + 1, form=lambda row: f"{row:.0f}")]
    stride = result.n_rows
    for axis in axes_of(result):
        stride //= len(axis.values)
        columns.append(_axis_column(axis, stride))
    spec = model_spec(result.model)
    if result.n_lines:
        given = [output for output in spec.outputs_per("line") if output.name in result.outputs]
        columns += [_output_column(output, result.outputs[output.name][:, line]) for output in given]
    given = [output for output in spec.outputs_per("row") if output.name in result.row_outputs]
    columns += [_output_column(output, result.row_outputs[output.name]) for output in given]
    return tuple(columns)


def line_columns(result: ModelResult, row: int) -> tuple[Column, ...]:
    """Columns over the lines of one row: the transition (as its number), its constants, the outputs, the flags."""
    transitions = result.transitions
    forms: dict[str, Callable[[float], str]] = {
        "frequency": lambda value: f"{value:.6f}",
        "upper_energy": lambda value: f"{value:.2f}",
        "einstein_a": lambda value: show_exponent(value, 4),
    }
    columns = []
    for output in TRANSITION_OUTPUTS:
        if output.name == "transition":
            names = transitions.transition
            form: Callable[[float], str] = lambda value, names=names: names[int(value)]  # type: ignore[misc]  # noqa: E731
            columns.append(Column(quantity_of(output), output.description, output.ucd, lambda lines: lines, form=form))
        else:
            values = getattr(transitions, output.name)
            columns.append(_output_column(output, values, forms[output.name]))
    given = [output for output in model_spec(result.model).outputs_per("line") if output.name in result.outputs]
    columns += [_output_column(output, result.outputs[output.name][row]) for output in given]
    return tuple(columns)


def _axis_column(axis: GridAxis, stride: int) -> Column:
    def at(rows: IntArray) -> Values:
        return axis.values[(rows // stride) % len(axis.values)]

    return Column(axis.quantity, axis.description, axis.ucd, at, form=axis.form)


def _output_column(output: Output, values: Values, form: Callable[[float], str] = show_value) -> Column:
    def at(rows: IntArray) -> Values:
        return values[rows]

    if output.name == "flux":
        form = show_exponent
    no = "" if output.name == "maser" else "no"
    yes = "maser" if output.name == "maser" else "yes"
    is_flag = output.kind is bool
    return Column(quantity_of(output), output.description, output.ucd, at, is_flag=is_flag, yes=yes, no=no, form=form)
