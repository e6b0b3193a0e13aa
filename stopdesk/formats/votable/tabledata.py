"""Rows in TABLEDATA as columns: cells are found by numpy, and made numbers by Arrow.

Only rows of plain tags are read here, <TR>, <TD> and <TD/>; `xml_rows` reads all others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from stopdesk.formats.votable.binary import BadCell
from stopdesk.formats.votable.cells import Piece, objects, split
from stopdesk.formats.votable.model import NUMBERS, Data, Layout, Mask
from stopdesk.formats.votable.texts import Cut, Texts, of_numbers

#: A cell that is empty takes room as if it were full; more than this in one block is a lie of its FIELD.
_LARGEST = 256 << 20

_INT32 = 2**31 - 1

#: How many bytes of a tag are looked at, as masks.
_THREE, _FOUR = b"\xff\xff\xff\0", b"\xff\xff\xff\xff"

_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{1,40})?;?")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z", re.ASCII)
_NOT_FINITE = {"nan": np.nan, "inf": np.inf, "+inf": np.inf, "-inf": -np.inf}
_TRUTHS = pa.array(["T", "F", "?", "t", "f", "1", "0", "true", "false", "True", "False", "TRUE", "FALSE"])
_MEANS = np.array([1, 0, 2, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0], dtype=np.uint8)
_SPACES = " \t\r\n"


def cut_rows(block: bytes, n_columns: int) -> list[Texts] | None:
    """The cells of a block of complete rows, a column each; None where there are other than plain tags."""
    if b"\r" in block:  # as XML reads ends of lines
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    tags = _tags(block, n_columns)
    if tags is None:
        block = block.replace(b"<TD/>", b"<TD></TD>").replace(b"<TD />", b"<TD></TD>")
        tags = _tags(block, n_columns)
    if tags is None:
        return None
    offsets = tags[:, 1:-1].copy()
    offsets[:, 0::2] += len(b"<TD>")
    cut = Cut(block, offsets.reshape(-1), 2 * n_columns)
    columns = [cut.column(2 * i) for i in range(n_columns)]
    return [_unescaped(column) for column in columns] if b"&" in block else columns


def _tags(block: bytes, n_columns: int) -> Data | None:
    """Where the tags of each row are; None where they are not what plain rows have."""
    places = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("<"))
    if not len(places) or len(places) % (2 * n_columns + 2) or places[-1] + len(b"</TR>") > len(block):
        return None
    if len(block) < _INT32:
        places = places.astype(np.int32)
    heads = np.ndarray((len(block) - 4,), np.uint32, block, offset=1, strides=(1,))[places]  # four bytes after each <
    expected, looked_at = (
        np.frombuffer(start + inside * n_columns + end, np.uint32)
        for start, inside, end in ((b"TR>\0", b"TD>\0/TD>", b"/TR>"), (_THREE, _THREE + _FOUR, _FOUR))
    )
    tags: Data = places.reshape(-1, 2 * n_columns + 2)
    return tags if ((heads.reshape(tags.shape) & looked_at) == expected).all() else None


def of_strings(cells: Sequence[str]) -> Texts:
    """A column of cells that were read one by one."""
    return Texts(pa.array(cells, pa.string()))


def _unescaped(column: Texts) -> Texts:
    """The cells with what stands for characters replaced; BadCell for an entity that XML does not have."""
    if b"&" not in bytes(column.data):
        return column
    cells: list[bytes] = column.as_bytes()
    for i, cell in enumerate(cells):
        if b"&" in cell:
            try:
                text = _ENTITY.sub(_character, cell.decode("utf-8", "surrogateescape"))
            except ValueError as error:
                raise BadCell(str(error), i) from error
            cells[i] = text.encode("utf-8", "surrogateescape")
    return Texts(pa.array(cells, pa.binary()).view(pa.string()))


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name is None or not found[0].endswith(";"):
        raise ValueError("an & that begins no entity is not XML")
    if name.startswith("#"):
        code = int(f"0{name[1:]}", 16) if name[1] == "x" else int(name[1:])
        if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
            return chr(code)
    elif name in _ENTITIES:
        return _ENTITIES[name]
    raise ValueError(f"&{name}; is no entity of a VOTable")


def piece_of(cells: Texts, layout: Layout, null: int | None) -> Piece:
    """A column of cells as values; BadCell for a cell that is none of its column's."""
    if layout.is_text and layout.width is None:
        return Piece(cells.as_column())
    if layout.is_text and not layout.shape and not layout.variable:
        return Piece(cells.as_column())
    if layout.is_text:
        return _text_arrays(cells, layout)
    if layout.shape or layout.variable or layout.datatype in ("floatComplex", "doubleComplex"):
        return _arrays(cells, layout, null)
    values, mask = _scalars(cells, layout)
    if null is not None and (found := values == null).any():
        mask = found if mask is None else mask | found
    return Piece(values, mask)


def _scalars(cells: Texts, layout: Layout) -> Piece:
    """One value a cell; an empty cell is null."""
    lengths = np.diff(cells.ends)
    if lengths.all():
        return _parsed(cells.arrow, layout, None)
    return _parsed(pc.if_else(of_numbers(lengths == 0), None, cells.arrow), layout, lengths == 0)


def _parsed(cells: Any, layout: Layout, empty: Mask | None) -> Piece:
    """Values of cells of which the empty ones are null; BadCell, with its place, for one that is no value."""
    if layout.datatype in ("boolean", "bit"):
        return _truths(cells, empty)
    dtype = _base(layout)
    kind = pa.from_numpy_dtype(dtype)
    try:
        values = pc.cast(cells, kind)
    except pa.ArrowInvalid:
        trimmed = pc.ascii_trim(cells, _SPACES)
        blank = pc.equal(trimmed, "")
        empty = np.asarray(pc.fill_null(blank, True)) if empty is not None or pc.any(blank).as_py() else None
        trimmed = trimmed if empty is None else pc.if_else(of_numbers(empty), None, trimmed)
        try:
            values = pc.cast(trimmed, kind)
        except pa.ArrowInvalid:
            values = pa.array(_one_by_one(trimmed, dtype), kind)
    if not values.null_count:
        return Piece(values.to_numpy(zero_copy_only=False))
    filled = pc.fill_null(values, pa.scalar(np.nan if dtype.kind == "f" else 0, kind))
    return Piece(filled.to_numpy(zero_copy_only=False), np.asarray(pc.is_null(values)))


def _one_by_one(cells: Any, dtype: np.dtype[Any]) -> list[Any]:
    """What Arrow does not read: +5, and NaN for a missing whole number, as astropy writes it."""
    found: list[Any] = []
    for i, piece in enumerate(cells.view(pa.binary() if pa.types.is_string(cells.type) else pa.large_binary())):
        text = None if piece.as_py() is None else piece.as_py().decode("utf-8", "replace")
        try:
            is_missing = text is None or (dtype.kind != "f" and text.lower() == "nan")
            found.append(None if is_missing else _number(text or "", dtype))
        except ValueError as error:
            raise BadCell(f"{text[:40] if text else text!r} is {error}", i) from error
    return found


def _number(text: str, dtype: np.dtype[Any]) -> float | int:
    if dtype.kind == "f":
        if text.lower() in _NOT_FINITE:
            return _NOT_FINITE[text.lower()]
        if not _FLOAT.match(text):
            raise ValueError("no number")
        return float(dtype.type(text))
    try:
        value = int(text, 16 if "0x" in text[:3].lower() else 10) if "_" not in text else int("")
    except ValueError:
        raise ValueError("no whole number") from None
    if not np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
        raise ValueError(f"beyond what its column holds ({np.iinfo(dtype).min} to {np.iinfo(dtype).max})")
    return value


def _truths(cells: Any, empty: Mask | None) -> Piece:
    places = pc.index_in(cells, _TRUTHS)
    if places.null_count > cells.null_count:
        cells = pc.ascii_trim(cells, _SPACES)
        cells = pc.if_else(pc.equal(cells, ""), "?", cells)
        places = pc.index_in(cells, _TRUTHS)
    found = np.asarray(pc.fill_null(places, -1))
    bad = found < 0 if empty is None else (found < 0) & ~empty
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise BadCell(f"{cells[row].as_py()!r:.40} is neither true nor false", row)
    codes = _MEANS[found]
    mask = codes == 2 if empty is None else (codes == 2) | empty
    return Piece((codes == 1) & ~mask, mask if mask.any() else None)


def _arrays(cells: Texts, layout: Layout, null: int | None) -> Piece:
    """Arrays of numbers or truth values, which are words in their cell."""
    words = pc.ascii_split_whitespace(pc.ascii_trim(cells.arrow, _SPACES))
    flat, ends = words.values, np.asarray(words.offsets)
    counts = np.diff(ends)
    blank = np.asarray(pc.equal(pc.list_element(words, 0), "")) & (counts == 1) if len(counts) else counts == 0
    if blank.any():  # an empty text has one word, which is empty
        flat = flat.filter(of_numbers(np.repeat(~blank, counts)))
        counts = np.where(blank, 0, counts)
    if layout.datatype == "bit":
        flat, counts = _single_bits(flat, counts)
    is_complex = layout.datatype in ("floatComplex", "doubleComplex")
    step = layout.size * (2 if is_complex else 1)
    expected = counts % step == 0 if layout.variable else (counts == step) | blank
    if not expected.all():
        row = int(np.flatnonzero(~expected)[0])
        many = f"whole steps of {step}" if layout.variable else f"{step}"
        raise BadCell(f"{counts[row]} numbers stand there instead of {many}", row)
    values, mask = _parsed_words(flat, layout, np.cumsum(counts))
    if is_complex:
        values = values.view(np.dtype(NUMBERS[layout.datatype]).newbyteorder("="))
        counts = counts // 2
    if null is not None and not layout.variable and (found := values == null).any():
        mask = found if mask is None else mask | found
    if layout.variable:
        return Piece(_cut_up(values, mask, np.cumsum(counts), layout, null))
    return _in_shape(values, mask, blank, layout)


def _parsed_words(flat: Any, layout: Layout, ends: Data) -> Piece:
    try:
        return _parsed(flat, layout, None)
    except BadCell as bad:
        raise BadCell(str(bad), int(np.searchsorted(ends, bad.row, side="right"))) from bad


def _single_bits(flat: Any, counts: Data) -> tuple[Any, Data]:
    """Bits may stand in a cell without spaces between them."""
    lengths = np.asarray(pc.binary_length(flat), dtype=np.int64)
    if (lengths == 1).all():
        return flat, counts
    ends = np.concatenate([[0], np.cumsum(lengths)])
    edges = np.concatenate([[0], np.cumsum(counts)])
    return pa.array(list("".join(flat.to_pylist())), pa.string()), np.diff(ends[edges])


def _in_shape(values: Data, mask: Mask | None, blank: Mask, layout: Layout) -> Piece:
    """Arrays of fixed shape; empty cells are null all over."""
    n_cells = len(blank)
    if values.dtype.kind in "fc" and np.isnan(values).any():  # NaN all over: there is no other null of an array
        nothing = np.isnan(values).reshape(-1, layout.size).all(axis=1)
        mask = np.repeat(nothing, layout.size) if nothing.any() else None
    if not blank.any():
        shaped = None if mask is None else mask.reshape(n_cells, *layout.shape)
        return Piece(values.reshape(n_cells, *layout.shape), shaped)
    if n_cells * layout.size * values.itemsize > _LARGEST + 4 * values.nbytes:
        raise BadCell(f"nothing stands there instead of {layout.size} numbers", int(np.flatnonzero(blank)[0]))
    whole = np.full((n_cells, layout.size), np.nan if values.dtype.kind in "fc" else 0, dtype=values.dtype)
    whole[~blank] = values.reshape(-1, layout.size)
    masks = np.zeros((n_cells, layout.size), dtype=bool)
    if mask is not None:
        masks[~blank] = mask.reshape(-1, layout.size)
    masks[blank] = True
    return Piece(whole.reshape(n_cells, *layout.shape), masks.reshape(n_cells, *layout.shape))


def _cut_up(values: Data, mask: Mask | None, ends: Data, layout: Layout, null: int | None) -> Data:
    """One array a cell, masked where some of its values are null."""
    cells = split(values, ends, layout, null)
    if mask is not None:
        for i, part in enumerate(split(mask, ends, layout, None)):
            if part.any():
                cells[i] = np.ma.MaskedArray(cells[i], part)
    return cells


def _text_arrays(cells: Texts, layout: Layout) -> Piece:
    """Arrays of texts of one width, which stand in their cell without anything between them."""
    width = layout.width or 1
    if not layout.variable and 4 * width * layout.size * len(cells.ends) > _LARGEST + 16 * len(cells.data):
        raise BadCell(f"{layout.size} texts do not stand there", 0)
    found = []
    for cell in cells.as_column().astype(str).tolist():
        texts = [cell[start : start + width].rstrip(" ") for start in range(0, len(cell), width)]
        if not layout.variable:
            texts = (texts + [""] * layout.size)[: layout.size]
        found.append(texts)
    if layout.variable:
        return Piece(objects([np.array(texts, dtype=f"U{width}").reshape(-1, *layout.shape) for texts in found]))
    return Piece(np.array(found, dtype=f"U{width}").reshape(len(found), *layout.shape))


def _base(layout: Layout) -> np.dtype[Any]:
    """The type of the numbers that stand in a cell: a complex number is two."""
    known = {"floatComplex": "f4", "doubleComplex": "f8"}
    return np.dtype(known.get(layout.datatype) or NUMBERS[layout.datatype]).newbyteorder("=")
