"""CSV: names in the first line, values after it, and nothing else (RFC 4180); also with tabs or semicolons."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from stopdesk.errors import FileError
from stopdesk.formats.tables.arrow import texts_of
from stopdesk.formats.tables.compare import is_of_arrays
from stopdesk.formats.tables.losses import Found, Loss
from stopdesk.formats.tables.plain import as_texts, column_of
from stopdesk.formats.votable.model import Element
from stopdesk.formats.votable.texts import joined, written
from stopdesk.formats.votable.to_astropy import unique_names

_ROWS = 50_000
_BLOCK = 1 << 30

#: A whole number does not begin with a needless 0: that is the name of something.
_WHOLE = r"^[+-]?(0|[1-9]\d*)$"
_NUMBER = r"^[+-]?((0|[1-9]\d*)|\d+\.\d*|\.\d+|(\d+\.?\d*|\.\d+)[eE][+-]?\d+|(?i:nan|inf|infinity))$"
_TRUTH = r"^(?i:true|false)$"


def write_csv(table: Any, file: BinaryIO) -> None:
    """Write a table; arrays are texts in JSON, what is missing is an empty cell."""
    file.write(",".join(map(_quoted_name, table.colnames)).encode() + b"\n")
    for start in range(0, len(table), _ROWS):
        columns = [_cells(table[name][start : start + _ROWS]) for name in table.colnames]
        if len(columns) == 1:  # a line without anything is no row
            columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
        file.write(written(joined(columns, ",", "", "\n")))


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if set(name) & set(',"\r\n\t;') else name


def _cells(column: Any) -> Any:
    """The cells as they stand in the file."""
    kind = column.dtype.kind
    if kind in "UOc" or is_of_arrays(column):
        texts, missing = as_texts(column)
        cells = pa.array(np.where(missing, "", np.array(texts, dtype=object)), pa.string())
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(cells, '"', '""'), '"', "")
        return pc.if_else(pc.match_substring_regex(cells, r'[,"\r\n]'), quoted, cells)
    values = np.ma.getdata(column)
    cells = pc.cast(pa.array(values.astype(values.dtype.newbyteorder("="))), pa.string())
    if kind == "f":  # a number that is not of a whole type looks like one
        whole = pa.array(np.isfinite(values) & (np.trunc(values) == values))
        plain = pc.and_(whole, pc.invert(pc.match_substring(cells, "e")))
        cells = pc.if_else(plain, pc.binary_join_element_wise(cells, ".0", ""), cells)
    mask = np.ma.getmaskarray(np.ma.asarray(column))
    return pc.if_else(pa.array(mask), "", cells) if mask.any() else cells


def read_csv(data: bytes, where: Path | str) -> Found:
    """The table in a file of which every line has as many cells as the first; types are those of the texts.

    A column is of whole numbers, of numbers or of truth values where all its cells are, empty ones apart. Where the
    first line has tabs, or semicolons and no comma, these are what stands between cells.
    """
    if b"\0" in data:
        raise FileError(where, "is no CSV: there are bytes in it that are no text.")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "latin-1"
    first = data[: 1 << 20].decode(encoding, "ignore")
    between = _between(first)
    names = _header(first, between, where)
    columns = unique_names([Element("FIELD", {"name": name}) for name in names])
    texts = _texts(data, columns, between, encoding, where)
    if data.count(b'"') % 2:
        _refuse_open_quote(data.decode(encoding), between, where)
    losses = tuple(
        Loss("name", name or "one without a name", f"is {column}")
        for name, column in zip(names, columns, strict=True)
        if name != column
    )
    from astropy.table import Table

    typed = [_typed(name, texts.column(i).combine_chunks()) for i, name in enumerate(columns)]
    return Found(Table(typed, copy=False), losses)


def _between(text: str) -> str:
    """What stands between the cells of the first line."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    bare = re.sub('"[^"]*"', "", line)
    return "\t" if "\t" in bare else ";" if ";" in bare and "," not in bare else ","


def _refuse_open_quote(text: str, between: str, where: Path | str) -> None:
    """Refuse a file with a quotation mark that is never closed: all rows behind it would be one cell."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    line = 1
    try:
        for _ in rows:
            line = rows.line_num + 1
    except csv.Error as error:
        if "unexpected end" in str(error) or "field limit" in str(error):
            raise FileError(where, "opens a quotation mark that is never closed.", line=line) from error


def _header(text: str, between: str, where: Path | str) -> list[str]:
    try:
        names = next(csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True), [])
    except csv.Error as error:
        raise FileError(where, f"is no CSV: {error}.", line=1) from error
    if not any(name.strip() for name in names):
        raise FileError(where, "is no CSV: there are no names of columns.", line=1)
    return [name.strip() for name in names]


def _texts(data: bytes, names: list[str], between: str, encoding: str, where: Path | str) -> Any:
    wrong: list[Any] = []

    def note(row: Any) -> str:
        wrong.append(row)
        return "error"

    try:
        return pyarrow.csv.read_csv(
            pa.py_buffer(data),
            read_options=pyarrow.csv.ReadOptions(
                use_threads=False,
                block_size=min(len(data) + 1, _BLOCK),
                column_names=names,
                skip_rows_after_names=1,
                encoding=encoding,
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=between, newlines_in_values=b'"' in data, invalid_row_handler=note
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        if wrong:
            row, n_cells = wrong[0].number, wrong[0].actual_columns
            raise FileError(where, f"row {row} has {n_cells} cells where there are {len(names)} columns.") from error
        raise FileError(where, f"is no CSV: {' '.join(str(error).split())[:200]}") from error


def _typed(name: str, texts: Any) -> Any:
    """A column of the narrowest type that all cells have."""
    empty = pc.equal(texts, "")
    there = texts.filter(pc.invert(empty))
    kind = next(
        (kind for kind, form in _FORMS if len(there) and pc.all(pc.match_substring_regex(there, form)).as_py()), None
    )
    if kind is not None:
        try:
            filled = pc.if_else(empty, pa.scalar("false" if kind == pa.bool_() else "0", texts.type), texts)
            values = pc.cast(pc.utf8_ltrim(filled, "+"), kind)
        except pa.ArrowInvalid:  # more digits than a number of that type has
            kind = None
    if kind is None:
        return column_of(name, texts_of(texts))
    return column_of(name, values.to_numpy(zero_copy_only=False), empty.to_numpy(zero_copy_only=False))


_FORMS = ((pa.int64(), _WHOLE), (pa.float64(), _NUMBER), (pa.bool_(), _TRUTH))
