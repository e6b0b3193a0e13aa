"""The main window: rail, source bar, workspaces, jobs, details, status; it arranges, others decide."""

from __future__ import annotations

import base64
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeySequence
from PySide6.QtWidgets import QDockWidget, QFileDialog, QMainWindow, QMenu, QStackedWidget, QToolBar, QWidget

from stopdesk import paths
from stopdesk.ui import about, focus
from stopdesk.ui.actions import INTEROP, WORKSPACES, build_menus
from stopdesk.ui.conductor import Conductor
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.forms.order import RunOrder
from stopdesk.ui.forms.workspace import ModelWorkspace
from stopdesk.ui.jobs.details import Details
from stopdesk.ui.jobs.panel import JobsPanel
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.workspace import ObservePage
from stopdesk.ui.rail import Rail
from stopdesk.ui.results_page import ResultsPage
from stopdesk.ui.run_commands import RunCommands
from stopdesk.ui.session_files import SessionFiles
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.source_bar import SourceBar
from stopdesk.ui.spectra.workspace import SpectraPage
from stopdesk.ui.status import StatusLine
from stopdesk.ui.tasks import Tasks
from stopdesk.ui.theme import GRID

if TYPE_CHECKING:
    from collections.abc import Callable


#: What a window manager puts around a window, at most, in pixels.
_FRAME = 5 * GRID


class Window(QMainWindow):
    """``closed`` is sent when the window has gone for good, ``login_wanted(url)`` when details ask to log in.

    ``services_wanted`` and ``add_job_wanted`` are for the dialogs of these names, ``interop_wanted(name)`` is for an
    action of the menu Interop. ``ask_before_closing`` may ask something, and calls what it is given to go on.
    """

    closed = Signal()
    login_wanted = Signal(str)
    services_wanted = Signal()
    add_job_wanted = Signal()
    interop_wanted = Signal(str)
    _is_ordered = False

    def __init__(
        self,
        *,
        document: Document,
        conductor: Conductor,
        fetcher: Fetcher,
        tasks: Tasks,
        notices: Notices,
        settings: SettingsKeeper,
        workspace: ModelWorkspace,
        source_bar: SourceBar,
        observe: ObservePage,
    ) -> None:
        super().__init__()
        self.document = document
        self.conductor = conductor
        self.notices = notices
        self.settings = settings
        self.workspace = workspace
        self.source_bar = source_bar
        self.observe = observe
        self.spectra = SpectraPage(document=document, tasks=tasks, notices=notices)
        self.results = ResultsPage(document=document, tasks=tasks, notices=notices, v_lsr=source_bar.v_lsr_or_none)
        self.jobs = JobsPanel()
        self.details = Details(described=workspace.descriptions.spec)
        self.status = StatusLine(notices=notices, tasks=tasks)
        self.files = SessionFiles(document=document, notices=notices, clear_away=conductor.clear_away, window=self)
        self.commands = RunCommands(
            document=document,
            conductor=conductor,
            fetcher=fetcher,
            notices=notices,
            confirm_delete=lambda: settings.settings.confirm_delete,
            window=self,
        )
        self.ask_before_closing: Callable[[Callable[[], None]], None] = lambda then: then()
        self._open_when_there = ""
        self._detailed = ""  # the run in the details
        self._restoring = False
        self._closing = False
        self._lay_out()
        self._recent = QMenu("Open &recent", self)
        self._recent.setToolTipsVisible(True)
        selected = QMenu("Selected &jobs", self)
        selected.aboutToShow.connect(lambda: self.jobs.fill_menu(selected))
        self.actions_by_name = build_menus(self, self._handlers(), {"open": self._recent, "run": selected})
        self.rail.set_actions(self.actions_by_name)
        self._connect(fetcher)
        self._order_tabs()
        self._restore()
        document.settle()

    # layout

    def _lay_out(self) -> None:
        self.setMinimumSize(QSize(110 * GRID, 70 * GRID))
        room = self.screen().availableGeometry()
        self.resize(QSize(1280, 800).boundedTo(QSize(room.width(), room.height() - _FRAME)))
        pages = {"observe": self.observe, "spectra": self.spectra, "model": self.workspace, "runs": self.results}
        self.rail = Rail(pages)
        self.pages = self.rail.stack
        self.setCentralWidget(self.pages)
        bar = QToolBar("Source")
        bar.setObjectName("source")
        bar.setMovable(False)
        bar.addWidget(self.source_bar)
        self.addToolBar(bar)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, self.rail)
        self.jobs_dock = self._dock("Jobs", self.jobs, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.details_stack = QStackedWidget()
        self.details_stack.addWidget(self.details)
        self.details_stack.addWidget(self.observe.details)
        self.details_dock = self._dock("Details", self.details_stack, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.details_dock.hide()
        self.resizeDocks([self.jobs_dock], [22 * GRID], Qt.Orientation.Vertical)
        self.resizeDocks([self.details_dock], [36 * GRID], Qt.Orientation.Horizontal)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().setSizeGripEnabled(False)

    def _dock(self, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(title.lower())
        dock.setWidget(widget)
        features = QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetClosable
        dock.setFeatures(features if title == "Details" else QDockWidget.DockWidgetFeature.DockWidgetMovable)
        self.addDockWidget(area, dock)
        return dock

    def _order_tabs(self) -> None:
        pages = (self.observe, self.spectra, self.workspace, self.results)
        focus.chain(self.source_bar, *pages, self.jobs, self.details_stack, self.status)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "new": self.files.new,
            "open": self.files.open,
            "open_spectrum": partial(self._open_in, "spectra", self.spectra.open),
            "open_table": partial(self._open_in, "observe", partial(self.observe.own.ask, self)),
            "save": self.files.save,
            "save_as": self.files.save_as,
            "save_tables": self.results.save_tables,
            "quit": self.close,
            "undo": self.workspace.undo,
            "redo": self.workspace.redo,
            "preferences": self._preferences,
            **{spec.name: partial(self.show_page, spec.name) for spec in WORKSPACES},
            "jobs": self._focus_jobs,
            "details": lambda: self.details_dock.setVisible(not self.details_dock.isVisible()),
            "run": self.workspace.run,
            "add_job": self.add_job_wanted.emit,
            "services": self.services_wanted.emit,
            **{spec.name: partial(self.interop_wanted.emit, spec.name) for spec in INTEROP},
            "guide": lambda: about.show_guide(self),
            "log": self._show_log,
            "about": lambda: about.show(self),
        }

    def _connect(self, fetcher: Fetcher) -> None:
        document = self.document
        document.changed.connect(self._title)
        document.run_changed.connect(self._run_changed)
        document.runs_added.connect(self.jobs.add)
        document.run_removed.connect(self._run_removed)
        document.replaced.connect(self._restore)
        document.saving.connect(self.keep_layout)
        self.source_bar.changed.connect(lambda: self._unless_restoring(self._keep_source))
        self.source_bar.changed.connect(self.results.velocity_changed)
        self.workspace.changed.connect(lambda: self._unless_restoring(self._keep_forms))
        self.workspace.run_requested.connect(self._run)
        self.jobs.commanded.connect(self.commands.answer)
        self.jobs.current_changed.connect(self._job_selected)
        self.commands.open_results.connect(self.open_results)
        self.commands.rerun.connect(self._rerun)
        fetcher.results_arrived.connect(self._results_arrived)
        self.results.shown.connect(self._results_shown)
        self.results.example_requested.connect(self._run_example)
        self.source_bar.changed.connect(self.observe.follow_model)
        self.workspace.changed.connect(self.observe.follow_model)
        self.observe.built.connect(self._order_tabs)
        self.observe.arrived.connect(lambda: self.rail.mark("observe", is_new=True))
        self.observe.row_chosen.connect(lambda: self.details_stack.setCurrentWidget(self.observe.details))
        self.observe.services_wanted.connect(self.services_wanted)
        self.spectra.built.connect(self._order_tabs)
        self.spectra.arrived.connect(lambda: self.rail.mark("spectra", is_new=True))
        self.details.save_wanted.connect(self._save_result)
        self.details.login_wanted.connect(self.login_wanted)
        self.files.used.connect(self.settings.used)
        self.files.begun.connect(partial(self.show_page, "observe"))
        self.settings.changed.connect(self._settings_changed)
        self._settings_changed()

    # session in, session out

    def _restore(self) -> None:
        """Show the session that the document holds."""
        session = self.document.session
        self._restoring = True
        self.source_bar.set_source(session.source)
        self.workspace.restore(session.model, session.forms, session.service, session.specs)
        self.jobs.set_runs(session.runs)
        self.results.clear()
        view = session.layout.get("spectra")
        self.spectra.restore(session.spectra, view if isinstance(view, dict) else {})
        observed = session.layout.get("observe")
        self.observe.restore(observed if isinstance(observed, dict) else {})
        self._job_selected("")
        self._restore_layout()
        self._restoring = False
        self._keep_source()
        self._keep_forms()
        self.document.settle()
        self._title()
        shown = session.layout.get("run", "")
        if any(run.key == shown and run.results for run in session.runs):
            self.jobs.select(shown)
            view = session.layout.get("view")
            self.results.view.set_view_state(view if isinstance(view, dict) else {})
            self.open_results(shown, to_front=session.layout.get("page") == "runs")

    def _restore_layout(self) -> None:
        layout = self.document.session.layout or self.settings.settings.layout
        try:
            state = base64.b64decode(str(layout.get("state", "")), validate=True)
        except ValueError:  # from a damaged or foreign file
            state = b""
        if state:
            self.restoreState(QByteArray(state))
        session = self.document.session
        filled = {"observe": session.searches or session.tables, "runs": session.runs, "spectra": session.spectra}
        page = str(layout.get("page"))
        self.show_page(page if filled.get(page) else "model")

    def layout_state(self) -> dict[str, Any]:
        """How the window is laid out now."""
        state = base64.b64encode(self.saveState().data()).decode()
        return {
            "state": state,
            "page": self.rail.current,
            "run": self.results.run_key,
            "view": self.results.view.view_state(),
            "spectra": self.spectra.view_state(),
            "observe": self.observe.view_state(),
        }

    def keep_layout(self) -> None:
        """Put the layout into the session."""
        self.document.set_layout(self.layout_state())

    def _unless_restoring(self, call: Callable[[], None]) -> None:
        if not self._restoring:
            call()

    def _keep_source(self) -> None:
        self.document.set_source(self.source_bar.source)

    def _keep_forms(self) -> None:
        shown = self.workspace
        self.document.set_forms(shown.model, shown.service, shown.state(), shown.descriptions.documents)

    def _title(self) -> None:
        self.setWindowTitle(f"{self.document.title}[*] – stopdesk")
        self.setWindowModified(self.document.is_modified)

    # runs

    def _run(self, order: RunOrder) -> None:
        key = self.conductor.submit(order)
        if self.settings.settings.open_results:
            self._open_when_there = key

    def _run_example(self) -> None:
        self.document.set_observation(None)
        self.workspace.show_example()
        self.show_page("model")
        self.workspace.run()

    def _run_changed(self, key: str) -> None:
        run = self.document.run(key)
        if run is None:
            return
        self.jobs.put(run)
        if self._detailed == key:
            self.details.show_run(run)

    def _run_removed(self, key: str) -> None:
        self.jobs.remove(key)
        self.results.forget(key)

    def _job_selected(self, key: str) -> None:
        self._detailed = key
        self.details.show_run(self.document.run(key))
        self.details_stack.setCurrentWidget(self.details)

    def _results_arrived(self, key: str) -> None:
        if key == self._open_when_there:
            self._open_when_there = ""
            self.open_results(key)
        else:
            self.rail.mark("runs", is_new=True)

    def _results_shown(self, _: str) -> None:
        if not self._is_ordered:  # what shows results is made with the first of them
            self._is_ordered = True
            self._order_tabs()
        self.rail.mark("runs", is_new=True)
        self.keep_layout()

    def open_results(self, key: str, *, to_front: bool = True) -> None:
        """Show the results of a run, in front unless told otherwise; where there is nothing to plot, its files."""
        if self.results.open(self.document.session.run(key)):
            if to_front:
                self.show_page("runs")
        else:
            self.jobs.select(key)
            self.details_dock.show()

    def _rerun(self, key: str) -> None:
        run = self.document.session.run(key)
        form = run.model or run.service
        self.workspace.show_run(form, run.request, run.attachments, self.document.store, name=run.name)
        self.show_page("model")

    def _save_result(self, key: str, result_id: str) -> None:
        run = self.document.session.run(key)
        file = run.results[result_id]
        folder = QFileDialog.getExistingDirectory(self, f"Save {file.name} in")
        if folder:
            self.results.save_files(run, (file,), Path(folder))

    # around

    def show_page(self, name: str) -> None:
        """Bring a workspace to the front."""
        self.rail.show_page(name)

    def _open_in(self, page: str, open_files: Callable[[], None]) -> None:
        self.show_page(page)
        open_files()

    def _focus_jobs(self) -> None:
        self.jobs_dock.show()
        self.jobs.focus()

    def _show_log(self) -> None:
        folder = paths.log_dir()
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.notices.tell(f"The log is in {folder}.")

    def _preferences(self) -> None:
        from stopdesk.ui.preferences.dialog import PreferencesDialog

        dialog = PreferencesDialog(settings=self.settings, parent=self)
        dialog.open()

    def _settings_changed(self) -> None:
        settings = self.settings.settings
        self.workspace.set_services(self.settings.services(), self.settings.services_with_forms())
        recent = self._recent
        recent.clear()
        for name in settings.recent_files:
            action = recent.addAction(Path(name).name)
            action.setToolTip(name)
            action.triggered.connect(lambda _=False, name=name: self.files.open_path(Path(name)))
        recent.setEnabled(bool(settings.recent_files))
        self.actions_by_name["redo"].setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes; go only once they are saved or given up."""
        if self._closing:
            event.accept()
            return
        event.ignore()
        self.ask_before_closing(lambda: self.files.unless_cancelled("closing", self._close_for_good))

    def _close_for_good(self) -> None:
        self._closing = True
        self.settings.keep_layout({"state": self.layout_state()["state"]})
        self.close()
        self.closed.emit()
