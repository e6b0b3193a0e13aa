"""What cannot be said of one LVG parameter by itself: rules across parameters, and when a parameter means anything."""

from __future__ import annotations

from collections.abc import Iterable

from stopdesk.domain.colliders import DENSITIES, splits_h2
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Axis, Value, Values
from stopdesk.domain.spec import Condition
from stopdesk.errors import Problem

#: Geometries in which a static line profile may be chosen and dust may be mixed with the gas.
UNIFORM = ("uniform_sphere", "uniform_slab", "radex_uniform_sphere")


def _span(value: Value) -> tuple[float, float]:
    if isinstance(value, Axis):
        return value.minimum, value.maximum
    return float(value), float(value)  # type: ignore[arg-type]  # numbers only


def needs_partner(partner: str) -> Condition:
    """A density means something only where the file has rates with the partner."""

    def condition(_: Values, molecule: Molecule | None) -> str | None:
        if molecule is None or partner in molecule.partner_names or (partner == "H2" and splits_h2(molecule)):
            return None
        known = ", ".join(molecule.partner_names) or "none at all"
        return f"The file of {molecule.name} has no rates for collisions with {partner}; it has: {known}."

    return condition


def splitting(values: Values, molecule: Molecule | None) -> str | None:
    """The ortho-to-para ratio means something only where a density of H2 is split."""
    if molecule is None or (splits_h2(molecule) and "density_h2" in values):
        return None
    return "The ortho-to-para ratio only matters where the density of H2 has to be split into ortho and para."


def uniform_geometry(values: Values, _: Molecule | None) -> str | None:
    """Dust means something only in the uniform geometries."""
    if values.get("geometry") in UNIFORM:
        return None
    return "Dust can be mixed with the gas in the uniform geometries only."


def free_profile(values: Values, _: Molecule | None) -> str | None:
    """A Gaussian profile means something only in the uniform geometries."""
    if values.get("geometry") in UNIFORM or values.get("line_profile") == "rectangular":
        return None
    return "The expanding geometries have a rectangular line profile."


def some_density(values: Values, molecule: Molecule | None) -> Iterable[Problem]:
    """Some partner must be there in every row, and H2 not counted twice."""
    given = [name for name in DENSITIES.values() if name in values]
    if molecule is not None and not molecule.partners:
        text = f"The file of {molecule.name} has no collision rates; LVG needs them, LTE does not."
        yield Problem(("molecule_file" if "molecule_file" in values else "molecule",), text)
    elif not any(_span(values[name])[1] > 0 for name in given):
        offered = list(DENSITIES.values())
        if molecule is not None:
            offered = [name for partner, name in DENSITIES.items() if needs_partner(partner)({}, molecule) is None]
        yield Problem((offered[0],), "Give the density of at least one collision partner.")
    elif all(_span(values[name])[0] <= 0 for name in given):
        yield Problem((given[0],), "In some rows no collision partner is left: every density is zero there.")
    if molecule is not None and splits_h2(molecule) and "density_h2" in values:
        doubled = tuple(name for name in ("density_ph2", "density_oh2") if name in values)
        if doubled:
            yield Problem(("density_h2", *doubled), "Give the density of H2, or those of ortho and para H2, not both.")


def temperatures_in_tables(values: Values, molecule: Molecule | None) -> Iterable[Problem]:
    """The kinetic temperature must lie in the tables of the partners that are there."""
    if molecule is None or "kinetic_temperature" not in values:
        return
    low, high = _span(values["kinetic_temperature"])
    row = {name: values[name] for name in DENSITIES.values() if name in values}
    present = {partner for partner, name in DENSITIES.items() if name in row}
    if "density_h2" in row and splits_h2(molecule):
        present |= {"para-H2", "ortho-H2"}
    for partner in molecule.partners:
        first, last = partner.temperatures[0], partner.temperatures[-1]
        if partner.name in present and not first <= low <= high <= last:
            yield Problem(
                ("kinetic_temperature",),
                f"The rates of {molecule.name} with {partner.name} run from {first:g} to {last:g} K.",
            )
