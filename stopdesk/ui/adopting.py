"""Brings jobs that were made elsewhere into the session: one by its address, or all of a service's job list."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from stopdesk.domain.job import Job, JobRef, Phase
from stopdesk.domain.models import MODELS
from stopdesk.domain.run import LOCAL, Contact, Run
from stopdesk.domain.session import Session
from stopdesk.domain.settings import url_problem
from stopdesk.errors import StopdeskError
from stopdesk.session.file import SessionStore
from stopdesk.session.services import job_services
from stopdesk.ui.bits import Bits
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.own_jobs import as_own
from stopdesk.ui.runs import origin
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.client import UwsClient
from stopdesk.uws.local import LocalService

#: Above so many jobs an import asks first.
MANY = 200

#: So many jobs are taken in at once.
_BATCH = 50

#: An entry of a job list, with the address of the list.
_Entry = tuple[str, JobRef]


def job_address(text: str) -> str:
    """The address of a job as it was pasted, without what leads to a part or a view of it."""
    return text.strip().partition("#")[0].partition("?")[0].rstrip("/")


def made_elsewhere(job: Job, service: str) -> Run:
    """The run of a job that this program did not send."""
    return Run(
        key=uuid.uuid4().hex,
        name=job.run_id or job.job_id or job.url,
        model=None,
        service=service,
        created=job.created or datetime.now(UTC),
        contact=Contact.OK,
        job_url=job.url,
        job=job,
    )


def _from_list(entry: _Entry) -> Run:
    """The run of an entry of a job list; the rest of its job is read later."""
    service, ref = entry
    job = Job(
        url=ref.url,
        job_id=ref.job_id,
        phase=ref.phase,
        phase_word=ref.phase.value,
        run_id=ref.run_id,
        owner=ref.owner,
        created=ref.created,
    )
    return made_elsewhere(job, service)


def _newest(entries: Sequence[_Entry], number: int) -> list[_Entry]:
    """So many of the entries, the newest first; those whose age is not told come last."""
    return sorted(entries, key=lambda entry: entry[1].created.timestamp() if entry[1].created else 0.0)[::-1][:number]


@dataclass(frozen=True)
class _New:
    """The entries of job lists that are not in the session, and the number of those that are."""

    entries: tuple[_Entry, ...]
    known: int


def _not_here(entries: Sequence[_Entry], session: Session) -> _New:
    """What a session does not have yet; each job once."""
    here = {run.job_url.rstrip("/") for run in session.runs if run.job_url}
    found = {ref.url: (url, ref) for url, ref in entries}
    new = tuple(entry for address, entry in found.items() if address.rstrip("/") not in here)
    return _New(new, len(found) - len(new))


def _is_same(one: Run, other: Run) -> bool:
    """Whether both are of one job of our own service, which has another port each time it starts."""
    is_ours = one.service == LOCAL == other.service and one.job_url is not None
    return is_ours and urlsplit(one.job_url).path == urlsplit(other.job_url).path


def _jobs(number: int, name: str) -> str:
    """So many jobs of a service, with the verb."""
    return f"1 job of {name} is" if number == 1 else f"{number:,} jobs of {name} are"


class Adopter(QObject):
    """Reads in tasks; what arrives for a session that is not open any more is dropped."""

    def __init__(
        self,
        *,
        document: Document,
        conductor: Conductor,
        fetcher: Fetcher,
        log_ins: LogIns,
        tasks: Tasks,
        notices: Notices,
        client: UwsClient,
        local: LocalService,
        settings: SettingsKeeper,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._document = document
        self._conductor = conductor
        self._fetcher = fetcher
        self._log_ins = log_ins
        self._tasks = tasks
        self._notices = notices
        self._client = client
        self._local = local
        self._settings = settings
        self._window = window
        self._bits = Bits(self)

    # one job

    def problem(self, text: str) -> str | None:
        """A sentence when this cannot be the address of a job that is not here yet."""
        url = job_address(text)
        if not url:
            return "Paste the address of a job, as https://example.org/uws/jobs/1234."
        here = next((run.name for run in self._document.session.runs if (run.job_url or "").rstrip("/") == url), None)
        return url_problem(url) or (f"This job is in the list already, as {here}." if here is not None else None)

    def add_job(self, text: str, added: Callable[[], None], failed: Callable[[StopdeskError], None]) -> Task:
        """Read the job at an address without a ``problem`` and take it in; results are fetched where it has ended.

        One of our own local service becomes a run of it, which follows the service to its next address.
        """
        url, store = job_address(text), self._document.store

        def read(_: Task) -> Run:
            model, where = self._local.find(url) or ("", url)
            job = self._client.job(where)
            run = made_elsewhere(job, self._list_of(job.url))
            is_ours = any(spec.name == model for spec in MODELS)
            return as_own(run, job, model, self._client, store) if is_ours else run

        def done(run: Run) -> None:
            if self._document.store is store:
                self._take_in(run)
            added()

        self._log_ins.may_ask(url)
        return self._tasks.start(
            f"Reading {url}",
            read,
            done=done,
            failed=failed,
            queue_name=f"read {origin(url)}",
            width=2,
        )

    def _take_in(self, run: Run) -> None:
        job = run.job
        here = next((each.name for each in self._document.session.runs if _is_same(each, run)), None)
        if here is not None:
            self._notices.tell(f"This job is in the list already, as {here}.")
            return
        self._conductor.adopt((run,))
        self._notices.tell(f"{run.name} is in the list of jobs.")
        if job is not None and job.phase is Phase.ERROR:
            self._fetcher.fetch_error(run.key)
        if job is not None and job.phase.is_final and job.results:
            self._fetcher.fetch_results(run.key)

    def _list_of(self, job_url: str) -> str:
        """The job list that a job belongs to: one of the services', else what its address says."""
        folder = job_url.rpartition("/")[0]
        for service in job_services(self._settings.settings):
            for url in service.job_lists(spec.name for spec in MODELS):
                if url.rstrip("/") == folder:
                    return url
        return folder

    # all jobs of a service

    def import_jobs(self, name: str, lists: Sequence[str]) -> None:
        """Read the job lists of a service and take in the jobs that are not here yet; asks when there are many."""
        store, session, since = self._document.store, self._document.session, self._log_ins.number
        self._log_ins.may_ask(lists[0])

        def read(task: Task) -> _New:
            entries: list[_Entry] = []
            for url in lists:
                task.raise_if_cancelled()
                entries += [(url, ref) for ref in self._client.jobs(url)]
            return _not_here(entries, session)

        def done(new: _New) -> None:
            if self._document.store is store:
                self._choose(name, new)

        def failed(error: StopdeskError) -> None:
            self._notices.fail(f"The jobs of {name} were not imported: {error}")
            again = lambda: self.import_jobs(name, lists)  # noqa: E731
            self._log_ins.turned_away(error, f"import {name}", again, since=since)

        self._tasks.start(
            f"Reading the job list of {name}",
            read,
            done=done,
            failed=failed,
            queue_name=f"read {origin(lists[0])}",
            width=2,
        )

    def _choose(self, name: str, new: _New) -> None:
        if not new.entries:
            self._notices.tell(
                f"{_jobs(new.known, name)} in the list already." if new.known else f"{name} has no jobs."
            )
            return
        found = len(new.entries)
        number = self._ask_how_many(name, found) if found > MANY else found
        if not number:
            return
        store, session = self._document.store, self._document.session

        def done(runs: tuple[Run, ...]) -> None:
            already = f" {new.known:,} {'was' if new.known == 1 else 'were'} there already." if new.known else ""
            self._add(runs, store, f"{_jobs(len(runs), name)} in the list now.{already}")

        self._tasks.start(
            f"Importing the jobs of {name}",
            lambda _: tuple(map(_from_list, reversed(_newest(_not_here(new.entries, session).entries, number)))),
            done=done,
            failed=self._notices.fail,
        )

    def _add(self, runs: tuple[Run, ...], store: SessionStore, text: str) -> None:
        """Take in runs, unless another session is opened meanwhile."""

        def unless_closed(call: Callable[[], object]) -> None:
            if self._document.store is store:
                call()

        batches = (runs[start : start + _BATCH] for start in range(0, len(runs), _BATCH))
        self._bits.add(partial(unless_closed, partial(self._conductor.adopt, batch)) for batch in batches)
        self._bits.add([partial(unless_closed, lambda: self._notices.tell(text))])

    def _ask_how_many(self, name: str, number: int) -> int:
        """How many of so many jobs the user wants; 0 for none."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Import {number:,} jobs of {name}?")
        box.setInformativeText("Each of them is read from the service once, one after the other.")
        everything = box.addButton("Import all", QMessageBox.ButtonRole.AcceptRole)
        newest = box.addButton(f"The newest {MANY}", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        clicked = box.clickedButton()
        wanted = number if clicked is everything else MANY if clicked is newest else 0
        box.deleteLater()
        return wanted
