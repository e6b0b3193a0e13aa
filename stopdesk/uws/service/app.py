"""The resources of the service: job lists, jobs and all that belongs to them, as UWS 1.1 lays them out."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from stopdesk.domain.job import Phase
from stopdesk.domain.models import MODELS
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import InputError, StopdeskError
from stopdesk.uws.service import capabilities, documents
from stopdesk.uws.service.changes import Changes
from stopdesk.uws.service.forms import MAX_CONTROL, MAX_CREATION, read_form
from stopdesk.uws.service.parameters import read_duration, read_submission
from stopdesk.uws.service.records import JobRecord, now, read_time, show_time
from stopdesk.uws.service.security import VOTABLE, Gate
from stopdesk.uws.service.store import NoSuchJob, Store, WrongPhase
from stopdesk.uws.service.supervisor import Supervisor
from stopdesk.uws.service.waiting import read_wait, wait_for_change

_XML = "text/xml"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, eq=False)
class Service:
    """What the resources work on."""

    store: Store
    supervisor: Supervisor
    changes: Changes
    n_workers: int


def build(service: Service, *, port: int, token: str | None) -> Gate:
    """The service as an ASGI application behind its gate; ``token`` None opens it to everybody on this machine."""
    since = now()

    async def availability(_: Request) -> Response:
        return _xml(capabilities.availability(since))

    async def root(request: Request) -> Response:
        return _xml(await run_in_threadpool(capabilities.service, _base(request)))

    routes = [
        Route("/", root),
        Route("/capabilities", root),
        Route("/availability", availability),
        *(Mount(f"/{spec.name}", routes=ModelResources(service, spec).routes()) for spec in MODELS),
    ]
    handlers = {
        HTTPException: _on_http_error,
        NoSuchJob: _answering(404),
        WrongPhase: _answering(403),
        InputError: _answering(400),
        StopdeskError: _answering(500),
        sqlite3.Error: _on_own_trouble,
        OSError: _on_own_trouble,
    }
    return Gate(Starlette(routes=routes, exception_handlers=handlers), port=port, token=token)


class ModelResources:
    """The resources of one model: its description, its job list, its jobs."""

    def __init__(self, service: Service, spec: ModelSpec) -> None:
        self._store = service.store
        self._supervisor = service.supervisor
        self._changes = service.changes
        self._n_workers = service.n_workers
        self._spec = spec

    def routes(self) -> list[Route]:
        """Paths below ``/MODEL``."""
        job = "/jobs/{job_id}"
        return [
            _resource("/capabilities", GET=self.capabilities),
            _resource("/jobs", GET=self.list_jobs, POST=self.create),
            _resource(job, GET=self.show, POST=self.act, DELETE=self.delete),
            _resource(f"{job}/phase", GET=self._shows(lambda job: job.phase.value), POST=self.set_phase),
            _resource(
                f"{job}/executionduration",
                GET=self._shows(lambda job: str(job.execution_duration)),
                POST=self.set_duration,
            ),
            _resource(
                f"{job}/destruction", GET=self._shows(lambda job: show_time(job.destruction)), POST=self.set_destruction
            ),
            _resource(f"{job}/quote", GET=self._shows(lambda job: show_time(job.quote))),
            _resource(f"{job}/owner", GET=self._shows(lambda _: "")),
            _resource(f"{job}/error", GET=self.show_error),
            _resource(f"{job}/parameters", GET=self.show_parameters, POST=self.set_parameters),
            _resource(f"{job}/parameters/{{name}}", GET=self.show_parameter),
            _resource(f"{job}/results", GET=self.show_results),
            _resource(f"{job}/results/{{name}}", GET=self.show_result),
        ]

    async def capabilities(self, request: Request) -> Response:
        """Every parameter of the model."""
        return _xml(await run_in_threadpool(capabilities.model, self._spec, _base(request)))

    async def list_jobs(self, request: Request) -> Response:
        """The job list with the filters PHASE, AFTER and LAST."""
        phases = [_read_phase(text) for text in _query(request, "PHASE")]
        after = max((read_time(text) for text in _query(request, "AFTER")), default=None)
        last = min((_read_last(text) for text in _query(request, "LAST")), default=None)

        def document() -> str:
            lines = self._store.lines(self._spec.name, phases=phases, after=after, last=last)
            return documents.job_list(lines, self._list_url(request))

        return _xml(await run_in_threadpool(document))

    async def create(self, request: Request) -> Response:
        """A new job out of a form; nothing is made when anything is wrong with it."""
        form = await read_form(request, MAX_CREATION)

        def create() -> JobRecord:
            return self._supervisor.create(read_submission(self._spec, form, n_workers=self._n_workers))

        job = await run_in_threadpool(create)
        return self._see_job(request, job.job_id)

    async def show(self, request: Request) -> Response:
        """The job's document, at once or with WAIT."""
        waits = [read_wait(text) for text in _query(request, "WAIT")]
        job = await self._job(request)
        if waits:
            known = next(iter(_query(request, "PHASE")), job.phase.value)
            job = await wait_for_change(
                job, known, seconds=min(waits), read=self._store.job, changes=self._changes, request=request
            )
        return _xml(documents.job(job, self._job_url(request), self._supervisor.progress(job)))

    async def act(self, request: Request) -> Response:
        """ACTION=DELETE, for who cannot send DELETE."""
        await self._job(request)
        action = (await read_form(request, MAX_CONTROL)).control("ACTION")
        if action != "DELETE":
            raise InputError("A POST to a job can only be ACTION=DELETE; its phase, say, is set at /phase.")
        return await self.delete(request)

    async def delete(self, request: Request) -> Response:
        """Remove the job, whatever it is doing."""
        await self._job(request)
        await run_in_threadpool(self._supervisor.delete, request.path_params["job_id"])
        return RedirectResponse(self._list_url(request), 303)

    async def set_phase(self, request: Request) -> Response:
        """PHASE=RUN and PHASE=ABORT."""
        await self._job(request)
        phase = (await read_form(request, MAX_CONTROL)).control("PHASE")
        if phase not in ("RUN", "ABORT"):
            raise InputError(f"PHASE can be set to RUN and ABORT, not to {phase!r}.")
        action = self._supervisor.run if phase == "RUN" else self._supervisor.abort
        await run_in_threadpool(action, request.path_params["job_id"])
        return self._see_job(request)

    async def set_duration(self, request: Request) -> Response:
        """EXECUTIONDURATION in seconds."""
        await self._job(request)
        duration = (await read_form(request, MAX_CONTROL)).control("EXECUTIONDURATION")
        seconds = read_duration("" if duration is None else duration)
        await run_in_threadpool(self._supervisor.set_duration, request.path_params["job_id"], seconds)
        return self._see_job(request)

    async def set_destruction(self, request: Request) -> Response:
        """DESTRUCTION as a time."""
        await self._job(request)
        moment = read_time((await read_form(request, MAX_CONTROL)).control("DESTRUCTION") or "")
        await run_in_threadpool(self._supervisor.set_destruction, request.path_params["job_id"], moment // 1000)
        return self._see_job(request)

    async def set_parameters(self, request: Request) -> Response:
        """Refused: a job is what was asked for when it was made."""
        await self._job(request)
        raise WrongPhase("The parameters of a job cannot be changed; make a new job.")

    async def show_parameters(self, request: Request) -> Response:
        """The document of the parameters."""
        return _xml(documents.parameters(await self._job(request), self._job_url(request)))

    async def show_parameter(self, request: Request) -> Response:
        """One parameter's value; of a file, its bytes."""
        job, name = await self._job(request), request.path_params["name"]
        for parameter in job.parameters:
            if parameter.name == name:
                if parameter.file is None:
                    return PlainTextResponse(parameter.value)
                return await self._file(job, parameter.file, "application/octet-stream", parameter.value)
        raise HTTPException(404, f"The job has no parameter {name!r}.")

    async def show_results(self, request: Request) -> Response:
        """The document of the results."""
        return _xml(documents.results(await self._job(request), self._job_url(request)))

    async def show_result(self, request: Request) -> Response:
        """The bytes of one result, or a range of them."""
        job, name = await self._job(request), request.path_params["name"]
        for result in job.results:
            if result.result_id == name:
                return await self._file(job, result.file, result.mime_type, result.result_id)
        raise HTTPException(404, f"The job has no result {name!r}.")

    async def show_error(self, request: Request) -> Response:
        """What went wrong, with the last words of a worker that died; empty when nothing did."""
        job = await self._job(request)
        if job.error is None:
            return PlainTextResponse("")
        detail = f"{job.error}\n\n{job.last_words}" if job.last_words else job.error
        return Response(documents.error(detail), media_type=VOTABLE)

    def _shows(self, value: Callable[[JobRecord], str]) -> Handler:
        """A resource that is one word of text."""

        async def show(request: Request) -> Response:
            return PlainTextResponse(value(await self._job(request)))

        return show

    async def _job(self, request: Request) -> JobRecord:
        """The job of the path, if it is one of this model."""
        job = await run_in_threadpool(self._store.job, request.path_params["job_id"])
        if job.model != self._spec.name:
            raise NoSuchJob(f"There is no {self._spec.name} job {job.job_id}.")
        return job

    async def _file(self, job: JobRecord, file: str, mime_type: str, name: str) -> Response:
        path: Path = self._store.job_folder(job.job_id) / file
        if not await run_in_threadpool(path.is_file):
            raise HTTPException(404, f"The file of {name!r} is not there any more.")
        return FileResponse(path, media_type=mime_type, filename=name)

    def _list_url(self, request: Request) -> str:
        return f"{_base(request)}/{self._spec.name}/jobs"

    def _job_url(self, request: Request, job_id: str | None = None) -> str:
        return f"{self._list_url(request)}/{job_id or request.path_params['job_id']}"

    def _see_job(self, request: Request, job_id: str | None = None) -> Response:
        return RedirectResponse(self._job_url(request, job_id), 303)


def _resource(path: str, **handlers: Handler) -> Route:
    """One path with a handler for each of its methods; others are answered 405 with all that are allowed."""

    async def answer(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, answer, methods=list(handlers))


def _base(request: Request) -> str:
    """The address of the service as the client wrote it; the gate has checked the host."""
    return f"http://{request.headers['host']}"


def _query(request: Request, name: str) -> list[str]:
    """All values of a control parameter in the query, in whatever case its name is written."""
    return [value for field, value in request.query_params.multi_items() if field.upper() == name]


def _read_phase(text: str) -> Phase:
    if text not in tuple(Phase):
        raise InputError(f"PHASE is one of {', '.join(Phase)}, not {text!r}.")
    return Phase(text)


def _read_last(text: str) -> int:
    if not re.fullmatch("0*[1-9][0-9]{0,99}", text):
        raise InputError(f"LAST is a whole number above zero, not {text!r}.")
    return int(text)


def _xml(document: str) -> Response:
    return Response(document, media_type=_XML)


def _refusal(status: int, sentence: str) -> Response:
    return Response(documents.error(sentence), status, media_type=VOTABLE)


def _answering(status: int) -> Callable[[Request, Exception], Response]:
    return lambda _, error: _refusal(status, str(error))


def _on_http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = error.detail if error.detail.endswith(".") else f"{error.detail}."
    answer = _refusal(error.status_code, sentence)
    answer.headers.update(error.headers or {})
    return answer


def _on_own_trouble(_: Request, error: Exception) -> Response:
    return _refusal(500, f"The service cannot use its data folder ({error}); see whether the disk is full.")
