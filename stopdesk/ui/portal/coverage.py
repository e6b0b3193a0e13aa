"""At which frequencies: ranges of observations as bars by portal, with the lines of a molecule above them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QFontMetricsF, QPainterPath

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.observation import lines_in_ranges, observed_frequencies
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.labels import LabelLayer, Labels
from stopdesk.ui.plots.quantity import Quantity, molecule_name, show_frequency, show_value
from stopdesk.ui.portal.axes import WavelengthAxis, wavelength_text, wavelength_unit
from stopdesk.ui.portal.marks import counted, faded, polygon_path
from stopdesk.ui.portal.marks_ranges import RangeScene
from stopdesk.ui.portal.ranges import RangesView, RangeWords
from stopdesk.ui.selection import Selection
from stopdesk.ui.tasks import Tasks
from stopdesk.vo.marks import ObservationMarks

Floats = NDArray[np.float64]

_WORDS = RangeWords(
    plot="Frequencies",
    axis=Quantity("Frequency", "GHz"),
    ends=("Lowest frequency", "Highest frequency"),
    unit="GHz",
    range_noun="frequency range",
    before="The frequencies of the observations that a search finds are shown here.",
    nowhere="None of these rows says at which frequency it was observed.",
)

#: Sticks stand below the names of their lines at the top of the plot, whatever is zoomed: their length in pixels.
_STICK = 20.0

#: So many lines in view are drawn down through the bars; more would hide them.
_MOST_THROUGH = 40

#: How many lines are named in the corner.
_MOST_NAMED = 4


class CoverageView(RangesView):
    """Observations over frequency, the lines of a molecule above them where the source shows them."""

    headroom = 0.2

    def __init__(self, *, tasks: Tasks, notices: Notices, selection: Selection) -> None:
        self._molecule: Molecule | None = None
        self._v_lsr = 0.0
        self._lines = np.empty(0)
        self._wavelengths = WavelengthAxis("top")
        axes = [self._wavelengths]
        super().__init__(_WORDS, may_be_log=True, axes=axes, tasks=tasks, notices=notices, selection=selection)
        self._wavelengths.setStyle(showValues=True)
        self._sticks, self._through = (pg.QtWidgets.QGraphicsPathItem() for _ in range(2))
        for item, height in ((self._through, 5), (self._sticks, 6)):
            item.setZValue(height)
            self.frame.view.addItem(item, ignoreBounds=True)
        self.labels = LabelLayer(self.frame)
        self._colour()

    def set_molecule(self, molecule: Molecule | None, v_lsr: float = 0.0) -> None:
        """Show the lines of a molecule as they are seen from a source of ``v_lsr`` in km/s; none for None."""
        self._molecule, self._v_lsr = molecule, v_lsr
        self._lines = np.empty(0) if molecule is None else observed_frequencies(molecule.frequency, v_lsr)
        self._say()
        self._draw_lines()

    def _facts(self) -> list[str]:
        words = super()._facts()
        if words and self._molecule is not None:
            words.append(f"lines of {molecule_name(self._molecule.name)} seen at v_LSR {show_value(self._v_lsr)} km/s")
        return words

    @property
    def line_frequencies(self) -> Floats:
        """Where the lines stand, in GHz; shape (lines,)."""
        return self._lines

    def _ranges(self, marks: ObservationMarks) -> tuple[Floats, Floats]:
        return marks.low / 1e9, marks.high / 1e9

    def _follow_view(self) -> None:
        super()._follow_view()
        self._draw_lines()

    def _draw_lines(self) -> None:
        scene = self.scene
        if scene is None:
            return
        (x0, x1), (y0, y1) = self.frame.view.viewRange()
        self._name_wavelengths(x0, x1)
        x = np.log10(self._lines) if scene.is_log else self._lines
        seen = np.flatnonzero((x >= x0) & (x <= x1)) if len(scene.index) else np.empty(0, np.int64)
        _, pixel = self._pixel()
        top = y1 - (QFontMetricsF(self.frame.font()).height() + 8.0) * pixel
        bottom = top - _STICK * pixel
        self._sticks.setPath(_uprights(x[seen], bottom, top))
        self._through.setPath(_uprights(x[seen], y0, bottom) if len(seen) <= _MOST_THROUGH else QPainterPath())
        if self._molecule is None or not len(seen):
            self.labels.show(Labels((), np.empty(0), np.empty(0), np.empty(0)))
            return
        names = self._molecule.transition_names
        ends = np.full(len(seen), top)
        # among lines that crowd each other the stronger ones are named
        self.labels.show(Labels([names[k] for k in seen], x[seen], ends, self._molecule.einstein_a[seen]))

    def _name_wavelengths(self, x0: float, x1: float) -> None:
        low, high = ((10.0**x if self._wavelengths.logMode else x) for x in (x0, x1))
        title = f"Wavelength ({wavelength_unit(low, high)[0]})"
        if self._wavelengths.labelText != title:
            self._wavelengths.setLabel(title)

    def _colour(self) -> None:
        super()._colour()
        if hasattr(self, "_sticks"):
            front = self.frame.colours.front
            self._sticks.setPen(pg.mkPen(front, width=1.5))
            self._through.setPen(pg.mkPen(faded(front, 90), width=1))

    # ---- what the corner says ------------------------------------------------------------------------------------

    def _where(self, x: float) -> str:
        words = f"{show_value(x, 7)} GHz" + (f"  ({wavelength_text(x)})" if x > 0 else "")
        places = np.log10(self._lines) if self._is_log else self._lines
        near = np.flatnonzero(np.abs(places - self._at(x)) <= self._near)
        return words + (f":  {self._named(near)}" if len(near) else "")

    @property
    def _is_log(self) -> bool:
        return self.scene is not None and self.scene.is_log

    @property
    def _near(self) -> float:
        """How close to a line one is on it, in view coordinates."""
        return 4.0 * self._pixel()[0]

    def _at(self, x: float) -> float:
        return float(np.log10(x)) if self._is_log and x > 0 else x

    def _about(self, scene: RangeScene, number: int) -> list[str]:
        low, high = (float(10.0 ** end[number] if scene.is_log else end[number]) for end in (scene.low, scene.high))
        words = [*super()._about(scene, number), f"{show_value(low, 7)} to {show_value(high, 7)} GHz"]
        if self._molecule is not None:
            found = lines_in_ranges([low], [high], self._molecule.frequency, v_lsr=self._v_lsr).of(0)
            words.append(self._named(found) if len(found) else f"no line of {molecule_name(self._molecule.name)}")
        return words

    def _named(self, lines: NDArray[np.intp]) -> str:
        """Lines of the molecule in words."""
        assert self._molecule is not None
        transitions = self._molecule.transition_names
        names = [f"{transitions[k]} at {show_frequency(self._lines[k])}" for k in lines[:_MOST_NAMED]]
        rest = f" and {counted(len(lines) - _MOST_NAMED, 'more', 'more')}" if len(lines) > _MOST_NAMED else ""
        return f"{molecule_name(self._molecule.name)} {', '.join(names)}{rest}"


def _uprights(x: Floats, bottom: float, top: float) -> QPainterPath:
    if not len(x):
        return QPainterPath()
    y = np.tile([bottom, top], len(x))
    return polygon_path(np.repeat(x, 2), y, np.arange(len(x) + 1, dtype=np.int64) * 2)
