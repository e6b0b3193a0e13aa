"""Loads what lies behind a row: the file is fetched, links are chosen from, and it is opened by what it contains."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from stopdesk.errors import FileError, StopdeskError, WebPage
from stopdesk.formats.convert import format_of
from stopdesk.net.http import Http
from stopdesk.ui.jobs.table import size_text
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.notices import Notices, plain_tip
from stopdesk.ui.runs import origin
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID
from stopdesk.vo import libraries
from stopdesk.vo.content import Content
from stopdesk.vo.datalink import Link
from stopdesk.vo.download import Fetched, fetch

_TABLES = (Content.VOTABLE, Content.FITS_TABLE)
#: Tables of these formats do not show by their content what they are.
_BY_NAME = ("csv", "ecsv", "parquet")
#: What a browser shows better.
_PAGES = (Content.PICTURE, Content.PDF)
_SPECTRA = (Content.FITS_SPECTRUM, Content.VOTABLE_SPECTRUM)


class Loader(QObject):
    """``table_loaded`` and ``spectrum_loaded`` carry a file of such, its name and its address.

    ``offering`` carries a file that is neither, and the box that will ask what is to be done with it, for whoever has a
    further button for it.
    """

    table_loaded = Signal(object, str, str)
    spectrum_loaded = Signal(object, str, str)
    offering = Signal(object, object)

    def __init__(self, *, tasks: Tasks, notices: Notices, log_ins: LogIns, http: Http, window: QWidget) -> None:
        super().__init__(window)
        self._tasks = tasks
        self._notices = notices
        self._log_ins = log_ins
        self._http = http
        self._window = window
        self._under_way: set[str] = set()

    def load(self, url: str, what: str, media_type: str = "", *, pages_too: bool = False) -> None:
        """Fetch what lies at an address and open it; ``what`` names it to the user.

        What is said to be for a browser goes to the browser, with ``pages_too`` also what turns out to be. What is
        being fetched already is not fetched twice.
        """
        if media_type.partition(";")[0].strip().lower() == "text/html":
            self.open_link(url)
            return
        if url in self._under_way:
            self._notices.tell(f"{what} is being loaded.")
            return
        since = self._log_ins.number
        self._log_ins.may_ask(url)

        def work(task: Task) -> Fetched:
            libraries.load(talking=True)
            return fetch(self._http, url, progress=_reporting(task), cancelled=lambda: task.cancelled)

        def done(fetched: Fetched) -> None:
            self._under_way.discard(url)
            if pages_too and fetched.content in _PAGES:
                self.open_link(fetched.url)
            else:
                self.open(fetched, what)

        def failed(error: StopdeskError) -> None:
            self._under_way.discard(url)
            if pages_too and isinstance(error, WebPage):
                self.open_link(error.url)
                return
            self._notices.fail(f"{what} could not be loaded. {error}")
            again = partial(self.load, url, what, pages_too=pages_too)
            self._log_ins.turned_away(error, f"load {url}", again, since=since)

        self._under_way.add(url)
        self._tasks.start(
            f"Loading {what}",
            work,
            done=done,
            failed=failed,
            dropped=lambda: self._under_way.discard(url),
            queue_name=f"load {origin(url)}",
            width=2,
        )

    def open_link(self, url: str) -> None:
        """Show a web page in the desktop's browser."""
        if not url.startswith(("http://", "https://")):
            self._notices.warn(f"{url} is no web address and was not opened.")
        elif QDesktopServices.openUrl(QUrl(url)):
            self._notices.tell(f"Opened {url} in the browser.")
        else:
            self._notices.tell(f"No browser answers; the address is {url}.")

    def open(self, fetched: Fetched, what: str) -> None:
        """Open a file that is here by what it is; where that is nothing to be shown here, the user is asked."""
        if fetched.links:
            self._choose(fetched.links, what)
        elif fetched.content in _TABLES or format_of(Path(fetched.name)) in _BY_NAME:
            self.table_loaded.emit(fetched.path, fetched.name, fetched.url)
        elif fetched.content in _SPECTRA:
            self.spectrum_loaded.emit(fetched.path, fetched.name, fetched.url)
        else:
            self._offer(fetched)

    def _choose(self, links: Sequence[Link], what: str) -> None:
        dialog = LinksDialog(links, what, parent=self._window.window())

        def accepted() -> None:
            for link in dialog.chosen:
                self.load(link.url, f"{what}, {link.title}", link.content_type)

        dialog.accepted.connect(accepted)
        dialog.open()

    def _offer(self, fetched: Fetched) -> None:
        """A file that is looked at elsewhere: save it, or hand it to the desktop."""
        text = f"{fetched.name} is here: {fetched.content.value}, {size_text(fetched.size)}."
        box = QMessageBox(QMessageBox.Icon.Information, "Loaded", text, parent=self._window.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        save = box.addButton("Save as…", QMessageBox.ButtonRole.AcceptRole)
        show = box.addButton("Open with the desktop", QMessageBox.ButtonRole.ActionRole)
        self.offering.emit(fetched, box)
        box.addButton(QMessageBox.StandardButton.Close)

        def clicked(button: object) -> None:
            if button is save:
                self._save(fetched)
            elif button is show:
                self._hand_over(fetched)

        box.buttonClicked.connect(clicked)
        box.finished.connect(box.deleteLater)
        box.open()

    def _save(self, fetched: Fetched) -> None:
        name, _ = QFileDialog.getSaveFileName(self._window, "Save the file", fetched.name)
        if name:
            self._copy(fetched.path, Path(name), lambda: self._notices.tell(f"Saved {name}."))

    def _hand_over(self, fetched: Fetched) -> None:
        """Open a copy under the file's own name, by which the desktop knows what to open it with."""
        if fetched.url.startswith("file:"):  # another program has it here: its folder is not ours to write to
            self._show(fetched.path)
            return
        copy = fetched.path.with_name("shown") / fetched.name
        self._copy(fetched.path, copy, lambda: self._show(copy))

    def _show(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._notices.tell(f"The desktop has no program for it; the file is {path}.")

    def _copy(self, source: Path, target: Path, done: Callable[[], None]) -> None:
        def work(_: Task) -> None:
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
            except OSError as error:
                raise FileError(target, f"cannot be written: {error.strerror or error}.") from error

        self._tasks.start(
            f"Saving {target.name}", work, done=lambda _: done(), failed=self._notices.fail, can_cancel=False
        )


class LinksDialog(QDialog):
    """Lists what belongs to an observation; ``chosen`` are the links that the user wants."""

    def __init__(self, links: Sequence[Link], what: str, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Several files")
        self._links = tuple(links)
        text = f"{len(self._links)} files belong to {what}. Which shall be loaded?"
        words = QLabel(text, textFormat=Qt.TextFormat.PlainText, wordWrap=True)
        self.list = QListWidget()
        self.list.setAccessibleName("Files of the observation")
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        for link in self._links:
            size = f", {size_text(link.size)}" if link.size else ""
            item = QListWidgetItem(f"{link.title}{size}", self.list)
            item.setToolTip(plain_tip(f"{link.semantics}\n{link.url}"))
        self.list.setCurrentRow(0)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        load = buttons.addButton("Load", QDialogButtonBox.ButtonRole.AcceptRole)
        load.setDefault(True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.list.itemActivated.connect(lambda _: self.accept())
        self.finished.connect(self.deleteLater)
        layout = QVBoxLayout(self)
        layout.addWidget(words)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        self.resize(64 * GRID, 40 * GRID)

    @property
    def chosen(self) -> list[Link]:
        """The links that are selected."""
        return [self._links[index.row()] for index in self.list.selectedIndexes()]


def _reporting(task: Task) -> Callable[[int, int | None], None]:
    def progress(so_far: int, total: int | None) -> None:
        task.report(so_far / total if total else None, size_text(so_far))

    return progress
