"""All that is said of a table, as a VOTable without rows: how FITS and Parquet files carry it.

TOPCAT's FITS-plus has it in the primary HDU (SUN/252, section "FITS"), VOParquet in the metadata of the file
(IVOA note VOParquet 1.0).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from stopdesk.errors import FileError
from stopdesk.formats.tables.plain import sayable
from stopdesk.formats.votable.from_astropy import columns_of, tree_of
from stopdesk.formats.votable.model import Element
from stopdesk.formats.votable.tables import read_table
from stopdesk.formats.votable.writer import write_tree


def header_of(table: Any) -> bytes:
    """The VOTable that says of a table what there is to say."""
    about = sayable(table)
    fields = tuple(columns_of(_sample(about, name), "binary2")[0].about for name in about.colnames)
    parts: list[bytes] = []
    write_tree(_with_fields(tree_of(about.meta), fields, len(table)), {}, parts.append, "binary2")
    return b"".join(parts)


def _sample(table: Any, name: str) -> Any:
    """A column with none of its rows, or, where only a cell tells the type, with one."""
    from astropy.table import Table

    column, start, n = table[name], 0, 0
    if column.dtype.kind == "O":
        start, n = next((i for i, cell in enumerate(column) if isinstance(cell, str) or np.size(cell)), 0), 1
    return Table([column[start : start + n]])  # not a part of the table, which would copy the column first


def _with_fields(element: Element, fields: tuple[Element, ...], n_rows: int) -> Element:
    if element.name == "TABLE":
        at_data = [child.name for child in element.children].index("DATA")
        children = (*element.children[:at_data], *fields, *element.children[at_data:])
        return replace(element, attributes={**element.attributes, "nrows": str(n_rows)}, children=children)
    is_above = element.name in ("VOTABLE", "RESOURCE")
    return replace(
        element,
        children=tuple(_with_fields(child, fields, n_rows) if is_above else child for child in element.children),
    )


def described_by(header: bytes) -> Any | None:
    """The table without rows that a header says, or None where it says nothing that can be used."""
    try:
        return read_table(header)
    except FileError:
        return None


def describe(table: Any, described: Any) -> None:
    """Say of a table and its columns, in order, what is said of another."""
    table.meta.clear()
    table.meta.update(described.meta)
    for column, other in zip(table.itercols(), described.itercols(), strict=True):
        column.unit, column.description = other.unit, other.description
        column.meta.clear()
        column.meta.update(other.meta)
