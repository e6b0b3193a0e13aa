"""What a VOTable says, as values: elements with their attributes, the layout of a cell, and columns of cells.

The datatypes are those of VOTable 1.4, section 2.1: https://www.ivoa.net/documents/VOTable/20191021/.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Data = NDArray[Any]
Mask = NDArray[np.bool_]

#: VOTable's names of the kinds of number, and the big-endian numpy types of BINARY and BINARY2.
NUMBERS = {
    "double": ">f8",
    "float": ">f4",
    "long": ">i8",
    "int": ">i4",
    "short": ">i2",
    "unsignedByte": ">u1",
    "floatComplex": ">c8",
    "doubleComplex": ">c16",
}

#: All other kinds of cell: truth values and text.
OTHERS = ("boolean", "bit", "char", "unicodeChar")

#: The names of other standards that are met in VOTables, as astropy understands them too.
SYNONYMS = {
    "string": "char",
    "unicodeString": "unicodeChar",
    "int16": "short",
    "int32": "int",
    "int64": "long",
    "float32": "float",
    "float64": "double",
    "unsignedInt": "long",
    "unsignedShort": "int",
}

_ARRAYSIZE = re.compile(r"(?:\d{1,10}x){0,15}(?:\d{1,10}|\d{0,10}\*)\Z", re.ASCII)


class UnusualError(Exception):
    """The table is more than this codec knows; the text says what, as half a sentence."""


@dataclass(frozen=True)
class Element:
    """An element of a VOTable without its rows: attributes, text and children. Names are without prefixes."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: tuple[Element, ...] = ()

    def get(self, name: str) -> str:
        """An attribute, or the empty text."""
        return self.attributes.get(name, "")

    def all(self, *names: str) -> Iterator[Element]:
        """The children of these names, in order."""
        return (child for child in self.children if child.name in names)

    @property
    def description(self) -> str:
        """The text of its DESCRIPTION."""
        return next((child.text.strip() for child in self.all("DESCRIPTION")), "")


@dataclass(frozen=True)
class Layout:
    """How a cell is stored.

    ``shape`` are its fixed dimensions in numpy's order (the slowest first); a ``variable`` cell has one more, slower,
    of any length. ``width`` is the length of one text of a char or unicodeChar cell, None where each has its own.
    """

    datatype: str
    shape: tuple[int, ...] = ()
    variable: bool = False
    width: int | None = None
    bound: int | None = None

    @property
    def is_text(self) -> bool:
        """Whether the cell holds text."""
        return self.datatype in ("char", "unicodeChar")

    @property
    def has_own_length(self) -> bool:
        """Whether each cell comes with its length in BINARY and BINARY2."""
        return self.variable or (self.is_text and self.width is None)

    @cached_property
    def size(self) -> int:
        """Number of values in a cell, or in one step of the variable dimension."""
        return math.prod(self.shape)

    @property
    def unit_bits(self) -> int:
        """Bits that the smallest part of the cell takes in BINARY and BINARY2."""
        known = {"bit": 1, "boolean": 8, "char": 8, "unicodeChar": 16}
        return known.get(self.datatype) or 8 * np.dtype(NUMBERS[self.datatype]).itemsize

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """The big-endian type of a cell of fixed length; UnusualError where numpy has none."""
        try:
            if self.datatype == "char":
                return np.dtype((f"S{max(self.width or 0, 1)}", self.shape))
            if self.datatype == "unicodeChar":
                return np.dtype((">u2", (*self.shape, max(self.width or 0, 1))))
            if self.datatype == "bit":
                return np.dtype(("u1", ((self.size + 7) // 8,)))
            return np.dtype(("S1" if self.datatype == "boolean" else NUMBERS[self.datatype], self.shape))
        except ValueError as error:
            raise UnusualError(f"has cells too large to be held: {error}") from error

    @property
    def arraysize(self) -> str | None:
        """The attribute of that name."""
        dims = [*([] if self.width is None else [self.width]), *reversed(self.shape)]
        if self.variable or (self.is_text and self.width is None):
            return "x".join([*map(str, dims), f"{'' if self.bound is None else self.bound}*"])
        return "x".join(map(str, dims)) if dims else None


def layout_of(about: Element) -> Layout:
    """The layout of a FIELD or PARAM; UnusualError where it is none of the standard's."""
    named, arraysize = about.get("datatype").strip(), about.get("arraysize").strip()
    datatype = SYNONYMS.get(named, named)
    if datatype not in NUMBERS and datatype not in OTHERS:
        raise UnusualError(f"has a column {about.get('name')} of unknown datatype {named!r}")
    if named in ("string", "unicodeString") and not arraysize:
        arraysize = "*"
    if arraysize and not _ARRAYSIZE.match(arraysize):
        raise UnusualError(f"has a column {about.get('name')} of unknown arraysize {arraysize!r}")
    is_text = datatype in ("char", "unicodeChar")
    if arraysize in ("", "1"):  # 1 means a scalar: erratum 3 to VOTable 1.3
        return Layout(datatype, width=1 if is_text else None)
    variable = arraysize.endswith("*")
    dims = arraysize.rstrip("*").split("x")
    last = dims.pop() if variable else ""
    bound = int(last) if last else None
    sizes = [int(dim) for dim in dims if dim]
    width = sizes.pop(0) if is_text and sizes else None
    if is_text and width is None:
        return Layout(datatype, bound=bound)
    return Layout(datatype, tuple(reversed(sizes)), variable, width, bound)


def null_of(about: Element) -> int | None:
    """The whole number that stands for null in a column (VALUES null); None where there is none."""
    datatype = SYNONYMS.get(about.get("datatype"), about.get("datatype"))
    if datatype not in ("long", "int", "short", "unsignedByte"):
        return None
    for values in about.all("VALUES"):
        text = values.get("null").strip()
        try:
            null = int(text, 16 if text[:2].lower() == "0x" else 10)
        except ValueError:
            continue  # a null that is no value of its column never stands in it
        limits = np.iinfo(NUMBERS[datatype])
        if limits.min <= null <= limits.max:
            return null
    return None


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of a FIELD.

    ``values`` has shape (n_rows, *shape) in the machine's byte order, text as str; cells of variable length are
    objects. ``mask`` is True where there is no value, of the same shape, (n_rows,) for objects; None: all are there.
    """

    about: Element
    values: Data
    mask: Mask | None = None


@dataclass(frozen=True, eq=False)
class Document:
    """All elements of a VOTable, and the columns of those of its tables that were read, by their index."""

    root: Element
    columns: Mapping[int, tuple[Column, ...]]
    truncated: bool = False

    @cached_property
    def tables(self) -> tuple[tuple[Element, ...], ...]:
        """Every TABLE in order, each as the elements that lead to it from the root, itself the last."""
        return tuple(_tables(self.root, ()))


def _tables(element: Element, above: tuple[Element, ...]) -> Iterator[tuple[Element, ...]]:
    for child in element.all("RESOURCE", "TABLE"):
        here = (*above, element)
        if child.name == "TABLE":
            yield (*here, child)
        else:
            yield from _tables(child, here)
