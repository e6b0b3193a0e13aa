"""Tables that other programs have too: rows selected here are selected there, and those selected there are here."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from stopdesk.samp.exchange import Answer, Outcome, Peer, Received
from stopdesk.samp.messages import HIGHLIGHT_ROW, SELECT_ROWS, Message, RowHighlighted, RowsSelected
from stopdesk.samp.messages import highlight_row as highlighting
from stopdesk.samp.messages import select_rows as selecting
from stopdesk.ui.selection import SHOWING, Selection
from stopdesk.ui.tasks import Task, Tasks

Ints = NDArray[np.int64]

#: Changes of a selection that come in so quick a succession, in milliseconds, are told together.
TOGETHER_MS = 100

#: TOPCAT 4.8 knows a table by its identifier some 0.4 s after it has said that it is loaded: what it refuses in so
#: many seconds after a table was sent is said again after a pause, in milliseconds.
NEW_SECONDS = 5.0
AGAIN_MS = 400

#: How identifiers of our tables begin.
PREFIX = "stopdesk-"

#: So many letters of the sha256 of a table stand in its identifier.
_LETTERS = 20


def table_id(sha256: str, what: str = "") -> str:
    """What other programs call a table: by its content, so that they mean the same one after a restart of ours.

    ``what`` tells apart tables that are made of the same content.
    """
    return PREFIX + sha256[:_LETTERS] + (f"-{what}" if what else "")


def split_id(identifier: str) -> tuple[str, str]:
    """The beginning of the sha256 and the ``what`` of an identifier of ours; two empty texts for any other."""
    start, _, what = identifier.removeprefix(PREFIX).partition("-")
    is_ours = identifier.startswith(PREFIX) and len(start) == _LETTERS
    return (start, what) if is_ours else ("", "")


class TablePlace(Protocol):
    """Where the rows of a table are in the window; rows go by their numbers, from 0, in the table as it is kept.

    The view may number them otherwise (it may show rows of other portals, too): ``to_screen`` and ``from_screen`` tell
    the one from the other, while ``selection`` is there.
    """

    @property
    def key(self) -> str:
        """The same for the same rows, another one for all others."""

    @property
    def selection(self) -> Selection | None:
        """The selection in the view that shows the rows; None while it shows something else."""

    @property
    def n_rows(self) -> int:
        """The number of rows; may be asked for while ``selection`` is there."""

    @property
    def overlays(self) -> bool:
        """Whether a row that is looked at elsewhere is shown beside the one that is looked at here."""

    def to_screen(self, rows: Ints) -> Ints:
        """The numbers of these rows in the view, ascending."""

    def from_screen(self, rows: Ints) -> Ints:
        """The numbers here of these rows of the view, ascending; those that are of other tables are left out."""

    def bring(self, then: Callable[[], object], failed: Callable[[str], object], *, to_front: bool) -> None:
        """Have the rows shown, then call ``then``; ``failed`` with a sentence where they cannot be.

        The workspace comes ``to_front`` where the rows have to be opened for it.
        """


@dataclass(frozen=True, eq=False)
class SentTable:
    """A table that others know by ``table_id``; ``rows`` of shape (n,) has, in the order of the table that was sent,
    the numbers of its rows in the table of ``place``; None where it is all of them in order.
    """

    table_id: str
    url: str
    name: str
    place: TablePlace
    rows: Ints | None = None

    @property
    def n_rows(self) -> int:
        """The number of rows that were sent; may be asked for while the place has a selection."""
        return self.place.n_rows if self.rows is None else len(self.rows)

    def shown(self, numbers: Ints) -> Ints:
        """The rows in the view of these rows, as numbered in what was sent; ascending."""
        return self.place.to_screen(numbers if self.rows is None else np.flatnonzero(_flags(self.rows[numbers])))

    def sent(self, shown: Ints) -> Ints:
        """The rows, as numbered in what was sent, of these rows of the view; ascending."""
        mine = self.place.from_screen(shown)
        if self.rows is None:
            return mine
        flags = _flags(mine, at_least=int(self.rows.max(initial=-1)) + 1)
        return np.flatnonzero(flags[self.rows])


def _flags(rows: Ints, *, at_least: int = 0) -> NDArray[np.bool_]:
    flags = np.zeros(max(at_least, int(rows.max(initial=-1)) + 1), dtype=bool)
    flags[rows] = True
    return flags


class Speaker(Protocol):
    """Who takes messages to other programs."""

    def takers(self, *mtypes: str) -> tuple[Peer, ...]:
        """The programs that take one of these."""

    def send(self, message: Message, peers: Sequence[Peer], done: Callable[[Outcome], None] | None = None) -> object:
        """Send without waiting; ``done`` is called in the GUI thread for every program."""


@dataclass(eq=False)
class _Shared:
    """A table with what was said of it last, whoever said it, and the names of those that have it."""

    table: SentTable
    holders: set[str]
    rows: Ints | None = None
    highlighted: int | None = None
    asked: tuple[Received | None, Received | None] = (None, None)  # selection and highlight that are being shown
    task: Task | None = None
    said: dict[str, Message] = field(default_factory=dict)  # last, by its MType
    since: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, eq=False)
class _Highlight:
    """What a selection was without the row that is looked at elsewhere, and what it became with it."""

    base: Ints
    rows: Ints


class SharedTables(QObject):
    """Keeps tables that were sent or received, and their selections the same on both sides.

    What came from outside is not sent back, nothing is said twice, and only what somebody has chosen is said. ``known``
    gives tables of the open session that were sent by an earlier life of the program, by their identifier.
    """

    def __init__(
        self,
        *,
        samp: Speaker,
        tasks: Tasks,
        known: Callable[[str], SentTable | None] = lambda _: None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._samp = samp
        self._tasks = tasks
        self._known = known
        self._tables: dict[str, _Shared] = {}
        self._watched: list[Selection] = []
        self._changed: list[Selection] = []
        self._highlights: dict[int, _Highlight] = {}  # by the number of the selection in ``_watched``
        self._timer = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._timer.timeout.connect(self._tell_all)

    def keep(self, table: SentTable, peers: Iterable[Peer] = ()) -> None:
        """Share the selection of a table with those that have it: ``peers``, besides those named before.

        While none are named, all that take selections are told.
        """
        before = self._tables.get(_key(table))
        names = {peer.name for peer in peers} | (before.holders if before is not None else set())
        self._tables[_key(table)] = _Shared(table, names)
        self._watch(table.place.selection)

    def look(self) -> None:
        """The window shows other rows: follow the selections of those that are shared."""
        for shared in self._tables.values():
            self._watch(shared.table.place.selection)

    def find(self, identifier: str, url: str = "") -> SentTable | None:
        """The table of that identifier, or, where that is empty, the one at the address; None where there is none."""
        if identifier:
            shared = self._tables.get(identifier)
            return shared.table if shared is not None else self._known(identifier)
        place = _same_file(url)
        tables = (shared.table for shared in reversed(self._tables.values()))
        return next((table for table in tables if place and _same_file(table.url) == place), None)

    # ---- said by us ----------------------------------------------------------------------------------------------

    def _watch(self, selection: Selection | None) -> None:
        if selection is not None and not any(each is selection for each in self._watched):
            self._watched.append(selection)
            selection.changed.connect(partial(self._selection_changed, selection))

    def _selection_changed(self, selection: Selection, source: object) -> None:
        if source is self or source is SHOWING:
            return
        if not any(each is selection for each in self._changed):
            self._changed.append(selection)
        self._timer.start()

    def _tell_all(self) -> None:
        changed, self._changed = self._changed, []
        for selection in changed:
            for shared in tuple(self._tables.values()):
                if shared.table.place.selection is selection:
                    self._tell(shared, selection)

    def _tell(self, shared: _Shared, selection: Selection) -> None:
        """Say what is selected of a table and which row is looked at, in this order."""
        table = shared.table
        rows = table.sent(selection.rows)
        current = selection.current
        looked_at = table.sent(np.array([current], dtype=np.int64)) if current is not None else rows[:0]
        row = int(looked_at[0]) if len(looked_at) == 1 else None
        if shared.task is not None:
            shared.task.cancel()
            shared.task = None
        takers = self._holders(shared, SELECT_ROWS)
        is_new = bool(len(rows)) if shared.rows is None else not np.array_equal(rows, shared.rows)
        if not (takers and is_new):
            self._tell_row(shared, row)
            return
        shared.rows = rows

        def done(message: Message) -> None:
            self._say(shared, message, self._holders(shared, SELECT_ROWS))
            self._tell_row(shared, row)

        shared.task = self._tasks.start(
            f"Telling others what is selected of {table.name}",
            lambda _: selecting(table.table_id, table.url, rows),  # a hundred thousand numbers become texts
            done=done,
            queue_name="selections",
            width=1,
            quiet=True,
        )

    def _tell_row(self, shared: _Shared, row: int | None) -> None:
        takers = self._holders(shared, HIGHLIGHT_ROW)
        if row is not None and row != shared.highlighted and takers:
            shared.highlighted = row
            self._say(shared, highlighting(shared.table.table_id, shared.table.url, row), takers)

    def _say(self, shared: _Shared, message: Message, takers: Sequence[Peer]) -> None:
        """Tell these programs; once more where one does not know a table yet that it has just been sent."""
        shared.said[message.mtype] = message

        def done(outcome: Outcome) -> None:
            is_new = time.monotonic() - shared.since < NEW_SECONDS
            if outcome.answer is Answer.FAILED and is_new and shared.said[message.mtype] is message:
                QTimer.singleShot(AGAIN_MS, self, lambda: self._say_again(shared, message, outcome.peer))

        self._samp.send(message, takers, done)

    def _say_again(self, shared: _Shared, message: Message, peer: Peer) -> None:
        if shared.said[message.mtype] is message and self._tables.get(_key(shared.table)) is shared:
            self._say(shared, message, [each for each in self._samp.takers(message.mtype) if each.id == peer.id])

    def _holders(self, shared: _Shared, mtype: str) -> tuple[Peer, ...]:
        """Who takes such a message and has the table: to others it would be an error, which Aladin shows in a box."""
        return tuple(peer for peer in self._samp.takers(mtype) if not shared.holders or peer.name in shared.holders)

    # ---- said to us ----------------------------------------------------------------------------------------------

    def take(self, received: Received) -> None:
        """Do what a message says of a selection; all others are passed over."""
        content = received.content
        if not isinstance(content, RowsSelected | RowHighlighted):
            return
        table = self.find(content.table_id, content.url)
        if table is None:
            which = f"with the id {content.table_id!r}" if content.table_id else f"from {content.url}"
            received.reply(Answer.FAILED, f"stopdesk has no table {which}.")
            return
        if _key(table) not in self._tables:
            self.keep(table)
        shared = self._tables[_key(table)]
        shared.holders.add(received.peer.name)
        is_selection = isinstance(content, RowsSelected)
        older = shared.asked[0 if is_selection else 1]
        shared.asked = (received, shared.asked[1]) if is_selection else (shared.asked[0], received)
        if older is not None:
            older.reply(Answer.WARNING, "Another selection came before this one could be shown.")
        table.place.bring(
            partial(self._brought, shared, received),
            partial(self._not_brought, shared, received),
            to_front=is_selection,  # Aladin says on which row the mouse is
        )

    def _brought(self, shared: _Shared, received: Received) -> None:
        if not self._is_asked(shared, received):
            return
        table, content = shared.table, received.content
        selection = table.place.selection
        if selection is None:
            received.reply(Answer.FAILED, f"{table.name} is not shown any more.")
            return
        self._watch(selection)
        assert isinstance(content, RowsSelected | RowHighlighted)
        rows = content.rows if isinstance(content, RowsSelected) else np.array([content.row], dtype=np.int64)
        if int(rows.max(initial=-1)) >= table.n_rows:
            last = int(rows.max())
            received.reply(
                Answer.FAILED,
                f"{table.name} has {table.n_rows:,} rows, numbered from 0: there is no row {last:,}.",
            )
            return
        if isinstance(content, RowsSelected):
            shared.rows = rows
            selection.choose(table.shown(rows), source=self, current=selection.current)
            received.reply(Answer.OK, f"{len(rows):,} {'row is' if len(rows) == 1 else 'rows are'} selected.")
        else:
            shared.highlighted = content.row
            self._highlight(selection, table.shown(rows), overlays=table.place.overlays)
            received.reply(Answer.OK, "")

    def _highlight(self, selection: Selection, row: Ints, *, overlays: bool) -> None:
        """Look at a row beside those selected here; the one looked at before leaves again."""
        number = next(k for k, each in enumerate(self._watched) if each is selection)
        last = self._highlights.pop(number, None)
        base = last.base if last is not None and np.array_equal(last.rows, selection.rows) else selection.rows
        if len(base) == 1 and not overlays:  # it is only the row that was gone to last
            base = base[:0]
        together = np.flatnonzero(_flags(np.concatenate((base, row))))
        self._highlights[number] = _Highlight(base, together)
        selection.choose(together, source=self, current=int(row[0]) if len(row) else None)

    def _not_brought(self, shared: _Shared, received: Received, why: str) -> None:
        if self._is_asked(shared, received):
            received.reply(Answer.FAILED, why)

    def _is_asked(self, shared: _Shared, received: Received) -> bool:
        """Whether a message is still to be answered; it is no more after this."""
        if all(each is not received for each in shared.asked):
            return False
        selection, highlight = shared.asked
        shared.asked = (None if selection is received else selection, None if highlight is received else highlight)
        return True


def _key(table: SentTable) -> str:
    return table.table_id or _same_file(table.url)


def _same_file(url: str) -> str:
    """What is the same for all ways to write the address of a file: TOPCAT turns ``file:///`` into ``file:/``."""
    for start in ("file://localhost/", "file:///", "file:/"):
        if url.startswith(start):
            return "file:/" + url.removeprefix(start)
    return url
