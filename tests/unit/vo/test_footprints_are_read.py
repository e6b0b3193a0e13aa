"""Regions as archives write them become outlines; what cannot be read is told, and never drawn wrongly."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.vo.footprints import Footprints, read_regions

SQUARE = [(10.0, 20.0), (10.1, 20.0), (10.1, 20.1), (10.0, 20.1)]
NUMBERS = " ".join(f"{ra} {dec}" for ra, dec in SQUARE)


def corners(found: Footprints, shape: int = 0) -> np.ndarray:
    part = slice(found.first[shape], found.first[shape + 1])
    return np.column_stack([found.ra[part], found.dec[part]])


def separations(found: Footprints, ra: float, dec: float, shape: int = 0) -> np.ndarray:
    return SkyCoord(ra, dec, unit="deg").separation(SkyCoord(corners(found, shape), unit="deg")).deg


@pytest.mark.parametrize(
    "text",
    [
        f"Polygon ICRS {NUMBERS}",
        f"POLYGON {NUMBERS}",
        f"polygon fk5 topocenter {NUMBERS}",
        f"POLYGON J2000 {NUMBERS} ",
        f"Polygon UNKNOWNFRAME {NUMBERS} 10.0 20.0",
        f"Polygon ICRS GEOCENTER SPHERICAL2 fillfactor 0.9 {NUMBERS} unit deg",
        f"POLYGON('ICRS', {NUMBERS.replace(' ', ', ')})",
        f"UNION ICRS TOPOCENTER ( POLYGON {NUMBERS} )",
        [value for pair in SQUARE for value in pair],
    ],
)
def test_a_polygon_is_read_however_it_is_written(text: object) -> None:
    found = read_regions([text])
    assert found.unread.tolist() == []
    assert found.row.tolist() == [0]
    assert corners(found).tolist() == [[*pair] for pair in (*SQUARE, SQUARE[0])]


@given(st.floats(0, 360), st.floats(-90, 90), st.floats(1e-4, 60))
def test_a_circle_is_round(ra: float, dec: float, radius: float) -> None:
    found = read_regions([f"CIRCLE ICRS {ra!r} {dec!r} {radius!r}"])
    assert separations(found, ra, dec) == pytest.approx(radius, rel=1e-6, abs=1e-9)
    first, *_, last = SkyCoord(corners(found), unit="deg")
    assert first.separation(last).deg == pytest.approx(0, abs=1e-9)


@given(st.floats(0, 359), st.floats(-80, 80), st.floats(0.01, 20), st.floats(0.1, 0.9), st.floats(0, 180))
def test_an_ellipse_points_where_its_angle_says(ra: float, dec: float, major: float, part: float, angle: float) -> None:
    found = read_regions([f"ELLIPSE ICRS {ra!r} {dec!r} {major!r} {major * part!r} {angle!r}"])
    away = separations(found, ra, dec)
    assert away.max() == pytest.approx(major, rel=1e-6)
    assert away.min() == pytest.approx(major * part, rel=1e-6)
    end = SkyCoord(*corners(found)[0], unit="deg")
    bearing = SkyCoord(ra, dec, unit="deg").position_angle(end).deg
    assert (bearing - angle + 90) % 180 - 90 == pytest.approx(0, abs=1e-6)


def test_a_box_has_its_width_and_height_through_the_middle() -> None:
    found = read_regions(["Box ICRS 30 60 2.0 1.0"])
    east, west = corners(found)[[0, 3]], corners(found)[[1, 2]]
    middles = [SkyCoord(side, unit="deg").cartesian.mean() for side in (east, west)]
    (ra0, dec0), (ra1, dec1) = ((m.y.value, m.z.value) for m in middles)
    assert ra0 > ra1
    assert dec0 == pytest.approx(dec1)
    sides = [SkyCoord(m).separation(SkyCoord(30, 60, unit="deg")).deg for m in middles]
    assert sides == pytest.approx([1.0, 1.0], abs=1e-3)


def test_a_range_follows_parallels() -> None:
    found = read_regions(["RANGE 10 40 50 60"])
    assert set(np.round(found.dec, 9)) == {50.0, 60.0}
    assert (found.ra.min(), found.ra.max()) == (10.0, 40.0)


def test_a_union_has_several_outlines_of_one_row() -> None:
    text = f"Union ICRS (Polygon {NUMBERS} Circle 10.5 20.5 0.1 Box 11 21 0.1 0.2)"
    found = read_regions([None, text, "", f"CIRCLE {NUMBERS.split()[0]} 20 0.2"])
    assert sorted(found.row.tolist()) == [1, 1, 1, 3]
    assert found.unread.tolist() == []


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "ICRS",
        "12 13",
        "POLYGON ICRS",
        "POLYGON ICRS 10 20 11 20",
        "POLYGON ICRS 10 20 11 20 11",
        "POLYGON ICRS 10 20 11 20 11 121",
        "POLYGON ICRS 10 20 11 20 eleven 21",
        "POLYGON ICRS 10 20 11 20 nan 21",
        "POLYGON ICRS 10 20 11 20 11 1d2d3",
        "CIRCLE ICRS 10 20",
        "CIRCLE ICRS 10 20 -1",
        "CIRCLE ICRS 10 20 0",
        "CIRCLE GALACTIC 10 20 1",
        "CIRCLE FK4 10 20 1",
        "CIRCLE ICRS 10 20 1 unit rad",
        "BOX ICRS 10 20 1",
        "ELLIPSE ICRS 10 20 1 2",
        "INTERSECTION ICRS (CIRCLE 10 20 1 CIRCLE 11 20 1)",
        "UNION ICRS (CIRCLE 10 20 1 NOT (CIRCLE 11 20 1))",
        [10.0, 20.0],
        [10.0, 20.0, np.nan],
    ],
)
def test_what_cannot_be_read_is_told_and_has_no_outline(text: object) -> None:
    found = read_regions(["CIRCLE 1 2 3", text])
    assert found.row.tolist() == [0]
    assert found.unread.tolist() == [1]


@given(st.lists(st.one_of(st.none(), st.text(max_size=30), st.lists(st.floats(), max_size=8)), max_size=6))
def test_whatever_stands_there_is_read_or_told(cells: list[object]) -> None:
    found = read_regions(cells)
    assert found.first[-1] == len(found.ra) == len(found.dec)
    assert np.isfinite(found.ra).all()
    assert not set(found.row.tolist()) & set(found.unread.tolist())


def test_a_position_has_no_outline_and_is_nothing_unread() -> None:
    found = read_regions(["POSITION ICRS 10 20", "Position J2000 1 2"])
    assert (found.n_shapes, len(found.unread)) == (0, 0)


def test_rows_are_counted_through_a_long_column() -> None:
    found = read_regions([f"CIRCLE {n / 100} 0 0.001" if n % 2 else None for n in range(10_001)])
    assert found.row.tolist() == list(range(1, 10_001, 2))
    middles = np.add.reduceat(found.ra, found.first[:-1]) / np.diff(found.first)
    assert middles == pytest.approx(found.row / 100, abs=1e-3)
