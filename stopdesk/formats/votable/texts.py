"""Pieces of bytes handled by Arrow a column at a time: cut out of a block, made text or numbers, and put together.

Arrow is imported with this module, which is therefore imported only where it is needed.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stopdesk.formats.votable.cells import is_wasteful, objects, text_or_latin, text_or_surrogates
from stopdesk.formats.votable.model import Data, Mask

_INT32 = 2**31 - 1


class Cut:
    """A block of bytes cut at ``offsets`` in pieces, of which every ``step``-th belongs to the same column."""

    def __init__(self, block: bytes, offsets: Data, step: int) -> None:
        self._pieces = of_offsets(block, offsets)
        self._step = step

    def column(self, i: int) -> Texts:
        """The pieces i, i + step, i + 2 step …"""
        return Texts(self._pieces.take(of_numbers(np.arange(i, len(self._pieces), self._step))))


@cache
def of_text(text: str) -> Any:
    """One text to Arrow; made once, as pyarrow looks for dateutil each time it makes one."""
    return pa.scalar(text, pa.string())


def of_numbers(values: Data, mask: Mask | None = None) -> Any:
    """Numbers or truth values to Arrow, null where they are masked.

    pyarrow.array does the same, and each time looks for pandas, which takes longer where there is none.
    """
    is_truth = values.dtype.kind == "b"
    data = np.packbits(values, bitorder="little") if is_truth else np.ascontiguousarray(values)
    kind = pa.bool_() if is_truth else pa.from_numpy_dtype(values.dtype)
    there = None if mask is None else pa.py_buffer(np.packbits(~mask, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [there, pa.py_buffer(data)])


def of_offsets(data: Any, offsets: Data) -> Any:
    """Arrow's array of the pieces between the offsets; text to Arrow, whatever it is."""
    small = len(memoryview(data)) < _INT32
    ends = np.ascontiguousarray(offsets, dtype=np.int32 if small else np.int64)
    kind = pa.string() if small else pa.large_string()
    return pa.Array.from_buffers(kind, len(ends) - 1, [None, pa.py_buffer(ends), pa.py_buffer(data)])


class Texts:
    """A column of pieces of bytes that lie one after the other in memory."""

    def __init__(self, pieces: Any) -> None:
        self.arrow = pieces
        _, ends, data = pieces.buffers()
        self.ends = np.frombuffer(ends, np.int32 if pa.types.is_string(pieces.type) else np.int64)[: len(pieces) + 1]
        start, stop = (int(self.ends[0]), int(self.ends[-1])) if len(pieces) else (0, 0)
        self.data: memoryview = memoryview(data or b"")[start:stop]

    def as_bytes(self) -> list[bytes]:
        """Every piece."""
        found: list[bytes] = self.arrow.view(_binary_of(self.arrow)).to_pylist()
        return found

    def as_column(self) -> Data:
        """The pieces as text: bytes where all is ASCII, str where it is not, objects where one width is a waste."""
        if not len(self.arrow):
            return np.empty(0, dtype="S1")
        codes = np.frombuffer(self.data, np.uint8)
        if len(codes) and (codes.max() > 127 or codes.min() == 0):
            cells = [text_or_latin(piece) for piece in self.as_bytes()]
            width = max(map(len, cells))
            wasteful = is_wasteful(len(cells), width, len(codes))
            return objects(cells) if wasteful else np.array(cells, dtype=str)
        width = max(int(np.diff(self.ends).max()), 1)
        if is_wasteful(len(self.arrow), width, len(codes)):
            return objects(self.arrow.to_pylist())
        padded = pc.ascii_rpad(self.arrow, width, "\0")
        return np.frombuffer(padded.buffers()[2], dtype=f"S{width}", count=len(self.arrow))

    def from_utf16(self) -> Texts:
        """Pieces of big-endian UTF-16 as UTF-8."""
        codes = np.frombuffer(self.data, ">u2")
        if not len(codes) or codes.max() < 128:
            return Texts(of_offsets(codes.astype(np.uint8), (self.ends - self.ends[0]) // 2))
        return Texts(pa.array([text_or_surrogates(piece).encode("utf-8", "replace") for piece in self.as_bytes()],
                              pa.binary()).view(pa.string()))  # fmt: skip


def _binary_of(pieces: Any) -> Any:
    return pa.binary() if pa.types.is_string(pieces.type) else pa.large_binary()


def joined(columns: list[Any], separator: str, before: str, after: str) -> Any:
    """The rows that the columns of text make: cells with a separator, and something before and after them."""
    rows = pc.binary_join_element_wise(*columns, of_text(separator), null_handling="replace", null_replacement="")
    return pc.binary_join_element_wise(of_text(before), rows, of_text(after), of_text(""))


def written(pieces: Any) -> memoryview:
    """The bytes of pieces that lie one after the other."""
    if isinstance(pieces, pa.ChunkedArray):
        pieces = pieces.combine_chunks()
    return Texts(pieces).data
