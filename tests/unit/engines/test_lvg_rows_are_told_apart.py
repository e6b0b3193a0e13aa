"""Rows: any order, masers and failures marked and never dropped, progress told, wrong requests refused in words."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from stopdesk.engines import lte, lvg
from stopdesk.engines.radiation import LineOutputs
from stopdesk.errors import Cancelled, EngineError
from stopdesk.formats.molecules import bundled, load

H2 = {"para-H2": 250.0, "ortho-H2": 750.0}
ONE = {"column_density": 1e16, "kinetic_temperature": 20.0, "line_width": 1.0, "background_temperature": 2.725}
LINE_QUANTITIES = ("excitation_temperature", "optical_depth", "peak_temperature", "integrated_intensity", "flux")


def grid(n: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(7)
    return {
        "column_density": 10 ** random.choice([13.0, 15.0, 17.0], n),
        "kinetic_temperature": random.choice([10.0, 20.0, 70.0], n),
        "line_width": random.choice([0.5, 2.0], n),
        "background_temperature": random.choice([2.725, 8.0], n),
    }


def test_rows_come_back_in_the_order_given_whatever_the_order_of_computing() -> None:
    rows = grid(60)
    densities = {"para-H2": 10 ** np.random.default_rng(8).choice([2.0, 4.0, 6.0], 60), "ortho-H2": np.zeros(60)}
    densities["ortho-H2"][::3] = 1e4
    dust = np.where(np.arange(60) % 2, 0.3, 0.0)
    together = lvg.solve(
        load("co"), geometry="uniform_slab", densities=densities, dust_temperature=30, dust_optical_depth=dust, **rows
    )
    for i in range(0, 60, 7):
        alone = lvg.solve(
            load("co"),
            geometry="uniform_slab",
            densities={name: float(values[i]) for name, values in densities.items()},
            dust_temperature=30,
            dust_optical_depth=dust[i],
            **{name: float(values[i]) for name, values in rows.items()},
        )
        for name in LINE_QUANTITIES:
            np.testing.assert_allclose(getattr(alone, name)[0], getattr(together, name)[i], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("geometry", lvg.GEOMETRIES)
def test_at_high_density_every_geometry_is_in_lte(geometry: str) -> None:
    outputs = lvg.solve(load("cs"), geometry=geometry, **(ONE | {"column_density": 1e13}), densities={"para-H2": 1e13})
    expected = lte.solve(
        load("cs"), column_density=1e13, excitation_temperature=20, line_width=1, background_temperature=2.725
    )
    np.testing.assert_allclose(outputs.excitation_temperature[0, :6], 20.0, rtol=1e-3)
    np.testing.assert_allclose(outputs.optical_depth[0, :6], expected.optical_depth[0, :6], rtol=1e-3)
    if geometry != "uniform_sphere":  # its disc is not filled evenly
        np.testing.assert_allclose(outputs.peak_temperature[0, :6], expected.peak_temperature[0, :6], rtol=1e-3)
    if geometry == "uniform_slab":
        np.testing.assert_allclose(outputs.flux[0, :6], expected.flux[0, :6], rtol=1e-3)


def test_without_collisions_that_matter_lines_take_the_background() -> None:
    outputs = lvg.solve(
        load("hco+"), geometry="uniform_sphere", **(ONE | {"column_density": 1e9}), densities={"H2": 1e-3}
    )
    assert outputs.excitation_temperature[0, :2] == pytest.approx(2.725, rel=1e-3)


def test_a_maser_is_marked_and_keeps_its_numbers() -> None:
    outputs = lvg.solve(
        load("co"), geometry="uniform_sphere", **(ONE | {"kinetic_temperature": 300.0}), densities={"para-H2": 1e4}
    )
    assert outputs.converged.all()
    assert outputs.maser[0, 0]
    assert outputs.optical_depth[0, 0] < 0
    assert outputs.excitation_temperature[0, 0] < 0
    assert outputs.peak_temperature[0, 0] > 0
    np.testing.assert_array_equal(outputs.maser, outputs.optical_depth < 0)


def test_the_deepest_maser_still_has_numbers() -> None:
    outputs = lvg.solve(
        load("hcl"),
        geometry="uniform_sphere",
        **(ONE | {"column_density": 1e19, "kinetic_temperature": 200.0}),
        densities={"para-H2": [1e4, 1e5, 1e6, 1e7, 1e8]},
    )
    assert np.nanmin(outputs.optical_depth) < -700
    for name in LINE_QUANTITIES:
        assert np.isfinite(getattr(outputs, name)[outputs.converged]).all()


#: The iteration swings here between two sets of populations, with acceleration and without.
HOPELESS = {"column_density": 6.94e18, "kinetic_temperature": 910.0, "line_width": 1.0, "background_temperature": 2.725}


def test_a_row_without_a_solution_is_marked_and_the_others_are_not_touched() -> None:
    columns = [1e13, HOPELESS["column_density"], 1e14]
    outputs = lvg.solve(
        load("sio"), geometry="uniform_sphere", **(HOPELESS | {"column_density": columns}), densities={"H2": 3.19e4}
    )
    assert outputs.converged.tolist() == [True, False, True]
    for name in LINE_QUANTITIES:
        values = getattr(outputs, name)
        assert np.isnan(values[1]).all()
        assert np.isfinite(values[[0, 2]]).all()
    assert not outputs.maser[1].any()


def test_a_row_that_only_acceleration_spoils_is_solved_without() -> None:
    outputs = lvg.solve(
        load("co"),
        geometry="expanding_sphere",
        column_density=4.6415888336127535e17,
        kinetic_temperature=316.2277660168379,
        line_width=1.0,
        background_temperature=2.725,
        densities={"para-H2": 0.25 * 1291.549665014884, "ortho-H2": 0.75 * 1291.549665014884},
    )
    assert outputs.converged.all()


def test_no_rows_give_no_rows() -> None:
    outputs = lvg.solve(load("co"), geometry="uniform_sphere", **(ONE | {"column_density": []}), densities=H2)
    assert outputs.flux.shape == (0, 40)
    assert outputs.converged.shape == (0,)


def test_progress_counts_up_to_all_rows() -> None:
    told: list[int] = []
    lvg.solve(load("c+"), geometry="uniform_sphere", densities=H2, progress=told.append, **grid(65))
    assert told == [20, 40, 60, 65]


def test_a_cancel_from_progress_ends_the_computing() -> None:
    def cancel(rows: int) -> None:
        raise Cancelled(f"after {rows}")

    with pytest.raises(Cancelled, match="after 20"):
        lvg.solve(load("c+"), geometry="uniform_sphere", densities=H2, progress=cancel, **grid(65))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"geometry": "cube"}, "no geometry 'cube'; choose one of expanding_sphere"),
        ({"densities": {"He": 1e4}}, "no rates for collisions with He; it has: para-H2, ortho-H2"),
        ({"kinetic_temperature": 1.9}, "run from 2 to 3000 K, and 1.9 K lies outside"),
        ({"kinetic_temperature": 3001.0}, "run from 2 to 3000 K, and 3001 K lies outside"),
        ({"kinetic_temperature": float("nan")}, "nan K lies outside"),
        ({"geometry": "expanding_slab", "dust_optical_depth": 0.1}, "Dust can be mixed with the gas in the uniform"),
    ],
)
def test_what_cannot_be_computed_is_refused_in_words(changes: dict[str, object], words: str) -> None:
    with pytest.raises(EngineError, match=words.replace("(", r"\(")):
        lvg.solve(load("co"), **({"geometry": "uniform_sphere", "densities": H2, **ONE} | changes))  # type: ignore[arg-type]


def test_the_end_of_a_table_may_be_missed_by_rounding() -> None:
    outputs = lvg.solve(
        load("co"), geometry="uniform_sphere", densities=H2, **(ONE | {"kinetic_temperature": 3000 * (1 + 1e-12)})
    )
    assert outputs.converged.all()


def test_a_partner_that_is_absent_sets_no_limit_to_the_temperature() -> None:
    """Oxygen has rates with H+ at 100 K only."""
    outputs = lvg.solve(load("o"), geometry="uniform_sphere", densities={"para-H2": 1e4, "H+": 0.0}, **ONE)
    assert outputs.converged.all()


@pytest.mark.parametrize("key", [entry.key for entry in bundled()])
def test_every_bundled_molecule_can_be_solved(key: str) -> None:
    molecule = load(key)
    partner = molecule.partners[0]
    temperature = float(partner.temperatures[len(partner.temperatures) // 2])
    outputs = lvg.solve(
        molecule,
        geometry="expanding_sphere",
        **(ONE | {"kinetic_temperature": temperature, "column_density": 1e12}),
        densities={partner.name: 1e5},
    )
    assert outputs.converged.all()
    assert np.isfinite(outputs.flux).all()


def test_two_threads_do_not_disturb_each_other() -> None:
    rows = grid(40)

    def compute(factor: float) -> LineOutputs:
        densities = {name: density * factor for name, density in H2.items()}
        return lvg.solve(load("co"), geometry="expanding_slab", densities=densities, **rows)

    expected = {factor: compute(factor).flux for factor in (1.0, 100.0)}
    found: dict[float, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda factor=factor: found.update({factor: compute(factor).flux}))
        for factor in expected
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for factor, flux in expected.items():
        np.testing.assert_array_equal(found[factor], flux)


def test_a_first_compilation_is_announced_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    told: list[str] = []
    assert not lvg.is_warm()
    lvg.warm_up(told.append)
    assert len(told) == 1
    assert "Compiling" in told[0]
    assert lvg.is_warm()
    lvg.warm_up(told.append)
    assert len(told) == 1


def test_importing_the_engines_is_cheap() -> None:
    code = (
        "import sys; import stopdesk.engines.lvg, stopdesk.engines.lte, stopdesk.formats.molecules;"
        "print(sorted({'numba', 'pythonradex', 'scipy', 'astropy', 'astroquery', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
