"""A scripted UWS server over real HTTP on loopback: slow, lying or dying as the test says.

Usage::

    with UwsServer() as server:                  # or the fixture uws_server
        job_id = server.add_job(phase="EXECUTING")
        server.set_phase(job_id, "COMPLETED")    # wakes who WAITs
        server.fault("503", times=2)             # the next two requests
        server.lie("ignore_wait")                # from now on, until server.mend()
        assert server.requests[-1].method == "GET"

No clock decides anything: phases change by `set_phase` or, one step a GET, along `after_run`.
"""

from __future__ import annotations

import base64
import contextlib
import email.policy
import itertools
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape, quoteattr

import pytest

#: What `UwsServer.fault` knows; a number is that HTTP status.
FAULTS = ("slow", "hang", "reset", "die", "malformed", "empty", "html", "huge", "votable_error", "entity", "redirect")
#: What `UwsServer.lie` knows.
LIES = (
    "html_in_redirect",  # a page under a 303, as DaCHS sends it
    "wrong_host",  # localhost instead of 127.0.0.1 in every address
    "relative",  # addresses relative to the document
    "no_href",  # job lists without addresses
    "no_version",  # a UWS 1.0 that says nothing
    "unordered",  # children of the job the other way round
    "ignore_wait",  # answers a WAIT at once
    "hang_wait",  # never answers a WAIT
    "refuse_wait",  # 400 to a WAIT
    "ignore_filters",  # the whole list, whatever was asked for
    "last_phase_only",  # of several PHASE only the last counts
    "no_delete",  # 405 to DELETE
    "abort_is_error",  # an aborted job ends in ERROR, as in DaCHS
    "abort_refused",  # 403 to an abort
    "own_limits",  # 303 to another destruction time or run-time limit, which stay as they are
    "created_201",  # 201 with Location
    "created_document",  # 200 with the job and no Location
    "no_location",  # 303 and no address
    "moved_list",  # the list is at the path without its last slash only: 302
    "error_as_200",  # every 4xx comes as 200 with a VOTable
    "forgets_parameters",  # a POST of parameters gives those that it does not name their defaults back, as in DaCHS
    "single_parameters",  # 405 to a POST of parameters: each has an address of its own, as in OPUS
    "runs_at_once",  # heeds PHASE=RUN in the creating POST
    "short_list",  # sends a list without LAST on to the newest two: there may be more
    "open_list",  # the list is for everybody, the jobs are not, as in DaCHS
)

_VOTABLE = (
    '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
    '<INFO name="QUERY_STATUS" value="ERROR">{}</INFO></RESOURCE></VOTABLE>'
)
_ERROR = '<uws:errorSummary type="fatal" hasDetail="true"><uws:message>{}</uws:message></uws:errorSummary>'
_PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"
_NAMESPACES = (
    'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_ACTIVE = ("PENDING", "QUEUED", "EXECUTING")
_FINAL = ("COMPLETED", "ERROR", "ABORTED", "ARCHIVED")


@dataclass(frozen=True)
class Request:
    """One request as it came in; fields and files are those of its form."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    fields: tuple[tuple[str, str], ...] = ()
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def values(self, name: str) -> list[str]:
        """The values of a field or query parameter."""
        return [value for key, value in (*self.query, *self.fields) if key == name]


@dataclass
class FakeJob:
    """One job of the server."""

    job_id: str
    phase: str = "PENDING"
    parameters: tuple[tuple[str, str], ...] = ()
    run_id: str | None = None
    results: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    error: str = ""
    created: str = "2026-11-20T10:00:00Z"
    destruction: str = "2026-12-20T10:00:00Z"
    duration: str = "3600"
    info: str = ""
    coming: list[str] = field(default_factory=list)


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
        self.documents: dict[str, tuple[bytes, str]] = {}  # what lies beside the list, by path
        self.refusal = ""  # these words and 400 to whoever makes a job
        self.users: dict[str, str] = {}
        self.token: str | None = None
        self._lies: set[str] = set()
        self._faults: list[list[Any]] = []
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._released = threading.Event()
        self._stopping = False
        self._sockets: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

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
        handler = type("Handler", (_Handler,), {"fake": self})
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

        ``slow`` answers after ``seconds``, ``hang`` after `release` or `stop`.
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

    def hang(self, seconds: float | None = None) -> None:
        if seconds is None:
            self._released.wait(30)
        else:
            self._released.wait(seconds)

    def wait(self, job: FakeJob, seconds: float, phase: str | None) -> None:
        """Block as a WAIT does: while the phase is an active one and, where told, the one told."""
        with self._changed:
            if job.phase not in _ACTIVE or (phase is not None and phase != job.phase):
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
        elif job.phase not in _FINAL:
            self.set_phase(job.job_id, "ABORTED")

    def address(self, *parts: str) -> str:
        """The address of the list or of what is below it, as told to the client."""
        path = "/".join((self.path, *(quote(part, safe="") for part in parts)))
        if self.lies("relative"):
            return path
        return f"http://{'localhost' if self.lies('wrong_host') else '127.0.0.1'}:{self.port}{path}"

    def job_document(self, job: FakeJob) -> str:
        """The job as XML."""
        nil = ' xsi:nil="true"'
        results = "".join(
            f"<uws:result id={quoteattr(name)} xlink:href={quoteattr(self.address(job.job_id, 'results', name))} "
            f'size="{len(content)}" mime-type={quoteattr(kind)}/>'
            for name, (content, kind) in job.results.items()
        )
        parameters = "".join(
            f"<uws:parameter id={quoteattr(name)}>{escape(value)}</uws:parameter>" for name, value in job.parameters
        )
        parts = [
            f"<uws:jobId>{escape(job.job_id)}</uws:jobId>",
            f"<uws:runId>{escape(job.run_id)}</uws:runId>" if job.run_id else "",
            f"<uws:ownerId{nil}/>",
            f"<uws:phase>{escape(job.phase)}</uws:phase>",
            f"<uws:quote{nil}/>",
            f"<uws:creationTime>{job.created}</uws:creationTime>",
            f"<uws:startTime{nil}/><uws:endTime{nil}/>",
            f"<uws:executionDuration>{job.duration}</uws:executionDuration>",
            f"<uws:destruction>{job.destruction}</uws:destruction>",
            f"<uws:parameters>{parameters}</uws:parameters>",
            f"<uws:results>{results}</uws:results>",
            _ERROR.format(escape(job.error)) if job.error else "",
            f"<uws:jobInfo>{job.info}</uws:jobInfo>" if job.info else "",
        ]
        if self.lies("unordered"):
            parts.reverse()
        version = "" if self.lies("no_version") else ' version="1.1"'
        return f'<?xml version="1.0" encoding="UTF-8"?>\n<uws:job {_NAMESPACES}{version}>{"".join(parts)}</uws:job>'

    def list_document(self, query: tuple[tuple[str, str], ...]) -> str:
        """The list as XML, with the filters of UWS 1.1."""
        jobs = list(self.jobs.values())
        if not self.lies("ignore_filters"):
            phases = [value for name, value in query if name == "PHASE"]
            phases = phases[-1:] if self.lies("last_phase_only") else phases
            jobs = [job for job in jobs if (job.phase in phases if phases else job.phase != "ARCHIVED")]
            for name, value in query:
                if name == "AFTER":
                    jobs = [job for job in jobs if job.created > value]
            for name, value in query:
                if name == "LAST":
                    jobs = sorted(jobs, key=lambda job: job.created, reverse=True)[: int(value)]
        version = "" if self.lies("no_version") else ' version="1.1"'
        entries = "".join(
            f"<uws:jobref id={quoteattr(job.job_id)}"
            + ("" if self.lies("no_href") else f" xlink:href={quoteattr(self.address(job.job_id))}")
            + f"><uws:phase>{job.phase}</uws:phase><uws:creationTime>{job.created}</uws:creationTime></uws:jobref>"
            for job in jobs
        )
        return f"<uws:jobs {_NAMESPACES}{version}>{entries}</uws:jobs>"


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


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: UwsServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_HEAD = do_GET

    def _serve(self) -> None:
        request = self._read()
        self.fake.record(request)
        if not self._authorized():
            return self._send(401, _PAGE.format("Authentication Required", "Who are you?"), "text/html")
        fault = self.fake.next_fault(request)
        if fault is not None and self._fault(*fault):
            return None
        path = request.path
        if self.fake.lies("moved_list") and path == self.fake.path + "/":
            return self._redirect(self.fake.address(), 302)
        path = path.rstrip("/") if path.rstrip("/") == self.fake.path else path
        if path == self.fake.path:
            return self._list(request)
        if path in self.fake.documents:
            return self._send(200, *self.fake.documents[path])
        if not path.startswith(self.fake.path + "/"):
            return self._refuse(404, "there is nothing here")
        parts = [unquote(part) for part in path[len(self.fake.path) + 1 :].split("/")]
        job = self.fake.jobs.get(parts[0])
        if job is None:
            return self._refuse(404, f"There is no job {parts[0]}")
        return self._job(request, job, parts[1:])

    def _list(self, request: Request) -> None:
        if request.method != "POST":
            if self.fake.lies("short_list") and not request.values("LAST"):
                return self._redirect(self.fake.address() + "?LAST=2")
            return self._send(200, self.fake.list_document(request.query), "text/xml")
        if self.fake.refusal:
            return self._refuse(400, self.fake.refusal)
        job_id = self.fake.add_job(
            parameters=tuple(pair for pair in request.fields if pair[0] not in ("PHASE", "RUNID", "UPLOAD")),
            run_id=next(iter(request.values("RUNID")), None),
        )
        job = self.fake.jobs[job_id]
        given = dict(job.parameters)
        job.parameters += tuple(pair for pair in self.fake.defaults.items() if pair[0] not in given)
        if self.fake.lies("runs_at_once") and request.values("PHASE") == ["RUN"]:
            self.fake.run(job)
        if self.fake.lies("created_document"):
            return self._send(200, self.fake.job_document(job), "text/xml")
        return self._redirect(self.fake.address(job_id), 201 if self.fake.lies("created_201") else 303)

    def _job(self, request: Request, job: FakeJob, parts: list[str]) -> None:
        at = parts[0].lower() if parts else ""
        if request.method == "DELETE" and self.fake.lies("no_delete"):
            return self._refuse(405, "DELETE is not allowed here")
        if request.method == "DELETE" or (not at and request.values("ACTION") == ["DELETE"]):
            self.fake.remove_job(job.job_id)
            return self._redirect(self.fake.address())
        if request.method == "POST":
            return self._set_parameters(request, job, parts) if at == "parameters" else self._change(request, job, at)
        if not at:
            return self._show(request, job)
        if at == "phase":
            return self._send(200, job.phase + "\r\n", "text/plain")
        if at == "error":
            return self._send(200, *self.fake.error_document)
        if at == "results" and len(parts) == 2 and parts[1] in job.results:
            return self._send(200, *job.results[parts[1]])
        return self._refuse(404, "File not found")

    def _show(self, request: Request, job: FakeJob) -> None:
        waits = request.values("WAIT")
        if waits and self.fake.lies("refuse_wait"):
            return self._refuse(400, "What is WAIT?")
        if waits and self.fake.lies("hang_wait"):
            self.fake.hang()
        elif waits and not self.fake.lies("ignore_wait"):
            self.fake.wait(job, int(waits[0]), next(iter(request.values("PHASE")), None))
        if self.fake.jobs.get(job.job_id) is not job:
            return self._refuse(404, "The job is gone")
        self.fake.step(job)
        return self._send(200, self.fake.job_document(job), "text/xml")

    def _change(self, request: Request, job: FakeJob, at: str) -> None:
        if at == "phase" and request.values("PHASE") == ["RUN"]:
            if job.phase not in ("PENDING", "HELD"):
                return self._refuse(403, f"The job is {job.phase}")
            self.fake.run(job)
        elif at == "phase" and request.values("PHASE") == ["ABORT"]:
            if job.phase in _FINAL or self.fake.lies("abort_refused"):
                return self._refuse(403, f"The job is {job.phase}")
            self.fake.abort(job)
        elif at in ("destruction", "executionduration") and self.fake.lies("own_limits"):
            pass
        elif at == "destruction":
            job.destruction = request.values("DESTRUCTION")[0]
        elif at == "executionduration":
            job.duration = request.values("EXECUTIONDURATION")[0]
        else:
            return self._refuse(400, "This is not understood")
        return self._redirect(self.fake.address(job.job_id))

    def _set_parameters(self, request: Request, job: FakeJob, parts: list[str]) -> None:
        if job.phase != "PENDING":
            return self._refuse(403, f"The job is {job.phase}")
        if self.fake.lies("single_parameters"):
            if len(parts) == 1:
                return self._send(405, _PAGE.format("405 Method Not Allowed", "no"), "text/html")
            new = ((parts[1], request.values("VALUE")[0]),)
        else:
            new = request.fields
        names = {name for name, _ in new}
        old = tuple(pair for pair in job.parameters if pair[0] not in names)
        if self.fake.lies("forgets_parameters"):
            old = tuple((name, self.fake.defaults.get(name, value)) for name, value in old)
        job.parameters = old + new
        return self._redirect(self.fake.address(job.job_id))

    def _authorized(self) -> bool:
        if self.fake.lies("open_list") and urlsplit(self.path).path == self.fake.path:
            return True
        given = self.headers.get("Authorization", "")
        known = [f"Basic {base64.b64encode(f'{u}:{p}'.encode()).decode()}" for u, p in self.fake.users.items()]
        if self.fake.token is not None:
            known.append(f"Bearer {self.fake.token}")
        return not known or given in known

    def _fault(self, kind: str, seconds: float) -> bool:
        """Do what a fault says; gives whether the request is done with."""
        if kind == "slow":
            self.fake.hang(seconds)
            return False
        if kind == "hang":
            self.fake.hang()
            return False
        self._wrong_answer(kind)
        return True

    def _wrong_answer(self, kind: str) -> None:
        if kind == "reset":
            self.close_connection = True
        elif kind == "die":
            self._head(200, "text/xml", 100_000)
            self.wfile.write(b"<uws:job ")
            self.close_connection = True
        elif kind == "malformed":
            self._send(200, "<uws:job><uws:phase>EXECUTING</uws:job>", "text/xml")
        elif kind == "empty":
            self._send(200, "", "text/xml")
        elif kind == "html":
            self._send(200, _PAGE.format("Welcome", "to the web"), "text/html")
        elif kind == "huge":
            self._send(200, b"<uws:jobs>" + b" " * 2_000_000 + b"</uws:jobs>", "text/xml")
        elif kind == "entity":
            bomb = '<!DOCTYPE job [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
            self._send(200, f"{bomb}<job><phase>&b;</phase></job>", "text/xml")
        elif kind == "votable_error":
            self._send(200, _VOTABLE.format("the database is on fire"), "text/xml")
        elif kind == "redirect":
            self._redirect(f"{self.fake.root}{self.path}", 302)
        else:
            pause = (("Retry-After", "2"),) if kind == "503" else ()
            self._send(int(kind), _PAGE.format(f"Error {kind}", "on purpose"), "text/html", *pause)

    def _refuse(self, status: int, words: str) -> None:
        status = 200 if self.fake.lies("error_as_200") and status != 404 else status
        self._send(status, _VOTABLE.format(escape(words)), "text/xml")

    def _redirect(self, address: str, status: int = 303) -> None:
        page = _PAGE.format("See Other", "elsewhere") if self.fake.lies("html_in_redirect") else ""
        where = () if self.fake.lies("no_location") else (("Location", address),)
        self._send(status, page, "text/xml", *where)

    def _send(self, status: int, body: str | bytes, kind: str, *headers: tuple[str, str]) -> None:
        content = body.encode() if isinstance(body, str) else body
        self._head(status, kind, len(content), *headers)
        if self.command != "HEAD":
            self.wfile.write(content)

    def _head(self, status: int, kind: str, length: int, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(length)), *headers):
            self.send_header(name, value)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="fake"')
        self.end_headers()

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kind = self.headers.get("Content-Type", "")
        fields, files = _form(body, kind)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, parts.path, tuple(parse_qsl(parts.query)), headers, body, fields, files)


def _form(body: bytes, kind: str) -> tuple[tuple[tuple[str, str], ...], dict[str, tuple[str, bytes]]]:
    """The fields and files of a form."""
    if kind.startswith("application/x-www-form-urlencoded"):
        return tuple(parse_qsl(body.decode(), keep_blank_values=True)), {}
    if not kind.startswith("multipart/form-data"):
        return (), {}
    message = BytesParser(policy=email.policy.HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    fields: list[tuple[str, str]] = []
    files: dict[str, tuple[str, bytes]] = {}
    for part in message.iter_parts():  # type: ignore[attr-defined]
        name = re.search(r'name="([^"]*)"', part["Content-Disposition"])[1]  # type: ignore[index]
        content = part.get_payload(decode=True)
        if part.get_filename() is None:
            fields.append((name, content.decode()))
        else:
            files[name] = (part.get_filename(), content)
    return tuple(fields), files


@pytest.fixture
def uws_server() -> Iterator[UwsServer]:
    """A fresh server, stopped at the end."""
    with UwsServer() as server:
        yield server
