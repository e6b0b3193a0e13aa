"""From level populations to what a telescope sees: excitation temperature, optical depth, brightness, flux.

The equations, for one line of frequency ν, Einstein coefficient A, column densities N_u and N_l of its levels and a
profile that is 1/W at its centre (W = 1.0645 times the FWHM, for a Gaussian as for the rectangle of equal area)::

    T_ex = (E_u - E_l) / k / ln(g_u N_l / (g_l N_u))
    tau  = c^3 A / (8 pi ν^3 W) (g_u N_l / g_l - N_u)                    van der Tak et al. 2007, eq. 7
    J(T) = (hν/k) / (exp(hν/kT) - 1)
    T(v) = (S - J(T_bg)) F(tau_line + tau_dust) - (J(T_dust) - J(T_bg)) F(tau_dust)

where S is the mean of J(T_ex) and J(T_dust) weighted with the optical depths, and F(tau) is the part of the source's
face that the line fills: 1 - exp(-tau) in a slab and in RADEX, the average of that over the disc of a static sphere
(Osterbrock 1974, appendix 2), the slab's times 1 - (v/V)^2 in an expanding sphere (de Jong et al. 1975). The second
term of T(v) is what stands beside the line. Without dust, T at the centre is (J(T_ex) - J(T_bg)) F(tau): with
F = 1 - exp(-tau) in all geometries but ``uniform_sphere``, where F = 1 - 2/tau^2 + (2/tau + 2/tau^2) exp(-tau) goes to
2/3 tau in thin lines and to one in thick ones. The integral over a rectangle is W times that, over the parabola of
``expanding_sphere`` 2/3 of it: 0.7096 FWHM T_peak where RADEX has 1.0645. ``domain.outputs`` says so in the tables.
References: van der Tak et al. 2007, A&A 468, 627; Mangum & Shirley 2015, PASP 127, 266.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.molecule import FloatArray, Molecule

BoolArray = NDArray[np.bool_]

#: CODATA 2018, exact: c in m/s, h in J s, k in J/K.
LIGHT_SPEED, PLANCK, BOLTZMANN = 299792458.0, 6.62607015e-34, 1.380649e-23

#: hc/k in m K, the second radiation constant.
_SECOND_RADIATION = PLANCK * LIGHT_SPEED / BOLTZMANN

#: Area of a Gaussian over its peak and FWHM, sqrt(pi / (4 ln 2)) = 1.0645.
GAUSSIAN_AREA = math.sqrt(math.pi / (4.0 * math.log(2.0)))

#: pythonradex, and we with it, takes a file's frequency where it is that close to the difference of the level energies.
FREQUENCY_TOLERANCE = 0.99e-3

#: A maser amplifies no more than at this optical depth: exp(60) is beyond meaning, as is every depth below -1 here
#: (van der Tak et al. 2007), and exp(1000) would be no number.
DEEPEST_MASER = -60.0

#: Nodes on half a Gaussian line; 40 leave an error below 1e-6 for any optical depth up to 1e8.
_NODES = 40


@dataclass(frozen=True, eq=False)
class LineOutputs:
    """What a model gives for ``n_rows`` parameter sets and the lines of a molecule, in the order of its file.

    Of shape (n_rows, n_lines): ``excitation_temperature`` (K); ``optical_depth`` at the line's centre, along the
    diameter of a sphere, without dust; ``peak_temperature`` (K, Rayleigh-Jeans), ``integrated_intensity`` (K km/s) and
    ``flux`` (W m-2 sr-1), all three above the background and the dust's continuum; ``maser``, where the optical depth
    is negative. Of shape (n_rows): ``converged``; the numbers of a row that did not converge are NaN.
    """

    excitation_temperature: FloatArray
    optical_depth: FloatArray
    peak_temperature: FloatArray
    integrated_intensity: FloatArray
    flux: FloatArray
    converged: BoolArray
    maser: BoolArray


@dataclass(frozen=True, eq=False)
class Cloud:
    """The conditions of ``n_rows`` parameter sets apart from what sets the populations, each an array of that length.

    ``column_density`` in cm-2, ``line_width`` (FWHM) in km/s, ``background_temperature`` and ``dust_temperature`` in K.
    """

    column_density: FloatArray
    line_width: FloatArray
    background_temperature: FloatArray
    dust_temperature: FloatArray
    dust_optical_depth: FloatArray


def line_frequency(molecule: Molecule) -> FloatArray:
    """Frequencies (GHz) to compute with: the file's, or those of the level energies where the two disagree."""
    step = molecule.level_energy[molecule.upper] - molecule.level_energy[molecule.lower]
    from_energies = step * LIGHT_SPEED * 1e-7
    agree = np.abs(molecule.frequency - from_energies) <= FREQUENCY_TOLERANCE * from_energies
    return np.where(agree, molecule.frequency, from_energies)


def planck_temperature(frequency: FloatArray, temperature: FloatArray) -> FloatArray:
    """J(T) in K, the Rayleigh-Jeans temperature of a black body of ``temperature`` (K) at ``frequency`` (GHz)."""
    quantum = PLANCK * 1e9 / BOLTZMANN * frequency
    with np.errstate(divide="ignore", over="ignore"):
        return np.asarray(quantum / np.expm1(quantum / temperature))


def line_outputs(
    molecule: Molecule, populations: FloatArray, cloud: Cloud, *, geometry: str, line_profile: str
) -> LineOutputs:
    """What is seen of clouds whose levels have ``populations`` (n_rows, n_levels), each row of which adds up to one.

    ``geometry`` is one of those of LVG, ``line_profile`` is ``gaussian`` or ``rectangular`` and matters in the uniform
    sphere and slab only: the expanding ones are rectangular, and RADEX integrates with 1.0645 T_R FWHM.
    """
    frequency = line_frequency(molecule)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        excitation = _excitation_temperature(molecule, populations)
        depth, strength = _depth_and_strength(molecule, populations, cloud, frequency)
        line = _Line(
            depth=depth,
            strength=strength - depth * planck_temperature(frequency, cloud.background_temperature[:, None]),
            dust=cloud.dust_optical_depth[:, None],
            continuum=planck_temperature(frequency, cloud.dust_temperature[:, None])
            - planck_temperature(frequency, cloud.background_temperature[:, None]),
            averaged=geometry == "uniform_sphere",
        )
        peak = line.temperature(1.0)
        if line_profile == "gaussian" and geometry in ("uniform_sphere", "uniform_slab"):
            width = line.gaussian_area()
        else:
            width = peak * (GAUSSIAN_AREA * (2.0 / 3.0 if geometry == "expanding_sphere" else 1.0))
        integrated = width * cloud.line_width[:, None]
        flux = integrated * (2.0e3 * BOLTZMANN * (frequency * 1e9 / LIGHT_SPEED) ** 3)
        maser = np.asarray(depth < 0)
    converged = np.asarray(np.isfinite(populations).all(axis=1))
    return LineOutputs(excitation, depth, peak, integrated, flux, converged, maser)


def _excitation_temperature(molecule: Molecule, populations: FloatArray) -> FloatArray:
    """T_ex (K) of every line; zero where neither level is populated."""
    up, low, weight = molecule.upper, molecule.lower, molecule.level_weight
    upper, lower = populations[:, up] / weight[up], populations[:, low] / weight[low]
    step = (molecule.level_energy[up] - molecule.level_energy[low]) * (100.0 * _SECOND_RADIATION)
    return np.asarray(np.where((upper == 0) & (lower == 0), 0.0, -step / np.log(upper / lower)))


def _depth_and_strength(
    molecule: Molecule, populations: FloatArray, cloud: Cloud, frequency: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """tau at the line's centre, and tau J(T_ex) (K), which stays finite where the levels are about to invert."""
    up, low, weight = molecule.upper, molecule.lower, molecule.level_weight
    hertz = frequency * 1e9
    per_molecule = LIGHT_SPEED**3 * molecule.einstein_a / (8.0 * math.pi * hertz**3)
    column = cloud.column_density * 1e4 / (cloud.line_width * 1e3 * GAUSSIAN_AREA)
    opacity = per_molecule * column[:, None]
    depth = opacity * (populations[:, low] * (weight[up] / weight[low]) - populations[:, up])
    return depth, opacity * populations[:, up] * (PLANCK / BOLTZMANN * hertz)


@dataclass(frozen=True, eq=False)
class _Line:
    """Lines (n_rows, n_lines) with dust: ``strength`` is tau (J(T_ex) - J(T_bg)), ``continuum`` J(T_dust) - J(T_bg)."""

    depth: FloatArray
    strength: FloatArray
    dust: FloatArray
    continuum: FloatArray
    averaged: bool

    def temperature(self, profile: float | FloatArray) -> FloatArray:
        """Temperature (K) above what stands beside the line, where the profile is ``profile`` times its peak."""
        total = self._filled(self.depth * profile + self.dust)
        seen = self.strength * profile * total
        if self.dust.any():
            seen += self.dust * self.continuum * (total - self._filled(self.dust))
        return np.asarray(seen)

    def gaussian_area(self) -> FloatArray:
        """Integral (K) of the temperature over a Gaussian line of unit FWHM.

        The trapezium rule between plus and minus the place where the profile has fallen to 1e-11 of the smaller of
        its peak and optical depth one; thick lines are broader, so that place is chosen line by line.
        """
        reach = np.sqrt(np.log1p(np.nan_to_num(np.abs(self.depth), posinf=0.0)) + 25.0)
        step = reach / _NODES
        area = 0.5 * self.temperature(1.0)
        for node in range(1, _NODES):
            area += self.temperature(np.exp(-((node * step) ** 2)))
        return np.asarray(area * step / math.sqrt(math.log(2.0)))

    def _filled(self, depth: FloatArray) -> FloatArray:
        """F(tau)/tau: (1 - exp(-tau))/tau, or its average over the disc of a sphere with tau along the diameter."""
        depth = np.maximum(depth, DEEPEST_MASER)
        if not self.averaged:
            return np.where(np.abs(depth) < 1e-12, 1.0, -np.expm1(-depth) / depth)
        series = 2.0 / 3.0 + depth * (-1.0 / 4.0 + depth * (1.0 / 15.0 - depth / 72.0))
        exact = 2.0 * (0.5 * depth**2 - 1.0 + (depth + 1.0) * np.exp(-depth)) / depth**3
        return np.where(np.abs(depth) < 0.02, series, exact)
