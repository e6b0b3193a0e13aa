"""The user's settings in the window: read once, written in the background whenever they change."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.run import LOCAL
from stopdesk.domain.settings import Settings
from stopdesk.errors import StopdeskError
from stopdesk.session.services import job_services
from stopdesk.session.settings import SettingsFile
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks

_log = logging.getLogger(__name__)


class SettingsKeeper(QObject):
    """Holds the settings as a value; ``changed`` is sent when they have become another."""

    changed = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._file = SettingsFile()
        self.settings = self._kept = self._file.load()
        self.notice = self._file.notice

    def change(self, settings: Settings) -> None:
        """Take these settings."""
        if settings == self.settings:
            return
        self.settings = settings
        self.changed.emit()

        def kept(_: object) -> None:
            self._kept = settings

        self._tasks.start(
            "Keeping the settings",
            lambda _: self._file.save(settings),
            done=kept,
            failed=self._notices.fail,
            queue_name="settings",
            width=1,
            quiet=True,
        )

    def flush(self) -> None:
        """At the end, write what no task has written any more (blocks)."""
        if self._kept != self.settings:
            try:
                self._file.save(self.settings)
                self._kept = self.settings
            except StopdeskError as error:
                _log.info("the settings were not kept: %s", error)

    def used(self, path: str) -> None:
        """Put a session file at the head of the recent files."""
        self.change(self.settings.with_recent(Path(path)))

    def keep_layout(self, layout: dict[str, str]) -> None:
        """Remember how the window was laid out."""
        self.change(self.settings.model_copy(update={"layout": layout}))

    def services(self) -> list[tuple[str, str]]:
        """Label and address of every service that is offered to send a model to; the local one first."""
        offered = (service for service in job_services(self.settings) if service.enabled)
        return [("local", LOCAL), *((service.name, service.url) for service in offered)]

    def services_with_forms(self) -> list[tuple[str, str]]:
        """Name and address of every UWS service in use that may describe a form of its own: it is not of our models."""
        return [
            (service.name, service.url)
            for service in job_services(self.settings)
            if service.enabled and "{model}" not in service.url
        ]
