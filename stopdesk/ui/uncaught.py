"""Sends what nobody caught to the log with its traceback, and one line of it to the user."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType

from stopdesk.ui.notices import Notices

_log = logging.getLogger(__name__)


def catch_everything(notices: Notices) -> None:
    """From now on, no exception ends unseen, in whatever thread it is; only that of Ctrl+C goes its usual way."""

    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        _log.error("uncaught\n%s", "".join(traceback.format_exception(kind, error, trace)))
        notices.fail(
            f"An unexpected fault ({kind.__name__}) was written to the log; what you did last may not have worked."
        )

    sys.excepthook = caught
    threading.excepthook = lambda hook: _log.error(
        "uncaught in %s\n%s",
        hook.thread.name if hook.thread else "a thread",
        "".join(traceback.format_exception(hook.exc_type, hook.exc_value, hook.exc_traceback)),
    )
