from __future__ import annotations

from stopdesk.samp.connection import PING, Description
from stopdesk.samp.exchange import Peer
from stopdesk.samp.peers import AWAITED_INTERVAL, PING_INTERVAL, PING_PATIENCE, PeerBook

TAKES_PING = frozenset({PING})


def _book(*named: tuple[str, str]) -> PeerBook:
    """Programs by id and name, all of which take pings."""
    book = PeerBook()
    book.set_ids(client_id for client_id, _ in named)
    for client_id, name in named:
        book.describe(client_id, Description({"samp.name": name}, TAKES_PING), 0.0)
    return book


def _names(book: PeerBook) -> list[str]:
    return [peer.id for peer in book.shown()]


def test_they_are_named_in_order_the_newest_of_equal_names_first() -> None:
    book = _book(("c2", "TOPCAT"), ("c10", "TOPCAT"), ("c1", "aladin"), ("c3", "Zeta"))
    assert _names(book) == ["c1", "c10", "c2", "c3"]


def test_ids_without_numbers_go_by_when_they_came() -> None:
    book = _book(("one", "x"), ("two", "x"))
    book.set_ids(["two", "one", "three"])
    book.describe("three", Description({"samp.name": "x"}, TAKES_PING), 0.0)
    assert _names(book) == ["three", "two", "one"]


def test_who_has_said_nothing_of_itself_is_not_shown_yet() -> None:
    book = PeerBook()
    assert book.set_ids(["c1"]) == []
    assert book.to_read(0.0) == ["c1"]
    book.describe("c1", Description({}, frozenset()), 0.0)
    assert not book.shown()
    assert book.to_read(1.0) == []
    book.read_again("c1")
    assert book.to_read(1.0) == ["c1"]
    book.describe("c1", Description({}, frozenset({"x"})), 1.0)
    assert book.shown() == (Peer("c1", "c1", "", frozenset({"x"})),)


def test_what_one_says_of_itself_is_one_short_line() -> None:
    book = PeerBook()
    book.set_ids(["c1"])
    said = {"samp.name": "\u202eTOP\nCAT\x9b <b>" + "x" * 1_000_000, "samp.description.text": "y" * 1_000_000}
    book.describe("c1", Description(said, TAKES_PING), 0.0)
    (peer,) = book.shown()
    assert peer.name.startswith("TOP CAT <b>xxx")
    assert (len(peer.name), len(peer.description)) == (60, 1000)


def test_who_leaves_is_named_once() -> None:
    book = _book(("c1", "a"), ("c2", "b"))
    assert book.set_ids(["c2"]) == ["c1"]
    assert book.set_ids(["c2"]) == []
    assert (_names(book), len(book)) == (["c2"], 1)
    book.describe("c1", Description({"samp.name": "late"}, TAKES_PING), 0.0)
    assert _names(book) == ["c2"]


def test_who_never_answers_is_shown_only_until_that_is_known() -> None:
    book = _book(("c1", "corpse"))
    assert book.to_ping(0.0) == ["c1"]
    assert book.to_ping(PING_PATIENCE) == []
    assert _names(book) == ["c1"]
    assert book.to_ping(PING_PATIENCE + 0.1) == []
    assert _names(book) == []
    assert book.to_ping(PING_INTERVAL) == ["c1"]
    book.heard("c1")
    assert _names(book) == ["c1"]


def test_who_has_answered_before_is_asked_twice() -> None:
    book = _book(("c1", "busy"))
    book.to_ping(0.0)
    book.heard("c1")
    assert book.to_ping(1.0) == []
    later = PING_INTERVAL
    assert book.to_ping(later) == ["c1"]
    assert book.to_ping(later := later + PING_PATIENCE + 0.1) == ["c1"]
    assert _names(book) == ["c1"]
    assert book.to_ping(later + PING_PATIENCE + 0.1) == []
    assert _names(book) == []


def test_whose_answer_is_awaited_is_asked_more_often() -> None:
    book = _book(("c1", "x"))
    book.to_ping(0.0)
    book.heard("c1")
    assert book.to_ping(AWAITED_INTERVAL) == []
    assert book.to_ping(AWAITED_INTERVAL, {"c1"}) == ["c1"]


def test_who_takes_no_pings_is_believed() -> None:
    book = PeerBook()
    book.set_ids(["c1"])
    book.describe("c1", Description({"samp.name": "mute"}, frozenset({"table.*"})), 0.0)
    assert book.to_ping(100.0) == []
    assert _names(book) == ["c1"]


def test_whom_the_hub_cannot_reach_is_dead_unless_it_takes_no_pings_any_more() -> None:
    book = _book(("c1", "x"))
    book.heard("c1")
    book.unreachable("c1")
    assert _names(book) == []
    assert book.to_read(0.0) == ["c1"]
    book.describe("c1", Description({"samp.name": "x"}, frozenset({"table.*"})), 0.0)
    assert _names(book) == ["c1"]


def test_what_one_takes_may_be_said_by_patterns() -> None:
    peer = Peer("c1", "x", "", frozenset({"table.*", "samp.app.ping"}))
    assert [peer.takes(mtype) for mtype in ("table.load.fits", "tables.x", "table", "samp.app.ping", "samp.app.x")] == [
        True,
        False,
        False,
        True,
        False,
    ]
    assert Peer("c1", "x", "", frozenset({"*"})).takes("anything")
