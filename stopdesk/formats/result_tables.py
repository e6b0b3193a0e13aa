"""The tables of a model's result as values: the grid, all its lines, the rows for one line and the lines of one row."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.models import model_spec
from stopdesk.domain.parameter import Attachment, Value
from stopdesk.domain.result import ModelResult
from stopdesk.domain.spec import ModelSpec, Output
from stopdesk.formats.votable import Data, ResultDocument, ResultTable, TableColumn, TableParam, vounit

if TYPE_CHECKING:
    from astropy.table import Table


def grid_document(result: ModelResult) -> ResultDocument:
    """Table ``grid``, one row a parameter set with outputs as arrays over the lines, beside ``transitions``."""
    spec = model_spec(result.model)
    columns = [
        *_axis_columns(result, spec),
        *(_output_column(output, result.row_outputs[output.name]) for output in present(spec, result, "row")),
        *(_output_column(output, result.outputs[output.name]) for output in present(spec, result, "line")),
    ]
    grid = ResultTable(
        "grid",
        tuple(columns),
        _params(result, spec),
        "One row for each parameter set; arrays run over the lines of the table transitions.",
    )
    lines = ResultTable("transitions", tuple(_transition_columns(result, spec)), description="The lines, in order.")
    return ResultDocument((grid, lines), _infos(result, spec), spec.description)


def lines_document(result: ModelResult) -> ResultDocument:
    """Table ``lines``, one row for each parameter set and line with all that is known of it."""
    n_rows, n_lines = result.n_rows, result.n_lines
    spec = model_spec(result.model)
    columns = [_with_data(column, np.repeat(column.data, n_lines)) for column in _axis_columns(result, spec)]
    columns += [_with_data(column, np.tile(column.data, n_rows)) for column in _transition_columns(result, spec)]
    for output in present(spec, result, "line"):
        columns.append(_output_column(output, np.asarray(result.outputs[output.name]).reshape(-1)))
    for output in present(spec, result, "row"):
        columns.append(_output_column(output, np.repeat(result.row_outputs[output.name], n_lines)))
    table = ResultTable("lines", tuple(columns), _params(result, spec), "One row for each parameter set and line.")
    return ResultDocument((table,), _infos(result, spec), spec.description)


def rows_document(result: ModelResult, line: int, rows: NDArray[np.int64] | None = None) -> ResultDocument:
    """Table ``rows``, one row a parameter set with the outputs of one line; ``rows`` of shape (n,) are those wanted."""
    spec = model_spec(result.model)
    columns = _axis_columns(result, spec)
    if result.n_lines:
        given = present(spec, result, "line")
        columns += [_output_column(output, result.outputs[output.name][:, line]) for output in given]
    columns += [_output_column(output, result.row_outputs[output.name]) for output in present(spec, result, "row")]
    if rows is not None:
        columns = [_with_data(column, column.data[rows]) for column in columns]
    params = _params(result, spec)
    if result.n_lines:
        transition = _transition_columns(result, spec)
        params += tuple(TableParam(c.name, c.data[line].item(), c.unit, c.ucd, c.description) for c in transition)
    table = ResultTable("rows", tuple(columns), params, "One row for each parameter set, with the outputs of one line.")
    return ResultDocument((table,), _infos(result, spec), spec.description)


def row_lines_document(result: ModelResult, row: int, lines: NDArray[np.int64] | None = None) -> ResultDocument:
    """Table ``lines``, the lines of one parameter set; ``lines`` of shape (n,) are those wanted."""
    spec = model_spec(result.model)
    columns = _transition_columns(result, spec)
    columns += [_output_column(output, result.outputs[output.name][row]) for output in present(spec, result, "line")]
    if lines is not None:
        columns = [_with_data(column, column.data[lines]) for column in columns]
    axes = [TableParam(c.name, c.data[row].item(), c.unit, c.ucd, c.description) for c in _axis_columns(result, spec)]
    params = (*_params(result, spec), *axes)
    table = ResultTable("lines", tuple(columns), params, "The lines of one parameter set.")
    return ResultDocument((table,), _infos(result, spec), spec.description)


def as_astropy(document: ResultDocument, name: str) -> Table:
    """The first table of a document as an astropy Table that is called ``name``, with all that is said of it."""
    from astropy.table import Column, Table  # late: slow to import, and workers never need it

    source = document.tables[0]
    made = Table()
    for column in source.columns:
        about = {"ucd": column.ucd} if column.ucd else {}
        made[column.name] = Column(
            column.data, unit=column.unit or None, description=column.description or None, meta=about, copy=False
        )
    made.meta["name"] = name
    made.meta["description"] = source.description
    made.meta["infos"] = [{"name": key, "value": value} for key, value in document.infos]
    made.meta["params"] = [_param_in_meta(param) for param in source.params]
    return made


def _param_in_meta(param: TableParam) -> dict[str, str]:
    about = {"name": param.name, **param.typed()}
    said = {"unit": param.unit, "ucd": param.ucd, "description": param.description}
    return about | {key: text for key, text in said.items() if text}


def attachments(values: Mapping[str, Value]) -> dict[str, dict[str, str | int]]:
    """The files that were sent with a request: name, hash and size."""
    return {name: asdict(value) for name, value in values.items() if isinstance(value, Attachment)}


def _infos(result: ModelResult, spec: ModelSpec) -> tuple[tuple[str, str], ...]:
    """What is said of the whole: enough to ask for it again, who computed it, and notes."""
    return (
        ("model", result.model),
        ("molecule", result.molecule),
        ("request", json.dumps(spec.request(result.values))),
        ("files", json.dumps(attachments(result.values))),
        *((f"origin.{name}", text) for name, text in result.origin.items()),
        *(("note", note) for note in result.notes),
    )


def present(spec: ModelSpec, result: ModelResult, per: str) -> list[Output]:
    """The outputs ("line" or "row") that a result has, in the order of declaration."""
    have = result.outputs if per == "line" else result.row_outputs
    return [output for output in spec.outputs_per(per) if output.name in have]


def _axis_columns(result: ModelResult, spec: ModelSpec) -> list[TableColumn]:
    columns = []
    for name, data in result.grid.columns().items():
        parameter = spec.parameter(name)
        columns.append(TableColumn(name, data, vounit(parameter.unit_text), parameter.ucd, parameter.help))
    return columns


def _transition_columns(result: ModelResult, spec: ModelSpec) -> list[TableColumn]:
    lines = result.transitions
    data: dict[str, Data] = {
        "transition": np.array(lines.transition, dtype=str),
        "frequency": lines.frequency,
        "upper_energy": lines.upper_energy,
        "einstein_a": lines.einstein_a,
    }
    return [_output_column(output, data[output.name]) for output in spec.outputs_per("transition")]


def _output_column(output: Output, data: Data) -> TableColumn:
    return TableColumn(output.name, data, vounit(output.unit), output.ucd, output.description)


def _with_data(column: TableColumn, data: Data) -> TableColumn:
    return TableColumn(column.name, data, column.unit, column.ucd, column.description)


def _params(result: ModelResult, spec: ModelSpec) -> tuple[TableParam, ...]:
    """What is the same in all rows."""
    params = []
    for name, value in result.grid.fixed.items():
        parameter = spec.parameter(name)
        plain = value if isinstance(value, (str, float, int, bool)) else getattr(value, "file_name", str(value))
        unit = "" if isinstance(plain, str) else vounit(parameter.unit_text)
        params.append(TableParam(name, plain, unit, parameter.ucd, parameter.help))
    return tuple(params)
