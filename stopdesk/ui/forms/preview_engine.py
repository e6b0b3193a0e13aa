"""Computes single rows for the live preview in a warm process of its own, on this machine.

A process and not a thread: compiling and loading the LVG engine in a thread of the window stops the window for 50 to
90 ms at a time (eight times in the 14 s of a first compilation), because both need the interpreter's lock. The thread
that asks only waits.
"""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stopdesk.domain.result import ModelResult
from stopdesk.engines.runner import OutputFile
from stopdesk.engines.workers import ModelTask, WorkerPool
from stopdesk.errors import Cancelled, EngineError
from stopdesk.formats.results import read_grid

#: Between two looks at whether the answer is still wanted, in seconds.
_LOOK = 0.05


class PreviewEngine:
    """One worker process, started when first needed; its methods may be called in any thread."""

    def __init__(self, make_pool: Callable[[], WorkerPool] = lambda: WorkerPool(1)) -> None:
        self._make_pool = make_pool
        self._pool: WorkerPool | None = None
        self._lock = threading.Lock()
        self._closed = False

    def compute(
        self,
        model: str,
        request: Mapping[str, str],
        files: Mapping[str, Path],
        *,
        told: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> ModelResult:
        """The result of a request, blocking; ``told`` hears from another thread what takes long.

        EngineError with the engine's sentence where there is no result; Cancelled when it is no longer wanted.
        """
        with tempfile.TemporaryDirectory(prefix="stopdesk-preview-") as folder:
            listener = _Listener(told)
            task = ModelTask(uuid.uuid4().hex, model, request, files, Path(folder))
            self._warm_pool().submit(task, listener)
            while not listener.ended.wait(_LOOK):
                if cancelled() or self._closed:
                    raise Cancelled("The preview is no longer wanted.")
            if listener.sentence:
                raise EngineError(listener.sentence)
            return read_grid(Path(folder) / "grid.vot")

    def close(self) -> None:
        """End the process; what is waited for is cancelled."""
        with self._lock:
            self._closed = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close(1.0)

    def _warm_pool(self) -> WorkerPool:
        with self._lock:
            if self._closed:
                raise Cancelled("The preview is closed.")
            if self._pool is None:
                self._pool = self._make_pool()
            return self._pool


class _Listener:
    """Keeps how a task ended."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self.ended = threading.Event()
        self.sentence = ""

    def started(self) -> None:
        """Nothing to say."""

    def progressed(self, done: int, total: int, message: str) -> None:
        """Pass on words; one row has no progress."""
        if message:
            self._told(message)

    def finished(self, files: Sequence[OutputFile]) -> None:
        """The files are there."""
        self.ended.set()

    def failed(self, sentence: str, last_words: str) -> None:
        """Keep why."""
        self.sentence = sentence
        self.ended.set()
