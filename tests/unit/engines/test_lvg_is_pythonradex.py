"""The LVG engine gives what pythonradex gives, and RADEX's expressions where it promises RADEX's."""

from __future__ import annotations

import numpy as np
import pytest

from stopdesk.engines import lvg
from stopdesk.engines.radiation import GAUSSIAN_AREA, LineOutputs
from stopdesk.formats.molecules import find, load

WIDTH = 2.0
MODELS = {
    "column_density": np.array([1e14, 1e17, 1e17, 3e18]),
    "kinetic_temperature": np.array([20.0, 20.0, 90.0, 60.0]),
    "densities": {"para-H2": np.array([1e3, 250.0, 1e5, 1e4]), "ortho-H2": np.array([3e3, 750.0, 1e5, 3e4])},
}


def ours(geometry: str, **changes: object) -> LineOutputs:
    given = {**MODELS, "line_width": WIDTH, "background_temperature": 2.725, **changes}
    return lvg.solve(load("co"), geometry=geometry, **given)  # type: ignore[arg-type]


#: RADEX's expanding sphere is not among them: there pythonradex changes expressions at other depths than RADEX.
SHAPES = [
    ("expanding_sphere", "rectangular"),
    ("expanding_slab", "rectangular"),
    ("uniform_sphere", "gaussian"),
    ("uniform_sphere", "rectangular"),
    ("uniform_slab", "gaussian"),
    ("radex_uniform_sphere", "gaussian"),
]


@pytest.mark.parametrize(("geometry", "line_profile"), SHAPES)
def test_pythonradex_by_itself_gives_the_same(geometry: str, line_profile: str) -> None:
    """A source of the real file and width, solved by its own loop; without a background, so that emission compares."""
    from pythonradex import radiative_transfer

    gaussian = line_profile == "gaussian"
    source = radiative_transfer.Source(
        str(find("co").path),
        lvg.GEOMETRIES[geometry],
        "Gaussian" if gaussian else "rectangular",
        WIDTH * 1e3 * (1 if gaussian else GAUSSIAN_AREA),
        warn_negative_tau=False,
    )
    outputs = ours(geometry, background_temperature=0.0, line_profile=line_profile)
    for i in range(4):
        source.update_parameters(
            N=MODELS["column_density"][i] * 1e4,
            Tkin=MODELS["kinetic_temperature"][i],
            collider_densities={name: float(values[i]) * 1e6 for name, values in MODELS["densities"].items()},
            ext_background=0,
            T_dust=0,
            tau_dust=0,
        )
        source.solve_radiative_transfer()
        seen = np.flatnonzero(source.upper_level_population > 1e-10)
        np.testing.assert_allclose(outputs.excitation_temperature[i, seen], source.Tex[seen], rtol=1e-4)
        np.testing.assert_allclose(
            outputs.optical_depth[i, seen], source.tau_nu0_individual_transitions[seen], rtol=1e-4, atol=1e-12
        )
        emission = seen[source.tau_nu0_individual_transitions[seen] > 1e-6]
        peak = source.emission_at_line_center("Rayleigh-Jeans", transitions=emission)
        np.testing.assert_allclose(outputs.peak_temperature[i, emission], peak, rtol=1e-3)
        if not geometry.startswith("radex"):
            flux = source.frequency_integrated_emission("intensity", transitions=emission)
            # its own integral is cut where the profile falls to one per cent, and is two per cent short in thin lines
            np.testing.assert_allclose(outputs.flux[i, emission], flux, rtol=0.03)


DEPTHS = np.concatenate([-np.logspace(3, -6, 200), [0.0], np.logspace(-6, 6, 400)])


@pytest.mark.parametrize(
    ("ours", "theirs", "amplifies"),
    [
        ("uniform_sphere", "beta_static_sphere", False),
        ("radex_uniform_sphere", "beta_static_sphere", True),
        ("expanding_slab", "beta_LVG_slab", True),
        ("expanding_sphere", "beta_LVG_sphere", False),
    ],
)
def test_escape_probabilities_are_pythonradexs_except_that_masers_amplify_as_in_radex(
    ours: str, theirs: str, amplifies: bool
) -> None:
    from pythonradex import escape_probability_functions

    from stopdesk.engines import escape

    found, expected = getattr(escape, ours)(DEPTHS), getattr(escape_probability_functions, theirs)(DEPTHS)
    maser = (DEPTHS > -1) & (DEPTHS < 0)
    np.testing.assert_allclose(found[~maser], expected[~maser], rtol=1e-12)
    if amplifies:
        assert (found[maser] > 1).all()
        assert found[maser].max() < 10
    else:
        np.testing.assert_array_equal(found[maser], 1.0)


def test_a_maser_amplifies_by_radexs_expressions() -> None:
    """RADEX, matrix.f: the uniform sphere (method 1, in taur = tau / 2) and the slab (method 3) at moderate depths."""
    from stopdesk.engines import escape

    depths = np.array([-0.9, -0.5, -0.3])
    taur = depths / 2
    sphere = 0.75 / taur * (1 - 1 / (2 * taur**2) + (1 / taur + 1 / (2 * taur**2)) * np.exp(-2 * taur))
    np.testing.assert_allclose(escape.radex_uniform_sphere(depths), sphere, rtol=1e-10)
    np.testing.assert_allclose(escape.expanding_slab(depths), (1 - np.exp(-3 * depths)) / (3 * depths), rtol=1e-10)


def test_radexs_expanding_sphere_has_radexs_expression_with_radexs_limits() -> None:
    """RADEX, matrix.f, method 2, with the radial optical depth taur = tau / 2, written down here line by line."""
    from stopdesk.engines import escape

    def radex(depth: float) -> float:
        taur = depth / 2.0
        if abs(taur) < 0.01:
            return 1.0
        if abs(taur) < 7.0:
            return float(2.0 * (1.0 - np.exp(-2.34 * taur)) / (4.68 * taur))
        return float(2.0 / (taur * 4.0 * np.sqrt(np.log(taur / np.sqrt(np.pi)))))

    depths = np.array([0.0, 0.005, 0.0199, 0.0201, 0.5, 3.0, 6.9, 7.1, 10.0, 13.9, 14.1, 100.0, 1e6])
    np.testing.assert_allclose(escape.radex_expanding_sphere(depths), [radex(depth) for depth in depths], rtol=1e-12)


def test_only_column_density_over_line_width_matters_to_the_excitation() -> None:
    narrow, broad = (
        ours("uniform_sphere", column_density=MODELS["column_density"] * factor, line_width=WIDTH * factor)
        for factor in (1.0, 7.0)
    )
    np.testing.assert_allclose(broad.optical_depth, narrow.optical_depth, rtol=1e-5, atol=1e-15)
    np.testing.assert_allclose(broad.integrated_intensity, 7 * narrow.integrated_intensity, rtol=1e-5, atol=1e-15)
