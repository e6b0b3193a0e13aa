"""Answers one connection to the scripted server, rightly or as its faults and lies say."""

from __future__ import annotations

import base64
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.fakes.uws_server.documents import PAGE, VOTABLE, job_document, list_document
from tests.fakes.uws_server.faults import answer_wrongly
from tests.fakes.uws_server.values import FINAL, FakeJob, Request, read_form

if TYPE_CHECKING:
    from tests.fakes.uws_server.server import UwsServer


class Handler(BaseHTTPRequestHandler):
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
            return self.send(401, PAGE.format("Authentication Required", "Who are you?"), "text/html")
        fault = self.fake.next_fault(request)
        if fault is not None and answer_wrongly(self, *fault):
            return None
        path = request.path
        if self.fake.lies("moved_list") and path == self.fake.path + "/":
            return self.redirect(self.fake.address(), 302)
        path = path.rstrip("/") if path.rstrip("/") == self.fake.path else path
        if path == self.fake.path:
            return self._list(request)
        if path in self.fake.documents:
            return self.send(200, *self.fake.documents[path])
        if not path.startswith(self.fake.path + "/"):
            return self.refuse(404, "there is nothing here")
        parts = [unquote(part) for part in path[len(self.fake.path) + 1 :].split("/")]
        job = self.fake.jobs.get(parts[0])
        if job is None:
            return self.refuse(404, f"There is no job {parts[0]}")
        return self._job(request, job, parts[1:])

    def _list(self, request: Request) -> None:
        if request.method != "POST":
            if self.fake.lies("short_list") and not request.values("LAST"):
                return self.redirect(self.fake.address() + "?LAST=2")
            return self.send(200, list_document(self.fake, request.query), "text/xml")
        if self.fake.refusal:
            return self.refuse(400, self.fake.refusal)
        for name in self.fake.unknown & {name for name, _ in request.fields}:
            return self.refuse(400, f"There is no parameter {name}")
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
            return self.send(200, job_document(self.fake, job), "text/xml")
        return self.redirect(self.fake.address(job_id), 201 if self.fake.lies("created_201") else 303)

    def _job(self, request: Request, job: FakeJob, parts: list[str]) -> None:
        at = parts[0].lower() if parts else ""
        if request.method == "DELETE" and self.fake.lies("no_delete"):
            return self.refuse(405, "DELETE is not allowed here")
        if request.method == "DELETE" or (not at and request.values("ACTION") == ["DELETE"]):
            if not self.fake.lies("keeps_deleted"):
                self.fake.remove_job(job.job_id)
            return self.redirect(self.fake.address())
        if request.method == "POST":
            return self._set_parameters(request, job, parts) if at == "parameters" else self._change(request, job, at)
        if not at:
            return self._show(request, job)
        if at == "phase":
            return self.send(200, job.phase + "\r\n", "text/plain")
        if at == "error":
            return self.send(200, *self.fake.error_document)
        if at == "results" and len(parts) == 2 and parts[1] in job.results:
            content, kind = job.results[parts[1]]
            content = content[:-1] + b"?" if self.fake.lies("damaged") else content
            return self.send(200, content + b"?" * self.fake.lies("longer"), kind)
        return self.refuse(404, "File not found")

    def _show(self, request: Request, job: FakeJob) -> None:
        waits = request.values("WAIT")
        if waits and self.fake.lies("refuse_wait"):
            return self.refuse(400, "What is WAIT?")
        if waits and self.fake.lies("hang_wait"):
            self.fake.hang()
        elif waits and not self.fake.lies("ignore_wait"):
            self.fake.wait(job, int(waits[0]), next(iter(request.values("PHASE")), None))
        if self.fake.jobs.get(job.job_id) is not job:
            return self.refuse(404, "The job is gone")
        self.fake.step(job)
        return self.send(200, job_document(self.fake, job), "text/xml")

    def _change(self, request: Request, job: FakeJob, at: str) -> None:
        if at == "phase" and request.values("PHASE") == ["RUN"]:
            if job.phase not in ("PENDING", "HELD"):
                return self.refuse(403, f"The job is {job.phase}")
            if self.fake.start_refusal:
                return self.refuse(400, self.fake.start_refusal)
            self.fake.run(job)
        elif at == "phase" and request.values("PHASE") == ["ABORT"]:
            if job.phase in FINAL or self.fake.lies("abort_refused"):
                return self.refuse(403, f"The job is {job.phase}")
            self.fake.abort(job)
        elif at in ("destruction", "executionduration") and self.fake.lies("own_limits"):
            pass
        elif at == "destruction":
            job.destruction = request.values("DESTRUCTION")[0]
        elif at == "executionduration":
            job.duration = request.values("EXECUTIONDURATION")[0]
        else:
            return self.refuse(400, "This is not understood")
        return self.redirect(self.fake.address(job.job_id))

    def _set_parameters(self, request: Request, job: FakeJob, parts: list[str]) -> None:
        if job.phase != "PENDING":
            return self.refuse(403, f"The job is {job.phase}")
        if self.fake.lies("single_parameters"):
            if len(parts) == 1:
                return self.send(405, PAGE.format("405 Method Not Allowed", "no"), "text/html")
            new = ((parts[1], request.values("VALUE")[0]),)
        else:
            new = request.fields
        names = {name for name, _ in new}
        old = tuple(pair for pair in job.parameters if pair[0] not in names)
        if self.fake.lies("forgets_parameters"):
            old = tuple((name, self.fake.defaults.get(name, value)) for name, value in old)
        job.parameters = old + new
        return self.redirect(self.fake.address(job.job_id))

    def _authorized(self) -> bool:
        if self.fake.lies("open_jobs") and "/results/" not in self.path:
            return True
        if self.fake.lies("open_list") and urlsplit(self.path).path == self.fake.path:
            return True
        given = self.headers.get("Authorization", "")
        known = [f"Basic {base64.b64encode(f'{u}:{p}'.encode()).decode()}" for u, p in self.fake.users.items()]
        if self.fake.token is not None:
            known.append(f"Bearer {self.fake.token}")
        return not known or given in known

    def refuse(self, status: int, words: str) -> None:
        status = 200 if self.fake.lies("error_as_200") and status != 404 else status
        self.send(status, VOTABLE.format(escape(words)), "text/xml")

    def redirect(self, address: str, status: int = 303) -> None:
        page = PAGE.format("See Other", "elsewhere") if self.fake.lies("html_in_redirect") else ""
        where = () if self.fake.lies("no_location") else (("Location", address),)
        self.send(status, page, "text/xml", *where)

    def send(self, status: int, body: str | bytes, kind: str, *headers: tuple[str, str]) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.head(status, kind, len(content), *headers)
        if self.command != "HEAD":
            self.wfile.write(content)

    def head(self, status: int, kind: str, length: int, *headers: tuple[str, str]) -> None:
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
        fields, files = read_form(body, kind)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(self.command, parts.path, tuple(parse_qsl(parts.query)), headers, body, fields, files)
