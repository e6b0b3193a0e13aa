"""Opens the tables in a file of any format, told by its content, with all that the file says of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stopdesk.errors import FileError
from stopdesk.formats.convert import format_in, read_any
from stopdesk.formats.votable import read_table, tables_in

#: Larger files, packed or not, are not opened.
MAX_BYTES = 512 << 20

#: Further tables of one file are not opened.
MOST_TABLES = 20


@dataclass(frozen=True, eq=False)
class Opened:
    """A table of a file: its number there (see `open_table`), its name, "" where the file has no other, and itself."""

    number: int
    name: str
    table: Any


def open_table(
    data: bytes,
    name: str,
    number: int = 0,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Any:
    """A table in a VOTable, FITS, ECSV, CSV or Parquet file, packed or not, as an astropy Table.

    ``data`` are its bytes, ``name`` is what it is called. ``number`` is 0 for the first that is no mere metadata, else
    the table's index in the file. ``progress`` is told the rows so far where they can be counted. Raises FileError, in
    words, for what holds no table or unpacks to more than ``max_bytes``; Cancelled.
    """
    return _read(data, name, number, max_bytes, progress, cancelled)[0]


def _read(
    data: bytes,
    name: str,
    number: int,
    max_bytes: int,
    progress: Callable[[int], object] | None,
    cancelled: Callable[[], bool] | None,
) -> tuple[Any, list[str]]:
    """A table, and what the others of its file are called."""
    choice = number or None
    if format_in(data) == "votable":
        table = read_table(data, table=choice, name=name, max_bytes=max_bytes, progress=progress, cancelled=cancelled)
        others = table.meta.pop("other_tables", [])
    else:
        found = read_any(io.BytesIO(data), table=choice, name=name, max_bytes=max_bytes)[0]
        table, others = found.table, [loss.name for loss in found.losses if loss.kind == "table"]
    if not table.colnames:
        raise FileError(name, "has a table without columns; there is nothing to show.")
    return table, others


def open_tables(
    data: bytes,
    name: str,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[list[Opened], list[str]]:
    """The first `MOST_TABLES` tables in a file, and a sentence for each that is left out although it should be there.

    Arguments and errors are those of `open_table`, errors those of the first table.
    """
    first, others = _read(data, name, 0, max_bytes, progress, cancelled)
    listed = [(0, str(first.meta.get("name", ""))), *enumerate(others, start=1)]
    if others and format_in(data) == "votable":
        listed = tables_in(data, name=name, max_bytes=max_bytes, cancelled=cancelled)
    if len(listed) == 1:
        return [Opened(0, "", first)], []
    names = _names(listed)
    opened, problems = [Opened(0, names[0], first)], []
    for (number, _), called in list(zip(listed, names, strict=True))[1:MOST_TABLES]:
        try:
            table = open_table(data, name, number, max_bytes=max_bytes, progress=progress, cancelled=cancelled)
            opened.append(Opened(number, called, table))
        except FileError as error:
            problems.append(f"The table {called} was left out. {error}")
    if len(listed) > MOST_TABLES:
        problems.append(f"{name} has {len(listed)} tables; the first {MOST_TABLES} were opened.")
    return opened, problems


def _names(listed: list[tuple[int, str]]) -> list[str]:
    """A name for each table, its own where that is one and is no other's."""
    plain = ["" if name == str(number) else name for number, name in listed]
    return [
        name if name and plain.count(name) == 1 else f"{name or 'table'} {place}"
        for place, name in enumerate(plain, start=1)
    ]
