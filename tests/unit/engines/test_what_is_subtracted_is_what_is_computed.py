"""The sentence that every table has on what is subtracted is what was computed, in each geometry."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from stopdesk.domain.lvg import LVG
from stopdesk.domain.outputs import subtracted
from stopdesk.engines import runner
from stopdesk.engines.lte import boltzmann_populations
from stopdesk.engines.radiation import Cloud, LineOutputs, line_frequency, line_outputs, planck_temperature
from stopdesk.formats import results
from stopdesk.formats.molecules import load

FWHM, T_EX, T_BG = 2.0, 30.0, 2.725
GEOMETRIES = LVG.parameter("geometry").options  # type: ignore[attr-defined]  # a choice


def computed(geometry: str, line_profile: str) -> LineOutputs:
    """CO at one excitation temperature, thin to thick."""
    columns = np.array([1e13, 1e16, 1e17, 1e19])
    n = len(columns)
    nothing = np.zeros(n)
    cloud = Cloud(columns, np.full(n, FWHM), np.full(n, T_BG), nothing, nothing)
    populations = boltzmann_populations(load("co"), np.full(n, T_EX))
    return line_outputs(load("co"), populations, cloud, geometry=geometry, line_profile=line_profile)


def formula(text: str, tau: float) -> float:
    """What the sentence gives for the peak over J(T_ex) - J(T_bg)."""
    found = re.search(r"the peak is \(J\(T_ex\) - J\(T_bg\)\) (\(.*?\))(?:;|,)", text)
    assert found is not None, text
    python = found[1].replace("^", "**").replace(") exp", ") * exp")
    return float(eval(python, {"tau": tau, "exp": math.exp}))


@pytest.mark.parametrize("line_profile", ["gaussian", "rectangular"])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_peak_and_integral_are_as_said(geometry: str, line_profile: str) -> None:
    said = subtracted(geometry, line_profile)
    found = computed(geometry, line_profile)
    frequency = line_frequency(load("co"))
    excited, background = (planck_temperature(frequency, np.full(1, t)) for t in (T_EX, T_BG))
    for row in range(4):
        for line in range(5):
            tau = found.optical_depth[row, line]
            if tau > 1e-3:  # below, what is written cancels
                expected = formula(said, tau) * (excited[line] - background[line])
                assert found.peak_temperature[row, line] == pytest.approx(expected, rel=1e-4)
    ratio = found.integrated_intensity[:, :5] / found.peak_temperature[:, :5] / FWHM
    factor = re.search(r"the integral is ([\d.]+) FWHM times the peak", said)
    if factor is not None:
        assert ratio == pytest.approx(np.full(ratio.shape, float(factor[1])), rel=1e-4)
    else:
        assert "the integral is over the same with a Gaussian tau" in said
        assert ratio[0] == pytest.approx(np.full(5, 1.0645), rel=2e-3), "thin"
        assert (ratio[-1] > 1.5).all(), "thick"


def test_the_parts_of_radex_are_as_said() -> None:
    """Thin lines of the uniform sphere, and the integral of the expanding one, are 2/3 of RADEX's."""
    sphere, radex = computed("uniform_sphere", "gaussian"), computed("radex_uniform_sphere", "gaussian")
    assert "2/3 of RADEX's T_R in thin lines" in subtracted("uniform_sphere")
    assert sphere.peak_temperature[0, 0] == pytest.approx(2 / 3 * radex.peak_temperature[0, 0], rel=1e-3)
    assert sphere.peak_temperature[-1, 0] == pytest.approx(radex.peak_temperature[-1, 0], rel=1e-2)
    ours, theirs = computed("expanding_sphere", "rectangular"), computed("radex_expanding_sphere", "rectangular")
    assert "2/3 of RADEX's" in subtracted("expanding_sphere")
    assert ours.peak_temperature == pytest.approx(theirs.peak_temperature)
    assert ours.flux == pytest.approx(2 / 3 * theirs.flux)


@pytest.mark.parametrize("geometry", ["uniform_sphere", "expanding_sphere", "radex_uniform_sphere"])
def test_a_table_says_it_of_its_own_geometry(geometry: str, tmp_path: Path) -> None:
    files = runner.run("lvg", {"density_h2": "1e4", "geometry": geometry}, {}, tmp_path)
    result = results.read_grid(files[0].path)
    assert result.origin["subtracted"] == subtracted(geometry, "gaussian")


def test_lte_says_what_a_slab_has(tmp_path: Path) -> None:
    result = results.read_grid(runner.run("lte", {}, {}, tmp_path)[0].path)
    assert result.origin["subtracted"] == subtracted("uniform_slab", "gaussian")
