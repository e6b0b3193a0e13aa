"""What Aladin is told to draw: outlines and circles on the sky, in its script language.

The commands are those of Aladin's manual of scripts (aladin.cds.unistra.fr, version 12), section "Graphic tool".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from stopdesk.samp.messages import ascii_text

Floats = NDArray[np.float64]

#: More outlines than these are not drawn one by one.
MOST_OUTLINES = 500


def circle_script(name: str, ra: float, dec: float, radius: float) -> str:
    """A circle in a plane called ``name``; position and radius in degrees (ICRS)."""
    return "\n".join([*_plane(name), f"draw circle({ra:.7f},{dec:.7f},{radius * 60:.6g}')"])


def ellipse_script(name: str, ra: float, dec: float, axes: tuple[float, float], angle: float) -> str:
    """An ellipse in a plane called ``name``: position and half axes (major, minor) in degrees.

    ``angle`` is that of the major axis, in degrees from the North through the East.
    """
    major, minor = (f"{axis * 60:.6g}'" for axis in axes)
    return "\n".join([*_plane(name), f"draw ellipse({ra:.7f},{dec:.7f},{minor},{major},{angle:.4g})"])


def outlines_script(name: str, outlines: Iterable[tuple[Floats, Floats]]) -> str:
    """Closed outlines in one plane called ``name``, each as right ascensions and declinations in degrees (ICRS)."""
    return "\n".join([*_plane(name), *(_polygon(ra.tolist(), dec.tolist()) for ra, dec in outlines)])


def _plane(name: str) -> list[str]:
    plain = "".join(each if each.isalnum() or each in " .+-_" else " " for each in ascii_text(name))
    return [f'draw newtool("{" ".join(plain.split())[:60] or "stopdesk"}")', "draw mode(RADEC)"]


def _polygon(ra: Sequence[float], dec: Sequence[float]) -> str:
    numbers = (f"{x % 360.0:.7f},{y:.7f}" for x, y in zip(ra, dec, strict=True))
    return f"draw polygon({','.join(numbers)})"
