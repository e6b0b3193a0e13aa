"""The one way to tell the user: a line by default, a dialog only where an answer is needed."""

from __future__ import annotations

import html
import logging
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from PySide6.QtCore import QObject, Signal

from stopdesk.errors import StopdeskError

_log = logging.getLogger(__name__)


class Level(Enum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Notice:
    """One line for the user; ``details`` are shown on demand."""

    level: Level
    text: str
    details: str
    at: datetime


class Notices(QObject):
    """Takes notices from everywhere and keeps the last hundred; ``told`` brings each to the status bar."""

    told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history: list[Notice] = []

    def tell(self, text: str, *, level: Level = Level.INFO, details: str = "") -> None:
        """Show one line."""
        notice = Notice(level, text, details, datetime.now().astimezone())
        self.history = [*self.history[-99:], notice]
        _log.info("told: %s", text)
        self.told.emit(notice)

    def warn(self, text: str, *, details: str = "") -> None:
        """Show one line that asks for attention."""
        self.tell(text, level=Level.WARNING, details=details)

    def fail(self, error: StopdeskError | str, *, details: str = "") -> None:
        """Show what went wrong."""
        self.tell(str(error), level=Level.ERROR, details=details)


def plain_tip(text: str) -> str:
    """A tooltip's text, such that Qt never takes the words of a service for HTML."""
    return f"<p style='white-space:pre-wrap'>{html.escape(text)}</p>" if "<" in text else text
