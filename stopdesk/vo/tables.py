"""Reads the tables in a file of any format; what is no table is told by what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from stopdesk.errors import FileError
from stopdesk.formats.opening import MAX_BYTES, Opened, open_table, open_tables
from stopdesk.formats.whole import read_whole
from stopdesk.vo.content import Content, recognise

#: What is no table, whatever its name says.
_OTHERS = (
    Content.FITS_IMAGE,
    Content.FITS_CUBE,
    Content.TAR,
    Content.ZIP,
    Content.HTML,
    Content.PDF,
    Content.PICTURE,
    Content.HDF5,
)


def read_file(
    path: Path,
    name: str = "",
    *,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[bytes, Any]:
    """The bytes of a file and the (first) table in them, an astropy Table; ``name`` is what the file is called.

    Raises FileError for what holds no table or is too large, Cancelled.
    """
    called = name or path.name
    data = _bytes_of(path, called, cancelled)
    return data, open_table(data, called, progress=progress, cancelled=cancelled)


def read_tables(
    path: Path,
    name: str = "",
    *,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[bytes, list[Opened], list[str]]:
    """The bytes of a file, the tables in them, and what there is to say of those that are left out.

    Arguments and errors as those of `read_file`.
    """
    called = name or path.name
    data = _bytes_of(path, called, cancelled)
    return data, *open_tables(data, called, progress=progress, cancelled=cancelled)


def _bytes_of(path: Path, called: str, cancelled: Callable[[], bool] | None) -> bytes:
    data = read_whole(path, "tables", MAX_BYTES, cancelled)
    if not data:
        raise FileError(called, "is empty; there is no table in it.")
    content = recognise(path)
    if content in _OTHERS:
        raise FileError(called, f"holds no table: it is a {content.value}.")
    return data
