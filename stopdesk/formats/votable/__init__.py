"""VOTables of every version and serialisation, read and written at the speed of memory.

`read_table` and `write_table` work on astropy Tables; `read_document` and `write_document` on the plain values in which
models give their results. All go through the same codec. Neither astropy nor Arrow is imported with this package:
astropy comes with the first astropy Table, Arrow with the first text or cell of variable length.
"""

from __future__ import annotations

from stopdesk.formats.votable.documents import (
    ResultDocument,
    ResultTable,
    TableColumn,
    TableParam,
    read_document,
    vounit,
    write_document,
)
from stopdesk.formats.votable.layouts import Serialization
from stopdesk.formats.votable.model import Data
from stopdesk.formats.votable.source import MAX_BYTES
from stopdesk.formats.votable.tables import read_table, tables_in, write_table

__all__ = [
    "MAX_BYTES",
    "Data",
    "ResultDocument",
    "ResultTable",
    "Serialization",
    "TableColumn",
    "TableParam",
    "read_document",
    "read_table",
    "tables_in",
    "vounit",
    "write_document",
    "write_table",
]
