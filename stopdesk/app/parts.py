"""What the window is built of: what all else talks through, what runs jobs, the forms, and what finds observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.session.recovery import Recovery
from stopdesk.session.services import authorities, logged_in_to
from stopdesk.ui import theme
from stopdesk.ui.aiming import Aim
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.descriptions import Descriptions
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.forms.workspace import ModelWorkspace
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.loading import Loader
from stopdesk.ui.portal.searching import Searcher
from stopdesk.ui.portal.workspace import ObservePage
from stopdesk.ui.runs import Runs
from stopdesk.ui.sending import Sender
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.source_bar import SourceBar
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.turns import Turns
from stopdesk.uws.client import UwsClient
from stopdesk.uws.describe import describe
from stopdesk.uws.local import LocalService


@dataclass(frozen=True)
class Base:
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
class Jobs:
    """What takes runs to services and brings their results home."""

    runs: Runs
    sender: Sender
    fetcher: Fetcher
    conductor: Conductor
    turns: Turns


def build_base() -> Base:
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
    return Base(
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


def build_jobs(base: Base) -> Jobs:
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
    return Jobs(runs, sender, fetcher, conductor, turns)


def build_forms(base: Base, engine: PreviewEngine, bar: SourceBar) -> ModelWorkspace:
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


def build_observing(base: Base, bar: SourceBar, workspace: ModelWorkspace) -> tuple[Aim, ObservePage]:
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
