"""The spectrum of one row of a result: all lines as sticks, each as its profile where zoomed, one against velocity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from stopdesk.domain.result import ModelResult
from stopdesk.engines.radiation import LIGHT_SPEED
from stopdesk.engines.synthesis import LineProfile, line_profile, profile_width
from stopdesk.ui import theme
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.curves import Curve
from stopdesk.ui.plots.export import PlotTable
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.labels import LabelLayer, Labels
from stopdesk.ui.plots.legend import Entry
from stopdesk.ui.plots.plain import plain_label
from stopdesk.ui.plots.quantity import Quantity, molecule_name, show_value
from stopdesk.ui.row_selection import Ints
from stopdesk.ui.spectra.overlay import Overlay, look, overlay_of

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
_Profiles = dict[int, LineProfile]

#: A line that is that many points wide on the screen is drawn as its profile.
_RESOLVED = 8

#: Lines fainter than this part of the strongest are left of the whole view, if they lie at its ends.
_FAINT = 1e-3

_FREQUENCY = Quantity("Rest frequency", "GHz", short="Frequency")
_HEIGHTS = {
    "peak_temperature": Quantity("Peak temperature", "K", short="T_peak"),
    "integrated_intensity": Quantity("Integrated intensity", "K km/s", short="∫T dv"),
}
_PROFILE = Quantity("Temperature above background", "K", short="T − T_bg")


def significant_range(frequency: FloatArray, height: FloatArray) -> tuple[float, float]:
    """From the first to the last frequency whose height matters, with a margin."""
    size = np.where(np.isfinite(height), np.abs(height), 0.0)
    matter = frequency[size >= _FAINT * size.max()] if size.size and size.max() > 0 else frequency
    low, high = (float(matter.min()), float(matter.max())) if matter.size else (0.0, 1.0)
    margin = 0.06 * (high - low) or 0.06 * high or 1.0
    return max(0.0, low - margin), high + margin


def height_range(height: FloatArray) -> tuple[float, float]:
    """From zero, or the deepest absorption, to the highest line, with room for labels on either side."""
    finite = height[np.isfinite(height)]
    low, high = min(0.0, float(finite.min(initial=0.0))), max(0.0, float(finite.max(initial=0.0)))
    if low == high:
        return -0.05, 1.0
    below = 0.16 if low < -0.05 * high else 0.04
    return low - below * (high - low), high + 0.16 * (high - low)


def _in_one(profiles: Sequence[LineProfile]) -> tuple[FloatArray, FloatArray]:
    """Frequencies and temperatures of several profiles as one curve with gaps."""
    gap = np.array([np.nan])
    across = np.concatenate([part for profile in profiles for part in (profile.frequency, gap)])
    return across, np.concatenate([part for profile in profiles for part in (profile.temperature, gap)])


class SpectrumPlot(QWidget):
    """Sticks and profiles of the chosen row, and behind them those of the other selected rows.

    ``line_chosen`` gives the line that the user picked here.
    """

    line_chosen = Signal(int)

    def __init__(self, *, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._result: ModelResult | None = None
        self._row = self._line = 0
        self._v_lsr: float | None = None
        self._overlay = Overlay()
        self.frame = PlotFrame("Spectrum", notices=notices)
        self.labels = LabelLayer(self.frame)
        self.view_choice = _choice(
            "Horizontal axis", [("All lines, frequency", "frequency"), ("One line, velocity", "v")]
        )
        self.height_choice = _choice("Height of lines", [(q.name, name) for name, q in _HEIGHTS.items()])
        self.zoom_button = QPushButton("Zoom to line")
        self.zoom_button.setToolTip("Zoom in on the chosen line until its profile is resolved")
        self._caption = plain_label()
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._caption.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self.view_choice.currentIndexChanged.connect(self._draw)
        self.height_choice.currentIndexChanged.connect(self._draw)
        self.zoom_button.clicked.connect(self.zoom_to_line)
        self.frame.clicked.connect(self._pick)
        self.frame.view.sigRangeChanged.connect(self._follow_zoom)
        self._resolved: tuple[int, ...] = ()
        self._drawing = False
        self._show_plot(False)
        self.frame.make_room(3)
        self.labels.make_room(12)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.addWidget(self.view_choice)
        strip.addWidget(self.height_choice)
        strip.addWidget(self.zoom_button)
        strip.addWidget(self._caption, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, 0)
        layout.setSpacing(theme.GRID // 2)
        layout.addLayout(strip)
        layout.addWidget(self.frame, 1)

    @property
    def is_velocity(self) -> bool:
        """Whether one line is shown against velocity."""
        return bool(self.view_choice.currentData() == "v")

    @property
    def caption(self) -> str:
        """What the words above the plot say."""
        return self._caption.text()

    @property
    def resolved(self) -> tuple[int, ...]:
        """The lines that are drawn as profiles now."""
        return self._resolved

    def show_row(
        self, result: ModelResult, row: int, line: int, v_lsr: float | None, selected: Ints | None = None
    ) -> None:
        """Show the row, with one of its lines chosen, and the other selected rows (ascending) behind it.

        A new result starts with the whole view.
        """
        if result is not self._result:
            self.frame.zoomed = False
            self._show_plot(True)
        self._result, self._row, self._line, self._v_lsr = result, row, line, v_lsr
        self._overlay = overlay_of(result, row, np.array([row]) if selected is None else selected)
        self._draw()

    def view_state(self) -> dict[str, str | int]:
        """What is chosen here."""
        return {
            "spectrum_axis": str(self.view_choice.currentData()),
            "spectrum_height": str(self.height_choice.currentData()),
        }

    def set_view_state(self, state: Mapping[str, object]) -> None:
        """Choose, before anything is drawn, what a state says as far as it is possible."""
        for box, name in ((self.view_choice, "spectrum_axis"), (self.height_choice, "spectrum_height")):
            index = box.findData(state.get(name))
            if index >= 0:
                with QSignalBlocker(box):
                    box.setCurrentIndex(index)

    def _show_plot(self, on: bool) -> None:
        """Axes from 0 to 1 say nothing: before the first result there are none."""
        self.frame.canvas.setVisible(on)
        for widget in (self.view_choice, self.height_choice, self.zoom_button):
            widget.setEnabled(on)

    def zoom_to_line(self) -> None:
        """Show the chosen line, resolved, with as much again beside it."""
        if self._result is None or self.is_velocity or not self._overlay.rows:
            return
        profiles = [line_profile(self._result, row, self._line) for row in self._overlay.rows]
        low, high = (float(end(profiles[0].frequency)) for end in (np.min, np.max))
        margin = 0.25 * (high - low)
        heights = height_range(np.concatenate([profile.temperature for profile in profiles]))
        self.frame.view.setRange(xRange=(low - margin, high + margin), yRange=heights, padding=0)
        self.frame.zoomed = True

    # ---- drawing -------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if self._result is None:
            return
        self.height_choice.setEnabled(not self.is_velocity)
        reason = self._why_empty()
        self.zoom_button.setEnabled(not self.is_velocity and not reason)
        self._caption.setText(self._words())
        self.frame.set_message(reason)
        if reason:
            self._resolved = ()
            self.frame.show_curves([])
            self.labels.show(Labels((), np.empty(0), np.empty(0), np.empty(0)))
        elif self.is_velocity:
            self._draw_velocity()
        else:
            self._draw_sticks()
        self._show_legend()

    def _why_empty(self) -> str:
        """Why there is nothing to draw; empty when there is something."""
        assert self._result is not None
        if not self._result.n_lines:
            return "This result has no lines."
        if self._overlay.rows:
            return ""
        if self._result.n_rows == 1:
            return "This model did not converge: there is no spectrum of it."
        if self._overlay.n_selected > 1:
            return "None of the selected rows converged: there is no spectrum of them. Choose other rows."
        return f"Row {self._row + 1} did not converge: there is no spectrum of it. Choose another row."

    def _words(self) -> str:
        assert self._result is not None
        transitions, outputs = self._result.transitions, self._result.outputs
        if not len(transitions):
            return ""
        line = f"{molecule_name(self._result.molecule)} {transitions.transition[self._line]}"
        row = f"Row {self._row + 1}, " if self._result.n_rows > 1 else ""
        words = f"{row}{line} at {transitions.frequency[self._line]:.6f} GHz"
        depth = float(outputs["optical_depth"][self._row, self._line])
        words += f", τ {show_value(depth, 3)}" if np.isfinite(depth) else ""
        return f"{words}. {self._overlay.words}." if self._overlay.words else words

    def _show_legend(self) -> None:
        """Say which row is which, where there are several."""
        overlay, sticks = self._overlay, not self.is_velocity
        entries = []
        for (_, colour, variant, is_chosen), name in zip(self._rows_from_below(), overlay.names[::-1], strict=True):
            second = theme.curve_colour(1) if is_chosen else None  # the colour of the chosen line
            entries.append(Entry(name, colour, points=sticks and not is_chosen, variant=variant, second=second))
        self.frame.legend.show_entries(entries[::-1] if len(entries) > 1 else [])

    def _rows_from_below(self) -> Iterator[tuple[int, QColor, int, bool]]:
        """The rows to draw, the chosen one last and so on top: row, colour, its variant, whether it is that one."""
        others = [row for row in self._overlay.rows if row != self._row]
        for number in range(len(others) - 1, -1, -1):
            yield others[number], *look(number), False
        if len(others) < len(self._overlay.rows):
            yield self._row, theme.curve_colour(1 if self.is_velocity else 0), 0, True

    def _heights(self) -> tuple[Quantity, FloatArray]:
        """What is drawn of every row, shape (rows, lines)."""
        assert self._result is not None
        name = self.height_choice.currentData()
        return _HEIGHTS[name], np.asarray(self._result.outputs[name][list(self._overlay.rows)], dtype=np.float64)

    def _draw_sticks(self) -> None:
        assert self._result is not None
        quantity, heights = self._heights()
        frequency = self._result.transitions.frequency
        farthest = np.abs(np.nan_to_num(heights)).argmax(axis=0)
        ends = heights[farthest, np.arange(len(frequency))]  # of the longest stick of each line
        self.frame.subject = quantity.name
        self.frame.set_axes(_FREQUENCY, quantity)
        self._drawing = True  # all is drawn below, whether the home view is another or not
        self.frame.set_home(significant_range(frequency, ends), height_range(heights))
        self._drawing = False
        self._resolved = self._wide_lines()
        self._draw_curves(quantity, heights)
        weight = np.abs(ends)
        weight[self._line] = np.inf  # the chosen line is named if any is
        self.labels.show(Labels(self._result.transitions.transition, frequency, ends, weight))

    def _draw_curves(self, quantity: Quantity, heights: FloatArray) -> None:
        """Draw sticks, or profiles of the lines that are wide enough, of all rows."""
        assert self._result is not None
        frequency = self._result.transitions.frequency
        sticks = np.ones(len(frequency), dtype=bool)
        sticks[list(self._resolved)] = False
        across = np.array([0.0, 2.0 * float(frequency.max())])
        curves = [Curve("", across, np.zeros(2), self.frame.colours.quiet, width=1.0)]
        profiles = self._profiles()
        for row, colour, variant, is_chosen in self._rows_from_below():
            height = heights[self._overlay.rows.index(row)]
            if is_chosen:
                curves += self._chosen_curves(sticks, height, profiles[row])
                continue
            at, ends = frequency[sticks], height[sticks]
            curves.append(Curve("", at, ends, colour, sticks=True, width=1.0, variant=variant))
            curves.append(Curve("", at, ends, colour, points=True, width=0.0, variant=variant))
            if profiles[row]:
                curves.append(Curve("", *_in_one(list(profiles[row].values())), colour, width=1.5, variant=variant))
        self.frame.show_curves(curves, tables=self._tables(quantity, heights, profiles))

    def _chosen_curves(self, sticks: BoolArray, height: FloatArray, profiles: _Profiles) -> list[Curve]:
        """The chosen row, with the chosen line in a colour of its own."""
        assert self._result is not None
        frequency, curves = self._result.transitions.frequency, []
        chosen = np.zeros(len(frequency), dtype=bool)
        chosen[self._line] = True
        for mask, colour in ((sticks & ~chosen, theme.curve_colour(0)), (sticks & chosen, theme.curve_colour(1))):
            curves.append(Curve("", frequency[mask], height[mask], colour, sticks=True, width=2.0))
        others = [profile for line, profile in profiles.items() if line != self._line]
        curves += [Curve("", *_in_one(others), theme.curve_colour(0))] if others else []
        if self._line in profiles:
            curves.append(Curve("", *_in_one([profiles[self._line]]), theme.curve_colour(1)))
        return curves

    def _profiles(self) -> dict[int, _Profiles]:
        """The profiles of the resolved lines, by row and line."""
        assert self._result is not None
        n = 401 if len(self._overlay.rows) == 1 else 101
        result, lines = self._result, self._resolved
        return {row: {line: line_profile(result, row, line, n=n) for line in lines} for row in self._overlay.rows}

    def _tables(self, quantity: Quantity, heights: FloatArray, profiles: Mapping[int, _Profiles]) -> list[PlotTable]:
        """The numbers of all rows that are drawn, for the export."""
        assert self._result is not None
        headers = self._overlay.headers
        tables = [PlotTable("", ((_FREQUENCY, self._result.transitions.frequency),))]
        tables += [PlotTable(header, ((quantity, height),)) for header, height in zip(headers, heights, strict=True)]
        for row, header in zip(self._overlay.rows, headers, strict=True):
            for line, profile in profiles[row].items():
                columns = ((_FREQUENCY, profile.frequency), (Quantity("Temperature", "K"), profile.temperature))
                tables.append(PlotTable(self._name(line, header), columns))
        return tables

    def _name(self, line: int, header: str = "") -> str:
        assert self._result is not None
        name = f"{molecule_name(self._result.molecule)} {self._result.transitions.transition[line]}"
        return f"{name}, {header}" if header else name

    def _draw_velocity(self) -> None:
        """Draw the chosen line of all rows."""
        assert self._result is not None
        centre = self._v_lsr or 0.0
        name = "Velocity from the line's centre" if self._v_lsr is None else "v_LSR"
        profiles = {row: line_profile(self._result, row, self._line) for row in self._overlay.rows}
        velocity = {row: profile.velocity + centre for row, profile in profiles.items()}
        self.frame.subject = self._result.transitions.transition[self._line]
        self.frame.set_axes(Quantity(name, "km/s", short="Velocity"), _PROFILE)
        home = min(float(v.min()) for v in velocity.values()), max(float(v.max()) for v in velocity.values())
        self.frame.set_home(home, height_range(np.concatenate([each.temperature for each in profiles.values()])))
        curves = [Curve("", np.array([-1e4, 1e4]) + centre, np.zeros(2), self.frame.colours.quiet, width=1.0)]
        for row, colour, variant, _ in self._rows_from_below():
            curves.append(Curve("", velocity[row], profiles[row].temperature, colour, variant=variant))
        tables = []
        for row, header in zip(self._overlay.rows, self._overlay.headers, strict=True):
            columns = (
                (Quantity(name, "km/s"), velocity[row]),
                (Quantity("Temperature", "K"), profiles[row].temperature),
            )
            tables.append(PlotTable(self._name(self._line, header), columns))
        self.frame.show_curves(curves, tables=tables)
        self.labels.show(Labels((), np.empty(0), np.empty(0), np.empty(0)))

    def _wide_lines(self) -> tuple[int, ...]:
        """The lines in view that are wide enough on the screen to show their shape."""
        if self._result is None or self.height_choice.currentData() != "peak_temperature":
            return ()
        frequency = self._result.transitions.frequency
        (low, high), _ = self.frame.view.viewRange()
        width = frequency * profile_width(self._result, self._row) * 1e3 / LIGHT_SPEED
        wide = width / (high - low) * max(1.0, self.frame.view.width()) >= _RESOLVED
        seen = (frequency + 3 * width >= low) & (frequency - 3 * width <= high)
        return tuple(int(line) for line in np.flatnonzero(wide & seen)[:50])

    def _follow_zoom(self) -> None:
        if self._result is None or self._drawing or self.is_velocity or self._why_empty():
            return
        wide = self._wide_lines()
        if wide != self._resolved:
            self._resolved = wide
            self._draw_curves(*self._heights())

    def _pick(self, x: float, _: float) -> None:
        if self._result is None or self.is_velocity or not self._result.n_lines:
            return
        frequency = self._result.transitions.frequency
        (low, high), _view = self.frame.view.viewRange()
        nearest = int(np.argmin(np.abs(frequency - x)))
        if abs(frequency[nearest] - x) <= 0.02 * (high - low):
            self.line_chosen.emit(nearest)


def _choice(name: str, items: list[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    for text, data in items:
        box.addItem(text, data)
    return box
