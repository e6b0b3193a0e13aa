"""Files that can be fetched again: where they lie, and how they get there in one step."""

from __future__ import annotations

from pathlib import Path

from stopdesk import paths
from stopdesk.errors import FileError


def folder(name: str) -> Path:
    """The user's folder for one kind of what was fetched; FileError where it cannot be made."""
    path = paths.cache_dir() / name
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        text = f"this folder for files that were fetched cannot be made: {error.strerror or error}. Make room for it."
        raise FileError(path, text) from error
    return path


def write(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path`` in one step, so that nobody ever reads half a file."""
    half = path.with_name(f".{path.name}.part")
    half.write_bytes(data)
    half.replace(path)
