"""The LTE model: one excitation temperature for all levels, over the same files as LVG."""

from __future__ import annotations

from stopdesk.domain.line_parameters import (
    BACKGROUND,
    COLUMN_DENSITY,
    FREQUENCIES,
    LINE_WIDTH,
    WHAT,
    lines_in_range,
    one_molecule,
)
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.outputs import CONVERGED, LINE_OUTPUTS, TRANSITION_OUTPUTS
from stopdesk.domain.parameter import Number
from stopdesk.domain.spec import Group, ModelSpec, Preset


def _seconds_per_row(molecule: Molecule | None) -> float:
    """Measured on one core: 40 microseconds for the 40 lines of CO."""
    return 1e-6 * (41 if molecule is None else molecule.n_lines)


LTE = ModelSpec(
    name="lte",
    title="LTE",
    summary="Local thermodynamic equilibrium in a uniform slab",
    description=(
        "All levels are populated at one excitation temperature; the partition function is the sum over the levels of "
        "the molecule's file. Lines have a Gaussian profile in a uniform slab. Temperatures are Rayleigh-Jeans "
        "brightness temperatures from which the background has been subtracted."
    ),
    reference="Mangum & Shirley 2015, PASP 127, 266",
    groups=(
        Group("what", "Molecule"),
        Group("conditions", "Physical conditions"),
        Group("output", "Lines in the results", advanced=True),
    ),
    parameters=(
        *WHAT,
        COLUMN_DENSITY,
        Number(
            name="excitation_temperature",
            label="Excitation temperature",
            help="The one temperature that populates all levels.",
            group="conditions",
            ucd="phys.temperature;phys.atmol",
            symbol="T_ex",
            units=("K",),
            default=20.0,
            minimum=0.1,
            maximum=1e5,
        ),
        LINE_WIDTH,
        BACKGROUND,
        *FREQUENCIES,
    ),
    outputs=(*TRANSITION_OUTPUTS, *LINE_OUTPUTS, CONVERGED),
    presets=(
        Preset(
            "CO at 20 K",
            "one model",
            {"molecule": "co", "column_density": "1e16", "excitation_temperature": "20", "line_width": "1"},
        ),
        Preset(
            "CO over column density and temperature",
            "500 models",
            {
                "molecule": "co",
                "column_density": "1e14:1e19:26:log",
                "excitation_temperature": "5:100:20",
                "line_width": "1",
            },
        ),
    ),
    seconds_per_row=_seconds_per_row,
    rules=(one_molecule, lines_in_range),
    conditions={
        "molecule": lambda values, _: "The opened file is used instead." if "molecule_file" in values else None
    },
)
