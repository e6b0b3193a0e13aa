"""Cells of a column block by block: text and truth values as numpy arrays, and the blocks joined to a column.

Text that is all ASCII stays one byte a character until its column is joined, a quarter of what numpy's str takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from stopdesk.formats.votable.model import NUMBERS, Data, Layout, Mask

#: A column of text becomes one of objects where its longest cell would make it this much larger than what is in it.
_WASTE = 16
_FREE_WASTE = 16 << 20


class Piece(NamedTuple):
    """Some cells in a row: values and, where some have none, a mask of the same shape ((n,) for objects)."""

    values: Data
    mask: Mask | None = None


def is_wasteful(n_cells: int, width: int, content: int) -> bool:
    """Whether cells of one width are a waste of memory for ``content`` characters."""
    return 4 * n_cells * width > _FREE_WASTE + _WASTE * content


def text_or_latin(data: bytes) -> str:
    """Text up to its first NUL: UTF-8, or Latin-1 where it is none."""
    data = data.partition(b"\0")[0]
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def text_or_surrogates(data: bytes) -> str:
    """Text in UTF-16 up to its first NUL; halves of pairs stand for themselves."""
    return data.decode("utf-16-be", "surrogatepass").partition("\0")[0]


def texts_of_bytes(cells: Data) -> Data:
    """Cells of dtype S as they are where they are ASCII, else as str."""
    width = cells.dtype.itemsize
    codes = np.ascontiguousarray(cells).view(np.uint8).reshape(-1, width)
    if not codes.size:
        return np.ascontiguousarray(cells)
    if codes.max() < 128 and not _has_more_after_nul(codes):
        return codes.view(cells.dtype).reshape(cells.shape)
    return objects([text_or_latin(cell) for cell in cells.ravel().tolist()]).astype(str).reshape(cells.shape)


def texts_of_utf16(cells: Data) -> Data:
    """Big-endian UTF-16 of shape (..., width) as bytes where it is ASCII, else as str of shape (...)."""
    width, shape = cells.shape[-1], cells.shape[:-1]
    codes = np.ascontiguousarray(cells).reshape(-1, width)
    highest = int(codes.max()) if codes.size else 0
    if _has_more_after_nul(codes) or (highest >= 0xD800 and ((codes & 0xF800) == 0xD800).any()):
        texts = [text_or_surrogates(row.tobytes()) for row in codes]
        return objects(texts).astype(str).reshape(shape)
    if highest < 128:
        return codes.astype(np.uint8).view(f"S{width}").reshape(shape)
    return codes.astype(np.uint32).view(f"U{width}").reshape(shape)


def _has_more_after_nul(codes: Data) -> bool:
    return bool(((codes[:, :-1] == 0) & (codes[:, 1:] != 0)).any())


def objects(cells: Sequence[object]) -> Data:
    """A one-dimensional array of objects, whatever they are."""
    found = np.empty(len(cells), dtype=object)
    for i, cell in enumerate(cells):
        found[i] = cell
    return found


def as_array(cell: Any) -> Any:
    """A cell as an array, masked or not. Plain ones stay so: a masked one of few numbers costs ten times the time."""
    return cell if type(cell) is np.ndarray else np.ma.asanyarray(cell)


def wide(texts: Data) -> Data:
    """ASCII of dtype S as str."""
    width = texts.dtype.itemsize
    codes = np.ascontiguousarray(texts).view(np.uint8).reshape(-1, width)
    return codes.astype(np.uint32).view(f"U{width}").reshape(texts.shape)


def _truths() -> Data:
    """What a byte of a boolean means: 0 and 1, 2 for null, 3 for nothing that the standard knows."""
    codes = np.full(256, 3, dtype=np.uint8)
    codes[[ord(letter) for letter in "Tt1"]] = 1
    codes[[ord(letter) for letter in "Ff0"]] = 0
    codes[[ord(letter) for letter in "? \0"]] = 2
    return codes


TRUTHS = _truths()


def split(flat: Data, ends: Data, layout: Layout, null: int | None) -> Data:
    """One array of each variable cell; ``ends`` counts the values up to the end of each, steps of ``layout.size``."""
    cells = np.empty(len(ends), dtype=object)
    flat = flat.reshape(-1, *layout.shape) if layout.shape else flat
    nulls = None if null is None else flat == null
    if nulls is None or not nulls.any():
        nulls = None
    start = 0
    for i, end in enumerate((ends // layout.size).tolist()):
        cell = flat[start:end]
        if nulls is not None and nulls[start:end].any():
            cell = np.ma.MaskedArray(cell, nulls[start:end])
        cells[i] = cell
        start = end
    return cells


def join(pieces: list[Piece], layout: Layout) -> Piece:
    """The pieces of one column as one, in the machine's byte order; the list is emptied as memory is short."""
    if not pieces:
        return Piece(_empty(layout))
    masks = [piece.mask for piece in pieces]
    mask = None
    if any(each is not None for each in masks):
        mask = np.concatenate([np.zeros(p.values.shape, bool) if p.mask is None else p.mask for p in pieces])
    values = [piece.values for piece in pieces]
    pieces.clear()
    if layout.is_text and not layout.variable:
        return Piece(_joined_texts(values, layout.width), mask)
    owned = len(values) == 1 and values[0].flags.writeable  # what Arrow made is its own
    return Piece(values[0] if owned else np.concatenate(values), mask)


def _joined_texts(values: list[Data], declared: int | None) -> Data:
    """Texts as str, of the declared width unless that is a waste; objects where one width is."""
    kinds = {each.dtype.kind for each in values}
    n_cells = sum(each.size for each in values)
    width = max(_width(each) for each in values)
    content = sum(each.nbytes // (4 if each.dtype.kind == "U" else 1) for each in values)
    if "O" in kinds or is_wasteful(n_cells, width, content):
        return np.concatenate([_as_objects(each) for each in values])
    if declared is not None and declared <= 4 * width + 32:
        width = max(width, declared)
    return _side_by_side(values, width)


def _side_by_side(values: list[Data], width: int) -> Data:
    """Texts of one width; what is joined is let go, as memory is short."""
    codes = np.zeros((sum(each.size for each in values), width), dtype=np.uint32)
    shape = (-1, *values[0].shape[1:])
    start = 0
    while values:
        each = values.pop(0)
        part = np.ascontiguousarray(each).view(np.uint8 if each.dtype.kind == "S" else np.uint32)
        codes[start : start + each.size, : _width(each)] = part.reshape(-1, _width(each))
        start += each.size
    return codes.view(f"U{width}").reshape(shape)


def _width(texts: Data) -> int:
    return texts.dtype.itemsize // (4 if texts.dtype.kind == "U" else 1)


def _as_objects(texts: Data) -> Data:
    return (wide(texts) if texts.dtype.kind == "S" else texts).astype(object)


def _empty(layout: Layout) -> Data:
    """No cells, of the type that cells would have."""
    if layout.variable:
        return np.empty(0, dtype=object)
    if layout.is_text:
        return np.empty((0, *layout.shape), dtype=f"U{min(layout.width or 1, 1000)}")
    if layout.datatype in ("boolean", "bit"):
        return np.empty((0, *layout.shape), dtype=bool)
    return np.empty((0, *layout.shape), dtype=np.dtype(NUMBERS[layout.datatype]).newbyteorder("="))
