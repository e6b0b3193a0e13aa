"""Where things lie: our resources, and the user's settings, data, caches and logs."""

from __future__ import annotations

import os
from pathlib import Path

from stopdesk.errors import FileError

APP = "stopdesk"


def resources() -> Path:
    """The folder of resources: inside the installed package, or at the top of a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "resources"
    return installed if installed.is_dir() else here.parent / "resources"


def guide() -> Path:
    """The user's guide in Markdown, with its pictures beside it."""
    installed = resources() / "guide" / "guide.md"
    return installed if installed.is_file() else resources().parent / "docs" / "guide.md"


def _user(kind: str) -> Path:
    """One of the user's folders, made when missing; STOPDESK_HOME gathers all of them under one."""
    home = os.environ.get("STOPDESK_HOME")
    path = Path(home) / kind if home else _platform_dir(kind)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"this folder for the program's {kind} files cannot be made: {error.strerror}. "
        raise FileError(path, text + "Make it, or name another place for all of them in STOPDESK_HOME.") from error
    return path


def _platform_dir(kind: str) -> Path:
    import platformdirs  # late: who only checks requests, as DaCHS does in its own Python, does not have it

    return Path(getattr(platformdirs, f"user_{kind}_dir")(APP, appauthor=False))


def config_dir() -> Path:
    """Settings."""
    return _user("config")


def data_dir() -> Path:
    """Recovery copies of sessions, the local service's jobs."""
    return _user("data")


def cache_dir() -> Path:
    """What can be made or fetched again: molecules, compiled code."""
    return _user("cache")


def log_dir() -> Path:
    """Log files."""
    return _user("log")


def private_file(path: Path) -> Path:
    """Make sure that only the user can read the file at ``path`` (created empty when missing)."""
    path.touch(mode=0o600, exist_ok=True)
    path.chmod(0o600)
    return path
