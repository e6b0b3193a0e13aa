"""LTE against formulas written down independently, with astropy's constants and brute-force integrals."""

from __future__ import annotations

import numpy as np
import pytest
from astropy import constants as const
from astropy import units as u
from astropy.modeling.models import BlackBody
from scipy.integrate import quad

from stopdesk.domain.molecule import Molecule
from stopdesk.engines import lte
from stopdesk.formats.molecules import load

C, H, K = const.c.si.value, const.h.si.value, const.k_B.si.value


@pytest.fixture(scope="module")
def co() -> Molecule:
    return load("co")


def rayleigh_jeans(temperature: float, hertz: float) -> float:
    """Brightness temperature of a black body, through astropy's Planck function."""
    intensity = BlackBody(temperature * u.K)(hertz * u.Hz).to_value("W m-2 Hz-1 sr-1")
    return float(intensity * C**2 / (2 * K * hertz**2))


@pytest.mark.parametrize("temperature", [5.0, 20.0, 200.0])
@pytest.mark.parametrize("line", [0, 1, 5])
def test_thin_lines_follow_the_column_density_formula(co: Molecule, temperature: float, line: int) -> None:
    """Mangum & Shirley 2015, eq. 80 solved for the integrated intensity: N = 8 pi k nu^2 Q ... W in the thin limit."""
    column, width = 1e12, 2.0
    outputs = lte.solve(
        co, column_density=column, excitation_temperature=temperature, line_width=width, background_temperature=2.725
    )
    hertz = co.frequency[line] * 1e9
    energies = co.level_energy * 100 * H * C
    partition = np.sum(co.level_weight * np.exp(-energies / (K * temperature)))
    upper = co.level_weight[co.upper[line]] * np.exp(-energies[co.upper[line]] / (K * temperature)) / partition
    depth_integral = C**3 / (8 * np.pi * hertz**3) * co.einstein_a[line] * column * 1e4 * upper
    depth_integral *= np.expm1(H * hertz / (K * temperature))
    contrast = rayleigh_jeans(temperature, hertz) - rayleigh_jeans(2.725, hertz)
    assert outputs.integrated_intensity[0, line] == pytest.approx(contrast * depth_integral / 1e3, rel=1e-3)
    assert outputs.optical_depth[0, line] == pytest.approx(
        depth_integral / (width * 1e3) * np.sqrt(4 * np.log(2) / np.pi), rel=2e-4
    )


def test_thick_lines_reach_the_black_body_and_no_more(co: Molecule) -> None:
    outputs = lte.solve(co, column_density=1e20, excitation_temperature=30, line_width=1, background_temperature=2.725)
    assert outputs.optical_depth[0, 1] > 100
    expected = rayleigh_jeans(30, co.frequency[1] * 1e9) - rayleigh_jeans(2.725, co.frequency[1] * 1e9)
    assert outputs.peak_temperature[0, 1] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("column", [1e13, 1e16, 1e17, 1e18, 1e20, 1e23])
def test_the_integral_is_that_of_the_gaussian_line_however_thick(co: Molecule, column: float) -> None:
    width = 3.0
    outputs = lte.solve(
        co, column_density=column, excitation_temperature=25, line_width=width, background_temperature=2.725
    )
    for line in (0, 3):
        hertz, depth = co.frequency[line] * 1e9, outputs.optical_depth[0, line]
        contrast = rayleigh_jeans(25, hertz) - rayleigh_jeans(2.725, hertz)

        def temperature(v: float, depth: float = depth, contrast: float = contrast) -> float:
            return float(contrast * -np.expm1(-depth * np.exp(-4 * np.log(2) * (v / width) ** 2)))

        area = 2 * sum(quad(temperature, a, a + 1, epsabs=0, epsrel=1e-10)[0] for a in range(30))
        assert outputs.integrated_intensity[0, line] == pytest.approx(area, rel=2e-4)
        assert outputs.flux[0, line] == pytest.approx(2 * K * hertz**3 / C**3 * area * 1e3, rel=2e-4)


def test_opposite_a_hotter_background_lines_absorb(co: Molecule) -> None:
    outputs = lte.solve(co, column_density=1e16, excitation_temperature=5, line_width=1, background_temperature=20)
    assert (outputs.peak_temperature[0, :3] < 0).all()
    assert (outputs.flux[0, :3] < 0).all()


def test_at_the_temperature_of_the_background_nothing_is_seen(co: Molecule) -> None:
    outputs = lte.solve(co, column_density=1e16, excitation_temperature=20, line_width=1, background_temperature=20)
    assert np.abs(outputs.peak_temperature[0, :5]).max() < 1e-3


def test_rows_are_independent_and_keep_their_order(co: Molecule) -> None:
    temperatures, columns = np.array([5.0, 50.0, 10.0]), np.array([1e18, 1e13, 1e16])
    together = lte.solve(
        co,
        column_density=columns,
        excitation_temperature=temperatures,
        line_width=[1, 2, 3],
        background_temperature=2.725,
    )
    assert together.flux.shape == (3, co.n_lines)
    assert together.converged.all()
    assert not together.maser.any()
    for i, width in enumerate((1, 2, 3)):
        alone = lte.solve(
            co,
            column_density=columns[i],
            excitation_temperature=temperatures[i],
            line_width=width,
            background_temperature=2.725,
        )
        np.testing.assert_allclose(alone.flux[0], together.flux[i], rtol=1e-12)
        assert together.excitation_temperature[i] == pytest.approx(temperatures[i])


def test_energies_count_from_the_lowest_level_of_the_file() -> None:
    para = load("p-nh3")
    assert para.level_energy.min() > 0
    populations = lte.boltzmann_populations(para, np.array([0.5, 10.0]))
    assert np.isfinite(populations).all()
    assert populations.sum(axis=1) == pytest.approx(1.0)
    assert populations[0, 0] > 0.85
