"""How rows look in every plot: a colour and a shape a portal, one for what is selected, words in little room."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QPainterPath

_SYMBOLS = ("o", "s", "t1", "d", "star", "p", "t")
#: Okabe & Ito's (2008) vermillion, which no portal has.
_SELECTED = "#D55E00"


def portal_symbol(index: int) -> str:
    """The shape of its positions, as pyqtgraph calls it; colour and shape together tell 42 portals apart."""
    return _SYMBOLS[index % len(_SYMBOLS)]


def selected_colour() -> QColor:
    """The colour of what is selected."""
    return QColor(_SELECTED)


def faded(colour: QColor, alpha: int) -> QColor:
    """The colour, let through."""
    out = QColor(colour)
    out.setAlpha(alpha)
    return out


def shortened(text: str, most: int = 60) -> str:
    """A text of at most so many letters, its middle left out: both ends of an identifier tell something."""
    if len(text) <= most:
        return text
    front = (most - 1) * 2 // 3
    return f"{text[:front]}…{text[len(text) - (most - 1 - front) :]}"


def counted(n: int, noun: str, plural: str = "") -> str:
    """``1 row``, ``12,345 rows``."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}"


def polygon_path(x: NDArray[np.float64], y: NDArray[np.float64], first: NDArray[np.int64]) -> QPainterPath:
    """Outlines as one path: corners of outline n are ``first[n]:first[n + 1]``."""
    connect = np.ones(len(x), dtype=np.int32)
    connect[first[1:] - 1] = 0
    return QPainterPath(pg.arrayToQPath(x, y, connect=connect, finiteCheck=False))
