"""The jobs panel: every job of every service, what can be done with it, and how many there are of each kind."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QStackedLayout,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.run import FETCHING, Contact, Run
from stopdesk.ui.jobs import table
from stopdesk.ui.jobs.chip import PhaseDelegate, ProgressDelegate
from stopdesk.ui.jobs.table import RunsTableModel, service_label
from stopdesk.ui.jobs.tally import Tally
from stopdesk.ui.theme import GRID
from stopdesk.uws.keeping import unsaved


def can_repeat(run: Run) -> bool:
    """Whether it is known what was asked for: by a form of ours, or of the service."""
    return run.model is not None or bool(run.request or run.attachments)


#: What the panel can ask for, in the order of its menu: word, tooltip, key, and whether a run allows it.
COMMANDS: tuple[tuple[str, str, str, Callable[[Run], bool]], ...] = (
    ("Open results", "Show the results of this job", "Return", lambda run: bool(run.results)),
    ("Start", "Run a job that is pending or held", "", lambda run: run.phase is not None and run.phase.can_start),
    (
        "Send again",
        "Send what the service did not accept once more",
        "",
        lambda run: run.contact is Contact.REJECTED or run.is_held_back,
    ),
    ("Abort", "Stop the job; its list entry stays", "Ctrl+.", lambda run: run.is_active and not run.abort_asked),
    ("Rerun with changes", "Fill the form from this job", "Ctrl+E", can_repeat),
    (
        "Fetch results",
        "Fetch the results that are not here yet",
        "",
        lambda run: run.results_text not in ("", FETCHING),
    ),
    (
        "Save results as zip…",
        "Save all results in one archive; those that are not here yet are fetched before",
        "",
        lambda run: bool(run.results or unsaved(run)),
    ),
    (
        "Ask again",
        "Ask the service after this job now",
        "F5",
        lambda run: run.is_active or run.state == "gone",
    ),
    ("Rename…", "Give the run another name", "F2", lambda run: True),
    ("Copy job address", "The URL of the job, for other programs", "", lambda run: run.job_url is not None),
    ("Copy as command line", "The command that sends the same model", "", can_repeat),
    ("Copy as Python", "Python lines that send the same model", "", can_repeat),
    ("Remove from the list", "Leave the job on its service", "", lambda run: run.job_url is not None),
    ("Delete", "Delete the job on its service and here", "Del", lambda run: True),
)
BUTTONS = ("Start", "Abort", "Delete")


class JobsPanel(QWidget):
    """Shows runs and says what the user wants done with the selected ones: ``commanded(word, keys)``."""

    commanded = Signal(str, list)
    current_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = RunsTableModel()
        self._selected: frozenset[str] = frozenset()
        self._tally = Tally()
        self._counts = QLabel()
        self._counts.setAccessibleName("Number of jobs")
        self._search = QLineEdit(placeholderText="Filter: name, model, service, phase")
        self._search.setAccessibleName("Filter jobs")
        self._search.setClearButtonEnabled(True)
        self._search.setMaximumWidth(40 * GRID)
        self._services = QComboBox()
        self._services.setAccessibleName("Service shown")
        self._services.addItem("All services", "")
        self._services.hide()
        self._buttons = {word: self._button(word) for word in BUTTONS}
        self._view = self._table()
        self._empty = QLabel(
            "No jobs yet. Fill in a model and press Run; the job appears here and is followed to its end."
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._lay_out()
        self._connect()
        self._refresh()

    def _button(self, word: str) -> QToolButton:
        button = QToolButton()
        button.setText(word)
        button.setToolTip(next(tip for name, tip, _, _ in COMMANDS if name == word))
        button.clicked.connect(lambda: self._command(word))
        return button

    def _table(self) -> QTableView:
        view = QTableView()
        view.setAccessibleName("Jobs")
        view.setModel(self.model)
        view.setItemDelegateForColumn(table.PHASE, PhaseDelegate(view))
        view.setItemDelegateForColumn(table.PROGRESS, ProgressDelegate(view))
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.setTabKeyNavigation(False)
        view.setSortingEnabled(True)
        view.sortByColumn(table.CREATED, Qt.SortOrder.DescendingOrder)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(3 * GRID + 2)
        header = view.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        widths = {table.NAME: 24, table.MODEL: 8, table.SERVICE: 18, table.PHASE: 17}
        widths |= {table.PROGRESS: 22, table.CREATED: 16, table.RUN_TIME: 10}
        for column, width in widths.items():
            view.setColumnWidth(column, width * GRID)
        header.setSectionResizeMode(table.NAME, QHeaderView.ResizeMode.Interactive)
        return view

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        bar.setSpacing(GRID)
        bar.addWidget(self._counts)
        bar.addStretch(1)
        bar.addWidget(self._search, 2)
        bar.addWidget(self._services)
        for button in self._buttons.values():
            bar.addWidget(button)
        body = QWidget()
        self._stack = QStackedLayout(body)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._view)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(body, 1)

    def _connect(self) -> None:
        self._search.textChanged.connect(lambda text: self._filter(lambda: self.model.set_words(text)))
        self._services.currentIndexChanged.connect(self._choose_service)
        self._view.selectionModel().selectionChanged.connect(self._selection_changed)
        self._view.customContextMenuRequested.connect(self._menu)
        self._view.doubleClicked.connect(lambda: self._command("Open results"))
        for word, _, key, _ in COMMANDS:
            if key:
                shortcut = QShortcut(QKeySequence(key), self._view, context=Qt.ShortcutContext.WidgetShortcut)
                shortcut.activated.connect(lambda word=word: self._command(word))
        self._clock = QTimer(self)
        self._clock.setInterval(1000)
        self._clock.timeout.connect(self.model.tick)

    # what is shown

    def set_runs(self, runs: tuple[Run, ...]) -> None:
        """Show these runs."""
        self.model.set_runs(runs)
        self._selected = frozenset()
        self._tally.set_runs(runs)
        self._refresh()

    def add(self, runs: tuple[Run, ...]) -> None:
        """Show these new runs too, and select the last."""
        self.model.add(runs)
        for run in runs:
            self._tally.put(run)
        self._refresh()
        self.select(runs[-1].key)

    def put(self, run: Run) -> None:
        """Show a new run or a changed one."""
        is_new = run.key not in self.model
        self.model.put(run)
        self._tally.put(run)
        self._refresh(changed=run.key)
        if is_new:
            self.select(run.key)

    def remove(self, key: str) -> None:
        """Show the run no more."""
        self.model.remove(key)
        self._tally.remove(key)
        self._refresh()

    def select(self, key: str) -> None:
        """Select one run."""
        row = self.model.row_of(key)
        if row is not None:
            index = self.model.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self._view.selectionModel().setCurrentIndex(index, flags)  # whatever keys are held: Ctrl+Enter brought it
            self._view.scrollTo(index)

    def focus(self) -> None:
        """Put the keyboard on the table, on the filter where there is none."""
        (self._view if self.model.runs else self._search).setFocus()

    @property
    def selected(self) -> tuple[Run, ...]:
        """The selected runs, top to bottom."""
        chosen = self._view.selectionModel().selection()  # its ranges: of thousands of rows there may be one
        ranges = (chosen.at(number) for number in range(chosen.count()))
        rows = {row for each in ranges for row in range(each.top(), each.bottom() + 1)}
        return tuple(map(self.model.run_at, sorted(rows)))

    @property
    def counts(self) -> str:
        """The counts as they stand above the table."""
        return self._counts.text()

    def _refresh(self, changed: str = "") -> None:
        """Say how many there are, and allow what the selected runs allow; with ``changed`` only that run is another."""
        self._counts.setText(self._tally.text)
        self._stack.setCurrentWidget(self._view if self._tally.total else self._empty)
        self._offer_services()
        if self._tally.is_moving != self._clock.isActive():
            self._clock.start() if self._tally.is_moving else self._clock.stop()
        if not changed or changed in self._selected:
            self._enable_buttons()

    def _offer_services(self) -> None:
        """Offer the services that have jobs; where the one shown has none any more, all are shown."""
        services = self._tally.services
        if services == [self._services.itemData(i) for i in range(1, self._services.count())]:
            return
        shown = self._services.currentData()
        with QSignalBlocker(self._services):
            while self._services.count() > 1:
                self._services.removeItem(1)
            for service in services:
                self._services.addItem(service_label(service), service)
            self._services.setCurrentIndex(max(0, self._services.findData(shown)))
        self._services.setVisible(len(services) > 1)
        if self._services.currentData() != shown:
            self._choose_service()

    def _choose_service(self) -> None:
        self._filter(lambda: self.model.set_service(self._services.currentData() or ""))

    def _filter(self, change: Callable[[], None]) -> None:
        """Show other rows; of the selected ones those stay selected that are still shown."""
        current = self._view.currentIndex().data(table.RUN)
        keys = [run.key for run in self.selected]
        change()
        selection = QItemSelection()
        for shown in map(self.model.row_of, keys):
            if shown is not None:
                selection.select(self.model.index(shown, 0), self.model.index(shown, 0))
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        row = self.model.row_of(current.key) if current is not None else None
        chosen = self._view.selectionModel()
        if row is not None:
            chosen.setCurrentIndex(self.model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
        chosen.select(selection, flags)
        if not selection.count():
            self._selection_changed()

    # what is wanted

    def _allowed(self, word: str, runs: tuple[Run, ...] | None = None) -> list[str]:
        """The keys of the selected runs, or of these, that allow a command."""
        allows = next(allows for name, _, _, allows in COMMANDS if name == word)
        return [run.key for run in (self.selected if runs is None else runs) if allows(run)]

    def _command(self, word: str) -> None:
        keys = self._allowed(word)
        if keys:
            self.commanded.emit(word, keys)

    def _enable_buttons(self) -> None:
        runs = self.selected
        for word, button in self._buttons.items():
            button.setEnabled(bool(self._allowed(word, runs)))

    def _selection_changed(self) -> None:
        runs = self.selected
        self._selected = frozenset(run.key for run in runs)
        self._enable_buttons()
        self.current_changed.emit(runs[0].key if runs else "")

    def _menu(self, position: QPoint) -> None:
        menu = self.command_menu()
        menu.exec(self._view.viewport().mapToGlobal(position))
        menu.deleteLater()

    def command_menu(self) -> QMenu:
        """The menu of what the selected runs allow."""
        menu = QMenu(self)
        self.fill_menu(menu)
        return menu

    def fill_menu(self, menu: QMenu) -> None:
        """Put into the menu what can be done with the selected runs; keys are shown, they belong to the table."""
        menu.clear()
        menu.setToolTipsVisible(True)
        runs = self.selected
        for word, tip, key, _ in COMMANDS:
            action = menu.addAction(word)
            action.setToolTip(tip)
            if key:
                action.setShortcut(QKeySequence(key))
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.setEnabled(bool(self._allowed(word, runs)))
            action.triggered.connect(lambda _=False, word=word: self._command(word))

    def index_of(self, key: str, column: int) -> QModelIndex:
        """The shown cell of a run, for whoever wants to look at it."""
        row = self.model.row_of(key)
        return self.model.index(-1 if row is None else row, column)
