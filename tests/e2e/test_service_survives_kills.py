"""Kill -9 of the service or of a worker: no job is lost, none is doubled, and nothing is left running."""

from __future__ import annotations

import os
import signal
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.e2e.service_process import UWS, ServiceProcess, until
from tests.processes import children, is_there

LONG = {"density_h2": "1e3:1e7:100:log", "column_density": "1e12:1e18:1000:log", "kinetic_temperature": "10:100:9"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_jobs_survive_a_kill_of_the_service(data) -> None:
    with ServiceProcess(data) as first:
        done = first.create(column_density="1e14:1e16:10")
        assert first.wait_for_end(done) == "COMPLETED"
        grid = first.request("GET", f"{done}/results/grid.vot").content
        running = first.create("lvg", **LONG)
        until(lambda: first.phase(running) == "EXECUTING", "the grid executes")
        pending = first.request("POST", "lte/jobs", data={"molecule": "cs"}).headers["Location"]
        queued = [first.create(line_width=str(n + 1)) for n in range(8)]
        workers, old_notice = children(first.pid), first.notice_path
        first.process.kill()
        first.process.wait()
        until(lambda: not any(map(is_there, workers)), "the workers have ended with the service")
        assert old_notice.exists()
    with ServiceProcess(data) as second:
        if second.notice_path != old_notice:
            assert not old_notice.exists()  # the notice of the dead is cleared away
        moved = {url: url.replace(first.url, second.url) for url in (done, running, pending, *queued)}
        assert len(second.phases("lte")) == 10
        assert len(second.phases("lvg")) == 1
        assert second.request("GET", f"{moved[done]}/results/grid.vot").content == grid
        assert second.phase(moved[pending]) == "PENDING"
        for url in queued:
            assert second.wait_for_end(moved[url]) == "COMPLETED"
        until(lambda: second.phase(moved[running]) == "EXECUTING", "the grid executes again")
        assert second.request("POST", f"{moved[running]}/phase", data={"PHASE": "ABORT"}).status_code == 303
        assert second.phase(moved[running]) == "ABORTED"
        assert sorted(second.phases("lte").values()) == ["COMPLETED"] * 9 + ["PENDING"]


def test_a_worker_that_is_killed_ends_its_job_in_error_and_no_other(data) -> None:
    with ServiceProcess(data) as service:
        grid = service.create("lvg", **LONG)
        until(lambda: "fraction=" in service.request("GET", grid).text, "the grid is at work")
        until(lambda: service.phase(grid) == "EXECUTING", "the grid executes")
        for worker in children(service.pid):
            os.kill(worker, signal.SIGKILL)
        assert service.wait_for_end(grid) == "ERROR"
        summary = ET.fromstring(service.request("GET", grid).content).find(f"{UWS}errorSummary")
        assert "The worker process died (signal 9" in summary.findtext(f"{UWS}message")
        assert "The worker process died" in service.request("GET", f"{grid}/error").text
        assert service.wait_for_end(service.create()) == "COMPLETED"


def test_an_abort_kills_at_once_and_leaves_the_workers_to_others(data) -> None:
    with ServiceProcess(data) as service:
        grid = service.create("lvg", **LONG)
        until(lambda: service.phase(grid) == "EXECUTING", "the grid executes")
        service.request("POST", f"{grid}/phase", data={"PHASE": "ABORT"})
        assert service.phase(grid) == "ABORTED"
        assert service.wait_for_end(service.create()) == "COMPLETED"
        assert service.phase(grid) == "ABORTED"
