"""The LVG model: escape probability in six geometries, computed by pythonradex."""

from __future__ import annotations

from stopdesk.domain.colliders import DENSITIES
from stopdesk.domain.line_parameters import (
    BACKGROUND,
    COLUMN_DENSITY,
    FREQUENCIES,
    LINE_WIDTH,
    WHAT,
    lines_in_range,
    one_molecule,
    other_molecule_given,
)
from stopdesk.domain.lvg_rules import (
    free_profile,
    needs_partner,
    some_density,
    splitting,
    temperatures_in_tables,
    uniform_geometry,
)
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.outputs import CONVERGED, LINE_OUTPUTS, TRANSITION_OUTPUTS
from stopdesk.domain.parameter import Choice, Number
from stopdesk.domain.spec import Group, ModelSpec, Output, Preset

_GEOMETRIES = {
    "expanding_sphere": "Expanding sphere (LVG)",
    "expanding_slab": "Expanding slab (LVG)",
    "uniform_sphere": "Uniform sphere",
    "uniform_slab": "Uniform slab",
    "radex_uniform_sphere": "Uniform sphere as in RADEX",
    "radex_expanding_sphere": "Expanding sphere as in RADEX",
}


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
        symbol=f"n({label.removesuffix(' density').replace('Electron', 'e')})",
        units=("cm-3", "m-3"),
        minimum=0.0,
        maximum=1e16,
        log=axis_log,
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
            help="How photons escape. Those 'as in RADEX' repeat its expressions; RADEX's slab is the expanding slab. "
            "Slabs and those as in RADEX have the brightness of one line of sight; the other two spheres are averaged "
            "over their disc: thin lines of the uniform sphere peak at 2/3 of RADEX's T_R, and the expanding sphere "
            "has its peak but 2/3 of its integral and flux.",
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
            symbol="T_kin",
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
            symbol="o/p",
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
            symbol="T_dust",
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
            symbol="τ_dust",
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
        CONVERGED,
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
    rules=(one_molecule, lines_in_range, some_density, temperatures_in_tables),
    conditions={
        **{name: needs_partner(partner) for partner, name in DENSITIES.items()},
        "ortho_para_ratio": splitting,
        "line_profile": free_profile,
        "dust_temperature": uniform_geometry,
        "dust_optical_depth": uniform_geometry,
        "molecule": other_molecule_given,
    },
)
