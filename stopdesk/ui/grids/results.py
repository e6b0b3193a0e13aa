"""The Runs workspace: what a result looks like, and what stands there before there is one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from stopdesk.domain.result import ModelResult
from stopdesk.ui import theme
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks

if TYPE_CHECKING:
    from stopdesk.ui.grids.content import ResultContent

_CONTENT = "stopdesk.ui.grids.content"


def load_plots(_: Task | None = None) -> None:
    """Import what the plots need, which takes half a second; may run in any thread, ahead of the first result."""
    importlib.import_module(_CONTENT)


class ResultsView(QWidget):
    """A result, or the way to a first one.

    ``row_selected`` gives the row that the user chose, ``shown`` says that a result is on the screen,
    ``save_requested`` and ``example_requested`` are what the buttons ask for.
    """

    row_selected = Signal(int)
    shown = Signal()
    save_requested = Signal()
    example_requested = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._shown: tuple[ModelResult, str] | None = None
        self._state: Mapping[str, object] = {}
        self._waiting: tuple[ModelResult, str, float | None] | None = None
        self.content: ResultContent | None = None
        self._building: Iterator[ResultContent | None] | None = None
        self.example_button = QPushButton("Show an example")
        self._empty = self._build_empty()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)

    def _build_empty(self) -> QWidget:
        page = QWidget()
        words = QLabel(
            "<h3>No result yet</h3><p>Here a finished run is shown: the table of its parameter sets, the spectrum "
            "and the lines of each, and for grids maps and curves. Fill in a model and press Run, or begin with an "
            "example: a grid of CO over column density, density and temperature, computed on this machine.</p>"
        )
        words.setWordWrap(True)
        words.setFixedWidth(60 * theme.GRID)
        words.setMinimumHeight(words.heightForWidth(60 * theme.GRID))
        self.example_button.setToolTip("Compute and show a grid of CO; works without a network")
        self.example_button.clicked.connect(self.example_requested)
        layout = QVBoxLayout(page)
        layout.addStretch(2)
        layout.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.GRID)
        layout.addWidget(self.example_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page

    @property
    def is_empty(self) -> bool:
        """Whether no result is shown."""
        return self._stack.currentWidget() is self._empty

    def show_result(self, result: ModelResult, title: str, v_lsr: float | None) -> None:
        """Show a result; the first one as soon as the plots are loaded. ``shown`` says when it is there."""
        if self.content is not None:
            self._present(result, title, v_lsr)
            return
        under_way = self._waiting is not None
        self._waiting = (result, title, v_lsr)
        if not under_way:
            self._tasks.start("Loading the plots", load_plots, done=self._loaded, failed=self._notices.fail, quiet=True)

    def prepare(self) -> None:
        """Build what shows a result ahead of the first one, step by step; the plots must have been loaded."""
        if self.content is None:
            self._build_step()
            QTimer.singleShot(0, self, self.prepare)

    def view_state(self) -> dict[str, str | int]:
        """How the result on the screen is looked at, for the session; empty when there is none."""
        return {} if self.content is None or self.is_empty else self.content.view_state()

    def set_view_state(self, state: Mapping[str, object]) -> None:
        """Look at the result on the screen, or else at the next one to come, as ``view_state`` said.

        What does not fit (another grid, a damaged session) is passed over.
        """
        if self.content is None or self._shown is None or self.is_empty:
            self._state = dict(state)
        else:
            self.content.show_result(*self._shown, self.content.v_lsr, state)

    def set_v_lsr(self, v_lsr: float | None) -> None:
        """Take another velocity (km/s) of the source for the velocity axis."""
        if self.content is not None:
            self.content.set_v_lsr(v_lsr)
        elif self._waiting is not None:
            self._waiting = (*self._waiting[:2], v_lsr)

    def clear(self) -> None:
        """Show no result."""
        self._waiting = self._shown = None
        self._state = {}
        self._stack.setCurrentWidget(self._empty)

    def _loaded(self, _: object) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is None:
            return
        while self.content is None:
            self._build_step()
        self._present(*waiting)

    def _build_step(self) -> None:
        from stopdesk.ui.grids.content import building  # late: pyqtgraph is the slowest import there is

        if self._building is None:
            self._building = building(tasks=self._tasks, notices=self._notices)
        content = next(self._building)
        if content is not None:
            content.row_selected.connect(self.row_selected)
            content.save_requested.connect(self.save_requested)
            self._stack.addWidget(content)
            self.content, self._building = content, None

    def _present(self, result: ModelResult, title: str, v_lsr: float | None) -> None:
        assert self.content is not None
        self._stack.setCurrentWidget(self.content)
        state, self._state = self._state, {}
        self._shown = (result, title)
        self.content.show_result(result, title, v_lsr, state)
        self.shown.emit()
