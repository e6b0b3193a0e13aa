"""Brightness, integrated intensity and flux of every geometry against brute-force integrals, with dust and without."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from stopdesk.engines.lte import boltzmann_populations
from stopdesk.engines.lvg import GEOMETRIES
from stopdesk.engines.radiation import Cloud, LineOutputs, line_frequency, line_outputs, planck_temperature
from stopdesk.formats.molecules import load

FWHM, T_EX, T_BG = 2.0, 35.0, 4.0
AREA = 1.0644670194312262  # of a Gaussian of unit peak and FWHM
COLUMNS = np.array([1e12, 1e16, 2e17, 1e19, 1e21])


def computed(geometry: str, line_profile: str, dust: float, dust_temperature: float) -> LineOutputs:
    molecule = load("co")
    n = len(COLUMNS)
    cloud = Cloud(COLUMNS, np.full(n, FWHM), np.full(n, T_BG), np.full(n, dust_temperature), np.full(n, dust))
    populations = boltzmann_populations(molecule, np.full(n, T_EX))
    return line_outputs(molecule, populations, cloud, geometry=geometry, line_profile=line_profile)


def seen(depth: float, source: float, background: float, geometry: str) -> float:
    """Brightness above the background of a source of that depth; of a sphere, the average over its disc."""
    if geometry != "uniform_sphere":
        return float((source - background) * -np.expm1(-depth))
    value, _ = quad(lambda p: 2 * p * -np.expm1(-depth * np.sqrt(1 - p * p)), 0, 1, epsabs=0, epsrel=1e-11, limit=200)
    return float((source - background) * value)


def brute_force(
    geometry: str, line_profile: str, depth: float, frequency: float, dust: float, dust_temperature: float
) -> tuple[float, float]:
    """Brightness at the centre (K) and the integral over velocity (K km/s)."""
    nu = np.array([frequency])
    excited, background = (float(planck_temperature(nu, np.array([t]))[0]) for t in (T_EX, T_BG))
    warm = float(planck_temperature(nu, np.array([dust_temperature]))[0]) if dust else 0.0

    def temperature(v: float) -> float:
        profile = np.exp(-4 * np.log(2) * (v / FWHM) ** 2) if gaussian else float(abs(v) <= AREA * FWHM / 2)
        total = depth * profile + dust
        source = (depth * profile * excited + dust * warm) / total if total > 0 else 0.0
        line = seen(total, source, background, geometry) - seen(dust, warm, background, geometry)
        return line * (1 - (2 * v / (AREA * FWHM)) ** 2) if geometry == "expanding_sphere" else line

    gaussian = line_profile == "gaussian" and geometry in ("uniform_sphere", "uniform_slab")
    if geometry.startswith("radex"):
        return temperature(0.0), AREA * FWHM * temperature(0.0)
    edges = np.linspace(0, 12, 25) if gaussian else [0, AREA * FWHM / 2 * (1 - 1e-12)]
    area = sum(quad(temperature, a, b, epsabs=1e-13, epsrel=1e-7)[0] for a, b in itertools.pairwise(edges))
    return temperature(0.0), 2 * area


@pytest.mark.parametrize("line_profile", ["gaussian", "rectangular"])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_without_dust(geometry: str, line_profile: str) -> None:
    outputs = computed(geometry, line_profile, 0.0, 0.0)
    frequency = line_frequency(load("co"))
    for row in range(len(COLUMNS)):
        for line in (0, 4):
            peak, area = brute_force(
                geometry, line_profile, outputs.optical_depth[row, line], frequency[line], 0.0, 0.0
            )
            assert outputs.peak_temperature[row, line] == pytest.approx(peak, rel=1e-4)
            assert outputs.integrated_intensity[row, line] == pytest.approx(area, rel=2e-4)


@pytest.mark.parametrize(("dust", "dust_temperature"), [(0.05, 60.0), (1.0, 15.0), (5.0, 60.0), (1e-6, 100.0)])
@pytest.mark.parametrize("line_profile", ["gaussian", "rectangular"])
@pytest.mark.parametrize("geometry", ["uniform_sphere", "uniform_slab", "radex_uniform_sphere"])
def test_with_dust_what_stands_beside_the_line_is_subtracted(
    geometry: str, line_profile: str, dust: float, dust_temperature: float
) -> None:
    outputs = computed(geometry, line_profile, dust, dust_temperature)
    frequency = line_frequency(load("co"))
    for row in range(1, len(COLUMNS)):
        peak, area = brute_force(
            geometry, line_profile, outputs.optical_depth[row, 2], frequency[2], dust, dust_temperature
        )
        assert outputs.peak_temperature[row, 2] == pytest.approx(peak, rel=1e-3, abs=1e-6)
        assert outputs.integrated_intensity[row, 2] == pytest.approx(area, rel=1e-3, abs=1e-5)


def test_a_thick_line_before_hot_dust_is_seen_in_absorption() -> None:
    outputs = computed("uniform_slab", "gaussian", 3.0, 300.0)
    assert outputs.peak_temperature[-1, 0] < 0


def test_rectangle_and_gaussian_agree_where_the_line_is_thin_and_not_where_it_is_thick() -> None:
    gaussian, rectangular = (computed("uniform_sphere", profile, 0.0, 0.0) for profile in ("gaussian", "rectangular"))
    ratio = gaussian.integrated_intensity[:, 0] / rectangular.integrated_intensity[:, 0]
    assert ratio[0] == pytest.approx(1.0, rel=1e-3)
    assert ratio[-1] > 2.0


def test_flux_is_the_intensity_integrated_over_frequency() -> None:
    outputs = computed("expanding_slab", "rectangular", 0.0, 0.0)
    hertz = line_frequency(load("co")) * 1e9
    expected = 2 * 1.380649e-23 * hertz**3 / 299792458.0**3 * outputs.integrated_intensity * 1e3
    np.testing.assert_allclose(outputs.flux, expected, rtol=1e-12)


def test_no_line_is_lost_where_the_levels_are_about_to_invert() -> None:
    """At equal populations per statistical weight the depth is zero and the line still shines."""
    molecule = load("co")
    populations = np.zeros((1, molecule.n_levels))
    populations[0, :2] = molecule.level_weight[:2] / molecule.level_weight[:2].sum()
    one = np.ones(1)
    cloud = Cloud(1e16 * one, one, 2.7 * one, one, 0 * one)
    outputs = line_outputs(molecule, populations, cloud, geometry="uniform_slab", line_profile="gaussian")
    assert abs(outputs.optical_depth[0, 0]) < 1e-12
    assert outputs.peak_temperature[0, 0] > 1.0
