"""Tables that did not come from a search: of files, of links, of other programs; the session keeps them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from stopdesk.domain.loaded import LoadedTable
from stopdesk.domain.run import StoredFile
from stopdesk.errors import Cancelled, StopdeskError
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries

_PATTERNS = "Tables (*.vot *.votable *.xml *.vot.gz *.fits *.fit *.fits.gz *.ecsv *.csv *.parquet);;All files (*)"


class OwnTables(QObject):
    """Reads tables into the session and out of it; ``added`` carries the key of one that has come."""

    added = Signal(str)

    def __init__(self, *, document: Document, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._folder = ""
        self._tables: dict[str, Any] = {}  # those at hand, by key
        document.replaced.connect(self._tables.clear)

    @property
    def records(self) -> tuple[LoadedTable, ...]:
        """The tables of the session, in the order in which they came."""
        return self._document.session.tables

    def record(self, key: str) -> LoadedTable | None:
        """The table of that key; None where there is none."""
        return next((each for each in self.records if each.key == key), None)

    def ask(self, window: QWidget) -> None:
        """Ask for files, and add the tables in them."""
        names, _ = QFileDialog.getOpenFileNames(window, "Open tables", self._folder, _PATTERNS)
        for name in names:
            self._folder = str(Path(name).parent)
            self.add(Path(name))

    def add(
        self,
        path: Path,
        *,
        origin: str = "",
        name: str = "",
        opened: Callable[[str], object] | None = None,
        failed: Callable[[StopdeskError], object] | None = None,
    ) -> None:
        """Read the table in a file and keep it in the session.

        ``origin`` is where it came from, else its path; ``name`` what the file is called, where that is not its name on
        this disk. ``opened`` is called with its key once it is there, ``failed`` where it will not be: by default what
        cannot be read is said in a notice.
        """
        store, called = self._document.store, name or path.name

        def work(task: Task) -> tuple[Any, StoredFile]:
            libraries.load()
            from stopdesk.vo.tables import read_file  # late: pyarrow is slow to import

            data, table = read_file(path, called, progress=_telling(task), cancelled=lambda: task.cancelled)
            sha256, size = store.put_blob(data)
            return table, StoredFile(name=called, sha256=sha256, size=size)

        def done(outcome: tuple[Any, StoredFile]) -> None:
            if store is not self._document.store:
                fail(Cancelled(f"{called} was not opened: another session is open by now."))
                return
            key = self._take(*outcome, origin or str(path))
            if opened is not None:
                opened(key)

        def fail(error: StopdeskError) -> None:
            if failed is not None:
                failed(error)
            elif store is self._document.store and not isinstance(error, Cancelled):
                self._notices.fail(error)  # what was read for a session that has been left concerns nobody

        self._tasks.start(
            f"Reading {called}",
            work,
            done=done,
            failed=fail,
            dropped=lambda: fail(Cancelled(f"{called} was not opened: the user cancelled it.")),
            queue_name="tables",
            width=2,
        )

    def _take(self, table: Any, file: StoredFile, origin: str) -> str:
        known = (each for each in self.records if (each.file.sha256, each.origin) == (file.sha256, origin))
        record = next(known, None)
        if record is None:
            record = LoadedTable(
                key=f"table {uuid.uuid4().hex}", name=file.name, file=file, origin=origin, n_rows=len(table)
            )
            self._document.set_tables((*self.records, record))
        self._tables.setdefault(record.key, table)
        self.added.emit(record.key)
        return record.key

    def fetch(self, key: str, done: Callable[[Any], None]) -> None:
        """Give a table, out of the session where need be; nothing where it is not there (any more)."""
        record, store = self.record(key), self._document.store
        if record is None:
            return
        if key in self._tables:
            done(self._tables[key])
            return

        def work(task: Task) -> Any:
            libraries.load()
            from stopdesk.formats.opening import open_table  # late: see above

            data = store.blob(record.file.sha256)
            return open_table(data, record.name, progress=_telling(task), cancelled=lambda: task.cancelled)

        def read(table: Any) -> None:
            if store is self._document.store and self.record(key) is not None:
                done(self._tables.setdefault(key, table))

        self._tasks.start(f"Reading {record.name}", work, done=read, failed=self._notices.fail)

    def remove(self, key: str) -> None:
        """Take a table out of the session."""
        self._tables.pop(key, None)
        self._document.set_tables(tuple(each for each in self.records if each.key != key))


def _telling(task: Task) -> Callable[[int], None]:
    return lambda n_rows: task.report(None, f"{n_rows:,} rows")
