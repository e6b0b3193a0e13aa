"""Opens the table in a file of any format, told by its content, with all that the file says of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from stopdesk.errors import FileError
from stopdesk.formats.convert import format_in, read_any
from stopdesk.formats.votable import read_table

#: Larger files, packed or not, are not opened.
MAX_BYTES = 512 << 20


def open_table(
    data: bytes,
    name: str,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Any:
    """The first table in a VOTable, FITS, ECSV, CSV or Parquet file, packed or not, as an astropy Table.

    ``data`` are its bytes, ``name`` is what it is called. ``progress`` is told the rows so far where they can be
    counted. Raises FileError, in words, for what holds no table or unpacks to more than ``max_bytes``; Cancelled.
    """
    if format_in(data) == "votable":
        table = read_table(data, name=name, max_bytes=max_bytes, progress=progress, cancelled=cancelled)
    else:
        table = read_any(io.BytesIO(data), name=name, max_bytes=max_bytes)[0].table
    if not table.colnames:
        raise FileError(name, "has a table without columns; there is nothing to show.")
    return table
