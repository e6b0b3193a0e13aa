"""Positions as astronomers write them, read without a network; astropy does the arithmetic."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from stopdesk.domain.target import Position
from stopdesk.errors import InputError

#: Words that name a frame, as they stand before or after the numbers, with astropy's name and equinox for each.
_FRAMES = {
    "icrs": ("icrs", ""),
    "j2000": ("fk5", "J2000"),
    "j2000.0": ("fk5", "J2000"),
    "2000": ("fk5", "J2000"),
    "2000.0": ("fk5", "J2000"),
    "fk5": ("fk5", "J2000"),
    "b1950": ("fk4", "B1950"),
    "b1950.0": ("fk4", "B1950"),
    "1950": ("fk4", "B1950"),
    "1950.0": ("fk4", "B1950"),
    "fk4": ("fk4", "B1950"),
    "galactic": ("galactic", ""),
    "gal": ("galactic", ""),
}
_FRAME = re.compile(r"(?<![\w.])(icrs|j2000(?:\.0)?|fk5|b1950(?:\.0)?|fk4|galactic|gal)\.?(?![\w.])", re.IGNORECASE)
_EQUINOX_IN_BRACKETS = re.compile(r"\(\s*(2000(?:\.0)?|1950(?:\.0)?)\s*\)")
_EQUINOX = re.compile(rf"\(?\s*{_FRAME.pattern}\s*\)?|{_EQUINOX_IN_BRACKETS.pattern}", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_LABEL = re.compile(r"(?<![a-z])(ra|r\.a\.|dec|decl|de|α|δ|l|b|lon|lat)\s*[=:]?\s*(?=[-+\d.])", re.IGNORECASE)

#: Signs that stand for others: minus and dashes, primes and quotes, degree.
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("−–—‐‑﹣-", "-"),
        "+": "+",
        **dict.fromkeys("′’ʹ‘`´", "'"),
        **dict.fromkeys("″”“ʺ", '"'),
        **dict.fromkeys("º˚∘", "°"),
        "ʰ": "h",
        "ᵐ": "m",
        "ˢ": "s",
        "ᵈ": "d",
    }
)
_NUMBER = r"\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+"
_UNIT = r"hours|hour|hrs|h|degrees|degree|deg|d|°|minutes|min|m|''|'|\"|seconds|sec|s|:"
_PIECE = re.compile(rf"({_NUMBER})\s*({_UNIT})?\s*", re.IGNORECASE)
_SIGNED = re.compile(rf"[-+]?\s*(?:(?:{_NUMBER})\s*(?:{_UNIT})?\s*)+", re.IGNORECASE)
_POSITION = re.compile(rf"\s*{_SIGNED.pattern}(?:[,;|/]?\s*{_SIGNED.pattern})?\s*", re.IGNORECASE)
_WITH_NAME = re.compile(r"\s*(\S*\d:\S*\d:\S*\s+[-+]\S*\d:\S*\d:\S*)\s+(?=\D)(\S.*)")


@dataclass(frozen=True)
class _Angle:
    """One coordinate as written: sign, one to three numbers, and whether its unit is hours, degrees or not said."""

    sign: float
    parts: tuple[float, ...]
    unit: str
    text: str


def read_position(text: str) -> Position | None:
    """The position that the text is; None when it is none but, say, a name.

    Sexagesimal with colons, blanks or letters, decimal degrees, hours; frames ICRS (also without a word), J2000, B1950
    and Galactic before or after. InputError for what is a position, but not one on the sky.
    """
    found = _stripped(text)
    if found is None:
        return None
    numbers, (frame, equinox) = found
    if _POSITION.fullmatch(numbers) is None:
        return None
    halves = _halves(numbers)
    if halves is None:
        return None
    lon, lat = (_angle(half) for half in halves)
    if lon is None or lat is None:
        return None
    return _on_the_sky(lon, lat, frame, equinox)


def read_named_position(text: str) -> tuple[str, Position] | None:
    """A position with, perhaps, a name behind it (``hh:mm:ss ±dd:mm:ss name``); None when it is no position."""
    match = _WITH_NAME.fullmatch(_plain(text))
    if match is not None and _EQUINOX.fullmatch(match[2].strip()) is None:
        position = read_position(match[1])
        return None if position is None else (match[2].strip(), position)
    position = read_position(text)
    return None if position is None else (" ".join(text.split()), position)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).translate(_SIGNS).split())


def _stripped(text: str) -> tuple[str, tuple[str, str]] | None:
    """The text without frame and labels, and the frame; None where two frames are named."""
    text = _plain(text)
    frames = {_FRAMES[match[1].lower().rstrip(".")] for match in _FRAME.finditer(text)}
    frames |= {_FRAMES[match[1]] for match in _EQUINOX_IN_BRACKETS.finditer(text)}
    text = _EQUINOX_IN_BRACKETS.sub(" ", _FRAME.sub(" ", text))
    labels = [match[1].lower() for match in _LABEL.finditer(text)]
    if labels:
        text = _LABEL.sub(" ", text)
        if labels in (["l", "b"], ["lon", "lat"]) and not frames:
            frames = {_FRAMES["galactic"]}
    frames -= {_FRAMES["icrs"]} if len(frames) > 1 else set()
    if len(frames) > 1:
        return None
    text = re.sub(r"\(\s*\)", " ", text).strip(" ,;:|")
    inside = _IN_BRACKETS.fullmatch(text)
    text = text if inside is None else (inside[1] or inside[2] or "").strip()
    return text, frames.pop() if frames else _FRAMES["icrs"]


def _halves(text: str) -> tuple[str, str] | None:
    """Longitude and latitude: at the comma, at the sign of the latitude, or in the middle."""
    for mark in ",;|/":
        if text.count(mark) == 1:
            first, _, second = text.partition(mark)
            return first.strip(), second.strip()
    signs = [match.start() for match in re.finditer(r"(?<![eE])[-+]", text) if match.start() > 0]
    if len(signs) == 1:
        return text[: signs[0]].strip(), text[signs[0] :].strip()
    if signs:
        return None
    words = text.split()
    if any(":" in word for word in words):
        return (words[0], words[1]) if len(words) == 2 else None
    latitude = re.search(r"\s(\S+?\s*(?:d|deg|degrees?|°)(?![a-z]).*)$", text[1:], re.IGNORECASE)
    if latitude is not None and re.search(r"\d\s*(h|d|°)", text[: latitude.start() + 1], re.IGNORECASE):
        return text[: latitude.start() + 1].strip(), latitude[1].strip()
    if len(words) % 2 or not words:
        return None
    return " ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])


def _angle(text: str) -> _Angle | None:
    sign = -1.0 if text.startswith("-") else 1.0
    rest = text.lstrip("+-").strip()
    found = list(_PIECE.finditer(rest))
    pieces = [(float(match[1]), (match[2] or "").lower()) for match in found]
    if not 1 <= len(pieces) <= 3 or "".join(match[0] for match in found) != rest:
        return None  # an S before a declination is no unit of what precedes it, but may mean south
    numbers, units = tuple(number for number, _ in pieces), [unit for _, unit in pieces]
    if any(number != int(number) for number in numbers[:-1]):
        return None
    first = units[0]
    unit = "hour" if first.startswith("h") else "deg" if first.startswith(("d", "°")) else ""
    if not unit and first not in ("", ":"):
        return None
    wanted = (("", ":", "h", "d", "°"), ("", ":", "m", "'"), ("", ":", "s", '"', "''"))
    if any(each and each not in known and each[0] not in known for each, known in zip(units, wanted, strict=False)):
        return None
    return _Angle(sign, numbers, unit, text)


def _on_the_sky(lon: _Angle, lat: _Angle, frame: str, equinox: str) -> Position:
    from astropy.coordinates import SkyCoord  # late: slow to import

    names = ("Galactic longitude", "Galactic latitude") if frame == "galactic" else ("right ascension", "declination")
    sexagesimal_hours = frame != "galactic" and len(lon.parts) > 1
    in_hours = lon.unit == "hour" or (not lon.unit and sexagesimal_hours)
    degrees = _degrees(lon, names[0]) * (15.0 if in_hours else 1.0)
    if lat.unit == "hour":
        raise InputError(f"The {names[1]} {lat.text!r} is in hours; it has to be in degrees.")
    latitude = _degrees(lat, names[1])
    if not -360.0 <= degrees <= 360.0 or (degrees < 0 and (in_hours or len(lon.parts) > 1)):
        limits = "0 to 24 hours" if in_hours else "0 to 360 degrees"
        raise InputError(f"The {names[0]} {lon.text!r} is not within {limits}.")
    if abs(latitude) > 90.0:
        raise InputError(f"The {names[1]} {lat.text!r} is not within -90 to 90 degrees.")
    more = {"equinox": equinox} if equinox else {}
    sky = SkyCoord(degrees % 360.0, latitude, unit="deg", frame=frame, **more).icrs
    return Position(ra=float(sky.ra.deg), dec=float(sky.dec.deg))


def _degrees(angle: _Angle, name: str) -> float:
    """The value in its own unit, hours or degrees, by astropy."""
    from astropy.coordinates import Angle

    parts: Sequence[float] = angle.parts
    if not all(math.isfinite(part) for part in parts):
        raise InputError(f"The {name} {angle.text!r} is too large for a number.")
    for part, what in zip(parts[1:], ("minutes", "seconds"), strict=False):
        if part >= 60:
            raise InputError(f"The {what} of the {name} {angle.text!r} have to be below 60.")
    text = "".join(f"{part:.15g}{unit}" for part, unit in zip(parts, "dms", strict=False))
    return float(angle.sign * Angle(text).deg) if len(parts) > 1 else angle.sign * parts[0]
