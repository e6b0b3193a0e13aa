"""Starts jobs, acts on them, and follows every job of every service to its end."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from stopdesk.domain.job import Job, Phase
from stopdesk.domain.run import FETCHING, Contact, Run
from stopdesk.errors import NetworkError, Refused, StopdeskError, Unreachable
from stopdesk.ui.bits import Bits
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.order import RunOrder
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs, is_seen_in_list_only, is_to_be_followed, origin, queue_name
from stopdesk.ui.sending import Sender
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.uws.client import UwsClient
from stopdesk.uws.keeping import unsaved
from stopdesk.uws.polls import Listing, ListPoll, with_phase
from stopdesk.uws.tracker import Change, Poll, Tracker

#: What a run says whose job had ended when it was imported.
_ON_SERVICE = "The results are still on the service; Fetch results brings them here."


class Conductor(QObject):
    """Lives in the GUI thread and never blocks it: every word with a server is a task in that server's queue.

    ``ended`` carries the key of a run whose job has just reached a final phase, ``start_refused`` that of one that its
    service would not start, with its words.
    """

    ended = Signal(str)
    start_refused = Signal(str, str)

    def __init__(
        self,
        *,
        document: Document,
        runs: Runs,
        sender: Sender,
        fetcher: Fetcher,
        log_ins: LogIns,
        tasks: Tasks,
        notices: Notices,
        client: UwsClient,
        clock: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runs = runs
        self._sender = sender
        self._fetcher = fetcher
        self._log_ins = log_ins
        self._tasks = tasks
        self._notices = notices
        self._client = client
        self._clock = clock
        self._tracker = Tracker(lists=True)
        self._sessions = 0  # so many have been open
        self._stopped = False
        self._bits = Bits(self)
        self._pump = QTimer(self)
        self._pump.setSingleShot(True)
        self._pump.timeout.connect(self.poll_due)
        document.replaced.connect(self.take_up)
        sender.created.connect(self.start)
        sender.not_kept.connect(self._follow)
        log_ins.given.connect(self._look_again_at)

    # sending

    def submit(self, order: RunOrder) -> str:
        """Send a filled form and start its job; the key of its run, which is in the list at once."""
        return self._sender.submit(order)

    def send_again(self, key: str) -> None:
        """Send a run that was not accepted once more."""
        self._sender.send_again(key)

    # acting on jobs

    def start(self, key: str) -> None:
        """PHASE=RUN."""
        self._act(key, "Starting", self._client.start)

    def abort(self, key: str) -> None:
        """PHASE=ABORT; an ERROR after it counts as aborted, unless the service would not hear of it."""
        if self._runs.update(key, abort_asked=True) is not None:
            self._act(key, "Aborting", self._client.abort, lambda: self._runs.update(key, abort_asked=False))

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
            self._log_ins.turned_away(error, f"delete {key}", lambda: self.delete(key), since=since)

        since = self._log_ins.number

        self._tasks.start(
            f"Deleting {run.name}",
            lambda _: self._client.delete(self._runs.job_url(run), abort_first=run.is_active),
            done=deleted,
            failed=not_deleted,
            queue_name=queue_name("send", run),
            width=2,
            can_cancel=False,
        )

    def forget(self, key: str) -> None:
        """Remove the run here and leave its job on the server."""
        self._tracker.unfollow(key)
        self._document.drop_run(key)

    def clear_away(self, runs: tuple[Run, ...], then: Callable[[], None]) -> None:
        """Delete the jobs of runs that are given up, then go on, also where that did not work out."""
        if not runs:
            then()
            return

        def delete(_: Task) -> None:
            for run in runs:
                self._client.delete(self._runs.job_url(run), abort_first=run.is_active)

        self._tasks.start(
            "Clearing away unsaved jobs",
            delete,
            done=lambda _: then(),
            failed=lambda _: then(),
            queue_name=queue_name("send", runs[0]),
            width=2,
            can_cancel=False,
        )

    def _act(self, key: str, verb: str, call: Callable[[str], Job], undo: Callable[[], object] = lambda: None) -> None:
        run = self._runs.get(key)
        if run is None or run.job_url is None:
            return
        since = self._log_ins.number

        def acted(job: Job) -> None:
            self.saw(key, job)
            self._follow(key)

        def failed(error: StopdeskError) -> None:
            if self._runs.get(key) is None:  # deleted meanwhile, or in another session
                return
            undo()
            self._notices.fail(f"{verb} {run.name}: {error}")
            if verb == "Starting" and isinstance(error, Refused):
                self.start_refused.emit(key, str(error))
            again = self.abort if verb == "Aborting" else self.start
            self._log_ins.turned_away(error, f"{verb} {key}", lambda: again(key), since=since)
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
        self._tracker = Tracker(lists=True)
        self._sessions += 1
        self._bits.clear()
        self._schedule()
        runs = self._document.session.runs
        self._follow_all(filter(is_to_be_followed, runs))
        for run in runs:
            if is_to_be_followed(run):
                continue
            if run.job_url is None and run.contact is Contact.UNSENT:
                self._runs.update(
                    run.key,
                    contact=Contact.REJECTED,
                    contact_text="The program ended while this was being sent. Send it again, or delete it.",
                )
            elif run.job is not None and (run.results_text == FETCHING or (not run.results_text and unsaved(run))):
                self._fetcher.fetch_results(run.key)

    def _follow(self, key: str) -> None:
        self._track(key)
        self._schedule()

    def _track(self, key: str) -> None:
        run = self._runs.get(key)
        if run is not None and run.job_url is not None and is_to_be_followed(run) and key not in self._tracker:
            self._tracker.follow(key, run.job_url, run.service, job=run.job)

    def _follow_all(self, runs: Iterable[Run]) -> None:
        self._bits.add(partial(self._track, run.key) for run in runs)
        self._bits.add([self._schedule])

    def adopt(self, runs: tuple[Run, ...]) -> None:
        """Take in runs of jobs that were made elsewhere, and follow them; of those that have ended, read the rest."""
        self._document.add_runs(runs)
        self._follow_all(runs)

    def look_again(self, key: str) -> None:
        """Ask after a job now, also where its server is lost, or where it was gone: a 404 may be a passing one."""
        run = self._runs.get(key)
        if run is not None and run.contact is Contact.GONE:
            self._runs.update(key, contact=Contact.OK, contact_text="")
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
        """Ask what the tracker finds due: whole lists where many jobs are on one, and single jobs."""
        for list_poll in self._tracker.due_lists(self._clock()):
            self._ask_list(list_poll)
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
                self.saw(poll.key, job)
                self._share(change)
            self._schedule()

        since = self._log_ins.number

        def failed(error: StopdeskError) -> None:
            failure = error if isinstance(error, NetworkError) else Unreachable(str(error), url=poll.url)
            change = tracker.failed(poll, failure, self._clock())
            if change is not None and change.changed:
                self._lost(poll.key, change.contact, failure, since)
            if change is not None:
                self._share(change)
            self._schedule()

        self._tasks.start(
            f"Asking after {run.name}",
            lambda _: self._client.poll(replace(poll, url=self._runs.job_url(run))),
            done=answered,
            failed=failed,
            queue_name=queue_name(f"poll {self._sessions}", run),  # an earlier session's WAITs keep nobody waiting
            width=4,
            quiet=True,
        )

    def _ask_list(self, poll: ListPoll) -> None:
        """Ask for the phases of all jobs of a list; what fails shows in the jobs that are asked after one by one."""
        run = self._runs.get(poll.key)
        tracker = self._tracker
        if run is None:
            tracker.list_dropped(poll, self._clock())
            return

        def answered(listing: Listing) -> None:
            for change in tracker.list_answered(poll, listing, self._clock()):
                if change.phase is not None:
                    self._bits.add([partial(self._saw_in_list, change.key, change.phase)])
                else:
                    self._runs.update(change.key, contact=change.contact, contact_text=change.contact_text)
                    self._share(change)
            self._schedule()

        def failed(error: StopdeskError) -> None:
            tracker.list_failed(poll, error, self._clock())
            self._schedule()

        self._tasks.start(
            f"Asking after the jobs of {run.service}",
            lambda _: self._client.poll_list(replace(poll, url=self._runs.live(run, poll.url))),
            done=answered,
            failed=failed,
            dropped=lambda: tracker.list_dropped(poll, self._clock()),
            queue_name=queue_name(f"poll {self._sessions}", run),
            width=4,
            quiet=True,
        )

    def _saw_in_list(self, key: str, phase: Phase) -> None:
        """Show the phase that a list gives; the document, and with it the results, follows."""
        run = self._runs.get(key)
        if run is None or run.job is None or self._tracker.phase(key) is not phase:
            return  # a newer document has come
        if run.job.phase is not phase:
            self._runs.update(key, job=with_phase(run.job, phase), contact=Contact.OK, contact_text="")

    def saw(self, key: str, job: Job) -> None:
        """Take the document of a job that came in, whoever asked for it."""
        before = self._runs.get(key)
        if before is None:
            return
        was_final = before.phase is not None and before.phase.is_final and not is_seen_in_list_only(before)
        if not (was_final and not job.phase.is_final):  # a late answer never takes back an end
            after = self._runs.update(key, job=job, contact=Contact.OK, contact_text="")
            if was_final and before.is_unread and job.results:
                self._runs.update(key, results_text=_ON_SERVICE)
            if before.contact in (Contact.UNREACHABLE, Contact.NOT_ALLOWED) and not job.phase.is_final:
                self._notices.tell(f"The service of {before.name} answers again.")
            if after is not None and job.phase.is_final and not was_final:
                self._tracker.unfollow(key)
                self._at_end(after)

    def _share(self, change: Change) -> None:
        """Jobs on the same server share its being out of reach, or in reach again; said once, for the first of them."""

        def share(key: str) -> None:
            if self._tracker.contact(key) is change.contact:  # else something newer is known of it
                self._runs.update(key, contact=change.contact, contact_text=change.contact_text)

        self._bits.add(partial(share, key) for key in change.others)

    def _lost(self, key: str, contact: Contact, error: NetworkError, since: int) -> None:
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
            self._notices.warn(f"{after.name}: {error}")
            self._log_ins.turned_away(error, f"poll {key}", lambda: self.look_again(key), since=since)
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

    def _look_again_at(self, url: str) -> None:
        """Somebody has logged in: look at all that this server would not show."""
        for run in self._document.session.runs:
            if run.contact is Contact.NOT_ALLOWED and run.job_url is not None and origin(run.job_url) == origin(url):
                self.look_again(run.key)

    def shutdown(self) -> None:
        """Ask no more."""
        self._stopped = True
        self._pump.stop()
