"""The documents that the scripted server sends: a job, a list, a VOTable with an error, a page for people."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from tests.fakes.uws_server.server import UwsServer
    from tests.fakes.uws_server.values import FakeJob

VOTABLE = (
    '<?xml version="1.0"?><VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
    '<INFO name="QUERY_STATUS" value="ERROR">{}</INFO></RESOURCE></VOTABLE>'
)
PAGE = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>"

_ERROR = '<uws:errorSummary type="fatal" hasDetail="true">{}</uws:errorSummary>'
_NAMESPACES = (
    'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_NIL = ' xsi:nil="true"'


def job_document(server: UwsServer, job: FakeJob) -> str | bytes:
    """The job as XML."""
    message = escape(job.error) if server.lies("text_error") else f"<uws:message>{escape(job.error)}</uws:message>"
    times = f"<uws:creationTime>{job.created}</uws:creationTime><uws:startTime{_NIL}/><uws:endTime{_NIL}/>"
    parts = [
        f"<uws:jobId>{escape(job.job_id)}</uws:jobId>",
        f"<uws:runId>{escape(job.run_id)}</uws:runId>" if job.run_id else "",
        f"<uws:ownerId{_NIL}/>",
        f"<uws:phase>{escape(job.phase)}</uws:phase>",
        f"<uws:quote{_NIL}/>",
        "" if server.lies("no_times") else times,
        f"<uws:executionDuration>{job.duration}</uws:executionDuration>",
        f"<uws:destruction>{job.destruction}</uws:destruction>",
        f"<uws:parameters>{_parameters(server, job)}</uws:parameters>",
        f"<uws:results>{_results(server, job)}</uws:results>",
        _ERROR.format(message) if job.error else "",
        f"<uws:jobInfo>{job.info}</uws:jobInfo>" if job.info else "",
    ]
    if server.lies("unordered"):
        parts.reverse()
    return _encoded(server, f"<uws:job {_NAMESPACES}{_version(server)}>{''.join(parts)}</uws:job>")


def list_document(server: UwsServer, query: tuple[tuple[str, str], ...]) -> str | bytes:
    """The list as XML, with the filters of UWS 1.1."""
    jobs = list(server.jobs.values())
    if not server.lies("ignore_filters"):
        phases = [value for name, value in query if name == "PHASE"]
        phases = phases[-1:] if server.lies("last_phase_only") else phases
        jobs = [job for job in jobs if (job.phase in phases if phases else job.phase != "ARCHIVED")]
        for name, value in query:
            if name == "AFTER":
                jobs = [job for job in jobs if job.created > value]
        for name, value in query:
            if name == "LAST":
                jobs = sorted(jobs, key=lambda job: job.created, reverse=True)[: int(value)]
    if server.lies("unordered"):
        jobs.reverse()
    folder = None if server.lies("no_href") else server.address()
    entries = "".join(_entry(job, folder, with_time=not server.lies("no_times")) for job in jobs)
    return _encoded(server, f"<uws:jobs {_NAMESPACES}{_version(server)}>{entries}</uws:jobs>")


def _entry(job: FakeJob, folder: str | None, *, with_time: bool) -> str:
    """A job's entry; kept with the job, so that a list of thousands costs next to nothing."""
    made_of = job.phase, folder, with_time
    if job.listed[0] != made_of:
        tail = quote(job.job_id, safe="")
        href = "" if folder is None else f" xlink:href={quoteattr(f'{folder}/{tail}')}"
        created = f"<uws:creationTime>{job.created}</uws:creationTime>" if with_time else ""
        phase = f"<uws:phase>{escape(job.phase)}</uws:phase>"
        job.listed = made_of, f"<uws:jobref id={quoteattr(job.job_id)}{href}>{phase}{created}</uws:jobref>"
    return job.listed[1]


def _version(server: UwsServer) -> str:
    return "" if server.lies("no_version") else ' version="1.1"'


def _parameters(server: UwsServer, job: FakeJob) -> str:
    is_reference = ' byReference="True"' if server.lies("by_reference") else ""
    return "".join(
        f"<uws:parameter id={quoteattr(name)}{is_reference}>{escape(value)}</uws:parameter>"
        for name, value in job.parameters
    )


def _results(server: UwsServer, job: FakeJob) -> str:
    def one(name: str, content: bytes, kind: str) -> str:
        address = server.result_address(job.job_id, name)
        digest = f' hash="{sha1(content).hexdigest()}"' if server.lies("hashes") else ""
        about = f'size="{len(content)}" mime-type={quoteattr(kind)}{digest}'
        return f"<uws:result id={quoteattr(name)} xlink:href={quoteattr(address)} {about}/>"

    return "".join(one(name, *of) for name, of in job.results.items())


def _encoded(server: UwsServer, document: str) -> str | bytes:
    """The document behind its XML declaration, in the encoding that the server has just now."""
    if server.lies("latin_1"):
        return f'<?xml version="1.0"?>\n{document}'.encode("iso-8859-1")
    if server.lies("utf_16"):
        return f'<?xml version="1.0" encoding="UTF-16"?>\n{document}'.encode("utf-16")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'
