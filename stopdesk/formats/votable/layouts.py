"""Columns as they are to be written: which datatype and arraysize hold an array, and cells ready for their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from stopdesk.errors import InputError
from stopdesk.formats.votable.cells import as_array, is_wasteful
from stopdesk.formats.votable.model import NUMBERS, Column, Data, Element, Layout, Mask, null_of

Serialization = Literal["binary2", "binary", "tabledata"]

#: numpy's numbers that VOTable has not, and the next larger that it has.
_LARGER = {"i1": "i2", "u2": "i4", "u4": "i8", "f2": "f4"}

_NAMES = {np.dtype(code).str[1:]: name for name, code in NUMBERS.items()}


@dataclass(frozen=True, eq=False)
class Outgoing:
    """A column to write; ``null`` stands for what is masked where the serialisation has nothing else for it."""

    about: Element
    layout: Layout
    values: Data
    mask: Mask | None = None
    null: int | None = None

    def part(self, rows: slice) -> Outgoing:
        """Some of its rows."""
        return replace(self, values=self.values[rows], mask=None if self.mask is None else self.mask[rows])

    @property
    def row_size(self) -> int:
        """Bytes that a row takes, about."""
        return 64 if self.layout.has_own_length else self.layout.dtype.itemsize


def outgoing(column: Column, serialization: Serialization, hints: Mapping[str, str] | None = None) -> Outgoing:
    """A column with the layout that fits its values; ``hints`` are the datatype and arraysize it was read with.

    Raises InputError for values that a VOTable cannot hold.
    """
    values, mask = column.values, column.mask
    name = column.about.get("name")
    mask = mask if mask is not None and mask.any() else None
    if values.dtype.kind in "SM":
        values = _decoded(values, name) if values.dtype.kind == "S" else np.datetime_as_string(values)
    if values.dtype.kind == "O":
        layout, values, mask = _of_objects(values, mask, name, hints or {})
    elif values.dtype.kind == "U":
        layout = _of_texts(values, {"arraysize": "*", **(hints or {})} if serialization == "tabledata" else hints or {})
    else:
        values = _of_known_type(values, name)
        layout = Layout("boolean" if values.dtype.kind == "b" else _NAMES[values.dtype.str[1:]], _shape(values))
    about, null = _with_null(column.about, layout, values, mask, serialization)
    attributes = {"name": name, "datatype": layout.datatype}
    if layout.arraysize is not None:
        attributes["arraysize"] = layout.arraysize
    rest = {key: text for key, text in about.attributes.items() if key not in ("name", "datatype", "arraysize")}
    return Outgoing(replace(about, attributes=attributes | rest), layout, values, mask, null)


def _shape(values: Data) -> tuple[int, ...]:
    """The fixed dimensions; an array of one element is written as a number (erratum 3 to VOTable 1.3)."""
    return () if values.shape[1:] == (1,) else values.shape[1:]


def _decoded(values: Data, name: str) -> Data:
    try:
        return np.char.decode(values, "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"Column {name} holds bytes that are no text, which a VOTable cannot keep.") from error


def _of_known_type(values: Data, name: str) -> Data:
    code = values.dtype.str[1:]
    if code == "u8":
        if values.size and values.max() > np.iinfo(np.int64).max:
            raise InputError(f"Column {name} holds whole numbers beyond 9.2e18, which a VOTable cannot keep.")
        return values.astype(np.int64)
    if code in _LARGER:
        return values.astype(_LARGER[code])
    if code == "b1" or code in _NAMES:
        if 0 in values.shape[1:]:
            raise InputError(f"Column {name} holds arrays of no elements, which a VOTable cannot keep.")
        return values
    raise InputError(f"Column {name} holds values of type {values.dtype}, which a VOTable cannot keep.")


def _of_texts(values: Data, hints: Mapping[str, str]) -> Layout:
    """Text of one width, unless it had a length of its own before, or one width is a waste."""
    width = max(values.dtype.itemsize // 4, 2)  # one character is another type to some programs than text
    codes = np.ascontiguousarray(values).view(np.uint32)
    highest = int(codes.max(initial=0))
    datatype = _text_type(hints, highest < 128)
    if values.ndim > 1:
        if highest > 0xFFFF:
            width *= 2
        return Layout(datatype, values.shape[1:], width=width)
    bound = hints.get("arraysize", "")
    if bound.endswith("*") or highest >= 0xD800 or is_wasteful(len(values), width, int(np.count_nonzero(codes))):
        limit = int(bound[:-1]) if bound[:-1].isdigit() and bound.endswith("*") else None
        return Layout(datatype, bound=limit if limit is None or limit >= width else None)
    return Layout(datatype, width=width)


def _text_type(hints: Mapping[str, str], ascii_only: bool) -> str:
    """The datatype of text: as it was read, as far as that holds it."""
    return "unicodeChar" if not ascii_only or hints.get("datatype") == "unicodeChar" else "char"


def _of_objects(
    values: Data, mask: Mask | None, name: str, hints: Mapping[str, str]
) -> tuple[Layout, Data, Mask | None]:
    """Texts of various lengths, or arrays of various lengths."""
    missing = np.array([cell is None or cell is np.ma.masked for cell in values], dtype=bool)
    if mask is not None:
        missing |= mask
    there = [cell for cell, gone in zip(values, missing, strict=True) if not gone]
    mask = missing if missing.any() else None
    if all(isinstance(cell, (str, bytes)) for cell in there) and (there or hints.get("datatype") not in NUMBERS):
        texts = [cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell for cell in there]
        filled = np.full(len(values), "", dtype=object)
        filled[~missing] = texts
        ascii_only = all(map(str.isascii, texts))
        bound = hints.get("arraysize", "")[:-1]
        limit = int(bound) if bound.isdigit() and all(len(text) <= int(bound) for text in texts) else None
        return Layout(_text_type(hints, ascii_only), bound=limit), filled, mask
    return _of_arrays(values, missing, mask, name, hints)


def _of_arrays(
    values: Data, missing: Mask, mask: Mask | None, name: str, hints: Mapping[str, str]
) -> tuple[Layout, Data, Mask | None]:
    """Arrays that differ in their first dimension only; scalars among objects are a column of scalars."""
    arrays = [None if gone else as_array(cell) for cell, gone in zip(values, missing, strict=True)]
    there = [array for array in arrays if array is not None]
    if there and all(array.ndim == 0 for array in there):
        common = np.result_type(*there)
        scalars = np.zeros(len(values), dtype=common)
        scalars[~missing] = np.array([array.item() for array in there], dtype=common)
        known = _of_known_type(scalars, name)
        return Layout("boolean" if known.dtype.kind == "b" else _NAMES[known.dtype.str[1:]]), known, mask
    full = [array for array in there if array.size] or there
    shapes = {array.shape[1:] for array in full}
    if len(shapes) > 1 or any(array.ndim == 0 for array in full):
        raise InputError(f"Column {name} holds arrays of various shapes, which a VOTable cannot keep.")
    shape = shapes.pop() if shapes else ()
    kinds = {array.dtype for array in full}
    if all(kind.kind == "U" for kind in kinds) and kinds:
        width = max(*(kind.itemsize // 4 for kind in kinds), 1)
        is_ascii = all(str(text).isascii() for array in full for text in array.flat)
        layout = Layout("char" if is_ascii else "unicodeChar", shape, True, width if is_ascii else 2 * width)
        empty: Data = np.empty((0, *shape), dtype=f"U{width}")
    else:
        common = np.result_type(*kinds) if kinds else np.dtype(NUMBERS.get(hints.get("datatype", ""), "f8"))
        if hints.get("datatype") == "boolean" and not kinds:
            common = np.dtype(bool)
        empty = _of_known_type(np.empty((1, *shape), dtype=common.newbyteorder("=")), name)[:0]
        datatype = "boolean" if empty.dtype.kind == "b" else _NAMES.get(empty.dtype.str[1:], "")
        layout = Layout(datatype, shape, True)
    cells = np.empty(len(values), dtype=object)
    for i, array in enumerate(arrays):
        cells[i] = empty if array is None or not array.size else array.astype(empty.dtype, copy=False)
    return layout, cells, mask


def _with_null(
    about: Element, layout: Layout, values: Data, mask: Mask | None, serialization: Serialization
) -> tuple[Element, int | None]:
    """The FIELD with a number for null where one is needed.

    BINARY has no other null for whole numbers, nor has part of an array, nor any array in TABLEDATA.
    """
    if layout.datatype not in ("long", "int", "short", "unsignedByte"):
        return about, None
    limits = np.iinfo(NUMBERS[layout.datatype])
    masks, flat = _flat(values, mask)
    declared = null_of(replace(about, attributes={**about.attributes, "datatype": layout.datatype}))
    if declared is not None and not _stands_in(declared, flat, masks):
        return about, declared
    others = tuple(child for child in about.children if child.name != "VALUES")
    kept = tuple(
        replace(child, attributes={key: text for key, text in child.attributes.items() if key != "null"})
        for child in about.all("VALUES")
    )
    partial = layout.variable or values.ndim > 1
    is_kept = serialization == "binary2" and _is_whole(mask, layout)
    needed = masks is not None and (serialization == "binary" or (partial and not is_kept))
    null = None
    if needed:
        candidates = (int(limits.max), int(limits.min), *range(int(limits.max) - 1, int(limits.max) - 257, -1))
        null = next((each for each in candidates if limits.min <= each and not _stands_in(each, flat, masks)), None)
        if null is None:
            raise InputError(
                f"Column {about.get('name')} has values missing and uses every number of its type; "
                "write the table as BINARY2, or give the column a larger type."
            )
        first = kept[0] if kept else Element("VALUES")
        kept = (replace(first, attributes={**first.attributes, "null": str(null)}), *kept[1:])
    return replace(about, children=(*others, *(each for each in kept if each.attributes or each.children))), null


def joined_masked(arrays: Sequence[Any]) -> Any:
    """Arrays, masked or not, one after the other, as a masked array where one of them is."""
    if not any(isinstance(array, np.ma.MaskedArray) for array in arrays):
        return np.concatenate(arrays)
    mask = np.concatenate([np.ma.getmaskarray(array) for array in arrays])
    return np.ma.MaskedArray(np.concatenate([np.ma.getdata(array) for array in arrays]), mask)


def _flat(values: Data, mask: Mask | None) -> tuple[Mask | None, Data]:
    """The mask of all values, and all values; those of objects one after the other."""
    if values.dtype.kind != "O":
        return mask, values
    cells: Sequence[Any] = [as_array(cell).ravel() for cell in values]
    flat = joined_masked(cells) if len(cells) else np.ma.empty(0)
    masks = np.ma.getmaskarray(flat)
    return (masks if masks.any() else None), np.ma.getdata(flat)


def _is_whole(mask: Mask | None, layout: Layout) -> bool:
    """Whether cells are masked all over or not at all."""
    if layout.variable or mask is None:
        return False
    cells = mask.reshape(len(mask), -1)
    return bool((cells.all(axis=1) == cells.any(axis=1)).all())


def _stands_in(null: int, values: Data, mask: Mask | None) -> bool:
    found = values == null
    return bool((found if mask is None else found & ~mask).any())
