"""The command line waits no longer than it was told, and bears a reader who has had enough."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(60)
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "stopdesk"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def test_a_job_that_is_not_done_in_time_is_not_called_done(tmp_path: Path) -> None:
    with UwsServer() as server:
        done = subprocess.run(
            [*COMMAND, "submit", server.url, "--timeout", "1"],
            cwd=tmp_path,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )
        (job,) = server.jobs.values()
        assert job.phase == "EXECUTING", "it goes on"
    assert done.returncode == 5
    assert "After 1 s the job is EXECUTING" in done.stderr
    assert f"{server.url}/{job.job_id}" in done.stderr
    assert list(tmp_path.glob("job-*")) == []


def test_a_reader_who_has_had_enough_is_no_error(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [*COMMAND, "models", "lvg"],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        os.close(writing)
    assert done.returncode == 0
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("words", [("models", "lvg"), ("resolve", "10 20"), ("convert", "t.csv", "-", "--to", "ecsv")])
def test_an_output_that_cannot_be_written_is_a_sentence(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "t.csv").write_text("a\n1\n")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, *words], cwd=tmp_path, env=ENVIRONMENT, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "stopdesk: the output cannot be written (No space left on device)."
    assert "Traceback" not in done.stderr


def test_an_output_that_is_closed_is_no_error(tmp_path: Path) -> None:
    words = shlex.join([*COMMAND, "resolve", "10 20"])
    done = subprocess.run(
        ["/bin/sh", "-c", f"{words} >&-"], cwd=tmp_path, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
