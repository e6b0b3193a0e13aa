"""Details of the selected job: what was asked, what came of it, in the service's own words."""

from __future__ import annotations

import html
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.job import Job
from stopdesk.domain.models import MODELS
from stopdesk.domain.run import FETCHING, Contact, Run, StoredFile
from stopdesk.domain.spec import ModelSpec
from stopdesk.ui.jobs.limits import LimitRows
from stopdesk.ui.jobs.table import duration_text, end_text, service_label, size_text, strange_phase
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.theme import CHIPS, GRID


def _parameter_rows(run: Run, spec: ModelSpec | None) -> list[tuple[str, str, str]]:
    """Label, value with unit, tooltip, for everything that was sent, or that the job of somebody else has.

    Services may write the names in another case than they describe them in (DaCHS).
    """
    known = {parameter.name.casefold(): parameter for parameter in spec.parameters} if spec is not None else {}
    values = list(run.request.items())
    if run.job is not None and not run.request:
        values = [(each.name, each.value) for each in run.job.parameters if each.name not in run.attachments]
    rows = []
    for name, value in values:
        parameter = known.get(name.casefold())
        label = parameter.label if parameter else name
        words = ", ".join(value.splitlines())  # a parameter that is repeated has a line for each of its values
        unit = f" {parameter.unit_text}" if parameter and parameter.unit_text and words else ""
        rows.append((label, f"{words}{unit}", f"{name}\n{parameter.help}" if parameter else name))
    for name, file in run.attachments.items():
        parameter = known.get(name.casefold())
        rows.append((parameter.label if parameter else name, file.name, f"{name}\nsha256 {file.sha256}"))
    return rows


def _time_rows(job: Job, run: Run) -> list[tuple[str, str]]:
    times = {
        "Created": job.created or run.created,
        "Started": job.started,
        "Ended": job.ended,
    }
    rows = [(label, at.astimezone().strftime("%Y-%m-%d %H:%M:%S")) for label, at in times.items() if at is not None]
    if run.run_time is not None:
        rows.append(("Run time", duration_text(run.run_time)))
    return rows


def _trouble(run: Run) -> str:
    """What went wrong, in words; empty when nothing did."""
    error = run.job.error if run.job is not None else None
    results = run.results_text if run.results_text != FETCHING else ""
    said = [run.contact_text, strange_phase(run), error.message if error else "", results, end_text(run)]
    if error is not None and error.detail and error.detail.strip() != error.message.strip():
        said.append(error.detail)
    return "\n\n".join(dict.fromkeys(text.strip() for text in said if text.strip()))


class Details(QWidget):
    """Shows one run; ``save_wanted(key, result id)`` asks for a result on disk, ``login_wanted(url)`` to log in.

    ``destruction_wanted(key)`` and ``run_time_wanted(key)`` ask to change these limits of its job. ``described`` gives
    what the session has of a service's own description, by the address of its job list.
    """

    save_wanted = Signal(str, str)
    login_wanted = Signal(str)
    destruction_wanted = Signal(str)
    run_time_wanted = Signal(str)

    def __init__(
        self, *, described: Callable[[str], ModelSpec | None] = lambda _: None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._described = described
        self._run: Run | None = None
        self._facts_shown: list[tuple[str, str, str, str]] = []
        self._results_shown: list[tuple[str, StoredFile]] = []
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._fill)
        self._hint = QLabel("Select a job to see what was asked and what came of it.")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._head = QLabel()
        self._head.setTextFormat(Qt.TextFormat.RichText)
        self._head.setWordWrap(True)
        self._trouble = QPlainTextEdit(readOnly=True)
        self._trouble.setAccessibleName("What went wrong")
        self._trouble.setMaximumHeight(18 * GRID)
        self._facts = self._tree("Parameters of the job", ("Parameter", "Value"))
        self.limits = LimitRows()
        self._results = self._tree("Results of the job", ("Result", "Size"))
        self._save = QPushButton("Save as…")
        self._login = QPushButton("Log in…")
        self._document = QPlainTextEdit(readOnly=True)
        self._document.setAccessibleName("Job document")
        self._document.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._document.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._lay_out()
        self._save.clicked.connect(self._save_selected)
        self._login.clicked.connect(
            lambda: self._run and self.login_wanted.emit(self._run.job_url or self._run.service)
        )
        self.limits.destruction_wanted.connect(lambda: self._run and self.destruction_wanted.emit(self._run.key))
        self.limits.run_time_wanted.connect(lambda: self._run and self.run_time_wanted.emit(self._run.key))
        self._results.itemDoubleClicked.connect(self._save_selected)

    @staticmethod
    def _tree(name: str, headers: tuple[str, str]) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName(name)
        tree.setHeaderLabels(headers)
        tree.setRootIsDecorated(False)
        tree.setAlternatingRowColors(True)
        tree.setColumnWidth(0, 20 * GRID)
        tree.setUniformRowHeights(True)
        tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        tree.header().setStretchLastSection(True)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return tree

    def _lay_out(self) -> None:
        facts = QWidget()
        column = QVBoxLayout(facts)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._facts)
        column.addWidget(self.limits)
        results = QWidget()
        column = QVBoxLayout(results)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._results)
        column.addWidget(self._save, 0, Qt.AlignmentFlag.AlignLeft)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName("Parts of the details")
        self._tabs.tabBar().setAccessibleName("Parts of the details")
        self.setMinimumWidth(36 * GRID)
        self._tabs.addTab(facts, "Parameters")
        self._tabs.addTab(results, "Results")
        self._tabs.addTab(self._document, "Document")
        body = QWidget()
        rows = QVBoxLayout(body)
        rows.setContentsMargins(GRID, GRID, GRID, 0)
        head = QHBoxLayout()
        head.addWidget(self._head, 1)
        head.addWidget(self._login, 0, Qt.AlignmentFlag.AlignTop)
        rows.addLayout(head)
        rows.addWidget(self._trouble)
        rows.addWidget(self._tabs, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._hint)
        self._stack.addWidget(body)

    def show_run(self, run: Run | None) -> None:
        """Show this run, or that none is selected; many changes in a moment are shown once."""
        other = (run.key if run else None) != (self._run.key if self._run else None)
        self._run = run
        if other:
            self._fill()
        elif not self._later.isActive():
            self._later.start(100)

    def look_again(self) -> None:
        """Show what there is to say of the run now: its end may have come near."""
        if self._run is not None:
            self._later.start(0)

    @property
    def is_settled(self) -> bool:
        """Whether all that is known of the run is shown."""
        return not self._later.isActive()

    def _fill(self) -> None:
        run = self._run
        self._stack.setCurrentIndex(0 if run is None else 1)
        if run is None:
            return
        chip = CHIPS[run.state]
        self._head.setText(
            f"<b>{html.escape(run.name)}</b><br><span style='color:{chip.colour.name()}'>{chip.word}</span>"
            f" on {html.escape(service_label(run.service))}"
        )
        trouble = _trouble(run)
        self._trouble.setPlainText(trouble)
        self._trouble.setVisible(bool(trouble))
        self._login.setVisible(run.state in ("lost", "held back") and run.contact is Contact.NOT_ALLOWED)
        self._fill_facts(run)
        self.limits.show_run(run)
        self._fill_results(run)
        raw = run.job.raw if run.job is not None else ""
        if self._document.toPlainText() != raw:
            place = self._document.verticalScrollBar().value()
            self._document.setPlainText(raw)
            self._document.verticalScrollBar().setValue(place)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours that were chosen."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._run is not None:
            self._later.start(0)

    def _spec(self, run: Run) -> ModelSpec | None:
        """What is known of the parameters of a run: our model's, or as its service has described them."""
        if run.model is None:
            return self._described(run.service)
        return next((spec for spec in MODELS if spec.name == run.model), None)

    def _fill_facts(self, run: Run) -> None:
        """List what was sent and what the service says; a list that is as it was keeps its place and selection."""
        rows = [(label, value, tip, value) for label, value, tip in _parameter_rows(run, self._spec(run))]
        if run.observation is not None:
            rows.append(("Modelled from", run.observation.words, "", run.observation.details))
        extra = [("Address", run.job_url)] if run.job_url else []
        extra += _time_rows(run.job, run) if run.job is not None else []
        rows += [(label, value, "", value) for label, value in extra]
        if rows == self._facts_shown:
            return
        self._facts_shown = rows
        self._facts.clear()
        for label, value, *tips in rows:
            item = QTreeWidgetItem(self._facts, [label, value])
            for column, tip in enumerate(tips):
                item.setToolTip(column, plain_tip(tip))

    def _fill_results(self, run: Run) -> None:
        files = list(run.results.items())
        if files == self._results_shown:
            return
        self._results_shown = files
        self._results.clear()
        for result_id, file in files:
            item = QTreeWidgetItem(self._results, [file.name, size_text(file.size)])
            item.setData(0, Qt.ItemDataRole.UserRole, result_id)
            item.setToolTip(0, plain_tip(f"{file.name}\n{file.mime_type or ''}\nsha256 {file.sha256}"))
        first = self._results.topLevelItem(0)
        if first is not None:
            self._results.setCurrentItem(first)
        self._save.setEnabled(bool(run.results))
        self._tabs.setTabText(1, f"Results ({len(run.results)})" if run.results else "Results")

    def _ask_login(self) -> None:
        if self._run is not None:
            self.login_wanted.emit(self._run.job_url or self._run.service)

    def _save_selected(self) -> None:
        item = self._results.currentItem()
        if self._run is not None and item is not None:
            self.save_wanted.emit(self._run.key, item.data(0, Qt.ItemDataRole.UserRole))
