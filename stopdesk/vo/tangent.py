"""The sky on a plane that touches it at one point, and steps along great circles.

The gnomonic projection (TAN): Calabretta & Greisen 2002, A&A 395, 1077, section 5.1.3. Great circles are straight lines
in it, so polygons are what their corners are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: The cosine of the greatest angle from the centre that is drawn: 89.9 degrees, as 90 lie at infinity.
_HORIZON = 1.7e-3


@dataclass(frozen=True)
class TangentPlane:
    """The plane that touches the sky at ``ra``, ``dec`` in degrees."""

    ra: float
    dec: float

    def project(self, ra: ArrayLike, dec: ArrayLike) -> tuple[Floats, Floats]:
        """Offsets to the East and to the North in degrees; NaN for what lies 90 degrees or more from the centre."""
        east, north, towards = self._directions(np.radians(np.asarray(ra, float)), np.radians(np.asarray(dec, float)))
        seen = towards > _HORIZON
        scale = np.degrees(np.divide(1.0, towards, out=np.full(np.shape(towards), np.nan), where=seen))
        return np.asarray(east * scale, dtype=np.float64), np.asarray(north * scale, dtype=np.float64)

    def _directions(self, ra: Floats, dec: Floats) -> tuple[Floats, Floats, Floats]:
        """Direction cosines to the East, to the North and towards the centre."""
        step, at = ra - np.radians(self.ra), np.radians(self.dec)
        cos_dec, sin_dec = np.cos(dec), np.sin(dec)
        along = cos_dec * np.cos(step)
        east = cos_dec * np.sin(step)
        north = np.cos(at) * sin_dec - np.sin(at) * along
        return east, north, np.sin(at) * sin_dec + np.cos(at) * along

    def unproject(self, east: ArrayLike, north: ArrayLike) -> tuple[Floats, Floats]:
        """Right ascension (0 to 360) and declination in degrees of a point of the plane given in degrees."""
        x, y, at = np.radians(np.asarray(east, float)), np.radians(np.asarray(north, float)), np.radians(self.dec)
        # the direction in the frame of the pole, of any length
        along, across, up = np.cos(at) - y * np.sin(at), x, np.sin(at) + y * np.cos(at)
        ra = (self.ra + np.degrees(np.arctan2(across, along))) % 360.0
        return np.asarray(ra, dtype=np.float64), np.asarray(np.degrees(np.arctan2(up, np.hypot(across, along))))


def stepped(ra: ArrayLike, dec: ArrayLike, angle: ArrayLike, bearing: ArrayLike) -> tuple[Floats, Floats]:
    """Where one comes to from a position by a step along a great circle; all in degrees, arrays broadcast.

    ``bearing`` is counted from the North through the East.
    """
    lon, lat, arc, turn = (np.radians(np.asarray(each, float)) for each in (ra, dec, angle, bearing))
    up = np.sin(lat) * np.cos(arc) + np.cos(lat) * np.sin(arc) * np.cos(turn)
    across = np.sin(turn) * np.sin(arc)
    along = np.cos(arc) * np.cos(lat) - np.sin(lat) * np.sin(arc) * np.cos(turn)
    new_ra = np.degrees(lon + np.arctan2(across, along)) % 360.0
    return np.asarray(new_ra), np.asarray(np.degrees(np.arctan2(up, np.hypot(across, along))))
