"""Compares two answers to the same search: which rows are new, which are gone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.vo.columns import find_column

#: What tells observations apart, as far as a table has it. Addresses are not in it: archives change those.
_TELLING = ("publisher_id", "id", "target", "ra", "dec", "low", "high", "start", "end")

#: Decimal digits of numbers that count; a table written as text and read again may differ in the next ones.
_DIGITS = 7


@dataclass(frozen=True)
class Comparison:
    """Numbers of the rows of the new answer that the old one lacks, and of the old one's that the new one lacks."""

    new: NDArray[np.intp]
    gone: NDArray[np.intp]

    @property
    def said(self) -> str:
        """The difference in words."""
        parts = [f"{_count(len(self.new))} new" if len(self.new) else "nothing new"]
        parts += [f"{_count(len(self.gone))} gone"] if len(self.gone) else []
        return ", ".join(parts)


def _count(number: int) -> str:
    return f"{number:,} row" if number == 1 else f"{number:,} rows"


def compare(old: Any, new: Any) -> Comparison:
    """How the astropy Table ``new`` differs from ``old``, an earlier answer of the same service.

    Rows are the same when what tells observations apart is: identifiers, target, position, ranges of frequency and
    time; in a table with none of these, when all their cells are. Rows that occur twice are counted twice.
    """
    names = _key_columns(old, new)
    keys = row_keys(old, names), row_keys(new, names)
    return Comparison(_missing(keys[1], keys[0]), _missing(keys[0], keys[1]))


def _key_columns(old: Any, new: Any) -> list[str]:
    """The columns that both tables have and that tell their rows apart."""
    both = [name for name in new.colnames if name in old.colnames]
    found = {find_column(new, role) for role in _TELLING}
    telling = [name for name in both if name in found]
    has_identity = any(find_column(new, role) in telling for role in ("publisher_id", "id"))
    return telling if has_identity or len(telling) >= 3 else both


def row_keys(table: Any, names: Sequence[str]) -> NDArray[np.str_]:
    """A stable text for each row, made of these columns; shape (rows,)."""
    if not names:
        return np.zeros(len(table), dtype="U1")
    joined = _texts(table[names[0]])
    for name in names[1:]:
        joined = np.char.add(np.char.add(joined, "\x1f"), _texts(table[name]))
    return np.asarray(joined, dtype=str)


def _texts(column: Any) -> NDArray[np.str_]:
    """The cells as text, masked ones as ""; arrays by their hash."""
    cells = np.ma.asarray(column)
    masked = np.ma.getmaskarray(cells)
    data = np.ma.getdata(cells)
    if data.ndim > 1:
        hashed = [hashlib.sha256(np.ascontiguousarray(row).tobytes()).hexdigest()[:16] for row in data]
        return np.array(hashed, dtype=str) if hashed else np.zeros(0, dtype="U1")
    if data.dtype.kind == "f":
        text = np.char.mod(f"%.{_DIGITS}g", np.asarray(data, dtype=float))
        text = np.where(np.isnan(np.asarray(data, dtype=float)), "", text)
    elif data.dtype.kind == "O":
        text = np.array([_object_text(cell) for cell in data], dtype=str) if len(data) else np.zeros(0, dtype="U1")
    else:
        text = data.astype(str)
    return np.asarray(np.where(masked, "", text), dtype=str)


def _object_text(cell: Any) -> str:
    if isinstance(cell, np.ndarray):
        return hashlib.sha256(np.ascontiguousarray(np.ma.getdata(cell)).tobytes()).hexdigest()[:16]
    return "" if cell is None or cell is np.ma.masked else str(cell)


def _missing(keys: NDArray[np.str_], others: NDArray[np.str_]) -> NDArray[np.intp]:
    """The numbers of those keys of which ``others`` has fewer, in order."""
    everything, inverse = np.unique(np.concatenate((keys, others)), return_inverse=True)
    mine, theirs = inverse[: len(keys)], inverse[len(keys) :]
    available = np.bincount(theirs, minlength=len(everything))
    order = np.argsort(mine, kind="stable")
    starts = np.searchsorted(mine[order], mine[order], side="left")
    rank = np.empty(len(keys), dtype=np.intp)
    rank[order] = np.arange(len(keys)) - starts
    return np.flatnonzero(rank >= available[mine])
