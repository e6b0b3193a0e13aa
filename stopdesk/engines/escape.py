"""Escape probabilities that stay compiled: pythonradex's own are closures, which numba compiles in every process.

The expressions are pythonradex's (a static sphere: Osterbrock 1974, appendix 2; an LVG slab: Scoville & Solomon 1974;
an LVG sphere: Elitzur 1992, section 2.6), put together here as it does. Slow to import; ``lvg`` imports it late.
"""

from __future__ import annotations

import math

import numba
import numpy as np
from pythonradex import escape_probability_functions as expressions

from stopdesk.domain.molecule import FloatArray

sphere_exact, sphere_series = expressions.beta_analytical_static_sphere, expressions.beta_Taylor_static_sphere
slab_exact, slab_series = expressions.beta_analytical_LVG_slab, expressions.beta_Taylor_LVG_slab
expanding_exact, expanding_series = expressions.beta_analytical_LVG_sphere, expressions.beta_Taylor_LVG_sphere

#: Below this optical depth of a maser its absolute value is taken, which keeps the equations solvable.
UNRELIABLE = float(expressions.min_reliable_tau)

ROOT_PI = math.sqrt(math.pi)

#: Below this optical depth the series is used; the expressions lose digits there.
SMALL = 0.05


@numba.njit(cache=True)
def static_sphere(depth: FloatArray) -> FloatArray:
    """Escape probability from a static sphere with ``depth`` along its diameter."""
    depth = np.where(depth < UNRELIABLE, -depth, depth)
    small = np.abs(depth) <= SMALL
    escape: FloatArray = np.where(small, sphere_series(depth), sphere_exact(np.where(small, 1.0, depth)))
    return np.maximum(0.0, escape)


@numba.njit(cache=True)
def expanding_slab(depth: FloatArray) -> FloatArray:
    """Escape probability from a slab with a large velocity gradient."""
    depth = np.where(depth < UNRELIABLE, -depth, depth)
    small = np.abs(depth) <= SMALL
    escape: FloatArray = np.where(small, slab_series(depth), slab_exact(np.where(small, 1.0, depth)))
    return np.maximum(0.0, escape)


@numba.njit(cache=True)
def expanding_sphere(depth: FloatArray) -> FloatArray:
    """Escape probability from a sphere with a large velocity gradient, with ``depth`` along its diameter."""
    depth = np.where(depth < UNRELIABLE, -depth, depth)
    small = np.abs(depth) <= SMALL
    escape: FloatArray = np.where(small, expanding_series(depth), expanding_exact(np.where(small, 1.0, depth)))
    return np.maximum(0.0, escape)


@numba.njit(cache=True)
def radex_expanding_sphere(depth: FloatArray) -> FloatArray:
    """Escape probability as RADEX's code has it for its expanding sphere (de Jong, Boland & Dalgarno 1980, A&A 91, 68).

    RADEX changes from one expression to the next where the *radial* depth, half of ``depth``, is 0.01 and 7;
    pythonradex takes 0.001 and 7 of the depth along the diameter, and is 15 % off between 7 and 14.
    """
    radial = np.where(depth < UNRELIABLE, -depth, depth) / 2.0
    middle = np.where(np.abs(radial) < 0.01, 1.0, radial)
    thick = np.where(radial < 7.0, 7.0, radial)
    escape: FloatArray = np.where(
        radial < 7.0, (1.0 - np.exp(-2.34 * middle)) / (2.34 * middle), 0.5 / (thick * np.sqrt(np.log(thick / ROOT_PI)))
    )
    escape = np.where(np.abs(radial) < 0.01, 1.0, escape)
    return np.maximum(0.0, escape)


#: By pythonradex's name of the geometry; the others are compiled once as they are.
ESCAPE = {
    "static sphere": static_sphere,
    "static sphere RADEX": static_sphere,
    "LVG slab": expanding_slab,
    "LVG sphere": expanding_sphere,
    "LVG sphere RADEX": radex_expanding_sphere,
}
