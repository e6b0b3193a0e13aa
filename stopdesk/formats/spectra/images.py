"""Spectra in images of FITS files: one axis that is spectral, all others of one pixel.

Axes are those of Greisen & Calabretta 2002 (A&A 395, 1061) and Greisen et al. 2006 (A&A 446, 747); CLASS' frequencies
as offsets from the rest frequency are told by their header, and IRAF's wavelengths by their unit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.spectrum import LIGHT_SPEED, AxisKind
from stopdesk.formats.spectra.axes import Axis, UnclearError
from stopdesk.formats.spectra.headers import (
    Header,
    convention_of,
    fits_header,
    frame_name,
    frame_of,
    rest_frequency_of,
)
from stopdesk.formats.spectra.units import spectral_unit

FloatArray = NDArray[np.float64]

#: Types of axes and what they are in; the units that FITS gives them where CUNIT says none.
_TYPES = {
    "FREQ": (AxisKind.FREQUENCY, "Hz"),
    "VRAD": (AxisKind.RADIO_VELOCITY, "m/s"),
    "VOPT": (AxisKind.OPTICAL_VELOCITY, "m/s"),
    "VELO": (AxisKind.VELOCITY, "m/s"),
    "VELOCITY": (AxisKind.VELOCITY, "m/s"),
    "WAVE": (AxisKind.WAVELENGTH, "m"),
    "WAVELENGTH": (AxisKind.WAVELENGTH, "m"),
    "LAMBDA": (AxisKind.WAVELENGTH, "m"),
    "AWAV": (AxisKind.AIR_WAVELENGTH, "m"),
    "WAVN": (AxisKind.WAVENUMBER, "m-1"),
}

#: Values in SI beyond these show that a file without CUNIT does not mean the units of FITS.
_BELIEVABLE = {
    AxisKind.FREQUENCY: (1e6, 1e17),
    AxisKind.WAVELENGTH: (1e-9, 100.0),
    AxisKind.AIR_WAVELENGTH: (1e-9, 100.0),
    AxisKind.WAVENUMBER: (1e-2, 1e9),
}

_IN_AIR_OR_NOT = "The file does not say whether its wavelengths are in air; they are taken as in vacuum."

_VELOCITIES = (AxisKind.VELOCITY, AxisKind.RADIO_VELOCITY, AxisKind.OPTICAL_VELOCITY)


def read_image(unit: Any) -> tuple[Header, Axis, FloatArray]:
    """Header, axis and values of an image of a FITS file; UnclearError where it is no spectrum."""
    header = fits_header(unit.header)
    sizes = [int(unit.header[f"NAXIS{number}"]) for number in range(1, int(unit.header["NAXIS"]) + 1)]
    long = [number for number, size in enumerate(sizes, 1) if size > 1]
    if not long:
        raise UnclearError("has a single value, which is no spectrum")
    if len(long) > 1:
        what = "an image" if len(long) == 2 else "a cube"
        raise UnclearError(f"is {what} of {' x '.join(str(sizes[number - 1]) for number in long)}, not one spectrum")
    flux = np.asarray(unit.data, dtype=np.float64).reshape(-1)
    return header, image_axis(header, unit.header, long[0], len(flux)), flux


def image_axis(header: Header, raw: Any, number: int, n: int) -> Axis:
    """The spectral axis of that number (from 1) with n channels; ``raw`` is astropy's header."""
    ctype = header.text(f"CTYPE{number}").upper()
    name, _, code = (part.strip() for part in ctype.partition("-"))
    code = code.strip("-")
    if name in _TYPES and code in ("LOG", "F2W", "F2V", "F2A", "W2F", "W2V", "W2A", "V2F", "V2W", "V2A", "A2F", "A2W"):
        return _curved(header, raw, number, n, *_TYPES[name])
    if name in _TYPES and code in ("TAB", "GRI", "GRA"):
        raise UnclearError(f"has an axis of type {ctype}, which is not read here: save it with its values in a table")
    if name == "FELO":
        raise UnclearError("has an axis of AIPS' type FELO, which is not read here: save it with frequencies instead")
    values = _linear(header, number, n)
    if name not in _TYPES:
        return _untyped(header, number, ctype, values)
    kind, usual = _TYPES[name]
    rest, note = rest_frequency_of(header)
    notes: tuple[str, ...] = (note,) if note else ()
    if kind is AxisKind.FREQUENCY and _is_offset(header, number, values):
        return _class_axis(header, number, n, rest)
    cunit = header.text(f"CUNIT{number}")
    scale = _scale(kind, cunit or usual, ctype)
    if not cunit:
        notes += (_believed(kind, values * scale, usual, ctype),)
    if kind is AxisKind.VELOCITY:
        kind = convention_of(header)
    return Axis(values, kind, cunit or usual, scale, frame_of(header, ctype, kind), rest, notes)


def _linear(header: Header, number: int, n: int) -> FloatArray:
    """CRVAL + (channel - CRPIX) CDELT for channels from 1; the step may stand in a matrix."""
    value, pixel = header.number(f"CRVAL{number}"), header.number(f"CRPIX{number}")
    step = header.number(f"CD{number}_{number}")
    if step is None:
        step = header.number(f"CDELT{number}")
        rotated = header.number(f"PC{number}_{number}")
        step = step * rotated if step is not None and rotated is not None else step
    if value is None and step is None and not header.text(f"CTYPE{number}"):
        return np.arange(1.0, n + 1)
    if value is None or not step:
        missing = f"CRVAL{number}" if value is None else f"CDELT{number}"
        raise UnclearError(f"has a spectral axis without {missing}")
    return value + (np.arange(1.0, n + 1) - (0.0 if pixel is None else pixel)) * step


def _scale(kind: AxisKind, unit: str, ctype: str) -> float:
    """One of the unit in SI, where it is one of the kind."""
    found = spectral_unit(unit)
    expected = AxisKind.WAVELENGTH if kind is AxisKind.AIR_WAVELENGTH else kind
    expected = AxisKind.VELOCITY if kind in _VELOCITIES else expected
    if found is None or found[0] is not expected:
        raise UnclearError(f"has an axis of type {ctype} in {unit!r}, which is no unit of it")
    return found[1]


def _believed(kind: AxisKind, values: FloatArray, unit: str, ctype: str) -> str:
    """The note that the unit is that of FITS; UnclearError where it cannot be meant."""
    low, high = _BELIEVABLE.get(kind, (-LIGHT_SPEED, LIGHT_SPEED))
    if values.min() < low or values.max() > high:
        raise UnclearError(f"has an axis of type {ctype} without a unit (CUNIT), and {unit} cannot be meant")
    return f"The file gives no unit for its axis; it is taken in {unit}, as FITS has it."


def _untyped(header: Header, number: int, ctype: str, values: FloatArray) -> Axis:
    """An axis without a type that is known: told by its unit, as IRAF's are, else channels."""
    unit = header.text(f"CUNIT{number}") or _iraf_unit(header)
    found = spectral_unit(unit) if unit else None
    if ctype not in ("", "LINEAR", "MULTISPE", "PIXEL", "LOG-LINEAR"):
        raise UnclearError(f"has an axis of type {ctype}, which is not a spectral one")
    if found is None:
        note = "The file does not say what its axis is in; its channels are counted."
        return Axis(np.arange(1.0, len(values) + 1), AxisKind.CHANNEL, "", 1.0, notes=(note,))
    kind, scale = found
    if int(header.number("DC-FLAG") or 0) == 1:  # IRAF's logarithmic dispersion
        values = 10.0**values
    rest, note = rest_frequency_of(header)
    notes = ((note,) if note else ()) + ((_IN_AIR_OR_NOT,) if kind is AxisKind.WAVELENGTH else ())
    kind = convention_of(header) if kind is AxisKind.VELOCITY else kind
    return Axis(values, kind, unit, scale, frame_of(header, ctype, kind), rest, notes)


def _iraf_unit(header: Header) -> str:
    """The unit in IRAF's WAT1_001: ``wtype=linear label=Wavelength units=angstroms``."""
    words = dict(word.partition("=")[::2] for word in header.text("WAT1_001").split())
    return words.get("units", "")


def _is_offset(header: Header, number: int, values: FloatArray) -> bool:
    """Whether frequencies are offsets from the rest frequency, as CLASS writes them."""
    rest = header.number("RESTFREQ", "RESTFRQ")
    reference = header.number(f"CRVAL{number}") or 0.0
    said = "offset" in header.comment(f"CRVAL{number}").lower() or "CLASS" in header.text("ORIGIN").upper()
    if rest and abs(reference) < 0.5 * rest and (said or reference == 0.0):
        return True
    if values.min() <= 0:
        raise UnclearError("has frequencies of zero or less, and no rest frequency that they could be counted from")
    return False


def _class_axis(header: Header, number: int, n: int, rest: float | None) -> Axis:
    """The axis of a spectrum by CLASS, which counts frequencies from the rest frequency in the frame of the source.

    The source moves at the velocity of VELO-LSR (or -HEL, ...), which is that of the reference channel; velocities are
    by the radio convention, VELO + (channel - CRPIX) DELTAV (GILDAS' documentation of CLASS, "FITS interface").
    Frequencies are given here in the frame of the velocities, so that both agree.
    """
    if rest is None:
        raise UnclearError("counts its frequencies from a rest frequency (RESTFREQ) that it does not have")
    pixel, step = header.number(f"CRPIX{number}") or 0.0, header.number(f"CDELT{number}") or 0.0
    if not step:
        raise UnclearError(f"has a spectral axis without CDELT{number}")
    scale = _scale(AxisKind.FREQUENCY, header.text(f"CUNIT{number}") or "Hz", "FREQ")
    reference = (header.number(f"CRVAL{number}") or 0.0) * scale
    channels = np.arange(1.0, n + 1) - pixel
    at_rest = rest + reference + channels * step * scale
    frame = next((each for each in ("LSR", "HEL", "OBS") if header.text(f"VELO-{each}")), "")
    velocity, width = header.number(f"VELO-{frame}"), header.number("DELTAV")
    from_step = -LIGHT_SPEED * step * scale / rest
    in_source = Axis(at_rest, AxisKind.FREQUENCY, "Hz", 1.0, "SOURCE", None)
    if velocity is None:
        note = "The file does not say how fast its source moves: these are frequencies at rest."
        return replace(in_source, notes=(note,))
    if reference or (width is not None and abs(width - from_step) > 1e-3 * abs(from_step)):
        note = "The file's frequencies and velocities do not belong together: these are frequencies at rest."
        return replace(in_source, notes=(note,))
    frequency = rest * (1.0 - (velocity + channels * (from_step if width is None else width)) / LIGHT_SPEED)
    shifted = f"The file counts frequencies from that of a source at {velocity / 1e3:g} km/s; they are shifted here."
    notes = (shifted,) if velocity else ()
    return Axis(frequency, AxisKind.FREQUENCY, "Hz", 1.0, frame_name(frame), rest, notes)


def _curved(header: Header, raw: Any, number: int, n: int, kind: AxisKind, unit: str) -> Axis:
    """An axis that is linear in another quantity, or logarithmic: wcslib's arithmetic, in SI."""
    from astropy import wcs  # late: slow to import

    try:
        sub = wcs.WCS(raw, naxis=[number])
        values = np.asarray(sub.wcs_pix2world(np.arange(1.0, n + 1), 1)[0], dtype=np.float64)
    except (ValueError, TypeError, MemoryError, wcs.WcsError) as error:
        raise UnclearError(f"has an axis that cannot be computed: {str(error).strip().splitlines()[0]}") from error
    rest, note = rest_frequency_of(header)
    ctype = header.text(f"CTYPE{number}")
    kind = convention_of(header) if kind is AxisKind.VELOCITY else kind
    frame = frame_of(header, ctype if ctype[5:] in ("LSR", "HEL", "OBS") else "", kind)
    return Axis(values, kind, unit, 1.0, frame, rest, (note,) if note else ())
