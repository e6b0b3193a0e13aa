"""Counts runs by kind and by service as they come, change and go, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Contact, Run

_KINDS = ("running", "queued", "waiting", "done", "failed", "aborted", "without contact")


def kind(run: Run) -> str:
    """The word under which a run is counted."""
    phase = run.phase
    if run.state in ("lost", "gone"):
        return "without contact"
    if run.contact is Contact.REJECTED or phase is Phase.ERROR:
        return "failed"
    if phase is Phase.COMPLETED or phase is Phase.ARCHIVED:
        return "done"
    if phase is Phase.ABORTED:
        return "aborted"
    if phase is Phase.EXECUTING:
        return "running"
    return "queued" if phase is Phase.QUEUED else "waiting"


class Tally:
    """Keeps what each run was counted as, so that a change costs the same whether there are five or five thousand."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, str, bool]] = {}
        self._kinds: Counter[str] = Counter()
        self._services: Counter[str] = Counter()
        self._executing = 0

    def set_runs(self, runs: Iterable[Run]) -> None:
        """Count these runs and no others."""
        self._known.clear()
        self._kinds.clear()
        self._services.clear()
        self._executing = 0
        for run in runs:
            self.put(run)

    def put(self, run: Run) -> None:
        """Count a new run, or a changed one as what it is now."""
        self.remove(run.key)
        entry = kind(run), run.service, run.phase is Phase.EXECUTING and run.is_active
        self._known[run.key] = entry
        self._add(entry, 1)

    def remove(self, key: str) -> None:
        """Count the run no more."""
        entry = self._known.pop(key, None)
        if entry is not None:
            self._add(entry, -1)

    def _add(self, entry: tuple[str, str, bool], one: int) -> None:
        word, service, is_executing = entry
        self._kinds[word] += one
        self._services[service] += one
        self._executing += one * is_executing

    @property
    def text(self) -> str:
        """How many jobs there are of each kind, in words."""
        return "   ".join(f"{self._kinds[word]} {word}" for word in _KINDS if self._kinds[word])

    @property
    def total(self) -> int:
        """How many runs there are."""
        return len(self._known)

    @property
    def services(self) -> list[str]:
        """The services that have runs, in the order of their names."""
        return sorted(service for service, number in self._services.items() if number)

    @property
    def is_moving(self) -> bool:
        """Whether a run executes, so that its run time grows."""
        return self._executing > 0
