"""The shape of a modelled line: temperature against velocity and frequency, from the numbers of one row.

The line's optical depth is tau p(v), with p(v) = exp(-4 ln 2 (v/FWHM)^2) or a rectangle 1.0645 FWHM wide, and::

    T(v) = T_peak G(p(v)) / G(1)
    G(p) = tau p (J(T_ex) - J(T_bg)) f(tau p + tau_dust)
           + tau_dust (J(T_dust) - J(T_bg)) (f(tau p + tau_dust) - f(tau_dust))

where f(tau) = (1 - exp(-tau)) / tau, or its average over the disc of a uniform sphere, as in ``radiation``. Without
dust that is T_peak (1 - exp(-tau p)) / (1 - exp(-tau)): thick lines are flat-topped and broad. An expanding sphere has
T_peak (1 - (v/V)^2) inside V, half the width of the rectangle (de Jong et al. 1975). RADEX takes its lines to be
Gaussians of the peak T_R and the given FWHM, however thick (van der Tak et al. 2007, A&A 468, 627, section 3.6), so the
two geometries "as in RADEX" are T_peak p(v). The area of T(v) is the row's ``integrated_intensity``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.parameter import Value
from stopdesk.domain.result import ModelResult
from stopdesk.engines.radiation import GAUSSIAN_AREA, LIGHT_SPEED, planck_temperature

FloatArray = NDArray[np.float64]

#: Where a sampled Gaussian line ends: where its optical depth is that part of the smaller of its peak and one.
_FAINT = 1e-5


@dataclass(frozen=True, eq=False)
class LineProfile:
    """One line, each array of the same shape: ``velocity`` (km/s) from the line's centre, ``frequency`` (GHz, radio
    convention) and ``temperature`` (K, above what stands beside the line)."""

    velocity: FloatArray
    frequency: FloatArray
    temperature: FloatArray


@dataclass(frozen=True)
class _Line:
    """What shapes a line: its numbers in the row, and the row's conditions."""

    frequency: float
    peak: float
    depth: float
    excitation_temperature: float
    width: float
    background: float
    dust_temperature: float
    dust_depth: float
    geometry: str
    gaussian: bool


def profile_width(result: ModelResult, row: int) -> float:
    """FWHM (km/s) of the lines of a row, as requested; thick lines are broader."""
    return _number(result.grid.row(row), "line_width", 1.0)


def line_profile(
    result: ModelResult, row: int, line: int, *, velocity: FloatArray | None = None, n: int = 401
) -> LineProfile:
    """The profile of one line of one row at ``velocity`` (km/s), or at ``n`` points over the whole of the line.

    The temperatures of a row that did not converge are NaN.
    """
    shape = _line(result, row, line)
    if velocity is None:
        velocity = _sample(shape, n)
    velocity = np.asarray(velocity, dtype=np.float64)
    frequency = shape.frequency * (1.0 - velocity * 1e3 / LIGHT_SPEED)
    return LineProfile(velocity, frequency, _temperature(shape, velocity))


def _line(result: ModelResult, row: int, line: int) -> _Line:
    """Gather what shapes the line."""
    conditions = result.grid.row(row)
    geometry = str(result.values.get("geometry", "uniform_slab"))  # LTE is a uniform slab
    uniform = geometry in ("uniform_sphere", "uniform_slab", "radex_uniform_sphere")
    return _Line(
        frequency=float(result.transitions.frequency[line]),
        peak=float(result.outputs["peak_temperature"][row, line]),
        depth=float(result.outputs["optical_depth"][row, line]),
        excitation_temperature=float(result.outputs["excitation_temperature"][row, line]),
        width=_number(conditions, "line_width", 1.0),
        background=_number(conditions, "background_temperature", 2.725),
        dust_temperature=_number(conditions, "dust_temperature", 0.0),
        dust_depth=_number(conditions, "dust_optical_depth", 0.0),
        geometry=geometry,
        gaussian=uniform and result.values.get("line_profile", "gaussian") == "gaussian",
    )


def _number(conditions: Mapping[str, Value], name: str, absent: float) -> float:
    """The value of a parameter in the conditions of a row."""
    value = conditions.get(name, absent)
    return float(value) if isinstance(value, (int, float)) else absent


def _sample(shape: _Line, n: int) -> FloatArray:
    """Velocities (km/s) over the whole line with a margin; both sides of each edge of a rectangle."""
    if shape.gaussian:
        thick = 1.0 if shape.geometry.startswith("radex") else max(1.0, abs(shape.depth))
        reach = 0.5 * shape.width * math.sqrt(math.log2(thick / _FAINT)) if math.isfinite(thick) else shape.width
        return np.linspace(-reach, reach, n)
    edge = 0.5 * GAUSSIAN_AREA * shape.width
    outside = np.nextafter(edge, np.inf)
    inside = np.linspace(-edge, edge, n - 4)
    return np.concatenate([[-1.6 * edge, -outside], inside, [outside, 1.6 * edge]])


def _temperature(shape: _Line, velocity: FloatArray) -> FloatArray:
    """T(v) in K."""
    edge = 0.5 * GAUSSIAN_AREA * shape.width
    if shape.gaussian:
        profile = np.exp(-4.0 * math.log(2.0) * (velocity / shape.width) ** 2)
    else:
        profile = np.where(np.abs(velocity) <= edge, 1.0, 0.0)
    if shape.geometry == "expanding_sphere":
        return np.asarray(shape.peak * profile * (1.0 - (velocity / edge) ** 2))
    if not shape.gaussian or shape.geometry.startswith("radex") or abs(shape.depth) < 1e-9:
        return np.asarray(shape.peak * profile)
    seen, centre = _seen(shape, profile), _seen(shape, np.ones(1))[0]
    return np.asarray(shape.peak * seen / centre) if centre else np.asarray(shape.peak * profile)


def _seen(shape: _Line, profile: FloatArray) -> FloatArray:
    """G(p), in K."""
    averaged = shape.geometry == "uniform_sphere"
    depth = shape.depth * profile
    if shape.dust_depth <= 0:
        return depth * _filled(depth, averaged)
    temperatures = np.array([shape.excitation_temperature, shape.dust_temperature, shape.background])
    line, dust, background = planck_temperature(np.array(shape.frequency), temperatures)
    total, beside = _filled(depth + shape.dust_depth, averaged), _filled(np.array([shape.dust_depth]), averaged)
    return np.asarray(depth * (line - background) * total + shape.dust_depth * (dust - background) * (total - beside))


def _filled(depth: FloatArray, averaged: bool) -> FloatArray:
    """f(tau): (1 - exp(-tau)) / tau, or its average over the disc of a sphere (Osterbrock 1974, appendix 2)."""
    small = np.abs(depth) < (0.02 if averaged else 1e-12)
    t = np.where(small, 1.0, depth)
    if not averaged:
        return np.where(small, 1.0, -np.expm1(-t) / t)
    series = 2.0 / 3.0 + depth * (-1.0 / 4.0 + depth * (1.0 / 15.0 - depth / 72.0))
    return np.where(small, series, 2.0 * (0.5 * t**2 - 1.0 + (t + 1.0) * np.exp(-t)) / t**3)
