"""Asks a portal what it has around a position, and tells apart what it may answer.

Rows, no rows and more rows than it gives are an `Answer`; a service that says no is Refused, one that does not answer
Unreachable, one that sends something else Malformed, and a user who gives up Cancelled.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

import requests

from stopdesk.domain.run import StoredFile
from stopdesk.domain.search import Cone, Outcome, PortalAnswer
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import (
    Cancelled,
    FileError,
    InputError,
    Malformed,
    NetworkError,
    NotAllowed,
    Refused,
    ServerTrouble,
    StopdeskError,
    Unreachable,
)
from stopdesk.formats.votable import read_table
from stopdesk.net.answer import host_of
from stopdesk.net.documents import BadXml, is_html, parse_xml, server_words, votable_error
from stopdesk.net.http import Http
from stopdesk.net.lent import Body, LentSession, lent_session, refused
from stopdesk.vo import asynchronous
from stopdesk.vo.columns import has_positions
from stopdesk.vo.queries import IN_ADQL, adql_for, query_for, request_of

#: Seconds that a search may take: the portals' own limits for such questions are minutes.
TIMEOUT = 600.0

#: A larger answer is not read, in bytes.
MAX_BYTES = 512 * 1024 * 1024

#: So much of an answer is looked at for errors, in bytes.
_HEAD = 65536

#: How JSON, CSV and plain words begin, and no VOTable, packed or not.
_WORDS = re.compile(rb"\s*[\w{\[\"#]")


@dataclass(frozen=True)
class Rest:
    """How to get the rows that an answer does not have: words, and what to hand to `search` instead."""

    text: str
    max_rows: int | None = None
    run_async: bool = False


@dataclass(frozen=True)
class Answer:
    """What a portal has: ``table`` is an astropy Table, ``url`` the address that answered, ``request`` what was sent.

    ``adql`` is the query as it was sent, "" where there was none. ``rest`` is given where there are more rows;
    ``was_cancelled`` tells that the rows are those that had come by then.
    """

    service: Service
    cone: Cone
    url: str
    table: Any = field(repr=False)
    date: datetime
    request: tuple[tuple[str, str], ...] = ()
    adql: str = ""
    rest: Rest | None = None
    was_cancelled: bool = False

    @property
    def n_rows(self) -> int:
        """The number of rows that came."""
        return len(self.table)

    @property
    def outcome(self) -> Outcome:
        """Rows, none, or not all."""
        if self.was_cancelled:
            return Outcome.CANCELLED
        return Outcome.OVERFLOW if self.rest is not None else Outcome.ROWS if self.n_rows else Outcome.EMPTY

    @property
    def said(self) -> str:
        """The answer in one or two sentences."""
        if self.was_cancelled:
            return f"The search was cancelled; {self.n_rows:,} rows had come by then."
        count = "1 row" if self.n_rows == 1 else f"{self.n_rows:,} rows"
        if self.rest is not None:
            return f"{count}, and there are more. {self.rest.text}"
        if not self.n_rows:
            return f"{self.service.name} has nothing there."
        return (
            f"{count}."
            if has_positions(self.table)
            else f"{count}, without positions: none of them can be shown on the sky."
        )

    def record(self, table: StoredFile | None = None) -> PortalAnswer:
        """The answer as a session keeps it; ``table`` is where its rows are."""
        return PortalAnswer(
            service=self.service.name,
            url=self.service.url,
            kind=self.service.kind,
            outcome=self.outcome,
            date=self.date,
            answered_by=self.url,
            adql=self.adql,
            request=self.request,
            n_rows=self.n_rows,
            said=self.said,
            table=table,
        )


def search(
    http: Http,
    service: Service,
    cone: Cone,
    *,
    adql: str | None = None,
    max_rows: int | None = None,
    run_async: bool = False,
    timeout: float = TIMEOUT,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    keep: bool = False,
) -> Answer:
    """What a portal has within ``cone``; its mirrors are asked in turn where it does not answer.

    ``adql`` takes the place of the query that is made from ``cone``; it is sent as it is. ``max_rows`` bounds the rows
    that are asked for and read. ``run_async`` asks TAP services by a job, for what takes long. ``timeout`` is in
    seconds in all for each address. ``progress`` is told the rows so far. With ``keep`` a cancel gives the rows
    that have come, if there are any.

    Raises Refused with the service's own words, Unreachable, ServerTrouble, NotAllowed, Malformed for what is no table
    or too large, InputError for what cannot be asked, and Cancelled.
    """
    query = adql_for(service, cone) if adql is None else adql
    if run_async and service.kind not in IN_ADQL:
        raise InputError(f"{service.name} cannot be asked asynchronously; only services of TAP can.")
    last: NetworkError | None = None
    for url in service.addresses:
        call = _Asking(http, service, cone, url, query, max_rows, timeout, max_bytes, progress, cancelled, keep)
        try:
            return call.by_job() if run_async else call.at_once()
        except (Unreachable, ServerTrouble) as error:
            last = error
    assert last is not None
    raise last


@dataclass(frozen=True)
class _Asking:
    """One question to one address."""

    http: Http
    service: Service
    cone: Cone
    url: str
    adql: str
    max_rows: int | None
    timeout: float
    max_bytes: int
    progress: Callable[[int], object] | None
    cancelled: Callable[[], bool] | None
    keep: bool

    def at_once(self) -> Answer:
        """Ask and wait for the answer."""
        with self._session() as session:
            query = query_for(session, self.url, self.service, self.cone, adql=self.adql, max_rows=self.max_rows)
            is_post = self.service.kind is ServiceKind.OBSPORTAL
            response = query.submit(post=is_post)
            return self._answer(session, response, request_of(query))

    def by_job(self) -> Answer:
        """Make a job, wait for its end, read its result and delete it."""
        job, answer = "", None
        try:
            with self._session() as session:
                query = query_for(
                    session, self.url, self.service, self.cone, adql=self.adql, max_rows=self.max_rows, mode="async"
                )
                job = asynchronous.create(session, query)
                response = asynchronous.result(session, job)
                answer = self._answer(session, response, request_of(query), was_async=True)
                return answer
        finally:
            if job:
                asynchronous.drop(self.http, job, is_running=answer is None)

    def _session(self) -> contextlib.AbstractContextManager[LentSession]:
        return lent_session(self.http, seconds=self.timeout, cancelled=self.cancelled, max_bytes=self.max_bytes)

    def _answer(
        self,
        session: LentSession,
        response: requests.Response,
        request: tuple[tuple[str, str], ...],
        *,
        was_async: bool = False,
    ) -> Answer:
        problem = refused(session, response)
        if problem is not None:
            raise problem
        table = read_answer(
            cast(Body, response.raw),
            self.url,
            max_rows=self.max_rows,
            max_bytes=self.max_bytes,
            progress=self.progress,
            cancelled=self.cancelled,
            keep=self.keep,
        )
        was_cancelled = bool(table.meta.get("cancelled"))
        return Answer(
            self.service,
            self.cone,
            self.url,
            table,
            datetime.now(UTC).replace(microsecond=0),
            request,
            self.adql,
            None if was_cancelled else self._rest(table, was_async=was_async),
            was_cancelled,
        )

    def _rest(self, table: Any, *, was_async: bool) -> Rest | None:
        """How to get more, where there is more."""
        is_cut = bool(table.meta.get("truncated"))
        if str(table.meta.get("QUERY_STATUS", "")).upper() != "OVERFLOW" and not is_cut:
            return None
        if is_cut or self.max_rows is None or len(table) >= self.max_rows:
            more = 10 * (self.max_rows or max(len(table), 1))
            return Rest(f"Raise the number of rows that are asked for, to {more:,} say.", more, was_async)
        if self.service.kind in IN_ADQL and not was_async:
            return Rest("The service gives no more at once; ask by a job (asynchronously).", self.max_rows, True)
        return Rest("The service gives no more at a time; search smaller fields.", self.max_rows, was_async)


def read_answer(
    body: Body,
    url: str,
    *,
    max_rows: int | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    keep: bool = False,
) -> Any:
    """The table in an answer while it arrives, as an astropy Table; Refused or Malformed where there is none."""
    host = host_of(url)
    head = body.peek(_HEAD)
    if is_html(head):
        raise Malformed(f"{host} sent a web page in place of a table: {server_words(head)}", url=url)
    if _WORDS.match(head) is not None:
        raise Malformed(f"{host} sent words in place of a table: {server_words(head)}", url=url)
    try:
        return read_table(
            body,  # type: ignore[arg-type]  # a raw stream has all that is read of a BinaryIO
            name=f"the answer of {host}",
            max_rows=max_rows,
            max_bytes=max_bytes,
            progress=progress,
            cancelled=cancelled,
            keep=keep,
        )
    except Cancelled as error:
        raise Cancelled("The search was cancelled.") from error
    except InputError as error:  # also a FileError: what it says of a file holds for an answer
        words = _error_in(head)
        if words:
            raise Refused(f"{host} says: {words}", url=url) from error
        text = str(error) if isinstance(error, FileError) else f"What {host} sent has no table in it."
        raise Malformed(text, url=url) from error


def _error_in(head: bytes) -> str:
    """A service's own words where the document is an error; "" where it is none, or is not all there."""
    try:
        return votable_error(parse_xml(head)) or ""
    except BadXml:
        return ""


def failed(service: Service, cone: Cone, error: StopdeskError, *, adql: str | None = None) -> PortalAnswer:
    """The record of a portal that gave no table."""
    if isinstance(error, Cancelled):
        outcome = Outcome.CANCELLED
    elif isinstance(error, (Unreachable, ServerTrouble)):
        outcome = Outcome.UNREACHABLE
    elif isinstance(error, NotAllowed):
        outcome = Outcome.NOT_ALLOWED
    else:
        outcome = Outcome.REFUSED if isinstance(error, Refused) else Outcome.FAILED
    return PortalAnswer(
        service=service.name,
        url=service.url,
        kind=service.kind,
        outcome=outcome,
        date=datetime.now(UTC).replace(microsecond=0),
        adql=adql_for(service, cone) if adql is None else adql,
        said=str(error),
    )
