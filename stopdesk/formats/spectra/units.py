"""Units as files write them: what they are of, their size in SI, and which of them can be drawn together."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stopdesk.domain.spectrum import AxisKind

#: Spellings that are met in files and in no standard, without blanks and in lower case.
_SPELLINGS = {
    "angstroms": "Angstrom",
    "ang": "Angstrom",
    "a": "Angstrom",
    "microns": "um",
    "μm": "um",
    "µm": "um",
    "hz": "Hz",
    "khz": "kHz",
    "mhz": "MHz",
    "ghz": "GHz",
    "thz": "THz",
    "kms": "km/s",
    "km/s": "km/s",
    "kms-1": "km/s",
    "km/sec": "km/s",
    "m/s": "m/s",
    "m/sec": "m/s",
    "1/cm": "cm-1",
}

_FLUX_SPELLINGS = (
    (re.compile(r"\bAng(stroms?)?\b", re.IGNORECASE), "Angstrom"),
    (re.compile(r"^(?:1\.?0*)?[eE](-?\d+)\b"), r"10**(\1)"),
    (re.compile(r"^JY\b"), "Jy"),
    (re.compile(r"\bBEAM\b"), "beam"),
)

_KINDS = {
    "frequency": AxisKind.FREQUENCY,
    "length": AxisKind.WAVELENGTH,
    "speed": AxisKind.VELOCITY,
    "wavenumber": AxisKind.WAVENUMBER,
}
_SI = {
    AxisKind.FREQUENCY: "Hz",
    AxisKind.WAVELENGTH: "m",
    AxisKind.VELOCITY: "m / s",
    AxisKind.WAVENUMBER: "1 / m",
}

_FLUX_NAMES = {
    "temperature": "Temperature",
    "spectral flux density": "Flux density",
    "spectral flux density wav": "Flux density",
}


@dataclass(frozen=True)
class FluxUnit:
    """The unit of a flux: its text to show, and what it is a multiple of; ``name`` is what is measured in it."""

    text: str
    base: str
    scale: float
    name: str


def spectral_unit(text: str) -> tuple[AxisKind, float] | None:
    """What an axis in this unit is, with the unit's size in SI; velocities of no convention. None for other units."""
    plain = "".join(text.lower().split())
    unit = _unit(_SPELLINGS.get(plain, text))
    if unit is None:
        return None
    kind = next((_KINDS[each] for each in unit.physical_type if each in _KINDS), None)
    return None if kind is None else (kind, float(unit.to(_SI[kind])))


@lru_cache(maxsize=256)
def flux_unit(text: str) -> FluxUnit:
    """The unit of a flux in a file's words; what is no known unit stays text and is drawn with its like only."""
    text = text.strip()
    spelled = text
    for pattern, right in _FLUX_SPELLINGS:
        spelled = pattern.sub(right, spelled)
    unit = _unit(spelled)
    if unit is None or not text:
        return FluxUnit(text, f"text {text}", 1.0, "Flux")
    plain = unit.decompose()
    base = " ".join(f"{each}{power}" for each, power in zip(plain.bases, plain.powers, strict=True))
    name = next((_FLUX_NAMES[each] for each in unit.physical_type if each in _FLUX_NAMES), "")
    name = name or ("Intensity" if "beam" in base or "rad" in base else "Flux")
    return FluxUnit(_shown(unit) if "*" in text or "^" in text else text, base, float(plain.scale), name)


def _unit(text: str) -> Any:
    """The unit that the text says; None where astropy knows none."""
    from astropy import units  # late: slow to import

    try:
        return units.Unit(text.strip())
    except (ValueError, TypeError):
        return None


def _shown(unit: Any) -> str:
    """A unit as people write it: ``1e-17 erg s-1 cm-2 Angstrom-1``."""
    parts = [f"{base}{'' if power == 1 else power}" for base, power in zip(unit.bases, unit.powers, strict=True)]
    ups = [part for part, power in zip(parts, unit.powers, strict=True) if power > 0]
    downs = [part for part, power in zip(parts, unit.powers, strict=True) if power < 0]
    scale = [] if unit.scale == 1 else [f"{unit.scale:g}"]
    return " ".join([*scale, *ups, *downs])
