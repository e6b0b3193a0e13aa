"""The runs of the session as a table: a row a job, all services."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from stopdesk.domain.job import Phase
from stopdesk.domain.run import FETCHING, LOCAL, Run
from stopdesk.ui.jobs.ordering import Ordering
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.theme import CHIPS
from stopdesk.uws.keeping import warning

Index = QModelIndex | QPersistentModelIndex

#: The role under which a cell gives its run.
RUN = Qt.ItemDataRole.UserRole

NAME, MODEL, SERVICE, PHASE, PROGRESS, CREATED, RUN_TIME, RESULTS = range(8)
_RIGHT = (CREATED, RUN_TIME)
HEADERS = ("Name", "Model", "Service", "Phase", "Progress", "Created", "Run time", "Results")


@lru_cache(maxsize=64)
def service_label(service: str) -> str:
    """A service in a few letters: ``local``, or the host and path of its job list."""
    if service == LOCAL:
        return "local"
    parts = urlsplit(service)
    return parts.netloc + parts.path.rstrip("/")


def duration_text(seconds: float | None) -> str:
    """Minutes and seconds as ``0:14``, hours before them where there are any; empty when unknown."""
    if seconds is None:
        return ""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def size_text(size: int) -> str:
    """Bytes for people."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" or value >= 100 else f"{value:.2g} {unit}"
        value /= 1000
    return ""


def amount_text(size: int, total: int | None) -> str:
    """Bytes of so many in all, as ``12 of 40 MB``; ``12 MB`` where the whole is not known."""
    if total is None:
        return size_text(size)
    whole = size_text(total)
    unit = whole.partition(" ")[2]
    return f"{size_text(size).removesuffix(f' {unit}')} of {whole}"


def run_seconds(run: Run, now: datetime) -> float | None:
    """Seconds from start to end, or to now while the job executes."""
    if run.run_time is not None:
        return run.run_time
    if run.phase is Phase.EXECUTING and run.job is not None and run.job.started is not None:
        return (now - run.job.started).total_seconds()
    return None


def created_text(run: Run) -> str:
    """Local time; with the date when it was another day."""
    local = run.created.astimezone()
    same_day = local.date() == datetime.now().astimezone().date()
    return local.strftime("%H:%M:%S" if same_day else "%Y-%m-%d %H:%M")


def end_text(run: Run) -> str:
    """A sentence where the service will soon delete what is not safe here, else nothing."""
    words = warning(run, datetime.now(UTC))
    return words[:1].upper() + words[1:]


def results_text(run: Run) -> str:
    """How many result files are here, and how large, or what keeps them."""
    if run.results and not run.results_text:
        return f"{len(run.results)} files, {size_text(sum(file.size for file in run.results.values()))}"
    return FETCHING if run.results_text == FETCHING else "not fetched" if run.results_text else ""


def progress_fraction(run: Run) -> float | None:
    """From 0 to 1 while the job executes and says so."""
    if run.phase is Phase.COMPLETED:
        return 1.0
    if run.phase is Phase.EXECUTING and run.job is not None and run.job.progress is not None:
        return run.job.progress.fraction
    return None


def progress_text(run: Run) -> str:
    """What the job says of its progress."""
    if run.phase is Phase.EXECUTING and run.job is not None and run.job.progress is not None:
        progress = run.job.progress
        return progress.message or (f"{progress.fraction:.0%}" if progress.fraction is not None else "")
    return ""


_TEXT: dict[int, Callable[[Run], str]] = {
    NAME: lambda run: " ".join(run.name.split()),
    MODEL: lambda run: (run.model or "").upper(),
    SERVICE: lambda run: service_label(run.service),
    PHASE: lambda run: CHIPS[run.state].word,
    PROGRESS: progress_text,
    CREATED: created_text,
    RUN_TIME: lambda run: duration_text(run_seconds(run, datetime.now(UTC))),
    RESULTS: results_text,
}

_SORT: dict[int, Callable[[Run], Any]] = {
    PROGRESS: lambda run: progress_fraction(run) or 0.0,
    CREATED: lambda run: run.created.timestamp(),
    RUN_TIME: lambda run: run_seconds(run, datetime.now(UTC)) or 0.0,
    RESULTS: lambda run: sum(file.size for file in run.results.values()),
}


def strange_phase(run: Run) -> str:
    """A sentence where the service gives the job a phase that there is not in UWS; else empty."""
    if run.job is None or run.job.phase is not Phase.UNKNOWN:
        return ""
    word = run.job.phase_word.strip()
    said = f"that it is {word[:40]}, which is no phase of UWS" if word else "no phase of it"
    return f"The service says {said}. The job is asked after until it says what is known."


def _sort_key(column: int) -> Callable[[Run], Any]:
    """What runs are sorted by in a column: a number, or its text in whatever case."""
    text = _TEXT[column]
    return _SORT.get(column) or (lambda run: text(run).casefold())


def _tip(run: Run, column: int) -> str:
    if column == PHASE:
        said = run.job.error.message if run.job is not None and run.job.error is not None else ""
        words = (CHIPS[run.state].word, run.contact_text, strange_phase(run), said, end_text(run))
        return "\n".join(filter(None, words))
    if column == SERVICE:
        return run.job_url or run.service
    if column == RESULTS:
        here = run.results_text or "\n".join(file.name for file in run.results.values())
        return "\n".join(filter(None, (here, end_text(run))))
    if column == CREATED:
        return run.created.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    return _TEXT[column](run)


class RunsTableModel(QAbstractTableModel):
    """Shows runs, sorted by a column, those of one service or all in whose text all the words typed stand.

    A change of one run costs the same whether there are five or fifty thousand. A filter resets the model: who shows
    it keeps the selection.
    """

    def __init__(self) -> None:
        super().__init__()
        self._runs: dict[str, Run] = {}
        self._places: dict[str, int] = {}
        self._numbers = itertools.count()
        self._texts: dict[str, str] = {}
        self._words: tuple[str, ...] = ()
        self._service = ""
        self._sorted_by = CREATED
        self._order = Ordering(_sort_key(CREATED), self._accepts)

    @property
    def runs(self) -> tuple[Run, ...]:
        """All runs, shown or not, in the order of the session."""
        return tuple(self._runs.values())

    def set_runs(self, runs: tuple[Run, ...]) -> None:
        """Have these runs and no others."""
        self.beginResetModel()
        self._runs.clear()
        self._places.clear()
        self._texts.clear()
        self._keep(runs)
        self._arrange()
        self.endResetModel()

    def add(self, runs: Sequence[Run]) -> None:
        """Have these new runs too."""
        self._keep(runs)
        for row, block in self._order.blocks(self._placed(runs)):
            self.beginInsertRows(QModelIndex(), row, row + len(block) - 1)
            self._order.insert(row, block)
            self.endInsertRows()

    def put(self, run: Run) -> None:
        """Have a new run, or a changed one in place of what it was; it may move, appear or vanish."""
        row = self._order.row_of(run.key)
        if row is None:
            self.add((run,))
            return
        self._keep((run,))
        place = self._places[run.key]
        target = self._order.target(place, run)
        if target is None:
            self.beginRemoveRows(QModelIndex(), row, row)
            self._order.remove(run.key)
            self.endRemoveRows()
            return
        if target != row:
            self.beginMoveRows(QModelIndex(), row, row, QModelIndex(), target + (target > row))
        self._order.renew(place, run)
        if target != row:
            self.endMoveRows()
        self.dataChanged.emit(self.index(target, 0), self.index(target, len(HEADERS) - 1))

    def remove(self, key: str) -> None:
        """Have the run no more."""
        row = self._order.row_of(key)
        if row is not None:
            self.beginRemoveRows(QModelIndex(), row, row)
            self._order.remove(key)
            self.endRemoveRows()
        self._order.forget(key)
        for of in (self._runs, self._places, self._texts):
            of.pop(key, None)

    def tick(self) -> None:
        """Repaint what moves by itself: run times and the chips of executing jobs."""
        if self._sorted_by == RUN_TIME:
            self._rearrange(self._arrange)
        if len(self._order):
            self.dataChanged.emit(self.index(0, PHASE), self.index(len(self._order) - 1, RUN_TIME))

    def set_words(self, text: str) -> None:
        """Filter by words, each of which must stand somewhere in the row."""
        self._words = tuple(text.lower().split())
        self._filter()

    def set_service(self, service: str) -> None:
        """Filter by service; empty for all."""
        self._service = service
        self._filter()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; where runs are equal there, in the order of the session."""
        self._sorted_by = column
        descending = order is Qt.SortOrder.DescendingOrder
        self._rearrange(lambda: self._arrange(_sort_key(column), descending=descending))

    def __contains__(self, key: str) -> bool:
        return key in self._runs

    def run_at(self, row: int) -> Run:
        """The run in a row."""
        return self._runs[self._order.key_at(row)]

    def row_of(self, key: str) -> int | None:
        """The row of a run; None when it is not shown."""
        return self._order.row_of(key)

    def _keep(self, runs: Iterable[Run]) -> None:
        """Note runs and what of them is searched; each has its place from when it came first."""
        for run in runs:
            self._runs[run.key] = run
            if run.key not in self._places:
                self._places[run.key] = next(self._numbers)
            self._texts[run.key] = " ".join(_TEXT[column](run) for column in (NAME, MODEL, SERVICE, PHASE)).lower()

    def _placed(self, runs: Iterable[Run]) -> Iterator[tuple[int, Run]]:
        return ((self._places[run.key], run) for run in runs)

    def _accepts(self, run: Run) -> bool:
        if self._service and run.service != self._service:
            return False
        text = self._texts[run.key]
        return all(word in text for word in self._words)

    def _filter(self) -> None:
        self.beginResetModel()
        self._order.choose(self._chosen())
        self.endResetModel()

    def _arrange(self, sorts_by: Callable[[Run], Any] | None = None, *, descending: bool | None = None) -> None:
        self._order.arrange(self._placed(self._runs.values()), sorts_by, descending=descending)
        self._order.choose(self._chosen())

    def _chosen(self) -> Iterable[str]:
        """The keys of all runs that pass the filters; the same as `_accepts` says, quicker for thousands."""
        keys: Iterable[str] = self._runs
        if self._service:
            keys = [key for key in keys if self._runs[key].service == self._service]
        for word in self._words:
            keys = [key for key in keys if word in self._texts[key]]
        return keys

    def _rearrange(self, arrange: Callable[[], None]) -> None:
        """Change the order and nothing else; selected and current rows go along."""
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        keys = [self._order.key_at(index.row()) for index in old]
        arrange()
        rows = [self._order.row_of(key) for key in keys]
        new = [self.index(-1 if row is None else row, index.column()) for row, index in zip(rows, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Number of runs that are shown."""
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(HEADERS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' names."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADERS[section]
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, run, tooltip or alignment."""
        run = self.run_at(index.row())
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _TEXT[column](run)
        if role == RUN:
            return run
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tip(run, column))
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None
