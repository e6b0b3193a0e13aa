"""The client of any UWS 1.0 or 1.1 service: tolerant in what it reads, exact in what it sends.

Every method is one conversation that blocks and raises (see errors.py). A job that was just created is not started: the
caller writes its URL down, then calls `UwsClient.start`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

from stopdesk.domain.job import Job, JobRef, JobResult, Phase
from stopdesk.domain.spec import Uploads
from stopdesk.errors import (
    Gone,
    Malformed,
    NetworkError,
    NotAllowed,
    Refused,
    ServerTrouble,
    Unreachable,
)
from stopdesk.net.answer import Answer, WrongMethod, host_of
from stopdesk.net.documents import BadXml, is_html, parse_xml, server_words, shorten, votable_error
from stopdesk.net.http import Http, Upload
from stopdesk.uws.creation import created, form, is_about_upload, list_moved
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.polls import Listing, ListPoll, Pace, Poll
from stopdesk.uws.results import fetch
from stopdesk.uws.tracker import Tracker
from stopdesk.uws.values import write_time
from stopdesk.uws.xml import read_error, read_job, same_server

#: A WAIT needs this many seconds more than it lasts to be answered.
WAIT_MARGIN = 15.0

#: An error document longer than this is cut.
ERROR_LIMIT = 1_000_000

#: So long, in seconds, the end of an aborted job is waited for before it is deleted.
ABORT_PATIENCE = 10.0


class UwsClient:
    """Speaks UWS over `Http`; may be used from any thread."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def create(
        self,
        jobs_url: str,
        request: Mapping[str, str | Sequence[str]],
        files: Mapping[str, Path] | None = None,
        run_id: str | None = None,
        *,
        uploads: Uploads = Uploads.EITHER,
    ) -> str:
        """Create a job with all its parameters and files in one POST; gives its URL. Nothing is started.

        ``uploads`` is how the service wants files (`ModelSpec.uploads`). The POST is never repeated when its answer was
        lost; only where the server says that the list is elsewhere (the same path with or without its last slash), it
        is sent there, and where a service of which nothing is known refuses the word UPLOAD, once more without it.
        """
        try:
            return self._create(jobs_url, form(request, files or {}, run_id, uploads))
        except Refused as refused:  # nothing was made
            if not files or uploads is not Uploads.EITHER or not is_about_upload(refused):
                raise
        return self._create(jobs_url, form(request, files, run_id, Uploads.PART))

    def _create(self, jobs_url: str, filled: tuple[list[tuple[str, str]], list[Upload]]) -> str:
        fields, parts = filled
        answer = self._post(jobs_url, fields, parts)
        moved = list_moved(answer, jobs_url)
        if moved is not None:
            jobs_url = moved
            answer = self._post(jobs_url, fields, parts)
        return created(answer, jobs_url)

    def start(self, job_url: str) -> Job:
        """Send PHASE=RUN; gives the job as it then is."""
        return self._set(job_url, "phase", "PHASE", "RUN")

    def abort(self, job_url: str) -> Job:
        """Send PHASE=ABORT; gives the job as it then is, which may take a while to end.

        A job that came to its end in the meantime is given as it ended.
        """
        try:
            return self._set(job_url, "phase", "PHASE", "ABORT")
        except (Refused, ServerTrouble):
            job = self.job(job_url)
            if job.phase.is_final:
                return job
            raise

    def delete(self, job_url: str, *, abort_first: bool = False) -> None:
        """Delete a job; one that is not there any more is fine.

        ``abort_first`` aborts it and waits, but not long, for its end: DaCHS leaves the worker of a deleted job at it.
        """
        try:
            if abort_first and not self.job(job_url).phase.is_final:
                self._abort_before_delete(job_url)
            try:
                _check(self.http.delete(job_url))
            except (Refused, NotAllowed, ServerTrouble) as error:
                if isinstance(error, NotAllowed) and error.login:
                    raise
                _check(self.http.post(job_url, [("ACTION", "DELETE")]))
        except Gone:
            return

    def job(
        self,
        job_url: str,
        *,
        wait: int | None = None,
        phase: Phase | None = None,
        timeout: float | None = None,
        attempts: int | None = None,
    ) -> Job:
        """The job document; with ``wait`` when the phase is not ``phase`` any more, or after so many seconds.

        ``timeout`` bounds the whole call; a wait is cut to fit into it.
        """
        query: list[tuple[str, str]] = []
        if wait is not None and timeout is not None:
            wait = int(min(wait, timeout - 5))
        if wait is not None and wait > 0:
            query.append(("WAIT", str(wait)))
            if phase is not None:
                query.append(("PHASE", phase.value))
            read = wait + WAIT_MARGIN
            total = timeout if timeout is not None else 2 * read
            answer = self.http.get(job_url, query, read_timeout=read, timeout=total, attempts=attempts)
        else:
            answer = self.http.get(job_url, timeout=timeout, attempts=attempts)
        return read_job(answer.body, job_url, same_server(answer.url, job_url))

    def poll(self, poll: Poll, *, timeout: float | None = None) -> Job:
        """The request that a tracker asks for; not tried again, since the tracker does that."""
        return self.job(poll.url, wait=poll.wait, phase=poll.phase, timeout=timeout, attempts=1)

    def jobs(
        self,
        jobs_url: str,
        *,
        phases: Iterable[Phase] = (),
        last: int | None = None,
        after: datetime | None = None,
    ) -> tuple[JobRef, ...]:
        """The job list: only these phases, only jobs created after a time, only the ``last`` newest.

        Services may ignore filters (UWS 1.0) or of several phases heed one only (DaCHS), so each phase is asked for by
        itself, and all filters are applied again here.
        """
        wanted = tuple(dict.fromkeys(phases))
        found: dict[str, JobRef] = {}
        for phase in wanted or (None,):
            listing = self._list(jobs_url, () if phase is None else (phase,), after=after, last=last)
            found |= {entry.url: entry for entry in listing.entries}
            if any(entry.phase is not phase for entry in listing.entries) and Phase.ARCHIVED not in wanted:
                break  # the filter is ignored: this was the whole list
        chosen = [entry for entry in found.values() if not wanted or entry.phase in wanted]
        if after is not None:
            chosen = [entry for entry in chosen if entry.created is None or entry.created > after]
        return tuple(_newest(chosen, last))

    def listing(self, jobs_url: str, *, last: int | None = None) -> Listing:
        """The job list as it is now, with whether there is more than the service shows (see `Listing.is_cut`)."""
        return self._list(jobs_url, last=last)

    def poll_list(self, poll: ListPoll, *, timeout: float | None = None) -> Listing:
        """The list that a tracker asks for; not tried again, since the tracker does that."""
        return self._list(poll.url, poll.phases, after=poll.after, timeout=timeout, attempts=1)

    def _list(
        self,
        jobs_url: str,
        phases: Iterable[Phase] = (),
        *,
        after: datetime | None = None,
        last: int | None = None,
        timeout: float | None = None,
        attempts: int | None = None,
    ) -> Listing:
        """One request for a list; PHASE is the last word of the query, for OPUS."""
        query: list[tuple[str, str]] = []
        if last is not None:
            query.append(("LAST", str(last)))
        if after is not None:
            query.append(("AFTER", write_time(after)))
        query += [("PHASE", phase.value) for phase in phases]
        answer = self.http.get(jobs_url, query, timeout=timeout, attempts=attempts)
        entries = read_jobs(answer.body, jobs_url, same_server(answer.url, jobs_url))
        told = {name.upper() for name, _ in parse_qsl(urlsplit(answer.url).query)}
        is_cut = len(entries) >= last if last is not None else "LAST" in told  # a redirect to ?LAST=n
        return Listing(entries, size=len(answer.body), is_cut=is_cut)

    def error_detail(self, job: Job) -> str:
        """What stands at the job's /error, as plain text; what the job itself says where there is nothing."""
        summary = job.error.message if job.error is not None else ""
        try:
            answer = self.http.get(f"{job.url.rstrip('/')}/error", max_bytes=ERROR_LIMIT, truncate=True)
        except (Gone, Refused, ServerTrouble, Malformed):
            return summary
        except NotAllowed as error:
            if error.login:
                raise
            return summary
        return _plain(answer.body) or summary

    def set_parameters(self, job_url: str, request: Mapping[str, str | Sequence[str]]) -> Job:
        """Change the parameters of a PENDING job; gives the job with the parameters that the service then has.

        ``request`` has to name all parameters, not only those that change: a POST gives those that it does not name
        their defaults back (DaCHS), which is also why a job is created with everything at once. OPUS knows only the
        address of each single parameter.
        """
        fields, _ = form(request, {}, None)
        base = f"{job_url.rstrip('/')}/parameters"
        try:
            _check(self._post(base, fields))
        except (Gone, WrongMethod):
            for name, value in fields:
                _check(self._post(f"{base}/{quote(name, safe='')}", [("VALUE", value)]))
        return self.job(job_url)

    def set_destruction(self, job_url: str, when: datetime) -> Job:
        """Ask for another destruction time; gives the job with the time that the service set."""
        return self._set(job_url, "destruction", "DESTRUCTION", write_time(when))

    def set_execution_duration(self, job_url: str, seconds: int) -> Job:
        """Ask for another limit on the run time, 0 for none; gives the job with the limit that the service set."""
        return self._set(job_url, "executionduration", "EXECUTIONDURATION", str(seconds))

    def fetch_result(
        self,
        result: JobResult,
        folder: Path,
        *,
        progress: Callable[[int, int | None], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        max_bytes: int | None = None,
    ) -> Path:
        """Fetch a result into a new file in ``folder``; its name is made from the result's name or id."""
        return fetch(self.http, result, folder, progress=progress, cancelled=cancelled, max_bytes=max_bytes)

    def wait_for_end(
        self,
        job_url: str,
        *,
        timeout: float | None = None,
        on_change: Callable[[Job], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
        job: Job | None = None,
    ) -> Job:
        """Follow one job to its end, through lost connections; gives it as it is then, or as it was at ``timeout``.

        Raises when the job is gone or not ours, and at ``timeout`` when the service was never reached. ``cancelled``
        ends it in the same way as ``timeout``.
        """
        # a WAIT cannot be interrupted, so it is short where somebody may want to stop
        clock, tracker = self.http.clock, Tracker(Pace(wait=5) if cancelled is not None else None)
        end = None if timeout is None else clock() + timeout
        tracker.follow("", job_url, job=job)
        trouble: NetworkError | None = None
        while (end is None or clock() < end) and not (cancelled is not None and cancelled()):
            for poll in tracker.due(clock()):
                outcome = self._answer(poll, None if end is None else max(end - clock(), 1.0))
                if isinstance(outcome, Job):
                    tracker.answered(poll, outcome, clock())
                    if on_change is not None and (job is None or _differs(job, outcome)):
                        on_change(outcome)
                    job = outcome
                    if job.phase.is_final:
                        return job
                elif isinstance(outcome, (Gone, NotAllowed)):
                    raise outcome
                else:
                    trouble = outcome
                    tracker.failed(poll, outcome, clock())
            due = tracker.next_due(clock())
            pause = 0.0 if due is None else min(due - clock(), 1.0 if cancelled is not None else 60.0)
            if end is not None:
                pause = min(pause, end - clock())
            if pause > 0:
                self.http.sleep(pause)
        if job is None and trouble is not None:
            raise trouble
        if job is None:
            raise Unreachable(f"There was no time to ask {host_of(job_url)} for the job.", url=job_url)
        return job

    def _answer(self, poll: Poll, timeout: float | None) -> Job | NetworkError:
        """The answer to a poll, or the error."""
        try:
            return self.poll(poll, timeout=timeout)
        except NetworkError as error:
            return error

    def _abort_before_delete(self, job_url: str) -> None:
        """Abort and wait a little; a service that will not abort may still delete."""
        try:
            self.wait_for_end(job_url, timeout=ABORT_PATIENCE, job=self.abort(job_url))
        except (Refused, ServerTrouble):
            return

    def _set(self, job_url: str, at: str, name: str, value: str) -> Job:
        """POST one control word to the job's own address for it; gives the job as it then is."""
        _check(self._post(f"{job_url.rstrip('/')}/{at}", [(name, value)]))
        return self.job(job_url)

    def _post(self, url: str, fields: Sequence[tuple[str, str]], files: Sequence[Upload] = ()) -> Answer:
        """POST; a 403 to it is the service's no to the request (UWS 1.1, section 2.2), in its words."""
        try:
            return self.http.post(url, fields, files)
        except NotAllowed as error:
            if error.login:
                raise
            raise Refused(str(error), url=error.url) from error


def _check(answer: Answer) -> None:
    """A 200 may be an error in a VOTable (DaCHS): then it is the service's no."""
    error = None if answer.is_redirect else read_error(answer.body)
    if error is not None:
        raise Refused(f"{host_of(answer.url)} says: {shorten(error)}", url=answer.url)


def _plain(body: bytes) -> str:
    """An error document of any kind as plain text."""
    if is_html(body):
        return server_words(body)
    text = body.decode("utf-8", "replace").replace("\r\n", "\n").strip()
    if text.startswith("<"):
        try:
            root = parse_xml(body)
        except BadXml:
            return server_words(body)
        text = votable_error(root) or "\n".join(line for line in map(str.strip, root.itertext()) if line)
    return "".join(char for char in text if char.isprintable() or char in "\n\t")


def _newest(entries: list[JobRef], last: int | None) -> list[JobRef]:
    """The ``last`` newest, newest first where the service says when; all in the service's order without ``last``."""
    if last is None:
        return entries
    dated = [entry for entry in entries if entry.created is not None]
    if len(dated) == len(entries):
        entries = sorted(dated, key=lambda entry: entry.created.timestamp() if entry.created else 0.0, reverse=True)
    return entries[: max(last, 0)]


def _differs(old: Job, new: Job) -> bool:
    """Whether there is news: a phase, progress, or anything but the document's wording."""
    return old.model_copy(update={"raw": ""}) != new.model_copy(update={"raw": ""})
