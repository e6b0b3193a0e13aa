"""A worker process answers line by line, keeps its stdout clean, and ends with its parent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-m", "stopdesk.engines.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    ) as process:
        yield process
        process.kill()


def _tell(worker: subprocess.Popen[bytes], **message: Any) -> None:
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(message).encode() + b"\n")
    worker.stdin.flush()


def _hear(worker: subprocess.Popen[bytes], *kinds: str) -> dict[str, Any]:
    """The next answer of one of these kinds; all lines have to be JSON."""
    assert worker.stdout is not None
    while True:
        answer: dict[str, Any] = json.loads(worker.stdout.readline())
        if answer["is"] in kinds:
            return answer


def _task(folder: Path, **request: str) -> dict[str, Any]:
    return {
        "task": "t",
        "model": "lte",
        "request": request,
        "files": {},
        "outdir": str(folder),
        "scratch": str(folder / "parts"),
    }


def test_a_task_in_pieces(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    task = _task(tmp_path, column_density="1e14:1e19:200:log", excitation_temperature="5:100:200")
    _tell(worker, do="begin", **task)
    begun = _hear(worker, "begun", "finished", "failed")
    assert (begun["is"], begun["total"]) == ("begun", 40_000)
    _tell(worker, do="compute", start=0, stop=20_000, **task)
    progress = _hear(worker, "progress", "computed")
    assert progress["total"] == 40_000 if progress["is"] == "progress" else True
    _tell(worker, do="compute", start=20_000, stop=40_000, **task)
    _tell(worker, do="finish", seconds=1.0, **task)
    finished = _hear(worker, "finished", "failed")
    assert [Path(path).name for path, _ in finished["files"]] == ["grid.vot", "summary.json"]
    assert json.loads((tmp_path / "summary.json").read_text())["converged"] == 40_000


def test_failure_is_a_sentence_and_not_the_end(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    _tell(worker, do="begin", **_task(tmp_path, line_width="-1"))
    assert "line_width" in _hear(worker, "finished", "failed")["text"]
    _tell(worker, do="begin", **{**_task(tmp_path), "task": "u"})
    assert _hear(worker, "finished", "failed")["is"] == "finished"


def test_warming_up_keeps_stdout_clean(worker: subprocess.Popen[bytes]) -> None:
    _tell(worker, do="warm_up")
    assert _hear(worker, "warm", "failed") == {"is": "warm"}


def test_prints_go_to_stderr() -> None:
    program = (
        "import os; from stopdesk.engines import worker; answers = worker._guard_stdout(); print('noise', flush=True); "
        "os.write(1, b'more'); answers.write(b'answer'); answers.flush()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(_ROOT)}
    )
    assert done.stdout == b"answer"
    assert done.stderr == b"noise\nmore"


def test_the_end_of_stdin_ends_it_in_the_middle_of_work(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    task = _task(tmp_path, column_density="1e14:1e19:1000:log", excitation_temperature="5:100:400")
    _tell(worker, do="begin", **task)
    _hear(worker, "begun")
    _tell(worker, do="compute", start=0, stop=1_000, **task)
    _hear(worker, "computed")
    _tell(worker, do="compute", start=1_000, stop=101_000, **task)
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=30) == 0
    assert worker.stdout is not None
    assert b"computed" not in worker.stdout.read()
