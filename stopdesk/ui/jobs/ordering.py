"""Which runs the jobs panel shows, in which order, and where each stands; quick for a change among 50,000."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from stopdesk.domain.run import Run

#: What a run is sorted by, what decides among equals (the order of the session), and its key.
_Entry = tuple[Any, int, str]


class Ordering:
    """The shown runs by their keys. Entries are kept ascending; where rows descend they are counted from the end."""

    def __init__(self, sorts_by: Callable[[Run], Any], accepts: Callable[[Run], bool]) -> None:
        self._sorts_by = sorts_by
        self._accepts = accepts
        self._descending = False
        self._entries: list[_Entry] = []
        self._of: dict[str, _Entry] = {}
        self._known: dict[str, _Entry] = {}  # also of the runs that are not shown

    def __len__(self) -> int:
        return len(self._entries)

    def key_at(self, row: int) -> str:
        """The key of the run in a row."""
        return self._entries[~row if self._descending else row][2]

    def row_of(self, key: str) -> int | None:
        """The row of a run; None when it is not shown."""
        entry = self._of.get(key)
        if entry is None:
            return None
        at = bisect_left(self._entries, entry)
        return len(self._entries) - 1 - at if self._descending else at

    def arrange(
        self,
        runs: Iterable[tuple[int, Run]],
        sorts_by: Callable[[Run], Any] | None = None,
        *,
        descending: bool | None = None,
    ) -> None:
        """Have these runs, each with its place in the session, in another order if told; `choose` then shows some."""
        self._sorts_by = sorts_by or self._sorts_by
        self._descending = self._descending if descending is None else descending
        self._known.clear()
        for place, run in runs:
            self._entry(place, run)

    def choose(self, keys: Iterable[str]) -> None:
        """Show these runs and no others."""
        self._entries = sorted(map(self._known.__getitem__, keys))
        self._of = {entry[2]: entry for entry in self._entries}

    def blocks(self, runs: Iterable[tuple[int, Run]]) -> list[tuple[int, Sequence[_Entry]]]:
        """Where new runs belong: blocks of entries with the row that the first of them gets; to be put in that order.

        Each block leaves the rows of those after it as they are.
        """
        entries = sorted(entry for place, run in runs if (entry := self._accepted(place, run)) is not None)
        blocks: list[tuple[int, list[_Entry]]] = []
        for entry in entries:
            at = bisect_left(self._entries, entry)
            if blocks and blocks[-1][0] == at:
                blocks[-1][1].append(entry)
            else:
                blocks.append((at, [entry]))
        if not self._descending:
            return list(reversed(blocks))
        return [(len(self._entries) - at, block) for at, block in blocks]

    def insert(self, row: int, block: Sequence[_Entry]) -> None:
        """Put a block of new entries at the row that `blocks` gave for it."""
        at = len(self._entries) - row if self._descending else row
        self._entries[at:at] = block
        self._of.update((entry[2], entry) for entry in block)

    def remove(self, key: str) -> None:
        """Show a run no more."""
        del self._entries[bisect_left(self._entries, self._of.pop(key))]

    def forget(self, key: str) -> None:
        """There is no such run, shown or not, any more."""
        self._known.pop(key, None)

    def target(self, place: int, run: Run) -> int | None:
        """The row that a run that is shown belongs to as it is now, the others being as they are; None for no row."""
        entry = self._accepted(place, run)
        if entry is None:
            return None
        old = self._of[run.key]
        at = bisect_left(self._entries, entry) - (old < entry)
        return len(self._entries) - 1 - at if self._descending else at

    def renew(self, place: int, run: Run) -> None:
        """Take a shown run to where it belongs now."""
        self.remove(run.key)
        entry = self._accepted(place, run)
        if entry is not None:
            self._entries.insert(bisect_left(self._entries, entry), entry)
            self._of[run.key] = entry

    def _accepted(self, place: int, run: Run) -> _Entry | None:
        """The entry of a new or changed run; None when it is not to be shown."""
        entry = self._entry(place, run)
        return entry if self._accepts(run) else None

    def _entry(self, place: int, run: Run) -> _Entry:
        entry = self._known[run.key] = self._sorts_by(run), -place if self._descending else place, run.key
        return entry
