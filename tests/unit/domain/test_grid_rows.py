"""A grid unrolls its axes into rows, the one declared last fastest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.grid import MAX_ROWS, Grid, content_key
from stopdesk.domain.lvg import LVG
from stopdesk.domain.parameter import Axis
from tests.strategies import axis_lengths


def test_rows_vary_the_last_axis_fastest():
    grid = Grid.of({"a": Axis(1, 2, 2), "b": 7.0, "c": Axis(10, 30, 3)})
    assert (grid.shape, grid.n_rows, grid.axis_names) == ((2, 3), 6, ("a", "c"))
    columns = grid.columns()
    assert columns["a"].tolist() == [1, 1, 1, 2, 2, 2]
    assert columns["c"].tolist() == [10, 20, 30, 10, 20, 30]
    assert grid.row(4) == {"b": 7.0, "a": 2.0, "c": 20.0}


@given(axis_lengths(), st.data())
def test_a_slice_of_the_columns_is_the_same_as_rows_one_by_one(lengths, data):
    grid = Grid.of({f"p{i}": Axis(i + 1, i + 2, n) if n > 1 else Axis(1, 1, 1) for i, n in enumerate(lengths)})
    assert grid.n_rows == int(np.prod(lengths))
    start = data.draw(st.integers(0, grid.n_rows - 1))
    stop = data.draw(st.integers(start + 1, grid.n_rows))
    columns = grid.columns(start, stop)
    for index in range(start, stop):
        row = grid.row(index)
        assert {name: column[index - start] for name, column in columns.items()} == row


@given(axis_lengths())
def test_the_middle_row_has_the_middle_of_every_axis(lengths):
    values = {f"p{i}": Axis(1, 2, n) for i, n in enumerate(lengths)}
    grid = Grid.of(values)
    assert grid.row(grid.middle_row()) == {name: axis.middle() for name, axis in values.items()}


def test_without_axes_there_is_one_row():
    grid = Grid.of({"a": 1.0})
    assert (grid.n_rows, grid.columns(), grid.row(grid.middle_row())) == (1, {}, {"a": 1.0})


@pytest.mark.parametrize(("n", "refused"), [(1000, False), (1001, True)])
def test_more_than_a_million_rows_are_refused_with_a_sentence(n, refused):
    values = {
        "column_density": Axis(1e14, 1e16, n, log=True),
        "density_h2": Axis(1e3, 1e6, 1000, log=True),
    }
    sentences = [problem.text for problem in LVG.problems(values, None)]
    said = f"The grid has {n * 1000:,} rows; at most {MAX_ROWS:,} can be computed at once."
    assert (said in sentences) is refused


def test_the_content_key_depends_on_what_is_asked_and_on_nothing_else():
    key = content_key("lvg", {"a": "1", "b": "2"}, {"file": "ff"})
    assert key == content_key("lvg", {"b": "2", "a": "1"}, {"file": "ff"})
    others = [
        content_key("lte", {"a": "1", "b": "2"}, {"file": "ff"}),
        content_key("lvg", {"a": "1", "b": "3"}, {"file": "ff"}),
        content_key("lvg", {"a": "1", "b": "2"}, {"file": "fe"}),
    ]
    assert len({key, *others}) == 4
