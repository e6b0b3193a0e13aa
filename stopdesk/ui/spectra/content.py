"""Loaded spectra on the screen: plots on the left, the list and the header of the chosen one on the right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from stopdesk.domain.loaded import LoadedSpectrum
from stopdesk.domain.spectrum import AxisKind, Spectrum
from stopdesk.ui import theme
from stopdesk.ui.grids.choices import Choice
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.quantity import Quantity
from stopdesk.ui.spectra.drawing import AxisChoice, Prepared, arrange, choices, frame_words, prepare
from stopdesk.ui.spectra.header_view import HeaderView
from stopdesk.ui.spectra.loaded_list import LoadedList
from stopdesk.ui.spectra.stack import Drawn, PlotStack
from stopdesk.ui.tasks import Task, Tasks

_NOTHING_TICKED = "No spectrum has a tick in the list on the right."
_NOTHING_DRAWN = "None of the ticked spectra can be drawn over this axis; the list on the right says why."


class SpectraContent(QWidget):
    """``open_wanted`` asks for more, ``remove_wanted(keys)`` to remove some, ``drawn`` says that the plots are new."""

    open_wanted = Signal()
    remove_wanted = Signal(object)
    drawn = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._loaded: dict[str, tuple[LoadedSpectrum, Spectrum]] = {}
        self._prepared: dict[str, Prepared] = {}
        self._prepared_for: AxisChoice | None = None
        self._under_way: Task | None = None
        self._zoom: list[list[float]] = []  # to be zoomed in on once what is loaded is drawn
        self.axis = Choice("Axis", "Axis that the spectra are drawn over")
        self.words = ElidedLabel()
        self.open_button = QPushButton("Open spectrum…")
        self.open_button.setToolTip("Load spectra from files; files can be dropped here, too")
        self.open_button.setAutoDefault(False)
        self.stack = PlotStack(notices=notices)
        self.list = LoadedList()
        self.header = HeaderView(notices=notices)
        self._lay_out()
        self.axis.changed.connect(self._draw)
        self.open_button.clicked.connect(self.open_wanted)
        self.list.ticked.connect(self._draw)
        self.list.selected.connect(self._show_header)
        self.list.remove_wanted.connect(self.remove_wanted)

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, theme.GRID // 2)
        strip.setSpacing(theme.GRID)
        self.axis.add_to(strip)
        strip.addWidget(self.words, 1)
        strip.addWidget(self.open_button)
        side = QSplitter(Qt.Orientation.Vertical)
        side.addWidget(self.list)
        side.addWidget(self.header)
        side.setChildrenCollapsible(False)
        across = QSplitter(Qt.Orientation.Horizontal)
        across.addWidget(self.stack)
        across.addWidget(side)
        across.setStretchFactor(0, 1)
        across.setChildrenCollapsible(False)
        across.setSizes([90 * theme.GRID, 48 * theme.GRID])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(strip)
        layout.addWidget(across, 1)

    # ---- what is loaded ------------------------------------------------------------------------------------------

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of what is loaded, in the order of the list."""
        return tuple(self._loaded)

    @property
    def selected(self) -> tuple[tuple[LoadedSpectrum, Spectrum], ...]:
        """The spectra that are selected in the list."""
        return tuple(self._loaded[key] for key in self.list.selected_keys if key in self._loaded)

    def add(self, loaded: Iterable[tuple[LoadedSpectrum, Spectrum]], *, hidden: Iterable[str] = ()) -> None:
        """Add spectra to the list, draw those that are not ``hidden``, and go to the last one."""
        kept_hidden = set(hidden)
        was_empty = not self._loaded
        last = ""
        for record, spectrum in loaded:
            self._loaded[record.key] = (record, spectrum)
            self.list.add(record, spectrum, is_shown=record.key not in kept_hidden)
            last = record.key
        self._offer_axes(own_first=was_empty)
        self.list.select(last)
        self._draw()

    def remove(self, keys: Iterable[str]) -> None:
        """Forget these spectra."""
        for key in keys:
            self._loaded.pop(key, None)
            self._prepared.pop(key, None)
            self.list.remove(key)
        self._offer_axes(own_first=False)
        self._draw()

    def clear(self) -> None:
        """Forget all of them."""
        self.list.clear()
        self.remove(list(self._loaded))
        self._prepared_for = None
        self._zoom = []

    def _offer_axes(self, *, own_first: bool) -> None:
        spectra = [spectrum for _, spectrum in self._loaded.values()]
        offered = choices(spectra)
        wanted = AxisChoice.read(self.axis.value())
        if spectra and (own_first or wanted not in offered):
            wanted = AxisChoice(spectra[0].axis_kind, spectra[0].usual_unit)
        self.axis.set_items([(each.title, each.key) for each in offered], wanted.key if wanted else "")

    def _show_header(self, key: str) -> None:
        record, spectrum = self._loaded.get(key, (None, None))
        self.header.show_header(spectrum, record.name if record is not None else "")

    # ---- how it is looked at -------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """Axis, ticks, choice and zoom, for the session."""
        return {
            "axis": self.axis.value(),
            "hidden": list(self.list.hidden),
            "chosen": self.list.current,
            "zoom": self._zoom or self.stack.zoom(),
        }

    def set_view_state(self, state: Mapping[str, Any]) -> None:
        """Look at what is loaded as ``view_state`` said; what does not fit is passed over."""
        axis = AxisChoice.read(state.get("axis"))
        if axis is not None:
            self.axis.set_value(axis.key)
        self.list.select(str(state.get("chosen", "")))
        self._zoom = _ranges(state.get("zoom"))
        self._draw()

    # ---- drawing -------------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Bring what is ticked to the axis, in a task, and draw it then; the newest wish wins."""
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None
        axis = AxisChoice.read(self.axis.value())
        if axis is None:
            self.stack.set_message("")
            return
        if axis != self._prepared_for:
            self._prepared, self._prepared_for = {}, axis
        ticked = self._ticked()
        wanted = [
            (key, spectrum) for key, spectrum in ticked if key not in self._prepared and not spectrum.why_not(axis.kind)
        ]
        if not wanted:
            self._show(axis, ticked)
            return

        def work(task: Task) -> dict[str, Prepared]:
            made = {}
            for key, spectrum in wanted:
                task.raise_if_cancelled()
                made[key] = prepare(spectrum, axis)
            return made

        def done(made: dict[str, Prepared]) -> None:
            self._under_way = None
            self._prepared.update(made)
            self._show(axis, ticked)

        self._under_way = self._tasks.start("Drawing spectra", work, done=done, failed=self._notices.fail)

    def _ticked(self) -> list[tuple[str, Spectrum]]:
        hidden = set(self.list.hidden)
        return [(key, spectrum) for key, (_, spectrum) in self._loaded.items() if key not in hidden]

    def _show(self, axis: AxisChoice, ticked: list[tuple[str, Spectrum]]) -> None:
        arrangement = arrange(ticked, axis)
        self.list.mark(arrangement.refused)
        shown = [spectrum for key, spectrum in ticked if key not in arrangement.refused]
        self.words.set_whole(_words(shown, axis, len(arrangement.refused)))
        if not shown:
            self.stack.set_message(_NOTHING_DRAWN if ticked else _NOTHING_TICKED)
        else:
            drawn = {
                key: Drawn(self._loaded[key][0].name, theme.curve_colour(self._loaded[key][0].colour), values)
                for key, values in self._prepared.items()
            }
            self.stack.show_groups(arrangement.groups, drawn, _quantity(shown, axis))
            self.stack.set_zoom(self._zoom)
            self._zoom = []
        self.drawn.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Write marks in the colours of another brightness."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "list") and self._loaded:
            self._draw()


def _frames(spectra: Iterable[Spectrum]) -> list[str]:
    return list(dict.fromkeys(frame_words(spectrum.frame) for spectrum in spectra))


def _quantity(spectra: list[Spectrum], axis: AxisChoice) -> Quantity:
    """The title of the axis: what it is, and in which frame."""
    name = str(axis.kind).capitalize()
    if axis.kind is AxisKind.CHANNEL:
        return Quantity(name)
    frames = _frames(spectra)
    return Quantity(f"{name}, {frames[0] if len(frames) == 1 else 'frames differ'}", axis.unit, short=name)


def _words(spectra: list[Spectrum], axis: AxisChoice, n_refused: int) -> str:
    """What has to be said of the plots as a whole."""
    words = []
    if axis.kind is not AxisKind.CHANNEL and len(_frames(spectra)) > 1:
        frames = ", ".join(_frames(spectra))
        words.append(f"Frames differ ({frames}): one place on the axis is not the same in all.")
    if n_refused:
        words.append(f"{n_refused} not drawn: the list says why.")
    return " ".join(words)


def _ranges(zoom: object) -> list[list[float]]:
    """The ranges of plots that a session says; none where it is damaged."""
    if not isinstance(zoom, list):
        return []
    ranges = [each for each in zoom if isinstance(each, list) and len(each) == 4]
    are_numbers = all(isinstance(end, (int, float)) for each in ranges for end in each)
    return ranges if are_numbers and len(ranges) == len(zoom) else []
