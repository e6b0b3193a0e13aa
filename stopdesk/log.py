"""The log: every traceback goes to a file, none to the user."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

from stopdesk import paths
from stopdesk.errors import FileError

_FORMAT = "%(asctime)s %(levelname)-7s %(threadName)s %(name)s: %(message)s"


def start(name: str = "stopdesk") -> Path | None:
    """Write the log of this process to ``NAME.log`` in the log folder (three files of 1 MB are kept); give its path.

    None where it cannot be written: a program without a log is better than none.
    """
    logging.raiseExceptions = False  # a full disk must not fill the terminal as well
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    try:
        path = paths.private_file(paths.log_dir() / f"{name}.log")
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    except (OSError, FileError):
        root.addHandler(logging.NullHandler())
        return None
    handler.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(handler)
    return path
