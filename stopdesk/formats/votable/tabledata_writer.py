"""Columns as rows in TABLEDATA: numbers become text by Arrow, the shortest that reads back as the same number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stopdesk.errors import InputError
from stopdesk.formats.votable.binary_writer import with_nulls
from stopdesk.formats.votable.layouts import Outgoing
from stopdesk.formats.votable.lengths_writer import flat_of, texts_of
from stopdesk.formats.votable.model import Data, Mask
from stopdesk.formats.votable.texts import Texts, joined, of_numbers, of_text, written

_BLOCK = 1 << 20

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}

#: Characters that XML 1.0 cannot hold, in UTF-8.
_FIRST_FORBIDDEN = 0xED  # of those above the space
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf]")


def blocks(columns: Sequence[Outgoing], n_rows: int) -> Iterator[memoryview]:
    """The rows as text in UTF-8. Raises InputError for characters that XML cannot hold."""
    step = max(_BLOCK // sum(column.row_size for column in columns), 1)
    for start in range(0, n_rows, step):
        cells = [_cells(column.part(slice(start, start + step))) for column in columns]
        yield written(joined(cells, "</TD><TD>", "<TR><TD>", "</TD></TR>\n"))


def _cells(column: Outgoing) -> Any:
    """The cells of a column as text to Arrow; a scalar that is null is an empty cell, which an array must not be."""
    layout, values, mask = column.layout, column.values, column.mask
    if layout.is_text:
        return _texts(column)
    if layout.variable:
        flat, sizes = flat_of(column)
        part_mask = np.ma.getmaskarray(flat)
        return _rows_of_words(_words(np.ma.getdata(flat), part_mask if part_mask.any() else None, column.null), sizes)
    size = layout.size
    if size == 1 and values.dtype.kind != "c":
        return _words(values.reshape(-1), None if mask is None else mask.reshape(-1), column.null, is_scalar=True)
    flat_mask = None if mask is None else mask.reshape(-1)
    sizes = np.full(len(values), size, dtype=np.int64)
    return _rows_of_words(_words(values.reshape(-1), flat_mask, column.null), sizes)


def _rows_of_words(words: Any, sizes: Data) -> Any:
    """Cells of several words each; a complex number is two."""
    factor = len(words) // max(int(sizes.sum()), 1)
    ends = np.concatenate([[0], np.cumsum(sizes * max(factor, 1))])
    return pc.binary_join(pa.LargeListArray.from_arrays(of_numbers(ends), words), " ")


def _words(values: Data, mask: Mask | None, null: int | None, *, is_scalar: bool = False) -> Any:
    """One word a number or truth value; what is masked is null to Arrow as a scalar, else the word for it."""
    gone = mask if is_scalar else None
    if values.dtype.kind == "b":
        letters = pc.if_else(of_numbers(values, gone), of_text("T"), of_text("F"))
        return letters if mask is None or is_scalar else pc.if_else(of_numbers(mask), of_text("?"), letters)
    if not is_scalar or null is not None:
        values = with_nulls(values, mask, null)
        gone = None if null is not None else gone
    if values.dtype.kind == "c":
        values = np.ascontiguousarray(values).view(values.real.dtype)
    values = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("=")))
    words = pc.cast(of_numbers(values, gone), pa.string())
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        for found, word in ((np.isnan(values), "NaN"), (np.isposinf(values), "+Inf"), (np.isneginf(values), "-Inf")):
            if gone is not None:
                found &= ~gone
            if found.any():
                words = pc.if_else(of_numbers(found), of_text(word), words)
    return words


def _texts(column: Outgoing) -> Any:
    layout, values, mask = column.layout, column.values, column.mask
    if layout.variable or layout.shape:
        cells = [_padded(cell, layout.width or 1) for cell in values]
        texts = texts_of(np.array(cells, dtype=object), mask if layout.variable else None)
    else:
        texts = texts_of(values, mask)
    data = bytes(Texts(texts).data)
    codes = np.frombuffer(data, np.uint8)
    is_harmless = not len(codes) or (codes.min() >= ord(" ") and codes.max() < _FIRST_FORBIDDEN)
    if not is_harmless and (found := _FORBIDDEN.search(data)):
        raise InputError(
            f"Column {column.about.get('name')} holds a character {found[0]!r} that XML cannot keep as text; "
            "write the table as BINARY2."
        )
    for character, escape in _ESCAPES.items():
        if character.encode() in data:
            texts = pc.replace_substring(texts, character, escape)
    return texts


def _padded(texts: Data, width: int) -> str:
    """An array of texts of one width as it stands in a cell."""
    return "".join(str(text).ljust(width) for text in np.ravel(texts))
