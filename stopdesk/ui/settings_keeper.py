"""The user's settings in the window: read once, written in the background whenever they change."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.run import LOCAL
from stopdesk.domain.settings import Settings
from stopdesk.session.settings import SettingsFile
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks


class SettingsKeeper(QObject):
    """Holds the settings as a value; ``changed`` is sent when they have become another."""

    changed = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._file = SettingsFile()
        self.settings = self._file.load()
        self.notice = self._file.notice

    def change(self, settings: Settings) -> None:
        """Take these settings."""
        if settings == self.settings:
            return
        self.settings = settings
        self.changed.emit()
        self._tasks.start(
            "Keeping the settings",
            lambda _: self._file.save(settings),
            failed=self._notices.fail,
            queue_name="settings",
            width=1,
            quiet=True,
        )

    def used(self, path: str) -> None:
        """Put a session file at the head of the recent files."""
        self.change(self.settings.with_recent(Path(path)))

    def keep_layout(self, layout: dict[str, str]) -> None:
        """Remember how the window was laid out."""
        self.change(self.settings.model_copy(update={"layout": layout}))

    def services(self) -> list[tuple[str, str]]:
        """Label and address of every service a model can be sent to; the local one first."""
        return [("local", LOCAL), *((service.name, service.url) for service in self.settings.services)]
