"""The colours of a plot: on the window's light or dark ground, and on white for print."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from stopdesk.ui import theme


@dataclass(frozen=True)
class PlotColours:
    """Ground, axes and text, what says little, and the fill of map cells that hold no number."""

    back: QColor
    front: QColor
    quiet: QColor
    hole: QColor


PRINT = PlotColours(QColor("#ffffff"), QColor("#000000"), QColor("#5f6b76"), QColor("#c8c8c8"))


def window_colours() -> PlotColours:
    """The colours that go with the window's palette."""
    palette = QGuiApplication.palette()
    return PlotColours(
        back=palette.color(QPalette.ColorRole.Base),
        front=palette.color(QPalette.ColorRole.Text),
        quiet=theme.quiet_colour(),
        hole=QColor("#4a4a4a") if theme.is_dark() else QColor("#c8c8c8"),
    )


def map_colours(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Viridis over ``low`` to ``high`` as RGBA of shape (..., 4); what is not finite is transparent."""
    table = pg.colormap.get("viridis").getLookupTable(nPts=256, alpha=True)
    finite = np.isfinite(values)
    span = high - low
    scaled = (np.where(finite, values, low) - low) / span if span > 0 else np.full(values.shape, 0.5)
    image = np.asarray(table[np.clip(scaled * 255.999, 0, 255).astype(np.intp)], dtype=np.uint8)
    image[~finite] = 0
    return image
