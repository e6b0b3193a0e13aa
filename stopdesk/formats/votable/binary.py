"""Rows of fixed length in BINARY and BINARY2 as columns: numpy's structured arrays do the work.

BINARY2 has the null flags of a row in front of it (VOTable 1.4, section 5.4).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stopdesk.formats.votable.cells import TRUTHS, Piece, texts_of_bytes, texts_of_utf16
from stopdesk.formats.votable.model import NUMBERS, Data, Layout, Mask, UnusualError


class BadCell(ValueError):
    """A cell that is none of its column's; ``row`` and ``column`` count from 0, the row in its block."""

    def __init__(self, text: str, row: int) -> None:
        self.row = row
        self.column: int | None = None
        super().__init__(text)


class FixedRows:
    """Takes the bytes of rows in which every cell has a fixed length; gives their columns."""

    def __init__(self, layouts: Sequence[Layout], nulls: Sequence[int | None], *, flags: bool) -> None:
        self._layouts = layouts
        self._nulls = nulls
        self._flags = (len(layouts) + 7) // 8 if flags else 0
        try:
            self._row = np.dtype([("", "u1", (self._flags,)), *(("", layout.dtype) for layout in layouts)])
        except ValueError as error:
            raise UnusualError(f"has rows too long to be held: {error}") from error
        self._left = bytearray()

    @property
    def is_whole(self) -> bool:
        """Whether the bytes so far end with a row."""
        return not self._left

    def take(self, data: bytes) -> list[Piece]:
        """The columns of the rows that are complete; BadCell for a cell that is none."""
        self._left += data
        size = self._row.itemsize
        n_rows = len(self._left) // size if size else 0
        block = bytes(memoryview(self._left)[: n_rows * size])
        del self._left[: n_rows * size]
        rows = np.frombuffer(block, self._row)
        names = self._row.names or ()
        flags = rows[names[0]] if self._flags else None
        pieces = []
        for i, (layout, null) in enumerate(zip(self._layouts, self._nulls, strict=True)):
            try:
                cells = rows[names[i + 1]]
                pieces.append(column_of(cells, layout, null, flagged(flags, i), has_flags=flags is not None))
            except BadCell as bad:
                bad.column = i
                raise
        return pieces


def flagged(flags: Data | None, i: int) -> Mask | None:
    """Which cells of a column are null by the flags of their rows; None where none is."""
    if flags is None:
        return None
    found: Mask = (flags[:, i >> 3] & (0x80 >> (i & 7))) != 0
    return found if found.any() else None


def column_of(cells: Data, layout: Layout, null: int | None, flags: Mask | None, *, has_flags: bool) -> Piece:
    """Big-endian cells of fixed length as values; what is null by flag, VALUES, or as NaN in BINARY is masked."""
    if layout.is_text:
        texts = texts_of_bytes(cells) if layout.datatype == "char" else texts_of_utf16(cells)
        return Piece(texts, _spread(flags, texts))
    if layout.datatype == "bit" and not layout.shape:  # the standard sets the highest bit, astropy another
        return Piece(cells[:, 0] != 0, flags)
    if layout.datatype == "bit":
        bits = np.unpackbits(cells, axis=1, count=layout.size).astype(bool).reshape(len(cells), *layout.shape)
        return Piece(bits, _spread(flags, bits))
    if layout.datatype == "boolean":
        return truths_of(np.ascontiguousarray(cells).view(np.uint8).reshape(cells.shape), flags)
    values = cells.astype(np.dtype(NUMBERS[layout.datatype]).newbyteorder("="))
    mask = None if null is None else values == null
    if not has_flags and values.dtype.kind in "fc":
        mask = np.isnan(values)
    mask = mask if mask is not None and mask.any() else None
    spread = _spread(flags, values)
    return Piece(values, spread if mask is None else mask if spread is None else mask | spread)


def truths_of(letters: Data, flags: Mask | None) -> Piece:
    """Letters of booleans as truth values; BadCell for a letter that stands for none."""
    codes = TRUTHS[letters]
    spread = _spread(flags, codes)
    if (codes == 3).any():
        bad = codes == 3 if spread is None else (codes == 3) & ~spread
        if bad.any():
            row = int(np.argwhere(bad)[0][0])
            raise BadCell(f"{bytes(letters[bad][:1])!r} is neither true nor false", row)
    unknown = codes == 2
    mask = unknown if unknown.any() else None
    return Piece(codes == 1, spread if mask is None else mask if spread is None else mask | spread)


def _spread(flags: Mask | None, values: Data) -> Mask | None:
    """The flags of cells for every value in them."""
    if flags is None or values.ndim == 1:
        return flags
    return np.broadcast_to(flags.reshape(-1, *[1] * (values.ndim - 1)), values.shape).copy()
