"""The folder with the files that other programs are told to load, which lasts as long as the program.

Each program has its own, which only its user can read. What a program that was killed has left is taken away by the
next: a folder is in use while somebody holds the lock in it.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from stopdesk import paths
from stopdesk.errors import FileError
from stopdesk.samp.messages import ascii_text

_LOCK = "in-use"
_LONGEST = 80


class Outbox:
    """A folder for files that are sent; may be used in several threads at once."""

    def __init__(self) -> None:
        """Make the folder. FileError where that cannot be done."""
        above = _above()
        try:
            with _alone(above):
                _sweep(above)
                self.folder = Path(tempfile.mkdtemp(prefix="sent-", dir=above))
                self._held: IO[str] | None = (self.folder / _LOCK).open("w")
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _cannot_be_made(above, error) from error
        self._lock = threading.Lock()
        self._given = {_LOCK}

    def place(self, name: str, suffix: str) -> Path:
        """Where to write a file that is to be called so, with a suffix such as ".fits"; each place is given once."""
        stem = re.sub(r"[^A-Za-z0-9+.-]+", "_", ascii_text(name)).strip("._-")[:_LONGEST] or "data"
        with self._lock:
            number = 1
            while (found := f"{stem}{f'-{number}' if number > 1 else ''}{suffix}") in self._given:
                number += 1
            self._given.add(found)
        return self.folder / found

    def url(self, path: Path) -> str:
        """The address by which other programs on this computer load the file."""
        return path.absolute().as_uri()

    def close(self, *, keep: bool = False) -> None:
        """Take the folder away; programs that have mapped a file keep what they have.

        ``keep`` leaves that to the next program, for what somebody may still be about to read.
        """
        held, self._held = self._held, None
        if held is not None:
            if not keep:
                shutil.rmtree(self.folder, ignore_errors=True)
            held.close()


def sweep() -> None:
    """Take away what programs that were killed have left. FileError where that cannot be looked at."""
    above = _above()
    try:
        with _alone(above):
            _sweep(above)
    except OSError as error:
        raise _cannot_be_made(above, error) from error


def _above() -> Path:
    return paths.cache_dir() / "samp"


def _cannot_be_made(above: Path, error: OSError) -> FileError:
    text = f"the folder for files to send cannot be made ({error.strerror or error})."
    return FileError(error.filename or above, text)


@contextmanager
def _alone(above: Path) -> Iterator[None]:
    """Nobody else makes a folder or takes one away: there is a moment between a folder and its lock."""
    above.mkdir(mode=0o700, exist_ok=True)
    with (above / _LOCK).open("w") as everybody:
        fcntl.flock(everybody, fcntl.LOCK_EX)
        yield


def _sweep(above: Path) -> None:
    """Take away the folders that nobody holds."""
    for folder in above.glob("sent-*"):
        with suppress(OSError):
            number = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)  # BlockingIOError: its program lives
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(number)
