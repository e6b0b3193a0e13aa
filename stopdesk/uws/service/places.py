"""Where the local service keeps its jobs, and where a running one leaves its address and token."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stopdesk import paths

#: How a service begins to say that another one holds its data folder.
TAKEN = "Another service is using"


@dataclass(frozen=True)
class Notice:
    """What a running service says of itself: address, token (None for an open one), process, data folder."""

    url: str
    token: str | None
    pid: int
    data: str


def default_data() -> Path:
    """The data folder of the local service, where nobody names another."""
    return paths.data_dir() / "service"


def notices() -> list[tuple[Path, Notice]]:
    """The notices that lie there, those of dead services too; what cannot be read is left out."""
    found = []
    for path in sorted(_folder().glob("*.json")):
        try:
            found.append((path, Notice(**json.loads(path.read_text(encoding="utf-8")))))
        except (OSError, ValueError, TypeError):
            continue
    return found


@contextmanager
def announced(notice: Notice, port: int) -> Iterator[None]:
    """Leave the notice, which only the user can read, while the service runs.

    Notices of the same data folder were left by services that were killed, for that folder is locked by ours.
    """
    for old, left in notices():
        if left.data == notice.data:
            old.unlink(missing_ok=True)
    path = _folder() / f"{port}.json"
    new = paths.private_file(path.with_suffix(f".{os.getpid()}"))
    new.write_text(json.dumps(vars(notice)), encoding="utf-8")
    new.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _folder() -> Path:
    folder = paths.data_dir() / "services"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
