"""Which lines fall into which frequency ranges: edges, the source's velocity, what is not known, many rows."""

from __future__ import annotations

import numpy as np
import pytest

from stopdesk.domain.observation import SPEED_OF_LIGHT, lines_in_ranges, observed_frequencies

CO = np.array([115.2712018, 230.538, 345.7959899])


def test_lines_are_listed_by_frequency_whatever_their_order() -> None:
    shuffled = CO[[2, 0, 1]]
    found = lines_in_ranges([100.0, 200.0, 400.0], [350.0, 240.0, 500.0], shuffled)
    assert found.counts.tolist() == [3, 1, 0]
    assert found.of(0).tolist() == [1, 2, 0]
    assert found.of(1).tolist() == [2]
    assert found.of(2).tolist() == []


def test_edges_are_in_and_swapped_ends_are_a_range() -> None:
    found = lines_in_ranges([230.538, 231.0, 230.0], [231.0, 230.538, 230.538], CO)
    assert found.counts.tolist() == [1, 1, 1]


def test_the_velocity_of_the_source_shifts_the_lines() -> None:
    low, high = [230.4], [230.5]
    assert lines_in_ranges(low, high, CO).counts.tolist() == [0]
    v_lsr = 100.0
    assert observed_frequencies(CO, v_lsr)[1] == pytest.approx(230.538 * (1 - v_lsr / SPEED_OF_LIGHT))
    assert lines_in_ranges(low, high, CO, v_lsr=v_lsr).counts.tolist() == [1]
    assert lines_in_ranges([230.6], [230.7], CO, v_lsr=-100.0).counts.tolist() == [1]


def test_what_has_no_range_has_no_lines_and_is_told() -> None:
    found = lines_in_ranges([np.nan, 100.0, 100.0], [240.0, np.inf, 240.0], CO)
    assert found.counts.tolist() == [0, 0, 2]
    assert found.known.tolist() == [False, False, True]
    assert lines_in_ranges([], [], CO).counts.tolist() == []
    assert lines_in_ranges([1.0], [400.0], []).counts.tolist() == [0]


def test_many_rows_agree_with_looking_one_by_one() -> None:
    rng = np.random.default_rng(3)
    rest = rng.uniform(80, 900, 300)
    low = rng.uniform(80, 900, 300_000)
    high = low + rng.uniform(0, 8, 300_000)
    found = lines_in_ranges(low, high, rest, v_lsr=12.0)
    seen = observed_frequencies(rest, 12.0)
    for row in (0, 1, 77, 150_000, 299_999):
        inside = np.flatnonzero((seen >= low[row]) & (seen <= high[row]))
        assert sorted(found.of(row).tolist()) == inside.tolist()
    assert found.counts.sum() == sum(((low <= nu) & (nu <= high)).sum() for nu in seen)
