"""Takes a filled form to a job, and follows every job of every service to its end."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from stopdesk.domain.job import Job, Phase
from stopdesk.domain.run import LOCAL, Contact, Run, StoredFile
from stopdesk.errors import NetworkError, NotAllowed, StopdeskError, Unreachable
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.workspace import RunOrder
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs, origin, queue_name
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.client import UwsClient
from stopdesk.uws.tracker import Change, Poll, Tracker


class Conductor(QObject):
    """Lives in the GUI thread and never blocks it: every word with a server is a task in that server's queue.

    ``ended`` carries the key of a run whose job has just reached a final phase, ``login_wanted`` the URL of a service
    that asks who we are.
    """

    ended = Signal(str)
    login_wanted = Signal(str)

    def __init__(
        self,
        *,
        document: Document,
        runs: Runs,
        fetcher: Fetcher,
        tasks: Tasks,
        notices: Notices,
        client: UwsClient,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runs = runs
        self._fetcher = fetcher
        self._tasks = tasks
        self._notices = notices
        self._client = client
        self._clock = clock
        self._tracker = Tracker()
        self._asked_login: set[str] = set()
        self._waiting_for_login: set[str] = set()
        self._stopped = False
        self._pump = QTimer(self)
        self._pump.setSingleShot(True)
        self._pump.timeout.connect(self.poll_due)
        document.replaced.connect(self.take_up)

    # sending

    def submit(self, order: RunOrder) -> str:
        """Send a filled form; the key of its run, which is in the list at once."""
        service = order.service
        run = Run(
            key=uuid.uuid4().hex,
            name=order.name,
            model=order.model,
            service=service if service == LOCAL else service.replace("{model}", order.model),
            created=datetime.now(UTC),
            request=order.request,
        )
        self._document.put_run(run)
        files = dict(order.attachments)
        store = self._document.store

        def keep(_: Task) -> dict[str, StoredFile]:
            kept = {}
            for name, path in files.items():
                sha256, size = store.put_blob(path)
                kept[name] = StoredFile(name=path.name, sha256=sha256, size=size)
            return kept

        def kept(attachments: dict[str, StoredFile]) -> None:
            self._runs.update(run.key, attachments=attachments)
            self._create(run.key)

        self._tasks.start(
            f"Preparing {run.name}",
            keep,
            done=kept,
            failed=lambda error: self._rejected(run.key, error),
            queue_name="session",
            width=1,
            quiet=True,
        )
        return run.key

    def _create(self, key: str) -> None:
        run = self._runs.get(key)
        if run is None:
            return
        store = self._document.store

        def create(_: Task) -> str:
            folder = Path(tempfile.mkdtemp(prefix="stopdesk-"))
            try:
                files = {}
                for name, stored in run.attachments.items():
                    files[name] = folder / f"{name}.dat"
                    store.export_blob(stored.sha256, files[name])
                return self._client.create(self._runs.jobs_url(run), run.request, files, run_id=run.name)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

        def created(job_url: str) -> None:
            if self._runs.update(key, job_url=job_url, contact=Contact.OK, contact_text="") is not None:
                self._document.flush(then=lambda: self.start(key))  # on disk before it runs

        self._tasks.start(
            f"Sending {run.name}",
            create,
            done=created,
            failed=lambda error: self._not_created(key, error),
            queue_name=queue_name("send", run),
            width=2,
        )

    def _not_created(self, key: str, error: StopdeskError) -> None:
        if isinstance(error, NotAllowed) and error.login:
            self._waiting_for_login.add(key)
            self._ask_login(error.url)
        self._rejected(key, error)

    def _rejected(self, key: str, error: StopdeskError) -> None:
        run = self._runs.update(key, contact=Contact.REJECTED, contact_text=str(error))
        if run is not None:
            self._notices.fail(f"{run.name} was not sent: {error}")

    def send_again(self, key: str) -> None:
        """Send a run that was not accepted once more."""
        run = self._runs.get(key)
        if run is not None and run.contact is Contact.REJECTED:
            self._runs.update(key, contact=Contact.UNSENT, contact_text="")
            self._create(key)

    # acting on jobs

    def start(self, key: str) -> None:
        """PHASE=RUN."""
        self._act(key, "Starting", self._client.start)

    def abort(self, key: str) -> None:
        """PHASE=ABORT; an ERROR after it counts as aborted."""
        if self._runs.update(key, abort_asked=True) is not None:
            self._act(key, "Aborting", self._client.abort)

    def delete(self, key: str) -> None:
        """Delete the job on its server, then the run here; a job that is not there any more is simply forgotten."""
        run = self._runs.get(key)
        if run is None:
            return
        if run.job_url is None:
            self._document.drop_run(key)
            return

        def deleted(_: object) -> None:
            self._tracker.unfollow(key)
            self._document.drop_run(key)

        def not_deleted(error: StopdeskError) -> None:
            self._notices.fail(f"{run.name} was not deleted: {error}")

        self._tasks.start(
            f"Deleting {run.name}",
            lambda _: self._client.delete(self._runs.job_url(run), abort_first=run.is_active),
            done=deleted,
            failed=not_deleted,
            queue_name=queue_name("send", run),
            width=2,
        )

    def forget(self, key: str) -> None:
        """Remove the run here and leave its job on the server."""
        self._tracker.unfollow(key)
        self._document.drop_run(key)

    def _act(self, key: str, verb: str, call: Callable[[str], Job]) -> None:
        run = self._runs.get(key)
        if run is None or run.job_url is None:
            return

        def acted(job: Job) -> None:
            self._saw(key, job)
            self._follow(key)

        def failed(error: StopdeskError) -> None:
            self._notices.fail(f"{verb} {run.name}: {error}")
            self._follow(key)
            self._nudge(key)

        self._tasks.start(
            f"{verb} {run.name}",
            lambda _: call(self._runs.job_url(run)),
            done=acted,
            failed=failed,
            queue_name=queue_name("send", run),
            width=2,
            quiet=True,
        )

    # following

    def take_up(self) -> None:
        """Follow the jobs of the session that has been opened, from where they are."""
        self._tracker = Tracker()
        self._schedule()
        for run in self._document.session.runs:
            if run.is_active:
                self._follow(run.key)
            elif run.job_url is None and run.contact is Contact.UNSENT:
                self._runs.update(
                    run.key,
                    contact=Contact.REJECTED,
                    contact_text="The program ended while this was being sent. Send it again, or delete it.",
                )
            elif run.phase is Phase.COMPLETED and run.job is not None and len(run.results) < len(run.job.results):
                self._fetcher.fetch_results(run.key)

    def _follow(self, key: str) -> None:
        run = self._runs.get(key)
        if run is None or run.job_url is None or not run.is_active:
            return
        if key not in self._tracker:
            self._tracker.follow(key, run.job_url, run.service, job=run.job)
        self._schedule()

    def look_again(self, key: str) -> None:
        """Ask after a job now, a lost server too."""
        self._follow(key)
        self._nudge(key)

    def _nudge(self, key: str) -> None:
        self._tracker.nudge(key)
        self._schedule()

    def _schedule(self) -> None:
        due = self._tracker.next_due(self._clock())
        if due is None or self._stopped:
            self._pump.stop()
        else:
            self._pump.start(max(0, math.ceil(1000 * (due - self._clock()))))

    def poll_due(self) -> None:
        """Ask what the tracker finds due."""
        for poll in self._tracker.due(self._clock()):
            self._ask(poll)
        self._schedule()

    def _ask(self, poll: Poll) -> None:
        run = self._runs.get(poll.key)
        if run is None:
            self._tracker.unfollow(poll.key)
            self._tracker.failed(poll, Unreachable("The run was deleted.", url=poll.url), self._clock())
            return
        tracker = self._tracker  # another session brings another one

        def answered(job: Job) -> None:
            change = tracker.answered(poll, job, self._clock())
            if change is not None:
                self._saw(poll.key, job)
                self._share(change)
            self._schedule()

        def failed(error: StopdeskError) -> None:
            failure = error if isinstance(error, NetworkError) else Unreachable(str(error), url=poll.url)
            change = tracker.failed(poll, failure, self._clock())
            if change is not None and change.changed:
                self._lost(poll.key, change.contact, failure)
            if change is not None:
                self._share(change)
            self._schedule()

        self._tasks.start(
            f"Asking after {run.name}",
            lambda _: self._client.poll(replace(poll, url=self._runs.job_url(run))),
            done=answered,
            failed=failed,
            queue_name=queue_name("poll", run),
            width=4,
            quiet=True,
        )

    def _saw(self, key: str, job: Job) -> None:
        before = self._runs.get(key)
        if before is None:
            return
        was_final = before.phase is not None and before.phase.is_final
        if not (was_final and not job.phase.is_final):  # a late answer never takes back an end
            after = self._runs.update(key, job=job, contact=Contact.OK, contact_text="")
            if after is not None and job.phase.is_final and not was_final:
                self._tracker.unfollow(key)
                self._at_end(after)

    def _share(self, change: Change) -> None:
        """Jobs on the same server share its being out of reach, or in reach again; said once, for the first of them."""
        for key in change.others:
            self._runs.update(key, contact=change.contact, contact_text=change.contact_text)

    def _lost(self, key: str, contact: Contact, error: NetworkError) -> None:
        before = self._runs.get(key)
        if before is None:
            return
        after = self._runs.update(key, contact=contact, contact_text=str(error))
        if contact is before.contact or after is None:
            return
        if contact is Contact.GONE:
            self._tracker.unfollow(key)
            self._notices.warn(f"{after.name}: the service no longer has this job.", details=str(error))
        elif contact is Contact.NOT_ALLOWED:
            self._waiting_for_login.add(key)
            self._notices.warn(f"{after.name}: {error}")
            if isinstance(error, NotAllowed) and error.login:
                self._ask_login(error.url)
        else:
            self._notices.warn(
                f"No contact with the service of {after.name}; the job may well go on.", details=str(error)
            )

    def _at_end(self, run: Run) -> None:
        phase = run.phase
        if phase is Phase.COMPLETED:
            self._notices.tell(f"{run.name} is complete.")
        elif phase is Phase.ABORTED:
            self._notices.tell(f"{run.name} was aborted.")
        elif phase is Phase.ERROR:
            said = run.job.error.message if run.job and run.job.error else ""
            self._notices.fail(f"{run.name} ended in an error. {said}".strip())
            self._fetcher.fetch_error(run.key)
        self.ended.emit(run.key)
        if run.job is not None and run.job.results:
            self._fetcher.fetch_results(run.key)

    # logging in

    def _ask_login(self, url: str) -> None:
        at = origin(url)
        if at not in self._asked_login:  # once per start
            self._asked_login.add(at)
            self.login_wanted.emit(url)

    def logged_in(self, url: str) -> None:
        """Go on with what waited for this log-in."""
        for key in tuple(self._waiting_for_login):
            run = self._runs.get(key)
            if run is None:
                self._waiting_for_login.discard(key)
            elif origin(run.job_url or run.service) == origin(url):
                self._waiting_for_login.discard(key)
                if run.contact is Contact.REJECTED:
                    self.send_again(key)
                else:
                    self._follow(key)
                    self._nudge(key)

    def shutdown(self) -> None:
        """Ask no more."""
        self._stopped = True
        self._pump.stop()
