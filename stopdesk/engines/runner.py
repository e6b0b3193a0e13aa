"""From a request to result files: read and check it, compute rows, write grid.vot, lines.vot and summary.json.

The steps are apart so that several processes can share a grid: each prepares the same plan, computes its rows and
puts them into arrays on disk (``make_scratch``, ``keep``, ``gather``), and one of them finishes.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stopdesk import __version__, paths
from stopdesk.domain.colliders import collider_densities
from stopdesk.domain.grid import Grid
from stopdesk.domain.models import model_spec
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.outputs import subtracted
from stopdesk.domain.parameter import Attachment, Axis, Value, Values
from stopdesk.domain.result import BoolArray, FloatArray, ModelResult, Transitions
from stopdesk.domain.spec import ModelSpec
from stopdesk.engines import lte, lvg
from stopdesk.engines.radiation import GAUSSIAN_AREA, LIGHT_SPEED, LineOutputs
from stopdesk.errors import EngineError, FileError, InputError, InvalidParameters, Problem
from stopdesk.formats import molecules, results
from stopdesk.formats.lamda import read_molecule

VOTABLE = "application/x-votable+xml"

#: The parameters that decide what is seen of a line, and what they are in LTE.
_SHAPE = {"geometry": "uniform_slab", "line_profile": "gaussian"}

#: What the system says of a disk without room, or of a user who has used theirs up.
FULL = (errno.ENOSPC, errno.EDQUOT)

#: What a grid needs on disk for each byte of its numbers: the arrays, and the table of them in base64.
_ON_DISK = 2.4

#: Told the rows done, all rows, and a sentence or nothing.
Report = Callable[[int, int, str], None]

_Row = Mapping[str, Value | NDArray[np.float64]]


@dataclass(frozen=True)
class OutputFile:
    """A file that a model has written."""

    path: Path
    mime_type: str


@dataclass(frozen=True, eq=False)
class Plan:
    """A request that was read, checked and completed.

    ``lines`` are the indices of the molecule's lines that go into the results; ``reference`` says where the
    molecule's data are from.
    """

    spec: ModelSpec
    values: Values
    molecule: Molecule
    reference: str
    lines: NDArray[np.int64]

    @property
    def grid(self) -> Grid:
        """The axes and rows."""
        return Grid.of(self.values)

    @property
    def n_rows(self) -> int:
        """Number of rows, one a parameter set."""
        return self.grid.n_rows

    @property
    def seconds(self) -> float:
        """What the rows take on one core, estimated."""
        return self.n_rows * self.spec.seconds_per_row(self.molecule)


@dataclass(frozen=True, eq=False)
class Part:
    """The outputs of the rows from ``start``: by name, of shape (n, n_lines) a line and of shape (n,) a row."""

    start: int
    outputs: Mapping[str, FloatArray | BoolArray]
    row_outputs: Mapping[str, BoolArray]


def prepare(model: str, request: Mapping[str, str], files: Mapping[str, Path]) -> Plan:
    """Read and check a request as it stands on the wire, with its files by parameter name.

    InvalidParameters with everything that is wrong; InputError where there is no such model.
    """
    spec = model_spec(model)
    values = spec.read(request, {name: _attachment(name, path) for name, path in files.items()})
    if "molecule_file" in files:
        return plan(spec, values, _opened(files["molecule_file"]), "")
    key = values.get("molecule", spec.parameter("molecule").default_value)
    try:
        bundled = molecules.find(str(key))
        return plan(spec, values, molecules.load(bundled.key), bundled.reference)
    except FileError as error:
        raise EngineError(str(error)) from error
    except InvalidParameters:
        raise
    except InputError as error:
        raise InvalidParameters([Problem(("molecule",), str(error))]) from error


def plan(spec: ModelSpec, values: Values, molecule: Molecule, reference: str) -> Plan:
    """The plan of values whose molecule is at hand; InvalidParameters where they are wrong."""
    complete = spec.check(values, molecule)
    low, high = _array(complete, "frequency_min", 0.0), _array(complete, "frequency_max", np.inf)
    inside = (molecule.frequency >= low) & (molecule.frequency <= high)
    return Plan(spec, complete, molecule, reference, np.flatnonzero(inside))


def compute(
    plan: Plan, start: int = 0, stop: int | None = None, progress: Callable[[int], None] = lambda rows: None
) -> Part:
    """The outputs of rows ``start`` to ``stop`` (not included); ``progress`` is told the rows done, and may raise."""
    stop = plan.n_rows if stop is None else stop
    row = {**plan.grid.fixed, **plan.grid.columns(start, stop)}
    found = (_lvg if plan.spec.name == "lvg" else _lte)(plan.molecule, row, progress)
    outputs: dict[str, FloatArray | BoolArray] = {
        output.name: getattr(found, output.name)[:, plan.lines] for output in plan.spec.outputs_per("line")
    }
    broken = np.zeros(stop - start, dtype=bool)
    for data in outputs.values():
        broken |= np.isnan(data).any(axis=1)
    empty = broken | ~found.converged
    for data in outputs.values():
        data[empty] = np.nan if data.dtype.kind == "f" else False
    return Part(start, outputs, {"converged": ~empty})


def finish(plan: Plan, part: Part, outdir: Path, seconds: float) -> tuple[OutputFile, ...]:
    """Write the files of a result of which ``part`` has all rows; ``seconds`` is the time that they took."""
    result = assemble(plan, part)
    files = [OutputFile(outdir / "grid.vot", VOTABLE)]
    results.write_grid(result, files[0].path)
    if result.n_rows * result.n_lines <= results.LINES_LIMIT:
        files.append(OutputFile(outdir / "lines.vot", VOTABLE))
        results.write_lines(result, files[-1].path)
    files.append(OutputFile(outdir / "summary.json", "application/json"))
    results.write_summary(result, files[-1].path, seconds)
    return tuple(files)


def run(
    model: str,
    request: Mapping[str, str],
    files: Mapping[str, Path],
    outdir: Path,
    *,
    report: Report = lambda done, total, text: None,
) -> tuple[OutputFile, ...]:
    """Run a model in this process, from the request to the files in ``outdir`` (made when missing)."""
    planned = prepare(model, request, files)
    outdir.mkdir(parents=True, exist_ok=True)
    total = planned.n_rows
    report(0, total, "")
    make_ready(planned, lambda text: report(0, total, text))
    began = time.monotonic()
    part = compute(planned, progress=lambda done: report(done, total, ""))
    return finish(planned, part, outdir, time.monotonic() - began)


def make_ready(plan: Plan, announce: Callable[[str], None]) -> None:
    """Compile what the plan needs and this machine has not compiled yet; ``announce`` is told, as it takes a while."""
    if plan.spec.name == "lvg" and not lvg.is_warm():
        warm_up(announce)


def warm_up(announce: Callable[[str], None]) -> None:
    """Load the slow engines; the first process to come compiles them, others that come meanwhile wait for it."""
    if lvg.is_warm():
        lvg.warm_up()
        return
    folder = Path(os.environ.get("NUMBA_CACHE_DIR", paths.cache_dir()))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "compiling.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            announce("Another process compiles the LVG engine for this machine; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        lvg.warm_up(announce)


def assemble(plan: Plan, part: Part) -> ModelResult:
    """The result of all rows, with where it is from and what has to be said of it."""
    molecule, lines = plan.molecule, plan.lines
    names = molecule.transition_names
    transitions = Transitions(
        tuple(names[line] for line in lines),
        molecule.frequency[lines],
        molecule.upper_energy[lines],
        molecule.einstein_a[lines],
    )
    return ModelResult(
        model=plan.spec.name,
        values=plan.values,
        molecule=molecule.name,
        transitions=transitions,
        outputs=part.outputs,
        row_outputs=part.row_outputs,
        origin=_origin(plan),
        notes=_notes(plan, part),
    )


def make_scratch(plan: Plan, folder: Path) -> None:
    """Make empty arrays on disk for all rows of the plan, which several processes may fill.

    EngineError where the disk is too full for them: it is asked for all of the room now, as writing to a mapped file
    that the disk cannot hold ends the process with a bus error.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    for per, shape in (("line", (plan.n_rows, len(plan.lines))), ("row", (plan.n_rows,))):
        for output in plan.spec.outputs_per(per):
            files.append(folder / f"{output.name}.npy")
            np.lib.format.open_memmap(str(files[-1]), "w+", np.dtype(output.kind), shape)
    if not hasattr(os, "posix_fallocate"):  # macOS
        return
    try:
        for path in files:
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    except OSError as error:
        if error.errno not in FULL:
            raise
        needed = sum(path.stat().st_size for path in files)
        for path in files:
            path.unlink()
        raise EngineError(
            f"The disk is too full to compute this grid: it needs {_ON_DISK * needed / 1e6:,.0f} MB in {folder}. Make "
            "room there, or ask for fewer rows or lines."
        ) from error


def keep(part: Part, folder: Path) -> None:
    """Put the rows of a part into the arrays on disk."""
    for name, data in {**part.outputs, **part.row_outputs}.items():
        np.load(folder / f"{name}.npy", mmap_mode="r+")[part.start : part.start + len(data)] = data


def gather(plan: Plan, folder: Path) -> Part:
    """All rows, as arrays that stay on disk."""

    def arrays(per: str) -> dict[str, NDArray[np.bool_]]:
        names = (output.name for output in plan.spec.outputs_per(per))
        return {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in names}

    return Part(0, arrays("line"), arrays("row"))


def _attachment(name: str, path: Path) -> Attachment:
    try:
        data = path.read_bytes()
    except OSError as error:
        text = f"The file {path.name} cannot be read ({error.strerror or error}); check its name and rights."
        raise InvalidParameters([Problem((name,), text)]) from error
    return Attachment(path.name, hashlib.sha256(data).hexdigest(), len(data))


def _opened(path: Path) -> Molecule:
    try:
        return read_molecule(path)
    except FileError as error:
        raise InvalidParameters([Problem(("molecule_file",), str(error))]) from error


def _array(row: _Row, name: str, default: float | None = None) -> float | NDArray[np.float64]:
    value = row.get(name, default)
    assert isinstance(value, (float, int, np.ndarray)), f"{name} is no number"
    return value


def _lvg(molecule: Molecule, row: _Row, progress: Callable[[int], None]) -> LineOutputs:
    return lvg.solve(
        molecule,
        geometry=str(row["geometry"]),
        line_profile=str(row.get("line_profile", "gaussian")),
        column_density=_array(row, "column_density"),
        kinetic_temperature=_array(row, "kinetic_temperature"),
        densities=collider_densities(row, molecule),
        line_width=_array(row, "line_width"),
        background_temperature=_array(row, "background_temperature"),
        dust_temperature=_array(row, "dust_temperature", 0.0),
        dust_optical_depth=_array(row, "dust_optical_depth", 0.0),
        progress=progress,
    )


def _lte(molecule: Molecule, row: _Row, progress: Callable[[int], None]) -> LineOutputs:
    return lte.solve(
        molecule,
        column_density=_array(row, "column_density"),
        excitation_temperature=_array(row, "excitation_temperature"),
        line_width=_array(row, "line_width"),
        background_temperature=_array(row, "background_temperature"),
        progress=progress,
    )


@cache
def _versions(*packages: str) -> tuple[str, ...]:
    return tuple(f"{package} {metadata.version(package)}" for package in packages)


def _origin(plan: Plan) -> dict[str, str]:
    """Who computed it from what and when, and what is subtracted."""
    packages = _versions("pythonradex", "numba", "numpy") if plan.spec.name == "lvg" else _versions("numpy")
    origin = {
        "program": f"stopdesk {__version__}",
        "engine": packages[0] if plan.spec.name == "lvg" else "stopdesk's own",
        "versions": ", ".join([f"Python {sys.version.split()[0]}", *packages]),
        "reference": plan.spec.reference,
        "molecule_file": plan.molecule.file_name,
        "molecule_sha256": plan.molecule.sha256,
        "molecule_reference": plan.reference,
        "subtracted": subtracted(*(str(plan.values.get(name, absent)) for name, absent in _SHAPE.items())),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {name: text for name, text in origin.items() if text}


def _notes(plan: Plan, part: Part) -> tuple[str, ...]:
    """What has to be said of a result, in sentences."""
    notes = list(plan.molecule.doubts)
    if "converged" in part.row_outputs:
        lost = plan.n_rows - int(np.count_nonzero(part.row_outputs["converged"]))
        if lost:
            rows, are = "row" if plan.n_rows == 1 else "rows", "is" if lost == 1 else "are"
            notes.append(f"{lost:,} of {plan.n_rows:,} {rows} did not converge and {are} empty.")
    if "maser" in part.outputs:
        masers = int(np.count_nonzero(part.outputs["maser"]))
        if masers:
            are = "1 line is a maser" if masers == 1 else f"{masers:,} lines are masers"
            notes.append(f"{are} (negative optical depth); escape probabilities are unreliable there.")
    if _overlap(plan):
        notes.append(f"Some lines of {plan.molecule.name} overlap; each is treated by itself.")
    n_lines = plan.n_rows * len(plan.lines)
    if n_lines > results.LINES_LIMIT:
        notes.append(f"There is no lines.vot, as it would have {n_lines:,} rows; grid.vot has all lines.")
    return tuple(notes)


def _overlap(plan: Plan) -> bool:
    """Whether two lines of the molecule lie closer than they are wide, at the largest line width."""
    width = plan.values["line_width"]
    fwhm = width.maximum if isinstance(width, Axis) else width
    assert isinstance(fwhm, (float, int)), "a line width is a number"
    frequency = np.sort(plan.molecule.frequency)
    return bool(np.any(np.diff(frequency) < frequency[1:] * (GAUSSIAN_AREA * fwhm * 1e3 / LIGHT_SPEED)))
