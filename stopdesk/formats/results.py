"""The result of a model as files: grid.vot, lines.vot and summary.json, and grid.vot read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from stopdesk.domain.models import model_spec
from stopdesk.domain.parameter import Attachment, Value
from stopdesk.domain.result import BoolArray, FloatArray, ModelResult, Transitions
from stopdesk.domain.spec import ModelSpec, Output
from stopdesk.errors import FileError, InputError
from stopdesk.formats.votable import (
    Data,
    ResultDocument,
    ResultTable,
    TableColumn,
    TableParam,
    read_document,
    vounit,
    write_document,
)

#: lines.vot is written up to this many lines of it.
LINES_LIMIT = 500_000

#: Rows looked at together where all rows have to be looked at.
_TOGETHER = 2000


def write_grid(result: ModelResult, path: Path) -> None:
    """Write table ``grid``, one row a parameter set with outputs as arrays over the lines, beside ``transitions``."""
    spec = model_spec(result.model)
    columns = [
        *_axis_columns(result, spec),
        *(_output_column(output, result.row_outputs[output.name]) for output in _present(spec, result, "row")),
        *(_output_column(output, result.outputs[output.name]) for output in _present(spec, result, "line")),
    ]
    grid = ResultTable(
        "grid",
        tuple(columns),
        _params(result, spec),
        "One row for each parameter set; arrays run over the lines of the table transitions.",
    )
    lines = ResultTable("transitions", tuple(_transition_columns(result, spec)), description="The lines, in order.")
    write_document(ResultDocument((grid, lines), _infos(result, spec), spec.description), path)


def write_lines(result: ModelResult, path: Path) -> None:
    """Write table ``lines``, one row for each parameter set and line with all that is known of it.

    InputError where that would be more than LINES_LIMIT rows.
    """
    n_rows, n_lines = result.n_rows, result.n_lines
    if n_rows * n_lines > LINES_LIMIT:
        raise InputError(
            f"A table of {n_rows * n_lines:,} lines is too long to be written line by line (at most {LINES_LIMIT:,}); "
            "use the table of the grid."
        )
    spec = model_spec(result.model)
    columns = [_with_data(column, np.repeat(column.data, n_lines)) for column in _axis_columns(result, spec)]
    columns += [_with_data(column, np.tile(column.data, n_rows)) for column in _transition_columns(result, spec)]
    for output in _present(spec, result, "line"):
        columns.append(_output_column(output, np.asarray(result.outputs[output.name]).reshape(-1)))
    for output in _present(spec, result, "row"):
        columns.append(_output_column(output, np.repeat(result.row_outputs[output.name], n_lines)))
    table = ResultTable("lines", tuple(columns), _params(result, spec), "One row for each parameter set and line.")
    write_document(ResultDocument((table,), _infos(result, spec), spec.description), path)


def write_summary(result: ModelResult, path: Path, seconds: float) -> None:
    """Write what is worth knowing without opening a table, as JSON; ``seconds`` is the time that the model took."""
    converged = result.row_outputs.get("converged")
    n_converged = result.n_rows if converged is None else int(np.count_nonzero(converged))
    spec = model_spec(result.model)
    summary = {
        "model": result.model,
        "title": spec.title,
        "molecule": result.molecule,
        "request": spec.request(result.values),
        "files": _attachments(result.values),
        "n_rows": result.n_rows,
        "n_lines": result.n_lines,
        "converged": n_converged,
        "not_converged": result.n_rows - n_converged,
        "masers": count_masers(result),
        "seconds": round(seconds, 3),
        "origin": dict(result.origin),
        "ranges": {
            output.name: {"minimum": low, "maximum": high, "unit": output.unit}
            for output in _present(spec, result, "line")
            if output.kind is float
            for low, high in [_range(result.outputs[output.name])]
        },
        "notes": list(result.notes),
    }
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_grid(source: bytes | Path) -> ModelResult:
    """The result that ``write_grid`` wrote, exactly; FileError where the table is not such a one."""
    where = source if isinstance(source, Path) else Path("the result")
    document = read_document(source)
    try:
        spec = model_spec(document.info("model") or "")
        request = _json_object(document.info("request"))
        attachments = {
            name: Attachment(str(about["file_name"]), str(about["sha256"]), int(about["size"]))
            for name, about in _json_object(document.info("files")).items()
        }
        values = spec.read({name: str(text) for name, text in request.items()}, attachments)
        grid, lines = document.table("grid"), document.table("transitions")
        transitions = Transitions(
            tuple(lines.column("transition").data.tolist()),
            *(lines.column(name).data for name in ("frequency", "upper_energy", "einstein_a")),
        )
        present = {column.name: column.data for column in grid.columns}
        result = ModelResult(
            model=spec.name,
            values=values,
            molecule=document.info("molecule") or "",
            transitions=transitions,
            outputs={
                output.name: present[output.name].reshape(grid.n_rows, len(transitions))
                for output in spec.outputs_per("line")
                if output.name in present
            },
            row_outputs={
                output.name: present[output.name] for output in spec.outputs_per("row") if output.name in present
            },
            origin={n.removeprefix("origin."): text for n, text in document.infos if n.startswith("origin.")},
            notes=tuple(text for n, text in document.infos if n == "note"),
        )
    except (InputError, KeyError, ValueError, TypeError) as error:
        raise FileError(where, f"is not a result of a model that this version knows: {error}") from error
    if result.n_rows != grid.n_rows:
        raise FileError(where, f"has {grid.n_rows} rows, but its request has {result.n_rows}; it is damaged.")
    return result


def count_masers(result: ModelResult) -> int:
    """Number of lines, over all rows, with a negative optical depth."""
    return sum(int(np.count_nonzero(part < 0)) for part in _parts(result.outputs["optical_depth"]))


def _parts(data: FloatArray | BoolArray) -> Iterator[Data]:
    """The rows of an array that may lie on disk, some at a time."""
    return (data[start : start + _TOGETHER] for start in range(0, len(data), _TOGETHER))


def _range(data: FloatArray | BoolArray) -> tuple[float | None, float | None]:
    """The lowest and the highest finite number; None where there is none."""
    low, high = np.inf, -np.inf
    for part in _parts(data):
        finite = part[np.isfinite(part)]
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
    return (low, high) if low <= high else (None, None)


def _json_object(text: str | None) -> Mapping[str, Any]:
    document = json.loads(text) if text else {}
    if not isinstance(document, dict):
        raise TypeError("what was asked for is not an object")
    return document


def _attachments(values: Mapping[str, Value]) -> dict[str, dict[str, str | int]]:
    return {name: asdict(value) for name, value in values.items() if isinstance(value, Attachment)}


def _infos(result: ModelResult, spec: ModelSpec) -> tuple[tuple[str, str], ...]:
    """What is said of the whole: enough to ask for it again, who computed it, and notes."""
    return (
        ("model", result.model),
        ("molecule", result.molecule),
        ("request", json.dumps(spec.request(result.values))),
        ("files", json.dumps(_attachments(result.values))),
        *((f"origin.{name}", text) for name, text in result.origin.items()),
        *(("note", note) for note in result.notes),
    )


def _present(spec: ModelSpec, result: ModelResult, per: str) -> list[Output]:
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
