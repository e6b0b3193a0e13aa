"""Asks for a log-in when a service wants one, and keeps what was typed for that service alone."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from stopdesk.errors import InputError, StopdeskError
from stopdesk.net.credentials import Credential, Credentials, Kind, Origin
from stopdesk.session.services import logged_in_to
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.login import Login, LoginDialog
from stopdesk.ui.notices import Notices
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Task, Tasks


class LogInAsker(QObject):
    """Opens one dialog a service, and lets what waited for the log-in go on."""

    def __init__(
        self,
        *,
        credentials: Credentials,
        log_ins: LogIns,
        settings: SettingsKeeper,
        tasks: Tasks,
        notices: Notices,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._credentials = credentials
        self._log_ins = log_ins
        self._settings = settings
        self._tasks = tasks
        self._notices = notices
        self._window = window
        self._asking: set[Origin] = set()

    def ask(self, url: str) -> None:
        """Ask who the user is at the origin of ``url``."""
        try:
            origin = Origin.of(url)
        except InputError as error:
            self._notices.fail(error)
            return
        if origin in self._asking:
            return
        self._asking.add(origin)
        service = logged_in_to(self._settings.settings).get(origin)
        known = {"kind": service.log_in.value, "user": service.user} if service is not None else {}
        dialog = LoginDialog(str(origin), **known, parent=self._window)

        def finished(code: int) -> None:
            self._asking.discard(origin)
            if code == LoginDialog.DialogCode.Accepted:
                self._take(url, origin, dialog.login)
            else:
                self._log_ins.cancelled(url)
            dialog.deleteLater()

        dialog.finished.connect(finished)
        dialog.open()

    def _take(self, url: str, origin: Origin, login: Login) -> None:
        """Keep what was typed, in a task: a keyring may ask the user, or hang."""

        def put(_: Task) -> bool:
            credential = Credential(Kind(login.kind), login.user, login.secret)
            return self._credentials.put(origin, credential, keep=login.keep)

        def done(is_in_keyring: bool) -> None:
            if login.keep and not is_in_keyring:
                self._notices.warn("There is no keyring here; the log-in is kept until the program ends.")
            self._log_ins.logged_in(url)

        def failed(error: StopdeskError) -> None:
            self._notices.fail(error)
            self.ask(url)

        self._tasks.start("Logging in", put, done=done, failed=failed, queue_name="log-in", width=1, quiet=True)
