"""The open session: its values, its working copy on disk, and what of it is not saved yet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from stopdesk.domain.loaded import LoadedSpectrum, LoadedTable
from stopdesk.domain.observation import Observation
from stopdesk.domain.run import LOCAL, Run
from stopdesk.domain.search import Search
from stopdesk.domain.session import FormState, Session, Source
from stopdesk.domain.target import Target
from stopdesk.errors import FileError, StopdeskError
from stopdesk.session.file import SessionStore, rescue
from stopdesk.session.recovery import LeftBehind, Recovery
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks

#: Changes reach the disk after this many milliseconds; a crash loses at most two seconds.
AUTOSAVE_MS = 500

#: The one queue through which the working copy is read and written.
QUEUE = "session"


class Document(QObject):
    """Holds the session as a value; every change makes a new one and reaches the working copy soon after."""

    changed = Signal()
    saving = Signal()
    replaced = Signal()
    runs_added = Signal(object)
    run_changed = Signal(str)
    run_removed = Signal(str)

    def __init__(self, *, tasks: Tasks, notices: Notices, recovery: Recovery, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._recovery = recovery
        self.session = Session()
        self._places: dict[str, int] = {}  # of the runs in the session, by key
        self.path: Path | None = None
        self._saved = self.session
        self._autosave_failed = False
        self._stamp: tuple[int, int] | None = None  # of the file at ``path`` when it was read or written here
        self.store = SessionStore.create(recovery.begin(None))
        self._autosave = QTimer(self)
        self._autosave.setSingleShot(True)
        self._autosave.setInterval(AUTOSAVE_MS)
        self._autosave.timeout.connect(self.flush)

    # what the window shows of it

    @property
    def title(self) -> str:
        """The file's name, or ``untitled``."""
        return self.path.name if self.path else "untitled"

    @property
    def is_modified(self) -> bool:
        """Whether something would be lost with the working copy; the layout of the window does not count."""
        bare: dict[str, Any] = {"layout": {}}
        return self.session.model_copy(update=bare) != self._saved.model_copy(update=bare)

    @property
    def unsaved_local_runs(self) -> tuple[Run, ...]:
        """Runs on the local service that no file of the user's knows: without this session nobody would find them."""
        kept = {run.key for run in self._saved.runs}
        return tuple(run for run in self.session.runs if run.service == LOCAL and run.job_url and run.key not in kept)

    def settle(self) -> None:
        """Count the present state as saved: a form that fills itself is no change of the user's."""
        self._saved = self.session
        self.changed.emit()

    # changes

    def run(self, key: str) -> Run | None:
        """The run of that key; None when there is none. As quick among 50,000 as among five."""
        place = self._places.get(key)
        return None if place is None else self.session.runs[place]

    def put_run(self, run: Run) -> None:
        """Add the run, or put it in the place of the one with its key."""
        self._take(self.session.with_run(run, self._places.setdefault(run.key, len(self.session.runs))))
        self.run_changed.emit(run.key)

    def add_runs(self, runs: tuple[Run, ...]) -> None:
        """Add many runs at once; none of them is here yet. ``runs_added`` carries them."""
        self._places.update((run.key, place) for place, run in enumerate(runs, len(self.session.runs)))
        self._take(self.session.model_copy(update={"runs": (*self.session.runs, *runs)}))
        self.runs_added.emit(runs)

    def drop_run(self, key: str) -> None:
        """Remove the run of that key."""
        self._take(self.session.without_run(key))
        self._places = _places(self.session)
        self.run_removed.emit(key)

    def set_source(self, source: Source) -> None:
        """What is observed and modelled."""
        self._take(self.session.model_copy(update={"source": source}))

    def set_observation(self, observation: Observation | None) -> None:
        """The observation that models are made for; None for none."""
        self._take(self.session.model_copy(update={"observation": observation}))

    def set_forms(
        self, model: str, service: str, forms: dict[str, FormState], specs: dict[str, dict[str, Any]]
    ) -> None:
        """The forms as they stand, which is in front, and what services have said of theirs."""
        update: dict[str, Any] = {"model": model, "service": service, "forms": forms, "specs": specs}
        self._take(self.session.model_copy(update=update))

    def set_spectra(self, spectra: tuple[LoadedSpectrum, ...]) -> None:
        """The spectra that are loaded, in their order."""
        self._take(self.session.model_copy(update={"spectra": spectra}))

    def set_tables(self, tables: tuple[LoadedTable, ...]) -> None:
        """The tables that are loaded, in their order."""
        self._take(self.session.model_copy(update={"tables": tables}))

    def set_targets(self, targets: tuple[Target, ...]) -> None:
        """The targets, in their order."""
        self._take(self.session.model_copy(update={"targets": targets}))

    def put_search(self, search: Search) -> None:
        """Add the search, or put it in the place of the one with its key."""
        self._take(self.session.with_search(search))

    def drop_search(self, key: str) -> None:
        """Remove the search of that key."""
        self._take(self.session.without_search(key))

    def set_layout(self, layout: dict[str, Any]) -> None:
        """How the window is laid out."""
        self._take(self.session.model_copy(update={"layout": layout}))

    def _take(self, session: Session) -> None:
        if session == self.session:
            return
        self.session = session
        if not self._autosave.isActive():
            self._autosave.start()
        self.changed.emit()

    # the working copy

    def flush(self, then: Callable[[], None] | None = None, failed: Callable[[], None] | None = None) -> None:
        """Write the working copy now; ``then`` is called once it is on disk, ``failed`` when it cannot be."""
        self._autosave.stop()
        session, store = self.session, self.store

        def written(_: object) -> None:
            self._autosave_failed = False
            if then is not None:
                then()

        def not_written(error: StopdeskError) -> None:
            self._not_written(error)
            if failed is not None:
                failed()

        self._tasks.start(
            "Autosave",
            lambda _: store.write(session),
            done=written,
            failed=not_written,
            queue_name=QUEUE,
            width=1,
            quiet=True,
        )

    def _not_written(self, error: StopdeskError) -> None:
        if not self._autosave_failed:  # said once, tried again with every change
            self._notices.fail(f"The session cannot be kept safe while you work: {error}")
        self._autosave_failed = True

    # files

    def save(
        self,
        path: Path,
        done: Callable[[], None],
        failed: Callable[[StopdeskError], None],
        *,
        over_others: bool = False,
    ) -> None:
        """Write the whole session to ``path``; the file there is whole at every moment.

        ``saving`` is sent first, for whoever has something to add. Where another window has saved to the session's
        own file since it was read or written here, that is only replaced with ``over_others``.
        """
        self.saving.emit()
        session, store = self.session, self.store
        known = self._stamp if path == self.path and not over_others else None

        def work(_: object) -> tuple[int, int] | None:
            if known is not None and _stamp(path) not in (known, None):
                raise FileError(
                    path,
                    "another window or program has changed this file since it was opened here. "
                    "To keep both, save the session under another name.",
                )
            try:
                store.write(session)
                store.drop_unused_blobs(session)
                store.save_to(path)
                self._recovery.belongs_to(store.path, path)
            except FileError:
                if path.parent == store.path.parent:
                    raise
                rescue(store, session, path)  # the disk of the working copy is full, that of the user's file may not be
            return _stamp(path)

        def saved(stamp: tuple[int, int] | None) -> None:
            if self.store is not store:  # another session has been opened meanwhile
                return
            self.path, self._stamp = path, stamp
            self._saved = session
            self.changed.emit()
            done()

        name = f"Saving {path.name}"
        self._tasks.start(name, work, done=saved, failed=failed, queue_name=QUEUE, width=1, can_cancel=False)

    def open(self, path: Path, done: Callable[[], None], failed: Callable[[StopdeskError], None]) -> None:
        """Open the session in ``path``; the present one stays until it is read."""

        def work(task: Task) -> tuple[SessionStore, Session, tuple[int, int] | None]:
            stamp = _stamp(path)
            working = self._recovery.begin(path)
            try:
                store, session = _read(SessionStore.open_copy(path, working))
                if task.cancelled:
                    store.close()
                    task.raise_if_cancelled()
            except StopdeskError:
                self._recovery.end(working)
                raise
            return store, session, stamp

        def opened(outcome: tuple[SessionStore, Session, tuple[int, int] | None]) -> None:
            store, session, stamp = outcome
            self._replace(store, session, path)
            self._stamp = stamp
            done()

        self._tasks.start(f"Opening {path.name}", work, done=opened, failed=failed, queue_name=QUEUE, width=1)

    def recover(self, left: LeftBehind, done: Callable[[], None], failed: Callable[[StopdeskError], None]) -> None:
        """Go on with what a crash left behind: under its own name, and not saved yet."""

        def work(_: object) -> tuple[SessionStore, Session]:
            return _read(SessionStore.open(self._recovery.adopt(left), name=left.original))

        def opened(outcome: tuple[SessionStore, Session]) -> None:
            self._replace(*outcome, left.original)
            self._saved = Session()
            self.changed.emit()
            done()

        name = "Recovering a session"
        self._tasks.start(name, work, done=opened, failed=failed, queue_name=QUEUE, width=1, can_cancel=False)

    def discard(self, left: LeftBehind) -> None:
        """Throw away what a crash left behind."""
        self._tasks.start(
            "Discarding",
            lambda _: self._recovery.discard(left),
            failed=self._notices.fail,
            queue_name=QUEUE,
            width=1,
            quiet=True,
        )

    def left_behind(self, done: Callable[[list[LeftBehind]], None]) -> None:
        """Look for what crashes left behind."""
        self._tasks.start(
            "Looking for sessions to recover",
            lambda _: self._recovery.left_behind(),
            done=done,
            failed=self._notices.fail,
            queue_name=QUEUE,
            width=1,
            quiet=True,
        )

    def new(self, done: Callable[[], None] = lambda: None) -> None:
        """Start an empty session; ``done`` follows once it is there."""

        def begun(store: SessionStore) -> None:
            self._replace(store, Session(), None)
            done()

        self._tasks.start(
            "Starting a session",
            lambda _: SessionStore.create(self._recovery.begin(None)),
            done=begun,
            failed=self._notices.fail,
            queue_name=QUEUE,
            width=1,
            quiet=True,
        )

    def _replace(self, store: SessionStore, session: Session, path: Path | None) -> None:
        self._autosave.stop()
        old = self.store

        def close(_: object) -> None:
            old.close()
            self._recovery.end(old.path)

        self._tasks.start("Closing a session", close, queue_name=QUEUE, width=1, quiet=True)
        self.store = store
        self.session = self._saved = session
        self._places = _places(session)
        self.path, self._stamp = path, None
        self.replaced.emit()
        self.changed.emit()

    def close(self) -> None:
        """Close the working copy and remove it: what was to be saved has been saved."""
        self._autosave.stop()
        self.store.close()
        self._recovery.end()


def _places(session: Session) -> dict[str, int]:
    """Where each run stands, by its key."""
    return {run.key: place for place, run in enumerate(session.runs)}


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells one state of a file from another; None when there is no such file."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size


def _read(store: SessionStore) -> tuple[SessionStore, Session]:
    """A store with what it holds; it is closed where that cannot be read."""
    try:
        return store, store.read()
    except StopdeskError:
        store.close()
        raise
