"""ECSV: CSV with a YAML header that says what astropy knows of a table (APE 6)."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from stopdesk.errors import FileError
from stopdesk.formats.tables.compare import is_of_arrays, type_of
from stopdesk.formats.tables.losses import Found
from stopdesk.formats.tables.plain import as_texts, column_of, plain

_START = b"# %ECSV"


def write_ecsv(table: Any, file: BinaryIO) -> None:
    """Write a table; text of various lengths as text, arrays as astropy's extension to ECSV has them."""
    made = table.copy(copy_data=False)
    for name in table.colnames:
        column = table[name]
        if _is_only_text(column):
            texts, missing = as_texts(column)
            made.replace_column(name, column_of(name, np.array(texts, dtype=str), missing, **_said(column)))
    text = io.TextIOWrapper(file, encoding="utf-8", newline="\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # complex numbers are not in the standard; every reader of it has them
            made.write(text, format="ascii.ecsv")
    finally:
        text.flush()
        text.detach()


def _is_only_text(column: Any) -> bool:
    """Whether the cells have no form of their own in ECSV: text as objects, arrays of complex numbers or in no row."""
    kind = type_of(column)
    if not len(column):
        return is_of_arrays(column)
    return (column.dtype.kind == "O" and kind == "text") or (is_of_arrays(column) and "complex" in kind)


def _said(column: Any) -> dict[str, Any]:
    return {"unit": column.unit, "description": column.description, "meta": dict(column.meta)}


def read_ecsv(data: bytes, where: Path | str) -> Found:
    """The table in an ECSV file; its times and coordinates as plain columns."""
    import yaml
    from astropy.table import Table

    if not data.startswith(_START):
        raise FileError(where, "is no ECSV: its first line is not '# %ECSV 1.0'.", line=1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = Table.read(data.decode(), format="ascii.ecsv")
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, yaml.YAMLError) as error:
        words = " ".join(str(error).split())[:300]
        raise FileError(where, f"is no ECSV that can be read: {words}") from error
    return plain(found)
