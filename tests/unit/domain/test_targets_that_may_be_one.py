"""Targets within 5 arcsec of each other are found, also at the poles, over the meridian and in long lists."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from pydantic import ValidationError

from stopdesk.domain.target import Position, Target, near_duplicates, parted, separation


def target(ra: float, dec: float, name: str = "x") -> Target:
    return Target(name=name, position=Position(ra=ra, dec=dec))


def test_separations_are_astropy_s() -> None:
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, (2, 200)), np.degrees(np.arcsin(rng.uniform(-1, 1, (2, 200))))
    expected = SkyCoord(ra[0], dec[0], unit="deg").separation(SkyCoord(ra[1], dec[1], unit="deg")).to_value(u.arcsec)
    assert separation(ra[0], dec[0], ra[1], dec[1]) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "is_near"),
    [
        ((10.0, 20.0), (10.0, 20.0), True),
        ((10.0, 20.0), (10.0, 20.0 + 4.9 / 3600), True),
        ((10.0, 20.0), (10.0, 20.0 + 5.1 / 3600), False),
        ((10.0, 60.0), (10.0 + 9.0 / 3600, 60.0), True),
        ((359.9995, 0.0), (0.0005, 0.0), True),
        ((0.0, 89.9999), (180.0, 89.9999), True),
        ((0.0, -90.0), (123.0, -90.0), True),
    ],
)
def test_near_or_not(first: tuple[float, float], second: tuple[float, float], is_near: bool) -> None:
    pairs = near_duplicates([target(*first)], [target(*second)])
    assert bool(pairs) is is_near
    assert len(parted([target(*first), target(*second)])) == 2 - is_near


def test_new_ones_are_compared_with_each_other_and_the_nearest_comes_first() -> None:
    known = [target(0.0, 0.0), target(0.0, 3.0 / 3600)]
    new = [target(5.0, 5.0), target(0.0, 2.0 / 3600), target(5.0, 5.0 + 1.0 / 3600)]
    pairs = near_duplicates(known, new)
    assert [(i, other) for i, other, _ in pairs] == [(1, 1), (1, 0), (2, 2)]
    assert [distance for *_, distance in pairs] == pytest.approx([1.0, 2.0, 1.0], abs=1e-6)


def test_long_lists_are_compared() -> None:
    rng = np.random.default_rng(2)
    known = [target(ra, dec) for ra, dec in zip(rng.uniform(0, 360, 5000), rng.uniform(-80, 80, 5000), strict=True)]
    new = [target(each.position.ra, each.position.dec + 1.0 / 3600) for each in known[::5]]
    pairs = near_duplicates(known, new)
    assert {(i, 5 * i) for i in range(1000)} <= {(i, other) for i, other, _ in pairs}
    assert len(pairs) < 1010


def test_a_position_is_on_the_sky() -> None:
    for ra, dec in ((-1.0, 0.0), (361.0, 0.0), (0.0, 91.0), (float("nan"), 0.0)):
        with pytest.raises(ValidationError):
            Position(ra=ra, dec=dec)
