"""The tangent plane is that of astropy's WCS, and steps along great circles are those of its coordinates."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.vo.tangent import TangentPlane, stepped

RA, DEC = st.floats(0, 360), st.floats(-90, 90)


def gnomonic(ra: float, dec: float) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [ra, dec]
    wcs.wcs.crpix = [0, 0]
    wcs.wcs.cdelt = [1, 1]
    return wcs


@given(RA, st.floats(-89.9, 89.9), st.floats(0, 85), st.floats(0, 360))
def test_offsets_are_those_of_a_gnomonic_wcs(ra: float, dec: float, angle: float, bearing: float) -> None:
    there = stepped(ra, dec, angle, bearing)
    x, y = TangentPlane(ra, dec).project(*there)
    expected = gnomonic(ra, dec).wcs_world2pix([[float(there[0]), float(there[1])]], 0)[0] + 1
    assert [float(x), float(y)] == pytest.approx(expected, abs=1e-6, rel=1e-7)


@given(RA, DEC, st.floats(-200, 200), st.floats(-200, 200))
def test_there_and_back(ra: float, dec: float, x: float, y: float) -> None:
    plane = TangentPlane(ra, dec)
    back = plane.project(*plane.unproject(x, y))
    assert [float(back[0]), float(back[1])] == pytest.approx([x, y], abs=1e-7)


@given(RA, DEC, st.floats(0, 170), st.floats(0, 360))
def test_steps_are_those_of_astropy(ra: float, dec: float, angle: float, bearing: float) -> None:
    found = SkyCoord(*stepped(ra, dec, angle, bearing), unit="deg")
    expected = SkyCoord(ra, dec, unit="deg").directional_offset_by(bearing * u.deg, angle * u.deg)
    assert found.separation(expected).arcsec == pytest.approx(0, abs=1e-4)


def test_east_and_north_are_where_they_should_be() -> None:
    x, y = TangentPlane(0.0, 60.0).project([0.002, 359.998, 0.0], [60.0, 60.0, 60.001])
    assert x == pytest.approx([0.001, -0.001, 0.0], abs=1e-6)
    assert y == pytest.approx([0.0, 0.0, 0.001], abs=1e-6)


def test_what_lies_beyond_the_horizon_is_nowhere() -> None:
    x, y = TangentPlane(10.0, 0.0).project([10.0, 99.0, 101.0, 190.0, np.nan], [0.0, 0.0, 0.0, 0.0, 0.0])
    assert np.isfinite(x).tolist() == np.isfinite(y).tolist() == [True, True, False, False, False]
