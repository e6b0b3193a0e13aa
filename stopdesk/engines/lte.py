"""LTE: all levels at one excitation temperature, in a uniform slab with Gaussian lines.

::

    N_i / N = g_i exp(-E_i / k T_ex) / Q,    Q = sum of g_i exp(-E_i / k T_ex) over the levels of the file

Mangum & Shirley 2015, PASP 127, 266, eqs. 25 to 32. A file stops at some level, and so does Q: at temperatures that
populate the levels beyond, Q is too small. Energies count from the lowest level, whatever zero the file has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from stopdesk.domain.molecule import CM_TO_KELVIN, FloatArray, Molecule
from stopdesk.engines.radiation import Cloud, LineOutputs, line_outputs


def boltzmann_populations(molecule: Molecule, temperature: FloatArray) -> FloatArray:
    """Fractional populations (n_rows, n_levels) at ``temperature`` (n_rows) in K."""
    energy = (molecule.level_energy - molecule.level_energy.min()) * CM_TO_KELVIN
    with np.errstate(under="ignore"):
        populations = molecule.level_weight * np.exp(-energy / temperature[:, None])
        return np.asarray(populations / populations.sum(axis=1, keepdims=True))


def solve(
    molecule: Molecule,
    *,
    column_density: ArrayLike,
    excitation_temperature: ArrayLike,
    line_width: ArrayLike,
    background_temperature: ArrayLike,
    progress: Callable[[int], None] = lambda rows: None,
) -> LineOutputs:
    """The lines of ``molecule`` in LTE, for numbers or arrays of one number a row.

    ``column_density`` in cm-2, ``line_width`` (FWHM) in km/s, temperatures in K. ``progress`` is told the rows done.
    """
    given = (column_density, excitation_temperature, line_width, background_temperature)
    columns = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in given))
    column, temperature, width, background = columns
    nothing = np.zeros_like(column)
    outputs = line_outputs(
        molecule,
        boltzmann_populations(molecule, temperature),
        Cloud(column, width, background, nothing, nothing),
        geometry="uniform_slab",
        line_profile="gaussian",
    )
    progress(len(column))
    # From the populations it comes out the same, but for levels that are so cold that their populations underflow.
    excitation = np.repeat(temperature[:, None], molecule.n_lines, axis=1)
    return replace(outputs, excitation_temperature=excitation)
