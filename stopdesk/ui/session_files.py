"""New, open, save and quit: the dialogs around the session file, in which Cancel cancels all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from stopdesk.domain.run import Run
from stopdesk.errors import StopdeskError
from stopdesk.session.recovery import LeftBehind
from stopdesk.ui.asking import file_to_write
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices

SUFFIX = ".stop"
_PATTERN = f"Sessions (*{SUFFIX})"


class SessionFiles(QObject):
    """Asks what has to be asked, then has the document do it; ``used`` carries a path for the recent files.

    ``begun`` is sent when an empty session was started.
    """

    used = Signal(str)
    begun = Signal()

    def __init__(
        self,
        *,
        document: Document,
        notices: Notices,
        clear_away: Callable[[tuple[Run, ...], Callable[[], None]], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._clear_away = clear_away
        self._document = document
        self._notices = notices
        self._window = window

    def new(self) -> None:
        """Start an empty session."""
        self.unless_cancelled("starting a new session", lambda: self._document.new(self.begun.emit))

    def open(self) -> None:
        """Ask for a session file and open it."""
        self.unless_cancelled("opening another session", self._ask_and_open)

    def _ask_and_open(self) -> None:
        start = str(self._document.path.parent) if self._document.path else ""
        name, _ = QFileDialog.getOpenFileName(self._window, "Open a session", start, f"{_PATTERN};;All files (*)")
        if name:
            self._read(Path(name))

    def open_path(self, path: Path) -> None:
        """Open this session file."""
        self.unless_cancelled(f"opening {path.name}", lambda: self._read(path))

    def _read(self, path: Path) -> None:
        def opened() -> None:
            self.used.emit(str(path))
            self._notices.tell(f"Opened {path.name}.")

        self._document.open(path, opened, self._notices.fail)

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save to the session's file; asks for one where there is none yet."""
        if self._document.path is None:
            self.save_as(then)
        else:
            self._write(self._document.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a file and save to it; ``then`` follows once it is saved, and never after a Cancel."""
        start = str(self._document.path or Path.home() / f"untitled{SUFFIX}")
        path = file_to_write(self._window, "Save the session", start, _PATTERN, SUFFIX)
        if path is not None:
            self._write(path, then, over_others=True)

    def _write(self, path: Path, then: Callable[[], None] | None, *, over_others: bool = False) -> None:
        def saved() -> None:
            self.used.emit(str(path))
            self._notices.tell(f"Saved {path.name}.")
            if then is not None:
                then()

        def failed(error: StopdeskError) -> None:
            self._notices.fail(f"The session was not saved. {error}")

        self._document.save(path, saved, failed, over_others=over_others)

    def unless_cancelled(self, what: str, then: Callable[[], None]) -> None:
        """Go on with ``then`` at once when nothing would be lost, else after Save or Don't save."""
        if not self._document.is_modified:
            then()
            return
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"Save the changes to {self._document.title} before {what}?")
        lost = "its last changes are forgotten" if self._document.path else "its forms, jobs and results are forgotten"
        box.setInformativeText(f"Without saving, {lost}; jobs on other services go on.")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Don't save", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        if clicked is save:
            self.save(then)
        elif clicked is discard:
            self._clear_away(self._document.unsaved_local_runs, then)

    def offer_recovery(self, left: list[LeftBehind]) -> None:
        """Offer what a crash left behind, the newest first; none is thrown away without being asked about."""
        if not left:
            return
        newest = left[0]
        name = newest.original.name if newest.original else "an untitled session"
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(f"The program ended without closing {name}.")
        box.setInformativeText(
            f"It was last kept on {newest.when.astimezone():%Y-%m-%d at %H:%M:%S}. Open what was kept?"
        )
        recover = box.addButton("Open it", QMessageBox.ButtonRole.AcceptRole)
        drop = box.addButton("Throw it away", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Decide later", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(recover)
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        if clicked is recover:
            self.unless_cancelled("opening what was kept", lambda: self._recover(newest))
        elif clicked is drop:
            self._document.discard(newest)

    def _recover(self, left: LeftBehind) -> None:
        def opened() -> None:
            self._notices.tell("Opened what was kept of the session. Save it to keep it for good.")

        self._document.recover(left, opened, self._notices.fail)
