"""The composition root: builds the services and the window, connects them, and takes them down again."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from stopdesk import log, paths
from stopdesk.errors import InputError, StopdeskError
from stopdesk.net.credentials import Credential, Credentials, Kind, Origin
from stopdesk.net.http import Http
from stopdesk.session.recovery import Recovery
from stopdesk.session.services import authorities, logged_in_to
from stopdesk.ui import theme
from stopdesk.ui.adopting import Adopter
from stopdesk.ui.aiming import Aim
from stopdesk.ui.collecting import Collector
from stopdesk.ui.complaints import Complaints
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.descriptions import Descriptions
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.forms.workspace import ModelWorkspace
from stopdesk.ui.keeping import Keeper
from stopdesk.ui.limits import Limits
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.login import Login, LoginDialog
from stopdesk.ui.notices import Notices
from stopdesk.ui.observed import Observed
from stopdesk.ui.portal.loading import Loader
from stopdesk.ui.portal.searching import Searcher
from stopdesk.ui.portal.workspace import ObservePage
from stopdesk.ui.runs import Runs
from stopdesk.ui.sending import Sender
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.source_bar import SourceBar
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.turns import Turns
from stopdesk.ui.window import Window
from stopdesk.ui.zipping import ZipSaver
from stopdesk.uws.client import UwsClient
from stopdesk.uws.describe import describe
from stopdesk.uws.local import LocalService

_log = logging.getLogger(__name__)

#: A thread lets another one run after so long. With Python's 5 ms, four threads that work on a table of 300,000 rows
#: keep the window waiting for 130 ms; with this it is 60 ms.
_SWITCH_SECONDS = 0.001


@dataclass
class Desk:
    """Everything that is alive while the window is open."""

    window: Window
    document: Document
    conductor: Conductor
    tasks: Tasks
    notices: Notices
    settings: SettingsKeeper
    local: LocalService
    engine: PreviewEngine
    credentials: Credentials
    http: Http
    collector: Collector
    turns: Turns
    keeper: Keeper

    def open_at_start(self, files: Sequence[str]) -> None:
        """Open the sessions given on the command line, else offer what a crash left behind."""
        if files:
            self.window.files.open_path(Path(files[0]))
            for other in files[1:]:  # each in a window of its own
                subprocess.Popen([sys.executable, "-m", "stopdesk", other], start_new_session=True)
        else:
            self.document.left_behind(self.window.files.offer_recovery)
        self.keeper.begin()
        if self.settings.notice:
            self.notices.warn(self.settings.notice)

    def shut_down(self) -> None:
        """Stop what runs, in the order in which it depends on each other; bounded in time."""
        self.turns.stop()
        self.conductor.shutdown()
        self.keeper.shutdown()
        self.engine.close()
        self.tasks.shutdown()
        self.http.close()
        self.settings.flush()
        self.local.stop()
        self.document.close()
        self.collector.stop()


def build() -> Desk:
    """Build everything; nothing is contacted and no file but our own working copy is opened."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    tasks = Tasks()
    notices = Notices()
    settings = SettingsKeeper(tasks=tasks, notices=notices)
    theme.apply_scheme(settings.settings.colour_scheme)
    settings.changed.connect(lambda: theme.apply_scheme(settings.settings.colour_scheme))
    credentials = Credentials()
    http = Http(credentials)
    _heed_services(settings, credentials, http)
    settings.changed.connect(lambda: _heed_services(settings, credentials, http))
    client = UwsClient(http)
    local = LocalService(workers=settings.settings.local_workers or None)
    document = Document(tasks=tasks, notices=notices, recovery=Recovery())
    runs = Runs(document=document, local=local)
    log_ins = LogIns()
    talk: dict[str, Any] = {
        "document": document,
        "runs": runs,
        "log_ins": log_ins,
        "tasks": tasks,
        "notices": notices,
        "client": client,
    }
    fetcher, sender = Fetcher(**talk), Sender(**talk)
    conductor = Conductor(sender=sender, fetcher=fetcher, **talk)
    turns = Turns(document=document, runs=runs, sender=sender, log_ins=log_ins, notices=notices, settings=settings)
    engine = PreviewEngine()
    source_bar = SourceBar()
    workspace = ModelWorkspace(
        tasks=tasks,
        notices=notices,
        library=MoleculeLibrary.bundled(),
        engine=engine,
        descriptions=Descriptions(
            tasks=tasks, notices=notices, log_ins=log_ins, describe=lambda jobs_url: describe(http, jobs_url).spec
        ),
        v_lsr=source_bar.v_lsr_or_none,
    )
    Complaints(runs=runs, workspace=workspace, sender=sender, conductor=conductor, fetcher=fetcher)
    served: dict[str, Any] = {"tasks": tasks, "notices": notices, "log_ins": log_ins, "http": http}
    aim, observe = _observing(served, document=document, settings=settings, bar=source_bar, workspace=workspace)
    window = Window(
        document=document,
        conductor=conductor,
        fetcher=fetcher,
        tasks=tasks,
        notices=notices,
        settings=settings,
        workspace=workspace,
        source_bar=source_bar,
        observe=observe,
    )
    Observed(window)
    _connect_targets(window, aim, tasks)
    collector = Collector()
    collector.start()
    keep = _keep_results(document, fetcher, tasks, notices, window)
    desk = Desk(
        window, document, conductor, tasks, notices, settings, local, engine, credentials, http, collector, turns, keep
    )
    login = _LogIn(desk, log_ins)
    log_ins.wanted.connect(login.ask)
    window.login_wanted.connect(login.ask)
    limits = Limits(
        conductor=conductor, runs=runs, log_ins=log_ins, tasks=tasks, notices=notices, client=client, window=window
    )
    window.details.destruction_wanted.connect(limits.ask_destruction)
    window.details.run_time_wanted.connect(limits.ask_run_time)
    _connect_services(desk, client, fetcher, log_ins)
    return desk


def _keep_results(document: Document, fetcher: Fetcher, tasks: Tasks, notices: Notices, window: Window) -> Keeper:
    """Have results brought into safety before services delete them, and into archives when the user wants it."""
    zipper = ZipSaver(document=document, fetcher=fetcher, tasks=tasks, notices=notices, window=window)
    window.commands.zip_wanted.connect(zipper.save)
    keeper = Keeper(document=document, fetcher=fetcher, notices=notices)
    keeper.warned.connect(window.details.look_again)
    return keeper


def _observing(
    served: dict[str, Any],
    *,
    document: Document,
    settings: SettingsKeeper,
    bar: SourceBar,
    workspace: ModelWorkspace,
) -> tuple[Aim, ObservePage]:
    """Build what finds the source and the observations of it; ``served`` are the services that all of it needs."""
    tasks, notices = served["tasks"], served["notices"]
    aim = Aim(bar=bar, document=document, settings=settings, tasks=tasks, notices=notices, http=served["http"])
    page = ObservePage(
        document=document,
        settings=settings,
        tasks=tasks,
        notices=notices,
        aim=aim,
        searcher=Searcher(document=document, **served),
        loader=Loader(window=bar, **served),
        molecule=lambda: workspace.form.molecule,
        v_lsr=bar.v_lsr_or_none,
    )
    return aim, page


def _heed_services(settings: SettingsKeeper, credentials: Credentials, http: Http) -> None:
    """Log in to services, and check them, as the settings say."""
    credentials.want(logged_in_to(settings.settings))
    http.trust(authorities(settings.settings))


def _connect_services(desk: Desk, client: UwsClient, fetcher: Fetcher, log_ins: LogIns) -> None:
    """Open the dialogs about services and jobs that were made elsewhere when the window wants them."""
    window = desk.window
    adopter = Adopter(
        document=desk.document,
        conductor=desk.conductor,
        fetcher=fetcher,
        log_ins=log_ins,
        tasks=desk.tasks,
        notices=desk.notices,
        client=client,
        local=desk.local,
        settings=desk.settings,
        window=window,
    )

    def show_services() -> None:
        from stopdesk.ui.services.dialog import ServicesDialog

        ServicesDialog(
            settings=desk.settings,
            credentials=desk.credentials,
            adopter=adopter,
            log_ins=log_ins,
            tasks=desk.tasks,
            parent=window,
        ).open()

    def add_job() -> None:
        from stopdesk.ui.jobs.add_dialog import AddJobDialog

        AddJobDialog(adopter=adopter, log_ins=log_ins, parent=window).open()

    window.services_wanted.connect(show_services)
    window.add_job_wanted.connect(add_job)


def _connect_targets(window: Window, aim: Aim, tasks: Tasks) -> None:
    """Open the list of targets, one at a time, when the source bar wants it."""
    shown: list[Any] = []

    def show(names: tuple[str, ...]) -> None:
        from stopdesk.ui.targets import TargetsDialog

        if not shown:
            dialog = TargetsDialog(aim=aim, tasks=tasks, table=lambda: window.observe.shown_table, parent=window)
            dialog.finished.connect(lambda _: shown.clear())
            shown.append(dialog)
            dialog.show()
        shown[0].activateWindow()
        if names:
            shown[0].look_up(names)

    aim.list_wanted.connect(show)


class _LogIn(QObject):
    """Asks for a log-in when a service wants one, one dialog a service, and lets what waited for it go on."""

    def __init__(self, desk: Desk, log_ins: LogIns) -> None:
        super().__init__(desk.window)
        self._desk = desk
        self._log_ins = log_ins
        self._asking: set[Origin] = set()

    def ask(self, url: str) -> None:
        """Ask who the user is at the origin of ``url``."""
        try:
            origin = Origin.of(url)
        except InputError as error:
            self._desk.notices.fail(error)
            return
        if origin in self._asking:
            return
        self._asking.add(origin)
        service = logged_in_to(self._desk.settings.settings).get(origin)
        known = {"kind": service.log_in.value, "user": service.user} if service is not None else {}
        dialog = LoginDialog(str(origin), **known, parent=self._desk.window)

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
            return self._desk.credentials.put(origin, credential, keep=login.keep)

        def done(is_in_keyring: bool) -> None:
            if login.keep and not is_in_keyring:
                self._desk.notices.warn("There is no keyring here; the log-in is kept until the program ends.")
            self._log_ins.logged_in(url)

        def failed(error: StopdeskError) -> None:
            self._desk.notices.fail(error)
            self.ask(url)

        self._desk.tasks.start("Logging in", put, done=done, failed=failed, queue_name="log-in", width=1, quiet=True)


def _catch_everything(notices: Notices) -> None:
    """Send every uncaught exception to the log with its traceback, and one line to the user."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        _log.error("uncaught\n%s", "".join(traceback.format_exception(kind, error, trace)))
        notices.fail(
            f"An unexpected fault ({kind.__name__}) was written to the log; what you did last may not have worked."
        )

    sys.excepthook = caught
    threading.excepthook = lambda hook: _log.error(
        "uncaught in %s\n%s",
        hook.thread.name if hook.thread else "a thread",
        "".join(traceback.format_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)),
    )


def _application() -> QApplication:
    application = QApplication.instance() or QApplication(["stopdesk"])
    assert isinstance(application, QApplication)
    application.setApplicationName("stopdesk")
    application.setApplicationDisplayName("stopdesk")
    application.setDesktopFileName("stopdesk")
    application.setStyle("Fusion")
    return application


def run_window(files: Sequence[str]) -> int:
    """Open the window and stay until it is closed."""
    log.start()
    application = _application()
    desk = build()
    _catch_everything(desk.notices)
    application.setQuitOnLastWindowClosed(False)
    desk.window.closed.connect(application.quit)
    desk.window.show()
    QTimer.singleShot(0, lambda: desk.open_at_start(files))
    QTimer.singleShot(200, desk.window.results.prepare)
    QTimer.singleShot(200, desk.window.spectra.prepare)
    code = application.exec()
    desk.shut_down()
    return code


def run_demo(out: str) -> int:
    """Go through the main job by itself and leave pictures, tables and the session in ``out``."""
    from stopdesk.ui.demo import Demo

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    log.start()
    application = _application()
    desk = build()
    _catch_everything(desk.notices)
    demo = Demo(window=desk.window, document=desk.document, tasks=desk.tasks, out=Path(out))
    demo.finished.connect(application.exit)
    QTimer.singleShot(0, demo.start)
    code = application.exec()
    desk.shut_down()
    sys.stdout.write(f"log: {paths.log_dir()}\n" if code else "")
    return code
