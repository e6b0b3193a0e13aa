"""Parameters and rules that LTE and LVG have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import FileInput, MoleculeChoice, Number, Values
from stopdesk.errors import Problem

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
    symbol="N",
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
    symbol="Δv",
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
    symbol="T_bg",
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


def one_molecule(values: Values, _: Molecule | None) -> Iterable[Problem]:
    """There must be a molecule, by name or as a file."""
    if "molecule" not in values and "molecule_file" not in values:
        yield Problem(("molecule",), "Choose a molecule, or open a LAMDA file.")


def lines_in_range(values: Values, molecule: Molecule | None) -> Iterable[Problem]:
    """The range of frequencies must be one, and hold a line."""
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


def other_molecule_given(values: Values, _: Molecule | None) -> str | None:
    """A molecule's name means nothing where a file is given."""
    return "The opened file is used instead." if "molecule_file" in values else None
