"""200 jobs at once, of which some are aborted, deleted or lose their worker: in the end each is where it belongs."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.e2e.service_process import ServiceProcess, until
from tests.processes import children

N_JOBS = 200
#: Larger than a test has time for; it ends because it is aborted, deleted or killed.
LONG = {"density_h2": "1e3:1e7:100:log", "column_density": "1e12:1e18:1000:log", "kinetic_temperature": "10:100:9"}


def test_every_job_ends_where_it_belongs(tmp_path: Path) -> None:
    with ServiceProcess(tmp_path / "data", "--workers", "2") as service:
        long_ones = [service.create("lvg", **LONG) for _ in range(3)]
        to_abort, to_delete, to_lose = long_ones
        with ThreadPoolExecutor(8) as threads:
            jobs = list(threads.map(lambda n: service.create(line_width=str(1 + n)), range(N_JOBS)))
            assert len(set(jobs)) == N_JOBS
            aborted, deleted, kept = jobs[::10], jobs[5::10], [job for n, job in enumerate(jobs) if n % 5]

            def abort(job: str) -> int:
                return service.request("POST", f"{job}/phase", data={"PHASE": "ABORT"}).status_code

            aborts = dict(zip(aborted, threads.map(abort, aborted), strict=True))
            deletions = list(threads.map(lambda job: service.request("DELETE", job).status_code, deleted))
            assert service.request("POST", f"{to_abort}/phase", data={"PHASE": "ABORT"}).status_code == 303
            assert service.request("DELETE", to_delete).status_code == 303
            ends = dict(zip(kept, threads.map(service.wait_for_end, kept), strict=True))
        until(lambda: service.phase(to_lose) == "EXECUTING", "the last grid executes")
        for worker in children(service.pid):  # all, for one of them may still be warming up
            os.kill(worker, signal.SIGKILL)
        assert service.wait_for_end(to_lose) == "ERROR"
        assert set(ends.values()) == {"COMPLETED"}
        assert set(deletions) == {303}
        for job, status in aborts.items():  # one that was done before the abort came is done, and was told so
            assert (service.phase(job), status) in (("ABORTED", 303), ("COMPLETED", 403))
        phases = service.phases("lte")
        assert len(phases) == N_JOBS - len(deleted)
        assert set(phases.values()) <= {"COMPLETED", "ABORTED"}
        assert sorted(service.phases("lvg").values()) == ["ABORTED", "ERROR"]
        folders = {path.name for path in (tmp_path / "data" / "jobs").iterdir()}
        assert folders == set(phases) | set(service.phases("lvg"))
        assert service.wait_for_end(service.create()) == "COMPLETED"
        assert len(children(service.pid)) <= 2
