"""A molecule as a LAMDA file describes it: levels, radiative transitions, collision partners."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

#: The LAMDA codes of the collision partners and the names used for them everywhere.
PARTNER_NAMES = {1: "H2", 2: "para-H2", 3: "ortho-H2", 4: "e", 5: "H", 6: "He", 7: "H+"}

#: hc/k in cm K (second radiation constant, CODATA 2018): energy in cm-1 times this is in K.
CM_TO_KELVIN = 1.438776877

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Partner:
    """Rates of collisional de-excitation with one partner.

    ``temperatures`` (n_temperatures) in K, ascending; ``upper`` and ``lower`` (n_transitions) are level
    indices from 0; ``rates`` (n_transitions, n_temperatures) in cm3 s-1.
    """

    code: int
    description: str
    temperatures: FloatArray
    upper: IntArray
    lower: IntArray
    rates: FloatArray

    @property
    def name(self) -> str:
        """The partner's name: ``H2``, ``para-H2``, ``ortho-H2``, ``e``, ``H``, ``He`` or ``H+``."""
        return PARTNER_NAMES[self.code]


@dataclass(frozen=True, eq=False)
class Molecule:
    """One LAMDA file.

    ``level_energy`` (n_levels) in cm-1 and ``level_weight`` (n_levels); ``upper`` and ``lower`` (n_lines) are
    level indices from 0; ``einstein_a`` (n_lines) in s-1; ``frequency`` (n_lines) in GHz, the file's own where it
    gives one, else from the level energies; ``upper_energy`` (n_lines) in K, from the level energies.
    ``sha256`` is that of the file's bytes; ``file_name`` carries no folder. ``notes`` is the tail of the file, and
    ``doubts`` are sentences about what in it does not fit together.
    """

    name: str
    weight: float
    level_energy: FloatArray
    level_weight: FloatArray
    level_name: tuple[str, ...]
    upper: IntArray
    lower: IntArray
    einstein_a: FloatArray
    frequency: FloatArray
    upper_energy: FloatArray
    partners: tuple[Partner, ...]
    file_name: str
    sha256: str
    notes: str = field(default="")
    doubts: tuple[str, ...] = ()

    @property
    def n_levels(self) -> int:
        """Number of levels."""
        return len(self.level_energy)

    @property
    def n_lines(self) -> int:
        """Number of radiative transitions."""
        return len(self.upper)

    @property
    def partner_names(self) -> tuple[str, ...]:
        """Names of the partners that the file has rates for, in its order."""
        return tuple(partner.name for partner in self.partners)

    @property
    def transition_names(self) -> tuple[str, ...]:
        """``upper-lower`` of every line, as ``1-0`` for CO."""
        names = self.level_name
        return tuple(f"{names[u]}-{names[low]}" for u, low in zip(self.upper, self.lower, strict=True))

    def partner(self, name: str) -> Partner:
        """The partner of that name; KeyError where the file has no rates for it."""
        for partner in self.partners:
            if partner.name == name:
                return partner
        raise KeyError(name)
