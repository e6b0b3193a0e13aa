"""Loads the molecule that a form wants, in a task; the form goes on with the one before until it arrives."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Attachment
from stopdesk.errors import StopdeskError
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.tasks import Task, Tasks


class MoleculeLoader(QObject):
    """Holds one molecule; ``arrived`` is sent when another, or the reason why there is none, has come."""

    arrived = Signal()

    def __init__(self, *, tasks: Tasks, library: MoleculeLibrary, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._library = library
        self._wanted: str | Path | None = None
        self._task: Task | None = None
        self.molecule: Molecule | None = None
        self.size = 0
        self.problem = ""

    @property
    def loading(self) -> bool:
        """Whether the molecule at hand is not yet the one that is wanted."""
        return self._task is not None

    def want(self, wanted: str | Path) -> None:
        """Load the bundled molecule of that key, or the file at that path, unless it is at hand or on its way."""
        if wanted == self._wanted:
            return
        self.forget()
        self._wanted = wanted

        def work(_: Task) -> tuple[Molecule, int]:
            if isinstance(wanted, str):
                return self._library.load(wanted), 0
            molecule = self._library.read(wanted)
            return molecule, wanted.stat().st_size

        name = wanted if isinstance(wanted, str) else wanted.name
        self._task = self._tasks.start(
            f"Reading {name}", work, done=self._arrive, failed=self._fail, queue_name="molecules", width=1, quiet=True
        )

    def forget(self) -> None:
        """Want nothing; the molecule at hand stays."""
        if self._task is not None:
            self._task.cancel()
        self._task, self._wanted, self.problem = None, None, ""

    def attachment(self, path: Path) -> Attachment:
        """What goes with a request for the file; without hash and size until it has been read."""
        if self._wanted == path and not self.loading and not self.problem and self.molecule is not None:
            return Attachment(path.name, self.molecule.sha256, self.size)
        return Attachment(path.name, "", 0)

    def _arrive(self, outcome: tuple[Molecule, int]) -> None:
        self._task = None
        self.molecule, self.size = outcome
        self.arrived.emit()

    def _fail(self, error: StopdeskError) -> None:
        self._task = None
        self.problem = str(error)
        self.arrived.emit()
