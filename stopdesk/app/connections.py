"""Connects the window with what answers it: log-ins, limits of jobs, dialogs, and the keeping of results."""

from __future__ import annotations

from stopdesk.app.parts import Base, Jobs
from stopdesk.ui.adopting import Adopter
from stopdesk.ui.aiming import Aim
from stopdesk.ui.dialogs import open_for_services, open_for_targets
from stopdesk.ui.keeping import Keeper
from stopdesk.ui.limits import Limits
from stopdesk.ui.log_in_asker import LogInAsker
from stopdesk.ui.samp.hooks import Hooks
from stopdesk.ui.window import Window
from stopdesk.ui.zipping import ZipSaver


def keep_results(base: Base, jobs: Jobs, window: Window) -> Keeper:
    """Have results brought into safety before services delete them, and into archives when the user wants it."""
    document, fetcher, notices = base.document, jobs.fetcher, base.notices
    zipper = ZipSaver(document=document, fetcher=fetcher, tasks=base.tasks, notices=notices, window=window)
    window.commands.zip_wanted.connect(zipper.save)
    keeper = Keeper(document=document, fetcher=fetcher, notices=notices)
    keeper.warned.connect(window.details.look_again)
    return keeper


def connect_log_ins(base: Base, window: Window) -> None:
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


def connect_limits(base: Base, jobs: Jobs, window: Window) -> None:
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


def connect_dialogs(base: Base, jobs: Jobs, window: Window, aim: Aim, hooks: Hooks) -> None:
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
