"""A pool of processes that compute models: grids are cut into pieces, tasks take turns, a task can be killed at once.

One thread, the dispatcher, owns all that changes; everybody else sends it events. Another calls the listeners, so that
a slow one holds up nobody's numbers. Each process has a thread that reads its answers.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, Protocol

from stopdesk.engines import surroundings
from stopdesk.engines.runner import OutputFile

#: A piece of a grid is cut to take about this long (s), and has at most so many rows.
_PIECE_SECONDS, _PIECE_ROWS = 0.25, 4000

#: So many bytes at the end of what a process wrote to stderr are its last words.
_LAST_WORDS = 4000


@dataclass(frozen=True)
class ModelTask:
    """A model to run: its request as on the wire, its files by parameter name, and the folder for the results."""

    task_id: str
    model: str
    request: Mapping[str, str]
    files: Mapping[str, Path]
    outdir: Path


class TaskListener(Protocol):
    """Hears how a task goes, called from a thread of the pool; after ``finished`` or ``failed`` it hears no more."""

    def started(self) -> None:
        """A process works on the task."""

    def progressed(self, done: int, total: int, message: str) -> None:
        """So many rows are done; ``total`` is 0 while it is not known. May come before ``started``, with words."""

    def finished(self, files: Sequence[OutputFile]) -> None:
        """The files are written."""

    def failed(self, sentence: str, last_words: str) -> None:
        """It cannot be done, as a sentence; ``last_words`` of a process that died may be many lines."""


@dataclass(eq=False)
class _Job:
    """A message to a process, and the task that it is for; None for warming up."""

    message: Mapping[str, Any]
    task: _Task | None = None


@dataclass(eq=False)
class _Process:
    """A worker process, what it is doing, what it wrote to stderr (a file without a name), and its temporary files."""

    popen: subprocess.Popen[bytes]
    stderr: IO[bytes]
    folder: Path
    job: _Job | None = None
    warm: bool = False
    reader: threading.Thread = field(init=False)

    def give(self, job: _Job) -> None:
        """Send it a message; where it is dead already, its reader will say so."""
        self.job = job
        assert self.popen.stdin is not None
        try:
            self.popen.stdin.write(json.dumps(job.message).encode() + b"\n")
            self.popen.stdin.flush()
        except BrokenPipeError:
            pass

    def let_go(self) -> None:
        """Close its stdin, on which it ends."""
        assert self.popen.stdin is not None
        try:
            self.popen.stdin.close()
        except BrokenPipeError:
            pass

    def last_words(self) -> str:
        """The end of what it wrote to stderr."""
        size = os.fstat(self.stderr.fileno()).st_size
        return os.pread(self.stderr.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS)).decode(errors="replace").strip()


@dataclass(eq=False)
class _Task:
    """A task under way. ``ready`` are the messages that can be sent now, ``rows`` those done by each running piece."""

    task: ModelTask
    listener: TaskListener
    base: Mapping[str, Any]
    scratch: Path
    ready: deque[dict[str, Any]]
    began: float = 0.0
    total: int = 0
    done: int = 0
    pieces_left: int = 0
    rows: dict[_Process, int] = field(default_factory=dict)
    silent: bool = False


_WARM_UP = _Job({"do": "warm_up"})


class WorkerPool:
    """Runs model tasks in ``n_workers`` processes (None: one for each core), started when first needed."""

    def __init__(self, n_workers: int | None = None) -> None:
        self._n_workers = n_workers or os.cpu_count() or 1
        self._events: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._calls: queue.SimpleQueue[tuple[_Task, Callable[[], None]] | None] = queue.SimpleQueue()
        self._tasks: dict[str, _Task] = {}
        self._turns: deque[_Task] = deque()
        self._processes: list[_Process] = []
        self._killed: list[_Process] = []  # and not buried yet
        self._count = itertools.count()
        self._folders = surroundings.Folders()
        self._keep_warm = False
        self._closed = False
        self._threads = [
            threading.Thread(target=self._dispatch, name="workers-dispatcher", daemon=True),
            threading.Thread(target=self._call, name="workers-listeners", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, task: ModelTask, listener: TaskListener) -> None:
        """Take on a task; returns at once. ``task_id`` must not be that of a task under way."""
        self._events.put(lambda: self._submit(task, listener))

    def cancel(self, task_id: str) -> None:
        """Kill the processes that work on the task; its listener hears nothing of what happens from now on."""
        if self._closed:
            return
        done = threading.Event()
        self._events.put(lambda: self._cancel(task_id, done))
        done.wait(timeout=10)  # the dispatcher never waits for anybody, unless it is starting a process

    def warm_up(self) -> None:
        """Start all processes and load the slow engines; returns at once."""
        self._events.put(self._warm_up)

    def close(self, timeout: float) -> None:
        """End all processes and threads, at the latest after ``timeout`` seconds; listeners hear nothing more."""
        deadline = time.monotonic() + timeout
        self._events.put(lambda: self._close(deadline))
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()) + 1.0)

    # What follows runs in the dispatcher's thread, apart from _call and _read.

    def _dispatch(self) -> None:
        while (event := self._events.get()) is not None:
            event()
            if not self._closed:
                self._assign()
                self._warm_the_idle()

    def _call(self) -> None:
        while (item := self._calls.get()) is not None:
            task, call = item
            if not task.silent:
                call()

    def _tell(self, task: _Task, call: Callable[[], None]) -> None:
        self._calls.put((task, call))

    def _submit(self, task: ModelTask, listener: TaskListener) -> None:
        outdir, key = task.outdir.absolute(), f"{task.task_id}-{next(self._count)}"  # an id may come again
        scratch = outdir / f".parts-{key}"
        base = {
            "task": key,
            "model": task.model,
            "request": dict(task.request),
            "files": {name: str(path.absolute()) for name, path in task.files.items()},
            "outdir": str(outdir),
            "scratch": str(scratch),
        }
        state = _Task(task, listener, base, scratch, deque([{"do": "begin"}]))
        self._tasks[task.task_id] = state
        self._turns.append(state)

    def _cancel(self, task_id: str, done: threading.Event) -> None:
        task = self._tasks.get(task_id)
        if task is not None:
            task.silent = True
            for process in [process for process in self._processes if process.job and process.job.task is task]:
                self._processes.remove(process)
                self._killed.append(process)
                process.popen.kill()
            self._end(task)
        done.set()
        if self._keep_warm:
            self._warm_up()

    def _warm_up(self) -> None:
        self._keep_warm = True
        try:
            while len(self._processes) < self._n_workers and not self._closed:
                self._start()
        except OSError:
            self._keep_warm = False  # the next task will say why

    def _close(self, deadline: float) -> None:
        self._closed = True
        for task in list(self._tasks.values()):
            task.silent = True
            self._end(task)
        processes = [*self._processes, *self._killed]
        self._processes = []
        for process in processes:
            process.let_go()
        for process in processes:
            try:
                process.popen.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.popen.kill()
            process.reader.join()
            process.stderr.close()
        self._folders.close()
        self._events.put(None)
        self._calls.put(None)

    def _start(self) -> _Process:
        """Start a process; OSError where the system does not let us."""
        folder = self._folders.new()
        stderr = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the process is buried
        popen = subprocess.Popen(
            [sys.executable, "-m", "stopdesk.engines.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=surroundings.environment(folder),
        )
        process = _Process(popen, stderr, folder)
        name = f"workers-reader-{popen.pid}"
        process.reader = threading.Thread(target=self._read, args=(process,), name=name, daemon=True)
        self._processes.append(process)
        process.reader.start()
        return process

    def _read(self, process: _Process) -> None:
        assert process.popen.stdout is not None
        with process.popen.stdout as answers:
            for line in answers:
                self._events.put(partial(self._answered, process, json.loads(line)))
        process.popen.wait()
        self._events.put(lambda: self._died(process))

    def _assign(self) -> None:
        """Give every free process something to do, tasks taking turns; start processes while there are too few."""
        while any(task.ready for task in self._turns):
            free = next((process for process in self._processes if process.job is None), None)
            if free is None and len(self._processes) >= self._n_workers:
                return
            task = self._turns.popleft()
            self._turns.append(task)
            if not task.ready:
                continue
            if not task.began:
                task.began = time.monotonic()
                self._tell(task, task.listener.started)
            try:
                (free or self._start()).give(_Job({**task.base, **task.ready.popleft()}, task))
            except OSError as error:
                self._fail(task, f"A worker process cannot be started: {error.strerror}; run the model again.")

    def _warm_the_idle(self) -> None:
        """Let processes load what is slow; one alone at first, in case that it has to be compiled."""
        if not self._keep_warm or any(process.job is _WARM_UP for process in self._processes):
            return
        cold = [process for process in self._processes if process.job is None and not process.warm]
        for process in cold if any(process.warm for process in self._processes) else cold[:1]:
            process.give(_WARM_UP)

    def _answered(self, process: _Process, answer: Mapping[str, Any]) -> None:
        job = process.job
        if process not in self._processes or job is None:
            return
        kind = answer["is"]
        if kind == "progress":
            self._progressed(process, job, answer)
            return
        process.job = None
        process.warm |= job is _WARM_UP
        task = job.task
        if task is None or not self._is_under_way(task):
            return
        task.rows.pop(process, None)
        if kind == "begun":
            self._cut(task, answer["total"], answer["seconds"])
        elif kind == "computed":
            self._computed(task, job)
        elif kind == "finished":
            files = tuple(OutputFile(Path(path), mime_type) for path, mime_type in answer["files"])
            task.done = task.total = answer["total"]
            self._tell_progress(task)
            self._end(task)
            self._tell(task, lambda: task.listener.finished(files))
        else:
            self._fail(task, answer["text"])

    def _progressed(self, process: _Process, job: _Job, answer: Mapping[str, Any]) -> None:
        tasks = [job.task] if job.task else [task for task in self._tasks.values() if not task.began]
        for task in tasks:
            if job.task:
                task.rows[process], task.total = answer["rows"], answer["total"]
            self._tell_progress(task, answer["text"])

    def _tell_progress(self, task: _Task, text: str = "") -> None:
        done, total = task.done + sum(task.rows.values()), task.total
        self._tell(task, lambda: task.listener.progressed(done, total, text))

    def _cut(self, task: _Task, rows: int, seconds: float) -> None:
        """Cut the rows into pieces of nearly equal size, at least one for each process."""
        pieces = max(seconds / _PIECE_SECONDS, rows / _PIECE_ROWS, 1)
        n_pieces = min(rows, -int(-pieces // self._n_workers) * self._n_workers)
        edges = [rows * i // n_pieces for i in range(n_pieces + 1)]
        task.total, task.pieces_left = rows, n_pieces
        task.ready.extend({"do": "compute", "start": start, "stop": stop} for start, stop in itertools.pairwise(edges))
        self._tell_progress(task)

    def _computed(self, task: _Task, job: _Job) -> None:
        task.done += job.message["stop"] - job.message["start"]
        task.pieces_left -= 1
        self._tell_progress(task)
        if not task.pieces_left:
            task.ready.append({"do": "finish", "seconds": time.monotonic() - task.began})

    def _died(self, process: _Process) -> None:
        """A process has ended: if by itself, that ends its task, and the next need starts another."""
        if process in self._processes:
            self._processes.remove(process)
            task, message = (process.job.task, process.job.message) if process.job else (None, {})
            if task is not None and self._is_under_way(task):
                self._fail(task, _how_it_died(process.popen.returncode, message), process.last_words())
            if task is not None and self._keep_warm:
                self._warm_up()
        elif process in self._killed:
            self._killed.remove(process)
        process.let_go()
        process.stderr.close()
        shutil.rmtree(process.folder, ignore_errors=True)

    def _is_under_way(self, task: _Task) -> bool:
        return self._tasks.get(task.task.task_id) is task

    def _fail(self, task: _Task, sentence: str, last_words: str = "") -> None:
        self._end(task)
        self._tell(task, lambda: task.listener.failed(sentence, last_words))

    def _end(self, task: _Task) -> None:
        del self._tasks[task.task.task_id]
        self._turns.remove(task)
        shutil.rmtree(task.scratch, ignore_errors=True)


def _how_it_died(code: int, message: Mapping[str, Any]) -> str:
    how = f"signal {-code}, {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
    what = {
        "compute": f"while it computed rows {message.get('start', 0) + 1} to {message.get('stop', 0)}",
        "finish": "while it wrote the results",
    }.get(str(message.get("do")), "while it computed the model")
    advice = " There may be too little memory for it." if code == -signal.SIGKILL else ""
    return f"The worker process died ({how}) {what}; run the model again.{advice}"
