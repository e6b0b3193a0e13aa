"""Escape probabilities: pythonradex's, in a form that stays compiled, and RADEX's own where a geometry promises them.

pythonradex builds its functions in closures, which numba compiles anew in every process; here its expressions (a static
sphere: Osterbrock 1974, appendix 2; an LVG slab: Scoville & Solomon 1974; an LVG sphere: Elitzur 1992, section 2.6) are
put together so that numba keeps them. In the three geometries that RADEX has, two things are RADEX's (its matrix.f):

- a maser down to an optical depth of -1 amplifies (a probability above one); pythonradex cuts it at one, which changes
  the lines beside a maser by several per cent;
- the expanding sphere changes from one expression to the next at RADEX's depths.

Beyond an optical depth of -1 the absolute value is taken, as in pythonradex: it keeps the equations solvable, and the
method does not hold there anyway (van der Tak et al. 2007, A&A 468, 627). Slow to import; ``lvg`` imports it late.
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

UNRELIABLE = float(expressions.min_reliable_tau)

#: Below this optical depth the series is used; the expressions lose digits there.
SMALL = 0.05

ROOT_PI = math.sqrt(math.pi)


@numba.njit(cache=True)
def radex_uniform_sphere(depth: FloatArray) -> FloatArray:
    """Escape probability from a static sphere with ``depth`` along its diameter."""
    depth = np.where(depth < UNRELIABLE, -depth, depth)
    small = np.abs(depth) <= SMALL
    escape: FloatArray = np.where(small, sphere_series(depth), sphere_exact(np.where(small, 1.0, depth)))
    return escape


@numba.njit(cache=True)
def uniform_sphere(depth: FloatArray) -> FloatArray:
    """The same without amplification."""
    return np.minimum(1.0, radex_uniform_sphere(depth))


@numba.njit(cache=True)
def expanding_slab(depth: FloatArray) -> FloatArray:
    """Escape probability from a slab with a large velocity gradient."""
    depth = np.where(depth < UNRELIABLE, -depth, depth)
    small = np.abs(depth) <= SMALL
    escape: FloatArray = np.where(small, slab_series(depth), slab_exact(np.where(small, 1.0, depth)))
    return escape


@numba.njit(cache=True)
def expanding_sphere(depth: FloatArray) -> FloatArray:
    """Escape probability from a sphere with a large velocity gradient, without amplification."""
    depth = np.where(depth < UNRELIABLE, -depth, depth)
    small = np.abs(depth) <= SMALL
    escape: FloatArray = np.where(small, expanding_series(depth), expanding_exact(np.where(small, 1.0, depth)))
    return np.minimum(1.0, escape)


@numba.njit(cache=True)
def radex_expanding_sphere(depth: FloatArray) -> FloatArray:
    """Escape probability as RADEX has it for its expanding sphere (de Jong, Boland & Dalgarno 1980, A&A 91, 68).

    RADEX changes expressions where the *radial* depth, half of ``depth``, is 0.01 and 7; pythonradex takes 0.001 and 7
    of the depth along the diameter, and is up to 15 % off between 7 and 14.
    """
    radial = np.where(depth < UNRELIABLE, -depth, depth) / 2.0
    small = np.abs(radial) < 0.01
    middle = np.where(small, 1.0, radial)
    thick = np.maximum(radial, 7.0)
    escape: FloatArray = np.where(
        radial < 7.0, (1.0 - np.exp(-2.34 * middle)) / (2.34 * middle), 0.5 / (thick * np.sqrt(np.log(thick / ROOT_PI)))
    )
    return np.where(small, 1.0, escape)


#: By pythonradex's name of the geometry; the static slab is pythonradex's as it is.
ESCAPE = {
    "static sphere": uniform_sphere,
    "static sphere RADEX": radex_uniform_sphere,
    "LVG slab": expanding_slab,
    "LVG sphere": expanding_sphere,
    "LVG sphere RADEX": radex_expanding_sphere,
}
