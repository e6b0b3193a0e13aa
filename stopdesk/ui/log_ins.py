"""Which servers have been asked for a log-in, and what goes on once there is one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from stopdesk.errors import NotAllowed, StopdeskError
from stopdesk.ui.runs import origin


class LogIns(QObject):
    """Asks once a server, however many requests it turned away, and again after a wrong answer.

    ``wanted`` carries the URL of a service that asks who we are, ``given`` one at which somebody has logged in.
    """

    wanted = Signal(str)
    given = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.number = 0  # of log-ins so far
        self._asked: set[str] = set()
        self._waiting: dict[str, dict[str, Callable[[], None]]] = {}

    def turned_away(self, error: StopdeskError, what: str, again: Callable[[], None], *, since: int) -> None:
        """A request was turned away: where a log-in could help, ask for one and do ``again`` after it.

        ``what`` names the request. ``since`` is ``number`` as it was when the request was made: a log-in that came
        while it was under way is not asked for a second time.
        """
        if not (isinstance(error, NotAllowed) and error.login):
            return
        if self.number > since:
            again()
            return
        at = origin(error.url)
        self._waiting.setdefault(at, {})[what] = again
        if at not in self._asked:
            self._asked.add(at)
            self.wanted.emit(error.url)

    def may_ask(self, url: str) -> None:
        """The user wants something of this server once more: it may ask for a log-in once more."""
        self._asked.discard(origin(url))

    def logged_in(self, url: str) -> None:
        """Go on with what waited for this log-in."""
        self.number += 1
        self.may_ask(url)
        for again in self._waiting.pop(origin(url), {}).values():
            again()
        self.given.emit(url)

    def cancelled(self, url: str) -> None:
        """The user will not log in there: nothing waits any more, and nothing asks until the user wants it."""
        self._waiting.pop(origin(url), None)
