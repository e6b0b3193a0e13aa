"""What headers say of a spectrum: frame, rest frequency, beam, object, position, date, under their various names."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stopdesk.domain.spectrum import LIGHT_SPEED, AxisKind, Beam, HeaderCard

#: Reference frames by their names in FITS (Greisen et al. 2006, table 1), AIPS, GILDAS and the IVOA's STC.
_FRAMES = {
    **dict.fromkeys(("LSRK", "LSR"), "LSRK"),
    "LSRD": "LSRD",
    **dict.fromkeys(("BARYCENT", "BARYCENTER", "BARYCENTRIC", "BARY", "BAR"), "BARY"),
    **dict.fromkeys(("HELIOCEN", "HELIOCENTER", "HELIOCENTRIC", "HELIO", "HEL"), "HELIO"),
    **dict.fromkeys(("TOPOCENT", "TOPOCENTER", "TOPOCENTRIC", "TOPO", "TOP", "OBS"), "TOPO"),
    **dict.fromkeys(("GEOCENTR", "GEOCENTER", "GEOCENTRIC", "GEO"), "GEO"),
    "SOURCE": "SOURCE",
    **dict.fromkeys(("", "UNKNOWN", "UNKNOWNREFPOS"), ""),
}

#: AIPS' numbers of frames: VELREF, less 256 where velocities are by the radio convention (AIPS Memo 117).
_VELREF = {1: "LSRK", 2: "HELIO", 3: "TOPO", 4: "LSRD", 5: "GEO"}

#: A rest frequency beyond these, in Hz, is none: some files have it in GHz, where FITS asks for Hz.
_REST_FREQUENCIES = (1e6, 1e17)

_SPECSYS = re.compile(r"\bSPECSYS\s*=\s*'?\s*([A-Za-z]+)")

_POSITIONS = (("RA", "DEC", ""), ("OBSRA", "OBSDEC", ""), ("GLON", "GLAT", "galactic"), ("TARGLON", "TARGLAT", ""))

_EFFICIENCIES = ("BEAMEFF", "ETAMB", "ETA_MB")


@dataclass(frozen=True)
class Header:
    """The lines of a header; ``also`` are values under FITS' keywords that the file has under other names."""

    cards: tuple[HeaderCard, ...]
    also: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _values(self) -> Mapping[str, HeaderCard]:
        found: dict[str, HeaderCard] = {}
        for card in self.cards:
            found.setdefault(card.keyword.strip().upper(), card)
        return found

    def text(self, *names: str) -> str:
        """The first value of these names that is there, without blanks around it; empty where there is none."""
        for name in names:
            card = self._values.get(name)
            value = card.value.strip() if card is not None else self.also.get(name, "").strip()
            if value:
                return value
        return ""

    def number(self, *names: str) -> float | None:
        """The first value of these names that is a finite number; None where there is none."""
        for name in names:
            try:
                value = float(self.text(name))
            except ValueError:
                continue
            if math.isfinite(value):
                return value
        return None

    def comment(self, name: str) -> str:
        """What is said of a value."""
        card = self._values.get(name)
        return card.comment if card is not None else ""

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """The texts of COMMENT and HISTORY."""
        return tuple(card.value for card in self.cards if card.keyword in ("COMMENT", "HISTORY"))


def fits_header(header: Any) -> Header:
    """The header of a unit of a FITS file."""
    cards = []
    for card in header.cards:
        value = card.value
        words = ("T" if value else "F") if isinstance(value, bool) else "" if _is_empty(value) else str(value)
        if card.keyword or words.strip():
            cards.append(HeaderCard(card.keyword, words, card.comment))
    return Header(tuple(cards))


def _is_empty(value: object) -> bool:
    return value is None or type(value).__name__ == "Undefined"


def frame_name(word: str) -> str:
    """A reference frame by its short name; words that are none of the known stay as they are."""
    word = word.strip()
    return _FRAMES.get(word.upper(), word)


def frame_of(header: Header, ctype: str, kind: AxisKind) -> str:
    """The frame of an axis; empty where the file does not say.

    What AIPS and others say of velocities (VELREF, VDEF) does not hold for frequencies, which are mostly topocentric
    beside them.
    """
    said = header.text("SPECSYS")
    for remark in header.remarks:
        match = _SPECSYS.search(remark)
        said = said or (match[1] if match else "")
    suffix = ctype.partition("-")[2].strip().upper()
    if not said and suffix in _FRAMES:
        said = suffix
    if not said and kind in (AxisKind.VELOCITY, AxisKind.RADIO_VELOCITY, AxisKind.OPTICAL_VELOCITY):
        said = _VELREF.get(int(header.number("VELREF") or 0) % 256, "")
        said = said or header.text("VDEF", "VELDEF").partition("-")[2]
    return frame_name(said)


def convention_of(header: Header) -> AxisKind:
    """By which convention the velocities of an axis are made whose type does not say (VELO, VELOCITY)."""
    number = int(header.number("VELREF") or 0)
    if number > 0:
        return AxisKind.RADIO_VELOCITY if number > 256 else AxisKind.OPTICAL_VELOCITY
    word = header.text("VDEF", "VELDEF").upper()
    if word.startswith("RADI") or header.text("ORIGIN").upper().startswith(("CLASS", "GILDAS")):
        return AxisKind.RADIO_VELOCITY
    return AxisKind.OPTICAL_VELOCITY if word.startswith("OPTI") else AxisKind.VELOCITY


def rest_frequency_of(header: Header) -> tuple[float | None, str]:
    """The rest frequency in Hz, None where there is none that can be believed, and a note where it cannot."""
    frequency = header.number("RESTFRQ", "RESTFREQ", "REST_FREQUENCY", "REST FREQUENCY")
    if not frequency:
        wavelength = header.number("RESTWAV")
        frequency = LIGHT_SPEED / wavelength if wavelength else None
    if frequency is None:
        return None, ""
    low, high = _REST_FREQUENCIES
    if low <= frequency <= high:
        return frequency, ""
    return None, f"Its rest frequency of {frequency:g} Hz cannot be meant so and is not used."


def beam_of(header: Header) -> Beam | None:
    """The beam, from the degrees of BMAJ, BMIN and BPA."""
    major, minor = header.number("BMAJ"), header.number("BMIN")
    if not major or major < 0:
        return None
    return Beam(3600.0 * major, 3600.0 * (minor or major), header.number("BPA") or 0.0)


def described(header: Header) -> dict[str, Any]:
    """Beam, efficiency, object, position and date, as fields of a Spectrum."""
    return {
        "beam": beam_of(header),
        "beam_efficiency": header.number(*_EFFICIENCIES),
        "object": header.text("OBJECT", "TARGNAME"),
        "position": position_of(header),
        "date": header.text("DATE-OBS", "DATE_OBS", "MJD-OBS", "MJD-AVG"),
        "header": header.cards,
    }


def position_of(header: Header) -> str:
    """Where the spectrum was taken, in degrees and the file's frame; empty where the file does not say."""
    for axis in range(1, 10):
        longitude = header.text(f"CTYPE{axis}").upper()
        latitude = header.text(f"CTYPE{axis + 1}").upper()
        if longitude[:2] in ("RA", "GL") and latitude[:3] in ("DEC", "GLA"):
            return _reference_position(header, axis, "galactic" if longitude.startswith("GL") else "")
    for longitude, latitude, frame in _POSITIONS:
        pair = header.number(longitude), header.number(latitude)
        if pair[0] is not None and pair[1] is not None:
            return _position(header, pair[0], pair[1], frame)
        if header.text(longitude) and header.text(latitude):
            return f"{header.text(longitude)} {header.text(latitude)}"
    return ""


def _reference_position(header: Header, axis: int, frame: str) -> str:
    """The reference position of two axes of one pixel, with the pixel's offset from it in arcsec where there is one."""
    values, offsets = [], []
    for each in (axis, axis + 1):
        value = header.number(f"CRVAL{each}")
        if value is None:
            return ""
        step, pixel = header.number(f"CDELT{each}", f"CD{each}_{each}") or 0.0, header.number(f"CRPIX{each}") or 0.0
        values.append(value)
        offsets.append(3600.0 * step * (1.0 - pixel))
    where = _position(header, values[0], values[1], frame)
    return f"{where}, offset {offsets[0]:+.4g} {offsets[1]:+.4g} arcsec" if any(offsets) else where


def _position(header: Header, longitude: float, latitude: float, frame: str) -> str:
    equinox = header.number("EQUINOX", "EPOCH")
    frame = frame or header.text("RADESYS") or (f"equinox {equinox:g}" if equinox else "")
    return f"{longitude:.6f} {latitude:+.6f}{f' ({frame})' if frame else ''}"
