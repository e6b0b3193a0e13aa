"""Reads VOTables: those that ``votable`` writes fast and in little memory, all others through astropy."""

from __future__ import annotations

import binascii
import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy as np

from stopdesk.errors import FileError
from stopdesk.formats.votable import NUMBERS, Data, Table, TableColumn, TableParam, VOTable

_CHUNK = 1 << 20

#: Cells with more elements than this are left to astropy.
_LARGEST = 10_000_000

#: Elements that this reader knows; a file with any other is read by astropy.
_KNOWN = {
    *("VOTABLE", "RESOURCE", "DESCRIPTION", "INFO", "TABLE", "PARAM", "FIELD"),
    *("DATA", "BINARY2", "STREAM", "TABLEDATA", "TR", "TD"),
}

_TRUE, _FALSE = ("T", "t", "1", "true", "True", "TRUE"), ("F", "f", "0", "false", "False", "FALSE")


class _UnusualError(Exception):
    """The file is more than this reader knows."""


@dataclass
class _Open:
    """A table of which the rows are still to come: the attributes of its elements, and its data as they arrive."""

    name: str
    description: str = ""
    params: list[dict[str, str]] = field(default_factory=list)
    fields: list[dict[str, str]] = field(default_factory=list)
    binary: bytearray | None = None
    cells: list[str] = field(default_factory=list)


def read(source: bytes | Path) -> VOTable:
    """The tables of a VOTable and the INFOs of its resources; FileError where it cannot be read.

    Floating-point cells that are null are NaN. Booleans and numbers are arrays in the machine's byte order.
    """
    where = source if isinstance(source, Path) else Path("the table")
    try:
        return _Reader(where).read(_chunks(source))
    except _UnusualError:
        return _read_with_astropy(source, where)
    except expat.ExpatError as error:
        raise FileError(where, f"is not a well-formed VOTable: {error}.", line=error.lineno) from error
    except (LookupError, ValueError) as error:  # an encoding of which Python knows nothing
        raise FileError(where, f"is not a VOTable that can be read: {error}.") from error
    except OSError as error:
        raise FileError(where, f"cannot be read ({error.strerror or error}).") from error


def _chunks(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield from (source[start : start + _CHUNK] for start in range(0, len(source), _CHUNK))
        return
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


class _Reader:
    """Follows the elements of one file."""

    def __init__(self, where: Path) -> None:
        self._where = where
        self._tables: list[Table] = []
        self._infos: list[tuple[str, str]] = []
        self._description = ""
        self._table: _Open | None = None
        self._about: dict[str, str] | None = None  # the FIELD or PARAM whose DESCRIPTION may come
        self._text: list[str] = []
        self._left = ""  # base64 not decoded yet, less than four characters
        self._path: list[str] = []

    def read(self, chunks: Iterator[bytes]) -> VOTable:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.buffer_size = _CHUNK
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
        return VOTable(tuple(self._tables), tuple(self._infos), self._description)

    def _refuse_doctype(self, *_: object) -> None:
        raise FileError(self._where, "has a document type declaration, which a VOTable does not have.")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(" ")[2]
        if not self._path and name != "VOTABLE":
            raise FileError(self._where, f"is not a VOTable: its outermost element is {name}.")
        if name not in _KNOWN or "ref" in attributes or "href" in attributes:
            raise _UnusualError
        self._path.append(name)
        self._text = []
        if name == "TABLE":
            self._table = _Open(attributes.get("name", ""))
        elif name == "INFO":
            self._infos.append((attributes.get("name", ""), attributes.get("value", "")))
        elif name in ("FIELD", "PARAM"):
            if self._table is None:
                raise _UnusualError
            self._about = dict(attributes)
            (self._table.fields if name == "FIELD" else self._table.params).append(self._about)
        elif name == "STREAM":
            if attributes.get("encoding") != "base64" or self._table is None:
                raise _UnusualError
            self._table.binary = bytearray()
            self._left = ""

    def _characters(self, text: str) -> None:
        if self._path[-1] == "STREAM" and self._table is not None and self._table.binary is not None:
            text = self._left + text.replace("\n", "").replace("\r", "").replace(" ", "")
            whole = len(text) // 4 * 4
            self._left = text[whole:]
            self._table.binary += self._decoded(text[:whole])
        elif self._path[-1] in ("TD", "DESCRIPTION"):
            self._text.append(text)

    def _decoded(self, text: str) -> bytes:
        try:
            return binascii.a2b_base64(text)
        except (binascii.Error, ValueError) as error:
            raise FileError(self._where, f"has rows that are not base64: {error}.") from error

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if name == "DESCRIPTION":
            self._describe("".join(self._text).strip())
        elif name in ("FIELD", "PARAM"):
            self._about = None
        elif name == "TD" and self._table is not None:
            self._table.cells.append("".join(self._text))
        elif name == "STREAM" and self._left:
            raise FileError(self._where, "ends in the middle of its rows; it was not written to its end.")
        elif name == "TABLE" and self._table is not None:
            self._tables.append(self._closed(self._table))
            self._table = None

    def _describe(self, text: str) -> None:
        if self._about is not None:
            self._about["description"] = text
        elif self._table is not None:
            self._table.description = text
        elif not self._description:
            self._description = text

    def _closed(self, table: _Open) -> Table:
        dtypes = [_dtype(about) for about in table.fields]
        if table.binary is not None:
            columns = _binary_columns(table.binary, table.fields, dtypes, self._where)
        else:
            columns = _text_columns(table.cells, table.fields, dtypes, self._where)
        params = tuple(_param(about, self._where) for about in table.params)
        described = tuple(_column(about, data) for about, data in zip(table.fields, columns, strict=True))
        return Table(table.name, described, params, table.description)


def _column(about: dict[str, str], data: Data) -> TableColumn:
    names = ("unit", "ucd", "description")
    return TableColumn(about.get("name", ""), data, *(about.get(name, "") for name in names))


def _param(about: dict[str, str], where: Path) -> TableParam:
    text, datatype = about.get("value", ""), about.get("datatype", "")
    value: str | float | int | bool
    try:
        if datatype in ("char", "unicodeChar"):
            value = text
        elif about.get("arraysize"):
            raise _UnusualError
        elif datatype == "boolean":
            value = _boolean(text)
        elif datatype in ("double", "float"):
            value = float(text)
        elif datatype in NUMBERS:
            value = int(text)
        else:
            raise _UnusualError
    except ValueError as error:
        raise FileError(where, f"has a parameter {about.get('name')} that cannot be read: {error}.") from error
    names = ("unit", "ucd", "description")
    return TableParam(about.get("name", ""), value, *(about.get(name, "") for name in names))


def _boolean(text: str) -> bool:
    if text.strip() in _TRUE or text.strip() in _FALSE:
        return text.strip() in _TRUE
    raise _UnusualError  # a null: bool arrays have none


def _dtype(about: dict[str, str]) -> np.dtype[Any]:
    """The type of a cell in BINARY2; strings and arrays have a fixed length, or the file is unusual."""
    datatype, size = about.get("datatype", ""), about.get("arraysize", "")
    if size and not (size.isascii() and size.isdigit() and 0 < int(size) <= _LARGEST):
        raise _UnusualError
    if datatype == "char":
        return np.dtype(f"S{size or 1}")
    if datatype == "unicodeChar":
        return np.dtype((">u2", (int(size or 1),)))
    if datatype == "boolean":
        return np.dtype(("S1", (int(size),) if size else ()))
    if datatype not in NUMBERS:
        raise _UnusualError
    return np.dtype((NUMBERS[datatype], (int(size),) if size else ()))


def _binary_columns(
    binary: bytearray, fields: list[dict[str, str]], dtypes: list[np.dtype[Any]], where: Path
) -> list[Data]:
    n_flags = (len(dtypes) + 7) // 8
    row = np.dtype([("", "u1", (n_flags,)), *(("", dtype) for dtype in dtypes)])
    if len(binary) % row.itemsize:
        raise FileError(where, "ends in the middle of a row; it was not written to its end.")
    rows = np.frombuffer(binary, row)
    names = row.names or ()
    nulls = np.unpackbits(rows[names[0]], axis=1, count=len(dtypes)).astype(bool)
    columns = []
    for i, about in enumerate(fields):
        data = _native(rows[names[i + 1]], about["datatype"])
        if nulls[:, i].any():
            if data.dtype.kind not in "fU":
                raise _UnusualError
            data[nulls[:, i]] = np.nan if data.dtype.kind == "f" else ""
        columns.append(data)
    return columns


def _native(cells: Data, datatype: str) -> Data:
    """Cells of BINARY2 as a new array in the machine's byte order, text as str."""
    if datatype == "char":
        return np.char.decode(cells, "utf-8", "replace")
    if datatype == "unicodeChar":
        raw = np.ascontiguousarray(cells)
        width = 2 * raw.shape[1]
        whole = raw.tobytes()
        texts = (whole[start : start + width].decode("utf-16-be", "replace") for start in range(0, len(whole), width))
        return np.array([text.partition("\0")[0] for text in texts], dtype=str)
    if datatype == "boolean":
        true, false = (np.isin(cells, [text.encode() for text in texts]) for texts in (_TRUE, _FALSE))
        if not (true | false).all():
            raise _UnusualError
        return true
    return cells.astype(cells.dtype.newbyteorder("="))


def _text_columns(
    cells: list[str], fields: list[dict[str, str]], dtypes: list[np.dtype[Any]], where: Path
) -> list[Data]:
    if not fields or len(cells) % len(fields):
        raise FileError(where, "has rows with more or fewer cells than the table has columns.")
    columns = []
    for i, (about, dtype) in enumerate(zip(fields, dtypes, strict=True)):
        texts = cells[i :: len(fields)]
        if about["datatype"] in ("char", "unicodeChar"):
            columns.append(np.array(texts, dtype=str))
            continue
        try:
            columns.append(_parsed(texts, about["datatype"], dtype))
        except ValueError as error:
            raise FileError(where, f"has a value of {about.get('name')} that cannot be read: {error}.") from error
    return columns


def _parsed(texts: list[str], datatype: str, dtype: np.dtype[Any]) -> Data:
    """Numbers and booleans from their text in TABLEDATA; ValueError where they are none."""
    size = int(np.prod(dtype.shape))
    base = np.dtype(bool) if datatype == "boolean" else dtype.base.newbyteorder("=")
    data = np.empty((len(texts), size), base)
    for i, text in enumerate(texts):
        words = text.split()
        if not words and base.kind == "f":
            data[i] = np.nan
        elif not words:
            raise _UnusualError  # a null, which only floating-point arrays can hold
        elif len(words) != size:
            raise ValueError(f"{len(words)} numbers instead of {size}")
        else:
            data[i] = [_boolean(word) for word in words] if base.kind == "b" else np.array(words).astype(base)
    return data if dtype.shape else data[:, 0]


def _read_with_astropy(source: bytes | Path, where: Path) -> VOTable:
    """Any VOTable; those whose rows lie elsewhere are refused, as opening a file must not fetch another."""
    from astropy.io import votable  # late: slow to import and rarely needed

    data = source if isinstance(source, bytes) else source.read_bytes()
    if re.search(rb"<(\w+:)?STREAM\b[^>]*\bhref\b", data):
        raise FileError(where, "keeps its rows in another file; open that one, or save the table with its rows.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # files with small faults are the rule
            parsed = votable.parse(io.BytesIO(data), verify="ignore")
            tables = tuple(_from_astropy(table) for table in parsed.iter_tables())
    except (votable.exceptions.VOWarning, ValueError, LookupError, TypeError, AttributeError, OSError) as error:
        raise FileError(where, f"is not a VOTable that can be read: {error}") from error
    infos = tuple((info.name, info.value) for resource in parsed.resources for info in resource.infos)
    return VOTable(tables, infos, parsed.description or "")


def _from_astropy(table: Any) -> Table:
    fields = {name: field for field in table.fields for name in (field.ID, field.name)}
    columns = []
    rows = table.to_table(use_names_over_ids=True)
    for name in rows.colnames:
        about, cells = fields[name], rows[name]
        data = np.asarray(cells.filled(np.nan) if hasattr(cells, "filled") and cells.dtype.kind == "f" else cells)
        column = TableColumn(name, data, str(about.unit or ""), about.ucd or "", about.description or "")
        columns.append(column if data.dtype != object else replace(column, data=_simplified(data)))
    params = tuple(
        TableParam(param.name, _plain(param.value), str(param.unit or ""), param.ucd or "", param.description or "")
        for param in table.params
    )
    return Table(table.name or table.ID or "", tuple(columns), params, table.description or "")


def _simplified(data: Data) -> Data:
    """Strings as an array of str; arrays of various lengths stay as they are."""
    return data.astype(str) if all(isinstance(cell, str) for cell in data) else data


def _plain(value: Any) -> str | float | int | bool:
    """A parameter's value as Python's own; arrays as text."""
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, (str, float, int, bool)) else str(value)
