"""Sends the runs that wait, each when its turn at its service comes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer

from stopdesk.domain.run import Contact, Run
from stopdesk.session.services import job_services
from stopdesk.ui.document import Document
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.runs import Runs
from stopdesk.ui.sending import Sender
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.uws.throttle import Throttle

#: So many runs are looked at in one go; the window has its turn in between.
_AT_ONCE = 20


class Turns(QObject):
    """Looks after every change of a run or of the settings who may go; what waits goes on waiting after a restart."""

    def __init__(
        self,
        *,
        document: Document,
        runs: Runs,
        sender: Sender,
        log_ins: LogIns,
        notices: Notices,
        settings: SettingsKeeper,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._runs = runs
        self._sender = sender
        self._notices = notices
        self._settings = settings
        self._throttle = Throttle()
        self._open: dict[str, Run] = {}  # the runs that wait or are at work: of thousands most have ended
        self._stopped = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)
        document.run_changed.connect(self._changed)
        document.run_removed.connect(self._changed)
        document.runs_added.connect(self._note)
        document.replaced.connect(self._taken_up)
        settings.changed.connect(self._heed)
        log_ins.given.connect(self._logged_in)
        self._heed()

    def stop(self) -> None:
        """Send no more; what waits is sent after the next start."""
        self._stopped = True
        self._timer.stop()

    def _soon(self) -> None:
        if not self._stopped:
            self._timer.start(0)

    def _changed(self, key: str) -> None:
        """A run is another, or is not there any more."""
        run = self._document.run(key)
        self._open.pop(key, None)
        self._note((run,) if run is not None else ())

    def _note(self, runs: Iterable[Run]) -> None:
        """Keep those of new or changed runs on which it depends who may go."""
        self._open.update((run.key, run) for run in runs if run.job_url is None or run.is_active)
        self._soon()

    def _heed(self) -> None:
        """Take the user's limits and pauses."""
        self._throttle = Throttle.of(job_services(self._settings.settings))
        self._soon()

    def _look(self) -> None:
        runs = tuple(self._open.values())
        allowed = self._throttle.allowed(runs)
        for key in allowed[:_AT_ONCE]:
            self._sender.send(key)
        changed = [
            (run.key, contact, text)
            for run, contact, text in self._throttle.behind(runs)
            if (contact, text) != (run.contact, run.contact_text)
        ]
        for key, contact, text in changed[:_AT_ONCE]:
            self._runs.update(key, contact=contact, contact_text=text)
        if len(allowed) > _AT_ONCE or len(changed) > _AT_ONCE:
            self._soon()

    def _taken_up(self) -> None:
        runs = self._document.session.runs
        self._open.clear()
        self._note(runs)
        for run in runs:
            if run.is_held_back:  # the log-in may be known by now
                self._sender.wait_again(run.key)
        waiting = sum(run.contact is Contact.WAITING or run.is_held_back for run in runs)
        if waiting:
            which = "1 run of this session waits" if waiting == 1 else f"{waiting} runs of this session wait"
            self._notices.tell(f"{which} to be sent.")

    def _logged_in(self, url: str) -> None:
        """Let go what a missing or expired log-in held back at this server."""
        self._sender.release(url)
