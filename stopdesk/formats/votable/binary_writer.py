"""Columns as rows in BINARY and BINARY2, some megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from stopdesk.formats.votable.layouts import Outgoing
from stopdesk.formats.votable.model import NUMBERS, Data, Mask

#: What a block of rows takes as bytes, about.
_BLOCK = 3 << 19

_LETTERS = np.frombuffer(b"FT?", dtype="S1")


def blocks(columns: Sequence[Outgoing], n_rows: int, *, flags: bool) -> Iterator[bytes]:
    """The rows in BINARY2, each with its null ``flags`` in front, or in BINARY."""
    size = sum(column.row_size for column in columns) + (len(columns) + 7) // 8
    step = max(_BLOCK // size, 1)
    for start in range(0, n_rows, step):
        part = [column.part(slice(start, start + step)) for column in columns]
        if any(column.layout.has_own_length for column in columns):
            from stopdesk.formats.votable.lengths_writer import rows_of  # late: needs Arrow

            yield rows_of(part, flags=flags)
        else:
            yield _rows_of(part, flags=flags)


def _rows_of(columns: Sequence[Outgoing], *, flags: bool) -> bytes:
    n_rows = len(columns[0].values)
    front = [("", "u1", ((len(columns) + 7) // 8,))] if flags else []
    rows = np.zeros(n_rows, np.dtype([*front, *(("", column.layout.dtype) for column in columns)]))
    names = rows.dtype.names or ()
    if flags:
        rows[names[0]] = null_flags(columns, n_rows)
    for name, column in zip(names[1:] if flags else names, columns, strict=True):
        rows[name] = packed(column)
    return rows.tobytes()


def null_flags(columns: Sequence[Outgoing], n_rows: int) -> Data:
    """The bytes in front of each row: a bit for every cell that is null all over."""
    nulls = np.zeros((n_rows, len(columns)), dtype=bool)
    for i, column in enumerate(columns):
        if column.mask is not None:
            nulls[:, i] = column.mask.reshape(n_rows, -1).all(axis=1)
    return np.packbits(nulls, axis=1)


def packed(column: Outgoing) -> Data:
    """Cells of fixed length, big-endian, of the shape that the layout's dtype asks for."""
    layout, values, mask = column.layout, column.values, column.mask
    shape = (len(values), *layout.shape)
    if layout.datatype == "boolean":
        return letters_of(values, mask).reshape(shape)
    if not layout.is_text:
        return with_nulls(values, mask, column.null).reshape(shape)
    if mask is not None and mask.any():
        values = np.where(mask, "", values).astype(values.dtype)
    if layout.datatype == "char":
        return ascii_of(values)
    width = layout.width or 1
    codes = np.ascontiguousarray(values).view(np.uint32).reshape(*shape, -1)
    if codes.size and codes.max() >= 0xD800:
        texts = (text.encode("utf-16-be", "surrogatepass").ljust(2 * width, b"\0") for text in values.ravel().tolist())
        return np.frombuffer(b"".join(texts), ">u2").reshape(*shape, width)
    padded = np.zeros((*shape, width), dtype=">u2")
    padded[..., : codes.shape[-1]] = codes
    return padded


def ascii_of(texts: Data) -> Data:
    """str that is all ASCII as bytes."""
    codes = np.ascontiguousarray(texts).view(np.uint32).astype(np.uint8)
    width = max(texts.dtype.itemsize // 4, 1)
    return codes.view(f"S{width}").reshape(texts.shape)


def letters_of(values: Data, mask: Mask | None) -> Data:
    """Truth values as the letters that BINARY has for them."""
    codes = values.astype(np.intp)
    if mask is not None:
        codes[mask] = 2
    return _LETTERS[codes]


def with_nulls(values: Data, mask: Mask | None, null: int | None) -> Data:
    """Numbers with what is masked as NaN, as the number for null, or as 0."""
    if mask is None or not mask.any():
        return values
    values = values.copy()
    values[mask] = np.nan if values.dtype.kind in "fc" else 0 if null is None else null
    return values


def big_endian(values: Data, datatype: str) -> Data:
    """Numbers as they stand in BINARY."""
    return values.astype(NUMBERS[datatype])
