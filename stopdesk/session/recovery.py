"""Working copies of open sessions, and what a crash left of them.

Each lies in the folder ``recovery`` of the user's data as ``UUID.stop``, with ``UUID.json`` (which file it belongs to,
process, start) and ``UUID.lock``, held locked by the living process.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stopdesk import paths
from stopdesk.errors import FileError
from stopdesk.session.atomic import replacing, words
from stopdesk.session.file import remove
from stopdesk.session.locks import lock


@dataclass(frozen=True)
class LeftBehind:
    """A working copy whose program died: its place, the user's file if it had one, its last change, the process."""

    path: Path
    original: Path | None
    when: datetime
    pid: int


class Recovery:
    """The working copies that this process has open, and those that dead ones left; all methods raise FileError."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.data_dir() / "recovery"
        self._locks: dict[Path, int] = {}

    def begin(self, original: Path | None = None) -> Path:
        """The place for the working copy of a session that is being opened; ``original`` is the user's file."""
        path = self.folder / f"{uuid.uuid4()}.stop"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = lock(_lock_of(path))
        except OSError as error:
            raise FileError(self.folder, f"no copy for recovery can be kept there: {words(error)}.") from error
        if descriptor is None:
            raise FileError(path, "another stopdesk has just taken this name. Try again.")
        self._locks[path] = descriptor
        self.belongs_to(path, original)
        return path

    def belongs_to(self, path: Path, original: Path | None) -> None:
        """Say which file of the user's the working copy belongs to from now on, after Save as for instance."""
        note = {
            "original": None if original is None else str(original.absolute()),
            "pid": os.getpid(),
            "started": datetime.now(UTC).isoformat(),
        }
        with replacing(_note(path), mode=0o600) as file:
            file.write(json.dumps(note).encode())

    def left_behind(self) -> list[LeftBehind]:
        """What dead processes left, newest first; remains in which nothing was ever written are cleared away."""
        found = []
        for note in sorted(self.folder.glob("*.json")):
            path = note.with_suffix(".stop")
            if path in self._locks:
                continue
            with _locked(path) as free:
                if not free:
                    continue
                if _size(path) == 0:
                    _clear(path)
                else:
                    found.append(_describe(path))
        return sorted(found, key=lambda left: left.when, reverse=True)

    def adopt(self, left: LeftBehind) -> Path:
        """Take over what a dead process left, to be opened where it lies; gives its path."""
        try:
            descriptor = lock(_lock_of(left.path))
        except OSError as error:
            raise FileError(left.path, f"cannot be taken over: {words(error)}.") from error
        if descriptor is None:
            raise FileError(left.path, "another stopdesk has taken this session over already.")
        self._locks[left.path] = descriptor
        if _size(left.path) == 0:
            self.end(left.path)
            raise FileError(left.path, "this session has been recovered or thrown away already.")
        self.belongs_to(left.path, left.original)
        return left.path

    def discard(self, left: LeftBehind) -> None:
        """Throw away what a dead process left."""
        self.end(self.adopt(left))

    def end(self, path: Path | None = None) -> None:
        """Remove the working copy of a session that was closed (all of this process without ``path``)."""
        for ended in [path] if path is not None else list(self._locks):
            descriptor = self._locks.pop(ended, None)
            if descriptor is not None:
                _clear(ended)
                os.close(descriptor)


def _note(path: Path) -> Path:
    return path.with_suffix(".json")


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[bool]:
    """Whether the working copy could be locked for the block."""
    try:
        descriptor = lock(_lock_of(path))
    except OSError:  # not ours to judge: left alone
        descriptor = None
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _clear(path: Path) -> None:
    """Remove a working copy, what an interrupted save left of it, and last its note and lock."""
    remove(path)
    for rest in path.parent.glob(f"{path.stem}-*.saving"):
        remove(rest)
    for last in (_note(path), _lock_of(path)):
        with contextlib.suppress(OSError):
            last.unlink()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _describe(path: Path) -> LeftBehind:
    """What is known of a working copy; a damaged note makes it one without an original."""
    try:
        note = json.loads(_note(path).read_bytes())
        original, pid = note["original"], int(note["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        original, pid = None, 0
    changes = [part.stat().st_mtime for part in (path, Path(f"{path}-wal")) if part.exists()]
    when = datetime.fromtimestamp(max(changes, default=0.0), UTC)
    return LeftBehind(path, Path(original) if isinstance(original, str) else None, when, pid)
