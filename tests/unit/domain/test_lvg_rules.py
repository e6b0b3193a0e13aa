"""What LVG asks for depends on the geometry and on the partners that the molecule's file has rates for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stopdesk.domain.colliders import collider_densities, splits_h2, thermal_ortho_para_ratio
from stopdesk.domain.lvg import LVG
from stopdesk.domain.lvg_rules import UNIFORM
from stopdesk.domain.parameter import Axis
from stopdesk.formats import molecules

GOOD = {"molecule": "co", "density_h2": 1e4}


def sentences(values, molecule):
    return [problem.text for problem in LVG.problems(values, molecule)]


@pytest.fixture
def co():
    return molecules.load("co")  # para-H2 and ortho-H2


@pytest.fixture
def hco():
    return molecules.load("hco+")  # H2


def test_the_good_case_has_no_problem(co):
    assert sentences(GOOD, co) == []


def test_some_density_is_needed(co, hco):
    assert sentences({"molecule": "co"}, co) == ["Give the density of at least one collision partner."]
    assert LVG.problems({"molecule": "co", "density_h2": 0.0}, co)
    zero_somewhere = {"molecule": "hco+", "density_h2": Axis(0.0, 1e4, 3)}
    assert "every density is zero" in sentences(zero_somewhere, hco)[0]


def test_a_file_without_rates_is_for_lte(co):
    bare = replace(co, partners=())
    assert sentences({"molecule": "co"}, bare) == [
        f"The file of {co.name} has no collision rates; LVG needs them, LTE does not."
    ]


def test_only_partners_of_the_file_are_taken(hco):
    text = sentences({**GOOD, "molecule": "hco+", "density_he": 10.0}, hco)[0]
    assert "no rates for collisions with He" in text
    assert "H2" in text


def test_h2_is_not_given_twice(co):
    text = sentences({**GOOD, "density_ph2": 1e3}, co)[0]
    assert "not both" in text


def test_h2_is_split_where_the_file_knows_only_ortho_and_para(co, hco):
    assert splits_h2(co)
    assert not splits_h2(hco)
    row = {"density_h2": 1e4, "ortho_para_ratio": 3.0, "kinetic_temperature": 20.0}
    assert collider_densities(row, co) == {"ortho-H2": 7500.0, "para-H2": 2500.0}
    assert collider_densities(row, hco) == {"H2": 1e4}


def test_the_thermal_ratio_follows_the_temperature(co):
    assert thermal_ortho_para_ratio(1e4) == 3.0
    assert thermal_ortho_para_ratio(20.0) == pytest.approx(9 * np.exp(-170.6 / 20))
    temperatures = np.array([10.0, 1000.0])
    densities = collider_densities({"density_h2": np.array([1e4, 1e4]), "kinetic_temperature": temperatures}, co)
    assert densities["ortho-H2"] + densities["para-H2"] == pytest.approx([1e4, 1e4])
    assert densities["ortho-H2"][0] < 1.0
    assert densities["ortho-H2"][1] == pytest.approx(7500.0)


@pytest.mark.parametrize("geometry", LVG.parameter("geometry").options)
def test_dust_and_profile_belong_to_the_uniform_geometries(geometry, co):
    values = {**GOOD, "geometry": geometry, "dust_optical_depth": 0.1, "line_profile": "gaussian"}
    said = sentences(values, co)
    assert (said == []) is (geometry in UNIFORM)
    for name in ("dust_optical_depth", "dust_temperature", "line_profile"):
        assert LVG.applies(name, {"geometry": geometry}, co) is (geometry in UNIFORM)


def test_temperatures_must_lie_in_the_tables_of_rates(co):
    last = co.partners[0].temperatures[-1]
    assert sentences({**GOOD, "kinetic_temperature": float(last)}, co) == []
    said = sentences({**GOOD, "kinetic_temperature": Axis(10.0, float(last) * 2, 3)}, co)
    assert any(f"to {last:g} K" in text for text in said)


def test_the_frequency_range_must_hold_a_line(co):
    assert "lines run from" in sentences({**GOOD, "frequency_min": 120.0, "frequency_max": 200.0}, co)[0]
    assert "below the highest" in sentences({**GOOD, "frequency_min": 300.0, "frequency_max": 200.0}, co)[0]
    assert sentences({**GOOD, "frequency_min": 100.0, "frequency_max": 200.0}, co) == []


def test_the_estimate_grows_with_the_molecule(co):
    small = replace(co, level_energy=co.level_energy[:5])
    assert LVG.seconds_per_row(small) < LVG.seconds_per_row(co)
