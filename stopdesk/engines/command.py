"""The command ``stopdesk engine MODEL PARAMS.json OUTDIR``: one model without any service, progress as JSON lines."""

from __future__ import annotations

import argparse
import contextlib
import json
import queue
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from stopdesk.domain.models import model_spec
from stopdesk.domain.parameter import FileInput
from stopdesk.engines import runner
from stopdesk.engines.runner import OutputFile
from stopdesk.engines.workers import ModelTask, WorkerPool
from stopdesk.errors import EngineError, FileError, StopdeskError

_RESULTS = ("grid.vot", "lines.vot", "summary.json")


def main(argv: Sequence[str]) -> int:
    """Run one model; 0 when done, else a sentence on stderr and the error's exit code (2 is bad input)."""
    parser = argparse.ArgumentParser(prog="stopdesk engine", description=__doc__)
    parser.add_argument("model", metavar="MODEL", help="the model's name, such as lvg")
    parser.add_argument(
        "params",
        metavar="PARAMS.json",
        type=Path,
        help="an object of values as they are sent to a service, files as paths (from the folder of this file)",
    )
    parser.add_argument("outdir", metavar="OUTDIR", type=Path, help="the folder for the results, made when missing")
    parser.add_argument("--workers", metavar="N", type=int, default=1, help="processes to spread a grid over (1)")
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as ending:  # argparse has said why
        return int(ending.code or 0)
    answers = sys.stdout
    try:
        with contextlib.redirect_stdout(sys.stderr):  # what libraries print is no progress
            _run(arguments.model, arguments.params, arguments.outdir, arguments.workers, answers)
    except StopdeskError as error:
        sys.stderr.write(f"stopdesk: {error}\n")
        return error.exit_code
    except OSError as error:
        sys.stderr.write(f"stopdesk: The results cannot be written to {arguments.outdir}: {error.strerror or error}.\n")
        return FileError.exit_code
    return 0


def _run(model: str, params: Path, outdir: Path, n_workers: int, answers: TextIO) -> None:
    request, files = _read(model, params)
    for name in _RESULTS:
        if (outdir / name).exists():
            raise FileError(outdir / name, "is there already; choose another folder, or remove it.")

    def say(answer: Mapping[str, object]) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    def report(done: int, total: int, message: str) -> None:
        say({"progress": round(done / total, 6) if total else 0.0, "done": done, "total": total, "message": message})

    if n_workers > 1:
        written = _run_in_pool(ModelTask("command", model, request, files, outdir), n_workers, report)
    else:
        written = runner.run(model, request, files, outdir, report=report)
    notes = json.loads((outdir / "summary.json").read_text(encoding="utf-8"))["notes"]
    results = [{"file": str(file.path), "mime_type": file.mime_type} for file in written]
    say({"results": results, "notes": notes})


def _read(model: str, params: Path) -> tuple[dict[str, str], dict[str, Path]]:
    """The request and the files in a file of parameters."""
    spec = model_spec(model)
    file_names = {parameter.name for parameter in spec.parameters if isinstance(parameter, FileInput)}
    try:
        document = json.loads(params.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(params, f"cannot be read ({error.strerror or error}).") from error
    except json.JSONDecodeError as error:
        raise FileError(params, f"is not JSON: {error.msg}.", line=error.lineno) from error
    except UnicodeDecodeError as error:
        raise FileError(params, "is not text in UTF-8.") from error
    if not isinstance(document, dict):
        raise FileError(params, 'has to hold an object of values, such as {"molecule": "co"}.')
    request: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise FileError(params, f"the value of {name} has to be a text or a number.")
        request[name] = value if isinstance(value, str) else repr(value)
    files = {name: params.parent / request.pop(name) for name in file_names & request.keys()}
    runner.prepare(model, request, files)  # all that is wrong is said before any process is started
    return request, files


def _run_in_pool(task: ModelTask, n_workers: int, report: runner.Report) -> tuple[OutputFile, ...]:
    events: queue.SimpleQueue[Callable[[], tuple[OutputFile, ...] | None]] = queue.SimpleQueue()
    pool = WorkerPool(n_workers)
    try:
        pool.submit(task, _Listener(events, report))
        while (files := events.get()()) is None:
            pass
        return files
    finally:
        pool.close(timeout=5.0)


class _Listener:
    """Brings what the pool says into the thread of the command."""

    def __init__(
        self, events: queue.SimpleQueue[Callable[[], tuple[OutputFile, ...] | None]], report: runner.Report
    ) -> None:
        self._events = events
        self._report = report

    def started(self) -> None:
        """Nothing to say: the pool works on nothing else."""

    def progressed(self, done: int, total: int, message: str) -> None:
        self._events.put(lambda: self._report(done, total, message))

    def finished(self, files: Sequence[OutputFile]) -> None:
        self._events.put(lambda: tuple(files))

    def failed(self, sentence: str, last_words: str) -> None:
        def fail() -> None:
            if last_words:
                sys.stderr.write(f"{last_words}\n")
            raise EngineError(sentence)

        self._events.put(fail)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
