"""Tables that did not come from a search: of files, of links, of other programs; the session keeps them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from stopdesk.domain.loaded import LoadedTable
from stopdesk.domain.run import StoredFile
from stopdesk.errors import Cancelled, StopdeskError
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo import libraries

if TYPE_CHECKING:
    from stopdesk.formats.opening import Opened

_PATTERNS = "Tables (*.vot *.votable *.xml *.vot.gz *.fits *.fit *.fits.gz *.ecsv *.csv *.parquet);;All files (*)"


class OwnTables(QObject):
    """Reads tables into the session and out of it; ``added`` carries the key of the first that a file brought."""

    added = Signal(str)

    def __init__(self, *, document: Document, tasks: Tasks, notices: Notices) -> None:
        super().__init__()
        self._document = document
        self._tasks = tasks
        self._notices = notices
        self._folder = ""
        self._tables: dict[str, Any] = {}  # those at hand, by key
        self._came: tuple[LoadedTable, ...] = ()  # with the last file
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
        """Read the tables in a file and keep them in the session.

        ``origin`` is where it came from, else its path; ``name`` what the file is called, where that is not its name on
        this disk. ``opened`` is called with the key of the first once it is there, ``failed`` where it will not be: by
        default what cannot be read is said in a notice.
        """
        store, called = self._document.store, name or path.name

        def work(task: Task) -> tuple[StoredFile, list[Opened], list[str]]:
            libraries.load()
            from stopdesk.vo.tables import read_tables  # late: pyarrow is slow to import

            data, tables, problems = read_tables(
                path, called, progress=_telling(task), cancelled=lambda: task.cancelled
            )
            sha256, size = store.put_blob(data)
            return StoredFile(name=called, sha256=sha256, size=size), tables, problems

        def done(outcome: tuple[StoredFile, list[Opened], list[str]]) -> None:
            if store is not self._document.store:
                fail(Cancelled(f"{called} was not opened: another session is open by now."))
                return
            file, tables, problems = outcome
            key = self._take(file, tables, origin or str(path))
            for problem in problems:
                self._notices.warn(problem)
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

    def _take(self, file: StoredFile, tables: Sequence[Opened], origin: str) -> str:
        known = {(each.file.sha256, each.origin, each.number): each for each in self.records}
        taken = []
        for each in tables:
            record = known.get((file.sha256, origin, each.number)) or LoadedTable(
                key=f"table {uuid.uuid4().hex}",
                name=f"{file.name}: {each.name}" if each.name else file.name,
                file=file,
                number=each.number,
                origin=origin,
                n_rows=len(each.table),
            )
            self._tables.setdefault(record.key, each.table)
            taken.append(record)
        fresh = [each for each in taken if each not in self.records]
        if fresh:
            self._document.set_tables((*self.records, *fresh))
        self._came = tuple(taken)
        self.added.emit(taken[0].key)
        return taken[0].key

    @property
    def arrival(self) -> str:
        """What came with the last file, in words."""
        first = self._came[0]
        if len(self._came) == 1:
            return f"{first.name} has {first.n_rows:,} rows; it is in the menu of results."
        return f"{first.file.name} has {len(self._came)} tables; they are in the menu of results."

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
            return open_table(
                data, record.file.name, record.number, progress=_telling(task), cancelled=lambda: task.cancelled
            )

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
