"""Files of tables for other programs: in which format each of them takes a table best, and the writing of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from stopdesk.errors import Cancelled, FileError
from stopdesk.samp.exchange import Peer
from stopdesk.samp.messages import TABLE_FITS, TABLE_VOTABLE

if TYPE_CHECKING:
    from astropy.table import Table

#: Messages that load a table.
LOADS_TABLE = (TABLE_VOTABLE, TABLE_FITS)

#: From so many rows on, Aladin 12 loads a VOTable in BINARY2, but never says so.
_MUTE_ROWS = 100_000


class TableFormat(StrEnum):
    """How a table is written; the values are endings of files."""

    FITS = ".fits"
    VOTABLE = ".vot"  # with cells in BINARY2
    VOTABLE_TEXT = ".xml"  # with cells in TABLEDATA

    @property
    def is_fits(self) -> bool:
        """Whether it is told of by table.load.fits."""
        return self is TableFormat.FITS


def table_format(peer: Peer, n_rows: int) -> TableFormat:
    """In which format a program takes a table of so many rows: TOPCAT maps FITS into memory, where others read."""
    is_named = peer.name.strip().casefold().startswith
    if peer.takes(TABLE_FITS) and (is_named("topcat") or not peer.takes(TABLE_VOTABLE)):
        return TableFormat.FITS
    if is_named("aladin") and n_rows > _MUTE_ROWS:
        return TableFormat.VOTABLE_TEXT
    return TableFormat.VOTABLE


def write(table: Table, form: TableFormat, path: Path, cancelled: Callable[[], bool] | None = None) -> None:
    """Write a table to a new file; nothing is left of it where that does not work out.

    Blocks. Raises FileError where the file cannot be written, InputError for what the format cannot hold, Cancelled.
    """
    from stopdesk.formats.convert import write_any  # late: astropy is slow to import
    from stopdesk.formats.tables.plain import plain

    found = plain(table, copy=False).table
    complete = False
    try:
        with _Watched(path, cancelled or (lambda: False)) as file:
            if form.is_fits:
                write_any(found, "fits", file)
            else:
                write_any(found, "votable", file, "binary2" if form is TableFormat.VOTABLE else "tabledata")
        complete = True
    except OSError as error:
        raise FileError(path, f"cannot be written ({error.strerror or error}). Is there room on the disk?") from error
    finally:
        if not complete:
            path.unlink(missing_ok=True)


class _Watched(io.BufferedWriter):
    """A file to write to until that is cancelled."""

    def __init__(self, path: Path, cancelled: Callable[[], bool]) -> None:
        super().__init__(io.FileIO(path, "wb"))
        self._cancelled = cancelled

    def write(self, data: object, /) -> int:
        if self._cancelled():
            raise Cancelled("The table was no longer wanted.")
        return super().write(data)  # type: ignore[arg-type]
