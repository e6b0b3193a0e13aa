"""Labels at points of a plot, thinned so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QFontMetricsF

from stopdesk.ui.plots.frame import PlotFrame

#: What Qt leaves free on either side of a text, and a little more.
_MARGIN = 6.0

#: More labels than this in one view help nobody.
MOST = 40


@dataclass(frozen=True, eq=False)
class Labels:
    """Texts at points in view coordinates; those of higher ``weight`` are placed first."""

    texts: Sequence[str]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64]


def thin(boxes: Sequence[tuple[float, float, float, float]]) -> list[int]:
    """Which of the boxes (left, top, right, bottom) to show: each that covers none shown before it."""
    shown: list[int] = []
    for index, (left, top, right, bottom) in enumerate(boxes):
        if all(
            left >= boxes[k][2] or right <= boxes[k][0] or top >= boxes[k][3] or bottom <= boxes[k][1] for k in shown
        ):
            shown.append(index)
            if len(shown) == MOST:
                break
    return shown


class LabelLayer:
    """The labels at the ends of sticks in one plot; none covers another or is crossed by a longer stick.

    They are placed anew whenever the plot is zoomed, panned, resized or recoloured.
    """

    def __init__(self, frame: PlotFrame) -> None:
        self._frame = frame
        self._labels = Labels((), np.empty(0), np.empty(0), np.empty(0))
        self._items: list[pg.TextItem] = []
        self._placed: object = None
        frame.view.sigTransformChanged.connect(self.place)
        frame.recoloured.connect(self.place)

    @property
    def texts(self) -> list[str]:
        """The labels that are shown now."""
        return [item.toPlainText() for item in self._items if item.isVisible()]

    def show(self, labels: Labels) -> None:
        """Show these labels in the place of the old."""
        self._labels = labels
        self.place()

    def place(self) -> None:
        """Choose the labels that fit the present view, and put them above their points; nothing where they stand so."""
        view, labels = self._frame.view, self._labels
        (x0, x1), (y0, y1) = view.viewRange()
        width, height = view.width(), view.height()
        placed = (labels, x0, x1, y0, y1, width, height, self._frame.colours, self._frame.font())
        if placed == self._placed:
            return
        self._placed = placed
        inside = np.flatnonzero((labels.x >= x0) & (labels.x <= x1) & (labels.y >= y0) & (labels.y <= y1))
        inside = inside[np.argsort(-labels.weight[inside], kind="stable")][: 5 * MOST]
        metrics = QFontMetricsF(self._frame.font())
        dx, dy = (x1 - x0) / width, (y1 - y0) / height
        boxes, texts = [], []
        for index in map(int, inside):
            x, y = (labels.x[index] - x0) / dx, (y1 - labels.y[index]) / dy
            half = metrics.horizontalAdvance(labels.texts[index]) / 2 + _MARGIN
            if 2 * half > width:
                continue
            x = min(max(x, half), width - half)
            top = y + 2.0 if labels.y[index] < 0 else y - metrics.height() - 4.0
            crossing = np.abs((labels.x - x0) / dx - x) < half
            crossing[index] = False
            higher = labels.y < labels.y[index] if labels.y[index] < 0 else labels.y > labels.y[index]
            if not np.any(crossing & higher):
                boxes.append((x - half, top, x + half, top + metrics.height() + 2.0))
                texts.append(labels.texts[index])
        inside_frame = [k for k, box in enumerate(boxes) if box[1] >= 0 and box[3] <= height]
        chosen = [inside_frame[k] for k in thin([boxes[k] for k in inside_frame])]
        self._draw([(texts[k], boxes[k]) for k in chosen], (x0, y1, dx, dy))

    def make_room(self, n_labels: int) -> None:
        """Have items for so many labels."""
        while len(self._items) < n_labels:
            item = pg.TextItem(anchor=(0.5, 1.0))
            item.hide()
            self._frame.view.addItem(item, ignoreBounds=True)
            self._items.append(item)

    def _draw(
        self, placed: list[tuple[str, tuple[float, float, float, float]]], scale: tuple[float, float, float, float]
    ) -> None:
        x0, y1, dx, dy = scale
        self.make_room(len(placed))
        for item, (text, box) in zip(self._items, placed, strict=False):
            item.setFont(self._frame.font())
            item.setText(text, color=self._frame.colours.front)
            item.setPos(x0 + (box[0] + box[2]) / 2 * dx, y1 - (box[3] + 2) * dy)
            item.setVisible(True)
        for item in self._items[len(placed) :]:
            item.setVisible(False)
