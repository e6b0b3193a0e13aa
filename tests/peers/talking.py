"""What the tests do at a peer: the command line, plain curl, waiting for a condition, and comparing numbers."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from stopdesk.domain.parameter import Attachment, Values
from stopdesk.formats.results import read_grid
from tests.peers.dachs_site import CHECKOUT, DachsSite

#: A grid of LVG models for which one may wait.
GRID = {
    "molecule": "co",
    "column_density": "1e14:1e18:5:log",
    "density_h2": "1e3:1e6:4:log",
    "kinetic_temperature": "10:50:5",
    "ortho_para_ratio": "3",
}
#: One for which nobody waits.
LONG_GRID = {
    "molecule": "co",
    "column_density": "1e14:1e18:100:log",
    "density_h2": "1e3:1e7:100:log",
    "kinetic_temperature": "10:100:100",
}


def stopdesk(*words: str, cwd: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "stopdesk", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    return done


def given(values: dict[str, str]) -> list[str]:
    """Values as options of the command."""
    return [word for name, value in values.items() for word in ("-p", f"{name}={value}")]


def curl(*words: str) -> str:
    """What curl prints; it must not fail."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "60", *words],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def curl_create(jobs: str, values: dict[str, str], *options: str) -> str:
    """Make a job with curl; gives its address."""
    form = [word for name, value in values.items() for word in ("--form-string", f"{name}={value}")]
    job = curl("--output", os.devnull, "--write-out", "%{redirect_url}", *form, *options, jobs)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/.+/async/\w+", job), job
    return job


def curl_start(job: str) -> None:
    """Start a job with curl."""
    curl("--output", os.devnull, "--data", "PHASE=RUN", f"{job}/phase")


def phase(job: str) -> str:
    """The phase of a job, by curl."""
    return curl(f"{job}/phase")


def wait_for_phase(job: str, *phases: str) -> str:
    """Wait until a job is in one of these phases, and in no other final one."""
    found = ""

    def reached() -> bool:
        nonlocal found
        found = phase(job)
        assert found in phases or found not in ("COMPLETED", "ERROR", "ABORTED"), curl(job)
        return found in phases

    wait_until(reached, f"{job} to be {' or '.join(phases)}")
    return found


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 150.0) -> None:
    """Wait until the condition holds, looking often."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:g} s for {what}"
        time.sleep(0.1)  # between two looks at the condition


def job_id(job: str) -> str:
    """The last part of a job's address."""
    return job.rsplit("/", 1)[-1]


def running(site: DachsSite, job: str) -> list[int]:
    """The processes that have to do with a job: DaCHS' runner, srun, the engine and its workers."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            folder = str((entry / "cwd").readlink())
            dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except OSError:
            continue
        ours = folder.startswith(str(site.jobs_folder / job_id(job)))
        if not dead and (ours or any(job_id(job) in word for word in words)):
            found.append(int(entry.name))
    return found


def same_numbers(first: Path | bytes, second: Path | bytes) -> None:
    """Every number of two results is the same, to the last bit."""
    one, other = read_grid(first), read_grid(second)
    assert _without_names(one.values) == _without_names(other.values)
    assert one.transitions.transition == other.transitions.transition
    assert one.outputs.keys() == other.outputs.keys()
    for name, data in {**one.outputs, **one.row_outputs}.items():
        np.testing.assert_array_equal(data, {**other.outputs, **other.row_outputs}[name], err_msg=name)


def _without_names(values: Values) -> dict[str, object]:
    """Values in which a file is its content: the local service does not keep its name."""
    return {name: value.sha256 if isinstance(value, Attachment) else value for name, value in values.items()}
