"""A spectral axis in other quantities: by astropy's arithmetic, there and back, and only where it can be had."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.spectrum import UNITS, AxisKind, Spectrum, from_frequency, to_frequency
from stopdesk.errors import InputError

REST = 110.2013541e9

KINDS = (
    AxisKind.FREQUENCY,
    AxisKind.RADIO_VELOCITY,
    AxisKind.OPTICAL_VELOCITY,
    AxisKind.WAVELENGTH,
    AxisKind.WAVENUMBER,
)


def made(kind: AxisKind, values: list[float], rest: float | None = REST, scale: float = 1.0) -> Spectrum:
    axis = np.array(values)
    flux = np.zeros(len(axis))
    return Spectrum("a", axis, kind, "", scale, flux, "Flux", "K", "K1", 1.0, flux > 0, rest_frequency=rest)


@given(st.floats(0.5, 2.0), st.sampled_from(KINDS))
def test_there_and_back(part: float, kind: AxisKind) -> None:
    frequency = np.array([part * REST])
    back = to_frequency(from_frequency(frequency, kind, REST), kind, REST)
    assert back == pytest.approx(frequency, rel=1e-13)


def test_by_astropy() -> None:
    frequency = np.linspace(0.9, 1.1, 7) * REST
    with_units = frequency * u.Hz
    radio = with_units.to_value(u.m / u.s, u.doppler_radio(REST * u.Hz))
    optical = with_units.to_value(u.m / u.s, u.doppler_optical(REST * u.Hz))
    assert from_frequency(frequency, AxisKind.RADIO_VELOCITY, REST) == pytest.approx(radio, rel=1e-12, abs=1e-6)
    assert from_frequency(frequency, AxisKind.OPTICAL_VELOCITY, REST) == pytest.approx(optical, rel=1e-12, abs=1e-6)
    assert from_frequency(frequency, AxisKind.WAVELENGTH, None) == pytest.approx(with_units.to_value(u.m, u.spectral()))
    waves = with_units.to_value(1 / u.m, u.spectral())
    assert from_frequency(frequency, AxisKind.WAVENUMBER, None) == pytest.approx(waves)


@pytest.mark.parametrize(("kind", "unit"), [(kind, unit) for kind, all_of in UNITS.items() for unit in all_of if unit])
def test_sizes_of_units_are_astropy_s(kind: AxisKind, unit: str) -> None:
    si = {
        AxisKind.FREQUENCY: u.Hz,
        AxisKind.WAVENUMBER: 1 / u.m,
        AxisKind.WAVELENGTH: u.m,
        AxisKind.AIR_WAVELENGTH: u.m,
    }
    assert UNITS[kind][unit] == pytest.approx(u.Unit(unit.replace("μ", "u")).to(si.get(kind, u.m / u.s)), rel=1e-15)


def test_an_axis_keeps_the_order_of_its_file() -> None:
    found = made(AxisKind.FREQUENCY, [REST * 1.1, REST, REST * 0.9])
    velocity = found.axis_in(AxisKind.RADIO_VELOCITY, "km/s")
    assert velocity == pytest.approx([-29979.2458, 0.0, 29979.2458])
    assert found.axis_in(AxisKind.CHANNEL, "").tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("kind", "rest", "wanted", "words"),
    [
        (AxisKind.FREQUENCY, None, AxisKind.RADIO_VELOCITY, "no rest frequency"),
        (AxisKind.OPTICAL_VELOCITY, None, AxisKind.FREQUENCY, "no rest frequency"),
        (AxisKind.VELOCITY, REST, AxisKind.FREQUENCY, "by which convention"),
        (AxisKind.FREQUENCY, REST, AxisKind.VELOCITY, "its axis is in frequency"),
        (AxisKind.AIR_WAVELENGTH, REST, AxisKind.FREQUENCY, "in air"),
        (AxisKind.WAVELENGTH, REST, AxisKind.AIR_WAVELENGTH, "in air"),
        (AxisKind.CHANNEL, REST, AxisKind.FREQUENCY, "what its channels are"),
    ],
)
def test_what_does_not_follow_is_not_offered(kind: AxisKind, rest: float | None, wanted: AxisKind, words: str) -> None:
    found = made(kind, [1e9, 2e9], rest)
    assert words in found.why_not(wanted)
    assert wanted not in found.kinds
    with pytest.raises(InputError, match=words):
        found.axis_in(wanted, next(iter(UNITS[wanted])))


def test_a_wavelength_needs_no_rest_frequency() -> None:
    found = made(AxisKind.FREQUENCY, [299.792458], None, 1e9)
    assert found.axis_in(AxisKind.WAVELENGTH, "mm") == pytest.approx([1.0])


def test_no_frequency_has_no_wavelength_and_no_complaint() -> None:
    found = made(AxisKind.FREQUENCY, [0.0, 1e9])
    assert not np.isfinite(found.axis_in(AxisKind.WAVELENGTH, "mm")[0])


@pytest.mark.parametrize(
    ("kind", "values", "scale", "unit"),
    [
        (AxisKind.FREQUENCY, [110e9], 1.0, "GHz"),
        (AxisKind.FREQUENCY, [1420.4], 1e6, "MHz"),
        (AxisKind.WAVELENGTH, [5e-7], 1.0, "μm"),
        (AxisKind.WAVELENGTH, [5000.0], 1e-10, "Å"),
        (AxisKind.WAVELENGTH, [0.21], 1.0, "mm"),
        (AxisKind.RADIO_VELOCITY, [1000.0], 1.0, "km/s"),
    ],
)
def test_the_unit_to_begin_with(kind: AxisKind, values: list[float], scale: float, unit: str) -> None:
    assert made(kind, values, scale=scale).usual_unit == unit
