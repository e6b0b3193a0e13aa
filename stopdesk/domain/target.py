"""What is looked at: a position on the sky, a target with its name and who gave it, and which targets are the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from stopdesk.domain.job import Record

#: Targets closer than this, in arcsec, are asked about: they may be one.
NEAR = 5.0


class Position(Record):
    """A position in ICRS, in degrees."""

    ra: float = Field(ge=0.0, le=360.0)
    dec: float = Field(ge=-90.0, le=90.0)

    @property
    def sexagesimal(self) -> str:
        """Hours and degrees as they are read aloud: ``16:32:22.900 -24:28:36.00``."""
        hours = _sexagesimal(self.ra % 360.0 / 15.0, 3, wrap=24)
        return f"{hours} {'-' if self.dec < 0 else '+'}{_sexagesimal(abs(self.dec), 2)}"


def _sexagesimal(value: float, digits: int, *, wrap: int = 0) -> str:
    """The absolute value in three parts; what rounds to a full turn of ``wrap`` begins anew."""
    unit = 10**digits
    whole = round(value * 3600 * unit)
    seconds, whole = whole % (60 * unit), whole // (60 * unit)
    first = whole // 60 % wrap if wrap else whole // 60
    return f"{first:02d}:{whole % 60:02d}:{seconds / unit:0{digits + 3}.{digits}f}"


class Target(Record):
    """Something to look at. ``source`` is who gave the position (a resolver, a table, the user), ``date`` when.

    ``main_name`` and ``object_type`` are what a resolver calls it.
    """

    name: str
    position: Position
    source: str = ""
    date: datetime | None = None
    main_name: str = ""
    object_type: str = ""

    @property
    def key(self) -> str:
        """The same for the same name at the same place (0.01 arcsec), and stable."""
        name = " ".join(self.name.casefold().split())
        return f"{name}@{self.position.ra:.6f},{self.position.dec:.6f}"


def separation(ra: ArrayLike, dec: ArrayLike, other_ra: ArrayLike, other_dec: ArrayLike) -> NDArray[np.float64]:
    """The angle between positions in degrees, in arcsec, element by element; by Vincenty's formula, good everywhere."""
    lon, lat, other_lon, other_lat = (np.radians(np.asarray(each, float)) for each in (ra, dec, other_ra, other_dec))
    step = other_lon - lon
    across = np.hypot(
        np.cos(other_lat) * np.sin(step),
        np.cos(lat) * np.sin(other_lat) - np.sin(lat) * np.cos(other_lat) * np.cos(step),
    )
    along = np.sin(lat) * np.sin(other_lat) + np.cos(lat) * np.cos(other_lat) * np.cos(step)
    return np.asarray(np.degrees(np.arctan2(across, along)) * 3600.0, dtype=np.float64)


def near_duplicates(
    known: Sequence[Target], new: Sequence[Target], *, within: float = NEAR
) -> list[tuple[int, int, float]]:
    """Pairs of a new target and one that it may be the same as: their numbers and their distance in arcsec.

    The other one is counted through ``known`` and then ``new``, and stands before the new one there. ``within`` is in
    arcsec. Nearest first for each new target.
    """
    everyone = [*known, *new]
    ra = np.array([target.position.ra for target in everyone])
    dec = np.array([target.position.dec for target in everyone])
    order = np.argsort(dec, kind="stable")
    sorted_dec = dec[order]
    pairs = []
    for i in range(len(new)):
        place = len(known) + i
        margin = within / 3600.0 * (1 + 1e-9) + 1e-12
        first, last = np.searchsorted(sorted_dec, [dec[place] - margin, dec[place] + margin])
        others = np.sort(order[first:last])
        others = others[others < place]
        distances = separation(ra[place], dec[place], ra[others], dec[others])
        near = distances <= within
        found = sorted(zip(distances[near].tolist(), others[near].tolist(), strict=True))
        pairs += [(i, other, distance) for distance, other in found]
    return pairs


def parted(targets: Sequence[Target], *, within: float = NEAR) -> tuple[Target, ...]:
    """The targets that lie apart from each other: of those within ``within`` arcsec the first."""
    kept: list[Target] = []
    for target in targets:
        here = target.position
        if all(float(separation(here.ra, here.dec, other.position.ra, other.position.dec)) > within for other in kept):
            kept.append(target)
    return tuple(kept)
