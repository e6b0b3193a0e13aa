"""Wakes those who wait for a job: threads announce that it changed, requests of the event loop listen."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Changes:
    """Listeners by job. ``announce`` and ``close`` may be called from any thread, ``listen`` from the event loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[str, list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}
        self.closed = False

    @contextmanager
    def listen(self, job_id: str) -> Iterator[asyncio.Event]:
        """An event that is set after every change of the job."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners.setdefault(job_id, []).append(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._listeners[job_id].remove(entry)
                if not self._listeners[job_id]:
                    del self._listeners[job_id]

    def announce(self, job_id: str) -> None:
        """Say that the job changed or is gone."""
        with self._lock:
            for loop, event in self._listeners.get(job_id, ()):
                loop.call_soon_threadsafe(event.set)  # a listener leaves the list before its loop ends

    def close(self) -> None:
        """Wake everybody: the service ends, and who waits gets the job as it is."""
        with self._lock:
            self.closed = True
            for listeners in self._listeners.values():
                for loop, event in listeners:
                    loop.call_soon_threadsafe(event.set)
