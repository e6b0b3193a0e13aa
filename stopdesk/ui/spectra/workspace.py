"""The Spectra workspace: takes spectra from files into the session and shows them, and the way to a first one."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QStackedLayout, QVBoxLayout, QWidget

from stopdesk import paths
from stopdesk.domain.loaded import LoadedSpectrum
from stopdesk.domain.run import StoredFile
from stopdesk.domain.spectrum import Spectrum
from stopdesk.errors import Cancelled, StopdeskError
from stopdesk.session.file import SessionStore
from stopdesk.ui import theme
from stopdesk.ui.document import Document
from stopdesk.ui.dropping import FileDrops
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries

if TYPE_CHECKING:
    from stopdesk.ui.spectra.content import SpectraContent

_CONTENT = "stopdesk.ui.spectra.content"
_PATTERNS = "Spectra (*.fits *.fit *.fts *.fits.gz *.vot *.votable *.xml *.ecsv *.csv *.txt *.dat);;All files (*)"
_EXAMPLE = "the example of the program"


class SpectraPage(QWidget):
    """Spectra of the session; ``arrived`` says that new ones are here, ``built`` that there are controls for them."""

    arrived = Signal()
    built = Signal()

    def __init__(self, *, document: Document, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._folder = ""
        self._view: Mapping[str, Any] = {}
        self.content: SpectraContent | None = None
        self.example_button = QPushButton("Show an example")
        self.open_button = QPushButton("Open spectrum…")
        self._empty = self._build_empty()
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        FileDrops(self, self.add)

    def _build_empty(self) -> QWidget:
        page = QWidget()
        words = QLabel(
            "<h3>No spectrum yet</h3><p>Here observed spectra are looked at, several at once, over frequency, velocity "
            "or wavelength as far as their files allow, with the header beside them. Files may be FITS, VOTable, ECSV "
            "or CSV; open them, or drop them here. Or begin with an example, a computed spectrum of HCN.</p>"
        )
        words.setWordWrap(True)
        words.setFixedWidth(60 * theme.GRID)
        words.setMinimumHeight(words.heightForWidth(60 * theme.GRID))
        self.example_button.setToolTip("Show a spectrum that comes with the program; works without a network")
        self.example_button.clicked.connect(self.add_example)
        self.open_button.setToolTip("Load spectra from files")
        self.open_button.clicked.connect(self.open)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.example_button)
        row.addWidget(self.open_button)
        row.addStretch(1)
        layout = QVBoxLayout(page)
        layout.addStretch(2)
        layout.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.GRID)
        layout.addLayout(row)
        layout.addStretch(3)
        return page

    @property
    def is_empty(self) -> bool:
        """Whether no spectrum is shown."""
        return self._stack.currentWidget() is self._empty

    # ---- loading -------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Ask for files, and load the spectra in them."""
        names, _ = QFileDialog.getOpenFileNames(self, "Open spectra", self._folder, _PATTERNS)
        for name in names:
            self._folder = str(Path(name).parent)
            self.add(Path(name))

    def add_example(self) -> None:
        """Load the example that comes with the program."""
        self.add(paths.resources() / "spectra" / "example.fits", origin=_EXAMPLE)

    def add(
        self,
        path: Path,
        origin: str = "",
        name: str = "",
        *,
        opened: Callable[[], object] | None = None,
        failed: Callable[[StopdeskError], object] | None = None,
    ) -> None:
        """Load all spectra of a file into the session and show them; ``origin`` is where it came from, else its path.

        ``name`` is what the file is called, where that is not its name on this disk. ``opened`` is called once they are
        there, ``failed`` where they will not be: by default what cannot be read is said in a notice. What is loaded
        already is left alone.
        """
        store = self._document.store

        def read(task: Task) -> tuple[tuple[Spectrum, ...], StoredFile]:
            importlib.import_module(_CONTENT)
            libraries.load()
            from stopdesk.formats.spectra import MAX_BYTES, parse_spectra, read_bytes  # late: astropy is slow to import

            data = read_bytes(path, MAX_BYTES, lambda: task.cancelled)
            spectra = parse_spectra(data, called, cancelled=lambda: task.cancelled)
            sha256, size = store.put_blob(data)
            return spectra, StoredFile(name=called.name, sha256=sha256, size=size)

        def done(outcome: tuple[tuple[Spectrum, ...], StoredFile]) -> None:
            if store is not self._document.store:
                fail(Cancelled(f"{called.name} was not opened: another session is open by now."))
                return
            self._take(*outcome, origin or str(path))
            if opened is not None:
                opened()

        def fail(error: StopdeskError) -> None:
            if failed is not None:
                failed(error)
            elif store is self._document.store and not isinstance(error, Cancelled):
                self._notices.fail(error)  # what was read for a session that has been left concerns nobody

        called = path.with_name(name) if name else path
        self._tasks.start(
            f"Reading {called.name}",
            read,
            done=done,
            failed=fail,
            dropped=lambda: fail(Cancelled(f"{called.name} was not opened: the user cancelled it.")),
            queue_name="spectra",
            width=2,
        )

    def _take(self, spectra: tuple[Spectrum, ...], file: StoredFile, origin: str) -> None:
        """Put the spectra of a file into the session, unless it has them already."""
        session = self._document.session
        if any(each.file.sha256 == file.sha256 for each in session.spectra):
            self._notices.tell(f"{file.name} is loaded already.")
            self.arrived.emit()
            return
        used = {each.colour for each in session.spectra}
        free = (number for number in range(len(used) + len(spectra)) if number not in used)
        records = tuple(
            LoadedSpectrum(
                key=uuid.uuid4().hex, name=each.name, file=file, number=number, origin=origin, colour=next(free)
            )
            for number, each in enumerate(spectra)
        )
        self._document.set_spectra((*session.spectra, *records))
        self._show(list(zip(records, spectra, strict=True)))
        words = spectra[0].name if len(spectra) == 1 else f"{len(spectra)} spectra"
        notes = tuple(dict.fromkeys(note for each in spectra for note in each.notes))
        self._notices.tell(f"Loaded {words} of {file.name}. {' '.join(notes)}".rstrip())
        self.arrived.emit()

    def _show(self, loaded: list[tuple[LoadedSpectrum, Spectrum]], hidden: tuple[str, ...] = ()) -> None:
        content = self._content()
        self._stack.setCurrentWidget(content)
        content.add(loaded, hidden=hidden)

    def prepare(self) -> None:
        """Load what plotting needs, in a thread, and build what shows spectra, so that the first opens at once."""
        self._tasks.start(
            "Loading plots", lambda _: importlib.import_module(_CONTENT), done=lambda _: self._built(), quiet=True
        )

    def _built(self) -> None:
        self._content()

    def _content(self) -> SpectraContent:
        if self.content is None:
            from stopdesk.ui.spectra.content import SpectraContent  # late: pyqtgraph is the slowest import there is

            self.content = SpectraContent(tasks=self._tasks, notices=self._notices)
            self.content.open_wanted.connect(self.open)
            self.content.remove_wanted.connect(self.remove)
            self._stack.addWidget(self.content)
            self.built.emit()
        return self.content

    def remove(self, keys: tuple[str, ...]) -> None:
        """Take spectra out of the session."""
        left = tuple(each for each in self._document.session.spectra if each.key not in keys)
        self._document.set_spectra(left)
        self._content().remove(keys)
        if not self._content().keys:
            self._stack.setCurrentWidget(self._empty)

    # ---- session -------------------------------------------------------------------------------------------------

    def restore(self, spectra: tuple[LoadedSpectrum, ...], view: Mapping[str, Any]) -> None:
        """Show the spectra of the session that was opened, as they were looked at."""
        self._stack.setCurrentWidget(self._empty)
        self._view = view
        if self.content is not None:
            self.content.clear()
        if not spectra:
            return
        store = self._document.store

        def read(task: Task) -> tuple[list[tuple[LoadedSpectrum, Spectrum]], list[StopdeskError]]:
            importlib.import_module(_CONTENT)
            libraries.load()
            return _kept(store, spectra, task)

        def done(outcome: tuple[list[tuple[LoadedSpectrum, Spectrum]], list[StopdeskError]]) -> None:
            if store is self._document.store:
                self._show_kept(*outcome)

        self._tasks.start("Reading the spectra of the session", read, done=done, failed=self._notices.fail)

    def _show_kept(self, loaded: list[tuple[LoadedSpectrum, Spectrum]], errors: list[StopdeskError]) -> None:
        for error in errors:
            self._notices.fail(f"A spectrum of the session cannot be shown: {error}")
        here = {each.key for each in self._document.session.spectra}
        present = [(record, spectrum) for record, spectrum in loaded if record.key in here]
        if present:
            hidden = self._view.get("hidden")
            self._show(present, tuple(map(str, hidden)) if isinstance(hidden, list) else ())
            self._content().set_view_state(self._view)
        self._view = {}

    def view_state(self) -> dict[str, Any]:
        """How the spectra are looked at, for the session; as it was opened while they are still being read."""
        if self.content is None or self.is_empty:
            return dict(self._view)
        return self.content.view_state()


def _kept(
    store: SessionStore, spectra: tuple[LoadedSpectrum, ...], task: Task
) -> tuple[list[tuple[LoadedSpectrum, Spectrum]], list[StopdeskError]]:
    """The spectra as the session's files have them, and what could not be read of them (blocks)."""
    from stopdesk.errors import FileError
    from stopdesk.formats.spectra import parse_spectra  # late: astropy is slow to import

    files: dict[str, tuple[Spectrum, ...]] = {}
    errors: dict[str, StopdeskError] = {}
    for record in spectra:
        sha256 = record.file.sha256
        if sha256 in files or sha256 in errors:
            continue
        try:
            files[sha256] = parse_spectra(store.blob(sha256), record.file.name, cancelled=lambda: task.cancelled)
        except Cancelled:
            raise
        except StopdeskError as error:
            errors[sha256] = error
    loaded = []
    for record in spectra:
        found = files.get(record.file.sha256, ())
        if record.number < len(found):
            loaded.append((record, found[record.number]))
        elif record.file.sha256 in files:
            errors[record.key] = FileError(record.file.name, f"has no spectrum number {record.number + 1} any more.")
    return loaded, list(errors.values())
