"""Opens the dialogs that stand beside the window when it wants them; each is imported with its first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from stopdesk.net.credentials import Credentials
from stopdesk.ui.adopting import Adopter
from stopdesk.ui.aiming import Aim
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.window import Window

if TYPE_CHECKING:
    from stopdesk.ui.services.dialog import ServicesDialog
    from stopdesk.ui.targets import TargetsDialog


def open_for_services(
    window: Window,
    *,
    settings: SettingsKeeper,
    credentials: Credentials,
    adopter: Adopter,
    log_ins: LogIns,
    tasks: Tasks,
    opened: Callable[[ServicesDialog], object],
) -> None:
    """Open the list of services, and the question for the address of a job, when the window wants them.

    ``opened`` is given the list, for what further controls have to do with it.
    """

    def show_services() -> None:
        from stopdesk.ui.services.dialog import ServicesDialog

        dialog = ServicesDialog(
            settings=settings,
            credentials=credentials,
            adopter=adopter,
            log_ins=log_ins,
            tasks=tasks,
            parent=window,
        )
        opened(dialog)
        dialog.open()

    def add_job() -> None:
        from stopdesk.ui.jobs.add_dialog import AddJobDialog

        AddJobDialog(adopter=adopter, log_ins=log_ins, parent=window).open()

    window.services_wanted.connect(show_services)
    window.add_job_wanted.connect(add_job)


def open_for_targets(window: Window, *, aim: Aim, tasks: Tasks, opened: Callable[[TargetsDialog], object]) -> None:
    """Open the list of targets, one at a time, when the source bar wants it; ``opened`` is given it."""
    shown: list[TargetsDialog] = []

    def show(names: tuple[str, ...]) -> None:
        from stopdesk.ui.targets import TargetsDialog

        if not shown:
            dialog = TargetsDialog(
                aim=aim,
                tasks=tasks,
                tables=lambda: window.observe.tables,
                fetch=window.observe.fetch_table,
                parent=window,
            )
            dialog.finished.connect(lambda _: shown.clear())
            shown.append(dialog)
            opened(dialog)
            dialog.show()
        shown[0].activateWindow()
        if names:
            shown[0].look_up(names)

    aim.list_wanted.connect(show)
