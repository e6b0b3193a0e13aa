"""The rows that portals gave, as columns of arrays: what is said of each column, its values and which are missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.errors import Cancelled
from stopdesk.vo.datalink import LinkService

Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]
Asked = Callable[[], bool]

#: The key of the column that says which portal a row is of, and the beginning of the keys of columns put beside it.
PORTAL = "(portal)"
EXTRA = "(extra) "

#: So many texts are worked on at once: other threads wait for less than some milliseconds.
CHUNK = 4096

#: So many distinct texts are few.
_FEW = 20_000

#: So many bytes are taken to sort a column of texts, at most.
_MOST_BYTES = 512 << 20

_DIGITS = re.compile("[0-9]+")


class Kind(StrEnum):
    """What the cells of a column are."""

    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    OTHER = "other"  # arrays, complex numbers: shown, and no more


@dataclass(frozen=True, eq=False)
class Coded:
    """A column by its distinct values: ``texts`` in order, ``codes`` of shape (rows,) their numbers.

    A missing value has the number ``len(texts)``.
    """

    texts: tuple[str, ...]
    codes: NDArray[np.int32]

    @property
    def counts(self) -> Ints:
        """How many rows have each value; the last one counts the missing; shape (texts + 1,)."""
        return np.bincount(self.codes, minlength=len(self.texts) + 1)


@dataclass(frozen=True, eq=False)
class RowColumn:
    """One column. ``key`` tells it from the others and is the same in every search; ``name`` is the service's word.

    ``values`` has shape (rows,), or (rows, ...) for arrays; ``mask`` tells which are missing, None where NaN and ""
    say so. ``unit`` is as the service writes it. ``role`` is the meaning found for it (`vo.columns.ROLES`), "" where
    there is none. ``href`` is an address with ``${name}`` for the cells of the row, ``leads_to`` the media type of what
    its addresses lead to, "" where not said. ``frame`` is ``B1950`` for positions in that system, "" for ICRS and
    J2000. ``origins`` are the portals that have the column, empty for all.
    """

    key: str
    name: str
    kind: Kind
    values: NDArray[Any]
    mask: Bools | None = None
    unit: str = ""
    description: str = ""
    ucd: str = ""
    utype: str = ""
    xtype: str = ""
    role: str = ""
    precision: str = ""
    href: str = ""
    leads_to: str = ""
    frame: str = ""
    origins: tuple[str, ...] = ()
    _known: dict[str, Any] = field(default_factory=dict, repr=False)

    def missing(self) -> Bools:
        """Which rows have no value here; shape (rows,)."""
        if self.kind is Kind.TEXT:
            if self.values.dtype.kind != "O":
                blank = np.asarray(np.strings.str_len(self.values) == 0)
            else:
                blank = np.zeros(len(self.values), dtype=bool)
                for part in chunks(len(self.values)):
                    blank[part] = [not text for text in texts_of(self.values[part])]
        elif self.kind is Kind.NUMBER and self.values.dtype.kind == "f":
            blank = np.isnan(self.values)
        else:
            blank = np.zeros(len(self.values), dtype=bool)
        return blank if self.mask is None else blank | self.mask

    def is_missing(self, row: int) -> bool:
        """Whether this row has no value here."""
        if self.mask is not None and self.mask[row]:
            return True
        value = self.values[row]
        return (value is None or value is np.ma.masked) if self.kind is not Kind.NUMBER else bool(value != value)

    def text(self, row: int) -> str:
        """The text of a row of a column of texts; "" where it is missing."""
        return "" if self.mask is not None and self.mask[row] else _text(self.values[row])

    def coded(self, cancelled: Asked | None = None) -> Coded:
        """The column by its distinct values, texts in natural order, numbers by size; found once.

        Raises Cancelled; ValueError for a column of floating point numbers or arrays.
        """
        found: Coded = self.remembered("coded", lambda: _code(self, cancelled))
        return found

    def ranks(self, cancelled: Asked | None = None) -> NDArray[np.int32]:
        """Numbers that sort the texts of the column naturally, -1 where one is missing; shape (rows,); found once.

        Texts that differ after some hundred letters only, in a table of a million rows, count as equal.
        """
        found: NDArray[np.int32] = self.remembered("ranks", lambda: _rank(self, cancelled))
        return found

    def remembered(self, name: str, make: Callable[[], Any]) -> Any:
        """What was made of the column under this name before, else what is made now."""
        if name not in self._known:
            self._known[name] = make()
        return self._known[name]

    def coded_within(self, most: int, cancelled: Asked | None = None) -> Coded | None:
        """The same for a column with at most so many distinct values; None, and soon, for others."""
        if self.kind is Kind.TEXT and "coded" not in self._known:
            seen: set[str] = set()
            for part in chunks(len(self.values), cancelled):
                seen.update(texts_of(self.values[part]))
                if len(seen) > most + 1:
                    return None
        coded = self.coded(cancelled)
        return coded if len(coded.texts) <= most else None


@dataclass(frozen=True)
class Portal:
    """A portal and its rows: ``n_rows`` of them from ``first`` on; ``links`` is the service that lists their links."""

    key: str
    name: str
    first: int
    n_rows: int
    links: LinkService | None = None


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of all portals, one portal after the other."""

    portals: tuple[Portal, ...] = ()
    columns: tuple[RowColumn, ...] = ()
    n_rows: int = 0
    _places: dict[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._places.update({column.key: place for place, column in enumerate(self.columns)})

    def column(self, key: str) -> RowColumn | None:
        """The column of that key; None where there is none."""
        place = self._places.get(key)
        return None if place is None else self.columns[place]

    def named(self, name: str) -> RowColumn | None:
        """The first column that a service calls so; None where there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def links_of(self, row: int) -> str:
        """The address of the list of links that the row's portal has a service for; "" for none."""
        portal = self.portals[int(self.portal_numbers([row])[0])]
        return "" if portal.links is None else portal.links.address(row - portal.first)

    def portal_numbers(self, rows: Any) -> Ints:
        """The numbers of the portals that these rows are of."""
        firsts = [portal.first + portal.n_rows for portal in self.portals]
        return np.asarray(np.searchsorted(np.array(firsts, dtype=np.intp), rows, side="right"), dtype=np.intp)

    def ids(self, rows: Sequence[int] | Ints) -> list[str]:
        """What these rows are called for good: the portal's key and the number of the row in its table."""
        numbers = self.portal_numbers(np.asarray(rows, dtype=np.intp)).tolist()
        return [
            f"{self.portals[number].key}#{row - self.portals[number].first}"
            for row, number in zip(np.asarray(rows).tolist(), numbers, strict=True)
        ]

    def with_ids(self, ids: Sequence[str]) -> Ints:
        """The rows of these names, those that are here."""
        by_key = {portal.key: portal for portal in self.portals}
        found = []
        for each in ids:
            key, _, number = each.rpartition("#")
            portal = by_key.get(key)
            if portal is not None and number.isdecimal() and int(number) < portal.n_rows:
                found.append(portal.first + int(number))
        return np.array(found, dtype=np.intp)

    def from_other(self, other: Rows, chosen: Bools) -> Bools:
        """A choice of another answer's rows, shape (rows there,), as one of these rows, by their names."""
        here = np.zeros(self.n_rows, dtype=bool)
        by_key = {portal.key: portal for portal in self.portals}
        for old in other.portals:
            new = by_key.get(old.key)
            if new is not None:
                n = min(old.n_rows, new.n_rows)
                here[new.first : new.first + n] = chosen[old.first : old.first + n]
        return here

    def with_extra(self, name: str, values: NDArray[Any], description: str = "") -> Rows:
        """These rows with a further column behind the portals', in place of one of that name.

        ``values`` are numbers, flags or texts of shape (rows,). Raises ValueError for another number of rows.
        """
        if values.shape != (self.n_rows,):
            raise ValueError(f"{values.shape} values for {self.n_rows} rows")
        kind = {"f": Kind.NUMBER, "i": Kind.NUMBER, "u": Kind.NUMBER, "b": Kind.FLAG}.get(values.dtype.kind, Kind.TEXT)
        column = RowColumn(EXTRA + name, name, kind, values, description=description)
        others = [each for each in self.columns if each.key != column.key]
        return replace(self, columns=(*others[:1], column, *others[1:]), _places={})


def chunks(n_rows: int, cancelled: Asked | None = None) -> Iterator[slice]:
    """The rows in pieces; raises Cancelled between them."""
    for start in range(0, n_rows, CHUNK):
        if cancelled is not None and cancelled():
            raise Cancelled("The table was no longer wanted.")
        yield slice(start, start + CHUNK)


def texts_of(values: NDArray[Any]) -> list[str]:
    """Cells as texts without blanks around them, "" where there is nothing."""
    try:
        return list(map(str.strip, values.tolist()))
    except TypeError:  # not all of them are texts
        return [_text(value) for value in values.tolist()]


def _text(value: Any) -> str:
    if value is None or value is np.ma.masked:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return str(value).strip()


def natural_key(text: str) -> str:
    """What sorts texts as people do, in any case of letters, ``G9`` before ``G10``: digits with their number before."""
    return _DIGITS.sub(lambda match: _counted(match.group()), text.casefold())


def _counted(digits: str) -> str:
    plain = digits.lstrip("0")
    return f"{len(plain):06d}{plain}"


def _code(column: RowColumn, cancelled: Asked | None) -> Coded:
    if column.kind is Kind.FLAG:
        codes = np.where(column.missing(), 2, column.values).astype(np.int32)
        return Coded(("no", "yes"), codes)
    if column.kind is Kind.TEXT:
        return _code_texts(column, cancelled)
    if column.kind is not Kind.NUMBER or column.values.dtype.kind not in "iu":
        raise ValueError(f"column {column.name!r} has no distinct values")
    missing = column.missing()
    distinct, inverse = np.unique(column.values[~missing], return_inverse=True)
    codes = np.full(len(missing), len(distinct), dtype=np.int32)
    codes[~missing] = inverse
    return Coded(tuple(map(str, distinct.tolist())), codes)


def _code_texts(column: RowColumn, cancelled: Asked | None) -> Coded:
    """Distinct texts get numbers as they come, and then those of their places in natural order."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    met = np.empty(len(column.values), dtype=np.int32)
    for part in chunks(len(met), cancelled):
        met[part] = list(map(numbers.__getitem__, texts_of(column.values[part])))
    ordered = sorted((text for text in numbers if text), key=lambda text: (natural_key(text), text))
    places = np.full(len(numbers) + 1, len(ordered), dtype=np.int32)
    for place, text in enumerate(ordered):
        places[numbers[text]] = place
    codes = places[met]
    if column.mask is not None:
        codes[column.mask] = len(ordered)
    return Coded(tuple(ordered), codes)


def _rank(column: RowColumn, cancelled: Asked | None) -> NDArray[np.int32]:
    """The places of few distinct texts; else by bytes of one width, which numpy sorts without holding up others."""
    coded = column.coded_within(_FEW, cancelled)
    if coded is not None:
        naturally = [natural_key(text) for text in coded.texts]
        steps = np.cumsum([key != before for before, key in pairwise(naturally)], dtype=np.int32).tolist()
        places = [0, *steps][: len(naturally)]
        return np.array([*places, -1], dtype=np.int32)[coded.codes]
    keys: list[NDArray[Any]] = []
    widest = 1
    for part in chunks(len(column.values), cancelled):
        texts = [natural_key(text).encode("utf-8", "surrogatepass") for text in texts_of(column.values[part])]
        keys.append(np.array(texts, dtype="S"))
        widest = max(widest, keys[-1].dtype.itemsize)
    narrow = min(widest, max(_MOST_BYTES // max(len(column.values), 1), 16))
    together = np.zeros(len(column.values), dtype=f"S{narrow}")
    for part, some in zip(chunks(len(together), cancelled), keys, strict=True):
        together[part] = some
    del keys
    order = np.argsort(together, kind="stable")
    if cancelled is not None and cancelled():
        raise Cancelled("The table was no longer wanted.")
    ordered = together[order]
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order] = np.cumsum(np.concatenate(([False], ordered[1:] != ordered[:-1]))[: len(order)])
    ranks[(together == b"") if column.mask is None else (together == b"") | column.mask] = -1
    return ranks
