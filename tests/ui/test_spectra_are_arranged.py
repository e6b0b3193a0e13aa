"""Which loaded spectra share a plot, over which axes, and what of ten million channels is drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stopdesk.domain.spectrum import AxisKind, Spectrum
from stopdesk.ui.spectra.drawing import FINE, MOST_PLOTS, AxisChoice, arrange, choices, prepare

GHZ = AxisChoice(AxisKind.FREQUENCY, "GHz")
KMS = AxisChoice(AxisKind.RADIO_VELOCITY, "km/s")


def made(axis: Any = (1.0, 1.1, 1.2), flux: Any = (1.0, 2.0, 3.0), **more: Any) -> Spectrum:
    x, y = np.array(axis), np.array(flux)
    spectrum = Spectrum("a", x, AxisKind.FREQUENCY, "GHz", 1e9, y, "Temperature", "K", "K1", 1.0, np.isnan(y))
    return replace(spectrum, **more)


def test_values_of_one_kind_share_a_plot_in_the_unit_of_the_first() -> None:
    kelvin, milli = made(), made(flux_unit="mK", flux_scale=1e-3)
    jansky = made(flux_base="kg1 s-2", flux_unit="Jy", flux_scale=1e-26, flux_name="Flux density")
    found = arrange([("k", kelvin), ("j", jansky), ("m", milli)], GHZ)
    assert [(group.name, group.unit, group.members) for group in found.groups] == [
        ("Temperature", "K", (("k", 1.0), ("m", 1e-3))),
        ("Flux density", "Jy", (("j", 1.0),)),
    ]
    assert arrange([("m", milli), ("k", kelvin)], GHZ).groups[0].members == (("m", 1.0), ("k", pytest.approx(1e3)))


def test_what_cannot_be_drawn_says_why() -> None:
    found = arrange([("a", made()), ("b", made(rest_frequency=1.1e9))], KMS)
    assert [group.members for group in found.groups] == [(("b", 1.0),)]
    assert found.refused == {"a": "not drawn over radio velocity: its file has no rest frequency"}


def test_there_are_no_more_plots_than_can_be_seen() -> None:
    many = [(str(n), made(flux_base=f"text {n}", flux_unit=f"unit {n}")) for n in range(MOST_PLOTS + 1)]
    found = arrange(many, GHZ)
    assert len(found.groups) == MOST_PLOTS
    assert list(found.refused) == [str(MOST_PLOTS)]
    assert "one plot more than there is room for" in found.refused[str(MOST_PLOTS)]


def test_axes_are_offered_that_one_of_them_can_have() -> None:
    assert AxisKind.RADIO_VELOCITY not in {each.kind for each in choices([made()])}
    assert KMS in choices([made(), made(rest_frequency=1.1e9)])
    assert choices([]) == []


@pytest.mark.parametrize("choice", [GHZ, KMS, AxisChoice(AxisKind.CHANNEL, "")])
def test_a_choice_is_kept_in_words(choice: AxisChoice) -> None:
    assert AxisChoice.read(choice.key) == choice


@pytest.mark.parametrize("damaged", ["", "frequency|furlong", "nothing|", None, 7, ["frequency|GHz"]])
def test_damaged_words_are_no_choice(damaged: object) -> None:
    assert AxisChoice.read(damaged) is None


def test_whatever_its_order_a_curve_rises_and_keeps_its_gaps() -> None:
    found = prepare(made([1.2, 1.1, 1.0], [3.0, np.nan, 1.0]), GHZ)
    assert found.x.tolist() == [1.0, 1.1, 1.2]
    assert np.array_equal(found.y, [1.0, np.nan, 3.0], equal_nan=True)
    mixed = prepare(made([1.0, 1.2, 1.1], [1.0, 3.0, 2.0]), GHZ)
    assert mixed.x.tolist() == [1.0, 1.1, 1.2]
    assert mixed.y.tolist() == [1.0, 2.0, 3.0]
    assert found.y_range == (1.0, 3.0)


def test_channels_that_have_no_place_on_the_axis_are_left_out() -> None:
    found = prepare(made([0.0, 1.0, 2.0], [1.0, 2.0, 3.0]), AxisChoice(AxisKind.WAVELENGTH, "mm"))
    assert found.x == pytest.approx([149.896229, 299.792458])
    assert found.y.tolist() == [3.0, 2.0]


@pytest.fixture(scope="module")
def long() -> Spectrum:
    n = 1_000_000
    y = np.random.default_rng(3).standard_normal(n)
    y[700_001], y[300_000] = 80.0, -90.0
    y[500_000:510_000] = np.nan
    return made(1.0 + np.arange(n) * 1e-6, y)


def test_of_many_channels_so_many_are_drawn_that_no_line_is_lost(long: Spectrum) -> None:
    found = prepare(long, GHZ)
    assert not found.is_fine
    assert found.y_range == (-90.0, 80.0)
    for x0, x1 in ((1.0, 2.0), (1.69, 1.71), (1.69995, 1.70005)):
        x, y = found.part(x0, x1)
        assert 0 < len(x) <= FINE
        assert np.nanmax(y) == 80.0
        assert np.all(np.diff(x) >= 0)
        assert x[0] <= x0
        assert x[-1] >= x1 or x1 == 2.0


def test_close_to_a_line_its_channels_are_drawn_as_they_are(long: Spectrum) -> None:
    x, y = prepare(long, GHZ).part(1.7, 1.7001)
    first = int(np.searchsorted(long.axis, x[0]))
    assert np.array_equal(y, long.flux[first : first + len(y)])


def test_a_gap_stays_a_gap_from_afar(long: Spectrum) -> None:
    x, y = prepare(long, GHZ).part(1.0, 2.0)
    assert np.isnan(y[(x > 1.501) & (x < 1.509)]).all()


def test_outside_of_all_channels_there_is_next_to_nothing(long: Spectrum) -> None:
    x, _ = prepare(long, GHZ).part(10.0, 11.0)
    assert len(x) <= 1


def test_a_spectrum_of_nothing_but_gaps_has_ranges() -> None:
    found = prepare(made(flux=[np.nan] * 3), GHZ)
    assert found.y_range == (0.0, 1.0)
    assert found.x_range == (1.0, 1.2)
