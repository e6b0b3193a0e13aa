"""Searches portals: a task for each, in a queue of its server's own, so that none holds up another."""

from __future__ import annotations

import contextlib
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.run import StoredFile
from stopdesk.domain.search import Cone, PortalAnswer, Search
from stopdesk.domain.settings import Service
from stopdesk.errors import Cancelled, FileError, StopdeskError
from stopdesk.formats.votable import read_table, write_table
from stopdesk.net.http import Http
from stopdesk.session.file import SessionStore
from stopdesk.ui.document import Document
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.example import example_search
from stopdesk.ui.runs import origin
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries, portals
from stopdesk.vo.answers import compare
from stopdesk.vo.portals import Rest

#: The search that comes with the program.
EXAMPLE_KEY = "example"

#: The media type of the tables that a session keeps.
_VOTABLE = "application/x-votable+xml"


@dataclass(frozen=True)
class Question:
    """What one portal is asked: ``adql`` is a query written by hand, None for the one that follows from the search."""

    key: str
    cone: Cone
    service: Service
    adql: str | None = None
    max_rows: int | None = None
    run_async: bool = False
    compares: bool = False


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What came of it: the record for the session, the table, how to get more, and what went wrong with either."""

    record: PortalAnswer
    table: Any = field(default=None, repr=False)
    rest: Rest | None = None
    error: StopdeskError | None = None


class Searcher(QObject):
    """Asks and keeps what is answered in the session; the tables of the search shown last are at hand.

    ``progressed`` carries the address of a portal of which something new is to be said, ``answered`` the key of a
    search and the address of the portal whose answer has come; ``ended`` a key when nobody is asked any more.
    """

    progressed = Signal(str)
    answered = Signal(str, str)
    ended = Signal(str)

    def __init__(self, *, document: Document, tasks: Tasks, notices: Notices, log_ins: LogIns, http: Http) -> None:
        super().__init__()
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._log_ins = log_ins
        self._http = http
        self._asked: dict[str, tuple[Question, Task]] = {}  # by address
        self._so_far: dict[str, int] = {}
        self._tables: dict[str, dict[str, Any]] = {}  # by search, by address
        self._rests: dict[tuple[str, str], Rest] = {}
        tasks.progressed.connect(self._task_progressed)
        document.replaced.connect(self._forget)

    # ---- asking --------------------------------------------------------------------------------------------------

    def begin(
        self, cone: Cone, services: Sequence[Service], *, name: str, max_rows: int, adql: Mapping[str, str]
    ) -> Search:
        """Ask these portals what they have there, all at once; ``max_rows`` of 0 asks for all."""
        edited = {service.url: adql[service.url] for service in services if service.url in adql}
        now = datetime.now(UTC).replace(microsecond=0)
        search = Search(key=secrets.token_hex(8), created=now, cone=cone, name=name, max_rows=max_rows, adql=edited)
        self._document.put_search(search)
        self._tables[search.key] = {}
        for service in services:
            self.ask(search.key, service)
        return search

    def ask(self, key: str, service: Service, *, rest: Rest | None = None, compares: bool = False) -> None:
        """Ask one portal of a search, again or for the first time; for the ``rest`` in the way that it says.

        Where an earlier answer is there, ``compares`` says which rows are new.
        """
        search = self.search(key)
        if search is None:
            return
        most = rest.max_rows if rest is not None else search.max_rows or None
        run_async = rest is not None and rest.run_async
        self._start(
            Question(key, search.cone, service, search.adql.get(service.url), most, run_async, compares),
            search.answer(service.url),
        )

    def _start(self, question: Question, before: PortalAnswer | None) -> None:
        url, store = question.service.url, self._document.store
        old_table = self.tables(question.key).get(url)
        since = self._log_ins.number
        self.cancel(url)
        self._so_far[url] = 0
        self._log_ins.may_ask(url)

        come: list[_Outcome] = []  # also of a search that was cancelled

        def work(task: Task) -> _Outcome:
            outcome = _search(self._http, question, task, partial(self._so_far.__setitem__, url))
            old = old_table
            if question.compares and outcome.table is not None and before is not None and before.table is not None:
                old = old if old is not None else read_table(store.blob(before.table.sha256))
            come.append(_kept(outcome, store, old if question.compares else None))
            return come[0]

        def done(outcome: _Outcome) -> None:
            if outcome.error is not None:
                again = partial(self._ask_again, question)
                self._log_ins.turned_away(outcome.error, f"search {url}", again, since=since)
            self._ended(question, store, outcome)

        def failed(error: StopdeskError) -> None:
            done(_Outcome(portals.failed(question.service, question.cone, error, adql=question.adql), error=error))

        task = self._tasks.start(
            f"Searching {question.service.name}",
            work,
            done=done,
            failed=failed,
            dropped=lambda: done(come[0]) if come else failed(Cancelled("The search was cancelled.")),
            queue_name=f"portal {origin(url)}",
            width=2,
        )
        self._asked[url] = (question, task)
        self.progressed.emit(url)

    def _ask_again(self, question: Question) -> None:
        """Ask the same once more, now that somebody has logged in; where the search is still there."""
        search = self.search(question.key)
        if search is not None:
            self._start(question, search.answer(question.service.url))

    def rerun(self, key: str, services: Sequence[Service]) -> None:
        """Ask these portals once more; the rows that were not there before are counted."""
        for service in services:
            self.ask(key, service, compares=True)

    def cancel(self, url: str) -> None:
        """Ask this portal no more; what it gave before stays."""
        if url in self._asked:
            question, task = self._asked.pop(url)
            task.cancel()
            if question.key in self._tables:
                self.progressed.emit(url)

    def cancel_all(self) -> None:
        """Ask no portal any more."""
        for _, task in tuple(self._asked.values()):
            task.cancel()

    def keep_example(self, done: Callable[[str], None]) -> None:
        """Put the answer that comes with the program into the session, once; give its key."""
        known = (each for each in self._document.session.searches if each.key == EXAMPLE_KEY)
        if next(known, None) is not None:
            done(EXAMPLE_KEY)
            return
        store = self._document.store

        def kept(outcome: tuple[Search, dict[str, Any]]) -> None:
            if self._document.store is store:
                search, self._tables[EXAMPLE_KEY] = outcome
                self._document.put_search(search)
                done(EXAMPLE_KEY)

        self._tasks.start(
            "Reading the example", lambda _: example_search(store, EXAMPLE_KEY), done=kept, failed=self._notices.fail
        )

    # ---- what there is -------------------------------------------------------------------------------------------

    def search(self, key: str) -> Search | None:
        """The search of that key; None where the session has none (any more)."""
        return next((each for each in self._document.session.searches if each.key == key), None)

    def is_asking(self, key: str, url: str = "") -> bool:
        """Whether this portal, or any, is being asked for this search."""
        return any(
            question.key == key and url in ("", question.service.url) and not task.cancelled
            for question, task in self._asked.values()
        )

    def addresses(self, key: str) -> set[str]:
        """The portals that have answered a search or are being asked for it."""
        search = self.search(key)
        answered = {answer.url for answer in search.answers} if search is not None else set()
        return answered | {url for url, (question, _) in self._asked.items() if question.key == key}

    def so_far(self, url: str) -> int:
        """How many rows of the answer under way have come."""
        return self._so_far.get(url, 0)

    def rest(self, key: str, url: str) -> Rest | None:
        """How to get the rows that an answer does not have; None where it has all."""
        known = self._rests.get((key, url))
        search = self.search(key)
        answer = search.answer(url) if search is not None else None
        if answer is None or answer.outcome is not answer.outcome.OVERFLOW:
            return None
        return known or Rest("", 10 * max(answer.n_rows, search.max_rows if search is not None else 0))

    def tables(self, key: str) -> dict[str, Any]:
        """The tables of a search that are at hand, by address."""
        return dict(self._tables.get(key, {}))

    def fetch(self, key: str, done: Callable[[dict[str, Any]], None]) -> None:
        """Give all tables of a search, out of the session where need be; those of other searches are let go."""
        search = self.search(key)
        if search is None:
            return
        busy = {question.key for question, _ in self._asked.values()}
        self._tables = {each: tables for each, tables in self._tables.items() if each == key or each in busy}
        have = self._tables.setdefault(key, {})
        files = {answer.url: answer.table for answer in search.answers if answer.table is not None}
        wanted = {url: file for url, file in files.items() if url not in have}
        if not wanted:
            done(dict(have))
            return
        store = self._document.store

        def work(task: Task) -> dict[str, Any]:
            libraries.load()
            return {
                url: read_table(store.blob(file.sha256), name=file.name, cancelled=lambda: task.cancelled)
                for url, file in wanted.items()
            }

        def read(tables: dict[str, Any]) -> None:
            if self._document.store is store:
                mine = self._tables.setdefault(key, {})
                for url, table in tables.items():
                    mine.setdefault(url, table)
                done(dict(mine))

        self._tasks.start("Reading the results of a search", work, done=read, failed=self._notices.fail)

    # ---- inside --------------------------------------------------------------------------------------------------

    def _ended(self, question: Question, store: SessionStore, outcome: _Outcome) -> None:
        url, key = question.service.url, question.key
        current = self._asked.get(url)
        if current is not None and current[0] is question:
            del self._asked[url]
        elif current is not None:  # asked anew meanwhile
            return
        search = self.search(key)
        if search is None or self._document.store is not store:
            return
        search = search.with_answer(outcome.record)
        if outcome.table is not None and search.answer(url) == outcome.record:
            self._tables.setdefault(key, {})[url] = outcome.table
        self._rests.pop((key, url), None)
        if outcome.rest is not None:
            self._rests[key, url] = outcome.rest
        self._document.put_search(search)
        self.progressed.emit(url)
        self.answered.emit(key, url)
        if not self.is_asking(key):
            self.ended.emit(key)

    def _task_progressed(self, task: Task) -> None:
        for url, (_, mine) in self._asked.items():
            if mine is task:
                self.progressed.emit(url)
                return

    def _forget(self) -> None:
        """Another session has been opened."""
        self.cancel_all()
        self._asked, self._tables, self._rests = {}, {}, {}


def _search(http: Http, question: Question, task: Task, tell: Callable[[int], object]) -> _Outcome:
    """Ask, in a thread; what goes wrong is an outcome too, but for a cancel."""

    def progress(n_rows: int) -> None:
        tell(n_rows)
        with contextlib.suppress(Cancelled):  # the reader sees to it itself, and gives what has come
            task.report(None, f"{n_rows:,} rows")

    libraries.load(talking=True)
    try:
        answer = portals.search(
            http,
            question.service,
            question.cone,
            adql=question.adql,
            max_rows=question.max_rows,
            run_async=question.run_async,
            progress=progress,
            cancelled=lambda: task.cancelled,
            keep=True,
        )
    except Cancelled:
        raise
    except StopdeskError as error:
        return _Outcome(portals.failed(question.service, question.cone, error, adql=question.adql), error=error)
    return _Outcome(answer.record(), answer.table, answer.rest)


def _kept(outcome: _Outcome, store: SessionStore, old: Any) -> _Outcome:
    """The outcome with its table in the session, and compared with an older one where there is one."""
    if outcome.table is None:
        return outcome
    changes: dict[str, Any] = {"n_new": len(compare(old, outcome.table).new)} if old is not None else {}
    data = io.BytesIO()
    write_table(outcome.table, data)
    try:
        sha256, size = store.put_blob(data.getvalue())
    except FileError as error:
        return replace(outcome, record=outcome.record.model_copy(update=changes), error=error)
    name = "".join(char if char.isalnum() else "_" for char in outcome.record.service)[:60]
    changes["table"] = StoredFile(name=f"{name}.vot", sha256=sha256, size=size, mime_type=_VOTABLE)
    return replace(outcome, record=outcome.record.model_copy(update=changes))
