"""Rows in BINARY and BINARY2 in which some cells come with their length: found row by row, taken apart by Arrow."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from stopdesk.formats.votable import texts
from stopdesk.formats.votable.binary import BadCell, column_of, flagged, truths_of
from stopdesk.formats.votable.cells import Piece, split
from stopdesk.formats.votable.model import NUMBERS, Data, Layout, Mask, UnusualError

_LENGTH = struct.Struct(">I").unpack_from


class VariableRows:
    """Takes the bytes of rows in which some cells have lengths of their own; gives their columns.

    A row is cut in segments: runs of fixed cells with the length of the next variable cell, and variable cells.
    """

    def __init__(self, layouts: Sequence[Layout], nulls: Sequence[int | None], *, flags: bool) -> None:
        self._layouts = layouts
        self._nulls = nulls
        self._flags = flags
        self._left = bytearray()
        self._runs: list[np.dtype[np.void]] = []
        self._places: list[tuple[int, str]] = []  # of each column: its segment, and its name in a run
        fields: list[tuple[str, object]] = [("flags", ("u1", ((len(layouts) + 7) // 8,)))] if flags else []
        try:
            for i, layout in enumerate(layouts):
                if layout.has_own_length:
                    self._runs.append(np.dtype([*fields, ("length", ">u4")]))
                    self._places.append((2 * len(self._runs) - 1, ""))
                    fields = []
                else:
                    fields.append((f"c{i}", layout.dtype))
                    self._places.append((2 * len(self._runs), f"c{i}"))
            self._runs.append(np.dtype(fields))
        except ValueError as error:
            raise UnusualError(f"has rows too long to be held: {error}") from error
        own = [layout for layout in layouts if layout.has_own_length]
        self._bits = [layout.unit_bits for layout in own]  # a length counts values or characters, not steps
        if not all(layout.size and layout.width != 0 for layout in own):
            raise UnusualError("has arrays of no elements")

    @property
    def is_whole(self) -> bool:
        """Whether the bytes so far end with a row."""
        return not self._left

    def take(self, data: bytes) -> list[Piece]:
        """The columns of the rows that are complete; BadCell for cells that are none."""
        self._left += data
        lengths, size = self._lengths()
        block = bytes(memoryview(self._left)[:size])
        del self._left[:size]
        counts = np.array(lengths, dtype=np.int64).reshape(-1, len(self._bits))
        sizes = np.empty((len(counts), len(self._runs) + len(self._bits)), dtype=np.int64)
        sizes[:, 0::2] = [run.itemsize for run in self._runs]
        sizes[:, 1::2] = (counts * self._bits + 7) >> 3
        cut = texts.Cut(block, np.concatenate([[0], np.cumsum(sizes)]), sizes.shape[1])
        runs = [
            np.frombuffer(cut.column(2 * k).data, run) if run.itemsize else None for k, run in enumerate(self._runs)
        ]
        flags = runs[0]["flags"] if self._flags and runs[0] is not None else None
        pieces = []
        for i, (layout, null, (segment, name)) in enumerate(zip(self._layouts, self._nulls, self._places, strict=True)):
            mask, run = flagged(flags, i), runs[segment // 2]
            try:
                if name and run is not None:
                    pieces.append(column_of(run[name], layout, null, mask, has_flags=self._flags))
                else:
                    pieces.append(_cells(cut.column(segment), counts[:, segment // 2], layout, null, mask))
            except BadCell as bad:
                bad.column = i
                raise
        return pieces

    def _lengths(self) -> tuple[list[int], int]:
        """The length of every variable cell in the complete rows, and the number of bytes that these rows take."""
        found: list[int] = []
        steps = [(run.itemsize - 4, bits) for run, bits in zip(self._runs, self._bits, strict=False)]
        rest, end = self._runs[-1].itemsize, len(self._left)
        data, note = bytes(self._left), found.append
        start = position = 0
        n_whole = 0
        try:
            while True:
                for step, bits in steps:
                    position += step
                    (length,) = _LENGTH(data, position)
                    note(length)
                    position += 4 + ((length * bits + 7) >> 3)
                position += rest
                if position > end:
                    break
                start = position
                n_whole += 1
        except struct.error:  # the length itself is still to come
            pass
        del found[n_whole * len(steps) :]
        return found, start


def _cells(cut: texts.Texts, counts: Data, layout: Layout, null: int | None, flags: Mask | None) -> Piece:
    """Cells of variable length."""
    step = layout.size * max(layout.width or 1, 1)
    if step > 1 and (counts % step).any():
        row = int(np.flatnonzero(counts % step)[0])
        raise BadCell(f"{counts[row]} values do not make whole steps of {step}", row)
    if layout.is_text and layout.width is None:
        values = cut.as_column() if layout.datatype == "char" else cut.from_utf16().as_column()
        return Piece(values, flags)
    if layout.datatype == "bit":
        bits = [
            np.unpackbits(np.frombuffer(cell, np.uint8), count=int(n)).astype(bool)
            for cell, n in zip(cut.as_bytes(), counts, strict=True)
        ]
        flat = np.concatenate(bits) if bits else np.empty(0, bool)
        return Piece(split(flat, np.cumsum(counts), layout, None), flags)
    if layout.is_text:
        one = Layout(layout.datatype, width=layout.width)
        flat_texts = column_of(np.frombuffer(cut.data, one.dtype), one, None, None, has_flags=True).values
        wide = flat_texts.astype(str)
        return Piece(split(wide, np.cumsum(counts) // (layout.width or 1), layout, None), flags)
    if layout.datatype == "boolean":
        flat_piece = truths_of(np.frombuffer(cut.data, np.uint8), None)
        if flat_piece.mask is None:
            return Piece(split(flat_piece.values, np.cumsum(counts), layout, None), flags)
        return Piece(_masked(flat_piece, np.cumsum(counts), layout), flags)
    big = np.frombuffer(cut.data, NUMBERS[layout.datatype])
    return Piece(split(big.astype(big.dtype.newbyteorder("=")), np.cumsum(counts), layout, null), flags)


def _masked(flat: Piece, ends: Data, layout: Layout) -> Data:
    """Arrays of booleans, those with unknown ones masked."""
    assert flat.mask is not None
    values, masks = split(flat.values, ends, layout, None), split(flat.mask, ends, layout, None)
    for i, mask in enumerate(masks):
        if mask.any():
            values[i] = np.ma.MaskedArray(values[i], mask)
    return values
