"""Finds out what a UWS service can do, without changing anything on it: for the Test button and the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

from stopdesk.domain.job import Phase
from stopdesk.errors import Gone, Malformed, NetworkError, NotAllowed, Refused, ServerTrouble
from stopdesk.net.documents import local_name, parse_xml
from stopdesk.net.http import Http
from stopdesk.uws.client import UwsClient
from stopdesk.uws.jobrefs import read_jobs

#: Seconds that each question may take; a test asks five at most.
_PATIENCE = 10.0

#: A job list longer than this is not looked through, in bytes.
_LIST_BYTES = 4_000_000


@dataclass(frozen=True)
class ServiceReport:
    """What a test found; ``available``, ``wait``, ``filters`` and ``uploads`` are None where that could not be told."""

    url: str
    n_jobs: int | None = None
    version: str | None = None
    available: bool | None = None
    note: str = ""
    wait: bool | None = None
    filters: bool | None = None
    uploads: bool | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """The report in sentences, the most important first."""
        said = ["The job list answers." if self.n_jobs is None else f"The job list answers, with {self.n_jobs:,} jobs."]
        if self.available is not None:
            said.append(
                "The service says that it is available." if self.available else "It says that it is NOT available."
            )
        if self.note:
            said.append(self.note)
        said.append(f"UWS {self.version}." if self.version else "It does not say which version of UWS it speaks (1.0).")
        for name, value in (("WAIT", self.wait), ("List filters", self.filters), ("Uploads", self.uploads)):
            words = {True: "work", False: "do not work", None: "could not be tried without making a job"}[value]
            said.append(f"{name}: {words}.")
        return tuple(said)


def probe(http: Http, jobs_url: str) -> ServiceReport:
    """Ask the service at this job list what it can do; NetworkError when the list itself does not answer as one."""
    answer = http.get(jobs_url, timeout=_PATIENCE, max_bytes=_LIST_BYTES, truncate=True, attempts=1)
    if answer.truncated:  # a long list: its head says enough, and LAST=1 gives a whole document
        version = _version(http, jobs_url, [("LAST", "1")])
        return _with_availability(http, ServiceReport(jobs_url, version=version, filters=version is not None))
    jobs = read_jobs(answer.body, jobs_url)
    version = parse_xml(answer.body).attrib.get("version")
    filters = _filters_work(http, jobs_url, len(jobs)) if version is not None else False
    running = next((job for job in jobs if job.phase is Phase.EXECUTING or job.phase is Phase.QUEUED), None)
    wait = _waits(http, running.url) if running is not None else (None if version is not None else False)
    report = ServiceReport(jobs_url, n_jobs=len(jobs), version=version, wait=wait, filters=filters)
    return _with_availability(http, report)


def _version(http: Http, jobs_url: str, query: list[tuple[str, str]]) -> str | None:
    try:
        answer = http.get(jobs_url, query, timeout=_PATIENCE, max_bytes=_LIST_BYTES, attempts=1)
        return parse_xml(answer.body).attrib.get("version")
    except NetworkError:
        return None


def _filters_work(http: Http, jobs_url: str, n_jobs: int) -> bool | None:
    """Whether LAST and PHASE are heeded; None where the list is too short to tell."""
    if n_jobs < 2:
        return None
    try:
        answer = http.get(jobs_url, [("LAST", "1")], timeout=_PATIENCE, attempts=1)
        return len(read_jobs(answer.body, jobs_url)) == 1
    except NetworkError:
        return False


def _waits(http: Http, job_url: str) -> bool | None:
    """Whether a WAIT of one second on a running job takes about that long; None when the job has just ended."""
    start = http.clock()
    try:
        job = UwsClient(http).job(job_url, wait=1, timeout=_PATIENCE, attempts=1)
    except NetworkError:
        return False
    if not job.phase.is_waitable:
        return None
    return http.clock() - start >= 0.5


def _with_availability(http: Http, report: ServiceReport) -> ServiceReport:
    """The report with what VOSI availability says, where there is one beside the job list or above it."""
    for url in _beside(report.url, "availability"):
        try:
            root = parse_xml(http.get(url, timeout=_PATIENCE, attempts=1).body)
        except (Gone, Malformed, NotAllowed, Refused, ServerTrouble):
            continue
        except NetworkError:
            break
        if local_name(root.tag) != "availability":
            continue
        said = {local_name(child.tag): (child.text or "").strip() for child in root}
        is_available = said.get("available", "").lower() in ("true", "1")
        return replace(report, available=is_available, note=said.get("note", "")[:300])
    return report


def _beside(jobs_url: str, name: str) -> list[str]:
    """Where a VOSI document of a service may lie: beside its job list, one level up, at the root of the server."""
    parts = urlsplit(jobs_url)
    steps = [step for step in parts.path.split("/") if step]
    paths = dict.fromkeys("/" + "/".join([*steps[:n], name]) for n in (len(steps) - 1, len(steps) - 2, 0) if n >= 0)
    return [urlunsplit((parts.scheme, parts.netloc, path, "", "")) for path in paths]
