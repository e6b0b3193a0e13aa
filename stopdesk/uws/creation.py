"""The request that creates a job, and where its answer says that the job is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from stopdesk.domain.spec import Uploads
from stopdesk.errors import FileError, InvalidParameters, Malformed, Problem, Refused
from stopdesk.net.answer import Answer, host_of
from stopdesk.net.credentials import Origin
from stopdesk.net.http import Upload
from stopdesk.uws.xml import read_job, same_server

#: Words that steer the service and are no parameters of a job (UWS 1.1, section 2.2.3).
CONTROL_WORDS = ("PHASE", "ACTION", "WAIT")


def form(
    request: Mapping[str, str | Sequence[str]],
    files: Mapping[str, Path],
    run_id: str | None,
    uploads: Uploads = Uploads.REFERENCE,
) -> tuple[list[tuple[str, str]], list[Upload]]:
    """The fields and parts of a creating POST."""
    control = [name for name in (*request, *files) if name.upper() in CONTROL_WORDS]
    if control:
        raise InvalidParameters([Problem((name,), "This word steers the service.") for name in control])
    fields: list[tuple[str, str]] = []
    for name, value in request.items():
        fields += [(name, each) for each in ([value] if isinstance(value, str) else value)]
    if run_id:
        fields.append(("RUNID", run_id))
    parts: list[Upload] = []
    for number, (name, path) in enumerate(files.items(), start=1):
        part = name
        if uploads is Uploads.REFERENCE:
            part = f"upload_{number}"
            while part in request or part in files:
                part += "_"
            fields.append((name, f"param:{part}"))
        if uploads is not Uploads.PART:
            fields.append(("UPLOAD", f"{name},param:{part}"))
        try:
            parts.append(Upload(part, path.name, path.read_bytes()))
        except OSError as error:
            raise FileError(path, f"It could not be read: {error.strerror or error}.") from error
    return fields, parts


def is_about_upload(refusal: Refused) -> bool:
    """Whether a service refuses the word UPLOAD itself, which the user has not said."""
    return re.search(r"\bUPLOAD\b", str(refusal)) is not None


def list_moved(answer: Answer, jobs_url: str) -> str | None:
    """The list's right address, when a redirect sends the whole request there: nothing was created yet.

    Files and parameters go to the server that they are meant for, or to https on its host, and nowhere else.
    """
    if answer.status not in (301, 302, 307, 308) or answer.location is None:
        return None
    moved = same_server(answer.location, jobs_url)
    asked, told = urlsplit(jobs_url), urlsplit(moved)
    if told.scheme not in ("http", "https"):
        return None
    same = asked.hostname == told.hostname and asked.path.rstrip("/") == told.path.rstrip("/")
    upgrade = asked.scheme == "http" and told.scheme == "https"
    return moved if same and (upgrade or Origin.of(moved) == Origin.of(jobs_url)) else None


def created(answer: Answer, jobs_url: str) -> str:
    """The job's URL from the answer to its creation: Location, on the host that we used, else the document."""
    if answer.location is not None and answer.status in (200, 201, 202, 301, 302, 303, 307, 308):
        job_url = same_server(answer.location, jobs_url)
        is_web = job_url.startswith(("http://", "https://"))
        if is_web and urlsplit(job_url).path.rstrip("/") != urlsplit(jobs_url).path.rstrip("/"):
            return job_url.partition("#")[0]
    if answer.is_redirect:
        raise Malformed(f"{host_of(jobs_url)} did not say where the new job is. Look at its job list.", url=jobs_url)
    job = read_job(answer.body, jobs_url)
    if not job.job_id or job.url.rstrip("/").endswith("/" + job.job_id):
        raise Malformed(f"{host_of(jobs_url)} did not say which job it created. Look at its job list.", url=jobs_url)
    return f"{jobs_url.partition('?')[0].rstrip('/')}/{quote(job.job_id, safe='')}"
