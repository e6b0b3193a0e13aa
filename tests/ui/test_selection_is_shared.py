"""One selection for the table and the plots: no echo, quick for many rows."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from stopdesk.ui.selection import Selection

ROWS = st.lists(st.integers(0, 30), max_size=12)


@pytest.fixture
def heard(qtbot: QtBot) -> tuple[Selection, list[object]]:
    selection, sources = Selection(), []
    selection.changed.connect(sources.append)
    return selection, sources


def test_says_who_changed_it_and_only_when_it_changed(heard: tuple[Selection, list[object]]) -> None:
    selection, sources = heard
    selection.choose([3, 1, 3], source="table")
    assert selection.rows.tolist() == [1, 3]
    selection.choose(np.array([1, 3]), source="sky")
    assert sources == ["table"]
    selection.choose([1, 3], source="sky", current=3)
    selection.clear(source="sky")
    selection.clear(source="sky")
    assert sources == ["table", "sky", "sky"]


def test_views_that_follow_each_other_come_to_rest(heard: tuple[Selection, list[object]]) -> None:
    selection, sources = heard
    selection.changed.connect(lambda _: selection.choose(selection.rows, source="echo", current=selection.current))
    selection.choose([5, 6], source="table")
    assert sources == ["table"]


def test_the_current_row_is_a_selected_one(heard: tuple[Selection, list[object]]) -> None:
    selection, _ = heard
    selection.choose([4], source=None)
    assert selection.current == 4
    selection.choose([4, 5], source=None, current=5)
    assert selection.current == 5
    selection.choose([4, 5], source=None, current=9)
    assert selection.current is None
    selection.toggle([7], source=None)
    assert selection.current == 7
    selection.toggle([7], source=None)
    assert (selection.rows.tolist(), selection.current) == ([4, 5], None)


@given(ROWS, ROWS)
def test_toggling_adds_or_takes_away(first: list[int], second: list[int]) -> None:
    selection = Selection()
    selection.choose(first, source=None)
    selection.toggle(second, source=None)
    expected = set(first) - set(second) if set(second) <= set(first) else set(first) | set(second)
    assert selection.rows.tolist() == sorted(expected)


def test_half_of_300_000_rows_are_quickly_selected(heard: tuple[Selection, list[object]]) -> None:
    selection, _ = heard
    odd, third = np.arange(1, 300_000, 2), np.arange(0, 300_000, 3)
    began = time.thread_time()
    selection.choose(odd, source=None)
    selection.toggle(third, source=None)
    selection.choose(odd[::-1], source=None)
    took = 1e3 * (time.thread_time() - began)
    print(f"three changes of 150,000 rows: {took:.1f} ms")
    assert took < 3 * 160
