"""Columns of which some cells come with their length: as text to Arrow, and as rows in BINARY and BINARY2.

A row is put together from segments: runs of fixed cells with the length of the next variable cell, and variable cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stopdesk.formats.votable.binary_writer import ascii_of, big_endian, letters_of, null_flags, packed, with_nulls
from stopdesk.formats.votable.layouts import Outgoing, joined_masked
from stopdesk.formats.votable.model import Data, Mask
from stopdesk.formats.votable.texts import Texts, joined, of_numbers, of_offsets, of_text, written


def rows_of(columns: Sequence[Outgoing], *, flags: bool) -> bytes:
    """The rows that these columns make."""
    n_rows = len(columns[0].values)
    segments: list[Any] = []
    run: list[tuple[str, Any, Data]] = []
    if flags:
        front = null_flags(columns, n_rows)
        run.append(("flags", ("u1", front.shape[1:]), front))
    for i, column in enumerate(columns):
        if column.layout.has_own_length:
            cells = _cells(column)
            bits = column.layout.unit_bits
            lengths = np.diff(Texts(cells).ends) * 8 // bits
            segments += [_segment([*run, ("length", ">u4", lengths)]), cells]
            run = []
        else:
            run.append((f"c{i}", column.layout.dtype, packed(column)))
    if run:
        segments.append(_segment(run))
    return bytes(written(joined(segments, "", "", "")))


def _segment(run: Sequence[tuple[str, Any, Data]]) -> Any:
    """Cells of fixed length beside each other, a piece of each row."""
    rows = np.zeros(len(run[0][2]), np.dtype([(name, kind) for name, kind, _ in run]))
    for name, _, cells in run:
        rows[name] = cells
    return of_offsets(rows.tobytes(), np.arange(len(rows) + 1) * rows.dtype.itemsize)


def _cells(column: Outgoing) -> Any:
    """Cells of variable length as their bytes."""
    layout, values, mask = column.layout, column.values, column.mask
    if layout.is_text and not layout.variable:
        if layout.datatype == "char":
            return texts_of(values, mask)
        gone = np.zeros(len(values), bool) if mask is None else mask
        pairs = zip(values.tolist(), gone.tolist(), strict=True)
        encoded = [b"" if no else text.encode("utf-16-be", "surrogatepass") for text, no in pairs]
        return pa.array(encoded, pa.binary()).view(pa.string())
    flat, sizes = flat_of(column)
    if layout.is_text:
        width = layout.width or 1
        unit, code = (1, "ascii") if layout.datatype == "char" else (2, "utf-16-be")
        data = b"".join(
            text.encode(code, "surrogatepass").ljust(unit * width, b"\0") for text in np.ma.filled(flat, "").tolist()
        )
        sizes = sizes * width * unit
    elif layout.datatype == "boolean":
        data = letters_of(np.ma.getdata(flat), np.ma.getmaskarray(flat)).tobytes()
    else:
        numbers = with_nulls(np.ma.getdata(flat), np.ma.getmaskarray(flat), column.null)
        data = big_endian(numbers, layout.datatype).tobytes()
        sizes = sizes * layout.unit_bits // 8
    return of_offsets(data, np.concatenate([[0], np.cumsum(sizes)]))


def flat_of(column: Outgoing) -> tuple[Any, Data]:
    """The values of arrays of various lengths one after the other, and how many each cell has."""
    gone = np.zeros(len(column.values), bool) if column.mask is None else column.mask
    arrays = [cell[:0] if no else cell for cell, no in zip(column.values, gone, strict=True)]
    sizes = np.array([array.size for array in arrays], dtype=np.int64)
    flat = joined_masked([array.ravel() for array in arrays]) if arrays else np.empty(0)
    return flat, sizes


def texts_of(values: Data, mask: Mask | None) -> Any:
    """str or objects as texts to Arrow, what is masked as empty ones."""
    if values.dtype.kind == "O" or (values.size and np.ascontiguousarray(values).view(np.uint32).max() > 127):
        texts = pa.array(values.tolist(), pa.string())
    else:
        narrow = ascii_of(values)
        ends = np.arange(len(narrow) + 1) * narrow.dtype.itemsize
        texts = pc.ascii_rtrim(of_offsets(narrow.tobytes(), ends), "\0")
    return texts if mask is None or not mask.any() else pc.if_else(of_numbers(mask), of_text(""), texts)
