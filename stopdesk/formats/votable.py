"""Tables as VOTable 1.4: a fast writer, and a fast reader for what it writes; anything else is read by astropy.

The columns are numpy arrays that go through structured big-endian arrays to BINARY2 and back, some megabytes at a
time, so that memory never holds much more than the table itself. A cell is null when it is NaN, all over where it is
an array. VOTable 1.4: https://www.ivoa.net/documents/VOTable/20191021/.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

Data = NDArray[Any]
Encoding = Literal["BINARY2", "TABLEDATA"]

#: What a block of rows takes as bytes, about; blocks are a multiple of 3 rows, so that their base64 can be chained.
_BLOCK = 3 << 19

#: VOTable's names of the kinds of number, and the big-endian numpy types of BINARY2.
NUMBERS = {
    "double": ">f8",
    "float": ">f4",
    "long": ">i8",
    "int": ">i4",
    "short": ">i2",
    "unsignedByte": ">u1",
}

_NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"  # 1.4 kept the namespace of 1.3
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # characters that XML 1.0 cannot hold


@dataclass(frozen=True, eq=False)
class TableColumn:
    """A column: numbers, booleans or strings of shape (n_rows,), or numbers and booleans of shape (n_rows, k).

    Arrays of one element are written as plain numbers and read back with shape (n_rows,).
    """

    name: str
    data: Data
    unit: str = ""
    ucd: str = ""
    description: str = ""


@dataclass(frozen=True)
class TableParam:
    """A value that is the same in all rows."""

    name: str
    value: str | float | int | bool
    unit: str = ""
    ucd: str = ""
    description: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length beside parameters."""

    name: str
    columns: tuple[TableColumn, ...]
    params: tuple[TableParam, ...] = ()
    description: str = ""

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0].data) if self.columns else 0

    def column(self, name: str) -> TableColumn:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, eq=False)
class VOTable:
    """The tables of one resource, and what is said of all of them as pairs of name and value."""

    tables: tuple[Table, ...]
    infos: tuple[tuple[str, str], ...] = ()
    description: str = ""

    def table(self, name: str) -> Table:
        """The table of that name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def info(self, name: str) -> str | None:
        """The first value of that name."""
        return next((value for key, value in self.infos if key == name), None)


@dataclass(frozen=True)
class _Field:
    """How a column stands in the file; ``dtype`` is that of a cell in BINARY2."""

    datatype: str
    arraysize: str
    dtype: np.dtype[Any]


def vounit(unit: str) -> str:
    """A unit as people write it (``W m-2 sr-1``) in the syntax of VOUnits 1.0 (``W.m**-2.sr**-1``)."""
    return re.sub(r"([A-Za-z])(-?\d+)", r"\1**\2", unit).replace(" ", ".")


def write(document: VOTable, path: Path, *, encoding: Encoding = "BINARY2") -> None:
    """Write the document to ``path``; the file is there when it is complete, and not before."""
    unfinished = path.with_name(path.name + ".part")
    with unfinished.open("wb") as file:
        _write(document, file, encoding)
    unfinished.replace(path)


def _write(document: VOTable, file: IO[bytes], encoding: Encoding) -> None:
    def put(text: str) -> None:
        file.write((_FORBIDDEN.sub("?", text) + "\n").encode())

    put('<?xml version="1.0" encoding="UTF-8"?>')
    put(f'<VOTABLE version="1.4" xmlns="{_NAMESPACE}">\n<RESOURCE type="results">')
    put(_description(document.description))
    for name, value in document.infos:
        put(f"<INFO{_attributes(name=name, value=value, keep='value')}/>")
    for table in document.tables:
        fields = [_field(column) for column in table.columns]
        put(f'<TABLE{_attributes(name=table.name)} nrows="{table.n_rows}">\n{_description(table.description)}')
        for param in table.params:
            put(_param(param))
        for column, field in zip(table.columns, fields, strict=True):
            about = _attributes(
                name=column.name, datatype=field.datatype, arraysize=field.arraysize, unit=column.unit, ucd=column.ucd
            )
            put(f"<FIELD{about}>{_description(column.description)}</FIELD>")
        if encoding == "BINARY2":
            put('<DATA><BINARY2><STREAM encoding="base64">')
            for block in _blocks(table, fields):
                file.write(binascii.b2a_base64(block))
            put("</STREAM></BINARY2></DATA>\n</TABLE>")
        else:
            put("<DATA><TABLEDATA>")
            for row in _text_rows(table):
                put(row)
            put("</TABLEDATA></DATA>\n</TABLE>")
    put("</RESOURCE>\n</VOTABLE>")


def _description(text: str) -> str:
    return f"<DESCRIPTION>{escape(text)}</DESCRIPTION>" if text else ""


def _attributes(*, keep: str = "", **values: str) -> str:
    """Attributes of an element, empty ones left out apart from ``keep``."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items() if value or name == keep)


def _param(param: TableParam) -> str:
    value = param.value
    if isinstance(value, bool):
        datatype, arraysize, text = "boolean", "", "true" if value else "false"
    elif isinstance(value, str):
        datatype, arraysize, text = "char" if value.isascii() else "unicodeChar", "*", value
    else:
        datatype, arraysize, text = "double" if isinstance(value, float) else "long", "", repr(value)
    about = _attributes(
        name=param.name,
        datatype=datatype,
        arraysize=arraysize,
        unit=param.unit,
        ucd=param.ucd,
        value=text,
        keep="value",
    )
    return f"<PARAM{about}>{_description(param.description)}</PARAM>"


def _field(column: TableColumn) -> _Field:
    """The field of a column; TypeError for data that this writer does not know."""
    data = column.data
    if data.dtype.kind == "U" and data.ndim == 1:
        if data.size and np.ascontiguousarray(data).view(np.uint32).max(initial=0) > 127:
            units = max((len(text.encode("utf-16-be")) // 2 for text in np.unique(data)), default=1)
            return _Field("unicodeChar", str(max(units, 2)), np.dtype((">u2", (max(units, 2),))))
        width = max(int(np.char.str_len(data).max(initial=0)), 2)
        return _Field("char", str(width), np.dtype(f"S{width}"))
    known = {np.dtype(code): name for name, code in NUMBERS.items()}
    native = data.dtype.newbyteorder(">")
    if data.ndim in (1, 2) and (data.dtype.kind == "b" or native in known):
        shape = data.shape[1:] if data.shape[1:] != (1,) else ()  # arraysize="1" is deprecated, erratum 3 to 1.3
        datatype, code = ("boolean", "S1") if data.dtype.kind == "b" else (known[native], native.str)
        return _Field(datatype, str(shape[0]) if shape else "", np.dtype((code, shape)))
    raise TypeError(
        f"column {column.name!r} of {data.dtype} with {data.ndim} dimensions has no place in a VOTable here"
    )


def _blocks(table: Table, fields: Sequence[_Field]) -> Iterator[bytes]:
    """The rows in BINARY2, each with its bytes of null flags in front, some megabytes at a time."""
    n_flags = (len(fields) + 7) // 8
    row = np.dtype([("", "u1", (n_flags,)), *(("", field.dtype) for field in fields)])
    n_block = max(_BLOCK // row.itemsize // 3, 1) * 3
    for start in range(0, table.n_rows, n_block):
        part = slice(start, start + n_block)
        block = np.zeros(len(table.columns[0].data[part]), row)
        nulls = np.zeros((len(block), len(fields)), dtype=bool)
        names = row.names or ()
        for i, (column, field) in enumerate(zip(table.columns, fields, strict=True)):
            cells = column.data[part]
            nulls[:, i] = _is_null(cells)
            if field.datatype == "unicodeChar":
                block[names[i + 1]] = _utf16(cells, int(field.arraysize))
            elif field.datatype == "boolean":
                block[names[i + 1]] = np.where(cells, b"T", b"F").reshape(len(block), *field.dtype.shape)
            else:
                block[names[i + 1]] = cells.reshape(len(block), *field.dtype.shape)
        block[names[0]] = np.packbits(nulls, axis=1)
        yield block.tobytes()


def _is_null(cells: Data) -> NDArray[np.bool_]:
    """Which cells are null: NaN, or arrays of nothing else."""
    if cells.dtype.kind != "f":
        return np.zeros(len(cells), dtype=bool)
    nan = np.isnan(cells)
    return np.asarray(nan if nan.ndim == 1 else nan.all(axis=1))


def _utf16(texts: Data, width: int) -> Data:
    encoded = b"".join(text.encode("utf-16-be").ljust(2 * width, b"\0") for text in texts.tolist())
    return np.frombuffer(encoded, ">u2").reshape(len(texts), width)


def _text_rows(table: Table) -> Iterator[str]:
    """The rows in TABLEDATA; numbers are written so that they read back as the same."""
    for i in range(table.n_rows):
        cells = []
        for column in table.columns:
            parts = np.atleast_1d(column.data[i]).tolist()
            empty = len(parts) == 1 and parts[0] != parts[0]  # a scalar NaN; an array has as many words as elements
            cells.append("" if empty else escape(" ".join(_text(part) for part in parts)))
        yield f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in cells)}</TR>"


def _text(value: str | float | int | bool) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, float):
        return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(repr(value), repr(value))
    return str(value)
