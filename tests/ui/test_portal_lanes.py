"""Ranges find lanes in which none covers another, and are counted by bins; axes have round dates and wavelengths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from astropy.time import Time
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.ui.portal.axes import DateAxis, WavelengthAxis, date_text, wavelength_text
from stopdesk.ui.portal.marks_ranges import pack, prepare_ranges, touching
from tests.ui.plotted import observations

ENDS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=1, max_size=40)


@given(ENDS)
def test_lanes_are_as_few_as_can_be_and_hold_no_two_at_once(ends: list[tuple[int, int]]) -> None:
    low = np.array([start for start, _ in ends], dtype=float)
    high = low + [length for _, length in ends]
    lane = pack(low, high)
    together = np.logical_and(low[:, None] <= high, high[:, None] >= low)
    same = lane[:, None] == lane
    np.fill_diagonal(same, False)
    assert not (together & same).any()
    most = max(int(((low <= at) & (high >= at)).sum()) for at in low)
    assert lane.max() + 1 == most


@given(ENDS, st.integers(1, 9))
def test_bins_count_all_ranges_that_touch_them(ends: list[tuple[int, int]], n_bins: int) -> None:
    low = np.array([start for start, _ in ends], dtype=float)
    high = low + [length for _, length in ends]
    edges = np.linspace(-3, 50, n_bins + 1)
    expected = [int(((low <= b) & (high >= a)).sum()) for a, b in itertools.pairwise(edges)]
    assert touching((np.sort(low), np.sort(high)), edges).tolist() == expected


def test_portals_keep_apart_with_the_first_on_top() -> None:
    marks = observations(60)
    scene = prepare_ranges(marks, marks.low, marks.high, None, may_be_log=True)
    assert [block.portal for block in scene.blocks] == [2, 1, 0]
    for block in scene.blocks:
        own = scene.lane[scene.portals == block.portal]
        assert (own.min(), own.max() + 1) == (block.bottom, block.top)


def test_a_wide_span_is_logarithmic_where_it_may_be() -> None:
    marks = observations(3)
    low = np.array([100.0, 5e5, np.nan])
    assert prepare_ranges(marks, low, low, None, may_be_log=True).is_log
    assert not prepare_ranges(marks, low, low, None, may_be_log=False).is_log
    assert len(prepare_ranges(marks, -low, low, None, may_be_log=True).index) == 0


@pytest.mark.parametrize("span", [3e-5, 0.01, 0.5, 3, 20, 60, 400, 3000, 40000])
@pytest.mark.parametrize("size", [150, 400, 1500])
@pytest.mark.usefixtures("qapp")
def test_dates_are_round_and_have_room(span: float, size: float) -> None:
    axis = DateAxis("bottom")
    low, high = 57123.4567, 57123.4567 + span
    for spacing, values in axis.tickValues(low, high, size):
        texts = axis.tickStrings(values, 1.0, spacing)
        assert all(low <= value <= high for value in values)
        assert len(set(texts)) == len(texts)
        assert len(texts) * (7 * len(texts[0]) if texts else 0) <= size + 140
        for value, text in zip(values, texts, strict=True):
            assert date_text(value).startswith(text)
            rest = date_text(value)[len(text) :]
            assert rest in ("-01-01 00:00:00", "-01 00:00:00", " 00:00:00", ":00", "")
    if size == 1500:
        assert len(values) >= 2


@pytest.mark.usefixtures("qapp")
def test_dates_are_those_of_astropy() -> None:
    for mjd in (41317.25, 51544.5, 57000.123456, 60000.0):
        text = date_text(mjd)
        assert Time(text.replace(" ", "T")).mjd == pytest.approx(mjd, abs=0.6 / 86400)
    assert date_text(1e9) == ""
    assert DateAxis("bottom").tickValues(1e9, 2e9, 500) == []


@pytest.mark.parametrize(("low", "high"), [(84.0, 370.0), (230.0, 230.9), (-50.0, 700.0), (0.001, 9e6), (-9.0, -2.0)])
@pytest.mark.usefixtures("qapp")
def test_wavelengths_stand_at_their_frequencies(low: float, high: float) -> None:
    axis = WavelengthAxis("top")
    axis.setRange(low, high)
    ((_, values),) = axis.tickValues(low, high, 600) or [(0, [])]
    texts = axis.tickStrings(values, 1.0, 1.0)
    assert (len(texts) >= 2) == (high > 0)
    assert values == sorted(values)
    products = [float(text) * value for text, value in zip(texts, values, strict=True)]
    assert products == pytest.approx([products[0]] * len(products) if products else [], rel=1e-4)


@pytest.mark.usefixtures("qapp")
def test_logarithmic_wavelengths_stand_at_their_frequencies() -> None:
    axis = WavelengthAxis("top")
    axis.setLogMode(x=True, y=False)
    axis.setRange(2.0, 5.0)
    ((_, values),) = axis.tickValues(2.0, 5.0, 600)
    texts = axis.tickStrings(values, 1.0, 1.0)
    assert len(texts) >= 3
    products = [float(text) * 10**value for text, value in zip(texts, values, strict=True)]
    assert products == pytest.approx([products[0]] * len(products), rel=1e-4)


def test_wavelengths_in_words() -> None:
    assert wavelength_text(230.538) == "1.3004 mm"
    assert wavelength_text(1900.0) == "157.79 μm"
    assert wavelength_text(1.42) == "21.112 cm"
    assert wavelength_text(6e5) == "0.49965 μm"
    assert wavelength_text(3e6) == "99.931 nm"
