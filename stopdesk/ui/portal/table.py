"""The table of observations: the rows of all portals with filters, find, a choice of columns and of units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.column_choice import ColumnChoice
from stopdesk.ui.portal.columns import form_of
from stopdesk.ui.portal.columns_dialog import ColumnsDialog
from stopdesk.ui.portal.filters import FilterDrawer
from stopdesk.ui.portal.table_find import FindBar
from stopdesk.ui.portal.table_menu import TableMenu
from stopdesk.ui.portal.table_model import RowsModel
from stopdesk.ui.portal.table_state import TableState
from stopdesk.ui.portal.table_strip import EmptyPage, TableStrip
from stopdesk.ui.portal.table_view import RowsView
from stopdesk.ui.portal.table_work import Merged, TableWork, Wishes, in_data
from stopdesk.ui.tasks import Tasks
from stopdesk.vo.arranging import Arrangement, Facts, Filter, SortKey
from stopdesk.vo.merging import Part
from stopdesk.vo.rows import EXTRA, Bools, Ints, Rows


class ObservationTable(QWidget):
    """The table. Rows go by their numbers in `rows`, which `Rows.ids` makes names of that outlast a search.

    ``selected`` gives the rows that the user selected, ascending; ``link_wanted`` a http(s) address that was clicked,
    the key of its column and its row. ``arranged`` comes when other rows, or the same in another order, are shown.
    """

    link_wanted = Signal(str, str, int)
    selected = Signal(object)
    arranged = Signal()

    def __init__(self, *, tasks: Tasks, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = TableWork(tasks=tasks, notices=notices)
        self._choice = ColumnChoice()
        self._forms: dict[str, str] = {}
        self._sort: tuple[SortKey, ...] = ()
        self._was_shown = False
        self._applied: dict[str, Filter] = {}
        self.model = RowsModel()
        self.view = RowsView(self.model, "Observations")
        self.drawer = FilterDrawer()
        self.finder = FindBar(tasks=tasks)
        self.row_menu = TableMenu(self, work=self._work, notices=notices)
        self.strip = TableStrip()
        self.empty = EmptyPage()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self._splitter = QSplitter()
        self._splitter.addWidget(self._stack)
        self._splitter.addWidget(self.drawer)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setCollapsible(0, False)
        self._splitter.setSizes([800, 300])
        self.drawer.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.strip)
        layout.addWidget(self.finder)
        layout.addWidget(self._splitter, 1)
        self._connect()
        self._show_state()

    def _connect(self) -> None:
        self.view.sort_wanted.connect(self._sort_by)
        self.view.form_wanted.connect(self.show_as)
        self.view.columns_wanted.connect(self._columns_wanted)
        self.view.link_wanted.connect(self.link_wanted)
        self.view.chosen.picked.connect(self._picked)
        self.view.chosen.currentRowChanged.connect(lambda index, _: self.finder.set_place(max(0, index.row())))
        self.drawer.changed.connect(self._arrange)
        self.finder.found.connect(self._go_to_hit)
        self.finder.closed.connect(self.view.setFocus)
        self.strip.filters.toggled.connect(self.drawer.setVisible)
        self.strip.columns.clicked.connect(self.choose_columns)
        self.strip.find_button.clicked.connect(self.finder.open_bar)
        self.empty.clear_filters.clicked.connect(self.drawer.clear)

    # ---- rows ----------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Rows:
        """All rows, hidden ones too."""
        return self.model.rows

    @property
    def shown(self) -> Ints:
        """The rows that the filters leave, in the order of the table; not to be written to."""
        return self.model.arrangement.order

    @property
    def shown_mask(self) -> Bools:
        """Which rows the filters leave; shape (rows,)."""
        return np.asarray(self.model.arrangement.places >= 0)

    def show_parts(self, parts: Sequence[Part], *, done: Callable[[], object] | None = None) -> None:
        """Show the tables of these portals, put together in a task; then call ``done``.

        Columns, units, sort and filters stay as the user has them, and so does the selection by its rows' names.
        """

        def take(merged: Merged) -> None:
            self._take(merged)
            if wishes.sort != self._sort or wishes.forms != self._forms:  # the user went on in the meantime
                self._arrange()
            if done is not None:
                done()

        wishes = self._wishes()
        self._work.merge(parts, wishes, take)

    def _wishes(self) -> Wishes:
        return Wishes(self._sort, dict(self._forms), self.drawer.kept, self.drawer.in_use)

    def _take(self, merged: Merged) -> None:
        old, chosen = self.rows, self.view.chosen.chosen
        self._was_shown, self._applied = True, merged.filters
        self.view.chosen.set_chosen(np.zeros(0, dtype=bool))
        self._show_rows(merged.rows, merged.arrangement)
        self.view.chosen.set_chosen(merged.rows.from_other(old, chosen))
        self.view.scrollToTop()
        self.drawer.set_rows(merged.rows, merged.facts)
        self._show_state()
        self._look_at_columns()
        self.arranged.emit()

    def _show_rows(self, rows: Rows, arrangement: Arrangement) -> None:
        self.model.sort_keys = tuple(key for key in self._sort if rows.column(key.column) is not None)
        self.model.show(rows, self._choice.of(rows), self._forms, arrangement)
        self.view.straighten()
        self.view.fit()

    def _look_at_columns(self, keys: Sequence[str] | None = None) -> None:
        """Find out what there is to filter by, in these columns or in all."""
        rows, known = self.rows, self.drawer.facts

        def take(facts: dict[str, Facts]) -> None:
            if self.rows is rows:
                self.drawer.set_rows(rows, {**known, **facts})
                if self.drawer.filters() != self._applied:  # set before it was known that they can be used
                    self._arrange()
                self._tell()

        self._work.look([each for each in rows.columns if keys is None or each.key in keys], self.drawer.kept, take)

    def set_extra_column(self, name: str, values: NDArray[Any], tooltip: str = "") -> None:
        """Put numbers, flags or texts of shape (rows,) beside the rows, in place of those of that name before.

        They stay until other tables are shown. Raises ValueError for another number of rows.
        """
        rows = self.rows.with_extra(name, values, tooltip)
        current = self.current_row
        self._show_rows(rows, self.model.arrangement)
        self.view.chosen.settle()
        self._go_to_row(current)
        self.drawer.set_rows(rows, {key: each for key, each in self.drawer.facts.items() if key != EXTRA + name})
        self._show_state()
        if any(key.column == EXTRA + name for key in self._sort) or EXTRA + name in self.drawer.in_use:
            self._arrange(anew=True)
        self._look_at_columns(None if self._work.is_at("Looking at columns") else [EXTRA + name])

    # ---- sort and filter -----------------------------------------------------------------------------------------

    def _sort_by(self, key: str, further: bool) -> None:
        """Sort up, down and not at all in turn; ``further`` beside the keys there are."""
        old = next((each for each in self._sort if each.column == key), None)
        kept = tuple(each for each in self._sort if further and each.column != key)
        if old is None:
            self._sort = (*kept, SortKey(key))
        elif not old.descending:
            turned = SortKey(key, descending=True)
            self._sort = tuple(turned if each is old else each for each in self._sort) if further else (turned,)
        else:
            self._sort = kept
        self._arrange()

    def _arrange(self, *, anew: bool = False) -> None:
        """Sort and filter as wanted; ``anew`` where what was sorted before no longer holds."""
        rows, sort, filters = self.rows, self._sort, self.drawer.filters()

        def take(arrangement: Arrangement) -> None:
            if self.rows.n_rows == rows.n_rows:
                self._applied = filters
                self._take_order(arrangement, sort)

        before = None if anew else self.model.arrangement
        self._work.arrange(rows, in_data(rows, sort, self._forms), filters, before, take)

    def _take_order(self, arrangement: Arrangement, sort: Sequence[SortKey]) -> None:
        current, across = self.current_row, self.view.horizontalScrollBar().value()
        self.view.chosen.settle()
        self.model.arranged(arrangement, sort)
        self.view.horizontalScrollBar().setValue(across)
        self._go_to_row(current)
        self._show_state()
        self.arranged.emit()

    # ---- columns and units ---------------------------------------------------------------------------------------

    def _columns_wanted(self, keys: list[str] | None) -> None:
        if keys is None:
            self.choose_columns()
        else:  # the header may be in the middle of moving a section
            QTimer.singleShot(0, self, lambda: self.show_columns(keys))

    def choose_columns(self) -> None:
        """Ask which columns to show; the table follows at once."""
        dialog = ColumnsDialog(self.rows, [column.key for column in self.model.columns], parent=self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self.show_columns)
        dialog.open()

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show these columns in this order."""
        self._choice = self._choice.changed(self.rows, keys)
        self._show_again()

    def show_as(self, key: str, form: str) -> None:
        """Show a column in another unit, "" for the one that it is given in."""
        column = self.rows.column(key)
        if column is None:
            return
        turned = form_of(column, form).reverses != form_of(column, self._forms.get(key, "")).reverses
        self._forms = {**self._forms, key: form}
        self.view.widths.pop(key, None)
        self._show_again()
        if turned and any(each.column == key for each in self._sort):
            self._arrange()

    def _show_again(self) -> None:
        current, across = self.current_row, self.view.horizontalScrollBar().value()
        self.view.chosen.settle()
        self.model.show_columns(self._choice.of(self.rows), self._forms)
        self.view.straighten()
        self.view.fit()
        self.view.horizontalScrollBar().setValue(across)
        self._go_to_row(current)
        self._show_state()

    # ---- selection -----------------------------------------------------------------------------------------------

    @property
    def selected_rows(self) -> Ints:
        """The selected rows, ascending, hidden ones too."""
        return self.view.chosen.rows

    @property
    def current_row(self) -> int | None:
        """The row that the user went to last; None where there is none, or a hidden one."""
        index = self.view.currentIndex()
        return self.model.row_at(index.row()) if index.isValid() and index.row() < self.model.rowCount() else None

    def select_rows(self, rows: ArrayLike, *, current: int | None = None) -> None:
        """Select these rows and no others, and go to ``current``; nobody is told."""
        chosen = np.zeros(self.rows.n_rows, dtype=bool)
        chosen[np.asarray(rows, dtype=np.intp)] = True
        self.view.chosen.set_chosen(chosen)
        if current is not None:
            self._go_to_row(current)
        self._tell()

    def _picked(self) -> None:
        self._tell()
        self.selected.emit(self.selected_rows)

    def _go_to_row(self, row: int | None) -> None:
        """Have a row as the current one and in sight; the top of the table where it is hidden."""
        place = None if row is None else self.model.place_of(row)
        if place is not None:
            index = self.model.index(place, 0)
            self.view.chosen.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            across = self.view.horizontalScrollBar().value()
            self.view.scrollTo(index)
            self.view.horizontalScrollBar().setValue(across)
        self.view.chosen.show_in_sight()

    def _go_to_hit(self, place: int) -> None:
        section = self.finder.column_of_hit(place)
        flags = QItemSelectionModel.SelectionFlag
        self.view.chosen.setCurrentIndex(self.model.index(place, section or 0), flags.ClearAndSelect | flags.Rows)

    # ---- what is said --------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        """Have everything around the rows say what they are."""
        total, shown = self.rows.n_rows, self.model.rowCount()
        if shown:
            self._stack.setCurrentWidget(self.view)
        else:
            self.empty.say(total, was_shown=self._was_shown)
            self._stack.setCurrentWidget(self.empty)
        self.strip.set_usable(total > 0)
        self.drawer.offer([column.key for column in self.model.columns], self._forms)
        pairs = [(column, self.model.forms[column.key]) for column in self.model.columns]
        self.finder.set_table(pairs, self.shown)
        self._tell()

    def _tell(self) -> None:
        chosen = self.view.chosen
        n_chosen = int(np.count_nonzero(chosen.chosen))
        hidden = n_chosen - len(chosen.shown_rows()) if n_chosen else 0
        n_filters = len(self.drawer.filters())
        self.strip.say(self.model.rowCount(), self.rows, n_chosen, hidden, n_filters)
        self.drawer.set_counts(self.model.rowCount(), self.rows.n_rows)

    def view_state(self) -> dict[str, Any]:
        """How the table is looked at, as plain values: columns, widths, units, sort and filters."""
        state = TableState(self._choice, self._forms, self.view.widths, self._sort, self.strip.filters.isChecked())
        return {**state.plain(), "filters": self.drawer.state()}

    def set_view_state(self, plain: Any) -> None:
        """Look at the table in this way; what is none of ours is passed over."""
        if not isinstance(plain, dict):
            return
        state = TableState.read(plain)
        self._choice, self._forms, self._sort = state.choice, state.forms, state.sort
        self.view.widths = state.widths
        self.strip.filters.setChecked(state.drawer)
        self._show_again()
        self.drawer.set_state(plain.get("filters"))
        self._look_at_columns()
