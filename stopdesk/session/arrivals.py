"""Folders in which results arrive before they are in a session, so that what broke off goes on where it stopped.

Each run has one in the user's cache, under a hash of its key, which outlives the program. What has come of a result
lies there in hidden files (see ``net.part``); a visible file is a whole result on its way into the session.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stopdesk import paths
from stopdesk.errors import FileError
from stopdesk.session.atomic import words
from stopdesk.session.locks import lock

#: Parts to which nothing was added for so long are thrown away: services have mostly deleted the whole by then.
OLD = timedelta(days=14)


@contextlib.contextmanager
def arriving(key: str) -> Iterator[Path]:
    """The folder for the results of the run of that key, with what has come of them earlier.

    It is removed when the block ends well, and kept for the next time otherwise. While another task or window has it,
    a folder for this once is given. Raises FileError when there can be none.
    """
    place = _place(key)
    descriptor = _locked(place)
    if descriptor is None:
        with tempfile.TemporaryDirectory(prefix="once-", dir=place.parent) as folder:
            yield Path(folder)
        return
    complete = False
    try:
        _make_ready(place)
        yield place
        complete = True
    finally:
        if complete or _is_empty(place):
            _remove(place)
        os.close(descriptor)


def discard(key: str) -> None:
    """Throw away what has come for the run of that key, unless it is still arriving."""
    place = _place(key)
    if place.exists():
        _discard(place)


def discard_old(now: datetime) -> None:
    """Throw away the parts to which nothing was added for long."""
    for place in _home().iterdir():
        if place.is_dir() and now - _last_change(place) > OLD:
            _discard(place)


def _home() -> Path:
    home = paths.cache_dir() / "results"
    try:
        home.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise FileError(home, f"results cannot be kept there on their way: {words(error)}.") from error
    return home


def _place(key: str) -> Path:
    return _home() / hashlib.sha256(key.encode()).hexdigest()[:32]


def _locked(place: Path) -> int | None:
    try:
        return lock(place.with_suffix(".lock"))
    except OSError as error:
        raise FileError(place, f"results cannot be kept there on their way: {words(error)}.") from error


def _make_ready(place: Path) -> None:
    """Make the folder, without results of a program that died before they were in its session."""
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        for file in place.iterdir():
            if not file.name.startswith("."):
                file.unlink()
    except OSError as error:
        raise FileError(place, f"results cannot be kept there on their way: {words(error)}.") from error


def _discard(place: Path) -> None:
    descriptor = _locked(place)
    if descriptor is not None:
        _remove(place)
        os.close(descriptor)


def _remove(place: Path) -> None:
    """Remove a folder that is locked here, and last its lock."""
    shutil.rmtree(place, ignore_errors=True)
    with contextlib.suppress(OSError):
        place.with_suffix(".lock").unlink()


def _is_empty(place: Path) -> bool:
    try:
        return not any(place.iterdir())
    except OSError:  # it could not be made, or somebody has cleaned up
        return True


def _last_change(place: Path) -> datetime:
    """When something was last added to a folder; now, where it is just going."""
    try:
        times = [path.stat().st_mtime for path in (place, *place.iterdir())]
    except OSError:
        return datetime.now(UTC)
    return datetime.fromtimestamp(max(times), UTC)
