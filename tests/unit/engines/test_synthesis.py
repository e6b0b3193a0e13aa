"""The shape of a line belongs to its numbers: area, peak and width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.result import ModelResult, Transitions
from stopdesk.engines.lte import boltzmann_populations
from stopdesk.engines.radiation import Cloud, line_outputs
from stopdesk.engines.synthesis import line_profile
from stopdesk.formats.molecules import load

GEOMETRIES = {
    "expanding_sphere": ("rectangular",),
    "expanding_slab": ("rectangular",),
    "uniform_sphere": ("gaussian", "rectangular"),
    "uniform_slab": ("gaussian", "rectangular"),
    "radex_uniform_sphere": ("gaussian", "rectangular"),
    "radex_expanding_sphere": ("rectangular",),
}
SHAPES = [(geometry, profile) for geometry, profiles in GEOMETRIES.items() for profile in profiles]

#: Sampling with 2,001 points by the trapezium rule; the rectangle's edges are met exactly.
TOLERANCE = 1e-4

#: Cool gas before warm dust: emission and absorption nearly cancel, and the rounding of a file's energies shows.
DUST_TOLERANCE = 1e-3


def model(
    molecule: Molecule, geometry: str, profile: str, *, columns: list[float], width: float = 2.5, dust: float = 0.0
) -> ModelResult:
    """CO with thermal populations at 25 K, one row a column density."""
    n = len(columns)
    cloud = Cloud(np.array(columns), np.full(n, width), np.full(n, 2.725), np.full(n, 40.0), np.full(n, dust))
    populations = boltzmann_populations(molecule, np.full(n, 25.0))
    found = line_outputs(molecule, populations, cloud, geometry=geometry, line_profile=profile)
    names = ("excitation_temperature", "optical_depth", "peak_temperature", "integrated_intensity", "flux", "maser")
    values: dict[str, Any] = {"geometry": geometry, "line_profile": profile, "line_width": width}
    values |= {"background_temperature": 2.725, "dust_temperature": 40.0, "dust_optical_depth": dust}
    transitions = Transitions(molecule.transition_names, molecule.frequency, molecule.upper_energy, molecule.einstein_a)
    outputs = {name: getattr(found, name) for name in names}
    return ModelResult("lvg", values, "CO", transitions, outputs, {"converged": found.converged})


@pytest.mark.parametrize(("geometry", "profile"), SHAPES)
@pytest.mark.parametrize("column", [1e12, 1e16, 1e18, 1e20], ids=["thin", "moderate", "thick", "very thick"])
def test_the_area_is_the_integrated_intensity(geometry: str, profile: str, column: float) -> None:
    result = model(load("co"), geometry, profile, columns=[column])
    for line in range(6):
        shape = line_profile(result, 0, line, n=2001)
        area = np.trapezoid(shape.temperature, shape.velocity)
        assert area == pytest.approx(result.outputs["integrated_intensity"][0, line], rel=TOLERANCE)


@pytest.mark.parametrize("geometry", ["uniform_sphere", "uniform_slab"])
@pytest.mark.parametrize("dust", [0.05, 1.0])
def test_dust_is_seen_beside_and_through_the_line(geometry: str, dust: float) -> None:
    result = model(load("co"), geometry, "gaussian", columns=[3e17], dust=dust)
    for line in range(6):
        shape = line_profile(result, 0, line, n=2001)
        area = np.trapezoid(shape.temperature, shape.velocity)
        assert area == pytest.approx(result.outputs["integrated_intensity"][0, line], rel=DUST_TOLERANCE)


@pytest.mark.parametrize(("geometry", "profile"), SHAPES)
def test_the_centre_has_the_peak_temperature(geometry: str, profile: str) -> None:
    result = model(load("co"), geometry, profile, columns=[1e17])
    centre = line_profile(result, 0, 2, velocity=np.zeros(1)).temperature[0]
    assert centre == pytest.approx(result.outputs["peak_temperature"][0, 2], rel=1e-12)


def test_a_thin_line_has_the_width_asked_for_and_a_thick_one_is_broader() -> None:
    result = model(load("co"), "uniform_slab", "gaussian", columns=[1e12, 1e19], width=2.0)
    half = []
    for row in (0, 1):
        shape = line_profile(result, row, 1, n=4001)
        above = shape.velocity[shape.temperature >= 0.5 * shape.temperature.max()]
        half.append(above.max() - above.min())
    assert half[0] == pytest.approx(2.0, rel=2e-3)
    assert half[1] > 1.5 * half[0]


def test_a_rectangle_ends_at_its_edges() -> None:
    result = model(load("co"), "expanding_slab", "rectangular", columns=[1e16], width=2.0)
    edge = 1.0644670 * 2.0 / 2
    inside, outside = line_profile(result, 0, 0, velocity=np.array([0.999 * edge, 1.001 * edge])).temperature
    assert inside == pytest.approx(result.outputs["peak_temperature"][0, 0])
    assert outside == 0.0


def test_frequencies_follow_the_radio_convention() -> None:
    result = model(load("co"), "uniform_slab", "gaussian", columns=[1e16])
    rest = result.transitions.frequency[0]
    shape = line_profile(result, 0, 0, velocity=np.array([0.0, 299.792458]))
    assert shape.frequency == pytest.approx([rest, rest * 0.999], rel=1e-12)


def test_a_row_that_did_not_converge_has_no_profile() -> None:
    whole = model(load("co"), "uniform_slab", "gaussian", columns=[1e16])
    for array in whole.outputs.values():
        if array.dtype == np.float64:
            array[:] = np.nan
    assert np.isnan(line_profile(whole, 0, 0).temperature).all()


def test_lte_is_a_uniform_slab() -> None:
    slab = model(load("co"), "uniform_slab", "gaussian", columns=[1e18])
    values = {"line_width": 2.5, "background_temperature": 2.725}
    lte = ModelResult("lte", values, "CO", slab.transitions, slab.outputs, {})
    assert line_profile(lte, 0, 1).temperature == pytest.approx(line_profile(slab, 0, 1).temperature)
