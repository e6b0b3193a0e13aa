"""The rows of a search: the table, the plots below it, one selection, and the lines of the chosen molecule."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.search import Cone
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.my_lines import MY_LINES, line_texts
from stopdesk.ui.portal.saving import save_rows
from stopdesk.ui.portal.table import ObservationTable
from stopdesk.ui.selection import SHOWING, Selection
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo.marks import ObservationMarks, join_marks, marks_of
from stopdesk.vo.merging import Part
from stopdesk.vo.saving import table_shown

if TYPE_CHECKING:
    from stopdesk.ui.portal.plots import ObservationPlots

#: What shows plots, and with it pyqtgraph, the slowest import there is.
_PLOTS = "stopdesk.ui.portal.plots"

#: So many selected rows are kept in a session.
_MOST_KEPT = 1000


class ResultsArea(QWidget):
    """``chosen`` carries the row that was gone to, None for none; ``built`` says that there are plots."""

    chosen = Signal(object)
    built = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._tasks = tasks
        self._notices = notices
        self._number = 0  # of what is shown; what belongs to an earlier one is dropped
        self._portals: tuple[str, ...] = ()
        self._shown: tuple[Part, ...] = ()
        self._cone: Cone | None = None
        self._search = ""
        self._known: dict[int, tuple[Any, ObservationMarks]] = {}
        self._table_number = self._marks_number = 0
        self._molecule: Molecule | None = None
        self._v_lsr = 0.0
        self._placing: Task | None = None
        self._lining: Task | None = None
        self._selected: list[str] = []  # of a session, until its rows are here
        self.marks: ObservationMarks | None = None
        self.plots: ObservationPlots | None = None
        self.selection = Selection(self)
        self.table = ObservationTable(tasks=tasks, notices=notices)
        self._parts = QSplitter(Qt.Orientation.Vertical)
        self._parts.addWidget(self.table)
        self._parts.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._parts)
        self.table.selected.connect(self._table_selected)
        self.table.arranged.connect(self._arranged)
        self.table.strip.save.clicked.connect(self._save)
        self.selection.changed.connect(self._selection_changed)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_parts(self, parts: Sequence[Part], cone: Cone | None, search: str = "") -> None:
        """Show the tables of these portals; what the user chose of columns, filters and rows stays.

        ``search`` is the key of the search that gave them.
        """
        self._number += 1
        number, self._cone, self._search = self._number, cone, search
        self._shown, self._portals = tuple(parts), tuple(part.name for part in parts)
        known = dict(self._known)
        for task in (self._placing, self._lining):
            if task is not None:
                task.cancel()
        self.table.show_parts(parts, done=lambda: self._table_shown(number))
        self._placing = self._tasks.start(
            "Placing observations",
            lambda task: _marks_of(parts, known, task),
            done=lambda made: self._placed(number, *made),
            failed=self._notices.fail,
            queue_name="table",
            width=1,
            quiet=True,
        )

    def clear(self) -> None:
        """Show nothing."""
        self._known = {}
        self._selected = []
        self.show_parts((), None)

    def _table_shown(self, number: int) -> None:
        self._table_number = number
        if self._selected and self.table.rows.n_rows:
            rows = self.table.rows.with_ids(self._selected)
            self._selected = []
            self.table.select_rows(rows, current=int(rows[0]) if len(rows) else None)
        self.selection.choose(self.table.selected_rows, source=SHOWING, current=self.table.current_row)
        self.chosen.emit(self.selection.current)
        self._show_lines()

    def _placed(self, number: int, known: dict[int, tuple[Any, ObservationMarks]], marks: ObservationMarks) -> None:
        if number == self._number:
            self._known, self.marks, self._marks_number = known, marks, number
            self._show_plots()
            self._show_lines()

    @property
    def has_rows(self) -> bool:
        """Whether the table shows the rows that were given last."""
        return self._table_number == self._number

    @property
    def shown_search(self) -> str:
        """The key of the search that gave the rows in the table; "" while others are on their way."""
        return self._search if self.has_rows else ""

    @property
    def is_settled(self) -> bool:
        """Whether table and plots show the same rows."""
        return self._table_number == self._marks_number == self._number

    @property
    def parts(self) -> tuple[Part, ...] | None:
        """The tables whose rows are in the table; None while they are on their way there."""
        n_rows = sum(len(part.table) for part in self._shown)
        return self._shown if self.table.rows.n_rows == n_rows else None

    def _save(self) -> None:
        """Write the rows that are shown to a file."""
        parts, rows, order = self.parts, self.table.rows, self.table.shown
        if parts is not None:
            save_rows(
                lambda task: table_shown(parts, rows, order, lambda: task.cancelled),
                next((part.name for part in parts if len(part.table) == rows.n_rows), "observations"),
                parent=self,
                tasks=self._tasks,
                notices=self._notices,
            )

    # ---- plots ---------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Load what plotting needs, in a thread, and build the plots."""
        if self.plots is None:
            self._tasks.start(
                "Loading plots", lambda _: importlib.import_module(_PLOTS), done=lambda _: self._build(), quiet=True
            )

    def _build(self) -> None:
        if self.plots is not None:
            return
        from stopdesk.ui.portal.plots import ObservationPlots  # late: see above

        self.plots = ObservationPlots(tasks=self._tasks, notices=self._notices, selection=self.selection)
        self._parts.addWidget(self.plots)
        self._parts.setSizes([28 * GRID, 28 * GRID])
        self.plots.set_molecule(self._molecule, self._v_lsr)
        self._show_plots()
        self.built.emit()

    def _show_plots(self) -> None:
        if self.plots is not None and self.marks is not None:
            self.plots.show_marks(self.marks, self._portals, self._cone)
            self._arranged()

    def _arranged(self) -> None:
        if self.plots is not None and self.is_settled:
            self.plots.set_shown(self.table.shown_mask)

    # ---- lines ---------------------------------------------------------------------------------------------------

    def set_molecule(self, molecule: Molecule | None, v_lsr: float) -> None:
        """Say which lines of this molecule fall into each row, for a source of ``v_lsr`` in km/s."""
        if molecule is self._molecule and v_lsr == self._v_lsr:
            return
        self._molecule, self._v_lsr = molecule, v_lsr
        if self.plots is not None:
            self.plots.set_molecule(molecule, v_lsr)
        self._show_lines()

    def _show_lines(self) -> None:
        marks, molecule, v_lsr, number = self.marks, self._molecule, self._v_lsr, self._number
        if self._lining is not None:
            self._lining.cancel()
        if marks is None or molecule is None or not self.is_settled or not np.any(np.isfinite(marks.low)):
            return
        tip = (
            f"The lines of {molecule.name} in the frequency range of the row, for a source at {v_lsr:g} km/s (LSRK). "
            "Ranges of archives are mostly topocentric or barycentric: near an edge a line may be in or out."
        )

        def done(texts: Any) -> None:
            if number == self._number and len(texts) == self.table.rows.n_rows:
                self.table.set_extra_column(MY_LINES, texts, tip)

        self._lining = self._tasks.start(
            "Looking for lines in observations",
            lambda _: line_texts(marks.low, marks.high, molecule, v_lsr),
            done=done,
            failed=self._notices.fail,
            queue_name="table",
            width=1,
            quiet=True,
        )

    # ---- selection -----------------------------------------------------------------------------------------------

    def _table_selected(self, rows: Any) -> None:
        self.selection.choose(rows, source=self.table, current=self.table.current_row)

    def _selection_changed(self, source: object) -> None:
        if source not in (self.table, SHOWING):
            self.table.select_rows(self.selection.rows, current=self.selection.current)
        self.chosen.emit(self.selection.current)

    # ---- kept in a session ---------------------------------------------------------------------------------------

    def view_state(self) -> dict[str, Any]:
        """How the rows are looked at, as plain values."""
        rows = self.selection.rows[:_MOST_KEPT]
        selected = self._selected or self.table.rows.ids(rows[rows < self.table.rows.n_rows])
        state: dict[str, Any] = {"table": self.table.view_state(), "selected": selected}
        if self.plots is not None:
            state["plot"] = self.plots.tabs.currentIndex()
        return state

    def set_view_state(self, state: Any) -> None:
        """Look at the rows in this way; what is none of ours is passed over."""
        known = state if isinstance(state, dict) else {}
        self.table.set_view_state(known.get("table", {}))
        selected = known.get("selected")
        self._selected = [each for each in selected if isinstance(each, str)] if isinstance(selected, list) else []
        if self.plots is not None and known.get("plot") in (0, 1):
            self.plots.tabs.setCurrentIndex(known["plot"])


def _marks_of(
    parts: Sequence[Part], known: dict[int, tuple[Any, ObservationMarks]], task: Task
) -> tuple[dict[int, tuple[Any, ObservationMarks]], ObservationMarks]:
    """What plots show of these tables, and of each alone by its identity; those known already are taken as they are."""
    kept: dict[int, tuple[Any, ObservationMarks]] = {}
    numbered = []
    for number, part in enumerate(parts):
        task.raise_if_cancelled()
        table, marks = known.get(id(part.table), (None, None))
        if marks is None or table is not part.table:
            marks = marks_of(part.table, number)
        kept[id(part.table)] = (part.table, marks)
        numbered.append(replace(marks, portal=np.full(marks.n_rows, number, dtype=np.int64)))
    return kept, join_marks(numbered)
