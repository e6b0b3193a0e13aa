"""What is aborted, deleted, killed or too long on a real DaCHS leaves no process and nothing in SLURM's queue."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from tests.desk import only_run, run_on, wait_for_state
from tests.peers.dachs_site import DachsSite
from tests.peers.slurm_cluster import SlurmCluster
from tests.peers.talking import (
    LONG_GRID,
    curl,
    curl_create,
    curl_start,
    job_id,
    phase,
    running,
    stopdesk,
    wait_for_phase,
    wait_until,
)


@pytest.fixture
def computing(dachs: DachsSite, slurm: SlurmCluster, way: str) -> Iterator[str]:
    """A long job of which the first rows are computed."""
    job = curl_create(dachs.jobs("lvg"), LONG_GRID)
    curl_start(job)
    wait_until_it_computes(dachs, job)
    assert slurm.names() == ([f"stop-{job_id(job)}"] if way == "through SLURM" else [])
    yield job
    wait_until_nothing_is_left(dachs, slurm, job)


def wait_until_it_computes(site: DachsSite, job: str) -> None:
    progress = site.jobs_folder / job_id(job) / "progress.jsonl"

    def computes() -> bool:
        assert phase(job) in ("QUEUED", "EXECUTING"), curl(job)
        return progress.exists() and '"message": ""' in progress.read_text().partition("\n")[2]

    wait_until(computes, "the first rows")
    assert running(site, job)


def wait_until_nothing_is_left(site: DachsSite, slurm: SlurmCluster, job: str) -> None:
    wait_until(lambda: not running(site, job), "the end of its processes")
    wait_until(lambda: not slurm.names(), "the end of its job in SLURM")


def test_an_aborted_job_is_aborted(computing: str, tmp_path: Path) -> None:
    stopdesk("job", computing, "abort", cwd=tmp_path)
    wait_for_phase(computing, "ABORTED")


def test_a_deleted_job_takes_its_engine_along(computing: str, dachs: DachsSite) -> None:
    curl("--request", "DELETE", "--output", os.devnull, computing)
    assert curl("--output", os.devnull, "--write-out", "%{http_code}", computing) == "404"
    wait_until(lambda: not (dachs.jobs_folder / job_id(computing)).exists(), "the end of its folder")


def test_the_command_line_deletes(computing: str, tmp_path: Path) -> None:
    stopdesk("job", computing, "delete", cwd=tmp_path)
    stopdesk("job", computing, "show", cwd=tmp_path, code=6)


def test_what_a_killed_runner_leaves_is_ended(computing: str, dachs: DachsSite) -> None:
    for process in running(dachs, computing):
        if b"uwsrun" in Path(f"/proc/{process}/cmdline").read_bytes():
            os.kill(process, signal.SIGKILL)
    wait_for_phase(computing, "ERROR")


def test_a_job_ends_at_its_limit(dachs: DachsSite, slurm: SlurmCluster) -> None:
    job = curl_create(dachs.jobs("lvg"), LONG_GRID)
    curl("--output", os.devnull, "--data", "EXECUTIONDURATION=3", f"{job}/executionduration")
    curl_start(job)
    wait_for_phase(job, "ABORTED")
    assert "stopped at its limit of 3 s" in curl(job)
    wait_until_nothing_is_left(dachs, slurm, job)


@pytest.mark.parametrize("word", ["Abort", "Delete"])
def test_the_window_ends_it(
    qtbot: QtBot, desk: app.Desk, dachs: DachsSite, slurm: SlurmCluster, way: str, word: str
) -> None:
    desk.settings.change(desk.settings.settings.with_value("confirm_delete", value=False))
    desk.window.workspace.form.set_request(LONG_GRID)
    key = run_on(qtbot, desk, dachs.jobs("lvg"))
    wait_for_state(qtbot, desk, "executing")
    job = only_run(desk).job_url
    assert job is not None
    desk.window.jobs.commanded.emit(word, [key])
    if word == "Abort":
        wait_for_state(qtbot, desk, "aborted")
        assert "1 aborted" in desk.window.jobs.counts
    else:
        qtbot.waitUntil(lambda: not desk.document.session.runs, timeout=60_000)
    wait_until_nothing_is_left(dachs, slurm, job)
