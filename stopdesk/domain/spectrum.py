"""An observed spectrum as its file says it, and its spectral axis in other quantities where they follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from stopdesk.errors import InputError

FloatArray = NDArray[np.float64]

#: m/s (exact).
LIGHT_SPEED = 299792458.0


class AxisKind(StrEnum):
    """What a spectral axis is in; the words are for people."""

    FREQUENCY = "frequency"
    RADIO_VELOCITY = "radio velocity"
    OPTICAL_VELOCITY = "optical velocity"
    VELOCITY = "velocity"  # of a convention that the file does not say, or of another one
    WAVELENGTH = "wavelength"
    AIR_WAVELENGTH = "wavelength in air"
    WAVENUMBER = "wavenumber"
    CHANNEL = "channel"


#: The units that an axis can be shown in, each with its size in SI (Hz, m/s, m, m-1); the first is the usual one.
UNITS: Mapping[AxisKind, Mapping[str, float]] = {
    AxisKind.FREQUENCY: {"GHz": 1e9, "MHz": 1e6, "THz": 1e12},
    AxisKind.RADIO_VELOCITY: {"km/s": 1e3},
    AxisKind.OPTICAL_VELOCITY: {"km/s": 1e3},
    AxisKind.VELOCITY: {"km/s": 1e3},
    AxisKind.WAVELENGTH: {"μm": 1e-6, "nm": 1e-9, "Å": 1e-10, "mm": 1e-3},
    AxisKind.AIR_WAVELENGTH: {"Å": 1e-10, "nm": 1e-9, "μm": 1e-6},
    AxisKind.WAVENUMBER: {"cm-1": 1e2},
    AxisKind.CHANNEL: {"": 1.0},
}

#: What can be had from each other, the velocities with a rest frequency.
_CONNECTED = {
    AxisKind.FREQUENCY,
    AxisKind.RADIO_VELOCITY,
    AxisKind.OPTICAL_VELOCITY,
    AxisKind.WAVELENGTH,
    AxisKind.WAVENUMBER,
}
_VELOCITIES = {AxisKind.RADIO_VELOCITY, AxisKind.OPTICAL_VELOCITY}


def to_frequency(values: FloatArray, kind: AxisKind, rest_frequency: float | None) -> FloatArray:
    """Frequencies in Hz from values of another kind in SI units; inf and NaN where there are none.

    The conventions are those of Greisen et al. 2006 (A&A 446, 747), table 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind in _VELOCITIES:
            rest = _known(rest_frequency)
            is_radio = kind is AxisKind.RADIO_VELOCITY
            return rest * (1.0 - values / LIGHT_SPEED) if is_radio else rest / (1.0 + values / LIGHT_SPEED)
        if kind is AxisKind.WAVELENGTH:
            return LIGHT_SPEED / values
        return values * LIGHT_SPEED if kind is AxisKind.WAVENUMBER else values


def from_frequency(frequency: FloatArray, kind: AxisKind, rest_frequency: float | None) -> FloatArray:
    """Values of another kind in SI units from frequencies in Hz; the inverse of ``to_frequency``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind in _VELOCITIES:
            rest = _known(rest_frequency)
            return LIGHT_SPEED * (rest - frequency) / (rest if kind is AxisKind.RADIO_VELOCITY else frequency)
        if kind is AxisKind.WAVELENGTH:
            return LIGHT_SPEED / frequency
        return frequency / LIGHT_SPEED if kind is AxisKind.WAVENUMBER else frequency


def _known(rest_frequency: float | None) -> float:
    if rest_frequency is None:
        raise InputError("Without a rest frequency there are no velocities.")
    return rest_frequency


@dataclass(frozen=True)
class HeaderCard:
    """A line of a file's header: a keyword (or name), its value as text, and what is said of it."""

    keyword: str
    value: str
    comment: str = ""


@dataclass(frozen=True)
class Beam:
    """The beam's FWHM along its axes in arcsec, and the position angle of the major one in degrees."""

    major: float
    minor: float
    angle: float = 0.0

    def __str__(self) -> str:
        """As people write it."""
        if self.major == self.minor:
            return f"{self.major:.4g} arcsec"
        return f"{self.major:.4g} x {self.minor:.4g} arcsec, PA {self.angle:.4g} deg"


@dataclass(frozen=True, eq=False)
class Spectrum:
    """One spectrum of a file; arrays have shape (channels,).

    ``axis`` is in ``axis_unit``, of which one is ``axis_scale`` in SI (Hz, m/s, m, m-1), in the order of the file.
    ``flux`` is in ``flux_unit``, the file's own words where they are no unit that is known; spectra of one
    ``flux_base`` can be drawn together, times their ``flux_scale``. ``mask`` is True where there is no value.
    ``frame`` is LSRK, LSRD, BARY, HELIO, TOPO, GEO, SOURCE or what else the file says, empty where it does not say.
    ``rest_frequency`` is in Hz. ``notes`` are sentences about what the file leaves open.
    """

    name: str
    axis: FloatArray
    axis_kind: AxisKind
    axis_unit: str
    axis_scale: float
    flux: FloatArray
    flux_name: str
    flux_unit: str
    flux_base: str
    flux_scale: float
    mask: NDArray[np.bool_]
    frame: str = ""
    rest_frequency: float | None = None
    beam: Beam | None = None
    beam_efficiency: float | None = None
    object: str = ""
    position: str = ""
    date: str = ""
    header: tuple[HeaderCard, ...] = ()
    notes: tuple[str, ...] = ()
    file_name: str = ""
    sha256: str = ""
    part: str = ""

    @property
    def n_channels(self) -> int:
        """Number of channels."""
        return len(self.axis)

    def why_not(self, kind: AxisKind) -> str:
        """Why the axis cannot be had in that kind, as a sentence; empty where it can."""
        own = self.axis_kind
        if kind in (own, AxisKind.CHANNEL):
            return ""
        if own is AxisKind.CHANNEL:
            return "its file does not say what its channels are"
        if own is AxisKind.VELOCITY:
            return "its file does not say by which convention its velocities are made"
        if AxisKind.AIR_WAVELENGTH in (own, kind):
            return "wavelengths in air are shown as such only"
        if kind not in _CONNECTED:
            return f"its axis is in {own}"
        if self.rest_frequency is None and (kind in _VELOCITIES or own in _VELOCITIES):
            return "its file has no rest frequency"
        return ""

    @property
    def kinds(self) -> tuple[AxisKind, ...]:
        """What the axis can be had in, its own first."""
        others = (kind for kind in AxisKind if kind is not self.axis_kind and not self.why_not(kind))
        return (self.axis_kind, *others)

    def axis_in(self, kind: AxisKind, unit: str) -> FloatArray:
        """The axis in that kind and unit (one of ``UNITS``), in the order of the file; channels count from 1.

        Raises InputError where ``why_not`` has a reason.
        """
        reason = self.why_not(kind)
        if reason:
            raise InputError(f"{self.name} cannot be shown in {kind}: {reason}.")
        if kind is AxisKind.CHANNEL and self.axis_kind is not kind:
            return np.arange(1.0, self.n_channels + 1)
        values = self.axis * self.axis_scale
        if kind is not self.axis_kind:
            frequency = to_frequency(values, self.axis_kind, self.rest_frequency)
            values = from_frequency(frequency, kind, self.rest_frequency)
        return values / UNITS[kind][unit]

    @property
    def usual_unit(self) -> str:
        """The unit of ``UNITS`` to show the file's own axis in: the file's, else one that gives handy numbers."""
        units = UNITS[self.axis_kind]
        own = (unit for unit, size in units.items() if abs(size / self.axis_scale - 1.0) < 1e-9)
        some = np.abs(self.axis[:: max(1, self.n_channels // 1000)])  # of ten million channels, too, at once
        size = float(np.median(some[np.isfinite(some)])) * self.axis_scale if np.isfinite(some).any() else 0.0
        handy = (unit for unit in units if 0.1 <= size / units[unit] < 1e4)
        return next(own, next(handy, next(iter(units))))
