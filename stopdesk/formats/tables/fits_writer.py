"""FITS binary tables with a VOTable in the primary HDU that says what FITS itself cannot: TOPCAT's FITS-plus.

FITS Standard 4.0, section 7.3 (https://fits.gsfc.nasa.gov/fits_standard.html); FITS-plus: SUN/252, section "FITS".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stopdesk.formats.tables.compare import is_of_arrays
from stopdesk.formats.tables.header import header_of
from stopdesk.formats.tables.plain import as_texts
from stopdesk.formats.votable.cells import as_array
from stopdesk.formats.votable.from_astropy import unit_text
from stopdesk.formats.votable.layouts import joined_masked
from stopdesk.formats.votable.model import Data, Element
from stopdesk.formats.votable.to_astropy import unique_names

_BLOCK = 2880
_ROWS = 1 << 14  # so many rows are put together at once, which are still in the processor's cache when written
_TEXTS = 1 << 12  # so many texts are put together at once, which keeps Python's lock
_LONGEST = 68  # characters of a text in one card

#: The codes of numbers in FITS, and the next larger type of those that it has not or that have no number left for null.
_CODES = {"u1": "B", "i1": "B", "i2": "I", "u2": "I", "i4": "J", "u4": "J", "i8": "K", "u8": "K",
          "f4": "E", "f8": "D", "c8": "C", "c16": "M"}  # fmt: skip
_LARGER = {"u1": "i2", "i1": "i2", "i2": "i4", "u2": "i4", "i4": "i8", "u4": "i8", "f2": "f4"}


@dataclass(frozen=True, eq=False)
class _Stored:
    """Cells as they are stored: big-endian values of shape (n, …), the code of their type, and the null among them."""

    code: str
    values: Data
    zero: int | None = None
    null: int | None = None


@dataclass(frozen=True, eq=False)
class _Field:
    """A column: its cells, or where they are in the heap and what is there."""

    form: str
    values: Data
    cards: tuple[tuple[str, Any], ...] = ()
    heap: bytes = b""


def ascii_of(text: str) -> str:
    """Text as FITS can hold it: other characters than those of printable ASCII are question marks."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if " " <= char <= "~" else "?" for char in text)


def names_in_fits(names: Sequence[str]) -> list[str]:
    """The names of columns as TTYPEn holds them: short enough for one card, and each its own."""
    cut = []
    for name in map(ascii_of, names):
        length = len(name) if len(name.replace("'", "''")) <= _LONGEST else _LONGEST // 2
        cut.append(Element("FIELD", {"name": name[:length]}))
    return unique_names(cut)


def write_fits(table: Any, put: Callable[[bytes | memoryview], object]) -> None:
    """Give a FITS file of two HDUs to ``put``; missing whole numbers are TNULLn, other missing numbers NaN.

    What ``put`` is given holds only until it returns.
    """
    fields = [_field(table[name]) for name in table.colnames]
    put(_primary(header_of(table)))
    heap = b"".join(field.heap for field in fields)
    starts = np.concatenate([[0], np.cumsum([len(field.heap) for field in fields])])
    for field, start in zip(fields, starts[:-1].tolist(), strict=True):
        if field.form[1:2] in "PQ" and field.form[0] == "1":
            field.values[:, 1] += start
    dtype = np.dtype([(f"f{i}", field.values.dtype, field.values.shape[1:]) for i, field in enumerate(fields)])
    put(_header(table, fields, dtype.itemsize, len(heap)))
    together = np.empty(min(_ROWS, len(table)), dtype)
    for start in range(0, len(table), _ROWS):
        rows = together[: len(table) - start]
        for i, field in enumerate(fields):
            rows[f"f{i}"] = field.values[start : start + _ROWS]
        put(rows.data)
    put(heap)
    put(b"\0" * (-(dtype.itemsize * len(table) + len(heap)) % _BLOCK))


def _primary(described: bytes) -> bytes:
    from astropy.io.fits import Header

    header = Header()
    for key, value, comment in (
        ("SIMPLE", True, "Standard FITS format"),
        ("BITPIX", 8, "Character data"),
        ("NAXIS", 1, "Text string"),
        ("NAXIS1", len(described), "Number of characters"),
        ("VOTMETA", True, "Table metadata in VOTable format"),
        ("EXTEND", True, "There are standard extensions"),
        ("NTABLE", 1, "Number of following BINTABLE HDUs"),
    ):
        header[key] = (value, comment)
    return bytes(header.tostring().encode("ascii")) + described + b"\0" * (-len(described) % _BLOCK)


def _header(table: Any, fields: list[_Field], row_size: int, heap_size: int) -> bytes:
    from astropy.io.fits import Header

    header = Header()
    header["XTENSION"] = ("BINTABLE", "binary table extension")
    sizes = {"BITPIX": 8, "NAXIS": 2, "NAXIS1": row_size, "NAXIS2": len(table), "PCOUNT": heap_size, "GCOUNT": 1}
    for key, value in {**sizes, "TFIELDS": len(fields)}.items():
        header[key] = value
    if isinstance(table.meta.get("name"), str):
        header["EXTNAME"] = ascii_of(table.meta["name"])
    names = names_in_fits(table.colnames)
    for i, (name, column, field) in enumerate(zip(names, table.itercols(), fields, strict=True), 1):
        unit = unit_text(column.unit) if column.unit is not None else ""
        said = (
            *(("TTYPE", name), ("TFORM", field.form), ("TUNIT", unit), *field.cards),
            *(("TCOMM", column.description), ("TUCD", column.meta.get("ucd")), ("TUTYP", column.meta.get("utype"))),
        )
        for key, value in said:
            if value is not None and value != "":
                header[f"{key}{i}"] = ascii_of(value) if isinstance(value, str) else value
    return bytes(header.tostring().encode("ascii"))


def _field(column: Any) -> _Field:
    values = np.ma.getdata(column)
    mask = np.ma.getmaskarray(np.ma.asarray(column))
    if values.dtype.kind == "O":
        cells = _arrays(values, mask) if is_of_arrays(column) else None
        return _texts(column) if cells is None else _of_various_lengths(cells)
    if values.dtype.kind == "U":
        return _texts_of_one_width(values, mask)
    stored = _stored(values, mask)
    shape = values.shape[1:]
    size = int(np.prod(shape, dtype=np.int64))
    dims = (("TDIM", f"({','.join(map(str, reversed(shape)))})"),) if len(shape) > 1 else ()
    return _Field(f"{size}{stored.code}" if shape else stored.code, stored.values, (*_cards(stored), *dims))


def _cards(stored: _Stored) -> tuple[tuple[str, Any], ...]:
    scale = () if stored.zero is None else (("TSCAL", 1), ("TZERO", stored.zero))
    return (*scale, *(() if stored.null is None else (("TNULL", stored.null),)))


def _stored(values: Data, mask: Data) -> _Stored:
    code = values.dtype.str[1:]
    if code == "b1":
        return _Stored("L", np.where(mask, 0, np.where(values, ord("T"), ord("F"))).astype(np.uint8))
    if code == "f2":
        return _stored(values.astype("f4"), mask)
    if values.dtype.kind in "fc":
        filled = np.where(mask, np.nan, values) if mask.any() else values
        return _Stored(_CODES[code], filled.astype(f">{code}"))
    null = None
    if mask.any():
        null = _free(values[~mask], np.iinfo(values.dtype))
        if null is None:
            return _stored(values.astype(_LARGER[code]), mask)
        values = np.where(mask, np.array(null, values.dtype), values)
    if code not in ("i1", "u2", "u4", "u8"):
        return _Stored(_CODES[code], values.astype(f">{code}"), None, null)
    size = values.dtype.itemsize
    zero = -128 if code == "i1" else 1 << (8 * size - 1)
    raw_type = "u1" if code == "i1" else f"i{size}"
    bits = values.astype(values.dtype.newbyteorder("=")).view(f"u{size}") ^ np.array(1 << (8 * size - 1), f"u{size}")
    return _Stored(
        _CODES[code], bits.view(raw_type).astype(f">{raw_type}"), zero, None if null is None else null - zero
    )


def _free(values: Data, limits: Any) -> int | None:
    """A whole number of the type that is none of the values."""
    for each in (int(limits.min), int(limits.max)):
        if not (values == each).any():
            return each
    present = np.unique(values)
    if len(present) == int(limits.max) - int(limits.min) + 1:
        return None
    gap = int(np.argmax(np.diff(present.astype(object)) > 1))
    return int(present[gap]) + 1


def _texts_of_one_width(values: Data, mask: Data) -> _Field:
    width = max(values.dtype.itemsize // 4, 1)
    codes = np.empty((*values.shape, width), np.uint8)
    for start in range(0, len(values), _ROWS):
        part = np.ascontiguousarray(values[start : start + _ROWS], dtype=f"=U{width}")
        native = part.view(np.uint32).reshape(*part.shape, width)
        odd = (native - 32 > 94) & (native != 0)  # below the blank it turns round to a large number
        codes[start : start + _ROWS] = np.where(odd, ord("?"), native) if odd.any() else native
    if mask.any():
        codes[mask] = 0
    size = width * int(np.prod(values.shape[1:], dtype=np.int64))
    dims = (("TDIM", f"({','.join(map(str, [width, *reversed(values.shape[1:])]))})"),) if values.ndim > 1 else ()
    return _Field(f"{size}A", codes.view(f"S{width}")[..., 0], dims)


def _texts(column: Any) -> _Field:
    """Text of various lengths; other objects as text."""
    texts, _ = as_texts(column)
    together = ("".join(texts[start : start + _TEXTS]) for start in range(0, len(texts), _TEXTS))
    flat = np.frombuffer(b"".join(ascii_of(part).encode("ascii") for part in together), np.uint8)
    return _heap("A", flat, [len(text) for text in texts], ())


def _arrays(values: Data, mask: Data) -> list[Any] | None:
    """The arrays in a column, those that are missing as empty ones; None where FITS has no type for them."""
    there = [as_array(cell) for cell, gone in zip(values, mask, strict=True) if not gone and cell is not None]
    kinds = {cell.dtype.kind for cell in there if cell.size}
    if len(kinds) > 1 or kinds & set("UO") or any(cell.ndim == 0 for cell in there):
        return None
    full = [cell for cell in there if cell.size]
    dtype = np.result_type(*full) if full else there[0].dtype if there else np.dtype("f8")
    if dtype.kind in "UO":
        return None
    arrays = iter(there)
    is_gone = [gone or cell is None for cell, gone in zip(values, mask, strict=True)]
    return [np.empty(0, dtype) if gone else next(arrays).astype(dtype, copy=False).ravel() for gone in is_gone]


def _of_various_lengths(cells: list[Any]) -> _Field:
    flat = joined_masked(cells)
    stored = _stored(np.ma.getdata(flat), np.ma.getmaskarray(flat))
    return _heap(stored.code, stored.values, [cell.size for cell in cells], _cards(stored))


def _heap(code: str, flat: Data, sizes: list[int], cards: tuple[tuple[str, Any], ...]) -> _Field:
    places = np.zeros((len(sizes), 2), dtype=">i8")
    places[:, 0] = sizes
    places[:, 1] = np.concatenate([[0], np.cumsum(sizes)[:-1]]) * flat.dtype.itemsize if sizes else 0
    return _Field(f"1Q{code}({max(sizes, default=0)})", places, cards, flat.tobytes())
