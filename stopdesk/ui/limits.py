"""Asks services to keep jobs longer or shorter, or to let them run longer, and says what they made of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from stopdesk.domain.job import Job
from stopdesk.errors import StopdeskError
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.jobs.limits import DestructionDialog, RunTimeDialog, limit_text, time_text
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs, queue_name
from stopdesk.ui.tasks import Tasks
from stopdesk.uws.client import UwsClient


class Limits(QObject):
    """Opens the dialogs and sends what was chosen; what the service then has is shown in the details."""

    def __init__(
        self,
        *,
        conductor: Conductor,
        runs: Runs,
        log_ins: LogIns,
        tasks: Tasks,
        notices: Notices,
        client: UwsClient,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._conductor = conductor
        self._runs = runs
        self._log_ins = log_ins
        self._tasks = tasks
        self._notices = notices
        self._client = client
        self._window = window

    def ask_destruction(self, key: str) -> None:
        """Ask the user for another destruction time of this run's job, then the service."""
        run = self._runs.get(key)
        if run is None or run.job is None:
            return
        dialog = DestructionDialog(run.name, run.job.destruction, parent=self._window)
        set_, what = self._client.set_destruction, "destruction time"
        read = lambda job: time_text(job.destruction)  # noqa: E731
        self._ask(dialog, lambda: self._send(key, what, set_, dialog.when, read, time_text(dialog.when)))

    def ask_run_time(self, key: str) -> None:
        """Ask the user for another limit on the run time of this run's job, then the service."""
        run = self._runs.get(key)
        if run is None or run.job is None:
            return
        dialog = RunTimeDialog(run.name, run.job.execution_duration, parent=self._window)
        set_, what = self._client.set_execution_duration, "run-time limit"
        read = lambda job: limit_text(job.execution_duration)  # noqa: E731
        self._ask(dialog, lambda: self._send(key, what, set_, dialog.seconds, read, limit_text(dialog.seconds)))

    @staticmethod
    def _ask(dialog: QDialog, accepted: Callable[[], None]) -> None:
        dialog.accepted.connect(accepted)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _send(
        self,
        key: str,
        what: str,
        call: Callable[[str, Any], Job],
        value: object,
        read: Callable[[Job], str],
        asked: str,
    ) -> None:
        """Send a value and compare what the service made of it (``read``) with what was asked, both in words."""
        run = self._runs.get(key)
        if run is None:
            return
        since = self._log_ins.number

        def done(job: Job) -> None:
            self._conductor.saw(key, job)
            if read(job) == asked:
                self._notices.tell(f"{run.name}: the {what} is {asked}.")
            else:
                self._notices.warn(f"{run.name}: the service set the {what} to {read(job)}, not {asked}.")

        def failed(error: StopdeskError) -> None:
            self._notices.fail(f"The {what} of {run.name} was not changed: {error}")
            again = lambda: self._send(key, what, call, value, read, asked)  # noqa: E731
            self._log_ins.turned_away(error, f"{what} {key}", again, since=since)

        self._tasks.start(
            f"Changing the {what} of {run.name}",
            lambda _: call(self._runs.job_url(run), value),
            done=done,
            failed=failed,
            queue_name=queue_name("send", run),
            width=2,
            can_cancel=False,
        )
