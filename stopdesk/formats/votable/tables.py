"""VOTables as astropy Tables: the two functions that the rest of the program and other programs call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from stopdesk.errors import FileError, QueryFailed
from stopdesk.formats.votable.cells import join
from stopdesk.formats.votable.layouts import Serialization
from stopdesk.formats.votable.model import Column, Document, Element, UnusualError, layout_of
from stopdesk.formats.votable.reader import Reader
from stopdesk.formats.votable.source import MAX_BYTES, Source
from stopdesk.formats.votable.to_astropy import meta_of, query_status, table_of
from stopdesk.formats.votable.writer import write_tree, writing

if TYPE_CHECKING:
    from astropy.table import Table


def read_table(
    source: Path | bytes | BinaryIO,
    *,
    table: int | str | None = None,
    name: str = "the table",
    max_rows: int | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int], object] | None = None,
    cancelled: Callable[[], bool] | None = None,
    keep: bool = False,
) -> Table:
    """A table of a VOTable as an astropy Table, with all that is said of it in ``meta`` (see `to_astropy`).

    ``source`` is a file, the bytes of one, or a binary stream, which is read as it arrives; each may be gzipped.
    ``table`` is the index (from 0), name or ID of the table where there are several; without it the first that is no
    mere metadata. ``name`` stands for a source without a path in errors. At most ``max_rows`` rows are given, and no
    more are waited for: ``meta["truncated"]`` is then True. ``progress`` is called with the number of rows so far,
    ``cancelled`` is asked about every megabyte; with ``keep`` a cancel gives the rows so far, if
    there are any: ``meta["truncated"]`` and ``meta["cancelled"]`` are then True.

    Columns are masked only where something is null: by flag in BINARY2, by VALUES null, as an empty cell in TABLEDATA
    (of numbers and booleans), as NaN in BINARY. Arrays of variable length are columns of objects.

    ``meta["other_tables"]`` are the names of the tables that were not read, where there are any;
    ``meta["QUERY_STATUS"]`` is what the service said of its answer: OK or OVERFLOW (DALI 1.1, section 4.4.2).
    Raises QueryFailed where it said ERROR, Cancelled, and FileError for what cannot be read or holds no such table.
    """
    found = Source(source, name=name, max_bytes=max_bytes, cancelled=cancelled)
    choice = _Choice(table)
    try:
        reader = Reader(found, wanted=choice.wants, max_rows=max_rows, progress=progress, keep=keep)
        document = reader.read()
    except UnusualError as unusual:
        return _unusual(found, table, max_rows, unusual)
    index = _index(document, table, choice.first, found.where)
    path = document.tables[index]
    columns = document.columns.get(index)
    try:
        made = table_of(_without_rows(path[-1]) if columns is None else columns, path)
    except UnusualError as unusual:
        raise FileError(found.where, f"{unusual}.") from unusual
    if document.truncated:
        made.meta["truncated"] = True
    others = [_name(each[-1], i) for i, each in enumerate(document.tables) if i != index]
    if others:
        made.meta["other_tables"] = others
    if reader.was_cancelled:
        made.meta["cancelled"] = True
    return made


def tables_in(
    source: Path | bytes | BinaryIO,
    *,
    name: str = "the table",
    max_bytes: int = MAX_BYTES,
    cancelled: Callable[[], bool] | None = None,
) -> list[tuple[int, str]]:
    """Index and name ("" for none) of each table of a VOTable, the first that `read_table` takes being the first.

    Mere metadata are left out, rows passed over. Raises FileError and Cancelled.
    """
    found = Source(source, name=name, max_bytes=max_bytes, cancelled=cancelled)
    try:
        tables = Reader(found, wanted=lambda *_: False).read().tables
    except UnusualError as error:
        raise FileError(found.where, f"{error}.") from error
    real = [i for i, path in enumerate(tables) if path[-2].get("type") != "meta"] or list(range(len(tables)))
    return [(i, tables[i][-1].get("name") or tables[i][-1].get("ID")) for i in real]


def _name(table: Element, index: int) -> str:
    return table.get("name") or table.get("ID") or str(index)


def write_table(table: Table, target: Path | BinaryIO, serialization: Serialization = "binary2") -> None:
    """Write an astropy Table as VOTable 1.4; to a path in one step, gzipped where its name ends with ``.gz``.

    ``binary2`` keeps everything; ``binary`` has NaN for a missing number, ``tabledata`` no difference between an empty
    text and a missing one. Raises FileError where the path cannot be written, InputError for a column that a VOTable
    cannot hold.
    """
    from stopdesk.formats.votable.from_astropy import columns_of, tree_of

    columns = columns_of(table, serialization)
    try:
        with writing(target) as put:
            write_tree(tree_of(table.meta), {0: columns}, put, serialization)
    except OSError as error:
        if not isinstance(target, Path):
            raise
        raise FileError(target, f"cannot be written ({error.strerror or error}). Choose another place.") from error


class _Choice:
    """Which table is read: the one asked for, else the first in a RESOURCE that is not of type meta."""

    def __init__(self, table: int | str | None) -> None:
        self._table = table
        self.first: int | None = None

    def wants(self, index: int, about: Element, resource: str) -> bool:
        """Whether the rows of a TABLE are wanted."""
        if self._table is not None:
            return self._table in (index, about.get("ID"), about.get("name"))
        if self.first is None and resource != "meta":
            self.first = index
        return self.first == index


def _index(document: Document, table: int | str | None, first: int | None, where: Path | str) -> int:
    """The place of the table that is meant. Raises QueryFailed where a service says that there is none."""
    tables = document.tables
    outline = [*_resources(document.root), tables[0][-1] if tables else Element("TABLE")]
    for path in [outline, *tables]:
        status = query_status(path)
        if status is not None and status[0] in ("ERROR", "ABORTED"):
            raise QueryFailed(where, " ".join(status[1].split()) or "no reason given")
    if not tables:
        raise FileError(where, "is a VOTable without a table.")
    if table is None:
        typed = (i for i, path in enumerate(tables) if path[-2].get("type") != "meta" or len(tables) == 1)
        return first if first is not None else next(typed, 0)
    for i, path in enumerate(tables):
        if table in (i, path[-1].get("ID"), path[-1].get("name")):
            return i
    names = ", ".join(_name(path[-1], i) for i, path in enumerate(tables))
    raise FileError(where, f"has no table {table!r}; it has {names}.")


def _resources(element: Element) -> Iterator[Element]:
    """The VOTABLE and all RESOURCEs in it, in order."""
    yield element
    for resource in element.all("RESOURCE"):
        yield from _resources(resource)


def _without_rows(table: Element) -> list[Column]:
    return [Column(about, join([], layout_of(about)).values) for about in table.all("FIELD")]


def _unusual(source: Source, table: int | str | None, max_rows: int | None, why: UnusualError) -> Table:
    """The table as astropy reads it, with the meta that we read."""
    from stopdesk.formats.votable.unusual import MAX_UNUSUAL, read_unusual

    try:
        data = source.again(MAX_UNUSUAL)
        outline = Source(data, name=str(source.where), max_bytes=len(data))
        document = Reader(outline, wanted=lambda *_: False).read()
    except UnusualError as error:
        raise FileError(source.where, f"{error}.") from error
    index = _index(document, table, None, source.where)
    found = read_unusual(data, [path[-1] for path in document.tables], index, source.where, str(why))
    found.meta.update(meta_of(document.tables[index]))
    if max_rows is not None and len(found) > max_rows:
        found = found[:max_rows]
        found.meta["truncated"] = True
    return found
