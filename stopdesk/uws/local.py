"""Finds the local service, or starts it, for the window and the command line."""

from __future__ import annotations

import http.client
import os
import re
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from stopdesk.errors import ServerTrouble
from stopdesk.uws.service.places import TAKEN, default_data, notices

#: How long a starting service may take to say its address, in seconds.
_START_DEADLINE = 20.0
#: How long a running service may take to answer that it is there, in seconds.
_ANSWER_DEADLINE = 5.0
#: How often a service that another program starts is looked for, in seconds.
_LOOK_AGAIN = 0.05
#: So many bytes at the end of what a service wrote to stderr are its last words.
_LAST_WORDS = 1000
#: How long our service gets to end in good order, in seconds.
_STOP_DEADLINE = 8.0

#: The folder that holds the package, from which the child can import it wherever the user stands.
_HOME = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class LocalAddress:
    """Where the local service is, with a slash at the end, and its token (None where it is open)."""

    url: str
    token: str | None

    def jobs_url(self, model: str) -> str:
        """The job list of a model."""
        return f"{self.url}{model}/jobs"


class LocalService:
    """The local service of one data folder; ``ensure`` and ``stop`` block and may be called from any thread."""

    def __init__(self, data: Path | None = None, *, workers: int | None = None) -> None:
        """``workers`` is the number of worker processes of a service that we start; None for one a core."""
        self._data = (data or default_data()).expanduser().resolve()
        self._workers = workers
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._address: LocalAddress | None = None

    def ensure(self) -> LocalAddress:
        """The address of a service that answers: one that runs already, whoever started it, or a new child of ours.

        Raises ServerTrouble with the child's last words when it does not come up.
        """
        with self._lock:
            if self._address is not None and self._child is not None and self._child.poll() is None:
                return self._address  # our child lives: whether it answers shows when it is asked
            running = self._running()
            if running is not None:
                return running
            self._stop()
            self._address = self._start()
            return self._address

    def find(self, job_url: str) -> tuple[str, str] | None:
        """The model of a job at this address and the address as we use it; None where it is none of a service of ours.

        Ours is the service that holds our data folder, whoever started it.
        """
        parts = urlsplit(job_url)
        match = re.fullmatch(r"/([^/]+)/jobs/([^/]+)", parts.path)
        if match is None or parts.scheme != "http" or parts.hostname not in ("127.0.0.1", "localhost"):
            return None
        for _, notice in notices():
            is_there = urlsplit(notice.url).port == parts.port and _is_alive(notice.pid)
            if is_there and notice.data == str(self._data):
                return match[1], f"{LocalAddress(notice.url, notice.token).jobs_url(match[1])}/{match[2]}"
        return None

    def stop(self) -> None:
        """End the service, if it is our child; its jobs go on at its next start."""
        with self._lock:
            self._stop()

    def _running(self) -> LocalAddress | None:
        """The service that holds our data folder, if there is one and it answers."""
        for _, notice in notices():
            address = LocalAddress(notice.url, notice.token)
            if notice.data == str(self._data) and _is_alive(notice.pid) and _answers(address):
                return address
        return None

    def _start(self) -> LocalAddress:
        """Start a child and wait for its first line; where another service was quicker, take that one."""
        deadline = time.monotonic() + _START_DEADLINE
        with tempfile.TemporaryFile() as words:
            try:
                self._child = self._launch(words)
            except OSError as error:
                raise _trouble(str(error), "") from error
            line = _first_line(self._child, deadline)
            running = self._running()
            while running is None and not line and TAKEN in _last_words(words) and time.monotonic() < deadline:
                time.sleep(_LOOK_AGAIN)  # the other one holds the folder and is about to say its address
                running = self._running()
            if running is None:
                code = self._stop()
                how = (
                    f"it ended with exit code {code}" if line == b"" else f"it did not answer in {_START_DEADLINE:g} s"
                )
                raise _trouble(how, _last_words(words))
        return running

    def _launch(self, words: IO[bytes]) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "stopdesk.uws.service.serve", "--port", "0"]
        command += ["--data", str(self._data), "--with-parent"]
        if self._workers:
            command += ["--workers", str(self._workers)]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            cwd=_HOME,
            start_new_session=True,  # Ctrl-C in a terminal is for the window, which then ends its service
        )

    def _stop(self) -> int | None:
        """End our child, if there is one, and give its exit code."""
        child, self._child, self._address = self._child, None, None
        if child is None:
            return None
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()  # the child ends with its parent, and this looks like it
        try:
            child.wait(_STOP_DEADLINE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()
        return child.returncode


def _trouble(what: str, words: str) -> ServerTrouble:
    tail = f" Its last words: {words}" if words else ""
    return ServerTrouble(f"The local service did not start: {what}.{tail}", url="http://127.0.0.1/")


def _last_words(file: IO[bytes]) -> str:
    """The end of what a child wrote to stderr, which is this file."""
    size = os.fstat(file.fileno()).st_size
    return os.pread(file.fileno(), _LAST_WORDS, max(0, size - _LAST_WORDS)).decode(errors="replace").strip()


def _first_line(child: subprocess.Popen[bytes], deadline: float) -> bytes | None:
    """The child's first line; what there was of it when it ended before, None when the time is over."""
    assert child.stdout is not None
    line = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(deadline - time.monotonic(), 0)):
                return None
            piece = os.read(child.stdout.fileno(), 1024)
            if not piece:
                return b""
            line += piece
    return line


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers(address: LocalAddress) -> bool:
    """Whether a service answers there and takes the token."""
    connection = http.client.HTTPConnection(urlsplit(address.url).netloc, timeout=_ANSWER_DEADLINE)
    headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
    try:
        connection.request("GET", "/capabilities", headers=headers)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
