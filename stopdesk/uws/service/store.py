"""The jobs of the service in one SQLite file, and each job's folder of files beside it.

The phase of a job changes by compare-and-set only, so that of two who would end a job one wins and the other hears so.
With WAL and synchronous=NORMAL a commit survives the death of the process at any moment.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from stopdesk.domain.job import Phase
from stopdesk.errors import FileError, InputError
from stopdesk.uws.service.records import JobLine, JobRecord, Progress, StoredParameter, StoredResult

#: Version of the tables; a file of a newer version is refused.
FORMAT = 1

_TABLES = """
CREATE TABLE jobs (
    job_id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    phase TEXT NOT NULL,
    run_id TEXT,
    created INTEGER NOT NULL UNIQUE,
    started INTEGER,
    ended INTEGER,
    execution_duration INTEGER NOT NULL,
    destruction INTEGER NOT NULL,
    estimate REAL NOT NULL,
    starts INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    results TEXT NOT NULL,
    error TEXT,
    last_words TEXT NOT NULL,
    progress TEXT
) STRICT;
CREATE INDEX jobs_by_model ON jobs (model, created);
CREATE INDEX jobs_by_destruction ON jobs (destruction);
CREATE INDEX jobs_by_phase ON jobs (phase);
PRAGMA user_version = 1;
"""

_WRITE = """
INSERT INTO jobs VALUES (:job_id, :model, :phase, :run_id, :created, :started, :ended, :execution_duration,
    :destruction, :estimate, :starts, :parameters, :results, :error, :last_words, :progress)
ON CONFLICT (job_id) DO UPDATE SET phase = :phase, started = :started, ended = :ended,
    execution_duration = :execution_duration, destruction = :destruction, starts = :starts, results = :results,
    error = :error, last_words = :last_words, progress = :progress
"""

#: What a change makes of a record.
Change = Callable[[JobRecord], JobRecord]


class NoSuchJob(InputError):
    """There is no such job (any more)."""


class WrongPhase(InputError):
    """The job is in a phase in which this cannot be done."""


class Store:
    """The jobs of one data folder. Every method may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.jobs_folder = folder / "jobs"
        self.jobs_folder.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = _connect(folder / "jobs.sqlite")

    def close(self) -> None:
        """Close the file; the store cannot be used any more."""
        with self._lock:
            self._connection.close()

    def job_folder(self, job_id: str) -> Path:
        """The folder of a job's files."""
        return self.jobs_folder / job_id

    def add(self, job: JobRecord) -> JobRecord:
        """Keep a new job; gives it as kept. Creation times are unique, so that AFTER never misses one of two."""
        with self._transaction() as connection:
            (latest,) = connection.execute("SELECT max(created) FROM jobs").fetchone()
            kept = replace(job, created=max(job.created, (latest or 0) + 1))
            connection.execute(_WRITE, _row(kept))
        return kept

    def job(self, job_id: str) -> JobRecord:
        """A job; NoSuchJob when there is none."""
        with self._lock:
            return self._read(job_id)

    def change(self, job_id: str, phases: Iterable[Phase], change: Change) -> JobRecord:
        """Change a job that is in one of ``phases``; gives it as kept.

        Raises WrongPhase, and changes nothing, when it is in another phase by now, NoSuchJob when it is gone.
        """
        with self._transaction() as connection:
            job = self._read(job_id)
            if job.phase not in phases:
                raise WrongPhase(f"The job is {job.phase}: that cannot be done any more, or not yet.")
            changed = change(job)
            connection.execute(_WRITE, _row(changed))
        return changed

    def remove(self, job_id: str) -> JobRecord:
        """Forget a job and give what it was; NoSuchJob when it is gone already. Its folder is left to the caller."""
        with self._transaction() as connection:
            job = self._read(job_id)
            connection.execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))
        return job

    def lines(
        self, model: str, *, phases: Sequence[Phase] = (), after: int | None = None, last: int | None = None
    ) -> list[JobLine]:
        """The jobs of a model, newest first: in one of ``phases``, created after ``after`` (µs), at most ``last``."""
        query = "SELECT job_id, phase, run_id, created FROM jobs WHERE model = ?"
        arguments: list[str | int] = [model]
        if phases:
            query += f" AND phase IN ({', '.join('?' * len(phases))})"
            arguments += [phase.value for phase in phases]
        if after is not None:
            query += " AND created > ?"
            arguments.append(_bounded(after // 1000))  # created is whole ms: ms > µs/1000 where ms > floor(µs/1000)
        query += " ORDER BY created DESC LIMIT ?"
        arguments.append(-1 if last is None else _bounded(last))
        with self._lock:
            rows = self._connection.execute(query, arguments).fetchall()
        return [JobLine(row["job_id"], Phase(row["phase"]), row["run_id"], row["created"]) for row in rows]

    def in_phase(self, *phases: Phase) -> list[JobRecord]:
        """All jobs in one of ``phases``, oldest first."""
        marks = ", ".join("?" * len(phases))
        with self._lock:
            rows = self._connection.execute(f"SELECT * FROM jobs WHERE phase IN ({marks}) ORDER BY created", phases)
            return [_record(row) for row in rows]

    def ids(self) -> set[str]:
        """The ids of all jobs."""
        with self._lock:
            return {row["job_id"] for row in self._connection.execute("SELECT job_id FROM jobs")}

    def to_destroy(self, moment: int) -> list[str]:
        """The jobs whose destruction time is not after ``moment``."""
        with self._lock:
            rows = self._connection.execute("SELECT job_id FROM jobs WHERE destruction <= ?", (moment,)).fetchall()
        return [row["job_id"] for row in rows]

    def over_time(self, moment: int) -> list[str]:
        """The executing jobs whose execution duration is used up at ``moment``."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT job_id FROM jobs WHERE phase = 'EXECUTING' AND started + execution_duration * 1000 <= ?",
                (moment,),
            ).fetchall()
        return [row["job_id"] for row in rows]

    def next_deadline(self) -> int | None:
        """The next time at which a job is to be destroyed or aborted; None without jobs."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT min(destruction) AS moment FROM jobs UNION ALL "
                "SELECT min(started + execution_duration * 1000) FROM jobs WHERE phase = 'EXECUTING'"
            ).fetchall()
        return min((row["moment"] for row in rows if row["moment"] is not None), default=None)

    def remove_folder(self, job_id: str) -> None:
        """Remove a job's files; what a dying process still holds goes at the next start."""
        shutil.rmtree(self.job_folder(job_id), ignore_errors=True)

    def remove_orphans(self) -> None:
        """Remove folders that belong to no job: creations that a crash cut short, removals that did not end."""
        known = self.ids()
        for folder in self.jobs_folder.iterdir():
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            yield self._connection

    def _read(self, job_id: str) -> JobRecord:
        row = self._connection.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        if row is None:
            raise NoSuchJob(f"There is no job {job_id}; it may have been deleted, or its time was over.")
        return _record(row)


def _connect(path: Path) -> sqlite3.Connection:
    """The open file, its tables made where it is new; FileError when it is damaged or newer than we are."""
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise FileError(path, f"cannot be opened ({error}); check the folder and its rights.") from error
    try:
        path.chmod(0o600)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} COMMIT;")
    except sqlite3.Error as error:
        connection.close()
        raise FileError(path, f"cannot be used ({error}); move it away to start with no jobs.") from error
    if version > FORMAT:
        connection.close()
        raise FileError(path, f"was made by a newer stopdesk (format {version}); update stopdesk.")
    return connection


def _bounded(number: int) -> int:
    """The number within what SQLite can hold."""
    return max(min(number, 2**63 - 1), -(2**63))


def _row(job: JobRecord) -> dict[str, object]:
    parameters = [[p.name, p.value, p.file] for p in job.parameters]
    results = [[r.result_id, r.file, r.mime_type, r.size] for r in job.results]
    progress = job.progress and [job.progress.done, job.progress.total, job.progress.message]
    return {
        "job_id": job.job_id,
        "model": job.model,
        "phase": job.phase.value,
        "run_id": job.run_id,
        "created": job.created,
        "started": job.started,
        "ended": job.ended,
        "execution_duration": job.execution_duration,
        "destruction": job.destruction,
        "estimate": job.estimate,
        "starts": job.starts,
        "parameters": json.dumps(parameters),
        "results": json.dumps(results),
        "error": job.error,
        "last_words": job.last_words,
        "progress": json.dumps(progress) if progress else None,
    }


def _record(row: sqlite3.Row) -> JobRecord:
    columns: dict[str, Any] = dict(zip(row.keys(), row, strict=True))
    columns["phase"] = Phase(columns["phase"])
    columns["parameters"] = tuple(StoredParameter(*entry) for entry in json.loads(columns["parameters"]))
    columns["results"] = tuple(StoredResult(*entry) for entry in json.loads(columns["results"]))
    columns["progress"] = Progress(*json.loads(columns["progress"])) if columns["progress"] else None
    return JobRecord(**columns)
