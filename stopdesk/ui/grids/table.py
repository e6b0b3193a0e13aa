"""A table of numbers with a filter row, sorting by several keys, a choice of columns, and copy with headers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QLineEdit, QTableView, QVBoxLayout, QWidget

from stopdesk.errors import InputError
from stopdesk.ui import theme
from stopdesk.ui.grids.columns import Column, IntArray
from stopdesk.ui.grids.ordering import SYNTAX, Condition, SortKey, arrange
from stopdesk.ui.grids.table_model import NumbersTableModel
from stopdesk.ui.notices import Notices
from stopdesk.ui.row_selection import Ints, SelectingView
from stopdesk.ui.tasks import Task, Tasks

#: From so many rows on, sorting and filtering go to a worker thread.
_MANY = 20_000

#: So many rows are copied at once; more are a matter for a file.
_MOST_COPIED = 10_000


class FilterRow(QWidget):
    """One filter a column, kept below the header of the view. ``changed`` comes with every edit."""

    changed = Signal()

    def __init__(self, view: QTableView, name: str) -> None:
        super().__init__()
        self._view = view
        self._name = name
        self.edits: list[QLineEdit] = []
        self._names: list[str] = []
        self.setFixedHeight(QLineEdit().sizeHint().height() + 2)
        header = view.horizontalHeader()
        header.sectionResized.connect(self.arrange)
        header.geometriesChanged.connect(self.arrange)
        view.horizontalScrollBar().valueChanged.connect(self.arrange)

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Have an empty filter for each column."""
        for edit in self.edits:
            edit.deleteLater()
        self.edits = []
        for column in columns:
            edit = QLineEdit(self)
            edit.setAccessibleName(f"Filter of {self._name}: {column.quantity.name}")
            edit.setPlaceholderText("filter")
            edit.textChanged.connect(self.changed)
            edit.show()
            self.edits.append(edit)
        self._names = [column.quantity.name for column in columns]
        self.conditions()
        self.arrange()

    def conditions(self) -> dict[int, Condition]:
        """The filters that can be read, by column; the others are shown in red, with the reason as their tooltip."""
        found = {}
        for number, edit in enumerate(self.edits):
            edit.setStyleSheet("")
            edit.setToolTip(f"Show rows whose {self._names[number]} is, for example, {SYNTAX}")
            if not edit.text().strip():
                continue
            try:
                found[number] = Condition.parse(edit.text())
            except InputError as error:
                edit.setStyleSheet(f"color: {theme.problem_colour().name()}; text-decoration: underline;")
                edit.setToolTip(str(error))
        return found

    def arrange(self) -> None:
        """Put every filter below its column."""
        header = self._view.horizontalHeader()
        left = self._view.frameWidth()
        for number, edit in enumerate(self.edits):
            edit.setVisible(number < header.count() and not header.isSectionHidden(number))
            edit.setGeometry(
                left + header.sectionViewportPosition(number), 1, header.sectionSize(number), self.height() - 2
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay in line."""
        super().resizeEvent(event)
        self.arrange()


class NumbersTable(QWidget):
    """The table. Rows go by their numbers, wherever they stand and whether a filter hides them or not.

    ``picked`` gives the rows that the user selected, ascending, and the one that they went to (None for none);
    ``arranged`` comes when other rows, or the same in another order, are shown.
    """

    picked = Signal(object, object)
    arranged = Signal()

    def __init__(
        self, name: str, *, tasks: Tasks, notices: Notices, left: Sequence[int] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._tasks = tasks
        self._notices = notices
        self._keys: tuple[SortKey, ...] = ()
        self._sorting: Task | None = None
        self._current: int | None = None
        self.model = NumbersTableModel(left=left)
        self.view = SelectingView(self.model)
        self.view.setObjectName(f"table-{name.lower().replace(' ', '-')}")
        self.view.setAccessibleName(name)
        self.filters = FilterRow(self.view, name)
        self._set_up_view()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filters)
        layout.addWidget(self.view, 1)
        self.filters.changed.connect(self._arrange)

    def _set_up_view(self) -> None:
        view = self.view
        view.setAlternatingRowColors(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        rows = view.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(view.fontMetrics().height() + 6)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(48)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        header.sectionClicked.connect(self._sort_by)
        view.chosen.picked.connect(self._pick)
        keys = QKeySequence.StandardKey
        for text, key, slot in (
            ("Copy with headers", keys.Copy, self.copy),
            ("Select all", keys.SelectAll, view.selectAll),
        ):
            action = QAction(text, view)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(slot)
            view.addAction(action)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show_columns(self, columns: Sequence[Column], n_rows: int) -> None:
        """Show these columns; sorting and filters stay when the table keeps its shape."""
        new = len(columns) != len(self.model.columns) or n_rows != self.model.n_rows
        if new:
            self._stop_sorting()
        self.model.set_columns(columns, n_rows)
        if new:
            self._keys = ()
            self.filters.set_columns(columns)
            self.filters.setVisible(n_rows > 1)
            self._offer_columns(columns)
            self.fit_widths()
        elif self._keys or self.filters.conditions():
            self._arrange()

    def fit_widths(self) -> None:
        """Make each column as wide as its header and a sample of its cells ask for."""
        metrics = self.view.fontMetrics()
        n = self.model.n_rows
        sample = sorted({round(k * (n - 1) / 12) for k in range(13)}) if n else []
        for section, column in enumerate(self.model.columns):
            texts = [column.quantity.title + " ▲", *(column.text(row) for row in sample)]
            width = max(metrics.horizontalAdvance(text) for text in texts) + theme.GRID
            self.view.setColumnWidth(section, max(width, 7 * theme.GRID))
        self.filters.arrange()

    def select_rows(self, rows: Ints, current: int | None, *, go: bool = True) -> None:
        """Select these rows (ascending) and no others, and ``go`` to the current one; nobody is told."""
        chosen = np.zeros(self.model.n_rows, dtype=bool)
        chosen[rows[: np.searchsorted(rows, len(chosen))]] = True
        self._current = current
        self.view.chosen.set_chosen(chosen)
        if go:
            self._go_to_current()

    def _go_to_current(self) -> None:
        place = None if self._current is None else self.model.place_of(self._current)
        if place is None:  # filtered away: the rows that are left are shown from the first on
            self.view.scrollToTop()
        else:
            index = self.model.index(place, max(0, self.view.currentIndex().column()))
            self.view.chosen.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.view.scrollTo(index)
        self.view.chosen.show_in_sight()

    @property
    def n_hidden(self) -> int:
        """How many of the selected rows the filters hide."""
        return len(self.view.chosen.rows) - len(self.view.chosen.shown_rows())

    @property
    def keys(self) -> tuple[SortKey, ...]:
        """The sort keys, the first counting most."""
        return self._keys

    def _offer_columns(self, columns: Sequence[Column]) -> None:
        header = self.view.horizontalHeader()
        for action in header.actions():
            header.removeAction(action)
            action.deleteLater()
        for section, column in enumerate(columns):
            self.view.setColumnHidden(section, False)
            action = QAction(column.quantity.title, header)
            action.setCheckable(True)
            action.setChecked(True)
            action.toggled.connect(lambda on, section=section: self._show_column(section, on))
            header.addAction(action)

    def _show_column(self, section: int, on: bool) -> None:
        self.view.setColumnHidden(section, not on)
        self.filters.arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chosen row in sight."""
        super().resizeEvent(event)
        if self.view.currentIndex().isValid():
            self.view.scrollTo(self.view.currentIndex())

    # ---- sort and filter -----------------------------------------------------------------------------------------

    def _sort_by(self, section: int) -> None:
        """Sort up, down and not at all in turn; with Ctrl beside the keys there are."""
        further = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
        old = next((key for key in self._keys if key.column == section), None)
        kept = tuple(key for key in self._keys if further and key.column != section)
        if old is None:
            self._keys = (*kept, SortKey(section))
        elif not old.descending:
            turned = SortKey(section, descending=True)
            self._keys = tuple(turned if key is old else key for key in self._keys) if further else (turned,)
        else:
            self._keys = kept
        self._arrange()

    def _arrange(self) -> None:
        columns, n_rows, keys = self.model.columns, self.model.n_rows, self._keys
        conditions = self.filters.conditions()
        self._stop_sorting()

        def arranged(order: IntArray | None) -> None:
            self.view.chosen.settle()
            self.model.set_order(order, keys, conditions)
            self._go_to_current()
            self.arranged.emit()

        if n_rows < _MANY:
            arranged(arrange(columns, n_rows, keys, conditions))
        else:
            self._sorting = self._tasks.start(
                f"Sorting {self._name}",
                lambda _: arrange(columns, n_rows, keys, conditions),
                done=arranged,
                failed=self._notices.fail,
                queue_name="sort",
                width=1,
            )

    def _stop_sorting(self) -> None:
        if self._sorting is not None:
            self._sorting.cancel()
            self._sorting = None

    # ---- selection -----------------------------------------------------------------------------------------------

    def _pick(self) -> None:
        index = self.view.currentIndex()
        self._current = self.model.row_of(index.row()) if index.isValid() else None
        self.picked.emit(self.view.chosen.rows, self._current)

    def copy(self) -> None:
        """Put the selected rows that are shown on the clipboard, tab-separated, with a line of names and units."""
        rows = self.view.chosen.shown_rows()
        if len(rows) > _MOST_COPIED:
            self._notices.warn(f"More than {_MOST_COPIED:,} rows are too many to copy: save the tables instead.")
            return
        header = self.view.horizontalHeader()
        sections = [section for section in range(header.count()) if not header.isSectionHidden(section)]
        QGuiApplication.clipboard().setText(self.model.copy_text(rows, sections))
        self._notices.tell(f"Copied {len(rows):,} {'row' if len(rows) == 1 else 'rows'} with headers.")
