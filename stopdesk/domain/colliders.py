"""Collision partners: the densities that are given, and what they mean for a molecule's file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Value

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
