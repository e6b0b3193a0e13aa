"""Takes a filled form to a job on a server, not yet started."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.run import LOCAL, Contact, Run, StoredFile
from stopdesk.errors import NotAllowed, Refused, StopdeskError
from stopdesk.session.file import SessionStore
from stopdesk.ui.document import QUEUE, Document
from stopdesk.ui.forms.order import RunOrder
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs, origin, queue_name
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.client import UwsClient


class Sender(QObject):
    """``created`` carries the key of a run whose job's address is on disk, so that it may be started.

    ``not_kept`` carries one whose job exists, but whose address could not be written down; ``refused`` one that the
    service read and would not take.
    """

    created = Signal(str)
    not_kept = Signal(str)
    refused = Signal(str)

    def __init__(
        self,
        *,
        document: Document,
        runs: Runs,
        log_ins: LogIns,
        tasks: Tasks,
        notices: Notices,
        client: UwsClient,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runs = runs
        self._log_ins = log_ins
        self._tasks = tasks
        self._notices = notices
        self._client = client

    def submit(self, order: RunOrder) -> str:
        """Send a filled form; the key of its run, which is in the list at once."""
        service = order.service
        run = Run(
            key=uuid.uuid4().hex,
            name=order.name,
            model=order.model,
            service=service.replace("{model}", order.model) if order.model and service != LOCAL else service,
            created=datetime.now(UTC),
            request=order.request,
            observation=self._document.session.observation,
        )
        self._document.put_run(run)
        self._notices.tell(f"Sending {run.name}.")
        files = dict(order.attachments)
        store = self._document.store

        def keep(_: Task) -> dict[str, StoredFile]:
            kept = {}
            for name, path in files.items():
                sha256, size = store.put_blob(path)
                kept[name] = StoredFile(name=path.name, sha256=sha256, size=size)
            return kept

        def kept(attachments: dict[str, StoredFile]) -> None:
            if self._is_here(run.key, store):
                self._runs.update(run.key, attachments=attachments, contact=Contact.WAITING)

        self._tasks.start(
            f"Preparing {run.name}",
            keep,
            done=kept,
            failed=lambda error: self._rejected(run.key, error),
            queue_name=QUEUE,
            width=1,
            quiet=True,
        )
        return run.key

    def send_again(self, key: str) -> None:
        """Let a run that was not accepted wait for its turn once more; its service may ask for a log-in once more.

        So do the others that were held back there for want of one.
        """
        run = self._runs.get(key)
        if run is not None:
            self._log_ins.may_ask(run.service)
            self.wait_again(key)
            self.release(run.service)

    def release(self, url: str) -> None:
        """Let the runs wait for their turn again that were held back for want of a log-in at this server."""
        for run in self._document.session.runs:
            if run.is_held_back and origin(run.service) == origin(url):
                self.wait_again(run.key)

    def wait_again(self, key: str) -> None:
        """Let a run that was not accepted, or held back, wait for its turn."""
        run = self._runs.get(key)
        if run is not None and (run.contact is Contact.REJECTED or run.is_held_back):
            self._runs.update(key, contact=Contact.WAITING, contact_text="")

    def send(self, key: str) -> None:
        """Send a run whose turn has come."""
        if self._runs.update(key, contact=Contact.UNSENT, contact_text="") is not None:
            self._create(key)

    def _is_here(self, key: str, store: SessionStore) -> bool:
        """Whether the run was not deleted, nor another session opened, while it was on its way."""
        return self._document.store is store and self._runs.get(key) is not None

    def _create(self, key: str) -> None:
        run = self._runs.get(key)
        if run is None:
            return
        store, since = self._document.store, self._log_ins.number

        def created(job_url: str) -> None:
            if not self._is_here(key, store):
                self._withdraw(run, job_url)
                return
            self._runs.update(key, job_url=job_url, contact=Contact.OK, contact_text="")
            self._document.flush(then=lambda: self.created.emit(key), failed=lambda: self.not_kept.emit(key))

        def not_created(error: StopdeskError) -> None:
            if not self._is_here(key, store):
                return
            if isinstance(error, NotAllowed) and error.login:
                self._held_back(key, error)
                self._log_ins.turned_away(error, f"send {key}", lambda: self.wait_again(key), since=since)
                return
            self._rejected(key, error)
            if isinstance(error, Refused):
                self.refused.emit(key)

        def dropped() -> None:
            if self._is_here(key, store):
                text = "Sending was cancelled. Send it again, or delete it."
                self._runs.update(key, contact=Contact.REJECTED, contact_text=text)

        self._tasks.start(
            f"Sending {run.name}",
            lambda task: self._post(task, run, store),
            done=created,
            failed=not_created,
            dropped=dropped,
            queue_name=queue_name("send", run),
            width=2,
        )

    def _post(self, task: Task, run: Run, store: SessionStore) -> str:
        """Create the job with its files and give its address (blocks)."""
        folder = Path(tempfile.mkdtemp(prefix="stopdesk-"))
        try:
            files = {}
            for number, (name, stored) in enumerate(run.attachments.items()):
                files[name] = folder / str(number) / stored.name  # the service is to know it by its own name
                files[name].parent.mkdir()
                store.export_blob(stored.sha256, files[name])
            spec, jobs_url = self._runs.spec(run), self._runs.jobs_url(run)
            fields = spec.fields(run.request)
            job_url = self._client.create(jobs_url, fields, files, run.name, uploads=spec.uploads)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if task.cancelled:
            self._client.delete(job_url)  # nobody would ever know of it
        return job_url

    def _withdraw(self, run: Run, job_url: str) -> None:
        """Delete a job that no run speaks of."""
        self._tasks.start(
            f"Withdrawing {run.name}",
            lambda _: self._client.delete(job_url),
            queue_name=queue_name("send", run),
            width=2,
            quiet=True,
        )

    def _held_back(self, key: str, error: NotAllowed) -> None:
        """A missing or expired log-in is no refusal: the run, and those behind it, wait for the next one."""
        text = f"{error} It is sent when you have logged in."
        run = self._runs.update(key, contact=Contact.NOT_ALLOWED, contact_text=text)
        if run is not None:
            self._notices.warn(f"{run.name} waits for a log-in at {origin(run.service)}.", details=str(error))

    def _rejected(self, key: str, error: StopdeskError) -> None:
        run = self._runs.update(key, contact=Contact.REJECTED, contact_text=str(error))
        if run is not None:
            self._notices.fail(f"{run.name} was not sent: {error}")
