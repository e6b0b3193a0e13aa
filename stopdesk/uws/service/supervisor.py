"""Brings jobs to the worker pool and through their phases, and keeps their limits of time."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

from stopdesk.domain.job import Phase
from stopdesk.engines.runner import OutputFile
from stopdesk.engines.workers import ModelTask, TaskListener
from stopdesk.uws.service.changes import Changes
from stopdesk.uws.service.forms import Part
from stopdesk.uws.service.parameters import Submission
from stopdesk.uws.service.records import JobRecord, Progress, StoredParameter, StoredResult, now
from stopdesk.uws.service.store import NoSuchJob, Store, WrongPhase

_logger = logging.getLogger(__name__)

#: A job that was executing when the service died is started again so many times.
MAX_RESTARTS = 2
#: What a job gets when it does not ask, and the most that it gets, in seconds.
DURATION, MAX_DURATION = 24 * 3600, 7 * 24 * 3600
LIFETIME, MAX_LIFETIME = 30 * 24 * 3600, 365 * 24 * 3600

#: The clock on the wall may be set: it is looked at this often, in seconds.
_LOOK_AGAIN = 30.0

RUNNING = (Phase.QUEUED, Phase.EXECUTING)
UNFINISHED = (Phase.PENDING, *RUNNING)
ANY_PHASE = tuple(Phase)


class Pool(Protocol):
    """What the supervisor needs of a worker pool."""

    def submit(self, task: ModelTask, listener: TaskListener) -> None:
        """Compute the task; returns at once, and the listener hears how it goes."""

    def cancel(self, task_id: str) -> None:
        """Kill what works on the task at once; its listener hears nothing more."""


class Supervisor:
    """The life of every job. Every method may be called from any thread."""

    def __init__(self, *, store: Store, pool: Pool, changes: Changes) -> None:
        self._store = store
        self._pool = pool
        self._changes = changes
        self._progress: dict[str, Progress] = {}
        self._pool_lock = threading.Lock()
        self._closing = False
        self._timer = _Timer(store, self._enforce)

    def start(self) -> None:
        """Take up the jobs that an earlier service left, and begin to watch the limits."""
        self._store.remove_orphans()
        left = self._store.in_phase(*RUNNING)
        for job in left:
            if job.phase is Phase.EXECUTING and job.starts > MAX_RESTARTS:
                words = f"The service died {job.starts} times while it computed this job, so the job is given up."
                self._store.change(job.job_id, RUNNING, partial(_ended, phase=Phase.ERROR, error=words))
            else:
                _clean(self._out(job.job_id))
                self._store.change(job.job_id, RUNNING, _queued)
                self._submit(job)
        self._timer.start()

    @property
    def is_closing(self) -> bool:
        """Whether the service ends."""
        return self._closing

    def close(self, close_pool: Callable[[], None]) -> None:
        """End in good order: what executes is queued again for the next start, and does not count as started."""
        self._closing = True  # the pool may report workers as dead that it ends itself
        self._timer.close()
        with self._pool_lock:
            close_pool()
        for job in self._store.in_phase(Phase.EXECUTING):
            self._store.change(job.job_id, RUNNING, lambda job: replace(_queued(job), starts=job.starts - 1))

    def create(self, submission: Submission) -> JobRecord:
        """A new job, PENDING, or QUEUED where the submission says run."""
        job_id = secrets.token_hex(8)
        moment = now()
        plain = [StoredParameter(name, value) for name, value in submission.request.items()]
        files = [StoredParameter(name, part.file_name, _place(name, part)) for name, part in submission.files.items()]
        job = JobRecord(
            job_id=job_id,
            model=submission.model,
            phase=Phase.PENDING,
            run_id=submission.run_id,
            created=moment,
            execution_duration=bounded_duration(submission.execution_duration),
            destruction=bounded_destruction(submission.destruction, moment),
            estimate=submission.estimate,
            parameters=(*plain, *files),
        )
        try:
            self._write_inputs(job_id, submission)
            kept = self._store.add(job)
        except (OSError, sqlite3.Error):
            self._store.remove_folder(job_id)
            raise
        self._timer.look()
        return self.run(job_id) if submission.run else kept

    def run(self, job_id: str) -> JobRecord:
        """PENDING to QUEUED; WrongPhase otherwise."""
        job = self._store.change(job_id, (Phase.PENDING,), _queued)
        self._changes.announce(job_id)
        self._submit(job)
        return job

    def abort(self, job_id: str, words: str | None = None) -> None:
        """End a job that is not over yet; its results so far are kept. ``words`` say why, where nobody asked."""
        self._end(job_id, UNFINISHED, lambda job: _ended(job, Phase.ABORTED, error=words))
        with self._pool_lock:
            self._pool.cancel(job_id)

    def delete(self, job_id: str) -> None:
        """Remove a job and its files, whatever it is doing."""
        job = self._store.remove(job_id)
        self._progress.pop(job_id, None)
        self._changes.announce(job_id)
        if job.phase in RUNNING:
            with self._pool_lock:
                self._pool.cancel(job_id)
        self._store.remove_folder(job_id)

    def set_duration(self, job_id: str, seconds: int) -> None:
        """Set the execution duration, within what is allowed; WrongPhase when the job is over."""
        self._store.change(job_id, UNFINISHED, lambda job: replace(job, execution_duration=bounded_duration(seconds)))
        self._timer.look()

    def set_destruction(self, job_id: str, moment: int) -> None:
        """Set the destruction time, within what is allowed."""
        self._store.change(job_id, ANY_PHASE, lambda job: replace(job, destruction=bounded_destruction(moment, now())))
        self._timer.look()

    def progress(self, job: JobRecord) -> Progress | None:
        """How far the job is; of a job that is over, how far it came."""
        return job.progress if job.phase.is_final else self._progress.get(job.job_id)

    # What the pool says of a job; a word that comes too late changes nothing.

    def started(self, job_id: str) -> None:
        """A worker began with the job."""
        moment = now()
        self._store.change(
            job_id,
            (Phase.QUEUED,),
            lambda job: replace(job, phase=Phase.EXECUTING, started=moment, starts=job.starts + 1),
        )
        self._changes.announce(job_id)
        self._timer.look()

    def progressed(self, job_id: str, progress: Progress) -> None:
        """Some rows are done."""
        self._progress[job_id] = progress

    def finished(self, job_id: str, files: Sequence[OutputFile]) -> None:
        """The job is done and its files are whole."""
        folder = self._store.job_folder(job_id)
        results = tuple(
            StoredResult(file.path.name, str(file.path.relative_to(folder)), file.mime_type, file.path.stat().st_size)
            for file in files
        )
        self._end(job_id, RUNNING, lambda job: replace(_ended(job, Phase.COMPLETED), results=results))

    def failed(self, job_id: str, sentence: str, last_words: str) -> None:
        """The job cannot be computed, or its worker died."""
        self._end(job_id, RUNNING, lambda job: replace(_ended(job, Phase.ERROR, error=sentence), last_words=last_words))

    def _end(self, job_id: str, phases: Collection[Phase], change: Callable[[JobRecord], JobRecord]) -> None:
        """Bring a job to its last phase, together with how far it came."""
        progress = self._progress.get(job_id)
        self._store.change(job_id, phases, lambda job: replace(change(job), progress=progress))
        self._progress.pop(job_id, None)
        self._changes.announce(job_id)

    def _write_inputs(self, job_id: str, submission: Submission) -> None:
        """Make the job's folder, with the uploaded files in it."""
        (self._store.job_folder(job_id) / "in").mkdir(parents=True)
        for name, part in submission.files.items():
            path = self._store.job_folder(job_id) / _place(name, part)
            path.parent.mkdir()
            path.write_bytes(part.data)

    def _submit(self, job: JobRecord) -> None:
        folder = self._store.job_folder(job.job_id)
        out = self._out(job.job_id)
        task = ModelTask(
            task_id=job.job_id,
            model=job.model,
            request={p.name: p.value for p in job.parameters if p.file is None},
            files={p.name: folder / p.file for p in job.parameters if p.file is not None},
            outdir=out,
        )
        with self._pool_lock:
            try:  # an abort or a delete that came first has nothing to cancel yet
                if self._store.job(job.job_id).phase is not Phase.QUEUED:
                    return
            except NoSuchJob:
                return
            out.mkdir(parents=True, exist_ok=True)
            self._pool.submit(task, _Listener(self, job.job_id))

    def _out(self, job_id: str) -> Path:
        return self._store.job_folder(job_id) / "out"

    def _enforce(self, moment: int) -> None:
        """Destroy and abort what is due."""
        for job_id in self._store.to_destroy(moment):
            try:
                self.delete(job_id)
            except NoSuchJob:
                pass  # somebody was quicker
        for job_id in self._store.over_time(moment):
            try:
                duration = self._store.job(job_id).execution_duration
                self.abort(job_id, f"The job was aborted at the end of its execution duration of {duration} s.")
            except (NoSuchJob, WrongPhase):
                pass  # it ended by itself meanwhile


class _Listener:
    """Brings what the pool says of one job to the supervisor."""

    def __init__(self, supervisor: Supervisor, job_id: str) -> None:
        self._supervisor = supervisor
        self._job_id = job_id

    def started(self) -> None:
        self._tell(lambda: self._supervisor.started(self._job_id))

    def progressed(self, done: int, total: int, message: str) -> None:
        self._supervisor.progressed(self._job_id, Progress(done, total, message))

    def finished(self, files: Sequence[OutputFile]) -> None:
        self._tell(lambda: self._supervisor.finished(self._job_id, files))

    def failed(self, sentence: str, last_words: str) -> None:
        self._tell(lambda: self._supervisor.failed(self._job_id, sentence, last_words))

    def _tell(self, word: Callable[[], None]) -> None:
        if self._supervisor.is_closing:
            return
        try:
            word()
        except (NoSuchJob, WrongPhase):
            pass  # aborted or deleted meanwhile
        except (OSError, sqlite3.Error):
            # A full disk, say. The pool's thread has to live on; a restart of the service takes the job up again.
            _logger.exception("what became of job %s could not be written down", self._job_id)


class _Timer:
    """The thread that looks when the next limit of time is reached."""

    def __init__(self, store: Store, enforce: Callable[[int], None]) -> None:
        self._store = store
        self._enforce = enforce
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._watch, name="job-limits", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def look(self) -> None:
        """A limit may have come nearer."""
        self._wake.set()

    def close(self) -> None:
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._closed:
            self._wake.clear()
            pause = _LOOK_AGAIN
            try:
                self._enforce(now())
                deadline = self._store.next_deadline()
                if deadline is not None:
                    pause = min(max((deadline - now()) / 1000, 0.001), _LOOK_AGAIN)
            except (OSError, sqlite3.Error):
                _logger.exception("the limits of the jobs could not be kept; they are looked at again")
            self._wake.wait(pause)


def bounded_duration(seconds: int | None) -> int:
    """An execution duration within what the service allows; 0 asks for no limit and gets the largest."""
    if seconds is None:
        return DURATION
    return min(seconds, MAX_DURATION) if seconds > 0 else MAX_DURATION


def bounded_destruction(moment: int | None, created: int) -> int:
    """A destruction time (ms) within what the service allows; a past one is kept and means at once."""
    if moment is None:
        return created + LIFETIME * 1000
    return min(moment, created + MAX_LIFETIME * 1000)


def _place(name: str, part: Part) -> str:
    """Where a parameter's file lies in the job's folder: under its own name, by which the results speak of it."""
    return f"in/{name}/{part.file_name}"


def _queued(job: JobRecord) -> JobRecord:
    return replace(job, phase=Phase.QUEUED, started=None)


def _ended(job: JobRecord, phase: Phase, *, error: str | None = None) -> JobRecord:
    return replace(job, phase=phase, ended=max(now(), job.started or 0), error=error)


def _clean(folder: Path) -> None:
    """Remove the files that an interrupted computation left."""
    if folder.is_dir():
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
