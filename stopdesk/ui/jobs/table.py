"""The runs of the session as a table: a row a job, all services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt

from stopdesk.domain.job import Phase
from stopdesk.domain.run import FETCHING, LOCAL, Run
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.theme import CHIPS

Index = QModelIndex | QPersistentModelIndex

#: The role under which a cell gives what it sorts by; the run itself is under RUN.
SORT = Qt.ItemDataRole.UserRole
RUN = Qt.ItemDataRole.UserRole + 1

NAME, MODEL, SERVICE, PHASE, PROGRESS, CREATED, RUN_TIME, RESULTS = range(8)
_RIGHT = (CREATED, RUN_TIME)
HEADERS = ("Name", "Model", "Service", "Phase", "Progress", "Created", "Run time", "Results")


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


def _tip(run: Run, column: int) -> str:
    if column == PHASE:
        said = run.job.error.message if run.job is not None and run.job.error is not None else ""
        return "\n".join(filter(None, (CHIPS[run.state].word, run.contact_text, said)))
    if column == SERVICE:
        return run.job_url or run.service
    if column == RESULTS:
        return run.results_text or "\n".join(file.name for file in run.results.values())
    if column == CREATED:
        return run.created.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
    return _TEXT[column](run)


class RunsTableModel(QAbstractTableModel):
    """Shows runs; a change of one run repaints its row only."""

    def __init__(self) -> None:
        super().__init__()
        self._runs: list[Run] = []
        self._rows: dict[str, int] = {}

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs shown, in the order of the session."""
        return tuple(self._runs)

    def set_runs(self, runs: tuple[Run, ...]) -> None:
        """Show these runs."""
        self.beginResetModel()
        self._runs = list(runs)
        self._rows = {run.key: row for row, run in enumerate(self._runs)}
        self.endResetModel()

    def put(self, run: Run) -> None:
        """Show a new run, or a changed one in its row."""
        row = self._rows.get(run.key)
        if row is None:
            self.beginInsertRows(QModelIndex(), len(self._runs), len(self._runs))
            self._rows[run.key] = len(self._runs)
            self._runs.append(run)
            self.endInsertRows()
        else:
            self._runs[row] = run
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADERS) - 1))

    def remove(self, key: str) -> None:
        """Show the run no more."""
        row = self._rows.get(key)
        if row is None:
            return
        self.beginRemoveRows(QModelIndex(), row, row)
        del self._runs[row]
        self._rows = {run.key: number for number, run in enumerate(self._runs)}
        self.endRemoveRows()

    def tick(self) -> None:
        """Repaint what moves by itself: run times and the chips of executing jobs."""
        for row, run in enumerate(self._runs):
            if run.phase is Phase.EXECUTING and run.is_active:
                self.dataChanged.emit(self.index(row, PHASE), self.index(row, RUN_TIME))

    def row_of(self, key: str) -> int | None:
        """The row of a run."""
        return self._rows.get(key)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """Number of runs."""
        return 0 if parent.isValid() else len(self._runs)

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
        """A cell's text, sort key, tooltip or alignment."""
        run = self._runs[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _TEXT[column](run)
        if role == SORT:
            return _SORT.get(column, _TEXT[column])(run)
        if role == RUN:
            return run
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_tip(run, column))
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class RunsFilter(QSortFilterProxyModel):
    """Keeps the rows whose text has all the words typed, of one service or all."""

    def __init__(self, source: RunsTableModel) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()
        self._service = ""
        self.setSourceModel(source)
        self.setSortRole(SORT)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)

    def set_words(self, text: str) -> None:
        """Filter by words, each of which must stand somewhere in the row."""
        self.beginFilterChange()
        self._words = tuple(text.lower().split())
        self.endFilterChange()

    def set_service(self, service: str) -> None:
        """Filter by service; empty for all."""
        self.beginFilterChange()
        self._service = service
        self.endFilterChange()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        """Whether the row is shown."""
        run = self.sourceModel().index(row, 0, parent).data(RUN)
        if self._service and run.service != self._service:
            return False
        text = " ".join(_TEXT[column](run) for column in (NAME, MODEL, SERVICE, PHASE)).lower()
        return all(word in text for word in self._words)
