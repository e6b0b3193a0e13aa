"""Looks after the jobs that their services will soon delete: has their results fetched, and warns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal

from stopdesk.domain.run import FETCHING, Run
from stopdesk.ui.document import Document
from stopdesk.ui.fetching import CANCELLED, Fetcher
from stopdesk.ui.notices import Notices
from stopdesk.uws.keeping import due_for_saving, next_look, warning

#: Changes are looked at together, so many milliseconds after the first of them.
SOON_MS = 500

#: The clock on the wall is looked at this often, in milliseconds: timers stand still while the machine sleeps.
LONGEST_MS = 10 * 60_000

#: So many runs are looked at in one go; the window must not notice.
PORTION = 500

#: So many fetches are under way from one service; the others wait for them.
AT_ONCE = 4

#: Between two tries there is at least so much time, or a quarter of what is left where that is more.
SHORTEST_PAUSE = timedelta(minutes=1)


#: For which end of its job a run was warned of, and whether the job was still active.
_Mark = tuple[datetime | None, bool]


def _now() -> datetime:
    return datetime.now(UTC)


class Keeper(QObject):
    """Lives in the GUI thread; ``warned`` is sent when there is something new to be said of jobs' ends.

    Each thing is told once while a session is open; what is not safe yet is tried again and again, more often towards
    the end. A cancel holds until the end is near: then the results are fetched once more, and who cancels that too is
    taken at their word and only warned.
    """

    warned = Signal()

    def __init__(
        self,
        *,
        document: Document,
        fetcher: Fetcher,
        notices: Notices,
        clock: Callable[[], datetime] = _now,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._fetcher = fetcher
        self._notices = notices
        self._clock = clock
        self._changed: set[str] = set()
        self._when: dict[str, datetime] = {}  # when to look at a run next
        self._said: list[tuple[datetime | None, str]] = []  # ends and warnings that have not been told yet
        self._near: dict[str, datetime] = {}  # whose results have to be fetched, and their ends
        self._fetching: set[str] = set()
        self._saved: list[str] = []  # the names of those that have been fetched since that was last told
        self._tried: dict[str, datetime] = {}  # when those that were fetched here may be again
        self._told: dict[str, _Mark] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.look)
        self._stopped = False
        document.replaced.connect(self._start_anew)
        document.runs_added.connect(self._look_at_all)
        document.run_changed.connect(self._look_at)
        document.run_removed.connect(self._forget)
        fetcher.fetch_ended.connect(self._fetched)

    def begin(self) -> None:
        """The program has started: parts of results that nobody has come back for are thrown away."""
        self._fetcher.discard_old()

    def _start_anew(self) -> None:
        """Another session is open."""
        for known in (self._changed, self._when, self._said, self._near, self._fetching, self._saved):
            known.clear()
        self._tried.clear()
        self._told.clear()
        self._look_at_all(self._document.session.runs)

    def _look_at_all(self, runs: Iterable[Run]) -> None:
        self._changed |= {run.key for run in runs}
        self._look_within(SOON_MS)

    def _look_at(self, key: str) -> None:
        self._changed.add(key)
        self._look_within(SOON_MS)

    def _forget(self, key: str) -> None:
        for known in (self._changed, self._fetching):
            known.discard(key)
        for times in (self._when, self._near, self._tried):
            times.pop(key, None)
        self._told.pop(key, None)
        self._look_within(SOON_MS)  # its place is free

    def _look_within(self, milliseconds: int) -> None:
        if not self._stopped and not 0 <= self._timer.remainingTime() <= milliseconds:
            self._timer.start(milliseconds)

    def look(self) -> None:
        """Look at the runs that have changed and those whose time has come, a portion at a time."""
        now = self._clock()
        self._changed |= {key for key, when in self._when.items() if when <= now}
        portion = tuple(islice(self._changed, PORTION))
        self._changed.difference_update(portion)
        runs = self._runs(portion)
        for run in runs.values():
            self._when.pop(run.key, None)
            when = next_look((run,), now)
            if when is not None:
                self._when[run.key] = when
            self._note(run, now)
        for key in due_for_saving(runs.values(), now):
            job = runs[key].job
            if job is not None and job.destruction is not None:
                self._near[key] = job.destruction
        if self._changed:
            self._look_within(0)
            return
        self._warn()
        self._save_some()
        if self._when:
            left = min(self._when.values()) - now
            self._look_within(max(0, min(LONGEST_MS, int(left / timedelta(milliseconds=1)) + 1)))

    def _runs(self, keys: Iterable[str]) -> dict[str, Run]:
        """Those of these runs that are still here."""
        found = ((key, self._document.run(key)) for key in keys)
        return {key: run for key, run in found if run is not None}

    def _note(self, run: Run, now: datetime) -> None:
        """Note what has not been told yet; results that are on their way, as after every job, are given their time."""
        words = warning(run, now) if run.results_text != FETCHING else ""
        mark = (run.job.destruction if run.job is not None else None, run.is_active)
        if words and self._told.get(run.key) != mark:
            self._told[run.key] = mark
            self._said.append((mark[0], f"{run.name}: {words}"))

    def _save_some(self) -> None:
        """Have results fetched, the most urgent first, of each service as many as are fetched at a time."""
        if not self._near:
            return
        now = self._clock()
        here = self._runs(self._near.keys() | self._fetching)
        at_work = Counter(here[key].service for key in self._fetching if key in here)
        for key in sorted(self._near, key=self._near.__getitem__):
            run = here[key]
            if at_work[run.service] < AT_ONCE:
                del self._near[key]
                at_work[run.service] += self._save(run, now)

    def _save(self, run: Run, now: datetime) -> bool:
        """Have the results fetched, unless that was just tried or the user would not have it; whether they are."""
        again = self._tried.get(run.key)
        if not due_for_saving((run,), now) or (again is not None and run.results_text == CANCELLED):
            return False
        if again is not None and now < again:
            self._when[run.key] = again
            return False
        assert run.job is not None
        assert run.job.destruction is not None
        self._tried[run.key] = now + max(SHORTEST_PAUSE, (run.job.destruction - now) / 4)
        self._fetching.add(run.key)
        self._fetcher.fetch_results(run.key, asked=False)
        return True

    def _fetched(self, key: str) -> None:
        """One is done; tell what has been saved once all are."""
        if key not in self._fetching:
            return
        self._fetching.remove(key)
        run = self._document.run(key)
        if run is not None and not run.results_text:
            self._saved.append(run.name)
        self._save_some()
        if self._saved and not self._fetching:
            whose = self._saved[0] if len(self._saved) == 1 else f"{len(self._saved)} jobs"
            self._notices.tell(f"The results of {whose} are safe in this session.")
            self._saved.clear()

    def _warn(self) -> None:
        """Tell what has to be told, the most urgent first, in one line however many jobs it is about."""
        said = [text for _, text in sorted(self._said)]
        self._said.clear()
        if len(said) == 1:
            self._notices.warn(said[0])
        elif said:
            text = f"{len(said)} jobs will soon be deleted by their services; the first of them is {said[0]}"
            self._notices.warn(text, details="\n".join(said))
        if said:
            self.warned.emit()

    def shutdown(self) -> None:
        """Look no more."""
        self._stopped = True
        self._timer.stop()
