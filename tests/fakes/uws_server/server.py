"""The scripted server: its jobs, its faults and lies, and what was asked of it."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import quote

from tests.fakes.uws_server.handler import Handler
from tests.fakes.uws_server.values import ACTIVE, FAULTS, FINAL, LIES, FakeJob, Request


class UwsServer:
    """The server; every attribute may be changed while it runs."""

    def __init__(self, *, path: str = "/uws/jobs") -> None:
        self.path = path
        self.requests: list[Request] = []
        self.jobs: dict[str, FakeJob] = {}
        self.after_run: tuple[str, ...] = ("EXECUTING",)
        self.results: dict[str, tuple[bytes, str]] = {"result": (b"some result\n", "text/plain")}
        self.error_document: tuple[bytes, str] = (b"it went wrong", "text/plain")
        self.defaults: dict[str, str] = {}
        self.results_at: str | None = None  # another place for all results
        self.documents: dict[str, tuple[bytes, str]] = {}  # what lies beside the list, by path
        self.refusal = ""  # these words and 400 to whoever makes a job
        self.start_refusal = ""  # these words and 400 to whoever starts one
        self.unknown: set[str] = set()  # 400 to whoever makes a job with a field of such a name
        self.users: dict[str, str] = {}
        self.token: str | None = None
        self._lies: set[str] = set()
        self._faults: list[list[Any]] = []
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._stopping = False
        self._kept: socket.socket | None = None
        self._sockets: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._let_port_go()

    @property
    def root(self) -> str:
        """The address of the server, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of the job list."""
        return self.root + self.path

    def job_url(self, job_id: str) -> str:
        """The address of a job."""
        return f"{self.url}/{quote(job_id, safe='')}"

    def start(self) -> Self:
        """Listen; on the port of before, if there was one."""
        self._stopping = False
        self._released.clear()
        self._let_port_go()
        handler = type("Handler", (Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", self.port), handler)
        self._server.fake = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="fake UWS server")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and drop all connections; jobs are kept for `restart`."""
        if self._server is None or self._thread is None:
            return
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        for each in tuple(self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._server = self._thread = None
        self._keep_port()

    def _keep_port(self) -> None:
        """While nobody listens there, no other program may: it would answer for us."""
        kept = socket.socket()
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            kept.bind(("127.0.0.1", self.port))
        except OSError:  # a connection of another program has the number already, and nobody can listen there
            kept.close()
        else:
            self._kept = kept

    def _let_port_go(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def restart(self) -> None:
        """Listen again on the same port, with the same jobs."""
        self.stop()
        self.start()

    def add_job(self, phase: str = "PENDING", *, job_id: str | None = None, **values: Any) -> str:
        """Make a job (fields of `FakeJob`); gives its id."""
        with self._changed:
            number = next(self._numbers)
            job_id = job_id if job_id is not None else f"job{number}"
            values.setdefault(
                "created", f"2026-11-20T{10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
            )
            self.jobs[job_id] = FakeJob(job_id, phase, **values)
            if phase == "COMPLETED" and not self.jobs[job_id].results:
                self.jobs[job_id].results = dict(self.results)
        return job_id

    def set_phase(self, job_id: str, phase: str, *, error: str = "", info: str | None = None) -> None:
        """Change a job's phase; whoever WAITs is answered."""
        with self._changed:
            job = self.jobs[job_id]
            job.phase, job.error = phase, error or job.error
            if info is not None:
                job.info = info
            if phase == "COMPLETED" and not job.results:
                job.results = dict(self.results)
            self._changed.notify_all()

    def remove_job(self, job_id: str) -> None:
        """Let a job vanish; whoever WAITs gets a 404."""
        with self._changed:
            del self.jobs[job_id]
            self._changed.notify_all()

    def fault(self, kind: str, times: int | None = None, *, seconds: float = 0.3, on: str = "") -> None:
        """Answer the next ``times`` requests (all, until `mend`, with None) wrongly; ``on``: "METHOD" or "METHOD path".

        ``slow`` answers after ``seconds``, ``drip`` sends a byte in so many; ``hang`` and ``drip`` end with `release`
        or `stop`.
        """
        assert kind in FAULTS or kind.isdigit(), kind
        with self._changed:
            self._faults.append([kind, times, seconds, on])

    def lie(self, *kinds: str) -> None:
        """Be another kind of server from now on."""
        assert set(kinds) <= set(LIES), kinds
        self._lies |= set(kinds)

    def mend(self) -> None:
        """No faults and lies any more; whoever hangs is answered."""
        with self._changed:
            self._faults.clear()
            self._lies.clear()
            self.results_at = None
        self.release()

    def release(self) -> None:
        """Answer whoever hangs now."""
        self._released.set()

    def wait_for(self, condition: Callable[[UwsServer], bool], timeout: float = 10.0) -> None:
        """Block until ``condition`` holds, which is looked at after every request; an error at ``timeout``."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), timeout), [
                r.method + " " + r.path for r in self.requests
            ]

    def count(self, method: str, path: str = "") -> int:
        """How many requests there were of a method to paths that end so."""
        return sum(request.method == method and request.path.endswith(path) for request in tuple(self.requests))

    # what the handler asks

    def lies(self, kind: str) -> bool:
        return kind in self._lies

    def record(self, request: Request) -> None:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def next_fault(self, request: Request) -> tuple[str, float] | None:
        with self._changed:
            for fault in self._faults:
                kind, times, seconds, on = fault
                method, _, path = on.partition(" ")
                if (method and method != request.method) or not request.path.endswith(path) or times == 0:
                    continue
                if times is not None:
                    fault[1] = times - 1
                return kind, seconds
        return None

    def hang(self, seconds: float = 60.0) -> bool:
        """Block until the release, or so long; whether it was the release."""
        return self._released.wait(seconds)

    def wait(self, job: FakeJob, seconds: float, phase: str | None) -> None:
        """Block as a WAIT does: while the phase is an active one and, where told, the one told."""
        with self._changed:
            if job.phase not in ACTIVE or (phase is not None and phase != job.phase):
                return
            if job.coming:
                return
            before = job.phase
            self._changed.wait_for(
                lambda: self._stopping or job.phase != before or self.jobs.get(job.job_id) is not job, max(seconds, 0)
            )

    def step(self, job: FakeJob) -> None:
        """One step along the phases that are to come."""
        if job.coming:
            self.set_phase(job.job_id, job.coming.pop(0))

    def run(self, job: FakeJob) -> None:
        job.coming = list(self.after_run)
        self.step(job)

    def abort(self, job: FakeJob) -> None:
        job.coming = []
        if self.lies("abort_is_error"):
            job.coming = ["ERROR"]
            job.error = "Job hung in EXECUTING"
        elif job.phase not in FINAL:
            self.set_phase(job.job_id, "ABORTED")

    def address(self, *parts: str) -> str:
        """The address of the list or of what is below it, as told to the client."""
        path = "/".join((self.path, *(quote(part, safe="") for part in parts)))
        if self.lies("relative"):
            return path
        return f"http://{'localhost' if self.lies('wrong_host') else '127.0.0.1'}:{self.port}{path}"

    def result_address(self, job_id: str, name: str) -> str:
        """The address of a result, as told to the client."""
        if self.results_at is not None:
            return f"{self.results_at}/{quote(name, safe='')}"
        address = self.address(job_id, "results", name)
        return address.replace("%20", " ") if self.lies("blanks") else address


class _Server(ThreadingHTTPServer):
    """Knows its connections, so that they can be dropped; its threads end before `server_close` does."""

    daemon_threads = False
    fake: UwsServer

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        self.fake._sockets.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.fake._sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""
