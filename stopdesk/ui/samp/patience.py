"""What other programs want waits while the user is asked something, and where it comes quicker than it can be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

#: So often, in milliseconds, it is looked whether a question is still open.
_LOOK_MS = 150

#: So much waits at most.
_MOST = 300

#: Calls follow each other for so long, in seconds, before the window is drawn and the mouse looked after again.
_TURN = 0.008

_NEWER = "Another message came before this one could be followed."
_ASKED = "The user of stopdesk has to answer a question first; try again later."
_MANY = "So many messages came at once that stopdesk could not follow this one; try again later."


@dataclass(frozen=True, eq=False)
class _Waiting:
    call: Callable[[], object]
    dropped: Callable[[str, bool], object]
    kind: Hashable


class Patience(QObject):
    """Makes calls at once, or in their order when no question is open any more and the window has had its turn."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[_Waiting] = []
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)

    def do(self, call: Callable[[], object], dropped: Callable[[str, bool], object], *, kind: Hashable = None) -> None:
        """Make a call when the user is free; of several that wait and are of one ``kind`` (None: of none) the last one.

        ``dropped`` is told why a call is not made, and whether a newer one is in its place.
        """
        if not self._timer.isActive() and not _is_asking():
            self._timer.start(0)
            call()
            return
        for older in [each for each in self._waiting if kind is not None and each.kind == kind]:
            self._waiting.remove(older)
            older.dropped(_NEWER, True)
        if len(self._waiting) >= _MOST:
            dropped(_ASKED if _is_asking() else _MANY, False)
            return
        self._waiting.append(_Waiting(call, dropped, kind))
        if not self._timer.isActive():
            self._timer.start(_LOOK_MS)

    def _look(self) -> None:
        end = time.monotonic() + _TURN
        while self._waiting and not _is_asking() and time.monotonic() < end:
            self._timer.start(0)
            self._waiting.pop(0).call()
        if self._waiting and _is_asking():
            self._timer.start(_LOOK_MS)


def _is_asking() -> bool:
    """Whether the user is asked something, or in the middle of choosing from a menu."""
    return QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None
