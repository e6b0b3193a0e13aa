"""The live preview: the middle row of the grid, computed on this machine while the astronomer types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.grid import Grid
from stopdesk.domain.parameter import Parameter, Value
from stopdesk.domain.result import ModelResult
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import StopdeskError
from stopdesk.ui import theme
from stopdesk.ui.forms import reading
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Words
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks

if TYPE_CHECKING:
    from stopdesk.ui.forms.preview_engine import PreviewEngine
    from stopdesk.ui.spectra.spectrum import SpectrumPlot

#: Typing pauses that long before a row is computed, in milliseconds.
_PAUSE_MS = 150

#: So many of the strongest lines stand in the table.
_STRONGEST = 3

_COLUMNS = ("Line", "GHz", "T_ex / K", "τ", "T_peak / K")


@dataclass(frozen=True, eq=False)
class Question:
    """What a preview is asked for: the values of a form without problems, and its files."""

    spec: ModelSpec
    values: Mapping[str, Value]
    files: Mapping[str, Path]

    @property
    def axis_names(self) -> tuple[str, ...]:
        """The parameters that are axes."""
        return Grid.of(self.values).axis_names

    def middle_request(self) -> dict[str, str]:
        """The request of the middle row."""
        grid = Grid.of(self.values)
        return self.spec.request(grid.row(grid.middle_row()))


def strongest_lines(result: ModelResult) -> list[int]:
    """The lines of the first row that are brightest or darkest against the background, strongest first."""
    peak = np.abs(result.outputs["peak_temperature"][0])
    order = np.argsort(np.where(np.isfinite(peak), peak, -1.0), kind="stable")[::-1]
    return [int(line) for line in order[:_STRONGEST] if np.isfinite(peak[line])]


class Preview(QFrame):
    """Asked again with every change of the form; the newest question wins. ``computed`` brings each result shown."""

    computed = Signal(object)
    _told = Signal(int, str)

    def __init__(
        self,
        *,
        tasks: Tasks,
        notices: Notices,
        engine: PreviewEngine,
        v_lsr: Callable[[], float | None] = lambda: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._engine = engine
        self._v_lsr = v_lsr
        self._question: Question | None = None
        self._asked = 0
        self._under_way = 0
        self._task: Task | None = None
        self._result: ModelResult | None = None
        self.plot: SpectrumPlot | None = None
        self._plot_asked = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._start)
        self._told.connect(self._hear)
        self._lay_out()

    def _lay_out(self) -> None:
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.title = QLabel("Preview, computed here")
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.row_words = QLabel()
        self.row_words.setWordWrap(True)
        self.status = Words()
        self.status.setAccessibleName("State of the preview")
        self._plot_place = QVBoxLayout()
        self._plot_place.setContentsMargins(0, 0, 0, 0)
        self.table = QTableWidget(_STRONGEST, len(_COLUMNS))
        self.table.setAccessibleName("Strongest lines of the preview")
        self.table.setHorizontalHeaderLabels(list(_COLUMNS))
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + theme.GRID)
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + _STRONGEST * self.table.rowHeight(0) + 2 * self.table.frameWidth())
        self.table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.table.itemSelectionChanged.connect(self._line_picked)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, 4, theme.GRID, theme.GRID)
        column.setSpacing(6)
        column.addWidget(self.title)
        column.addWidget(self.row_words)
        column.addLayout(self._plot_place, 1)
        column.addWidget(self.table)
        column.addWidget(self.status)
        self._filler = QWidget()
        self._plot_place.addWidget(self._filler, 1)

    @property
    def result(self) -> ModelResult | None:
        """The result on show."""
        return self._result

    def ask(self, question: Question) -> None:
        """Compute the middle row once typing pauses."""
        self._question = question
        self._asked += 1
        if self._result is None:
            self._say("Computing…")
        self._pause.start()

    def hold(self, reason: str) -> None:
        """Compute nothing now; for a reason that lasts, what is on show is no longer right and says so."""
        self._question = None
        self._asked += 1
        self._pause.stop()
        if reason:
            self._pale(True)
            self._say(reason)

    def showEvent(self, event: QShowEvent) -> None:
        """Build the plot after the first paint: its library is the slowest to import, so a thread does that."""
        super().showEvent(event)
        if not self._plot_asked:
            self._plot_asked = True
            self._tasks.start("Loading the plots", _import_plot, done=self._build_plot, queue_name="plots", quiet=True)

    def _build_plot(self, _: object) -> None:
        from stopdesk.ui.spectra.spectrum import SpectrumPlot

        self.plot = SpectrumPlot(notices=self._notices)
        self.plot.height_choice.hide()  # the preview is narrow
        self._filler.hide()
        self._plot_place.addWidget(self.plot, 1)
        self._draw()

    def _start(self) -> None:
        question = self._question
        if question is None or self._task is not None:  # the one under way starts the next when it ends
            return
        number = self._under_way = self._asked

        def work(task: Task) -> ModelResult:
            return self._engine.compute(
                question.spec.name,
                question.middle_request(),
                question.files,
                told=lambda text: self._told.emit(number, text),
                cancelled=lambda: task.cancelled,
            )

        self._task = self._tasks.start(
            "Preview",
            work,
            done=lambda result: self._arrive(number, question, result),
            failed=lambda error: self._fail(number, error),
            queue_name="preview",
            width=1,
            quiet=True,
        )

    def _is_newest(self, number: int) -> bool:
        """Whether an outcome is still wanted; if not, the newest question takes its turn."""
        self._task = None
        if number == self._asked:
            return True
        if not self._pause.isActive():
            self._start()
        return False

    def _arrive(self, number: int, question: Question, result: ModelResult) -> None:
        if not self._is_newest(number):
            return
        self._result = result
        axes = question.axis_names
        self.title.setText("Preview: middle row, computed here" if axes else "Preview, computed here")
        told = [
            f"{parameter.label} {reading.label_of_value(parameter, result.values[parameter.name])}"
            for parameter in question.spec.parameters
            if (parameter.name in axes if axes else _is_condition(parameter, result))
        ]
        self.row_words.setText(f"{result.molecule}:  " + ",  ".join(told))
        self._pale(False)
        self._say(" ".join(result.notes))
        self._draw()
        self.computed.emit(result)

    def _fail(self, number: int, error: StopdeskError) -> None:
        if self._is_newest(number):
            self._pale(True)
            self._say(str(error), problem=True)

    def _hear(self, number: int, text: str) -> None:
        if number == self._under_way and self._task is not None:
            self._say(text)

    def _say(self, text: str, *, problem: bool = False) -> None:
        self.status.set_problem(problem)
        self.status.setText(f"{PROBLEM_SIGN} {text}" if problem else text)
        self.status.setVisible(bool(text))

    def _pale(self, pale: bool) -> None:
        if pale and self._result is not None:
            self.title.setText("Preview, not up to date")
        self.table.setEnabled(not pale)
        self.row_words.setEnabled(not pale)
        self._plot_place.setEnabled(not pale)
        if self.plot is not None:
            self.plot.setEnabled(not pale)

    def _draw(self) -> None:
        result = self._result
        if result is None:
            return
        lines = strongest_lines(result)
        self.table.blockSignals(True)
        self.table.clearContents()
        for number, line in enumerate(lines):
            for column, text in enumerate(_cells(result, line)):
                item = QTableWidgetItem(text)
                right = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(right | Qt.AlignmentFlag.AlignVCenter)
                item.setData(Qt.ItemDataRole.UserRole, line)
                self.table.setItem(number, column, item)
        self.table.clearSelection()
        self.table.blockSignals(False)
        if self.plot is not None and result.n_lines:
            self.plot.show_row(result, 0, lines[0] if lines else 0, self._v_lsr())

    def _line_picked(self) -> None:
        items = self.table.selectedItems()
        if items and self.plot is not None and self._result is not None:
            self.plot.show_row(self._result, 0, int(items[0].data(Qt.ItemDataRole.UserRole)), self._v_lsr())


def _is_condition(parameter: Parameter, result: ModelResult) -> bool:
    """Whether it is worth telling of a single model."""
    return parameter.group == "conditions" and isinstance(result.values.get(parameter.name), float)


def _cells(result: ModelResult, line: int) -> tuple[str, ...]:
    def number(name: str) -> str:
        return f"{float(result.outputs[name][0, line]):#.4g}"

    maser = "maser" in result.outputs and bool(result.outputs["maser"][0, line])
    name = result.transitions.transition[line] + ("  (maser)" if maser else "")
    frequency = f"{float(result.transitions.frequency[line]):.3f}"
    return name, frequency, *(number(n) for n in ("excitation_temperature", "optical_depth", "peak_temperature"))


def _import_plot(_: Task) -> None:
    import stopdesk.ui.spectra.spectrum  # noqa: F401
