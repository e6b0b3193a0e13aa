"""The command line waits no longer than it was told, and bears a reader who has had enough."""

from __future__ import annotations

import os
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
