"""All bytes of a file, up to a bound."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from stopdesk.errors import Cancelled, FileError

_PIECE = 1 << 22


def read_whole(path: Path, kind: str, max_bytes: int, cancelled: Callable[[], bool] | None = None) -> bytes:
    """The bytes of a file of at most ``max_bytes``; ``kind`` is what such files are called, in the plural.

    Raises FileError for a larger one and for what cannot be read, Cancelled where ``cancelled`` says so.
    """
    try:
        if not path.is_file():
            words = "is a folder, not a file." if path.is_dir() else "cannot be read: there is no such file."
            raise FileError(path, words)
        size = path.stat().st_size
        if size > max_bytes:
            raise FileError(path, f"has {size_words(size)}; {kind} of up to {size_words(max_bytes)} are read.")
        with path.open("rb") as file:
            return all_of(file, path, kind, max_bytes, cancelled)
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror or error}.") from error


def all_of(
    file: BinaryIO, name: Path | str, kind: str, max_bytes: int, cancelled: Callable[[], bool] | None = None
) -> bytes:
    """The bytes of a stream; errors as those of ``read_whole``."""
    pieces, size = [], 0
    while piece := file.read(_PIECE):
        if cancelled is not None and cancelled():
            raise Cancelled(f"Reading {Path(name).name} was cancelled.")
        size += len(piece)
        if size > max_bytes:
            raise FileError(name, f"holds more than {size_words(max_bytes)}; larger {kind} are not read.")
        pieces.append(piece)
    return b"".join(pieces)


def size_words(n_bytes: int) -> str:
    """A size as people say it."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.3g} MB"
