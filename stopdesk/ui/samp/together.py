"""Builds all that has to do with other programs: the link, its place in the window, and what is sent over it."""

from __future__ import annotations

from dataclasses import dataclass

from stopdesk.net.http import Http
from stopdesk.samp.exchange import Listener
from stopdesk.ui.aiming import Aim
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.bridge import Link, SampLink
from stopdesk.ui.samp.hooks import Hooks
from stopdesk.ui.samp.interop import Interop
from stopdesk.ui.samp.places import Places
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.receiving import receive
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.samp.shared_tables import SharedTables
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.window import Window


@dataclass(frozen=True)
class Together:
    """The link to other programs and those who use it."""

    samp: SampLink
    programs: Programs
    shared: SharedTables
    sendings: Sendings
    hooks: Hooks


def build(
    *,
    window: Window,
    aim: Aim,
    document: Document,
    settings: SettingsKeeper,
    tasks: Tasks,
    notices: Notices,
    http: Http,
) -> Together:
    """Build it, and put it into the window; nothing is contacted."""

    def make(listener: Listener, start_hub: bool) -> Link:
        from stopdesk.samp.link import Link as HubLink

        return HubLink(listener, start_hub=start_hub)

    samp = SampLink(make=make, start_hub=lambda: settings.settings.samp_start_hub)
    programs = Programs(samp=samp, tasks=tasks, notices=notices)
    Interop(window=window, samp=samp, programs=programs)
    shared = receive(samp, window=window, aim=aim, settings=settings, tasks=tasks, notices=notices, http=http)
    sendings = Sendings(samp=samp, tasks=tasks, notices=notices, shared=shared, parent=window)
    hooks = Hooks(
        window=window,
        aim=aim,
        document=document,
        tasks=tasks,
        notices=notices,
        samp=samp,
        programs=programs,
        places=Places(window),
        sendings=sendings,
    )
    return Together(samp, programs, shared, sendings, hooks)
