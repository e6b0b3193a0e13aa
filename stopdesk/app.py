"""The composition root: builds the services and the window, connects them, and takes them down again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from stopdesk import log, paths
from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.session.recovery import Recovery
from stopdesk.session.services import authorities, logged_in_to
from stopdesk.ui import theme
from stopdesk.ui.adopting import Adopter
from stopdesk.ui.aiming import Aim
from stopdesk.ui.collecting import Collector
from stopdesk.ui.complaints import Complaints
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.dialogs import open_for_services, open_for_targets
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.descriptions import Descriptions
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.forms.workspace import ModelWorkspace
from stopdesk.ui.keeping import Keeper
from stopdesk.ui.limits import Limits
from stopdesk.ui.log_in_asker import LogInAsker
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.observed import Observed
from stopdesk.ui.portal.loading import Loader
from stopdesk.ui.portal.searching import Searcher
from stopdesk.ui.portal.workspace import ObservePage
from stopdesk.ui.runs import Runs
from stopdesk.ui.samp import together
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.hooks import Hooks
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.samp.shared_tables import SharedTables
from stopdesk.ui.sending import Sender
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.source_bar import SourceBar
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.turns import Turns
from stopdesk.ui.uncaught import catch_everything
from stopdesk.ui.window import Window
from stopdesk.ui.zipping import ZipSaver
from stopdesk.uws.client import UwsClient
from stopdesk.uws.describe import describe
from stopdesk.uws.local import LocalService

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
    samp: SampLink
    programs: Programs
    shared: SharedTables
    sendings: Sendings

    def open_at_start(self, files: Sequence[str]) -> None:
        """Open the sessions given on the command line, else begin with Observe and offer what a crash left behind."""
        if files:
            self.window.files.open_path(Path(files[0]))
            for other in files[1:]:  # each in a window of its own
                subprocess.Popen([sys.executable, "-m", "stopdesk", other], start_new_session=True)
        else:
            self.window.show_page("observe")
            self.document.left_behind(self.window.files.offer_recovery)
        self.keeper.begin()
        self.programs.look()
        if self.settings.settings.samp_connect:
            self.samp.start()
        if self.settings.notice:
            self.notices.warn(self.settings.notice)

    def shut_down(self) -> None:
        """Stop what runs, in the order in which it depends on each other; bounded in time."""
        self.samp.shutdown()
        self.turns.stop()
        self.conductor.shutdown()
        self.keeper.shutdown()
        self.engine.close()
        self.tasks.shutdown()
        self.sendings.close()
        self.http.close()
        self.settings.flush()
        self.local.stop()
        self.document.close()
        self.collector.stop()


@dataclass(frozen=True)
class _Base:
    """What nearly everything is built on: nothing of it knows a job, an observation or the window."""

    tasks: Tasks
    notices: Notices
    settings: SettingsKeeper
    log_ins: LogIns
    credentials: Credentials
    http: Http
    client: UwsClient
    local: LocalService
    document: Document


@dataclass(frozen=True)
class _Jobs:
    """What takes runs to services and brings their results home."""

    runs: Runs
    sender: Sender
    fetcher: Fetcher
    conductor: Conductor
    turns: Turns


def build() -> Desk:
    """Build everything; nothing is contacted and no file but our own working copy is opened."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    base = _base()
    jobs = _jobs(base)
    engine, bar = PreviewEngine(), SourceBar()
    workspace = _workspace(base, engine, bar)
    Complaints(runs=jobs.runs, workspace=workspace, sender=jobs.sender, conductor=jobs.conductor, fetcher=jobs.fetcher)
    aim, observe = _observing(base, bar, workspace)
    window = Window(
        document=base.document,
        conductor=jobs.conductor,
        fetcher=jobs.fetcher,
        tasks=base.tasks,
        notices=base.notices,
        settings=base.settings,
        workspace=workspace,
        source_bar=bar,
        observe=observe,
    )
    Observed(window)
    collector = Collector()
    collector.start()
    keeper = _keep_results(base, jobs, window)
    _connect_log_ins(base, window)
    _connect_limits(base, jobs, window)
    others = together.build(
        window=window,
        aim=aim,
        document=base.document,
        settings=base.settings,
        tasks=base.tasks,
        notices=base.notices,
        http=base.http,
    )
    _connect_dialogs(base, jobs, window, aim, others.hooks)
    return Desk(
        window=window,
        document=base.document,
        conductor=jobs.conductor,
        tasks=base.tasks,
        notices=base.notices,
        settings=base.settings,
        local=base.local,
        engine=engine,
        credentials=base.credentials,
        http=base.http,
        collector=collector,
        turns=jobs.turns,
        keeper=keeper,
        samp=others.samp,
        programs=others.programs,
        shared=others.shared,
        sendings=others.sendings,
    )


def _base() -> _Base:
    """Build what all else talks through, as the settings say, now and after every change of them."""
    tasks, notices, credentials = Tasks(), Notices(), Credentials()
    settings = SettingsKeeper(tasks=tasks, notices=notices)
    http = Http(credentials)

    def heed() -> None:
        theme.apply_scheme(settings.settings.colour_scheme)
        credentials.want(logged_in_to(settings.settings))
        http.trust(authorities(settings.settings))

    heed()
    settings.changed.connect(heed)
    return _Base(
        tasks=tasks,
        notices=notices,
        settings=settings,
        log_ins=LogIns(),
        credentials=credentials,
        http=http,
        client=UwsClient(http),
        local=LocalService(workers=settings.settings.local_workers or None),
        document=Document(tasks=tasks, notices=notices, recovery=Recovery()),
    )


def _jobs(base: _Base) -> _Jobs:
    """Build what sends runs, follows their jobs and fetches their results."""
    document, log_ins, notices = base.document, base.log_ins, base.notices
    runs = Runs(document=document, local=base.local)
    talk: dict[str, Any] = {
        "document": document,
        "runs": runs,
        "log_ins": log_ins,
        "tasks": base.tasks,
        "notices": notices,
        "client": base.client,
    }
    fetcher, sender = Fetcher(**talk), Sender(**talk)
    conductor = Conductor(sender=sender, fetcher=fetcher, **talk)
    turns = Turns(document=document, runs=runs, sender=sender, log_ins=log_ins, notices=notices, settings=base.settings)
    return _Jobs(runs, sender, fetcher, conductor, turns)


def _workspace(base: _Base, engine: PreviewEngine, bar: SourceBar) -> ModelWorkspace:
    """Build the forms of the models."""
    descriptions = Descriptions(
        tasks=base.tasks,
        notices=base.notices,
        log_ins=base.log_ins,
        describe=lambda jobs_url: describe(base.http, jobs_url).spec,
    )
    return ModelWorkspace(
        tasks=base.tasks,
        notices=base.notices,
        library=MoleculeLibrary.bundled(),
        engine=engine,
        descriptions=descriptions,
        v_lsr=bar.v_lsr_or_none,
    )


def _observing(base: _Base, bar: SourceBar, workspace: ModelWorkspace) -> tuple[Aim, ObservePage]:
    """Build what finds the source and the observations of it."""
    document, settings, tasks, notices = base.document, base.settings, base.tasks, base.notices
    served: dict[str, Any] = {"tasks": tasks, "notices": notices, "log_ins": base.log_ins, "http": base.http}
    aim = Aim(bar=bar, document=document, settings=settings, tasks=tasks, notices=notices, http=base.http)
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


def _keep_results(base: _Base, jobs: _Jobs, window: Window) -> Keeper:
    """Have results brought into safety before services delete them, and into archives when the user wants it."""
    document, fetcher, notices = base.document, jobs.fetcher, base.notices
    zipper = ZipSaver(document=document, fetcher=fetcher, tasks=base.tasks, notices=notices, window=window)
    window.commands.zip_wanted.connect(zipper.save)
    keeper = Keeper(document=document, fetcher=fetcher, notices=notices)
    keeper.warned.connect(window.details.look_again)
    return keeper


def _connect_log_ins(base: _Base, window: Window) -> None:
    """Ask who the user is when a service, or the window, wants it."""
    asker = LogInAsker(
        credentials=base.credentials,
        log_ins=base.log_ins,
        settings=base.settings,
        tasks=base.tasks,
        notices=base.notices,
        window=window,
    )
    base.log_ins.wanted.connect(asker.ask)
    window.login_wanted.connect(asker.ask)


def _connect_limits(base: _Base, jobs: _Jobs, window: Window) -> None:
    """Change when a job ends and is deleted when its details want it."""
    limits = Limits(
        conductor=jobs.conductor,
        runs=jobs.runs,
        log_ins=base.log_ins,
        tasks=base.tasks,
        notices=base.notices,
        client=base.client,
        window=window,
    )
    window.details.destruction_wanted.connect(limits.ask_destruction)
    window.details.run_time_wanted.connect(limits.ask_run_time)


def _connect_dialogs(base: _Base, jobs: _Jobs, window: Window, aim: Aim, hooks: Hooks) -> None:
    """Open the dialogs about services, targets, and jobs that were made elsewhere when the window wants them."""
    adopter = Adopter(
        document=base.document,
        conductor=jobs.conductor,
        fetcher=jobs.fetcher,
        log_ins=base.log_ins,
        tasks=base.tasks,
        notices=base.notices,
        client=base.client,
        local=base.local,
        settings=base.settings,
        window=window,
    )
    open_for_services(
        window,
        settings=base.settings,
        credentials=base.credentials,
        adopter=adopter,
        log_ins=base.log_ins,
        tasks=base.tasks,
        opened=hooks.offer_services,
    )
    open_for_targets(window, aim=aim, tasks=base.tasks, opened=hooks.offer_targets)


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
    catch_everything(desk.notices)
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
    catch_everything(desk.notices)
    demo = Demo(window=desk.window, document=desk.document, tasks=desk.tasks, out=Path(out))
    demo.finished.connect(application.exit)
    QTimer.singleShot(0, demo.start)
    code = application.exec()
    desk.shut_down()
    sys.stdout.write(f"log: {paths.log_dir()}\n" if code else "")
    return code
