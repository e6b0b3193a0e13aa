"""The store keeps jobs whole, changes a phase once, and refuses what it cannot read."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stopdesk.domain.job import Phase
from stopdesk.errors import FileError
from stopdesk.uws.service.records import JobRecord, Progress, StoredParameter, StoredResult
from stopdesk.uws.service.store import NoSuchJob, Store, WrongPhase


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "data")
    yield opened
    opened.close()


def record(job_id: str = "a", **fields: object) -> JobRecord:
    known = {"model": "lte", "phase": Phase.PENDING, "run_id": None, "created": 1000}
    limits = {"execution_duration": 60, "destruction": 10**12, "estimate": 0.5}
    return JobRecord(job_id=job_id, **{**known, **limits, **fields})  # type: ignore[arg-type]


def test_a_job_comes_back_as_it_was_kept_also_after_a_restart(store, tmp_path) -> None:
    full = record(
        run_id="μ",
        phase=Phase.ERROR,
        started=1001,
        ended=1002,
        starts=2,
        parameters=(StoredParameter("molecule", "co"), StoredParameter("molecule_file", "x.dat", "in/molecule_file")),
        results=(StoredResult("grid.vot", "out/grid.vot", "application/x-votable+xml", 5),),
        error="no",
        last_words="words",
        progress=Progress(1, 2, "half"),
    )
    assert store.add(full) == full
    assert store.job("a") == full
    store.close()
    again = Store(tmp_path / "data")
    assert again.job("a") == full
    again.close()


def test_creation_times_are_unique_and_rise(store) -> None:
    created = [store.add(record(str(n))).created for n in range(5)]
    assert created == [1000, 1001, 1002, 1003, 1004]


def test_of_many_threads_one_changes_the_phase(store) -> None:
    store.add(record(phase=Phase.EXECUTING))
    barrier, won, lost = threading.Barrier(8), [], []

    def end(phase: Phase) -> None:
        barrier.wait()
        try:
            won.append(store.change("a", (Phase.EXECUTING,), lambda job: replace(job, phase=phase)).phase)
        except WrongPhase:
            lost.append(phase)

    threads = [threading.Thread(target=end, args=(phase,)) for phase in (Phase.COMPLETED, Phase.ABORTED) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert len(lost) == 7
    assert store.job("a").phase is won[0]


def test_a_change_that_fails_changes_nothing(store) -> None:
    store.add(record())

    def fail(job: JobRecord) -> JobRecord:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.change("a", (Phase.PENDING,), fail)
    assert store.job("a") == record()
    store.change("a", (Phase.PENDING,), lambda job: replace(job, phase=Phase.QUEUED))


def test_what_is_not_there_is_no_job(store) -> None:
    for call in (store.job, store.remove, lambda name: store.change(name, tuple(Phase), lambda job: job)):
        with pytest.raises(NoSuchJob, match="nobody"):
            call("nobody")


def test_deadlines(store) -> None:
    assert store.next_deadline() is None
    store.add(record("late", destruction=9_000_000))
    store.add(record("runs", phase=Phase.EXECUTING, started=5000, execution_duration=7, destruction=8_000_000))
    store.add(record("waits", phase=Phase.QUEUED, execution_duration=1))
    assert store.next_deadline() == 12_000
    assert store.over_time(11_999) == []
    assert store.over_time(12_000) == ["runs"]
    assert store.to_destroy(7_999_999) == []
    assert store.to_destroy(8_000_000) == ["runs"]


def test_folders_of_no_job_are_removed(store) -> None:
    store.add(record("known"))
    for name in ("known", "unknown"):
        (store.job_folder(name) / "out").mkdir(parents=True)
    store.remove_orphans()
    assert [path.name for path in store.jobs_folder.iterdir()] == ["known"]


def test_a_newer_file_is_refused_in_words_and_left_alone(tmp_path) -> None:
    path = tmp_path / "jobs.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    with pytest.raises(FileError, match="made by a newer stopdesk"):
        Store(tmp_path)


def test_a_damaged_file_is_refused_in_words(tmp_path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"this is no database at all, but it is quite long" * 100)
    with pytest.raises(FileError, match="move it away"):
        Store(tmp_path)


def test_only_the_user_can_read_the_jobs(store) -> None:
    assert (store.folder / "jobs.sqlite").stat().st_mode & 0o077 == 0
