"""RADEX itself against ours: over five hundred cases, of five species and RADEX's three geometries.

The reference was made with RADEX's Fortran by ``benchmarks/radex_reference.py``. Compared are excitation temperature,
optical depth and T_R of lines of positive optical depth whose upper level holds more than 1e-3 of the molecules. What
RADEX cannot vouch for is left out, and listed: cases in which its populations do not add up to one or in which it gives
another answer when the column density changes by 1e-4, and cases with a maser deeper than -1, of which its authors say
that they should be ignored (van der Tak et al. 2007, A&A 468, 627). ``pytest -rP`` shows the table of deviations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from stopdesk.engines import lvg
from stopdesk.engines.radiation import LineOutputs
from stopdesk.formats.molecules import load

REFERENCE = Path(__file__).parents[2] / "data" / "radex" / "radex.npz"
SPECIES = ("co", "hco+", "cs", "hcn", "c+")
QUANTITIES = ("excitation_temperature", "optical_depth", "peak_temperature")
AGREEMENT = {"radex_uniform_sphere": 0.99, "expanding_slab": 0.99, "radex_expanding_sphere": 0.99}
TOLERANCE = 0.01
MASER_LIMIT = -1.0

#: Populations that move less than that in a step are a solution, as far as RADEX goes.
SETTLED = 1e-4

Escape = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """The cases of one species in one geometry: RADEX's answer, ours, and which lines of which cases are compared."""

    species: str
    geometry: str
    cases: dict[str, NDArray[np.float64]]
    densities: dict[str, NDArray[np.float64]]
    radex: dict[str, NDArray[np.float64]]
    ours: LineOutputs
    flaw: NDArray[np.str_]

    @property
    def deviation(self) -> NDArray[np.float64]:
        """Relative deviation (quantities, cases, lines)."""
        pairs = [(getattr(self.ours, name), self.radex[name]) for name in QUANTITIES]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.array([np.abs(ours - radex) / np.abs(radex) for ours, radex in pairs])

    @property
    def trusted(self) -> NDArray[np.bool_]:
        """Cases that RADEX can vouch for."""
        return (self.flaw == "") & (self.radex["optical_depth"].min(axis=1) >= MASER_LIMIT)

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Lines (cases, lines) that the comparison is about."""
        shining = (self.radex["optical_depth"] > 0) & (self.radex["upper_population"] > 1e-3)
        return shining & self.trusted[:, None]

    def name(self, case: int) -> str:
        """One case in words."""
        values = {name: values[case] for name, values in self.cases.items()}
        density = sum(values[case] for values in self.densities.values())
        return (
            f"{self.geometry:22s} {self.species:4s} N={values['column_density']:.0e} n={density:.1e} "
            f"T={values['kinetic_temperature']:3.0f} Tbg={values['background_temperature']:5.2f}"
        )


def compare(reference: dict[str, NDArray[np.float64]], species: str, geometry: str) -> Comparison:
    at = reference[f"{species}/geometry"] == geometry
    mine = {
        name.removeprefix(f"{species}/"): values[at]
        for name, values in reference.items()
        if name.startswith(f"{species}/")
    }
    names = ("column_density", "kinetic_temperature", "background_temperature", "line_width")
    cases = {name: mine[name] for name in names}
    densities = {name.removeprefix("density/"): values for name, values in mine.items() if name.startswith("density/")}
    radex = {name.removeprefix("radex/"): values for name, values in mine.items() if name.startswith("radex/")}
    ours = lvg.solve(load(species), geometry=geometry, densities=densities, **cases)
    return Comparison(species, geometry, cases, densities, radex, ours, mine["flaw"])


@pytest.fixture(scope="module")
def comparisons() -> list[Comparison]:
    with np.load(REFERENCE) as stored:
        reference = dict(stored)
    return [compare(reference, species, geometry) for geometry in AGREEMENT for species in SPECIES]


def radex_slab(depth: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slab as RADEX has it (matrix.f, method 3): its series for thin lines has the wrong sign before the square."""
    depth = np.where(depth < -1.0, -depth, depth)
    thin = np.abs(3 * depth) < 0.1
    other = np.where(thin, 1.0, depth)
    return np.where(thin, 1 - 1.5 * (depth + depth**2), (1 - np.exp(-3 * other)) / (3 * other))


def unrest(comparison: Comparison, case: int, escape: Escape | None = None) -> float:
    """By how much RADEX's populations (above 1e-3) move in one more step of our equations; near zero in a solution.

    The levels of all five species form a ladder, so RADEX's lines give the populations of all levels.
    """
    upper = comparison.radex["upper_population"][case]
    populations = np.array([1 - upper.sum(), *upper])
    densities = {name: values[case] for name, values in comparison.densities.items()}
    conditions = comparison.cases
    source = lvg._source(load(comparison.species), comparison.geometry)
    if escape is not None:
        source.geometry = SimpleNamespace(beta=escape)
    row = [conditions["background_temperature"][case], 0.0, 0.0, conditions["kinetic_temperature"][case]]
    row = np.array([*row, *densities.values()])
    column = conditions["column_density"][case] / conditions["line_width"][case] * 1e4
    source.update_parameters(N=column, **lvg._updates(list(densities), row, np.ones(len(row), dtype=bool)))
    moved = lvg._balance(source.rate_equations, populations)
    return float(np.abs(moved / populations - 1)[populations > 1e-3].max())


def reason(comparison: Comparison, case: int) -> str:
    """Why a case deviates; nothing where that is not known."""
    masers = comparison.radex["optical_depth"][case].min()
    if unrest(comparison, case) < SETTLED:
        return f"two solutions: RADEX's, with a maser of {masers:.2f}, solves our equations too"
    if comparison.geometry == "expanding_slab" and unrest(comparison, case, radex_slab) < SETTLED:
        return "RADEX's series for thin slabs has a wrong sign; with that sign ours agrees"
    return ""


def table(comparisons: list[Comparison]) -> str:
    """The shares that agree, every line that does not, and what was left out; each with its reason."""
    lines = ["share of lines within 1 % of RADEX: T_ex, tau, T_R; number of lines; largest deviations"]
    for geometry in AGREEMENT:
        deviation = np.concatenate([c.deviation[:, c.compared] for c in comparisons if c.geometry == geometry], axis=1)
        shares = " ".join(f"{share:7.2%}" for share in (deviation < TOLERANCE).mean(axis=1))
        largest = " ".join(f"{value:.1e}" for value in deviation.max(axis=1))
        lines.append(f"{geometry:22s} {shares} {deviation.shape[1]:5d}   {largest}")
    lines.append("lines that deviate by more than 1 %, ours/RADEX's")
    for c in comparisons:
        for case, line in np.argwhere(c.compared & (c.deviation.max(axis=0) > TOLERANCE)):
            pairs = (f"{getattr(c.ours, name)[case, line]:.5g}/{c.radex[name][case, line]:.5g}" for name in QUANTITIES)
            transition = load(c.species).transition_names[line]
            lines.append(f"{c.name(case)} {transition:5s} {'  '.join(pairs)}  ({reason(c, case)})")
    lines.append("cases left out")
    for c in comparisons:
        for case in np.flatnonzero(~c.trusted):
            masers = c.radex["optical_depth"][case].min()
            lines.append(f"{c.name(case)} ({c.flaw[case] or f'a maser of optical depth {masers:.1f}'})")
    return "\n".join(lines)


def test_ours_agrees_with_radex(comparisons: list[Comparison], record_property: pytest.RecordProperty) -> None:
    report = table(comparisons)
    print(report)
    record_property("radex comparison", report)
    for geometry, share in AGREEMENT.items():
        deviation = np.concatenate([c.deviation[:, c.compared] for c in comparisons if c.geometry == geometry], axis=1)
        for name, agreeing in zip(QUANTITIES, (deviation < TOLERANCE).mean(axis=1), strict=True):
            assert agreeing >= share, f"{geometry}, {name}: {agreeing:.2%} of {deviation.shape[1]} lines\n{report}"


def test_the_reference_is_wide_enough(comparisons: list[Comparison]) -> None:
    assert sum(c.trusted.sum() for c in comparisons) >= 300
    assert sum((~c.trusted).sum() for c in comparisons) <= 0.02 * sum(len(c.trusted) for c in comparisons)
    assert sum(c.compared.sum() for c in comparisons) > 3000
    depth = np.concatenate([c.radex["optical_depth"][c.compared] for c in comparisons])
    assert depth.min() < 1e-4
    assert depth.max() > 100
    assert {geometry: sum(c.geometry == geometry for c in comparisons) for geometry in AGREEMENT} == dict.fromkeys(
        AGREEMENT, 5
    )


def test_half_of_all_lines_agree_to_one_part_in_ten_thousand(comparisons: list[Comparison]) -> None:
    for c in comparisons:
        assert np.median(c.deviation[:, c.compared], axis=1).max() < 1e-4, f"{c.geometry} {c.species}"


def test_every_row_converged_where_radex_did(comparisons: list[Comparison]) -> None:
    for c in comparisons:
        assert c.ours.converged[c.trusted].all(), f"{c.geometry} {c.species}"


def test_every_deviation_has_its_reason(comparisons: list[Comparison]) -> None:
    for c in comparisons:
        for case in {int(case) for case, _ in np.argwhere(c.compared & (c.deviation.max(axis=0) > TOLERANCE))}:
            assert reason(c, case), c.name(case)
