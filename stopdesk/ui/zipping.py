"""Saves the results of one or several runs as one zip archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from stopdesk.domain.run import Run, StoredFile
from stopdesk.session.archive import write_archive
from stopdesk.ui.asking import file_to_write
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import Fetcher
from stopdesk.ui.meter import Meter
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks
from stopdesk.uws.keeping import unsaved
from stopdesk.uws.results import plain_name, unique_name

SUFFIX = ".zip"


def archive_name(runs: Sequence[Run]) -> str:
    """The file name to suggest for an archive of these runs."""
    more = f" and {len(runs) - 1} more" if len(runs) > 1 else ""
    return f"{plain_name(runs[0].name)}{more}{SUFFIX}"


def members(runs: Sequence[Run]) -> list[tuple[str, StoredFile]]:
    """The result files of the runs with their names in an archive: a folder a run where there are several."""
    folders: set[str] = set()
    found = []
    for run in runs:
        folder = f"{unique_name(plain_name(run.name), folders)}/" if len(runs) > 1 else ""
        names: set[str] = set()
        found += [(folder + unique_name(plain_name(file.name), names), file) for file in run.results.values()]
    return found


@dataclass(frozen=True)
class _Order:
    """An archive that waits for results to arrive."""

    path: Path
    keys: tuple[str, ...]


class ZipSaver(QObject):
    """Has what is not in the session fetched into it, and writes the archive from there: nothing comes twice."""

    def __init__(
        self, *, document: Document, fetcher: Fetcher, tasks: Tasks, notices: Notices, window: QWidget
    ) -> None:
        super().__init__(window)
        self._document = document
        self._fetcher = fetcher
        self._tasks = tasks
        self._notices = notices
        self._window = window
        self._orders: list[_Order] = []
        fetcher.fetch_ended.connect(self._fetched)
        document.run_removed.connect(self._removed)
        document.replaced.connect(self._session_left)

    def save(self, keys: list[str]) -> None:
        """Ask for a file and put all results of these runs there."""
        runs = self._runs(keys)
        folder = self._document.path.parent if self._document.path is not None else Path.home()
        pattern = f"Archives (*{SUFFIX})"
        title = f"Save the results of {runs[0].name}" if len(runs) == 1 else f"Save the results of {len(runs)} jobs"
        path = file_to_write(self._window, title, str(folder / archive_name(runs)), pattern, SUFFIX)
        here = [run.key for run in self._runs(keys)]  # while the dialog was open some may have gone
        if path is None or not here:
            return
        order = _Order(path, tuple(here))
        self._orders.append(order)
        for run in self._runs(here):
            if unsaved(run):
                self._fetcher.fetch_results(run.key)
        self._write_if_complete(order)

    def _runs(self, keys: Sequence[str]) -> list[Run]:
        here = {run.key: run for run in self._document.session.runs}
        return [here[key] for key in keys if key in here]

    def _fetched(self, key: str) -> None:
        """A fetch has ended: go on with what waited for it, or give it up."""
        for order in [order for order in self._orders if key in order.keys]:
            (run,) = self._runs([key])
            missing = unsaved(run)
            if missing:
                self._give_up(order, f"{missing[0].result_id} of {run.name} is not here. {run.results_text}")
            else:
                self._write_if_complete(order)

    def _removed(self, key: str) -> None:
        for order in [order for order in self._orders if key in order.keys]:
            self._give_up(order, "one of its jobs has been deleted.")

    def _session_left(self) -> None:
        for order in tuple(self._orders):
            self._give_up(order, "its results were still on their way when the session was left.")

    def _give_up(self, order: _Order, why: str) -> None:
        self._orders.remove(order)
        self._notices.fail(f"{order.path.name} was not written: {why}")

    def _write_if_complete(self, order: _Order) -> None:
        runs = self._runs(order.keys)
        if any(unsaved(run) for run in runs):
            return
        self._orders.remove(order)
        store, path, files = self._document.store, order.path, members(runs)
        what = "1 result is" if len(files) == 1 else f"{len(files)} results are"
        self._tasks.start(
            f"Writing {path.name}",
            lambda task: write_archive(store, files, path, progress=Meter(task)),
            done=lambda _: self._notices.tell(f"{what} in {path}."),
            failed=self._notices.fail,
            queue_name="archive",
            width=1,
        )
