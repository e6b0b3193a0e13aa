"""The result of a model as files: grid.vot, lines.vot and summary.json, and grid.vot read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from stopdesk.domain.models import model_spec
from stopdesk.domain.parameter import Attachment
from stopdesk.domain.result import BoolArray, FloatArray, ModelResult, Transitions
from stopdesk.errors import FileError, InputError
from stopdesk.formats.result_tables import attachments, grid_document, lines_document, present
from stopdesk.formats.votable import Data, read_document, write_document

#: lines.vot is written up to this many lines of it.
LINES_LIMIT = 500_000

#: Rows looked at together where all rows have to be looked at.
_TOGETHER = 2000


def write_grid(result: ModelResult, path: Path) -> None:
    """Write table ``grid``, one row a parameter set with outputs as arrays over the lines, beside ``transitions``."""
    write_document(grid_document(result), path)


def write_lines(result: ModelResult, path: Path) -> None:
    """Write table ``lines``, one row for each parameter set and line with all that is known of it.

    InputError where that would be more than LINES_LIMIT rows.
    """
    if result.n_rows * result.n_lines > LINES_LIMIT:
        raise InputError(
            f"A table of {result.n_rows * result.n_lines:,} lines is too long to be written line by line (at most "
            f"{LINES_LIMIT:,}); use the table of the grid."
        )
    write_document(lines_document(result), path)


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
        "files": attachments(result.values),
        "n_rows": result.n_rows,
        "n_lines": result.n_lines,
        "converged": n_converged,
        "not_converged": result.n_rows - n_converged,
        "masers": count_masers(result),
        "seconds": round(seconds, 3),
        "origin": dict(result.origin),
        "ranges": {
            output.name: {"minimum": low, "maximum": high, "unit": output.unit}
            for output in present(spec, result, "line")
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
