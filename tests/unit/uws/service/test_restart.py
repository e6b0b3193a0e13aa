"""Jobs outlive the service: what was queued or running goes on, and none is lost or doubled."""

from __future__ import annotations

from pathlib import Path

from stopdesk.domain.job import Phase
from stopdesk.formats import molecules
from stopdesk.uws.service.changes import Changes
from stopdesk.uws.service.store import Store
from stopdesk.uws.service.supervisor import MAX_RESTARTS, Supervisor

from .conftest import RunningService, StagePool


class Crashing:
    """A supervisor that is let go without its close, as a killed service would be."""

    def __init__(self, data: Path) -> None:
        self.store, self.pool = Store(data), StagePool()
        self.supervisor = Supervisor(store=self.store, pool=self.pool, changes=Changes())
        self.supervisor.start()

    def crash(self) -> None:
        self.supervisor._timer.close()
        self.store.close()


def test_after_an_orderly_end_everything_is_as_it_was_and_goes_on(restarted) -> None:
    first = restarted()
    pending = first.create()
    queued, executing, done, failed, aborted = (first.create(PHASE="RUN") for _ in range(5))
    for job_id in (executing, done):
        first.pool.start(job_id)
    first.pool.finish(done, {"grid.vot": b"kept"})
    first.pool.fail(failed, "no luck")
    first.supervisor.abort(aborted)
    second = restarted()
    assert list(second.pool.tasks) == [queued, executing]  # in the order in which they were made
    phases = {job_id: second.phase(job_id) for job_id in (pending, queued, executing, done, failed, aborted)}
    assert list(phases.values()) == ["PENDING", "QUEUED", "QUEUED", "COMPLETED", "ERROR", "ABORTED"]
    assert second.get(f"/lte/jobs/{done}/results/grid.vot").content == b"kept"
    assert "no luck" in second.get(f"/lte/jobs/{failed}").text
    second.pool.start(executing)
    second.pool.finish(executing)
    assert second.phase(executing) == "COMPLETED"
    assert len(second.store.ids()) == 6


def test_an_orderly_end_does_not_count_as_a_start(restarted) -> None:
    job_id = restarted().create(PHASE="RUN")
    for _ in range(MAX_RESTARTS + 3):
        running = restarted()
        running.pool.start(job_id)
    assert restarted().phase(job_id) == "QUEUED"


def test_what_a_crash_interrupts_starts_again_from_nothing_and_is_given_up_in_the_end(tmp_path) -> None:
    service = RunningService(tmp_path / "data")
    job_id, other = service.create(PHASE="RUN"), service.create(PHASE="RUN")
    service.stop()
    for _ in range(MAX_RESTARTS + 1):
        crashing = Crashing(tmp_path / "data")
        assert set(crashing.pool.tasks) == {job_id, other}
        outdir = crashing.pool.tasks[job_id].outdir
        assert list(outdir.iterdir()) == []
        crashing.pool.start(job_id)
        (outdir / ".parts").mkdir()
        (outdir / ".parts" / "half").write_text("half")
        (outdir / "grid.vot").write_text("half")
        crashing.crash()
    last = Crashing(tmp_path / "data")
    assert set(last.pool.tasks) == {other}
    record = last.store.job(job_id)
    assert record.phase is Phase.ERROR
    assert f"died {MAX_RESTARTS + 1} times" in str(record.error)
    assert last.store.job(other).phase is Phase.QUEUED
    last.crash()


def test_uploaded_files_are_still_there(restarted) -> None:
    data = molecules.find("co").path.read_bytes()
    first = restarted()
    answer = first.post("/lte/jobs", data={"PHASE": "RUN"}, files={"molecule_file": ("co.dat", data)})
    assert answer.status_code == 303
    (task,) = restarted().pool.tasks.values()
    assert task.files["molecule_file"].read_bytes() == data


def test_half_made_jobs_leave_nothing(restarted) -> None:
    first = restarted()
    kept = first.create()
    (first.store.jobs_folder / "half" / "in").mkdir(parents=True)
    assert [path.name for path in restarted().store.jobs_folder.iterdir()] == [kept]
