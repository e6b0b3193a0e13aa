"""Units as services spell them, and what else a form may offer beside them."""

from __future__ import annotations

import re

#: Units that a form offers in place of each other, as astropy writes them.
FAMILIES = (
    ("cm-2", "m-2"),
    ("cm-3", "m-3"),
    ("km/s", "m/s", "cm/s"),
    ("GHz", "MHz", "kHz", "Hz"),
    ("K", "mK"),
    ("Jy", "mJy", "uJy"),
    ("m", "cm", "mm", "um", "nm", "Angstrom"),
    ("s", "min", "h", "d", "yr"),
    ("deg", "arcmin", "arcsec"),
    ("pc", "kpc", "Mpc", "AU"),
    ("g", "kg", "solMass"),
    ("W", "erg/s", "solLum"),
)

_OTHER_NAMES = {
    "kelvin": "K",
    "hz": "Hz",
    "hertz": "Hz",
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "minutes": "min",
    "hr": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "year": "yr",
    "a": "yr",
    "degree": "deg",
    "degrees": "deg",
    "micron": "um",
    "angstrom": "Angstrom",
    "au": "AU",
    "msun": "solMass",
    "m_sun": "solMass",
    "lsun": "solLum",
}
#: What may be a unit at all; anything longer or with long numbers is not given to a parser of units.
_SANE = re.compile(r"(?!.*\d{3})[\w\s.*/^()+\-−µμ°%'\"]{1,40}")
_FACTOR = re.compile(r"(?P<sign>[\s.*/]*)(?P<name>[A-Za-z_]+)(?:(?:\*\*|\^)?\(?(?P<power>[+-]?\d{1,2})\)?)?")


def offered(unit: str) -> tuple[str, ...]:
    """The unit, spelled as ours are, and those that a form offers beside it; one that is not known stands alone.

    What cannot be a unit is none: an empty one.
    """
    unit = " ".join(unit.split())
    if _SANE.fullmatch(unit) is None:
        return ("",)
    factors = _factors(unit)
    for family, known in _KNOWN:
        if factors in known:
            own = family[known.index(factors)]
            return (own, *(other for other in family if other != own))
    return (unit,)


def _factors(unit: str) -> frozenset[tuple[str, int]] | None:
    """A product of powers as pairs of name and power; None where it is not written as one."""
    text = unit.strip().replace("µ", "u").replace("μ", "u").replace("−", "-").removeprefix("1/")
    if unit.strip().startswith("1/"):
        text = "/" + text
    factors: dict[str, int] = {}
    at = 0
    while at < len(text):
        match = _FACTOR.match(text, at)
        if match is None:
            return None
        power = int(match["power"] or 1)
        name = _OTHER_NAMES.get(match["name"].lower() if len(match["name"]) > 1 else match["name"], match["name"])
        factors[name] = factors.get(name, 0) + (-power if "/" in match["sign"] else power)
        at = match.end()
    return frozenset(factors.items()) or None


_KNOWN = tuple((family, tuple(_factors(unit) for unit in family)) for family in FAMILIES)
