"""The LVG model: escape probability in six geometries, computed by pythonradex."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.outputs import LINE_OUTPUTS, TRANSITION_OUTPUTS
from stopdesk.domain.parameter import Axis, Choice, FileInput, MoleculeChoice, Number, Value, Values
from stopdesk.domain.spec import Condition, Group, ModelSpec, Output, Preset
from stopdesk.errors import Problem

#: The densities by the collision partner they are of.
DENSITIES = {
    "H2": "density_h2",
    "para-H2": "density_ph2",
    "ortho-H2": "density_oh2",
    "e": "density_e",
    "H": "density_h",
    "He": "density_he",
    "H+": "density_hp",
}

#: Geometries in which a static line profile may be chosen and dust may be mixed with the gas.
UNIFORM = ("uniform_sphere", "uniform_slab", "radex_uniform_sphere")

_GEOMETRIES = {
    "expanding_sphere": "Expanding sphere (LVG)",
    "expanding_slab": "Expanding slab (LVG)",
    "uniform_sphere": "Uniform sphere",
    "uniform_slab": "Uniform slab",
    "radex_uniform_sphere": "Uniform sphere as in RADEX",
    "radex_expanding_sphere": "Expanding sphere as in RADEX",
}


def thermal_ortho_para_ratio(temperature: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Ortho-to-para ratio of H2 in thermal equilibrium at ``temperature`` in K, as RADEX takes it.

    min(3, 9 exp(-170.6 K / T)), van der Tak et al. 2007, A&A 468, 627, section 2.
    """
    return np.minimum(3.0, 9.0 * np.exp(-170.6 / np.asarray(temperature, dtype=np.float64)))


def splits_h2(molecule: Molecule) -> bool:
    """Whether the file knows only ortho- and para-H2, so that a density of H2 has to be split."""
    names = molecule.partner_names
    return "H2" not in names and ("para-H2" in names or "ortho-H2" in names)


def collider_densities(
    row: Mapping[str, Value | NDArray[np.float64]], molecule: Molecule
) -> dict[str, NDArray[np.float64]]:
    """Densities (cm-3) by collision partner of the file, from the densities of a row or of columns of rows.

    ``density_h2`` is split by ``ortho_para_ratio`` (a number or ``thermal``) where the file knows only ortho and para;
    a file that has only one of the two gets its share and the rest is left out, as in RADEX.
    """
    densities = {
        partner: np.asarray(row[name], dtype=np.float64)
        for partner, name in DENSITIES.items()
        if name in row and partner in molecule.partner_names
    }
    if "density_h2" in row and splits_h2(molecule):
        h2 = np.asarray(row["density_h2"], dtype=np.float64)
        ratio = row.get("ortho_para_ratio", "thermal")
        if isinstance(ratio, str):
            ratio = thermal_ortho_para_ratio(np.asarray(row["kinetic_temperature"], dtype=np.float64))
        ortho = np.asarray(ratio, dtype=np.float64) / (1.0 + np.asarray(ratio, dtype=np.float64))
        for partner, share in (("ortho-H2", ortho), ("para-H2", 1.0 - ortho)):
            if partner in molecule.partner_names:
                densities[partner] = h2 * share
    return densities


def _span(value: Value) -> tuple[float, float]:
    if isinstance(value, Axis):
        return value.minimum, value.maximum
    return float(value), float(value)  # type: ignore[arg-type]  # numbers only


def _needs_partner(partner: str) -> Condition:
    def condition(_: Values, molecule: Molecule | None) -> str | None:
        if molecule is None or partner in molecule.partner_names or (partner == "H2" and splits_h2(molecule)):
            return None
        known = ", ".join(molecule.partner_names) or "none at all"
        return f"The file of {molecule.name} has no rates for collisions with {partner}; it has: {known}."

    return condition


def _ortho_para_condition(values: Values, molecule: Molecule | None) -> str | None:
    if molecule is None or (splits_h2(molecule) and "density_h2" in values):
        return None
    return "The ortho-to-para ratio only matters where the density of H2 has to be split into ortho and para."


def _uniform_condition(values: Values, _: Molecule | None) -> str | None:
    if values.get("geometry") in UNIFORM:
        return None
    return "Dust can be mixed with the gas in the uniform geometries only."


def _profile_condition(values: Values, _: Molecule | None) -> str | None:
    if values.get("geometry") in UNIFORM or values.get("line_profile") == "rectangular":
        return None
    return "The expanding geometries have a rectangular line profile."


def _one_molecule(values: Values, _: Molecule | None) -> Iterable[Problem]:
    if "molecule" not in values and "molecule_file" not in values:
        yield Problem(("molecule",), "Choose a molecule, or open a LAMDA file.")


def _frequencies(values: Values, molecule: Molecule | None) -> Iterable[Problem]:
    low = float(values.get("frequency_min", 0.0))  # type: ignore[arg-type]  # numbers only
    high = float(values.get("frequency_max", math.inf))  # type: ignore[arg-type]
    names = ("frequency_min", "frequency_max")
    if low >= high:
        yield Problem(names, "The lowest frequency must be below the highest.")
    elif molecule is not None and not np.any((molecule.frequency >= low) & (molecule.frequency <= high)):
        first, last = molecule.frequency.min(), molecule.frequency.max()
        yield Problem(
            names, f"{molecule.name} has no line in this range; its lines run from {first:.6g} to {last:.6g} GHz."
        )


def _some_density(values: Values, molecule: Molecule | None) -> Iterable[Problem]:
    given = [name for name in DENSITIES.values() if name in values]
    if molecule is not None and not molecule.partners:
        text = f"The file of {molecule.name} has no collision rates; LVG needs them, LTE does not."
        yield Problem(("molecule_file" if "molecule_file" in values else "molecule",), text)
    elif not any(_span(values[name])[1] > 0 for name in given):
        offered = list(DENSITIES.values())
        if molecule is not None:
            offered = [name for partner, name in DENSITIES.items() if _needs_partner(partner)({}, molecule) is None]
        yield Problem((offered[0],), "Give the density of at least one collision partner.")
    elif all(_span(values[name])[0] <= 0 for name in given):
        yield Problem((given[0],), "In some rows no collision partner is left: every density is zero there.")
    if molecule is not None and splits_h2(molecule) and "density_h2" in values:
        doubled = tuple(name for name in ("density_ph2", "density_oh2") if name in values)
        if doubled:
            yield Problem(("density_h2", *doubled), "Give the density of H2, or those of ortho and para H2, not both.")


def _temperatures(values: Values, molecule: Molecule | None) -> Iterable[Problem]:
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


def _seconds_per_row(molecule: Molecule | None) -> float:
    """Measured on one core: 0.45 ms for the 41 levels of CO, growing with the square of the levels beyond."""
    levels = 41 if molecule is None else molecule.n_levels
    return 0.12e-3 + 0.33e-3 * (levels / 41) ** 2


def _density(partner: str, label: str, *, axis_log: bool = True) -> Number:
    return Number(
        name=DENSITIES[partner],
        label=label,
        help=f"Number density of {partner} as a collision partner.",
        group="conditions" if partner == "H2" else "partners",
        ucd="phys.density;phys.mol" if "H2" in partner else "phys.density;phys.particle",
        units=("cm-3", "m-3"),
        minimum=0.0,
        maximum=1e16,
        log=axis_log,
    )


WHAT = (
    MoleculeChoice(
        name="molecule",
        label="Molecule",
        help="One of the bundled molecules, as described by a file of the Leiden database LAMDA.",
        group="what",
        ucd="phys.mol",
        default="co",
    ),
    FileInput(
        name="molecule_file",
        label="Molecule file",
        help="A file in the format of LAMDA that is used instead of a bundled molecule.",
        group="what",
        ucd="phys.mol;meta.file",
        patterns=("*.dat", "*.lamda", "*.txt"),
    ),
)

COLUMN_DENSITY = Number(
    name="column_density",
    label="Column density",
    help="Column density of the molecule: through the slab, or along the diameter of the sphere.",
    group="conditions",
    ucd="phys.columnDensity",
    units=("cm-2", "m-2"),
    default=1e15,
    minimum=0.0,
    maximum=1e26,
    above=True,
    log=True,
)

LINE_WIDTH = Number(
    name="line_width",
    label="Line width (FWHM)",
    help="Full width at half maximum of the line; a rectangular profile is 1.0645 times as wide, which gives it the "
    "area and the peak of the Gaussian.",
    group="conditions",
    ucd="spect.line.width",
    units=("km/s", "m/s"),
    default=1.0,
    minimum=0.0,
    maximum=5000.0,
    above=True,
)

BACKGROUND = Number(
    name="background_temperature",
    label="Background temperature",
    help="Temperature of the black body behind and around the gas; 2.725 K is the cosmic background.",
    group="conditions",
    ucd="phys.temperature;instr.background",
    units=("K",),
    default=2.725,
    minimum=0.1,
    maximum=1e4,
)

FREQUENCIES = (
    Number(
        name="frequency_min",
        label="Lowest frequency",
        help="Lines below this frequency are computed but left out of the results.",
        group="output",
        ucd="em.freq;stat.min",
        units=("GHz", "MHz", "Hz", "mm"),
        minimum=0.0,
        maximum=1e8,
        axis=False,
    ),
    Number(
        name="frequency_max",
        label="Highest frequency",
        help="Lines above this frequency are computed but left out of the results.",
        group="output",
        ucd="em.freq;stat.max",
        units=("GHz", "MHz", "Hz", "mm"),
        minimum=0.0,
        maximum=1e8,
        above=True,
        axis=False,
    ),
)

LVG = ModelSpec(
    name="lvg",
    title="LVG",
    summary="Non-LTE excitation with escape probabilities",
    description=(
        "Level populations of a molecule in statistical equilibrium, with the radiation in its own lines treated by "
        "escape probability, for one set of conditions or a grid of them. The numbers are those of pythonradex; two "
        "of the geometries use RADEX's own expressions. Temperatures are Rayleigh-Jeans brightness temperatures from "
        "which the background (and the dust continuum, where there is dust) has been subtracted."
    ),
    reference="Cataldi 2024 (pythonradex); van der Tak et al. 2007, A&A 468, 627 (RADEX); Sobolev 1960",
    groups=(
        Group("what", "Molecule and geometry"),
        Group("conditions", "Physical conditions"),
        Group("partners", "More collision partners", advanced=True),
        Group("dust", "Dust mixed with the gas", advanced=True),
        Group("output", "Lines in the results", advanced=True),
    ),
    parameters=(
        *WHAT,
        Choice(
            name="geometry",
            label="Geometry",
            help="How photons escape. Those 'as in RADEX' repeat its expressions; RADEX's slab is the expanding slab.",
            group="what",
            options=tuple(_GEOMETRIES),
            labels=tuple(_GEOMETRIES.values()),
            default="expanding_sphere",
        ),
        Choice(
            name="line_profile",
            label="Line profile",
            help="Shape of the line in the uniform geometries; the expanding ones have a rectangular profile.",
            group="what",
            ucd="spect.line.profile",
            options=("gaussian", "rectangular"),
            labels=("Gaussian", "Rectangular"),
            default="gaussian",
        ),
        COLUMN_DENSITY,
        _density("H2", "H₂ density"),
        Number(
            name="kinetic_temperature",
            label="Kinetic temperature",
            help="Temperature of the gas, which sets the collision rates.",
            group="conditions",
            ucd="phys.temperature",
            units=("K",),
            default=20.0,
            minimum=0.1,
            maximum=1e5,
        ),
        LINE_WIDTH,
        BACKGROUND,
        Number(
            name="ortho_para_ratio",
            label="Ortho-to-para ratio of H₂",
            help="How a density of H2 is split where the file has rates for ortho- and para-H2 only; thermal means "
            "min(3, 9 exp(-170.6 K/T)).",
            group="conditions",
            ucd="phys.abund;arith.ratio",
            units=("",),
            default="thermal",
            minimum=0.0,
            maximum=1e4,
            words=("thermal",),
        ),
        _density("para-H2", "para-H₂ density"),
        _density("ortho-H2", "ortho-H₂ density"),
        _density("e", "Electron density"),
        _density("H", "H density"),
        _density("He", "He density"),
        _density("H+", "H⁺ density"),
        Number(
            name="dust_temperature",
            label="Dust temperature",
            help="Temperature of the dust; matters where its optical depth is above zero.",
            group="dust",
            ucd="phys.temperature;phys.dust",
            units=("K",),
            default=20.0,
            minimum=0.1,
            maximum=1e4,
        ),
        Number(
            name="dust_optical_depth",
            label="Dust optical depth",
            help="Optical depth of the dust, the same at all frequencies; along the diameter of the sphere.",
            group="dust",
            ucd="phys.absorption.opticalDepth;phys.dust",
            units=("",),
            default=0.0,
            minimum=0.0,
            maximum=1e4,
        ),
        *FREQUENCIES,
    ),
    outputs=(
        *TRANSITION_OUTPUTS,
        *LINE_OUTPUTS,
        Output(
            name="maser",
            label="Maser",
            description="Whether the optical depth is negative: the populations are inverted, the numbers unreliable.",
            ucd="meta.code",
            kind=bool,
        ),
        Output(
            name="converged",
            label="Converged",
            description="Whether the level populations of this parameter set converged; no numbers where they did not.",
            ucd="meta.code.status",
            per="row",
            kind=bool,
        ),
    ),
    presets=(
        Preset(
            "CO in a molecular cloud, grid",
            "250 models over column density, density and temperature",
            {
                "molecule": "co",
                "geometry": "expanding_sphere",
                "column_density": "1e14:1e18:5:log",
                "density_h2": "1e3:1e7:5:log",
                "kinetic_temperature": "10:100:10",
                "line_width": "1",
                "ortho_para_ratio": "thermal",
            },
        ),
        Preset(
            "CO in a dark cloud, one model",
            "10 K, 1e4 cm-3",
            {
                "molecule": "co",
                "geometry": "uniform_sphere",
                "column_density": "1e16",
                "density_h2": "1e4",
                "kinetic_temperature": "10",
                "line_width": "0.5",
            },
        ),
        Preset(
            "HCO+ in a dense core, densities",
            "13 models over density",
            {
                "molecule": "hco+",
                "geometry": "uniform_sphere",
                "column_density": "1e13",
                "density_h2": "1e3:1e9:13:log",
                "kinetic_temperature": "15",
                "line_width": "0.6",
            },
        ),
        Preset(
            "CS in a hot core as RADEX does it",
            "25 models with RADEX's expanding sphere",
            {
                "molecule": "cs",
                "geometry": "radex_expanding_sphere",
                "column_density": "1e13:1e17:5:log",
                "density_h2": "1e7",
                "kinetic_temperature": "50:250:5",
                "line_width": "5",
            },
        ),
    ),
    seconds_per_row=_seconds_per_row,
    rules=(_one_molecule, _frequencies, _some_density, _temperatures),
    conditions={
        **{name: _needs_partner(partner) for partner, name in DENSITIES.items()},
        "ortho_para_ratio": _ortho_para_condition,
        "line_profile": _profile_condition,
        "dust_temperature": _uniform_condition,
        "dust_optical_depth": _uniform_condition,
        "molecule": lambda values, _: "The opened file is used instead." if "molecule_file" in values else None,
    },
)

ONE_MOLECULE = _one_molecule
FREQUENCY_RULE = _frequencies
