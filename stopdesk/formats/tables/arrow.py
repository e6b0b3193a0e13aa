"""Columns of Arrow as numpy arrays with masks, and back: numbers, text, and arrays as lists."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stopdesk.formats.tables.compare import is_of_arrays
from stopdesk.formats.tables.plain import as_texts
from stopdesk.formats.votable.cells import is_wasteful, objects
from stopdesk.formats.votable.layouts import joined_masked
from stopdesk.formats.votable.model import Data


def texts_of(texts: Any) -> Data:
    """Text as str of one width, or as objects where that is a waste."""
    cells = texts.to_pylist()
    width = max(map(len, cells), default=1)
    if is_wasteful(len(cells), width, sum(map(len, cells))):
        return objects(cells)
    return np.array(cells, dtype=f"U{max(width, 1)}")


def to_arrow(column: Any) -> Any:
    """A column as an Arrow array: arrays are lists, of one size where they are; complex numbers are lists of two."""
    mask = np.ma.getmaskarray(np.ma.asarray(column))
    values = np.ma.getdata(column)
    if values.dtype.kind == "O":
        if not is_of_arrays(column):
            return pa.array(values, pa.large_string(), mask=mask, from_pandas=False)
        return _lists(values, mask) or _json(column)
    if values.dtype.kind == "c":
        parts = (
            np.ascontiguousarray(values).astype(values.dtype.newbyteorder("=")).view(f"f{values.dtype.itemsize // 2}")
        )
        both = pa.array(parts.reshape(-1), from_pandas=False)
        pairs = pa.FixedSizeListArray.from_arrays(both, 2, mask=pa.array(mask.reshape(-1)))
        return _nested(pairs, values.shape[1:])
    flat = values.astype(values.dtype.newbyteorder("="), copy=False).reshape(-1)
    kind = pa.string() if flat.dtype.kind == "U" else None
    whole = mask.all(axis=tuple(range(1, mask.ndim))) if mask.size else None
    return _nested(pa.array(flat, kind, mask=mask.reshape(-1), from_pandas=False), values.shape[1:], whole)


def _nested(flat: Any, shape: tuple[int, ...], missing: Any = None) -> Any:
    for i in range(len(shape) - 1, -1, -1):
        is_last = i == 0 and missing is not None and missing.any()
        flat = pa.FixedSizeListArray.from_arrays(flat, shape[i], mask=pa.array(missing) if is_last else None)
    return flat


def _lists(values: Data, mask: Data) -> Any:
    """Arrays of various lengths; None where they differ in more than that."""
    gone = mask | np.array([cell is None for cell in values], dtype=bool)
    cells = [None if missing else np.ma.asanyarray(cell) for cell, missing in zip(values, gone, strict=True)]
    full = [cell for cell in cells if cell is not None and cell.size]
    shapes, kinds = {cell.shape[1:] for cell in full}, {cell.dtype.kind for cell in full}
    if len(shapes) > 1 or len(kinds) > 1 or kinds & set("cO") or any(cell.ndim == 0 for cell in full):
        return None
    shape = shapes.pop() if shapes else ()
    dtype = np.result_type(*full) if full else next((cell.dtype for cell in cells if cell is not None), np.dtype("f8"))
    ends = np.concatenate([[0], np.cumsum([0 if cell is None else len(cell) if cell.size else 0 for cell in cells])])
    flat = joined_masked([cell.ravel() for cell in full]) if full else np.empty(0, dtype)
    flat_mask = np.ma.getmaskarray(flat)
    data = np.ma.getdata(flat).astype(dtype.newbyteorder("="))
    inner = pa.array(data, pa.string() if dtype.kind == "U" else None, mask=flat_mask, from_pandas=False)
    offsets = pa.array(ends, pa.int32(), mask=np.append(gone, False)) if gone.any() else pa.array(ends, pa.int32())
    return pa.ListArray.from_arrays(offsets, _nested(inner, shape))


def _json(column: Any) -> Any:
    texts, missing = as_texts(column)
    return pa.array(texts, pa.large_string(), mask=np.asarray(missing))


def from_arrow(column: Any) -> tuple[Data, Data, str]:
    """Values, mask and, where the values had to become others, what they were.

    Times, decimals and structures become text.
    """
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    kind = column.type
    if pa.types.is_dictionary(kind):
        return from_arrow(column.dictionary_decode())
    if pa.types.is_fixed_size_list(kind) and _is_plain(_innermost(kind)):
        return *_fixed(column), ""
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind)
    if is_list and _is_plain(_innermost(kind.value_type)):
        return *_variable(column), ""
    mask = column.is_null().to_numpy(zero_copy_only=False)
    if _is_text(kind):
        return texts_of(pc.fill_null(column, "")), mask, ""
    if _is_plain(kind):
        return _numbers(column), mask, ""
    if pa.types.is_null(kind):
        return np.full(len(column), "", dtype="U1"), mask, "nothing at all"
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        texts = pc.fill_null(pc.cast(column, pa.string()), "")
        return np.char.replace(texts_of(texts).astype(str), " ", "T"), mask, str(kind)
    cells = ["" if cell is None else _said(cell) for cell in column.to_pylist()]
    return objects(cells), mask, str(kind)


def _said(cell: Any) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return json.dumps(cell, default=str, ensure_ascii=False) if isinstance(cell, (dict, list)) else str(cell)


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view())


def _is_plain(kind: Any) -> bool:
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    return bool(is_number or pa.types.is_boolean(kind) or _is_text(kind))


def _innermost(kind: Any) -> Any:
    while pa.types.is_fixed_size_list(kind):
        kind = kind.value_type
    return kind


def _numbers(column: Any) -> Data:
    filler = False if pa.types.is_boolean(column.type) else 0
    filled = pc.fill_null(column, pa.scalar(filler, column.type)) if column.null_count else column
    return np.array(filled.to_numpy(zero_copy_only=False))


def _flat(column: Any) -> tuple[Data, Data]:
    if _is_text(column.type):
        return texts_of(pc.fill_null(column, "")).astype(str), column.is_null().to_numpy(zero_copy_only=False)
    return _numbers(column), column.is_null().to_numpy(zero_copy_only=False)


def _fixed(column: Any) -> tuple[Data, Data]:
    """Lists of one size, in each other, as an array."""
    if not pa.types.is_fixed_size_list(column.type):
        return _flat(column)
    size = column.type.list_size
    values, mask = _fixed(column.values.slice(column.offset * size, len(column) * size))
    shape = (len(column), size, *values.shape[1:])
    missing = column.is_null().to_numpy(zero_copy_only=False)
    mask = mask.reshape(shape) | missing.reshape(-1, *[1] * (len(shape) - 1))
    return values.reshape(shape), mask


def _variable(column: Any) -> tuple[Data, Data]:
    missing = column.is_null().to_numpy(zero_copy_only=False)
    offsets = column.offsets.to_numpy(zero_copy_only=False)
    values, mask = _fixed(column.values)
    is_masked = mask.any()
    cells = []
    for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
        cell = values[start:end]
        cells.append(np.ma.MaskedArray(cell, mask[start:end]) if is_masked and mask[start:end].any() else cell)
    return objects(cells), missing
