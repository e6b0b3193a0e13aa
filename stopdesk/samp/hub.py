"""Runs a hub of our own: a child that takes its lock file with it, and that ends when we do, however we end."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from stopdesk.errors import FileError, ServerTrouble
from stopdesk.samp.lock import HubAddress, lock_path, read_lock, remove_lock

#: How long a starting hub may take to say its address, in seconds.
_START_DEADLINE = 20.0
#: So many bytes at the end of what it wrote to stderr are its last words.
_LAST_WORDS = 1000
#: The folder that holds the package, from which the child can import it wherever the user stands.
_HOME = Path(__file__).resolve().parents[2]


class OwnHub:
    """A hub of ours, or none; ``start`` blocks in one thread, and ``stop`` in any other ends it."""

    def __init__(self, lock: Path | None = None) -> None:
        """``lock`` is its lock file, in place of the usual one."""
        self._lock_file = lock
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._address: HubAddress | None = None
        self._is_over = False

    @property
    def address(self) -> HubAddress | None:
        """Where it is, while its process lives."""
        with self._lock:
            return self._address if self._child is not None and self._child.poll() is None else None

    def start(self) -> HubAddress:
        """Start it; ServerTrouble, with its words, when it does not come up: another hub may have been quicker."""
        self.stop()
        end = time.monotonic() + _START_DEADLINE
        with tempfile.TemporaryFile() as words:
            with self._lock:
                if self._is_over:
                    raise _trouble("stopdesk is about to end")
                try:
                    child = self._child = self._launch(words)
                except OSError as error:
                    raise _trouble(str(error)) from error
            assert child.stdout is not None
            with child.stdout:
                url = _first_line(child, end)
            address = self._announced()
            if not url or address is None or address.url != url:
                self.stop()
                size = os.fstat(words.fileno()).st_size
                said = os.pread(words.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS)).decode(errors="replace")
                raise _trouble(said.strip() or f"it said nothing within {_START_DEADLINE:g} s")
        with self._lock:
            self._address = address
        return address

    def stop(self, seconds: float = 3.0) -> None:
        """End it within so many seconds; no lock file of it is left."""
        with self._lock:
            child, address = self._child, self._address
            self._child = self._address = None
        if child is None:
            return
        assert child.stdin is not None
        with contextlib.suppress(OSError):
            child.stdin.close()
        child.terminate()
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if address is not None:
            remove_lock(address)

    def close(self, seconds: float = 3.0) -> None:
        """End it for good: it is not started again."""
        with self._lock:
            self._is_over = True
        self.stop(seconds)

    def _launch(self, words: IO[bytes]) -> subprocess.Popen[bytes]:
        environment = dict(os.environ)
        if self._lock_file is not None:
            environment["SAMP_HUB"] = f"std-lockurl:{self._lock_file.resolve().as_uri()}"
        return subprocess.Popen(
            [sys.executable, "-m", "stopdesk.samp.serve", "--with-parent"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            cwd=_HOME,
            env=environment,
            start_new_session=True,  # Ctrl-C in a terminal is for the window, which then ends its hub
        )

    def _announced(self) -> HubAddress | None:
        try:
            return read_lock(self._lock_file or lock_path())
        except FileError:
            return None


def _trouble(words: str) -> ServerTrouble:
    return ServerTrouble(f"stopdesk's SAMP hub did not start: {words}.", url="http://127.0.0.1/")


def _first_line(child: subprocess.Popen[bytes], end: float) -> str:
    """The child's first line; "" where it ends, or says nothing in time."""
    assert child.stdout is not None
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(end - time.monotonic(), 0)):
                return ""
            piece = os.read(child.stdout.fileno(), 1024)
            if not piece:
                return ""
            line += piece
    return line.decode("ascii", "replace").strip()
