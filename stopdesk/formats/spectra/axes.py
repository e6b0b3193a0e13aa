"""A spectral axis as a file gives it, and what is raised where a file gives none that is understood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.spectrum import AxisKind

FloatArray = NDArray[np.float64]


class UnclearError(Exception):
    """The unit of a file is no spectrum that is understood; the text says why, as half a sentence."""


@dataclass(frozen=True, eq=False)
class Axis:
    """A spectral axis; ``scale`` is one of its unit in SI."""

    values: FloatArray
    kind: AxisKind
    unit: str
    scale: float
    frame: str = ""
    rest_frequency: float | None = None
    notes: tuple[str, ...] = ()
