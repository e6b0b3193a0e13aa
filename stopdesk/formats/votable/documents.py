"""Results as VOTables: several tables in one document, as plain values that workers make and read without astropy.

A cell is null when it is NaN, all over where it is an array.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stopdesk.errors import FileError
from stopdesk.formats.votable.layouts import Outgoing, Serialization, outgoing
from stopdesk.formats.votable.model import NUMBERS, Column, Data, Document, Element, UnusualError
from stopdesk.formats.votable.reader import Reader
from stopdesk.formats.votable.source import MAX_BYTES, Source
from stopdesk.formats.votable.writer import write_tree, writing


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

    def typed(self) -> dict[str, str]:
        """The value as attributes of a PARAM, with its type."""
        value = self.value
        if isinstance(value, bool):
            return {"datatype": "boolean", "value": "true" if value else "false"}
        if isinstance(value, str):
            return {"datatype": "char" if value.isascii() else "unicodeChar", "arraysize": "*", "value": value}
        return {"datatype": "double" if isinstance(value, float) else "long", "value": repr(value)}


@dataclass(frozen=True, eq=False)
class ResultTable:
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
class ResultDocument:
    """The tables of one resource, and what is said of all of them as pairs of name and value."""

    tables: tuple[ResultTable, ...]
    infos: tuple[tuple[str, str], ...] = ()
    description: str = ""

    def table(self, name: str) -> ResultTable:
        """The table of that name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)

    def info(self, name: str) -> str | None:
        """The first value of that name."""
        return next((value for key, value in self.infos if key == name), None)


def vounit(unit: str) -> str:
    """A unit as people write it (``W m-2 sr-1``) in the syntax of VOUnits 1.0 (``W.m**-2.sr**-1``)."""
    return re.sub(r"([A-Za-z])(-?\d+)", r"\1**\2", unit).replace(" ", ".")


def write_document(document: ResultDocument, path: Path, serialization: Serialization = "binary2") -> None:
    """Write the document to ``path``; the file is there when it is complete, and not before. Raises OSError."""
    columns = {
        i: [_outgoing(column, serialization) for column in table.columns] for i, table in enumerate(document.tables)
    }
    infos = [Element("INFO", {"name": name, "value": value}) for name, value in document.infos]
    tables = [_table_element(table) for table in document.tables]
    resource = Element("RESOURCE", {"type": "results"}, children=(*_said(document.description), *infos, *tables))
    with writing(path) as put:
        write_tree(Element("VOTABLE", children=(resource,)), columns, put, serialization)


def _said(description: str) -> tuple[Element, ...]:
    return (Element("DESCRIPTION", text=description),) if description else ()


def _outgoing(column: TableColumn, serialization: Serialization) -> Outgoing:
    about = Element(
        "FIELD", {"name": column.name, "unit": column.unit, "ucd": column.ucd}, children=_said(column.description)
    )
    mask = np.isnan(column.data) if column.data.dtype.kind == "f" else None
    return outgoing(Column(about, column.data, mask), serialization)


def _table_element(table: ResultTable) -> Element:
    params = (_param_element(param) for param in table.params)
    return Element("TABLE", {"name": table.name}, children=(*_said(table.description), *params))


def _param_element(param: TableParam) -> Element:
    about = {"name": param.name, **param.typed(), "unit": param.unit, "ucd": param.ucd}
    return Element("PARAM", about, children=_said(param.description))


def read_document(source: bytes | Path) -> ResultDocument:
    """The tables of a VOTable and the INFOs of its resources; FileError where it cannot be read.

    Floating-point cells that are null are NaN; in columns of other kinds none may be null.
    """
    opened = Source(source, name="the table", max_bytes=MAX_BYTES)
    try:
        found = Reader(opened, wanted=lambda *_: True).read()
    except UnusualError as unusual:
        raise FileError(opened.where, f"{unusual}; no program of ours wrote it.") from unusual
    tables = tuple(_table(path[-1], found.columns.get(i, ()), opened.where) for i, path in enumerate(found.tables))
    above = list(_above(found))
    infos = [info for element in above for info in element.all("INFO")]
    description = next((element.description for element in above if element.description), "")
    return ResultDocument(tables, tuple((info.get("name"), info.get("value")) for info in infos), description)


def _above(document: Document) -> Sequence[Element]:
    """The VOTABLE and its RESOURCEs."""
    return [document.root, *document.root.all("RESOURCE")]


def _table(table: Element, columns: Sequence[Column], where: Path | str) -> ResultTable:
    return ResultTable(
        table.get("name"),
        tuple(_column(column, where) for column in columns),
        tuple(_param(param, where) for param in table.all("PARAM")),
        table.description,
    )


def _column(column: Column, where: Path | str) -> TableColumn:
    about, data = column.about, column.values
    if column.mask is not None and column.mask.any():
        if data.dtype.kind not in "fU":
            raise FileError(where, f"has no value in some rows of {about.get('name')}, where there must be one.")
        data[column.mask] = np.nan if data.dtype.kind == "f" else ""
    return TableColumn(about.get("name"), data, about.get("unit"), about.get("ucd"), about.description)


def _param(about: Element, where: Path | str) -> TableParam:
    text, datatype = about.get("value"), about.get("datatype")
    value: str | float | int | bool = text
    try:
        if datatype == "boolean":
            value = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}[text.strip().lower()]
        elif datatype in ("double", "float") and not about.get("arraysize"):
            value = float(text)
        elif datatype in NUMBERS and not about.get("arraysize"):
            value = int(text)
    except (ValueError, KeyError) as error:
        raise FileError(where, f"has a parameter {about.get('name')} that cannot be read: {text[:40]!r}.") from error
    return TableParam(about.get("name"), value, about.get("unit"), about.get("ucd"), about.description)
