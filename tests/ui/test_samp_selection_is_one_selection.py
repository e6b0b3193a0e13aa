"""Rows selected here are selected in other programs that have the table, and theirs are selected here, without echo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, Outcome, Peer
from stopdesk.ui.samp import shared_tables
from stopdesk.ui.samp.shared_tables import Ints, SentTable, SharedTables, split_id, table_id
from stopdesk.ui.selection import SHOWING, Selection
from stopdesk.ui.tasks import Tasks
from tests.fakes.samp_link import TOPCAT
from tests.ui.samp_parts import Samp

SKY = Peer("c5", "Sky", "", frozenset({messages.SELECT_ROWS, messages.HIGHLIGHT_ROW}))
ID = table_id("ab" * 32, "line3")


@dataclass
class Place:
    """A table of so many rows that stands in a view from row ``first`` on."""

    n_rows: int = 100
    first: int = 0
    overlays: bool = False
    is_shown: bool = True
    key: str = "place"
    view: Selection = field(default_factory=Selection)
    asked: list[tuple[Callable[[], object], Callable[[str], object]]] = field(default_factory=list)

    @property
    def selection(self) -> Selection | None:
        return self.view if self.is_shown else None

    def to_screen(self, rows: Ints) -> Ints:
        return rows + self.first

    def from_screen(self, rows: Ints) -> Ints:
        mine = rows - self.first
        return mine[(mine >= 0) & (mine < self.n_rows)]

    def bring(self, then: Callable[[], object], failed: Callable[[str], object], *, to_front: bool) -> None:
        if self.is_shown:
            then()
        else:
            self.asked.append((then, failed))

    def selected(self) -> list[int]:
        return self.view.rows.tolist()


@dataclass
class Desk:
    qtbot: QtBot
    samp: Samp
    tasks: Tasks
    tables: SharedTables

    def said(self) -> list[tuple[str, str, object]]:
        """To whom which rows of which table were said."""
        return [
            (sent.peers[0].name, sent.message.params["table-id"], sent.message.params.get("row-list", None))
            if sent.message.mtype == messages.SELECT_ROWS
            else (sent.peers[0].name, sent.message.params["table-id"], sent.message.params["row"])
            for sent in self.samp.fake.sent
        ]

    def wait_said(self, *rows: object) -> None:
        self.qtbot.waitUntil(lambda: len(self.samp.fake.sent) >= len(rows))
        assert [said[2] for said in self.said()] == list(rows)

    def comes(self, mtype: str, params: dict[str, object], peer: Peer = TOPCAT) -> list[tuple[Answer, str]]:
        return self.samp.fake.comes(peer, mtype, params)

    def answered(self, replies: list[tuple[Answer, str]]) -> tuple[Answer, str]:
        self.qtbot.waitUntil(lambda: bool(replies))
        (reply,) = replies
        return reply

    def nothing_more_is_said(self) -> None:
        """What is selected next is all that is said: whatever else was to be said would have come before it."""
        before = len(self.samp.fake.sent)
        probe = Place(key="probe")
        self.tables.keep(SentTable("probe", "", "Probe", probe))
        probe.view.choose([1, 2], source=None)
        self.qtbot.waitUntil(lambda: len(self.samp.fake.sent) > before)
        assert {said[1] for said in self.said()[before:]} == {"probe"}


@pytest.fixture
def desk(qtbot: QtBot, samp: Samp) -> Iterator[Desk]:
    tasks = Tasks()
    tables = SharedTables(samp=samp.link, tasks=tasks)
    samp.link.received.connect(tables.take)
    samp.with_peers(SKY, TOPCAT)
    yield Desk(qtbot, samp, tasks, tables)
    assert tasks.shutdown()


def kept(desk: Desk, place: Place, rows: list[int] | None = None, url: str = "file:///tmp/a.fits") -> SentTable:
    table = SentTable(ID, url, "A grid", place, None if rows is None else np.array(rows))
    desk.tables.keep(table, [TOPCAT])
    return table


def test_identifiers_tell_content_and_what_is_made_of_it() -> None:
    assert table_id("0123456789abcdef" * 4, "row7") == "stopdesk-0123456789abcdef0123-row7"
    assert split_id(table_id("0123456789abcdef" * 4, "row7")) == ("0123456789abcdef0123", "row7")
    assert split_id(table_id("0123456789abcdef" * 4)) == ("0123456789abcdef0123", "")
    assert split_id("topcat1234:3") == split_id("stopdesk-12") == ("", "")


def test_what_is_selected_quickly_one_after_the_other_is_said_once_and_then_the_row_looked_at(desk: Desk) -> None:
    place = Place()
    kept(desk, place)
    for last in range(5, 9):
        place.view.choose(range(3, last), source=None, current=4)
    desk.wait_said(["3", "4", "5", "6", "7"], "4")
    assert {said[0] for said in desk.said()} == {"TOPCAT"}  # the other program does not have it
    assert desk.samp.fake.sent[0].message.params["url"] == "file:///tmp/a.fits"


def test_rows_are_numbered_as_they_were_sent(desk: Desk) -> None:
    place = Place(n_rows=10, first=1000)
    kept(desk, place, rows=[7, 2, 9, 2])
    place.view.choose([1002, 1003, 1009, 5], source=None)
    desk.wait_said(["1", "2", "3"])
    reply = desk.comes(messages.SELECT_ROWS, {"table-id": ID, "row-list": ["0", "3"]})
    assert desk.answered(reply) == (Answer.OK, "2 rows are selected.")
    assert place.selected() == [1002, 1007]
    desk.nothing_more_is_said()


def test_a_selection_from_outside_is_not_sent_back_and_the_same_is_not_said_twice(desk: Desk) -> None:
    place = Place()
    kept(desk, place)
    place.view.choose([1, 2], source=None)  # is being said while the next one comes
    reply = desk.comes(messages.SELECT_ROWS, {"table-id": ID, "row-list": ["5", "6", "70"]})
    assert desk.answered(reply)[0] is Answer.OK
    assert place.selected() == [5, 6, 70]
    desk.nothing_more_is_said()
    place.view.choose([5, 6], source=None)
    place.view.choose([5, 6, 70], source=None)  # as TOPCAT has it
    desk.nothing_more_is_said()
    place.view.clear(source=None)
    n = len(desk.samp.fake.sent)
    desk.qtbot.waitUntil(lambda: len(desk.samp.fake.sent) > n)
    assert desk.said()[-1] == ("TOPCAT", ID, [])


def test_who_speaks_of_a_table_is_told_of_it_from_then_on(desk: Desk) -> None:
    place = Place()
    kept(desk, place)
    reply = desk.comes(messages.SELECT_ROWS, {"table-id": ID, "row-list": ["5"]}, SKY)
    assert desk.answered(reply) == (Answer.OK, "1 row is selected.")
    place.view.choose([8, 9], source=None)
    desk.qtbot.waitUntil(lambda: len(desk.samp.fake.sent) == 2)
    assert {said[0] for said in desk.said()} == {"Sky", "TOPCAT"}


def test_a_table_goes_by_its_identifier_and_by_its_address_where_that_is_empty(desk: Desk) -> None:
    place = Place()
    kept(desk, place, url="file:///tmp/a%20b.fits")
    unknown = desk.comes(messages.SELECT_ROWS, {"table-id": "t9", "url": "file:///tmp/a%20b.fits", "row-list": ["1"]})
    assert desk.answered(unknown) == (Answer.FAILED, "stopdesk has no table with the id 't9'.")
    other = desk.comes(messages.HIGHLIGHT_ROW, {"url": "file:/tmp/b.fits", "row": "1"})
    assert desk.answered(other) == (Answer.FAILED, "stopdesk has no table from file:/tmp/b.fits.")
    assert place.selected() == []
    known = desk.comes(messages.SELECT_ROWS, {"url": "file:/tmp/a%20b.fits", "row-list": ["1"]})
    assert desk.answered(known)[0] is Answer.OK
    assert place.selected() == [1]


@pytest.mark.parametrize("subset", [None, [4, 5, 6]])
def test_rows_that_were_not_sent_are_refused(desk: Desk, subset: list[int] | None) -> None:
    place = Place(n_rows=3 if subset is None else 100)
    kept(desk, place, rows=subset)
    words = "A grid has 3 rows, numbered from 0: there is no row 3."
    for mtype, params in ((messages.SELECT_ROWS, {"row-list": ["0", "3"]}), (messages.HIGHLIGHT_ROW, {"row": "3"})):
        assert desk.answered(desk.comes(mtype, {"table-id": ID, **params})) == (Answer.FAILED, words)
    assert place.selected() == []


def test_a_row_looked_at_elsewhere_is_laid_over_those_selected_here(desk: Desk) -> None:
    place = Place(overlays=True)
    kept(desk, place)
    place.view.choose([3], source=None)
    desk.wait_said(["3"], "3")
    for row, selected in ((7, [3, 7]), (9, [3, 9]), (3, [3])):
        reply = desk.comes(messages.HIGHLIGHT_ROW, {"table-id": ID, "row": str(row)})
        assert desk.answered(reply)[0] is Answer.OK
        assert (place.selected(), place.view.current) == (selected, row)
    desk.nothing_more_is_said()
    place.view.choose([20, 21], source=None)
    desk.answered(desk.comes(messages.HIGHLIGHT_ROW, {"table-id": ID, "row": "21"}))
    assert (place.selected(), place.view.current) == ([20, 21], 21)


def test_a_mouse_over_rows_elsewhere_leaves_many_selected_rows_alone_but_moves_a_single_one(desk: Desk) -> None:
    place = Place()
    kept(desk, place)
    place.view.choose([3], source=None)
    desk.answered(desk.comes(messages.HIGHLIGHT_ROW, {"table-id": ID, "row": "7"}))
    assert place.selected() == [7]
    place.view.choose([10, 11], source=None)
    for row in (50, 60):
        desk.answered(desk.comes(messages.HIGHLIGHT_ROW, {"table-id": ID, "row": str(row)}))
        assert (place.selected(), place.view.current) == ([10, 11, row], row)


def test_a_table_that_is_not_shown_is_brought_and_the_newest_selection_wins(desk: Desk) -> None:
    place = Place(is_shown=False)
    kept(desk, place)
    first = desk.comes(messages.SELECT_ROWS, {"table-id": ID, "row-list": ["1"]})
    second = desk.comes(messages.SELECT_ROWS, {"table-id": ID, "row-list": ["2"]})
    assert desk.answered(first) == (Answer.WARNING, "Another selection came before this one could be shown.")
    assert not second
    place.is_shown = True
    for then, _ in place.asked:
        then()
    assert desk.answered(second)[0] is Answer.OK
    assert place.selected() == [2]
    place.view.choose([4, 5], source=None)
    desk.wait_said(["4", "5"])  # it is followed from now on


def test_a_table_that_cannot_be_shown_is_said(desk: Desk) -> None:
    place = Place(is_shown=False)
    kept(desk, place)
    reply = desk.comes(messages.HIGHLIGHT_ROW, {"table-id": ID, "row": "1"})
    desk.qtbot.waitUntil(lambda: bool(place.asked))
    place.asked[0][1]("The run is not there.")
    assert desk.answered(reply) == (Answer.FAILED, "The run is not there.")


def test_a_table_of_an_earlier_life_is_known_again(qtbot: QtBot, samp: Samp) -> None:
    tasks, place = Tasks(), Place()
    tables = SharedTables(
        samp=samp.link,
        tasks=tasks,
        known=lambda name: SentTable(name, "", "Kept", place) if name == ID else None,
    )
    samp.link.received.connect(tables.take)
    samp.with_peers(SKY, TOPCAT)
    desk = Desk(qtbot, samp, tasks, tables)
    assert desk.answered(desk.comes(messages.SELECT_ROWS, {"table-id": ID, "row-list": ["2", "4"]}))[0] is Answer.OK
    assert place.selected() == [2, 4]
    place.view.choose([6, 7], source=None)
    desk.wait_said(["6", "7"])
    assert desk.said()[0][0] == "TOPCAT"
    assert tasks.shutdown()


def answer(desk: Desk, number: int, answer: Answer) -> None:
    sent = desk.samp.fake.sent[number]
    sent.done(Outcome(sent.peers[0], sent.message, answer, "No table with that id"))


def test_a_program_that_does_not_know_a_new_table_yet_is_told_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_tables, "AGAIN_MS", 1)
    place = Place()
    kept(desk, place)
    place.view.choose([3, 4], source=None)
    desk.wait_said(["3", "4"])
    answer(desk, 0, Answer.FAILED)
    desk.wait_said(["3", "4"], ["3", "4"])
    answer(desk, 1, Answer.OK)
    desk.nothing_more_is_said()


def test_what_no_longer_holds_is_not_said_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_tables, "AGAIN_MS", 1)
    place = Place()
    kept(desk, place)
    place.view.choose([3, 4], source=None)
    desk.wait_said(["3", "4"])
    place.view.choose([5, 6], source=None)
    desk.wait_said(["3", "4"], ["5", "6"])
    answer(desk, 0, Answer.FAILED)
    desk.nothing_more_is_said()
    monkeypatch.setattr(shared_tables, "NEW_SECONDS", 0.0)
    place.view.choose([7, 8], source=None)
    desk.qtbot.waitUntil(lambda: desk.said()[-1][2] == ["7", "8"])
    answer(desk, len(desk.said()) - 1, Answer.FAILED)
    desk.nothing_more_is_said()


def test_what_is_selected_as_rows_come_to_the_screen_is_not_told(desk: Desk) -> None:
    place = Place()
    kept(desk, place)
    place.view.choose([3, 4], source=None)
    desk.wait_said(["3", "4"])
    place.view.choose([50], source=SHOWING)
    desk.nothing_more_is_said()
    place.view.choose([5, 6], source=None)
    desk.qtbot.waitUntil(lambda: desk.said()[-1][1:] == (ID, ["5", "6"]))
