"""Sorting and filtering rows, against the plainest way to do it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.errors import Cancelled
from stopdesk.vo import rows as rows_module
from stopdesk.vo.arranging import (
    Filter,
    RangeFacts,
    RangeFilter,
    SortKey,
    ValuesFacts,
    ValuesFilter,
    arrange,
    facts_of,
    fitting,
    passing,
)
from stopdesk.vo.rows import Kind, RowColumn, Rows, natural_key

_TEXTS = st.sampled_from(["", "G9", "G10", "g9", "a1", "a01", "ALMA", "alma band 10", "alma band 9", "é", "7", "70"])
_FLOATS = st.one_of(st.just(math.nan), st.floats(-1e6, 1e6), st.sampled_from([0.0, -0.0, math.inf, -math.inf]))
_WHOLE = st.one_of(st.integers(-5, 5), st.sampled_from([-(2**63), 2**63 - 1]))


@st.composite
def tables(draw: st.DrawFn) -> Rows:
    n = draw(st.integers(0, 40))
    lists = (
        st.lists(_FLOATS, min_size=n, max_size=n),
        st.lists(_WHOLE, min_size=n, max_size=n),
        st.lists(_TEXTS, min_size=n, max_size=n),
        st.lists(st.booleans(), min_size=n, max_size=n),
    )
    masks = [np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool) for _ in range(4)]
    columns = (
        RowColumn("x", "x", Kind.NUMBER, np.array(draw(lists[0]), dtype=float), masks[0]),
        RowColumn("n", "n", Kind.NUMBER, np.array(draw(lists[1]), dtype=np.int64), masks[1]),
        RowColumn("t", "t", Kind.TEXT, np.array(draw(lists[2]), dtype=object), masks[2]),
        RowColumn("f", "f", Kind.FLAG, np.array(draw(lists[3]), dtype=bool), masks[3]),
    )
    return Rows((), columns, n)


def plain_values(column: RowColumn) -> list[Any]:
    """The cells, None where missing."""
    missing = column.missing().tolist()
    return [None if lacks else value for value, lacks in zip(column.values.tolist(), missing, strict=True)]


def plainly(text: str) -> list[tuple[int, int]]:
    """Letters by their code; runs of digits as numbers, which stand where digits stand."""
    parts = re.findall(r"[0-9]+|[^0-9]", text.casefold())
    return [(ord("0"), int(part)) if part[0] in "0123456789" else (ord(part), 0) for part in parts]


def plain_sort(rows: Rows, keys: list[SortKey]) -> list[int]:
    order = list(range(rows.n_rows))
    for key in reversed(keys):
        column = rows.column(key.column)
        assert column is not None
        values = plain_values(column)
        of: Callable[[Any], Any] = plainly if column.kind is Kind.TEXT else lambda value: value
        known = [row for row in order if values[row] is not None]
        known = sorted(known, key=lambda row, of=of, values=values: of(values[row]), reverse=key.descending)
        order = known + [row for row in order if values[row] is None]
    return order


_KEYS = st.lists(
    st.builds(SortKey, st.sampled_from("xntf"), descending=st.booleans()), max_size=3, unique_by=lambda key: key.column
)


@given(tables(), _KEYS)
def test_sorting_is_stable_natural_and_puts_missing_last(rows: Rows, keys: list[SortKey]) -> None:
    found = arrange(rows, keys)
    assert found.order.tolist() == plain_sort(rows, keys)
    assert found.places[found.order].tolist() == list(range(rows.n_rows))


@given(tables(), _KEYS)
def test_many_distinct_texts_sort_as_few_do(rows: Rows, keys: list[SortKey]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "_FEW", -1)
        patch.setattr(rows_module, "CHUNK", 7)
        assert arrange(rows, keys).order.tolist() == plain_sort(rows, keys)


_FILTERS = st.dictionaries(
    st.sampled_from("xnt"),
    st.one_of(
        st.builds(RangeFilter, st.none() | st.floats(-9, 9), st.none() | st.floats(-9, 9), unknown=st.booleans()),
        st.builds(ValuesFilter, st.frozensets(_TEXTS | st.just("3")), st.booleans(), st.booleans()),
    ),
)


def plainly_kept(column: RowColumn, chosen: Filter, value: Any) -> bool:
    if isinstance(chosen, RangeFilter):
        if column.kind is not Kind.NUMBER:
            return True
        if value is None:
            return chosen.unknown
        low, high = chosen.low is None or value >= chosen.low, chosen.high is None or value <= chosen.high
        return low and high
    if column.key == "x":
        return True
    return chosen.unknown if value is None or value == "" else chosen.keeps(str(value))


@given(tables(), _KEYS, _FILTERS)
def test_filters_hide_and_never_reorder(rows: Rows, keys: list[SortKey], filters: dict[str, Filter]) -> None:
    kept = []
    for row in plain_sort(rows, keys):
        columns = [(rows.column(key), chosen) for key, chosen in filters.items()]
        if all(column and plainly_kept(column, chosen, plain_values(column)[row]) for column, chosen in columns):
            kept.append(row)
    found = arrange(rows, keys, filters)
    assert found.order.tolist() == kept
    again = arrange(rows, keys, {}, before=found)
    assert again.by_sort is found.by_sort
    assert len(again.order) == rows.n_rows


def column(values: Any, kind: Kind = Kind.NUMBER, **said: Any) -> RowColumn:
    return RowColumn("c", "c", kind, np.asarray(values), **said)


def test_natural_order_counts_as_people_do() -> None:
    names = ["G10.6", "g9.62", "G9.6", "Sgr B2", "sgr b10", "NGC 1333", "NGC 253"]
    ordered = ["G9.6", "g9.62", "G10.6", "NGC 253", "NGC 1333", "Sgr B2", "sgr b10"]
    assert sorted(names, key=natural_key) == ordered


def test_ranges_follow_the_unit_they_were_made_in() -> None:
    seconds = column([30.0, 90.0, 600.0], unit="s")
    assert passing(seconds, RangeFilter(1.0, 5.0, "min")).tolist() == [False, True, False]
    assert passing(seconds, RangeFilter(1.0, 5.0, "Jy")).all(), "what cannot be compared hides nothing"
    assert passing(column([1.0, 2.0], unit=""), RangeFilter(1.5, None, "")).tolist() == [False, True]


def test_facts_are_ranges_for_numbers_and_counts_for_few_values() -> None:
    rows = Rows(
        (),
        (
            RowColumn("x", "x", Kind.NUMBER, np.array([1.0, np.nan, math.inf, -3.0])),
            RowColumn("level", "level", Kind.NUMBER, np.array([2, 2, 1, 0], dtype=np.int16)),
            RowColumn("t", "t", Kind.TEXT, np.array(["cube", "", "cube ", None], dtype=object)),
            RowColumn("many", "many", Kind.TEXT, np.array(list("abcd"), dtype=object)),
            RowColumn("flag", "flag", Kind.FLAG, np.array([True, False, True, True])),
            RowColumn("array", "array", Kind.OTHER, np.zeros((4, 2))),
            RowColumn("nothing", "nothing", Kind.NUMBER, np.full(4, np.nan)),
        ),
        4,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stopdesk.vo.arranging.MOST_VALUES", 3)
        facts = facts_of(rows.columns, {})
    assert facts["x"] == RangeFacts(-3.0, 1.0, 1)
    assert facts["level"] == ValuesFacts((("0", 1), ("1", 1), ("2", 2)), 0)
    assert facts["t"] == ValuesFacts((("cube", 2),), 2)
    assert facts["flag"] == ValuesFacts((("no", 1), ("yes", 3)), 0)
    nothing = facts["nothing"]
    assert isinstance(nothing, RangeFacts)
    assert (math.isnan(nothing.low), nothing.n_unknown) == (True, 4)
    assert "many" not in facts
    assert "array" not in facts


def test_a_kept_filter_has_a_column_looked_at_so_that_it_can_be_used() -> None:
    texts = np.array([f"obs {k}" for k in range(80)], dtype=object)
    rows = Rows((), (RowColumn("t", "t", Kind.TEXT, texts), column(np.arange(80) % 3)), 80)
    kept: dict[str, Filter] = {"t": ValuesFilter(frozenset({"obs 7"})), "c": RangeFilter(1, 2), "gone": RangeFilter()}
    assert set(fitting(rows, kept, facts_of(rows.columns, {}))) == set()
    facts = facts_of(rows.columns, kept)
    assert set(fitting(rows, kept, facts)) == {"t", "c"}
    assert len(arrange(rows, (), fitting(rows, kept, facts)).order) == 80 - 27 - 1 + (7 % 3 == 0)


def test_what_is_no_longer_wanted_ends() -> None:
    rows = Rows((), (column(np.array(["a"] * 10, dtype=object), Kind.TEXT),), 10)
    with pytest.raises(Cancelled):
        arrange(rows, [SortKey("c")], cancelled=lambda: True)
    with pytest.raises(Cancelled):
        facts_of(rows.columns, {}, lambda: True)


def test_columns_without_an_order_and_columns_that_are_not_there_sort_nothing() -> None:
    rows = Rows((), (column(np.array([[2.0], [1.0]]), Kind.OTHER),), 2)
    assert arrange(rows, [SortKey("c"), SortKey("elsewhere")]).order.tolist() == [0, 1]
