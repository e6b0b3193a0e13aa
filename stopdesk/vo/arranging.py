"""Sorts and filters rows: the order in which they are shown, and which; for as many as there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.errors import Cancelled
from stopdesk.vo.rows import Asked, Bools, Coded, Ints, Kind, RowColumn, Rows

#: Columns of texts with more distinct values than this have no ticks to filter by, and whole numbers with more have a
#: range.
MOST_VALUES = 50
MOST_NUMBERS = 10

#: The same where ticks have been set before.
MOST_KEPT = 1000


@dataclass(frozen=True)
class SortKey:
    """One column to sort by, by its key; the first of several counts most."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class RangeFilter:
    """Keeps values from ``low`` to ``high``, ends included, None for no end; in ``unit``, that of the column.

    Rows without a value are kept where ``unknown``.
    """

    low: float | None = None
    high: float | None = None
    unit: str = ""
    unknown: bool = True


@dataclass(frozen=True)
class ValuesFilter:
    """Keeps all values but some, or where ``only`` is set no other than some; rows without one where ``unknown``."""

    values: frozenset[str] = frozenset()
    only: bool = False
    unknown: bool = True

    def keeps(self, value: str) -> bool:
        """Whether rows with this value are kept."""
        return (value in self.values) == self.only


Filter = RangeFilter | ValuesFilter


@dataclass(frozen=True)
class RangeFacts:
    """What there is to filter by in a column of numbers: its ends, NaN where it has none, and how many are missing."""

    low: float
    high: float
    n_unknown: int


@dataclass(frozen=True)
class ValuesFacts:
    """What there is to filter by in a column of few values: each with its count, and how many are missing."""

    values: tuple[tuple[str, int], ...]
    n_unknown: int


Facts = RangeFacts | ValuesFacts


@dataclass(frozen=True, eq=False)
class Arrangement:
    """The rows shown, in order. ``places`` of shape (rows,) tells where each stands, -1 where it is hidden.

    ``by_sort`` is the order of all rows by ``sort``, kept for the next arrangement.
    """

    order: Ints
    places: Ints
    sort: tuple[SortKey, ...]
    by_sort: Ints


def arrange(
    rows: Rows,
    sort: Sequence[SortKey] = (),
    filters: Mapping[str, Filter] | None = None,
    *,
    before: Arrangement | None = None,
    cancelled: Asked | None = None,
) -> Arrangement:
    """Sort and filter: missing values come last whichever way one sorts, equal ones stay in their order.

    Columns that are not there neither sort nor filter. ``before`` is an arrangement of the same rows: what it has
    sorted is not sorted again. Raises Cancelled.
    """
    keys = tuple(sort)
    by_sort = before.by_sort if before is not None and before.sort == keys else _sorted(rows, keys, cancelled)
    order = by_sort
    for key, each in (filters or {}).items():
        column = rows.column(key)
        if column is not None:
            order = order[passing(column, each, cancelled)[order]]
    places = np.full(rows.n_rows, -1, dtype=np.intp)
    places[order] = np.arange(len(order))
    return Arrangement(order, places, keys, by_sort)


def _sorted(rows: Rows, sort: Sequence[SortKey], cancelled: Asked | None) -> Ints:
    found: list[NDArray[np.generic]] = []
    for key in reversed(sort):  # numpy's last key counts most
        column = rows.column(key.column)
        if column is not None:
            found += _sortable(column, cancelled, descending=key.descending)
        _raise_if(cancelled)
    if not found:
        return np.arange(rows.n_rows)
    return np.argsort(found[0], kind="stable") if len(found) == 1 else np.lexsort(found)


def _sortable(column: RowColumn, cancelled: Asked | None, *, descending: bool) -> list[NDArray[np.generic]]:
    """Arrays that sort as the column does, the last counting most; none for a column that has no order."""
    if column.kind is Kind.OTHER:
        return []
    if column.kind is Kind.NUMBER and column.values.dtype.kind == "f":
        values = column.values if column.mask is None else np.where(column.mask, np.nan, column.values)
        return [-values if descending else values]  # NaN sorts last
    if column.kind is Kind.TEXT:
        values = column.ranks(cancelled)
        missing = values < 0
    else:
        values, missing = column.values, column.missing()
    turned = ~values if descending else values  # the negative of the smallest whole number is itself
    return [np.where(missing, turned[:1], turned), missing] if missing.any() else [turned]


def passing(column: RowColumn, chosen: Filter, cancelled: Asked | None = None) -> Bools:
    """Which rows a filter keeps; shape (rows,). A filter that does not fit the kind of the column keeps all."""
    if isinstance(chosen, RangeFilter):
        ends = range_in(chosen, column)
        if ends is None:
            return np.ones(len(column.values), dtype=bool)
        kept = np.ones(len(column.values), dtype=bool)
        if ends[0] is not None:
            kept &= column.values >= ends[0]
        if ends[1] is not None:
            kept &= column.values <= ends[1]
        missing = column.missing()
        return np.asarray(np.where(missing, chosen.unknown, kept), dtype=bool)
    if not is_countable(column):
        return np.ones(len(column.values), dtype=bool)
    coded = column.coded(cancelled)
    allowed = np.array([*map(chosen.keeps, coded.texts), chosen.unknown], dtype=bool)
    return np.asarray(allowed[coded.codes], dtype=bool)


def is_countable(column: RowColumn) -> bool:
    """Whether a column can have distinct values to count: texts, flags and whole numbers."""
    return column.kind in (Kind.TEXT, Kind.FLAG) or (column.kind is Kind.NUMBER and column.values.dtype.kind in "iu")


def range_in(chosen: RangeFilter, column: RowColumn) -> tuple[float | None, float | None] | None:
    """The ends of a range in the unit of the column; None where they cannot be compared with it."""
    if column.kind is not Kind.NUMBER:
        return None
    if chosen.unit == column.unit:
        return chosen.low, chosen.high
    factor = unit_factor(chosen.unit, column.unit)
    if factor is None:
        return None
    return tuple(None if end is None else end * factor for end in (chosen.low, chosen.high))  # type: ignore[return-value]


def unit_factor(unit: str, other: str) -> float | None:
    """By how much numbers in ``unit`` are multiplied to be in ``other``; None where they measure different things."""
    from astropy import units as u

    try:
        return float(u.Unit(unit).to(u.Unit(other)))
    except (ValueError, TypeError, u.UnitConversionError):
        return None


def facts_of(
    columns: Iterable[RowColumn], kept: Mapping[str, Filter], cancelled: Asked | None = None
) -> dict[str, Facts]:
    """What there is to filter by in each of these columns, by its key; those without an entry offer nothing.

    ``kept`` are filters from before: a column that has one is looked at so that it can be used again, if it can.
    """
    found = {}
    for column in columns:
        _raise_if(cancelled)
        facts = _facts(column, kept.get(column.key), cancelled)
        if facts is not None:
            found[column.key] = facts
    return found


def fits(chosen: Filter, column: RowColumn, facts: Facts) -> bool:
    """Whether a filter from before can be used for a column of which this is known."""
    if isinstance(chosen, RangeFilter):
        return isinstance(facts, RangeFacts) and range_in(chosen, column) is not None
    return isinstance(facts, ValuesFacts)


def fitting(rows: Rows, kept: Mapping[str, Filter], facts: Mapping[str, Facts]) -> dict[str, Filter]:
    """Those of the filters that can be used for these rows, by the columns' keys."""
    found = {}
    for key, chosen in kept.items():
        column, known = rows.column(key), facts.get(key)
        if column is not None and known is not None and fits(chosen, column, known):
            found[key] = chosen
    return found


def _facts(column: RowColumn, kept: Filter | None, cancelled: Asked | None) -> Facts | None:
    if is_countable(column) and not isinstance(kept, RangeFilter):
        most = MOST_VALUES if column.kind is not Kind.NUMBER else MOST_NUMBERS
        few = column.coded_within(MOST_KEPT if isinstance(kept, ValuesFilter) else most, cancelled)
        if few is not None:
            return _values_facts(few)
    if column.kind is not Kind.NUMBER:
        return None
    known = column.values[~column.missing()]
    finite = known[np.isfinite(known)] if known.dtype.kind == "f" else known
    n_unknown = len(column.values) - len(known)
    if not finite.size:
        return RangeFacts(np.nan, np.nan, n_unknown)
    return RangeFacts(float(finite.min()), float(finite.max()), n_unknown)


def _values_facts(coded: Coded) -> ValuesFacts:
    counts = coded.counts.tolist()
    pairs = tuple((text, n) for text, n in zip(coded.texts, counts[:-1], strict=True) if n)
    return ValuesFacts(pairs, counts[-1])


def _raise_if(cancelled: Asked | None) -> None:
    if cancelled is not None and cancelled():
        raise Cancelled("The table was no longer wanted.")
