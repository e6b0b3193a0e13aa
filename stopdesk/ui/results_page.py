"""The Runs workspace: reads a run's result tables in a task and shows them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from stopdesk.domain.result import ModelResult
from stopdesk.domain.run import Run, StoredFile
from stopdesk.errors import StopdeskError
from stopdesk.ui.document import QUEUE, Document
from stopdesk.ui.grids.results import ResultsView, load_plots
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks

#: The table that carries a model's results, by its result id or file name.
GRID_TABLE = "grid"


def grid_table(run: Run) -> StoredFile | None:
    """The file of a run that holds the grid; None when none of its results is one."""
    for result_id, file in run.results.items():
        if result_id.removesuffix(".vot") == GRID_TABLE or file.name == f"{GRID_TABLE}.vot":
            return file
    return None


class ResultsPage(QWidget):
    """Shows one run's results at a time; ``shown`` carries its key once they are on the screen."""

    shown = Signal(str)
    example_requested = Signal()

    def __init__(
        self, *, document: Document, tasks: Tasks, notices: Notices, v_lsr: Callable[[], float | None]
    ) -> None:
        super().__init__()
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._v_lsr = v_lsr
        self._wanted = ""  # asked for last
        self._given = ""  # handed to the view last
        self.run_key = ""  # on the screen
        self.view = ResultsView(tasks=tasks, notices=notices)
        self.view.save_requested.connect(self.save_tables)
        self.view.example_requested.connect(self.example_requested)
        self.view.shown.connect(self._is_shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)

    def prepare(self) -> None:
        """Load what plotting needs, in a thread, and build the plots, so that the first result opens at once."""

        def load(_: Task) -> None:
            load_plots()
            importlib.import_module("stopdesk.formats.results")

        self._tasks.start("Loading plots", load, done=lambda _: self.view.prepare(), quiet=True)

    def velocity_changed(self) -> None:
        """Take the source's velocity as it is now."""
        self.view.set_v_lsr(self._v_lsr())

    def open(self, run: Run) -> bool:
        """Read the run's grid and show it; the newest wish wins. False when it has none that could be shown."""
        file = grid_table(run)
        if file is None:
            self._notices.warn(f"{run.name} has no result table that can be plotted; its files are in the details.")
            return False
        self._wanted = run.key
        store = self._document.store

        def read(_: Task) -> bytes:
            return store.blob(file.sha256)

        self._tasks.start(
            f"Reading the results of {run.name}",
            read,
            done=lambda data: self._parse(run, data),
            failed=self._notices.fail,
            queue_name=QUEUE,
            width=1,
        )
        return True

    def _parse(self, run: Run, data: bytes) -> None:
        def parse(_: Task) -> ModelResult:
            from stopdesk.formats.results import read_grid

            return read_grid(data)

        self._tasks.start(
            f"Reading the results of {run.name}",
            parse,
            done=lambda result: self._show(run, result),
            failed=lambda error: self._unreadable(run, error),
        )

    def _unreadable(self, run: Run, error: StopdeskError) -> None:
        self._notices.fail(f"The results of {run.name} cannot be shown: {error}")

    def _show(self, run: Run, result: ModelResult) -> None:
        if run.key == self._wanted:
            self._given = run.key
            self.view.show_result(result, run.name, self._v_lsr())

    def _is_shown(self) -> None:
        self.run_key = self._given
        self.shown.emit(self.run_key)

    def clear(self) -> None:
        """Show that there is nothing."""
        self.view.clear()
        self._wanted = self._given = self.run_key = ""

    def forget(self, key: str) -> None:
        """The run has been deleted: show it no more."""
        if key in (self.run_key, self._given):
            self.clear()
        elif key == self._wanted:
            self._wanted = self._given

    def save_tables(self) -> None:
        """Ask for a folder and put the run's tables there, under new names where the old ones are taken."""
        if not self.run_key:
            self._notices.tell("There are no result tables to save yet.")
            return
        run = self._document.session.run(self.run_key)
        folder = QFileDialog.getExistingDirectory(self, f"Save the tables of {run.name} in")
        if folder:
            self.save_files(run, tuple(run.results.values()), Path(folder))

    def save_files(self, run: Run, files: tuple[StoredFile, ...], folder: Path) -> None:
        """Write these result files of the run into the folder; nothing there is overwritten."""
        store = self._document.store

        def write(task: Task) -> int:
            for number, file in enumerate(files):
                task.report(number / len(files), file.name)
                store.export_blob(file.sha256, free_path(folder / file.name))
            return len(files)

        self._tasks.start(
            f"Saving the tables of {run.name}",
            write,
            done=lambda number: self._notices.tell(
                f"{number} file{'' if number == 1 else 's'} of {run.name} {'is' if number == 1 else 'are'} in {folder}."
            ),
            failed=self._notices.fail,
            queue_name=QUEUE,
            width=1,
        )


def free_path(path: Path) -> Path:
    """``path``, or ``name-2.ext`` and so on where it is taken."""
    number, free = 2, path
    while free.exists():
        free = path.with_stem(f"{path.stem}-{number}")
        number += 1
    return free
