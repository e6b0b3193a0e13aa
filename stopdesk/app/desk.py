"""Everything that is alive while the window is open: how it is built, begins and is taken down again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stopdesk.app.connections import connect_dialogs, connect_limits, connect_log_ins, keep_results
from stopdesk.app.parts import build_base, build_forms, build_jobs, build_observing
from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.ui.collecting import Collector
from stopdesk.ui.complaints import Complaints
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.document import Document
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.keeping import Keeper
from stopdesk.ui.notices import Notices
from stopdesk.ui.observed import Observed
from stopdesk.ui.samp import together
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.samp.shared_tables import SharedTables
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.source_bar import SourceBar
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.turns import Turns
from stopdesk.ui.window import Window
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
        self.sendings.begin()
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


def build() -> Desk:
    """Build everything; nothing is contacted and no file but our own working copy is opened."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    base = build_base()
    jobs = build_jobs(base)
    engine, bar = PreviewEngine(), SourceBar()
    workspace = build_forms(base, engine, bar)
    Complaints(runs=jobs.runs, workspace=workspace, sender=jobs.sender, conductor=jobs.conductor, fetcher=jobs.fetcher)
    aim, observe = build_observing(base, bar, workspace)
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
    keeper = keep_results(base, jobs, window)
    connect_log_ins(base, window)
    connect_limits(base, jobs, window)
    others = together.build(
        window=window,
        aim=aim,
        document=base.document,
        settings=base.settings,
        tasks=base.tasks,
        notices=base.notices,
        http=base.http,
    )
    connect_dialogs(base, jobs, window, aim, others.hooks)
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
