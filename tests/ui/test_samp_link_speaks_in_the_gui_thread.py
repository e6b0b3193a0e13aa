"""What the link to other programs says in threads of its own arrives in the window's, in order, and is remembered."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, LinkState, Outcome, Peer, Received
from stopdesk.ui.samp.log import LENGTH, MessageLog
from tests.fakes.samp_link import ALADIN, CONNECTED, OWN_HUB, TOPCAT
from tests.ui.samp_parts import Samp

POINT = messages.point_at(248.1, -24.5)


def test_nothing_is_contacted_before_it_is_wanted(samp: Samp) -> None:
    assert samp.links == []
    assert samp.link.status.state is LinkState.OFF
    assert samp.link.peers == ()
    samp.link.leave()
    assert samp.links == []


def test_it_is_started_once(samp: Samp) -> None:
    samp.link.start()
    samp.link.start()
    samp.link.connect_to_hub()
    samp.link.connect_to_hub(start_hub=False)
    samp.link.leave()
    assert samp.fake.start_hub
    assert samp.fake.calls == ["start", "connect, hub True", "connect, hub False", "disconnect"]


def test_news_arrive_in_the_gui_thread(qtbot: QtBot, samp: Samp) -> None:
    samp.link.start()
    threads: list[str] = []
    for signal in (samp.link.status_changed, samp.link.peers_changed):
        signal.connect(lambda _: threads.append(threading.current_thread().name))
    samp.fake.stands(CONNECTED)
    samp.fake.there_are(ALADIN, TOPCAT)
    assert not samp.link.is_connected, "not before the window has time for it"
    qtbot.waitUntil(lambda: samp.link.peers == (ALADIN, TOPCAT))
    assert samp.link.is_connected
    assert threads == ["MainThread"] * 2
    assert samp.link.takers(messages.IMAGE) == (ALADIN,)
    assert samp.link.takers(messages.TABLE_FITS, messages.TABLE_VOTABLE) == (ALADIN, TOPCAT)


def test_programs_of_one_name_are_told_apart(qtbot: QtBot, samp: Samp) -> None:
    samp.with_peers(ALADIN, TOPCAT, Peer("c9", "topcat"), Peer("c10", ""))
    assert samp.link.labels == {"c2": "Aladin", "c1": "TOPCAT (c1)", "c9": "TOPCAT (c9)", "c10": "c10"}


def test_another_window_of_ours_is_called_so(qtbot: QtBot, samp: Samp) -> None:
    samp.with_peers(ALADIN, Peer("c9", "stopdesk"))
    assert samp.link.labels == {"c2": "Aladin", "c9": "another stopdesk"}


def test_an_outcome_comes_back_for_each_program(qtbot: QtBot, samp: Samp) -> None:
    samp.with_peers(ALADIN, TOPCAT)
    outcomes: list[Outcome] = []
    samp.link.send(POINT, (ALADIN, TOPCAT), outcomes.append)
    assert [(entry.peer.name, entry.what, entry.answer) for entry in samp.link.log] == [
        ("Aladin", "position 248.10000° -24.50000°", None),
        ("TOPCAT", "position 248.10000° -24.50000°", None),
    ]
    with qtbot.waitSignal(samp.link.answered):
        samp.fake.answers(Answer.WARNING, "no window")
    assert [(each.peer, each.answer) for each in outcomes] == [(TOPCAT, Answer.WARNING)]
    assert [(entry.answer, entry.text) for entry in samp.link.log] == [(None, ""), (Answer.WARNING, "no window")]


def test_what_is_sent_before_there_is_a_link_is_not_sent(qtbot: QtBot, samp: Samp) -> None:
    outcomes: list[Outcome] = []
    samp.link.send(POINT, (TOPCAT,), outcomes.append)
    qtbot.waitUntil(lambda: bool(outcomes))
    assert outcomes[0].answer is Answer.NOT_SENT
    assert "not connected" in outcomes[0].text
    assert samp.link.log[-1].answer is Answer.NOT_SENT


def test_a_message_that_comes_is_answered_once_it_was_dealt_with(qtbot: QtBot, samp: Samp) -> None:
    samp.with_peers(TOPCAT)
    taken: list[Received] = []
    samp.link.received.connect(taken.append)
    replies = samp.fake.comes(TOPCAT, messages.TABLE_VOTABLE, {"url": "file:/x", "name": "CO"})
    qtbot.waitUntil(lambda: bool(taken))
    assert (samp.link.log[-1].what, samp.link.log[-1].answer) == ("table “CO”", None)
    taken[0].reply(Answer.FAILED, "There is no such file.")
    assert replies == [(Answer.FAILED, "There is no such file.")]
    qtbot.waitUntil(lambda: samp.link.log[-1].answer is Answer.FAILED)
    assert samp.link.log[-1].text == "There is no such file."


def test_nothing_is_told_after_the_end(qtbot: QtBot, samp: Samp) -> None:
    samp.link.start()
    fake = samp.fake
    samp.link.status_changed.connect(lambda _: pytest.fail("told after the end"))
    fake.stands(CONNECTED)
    samp.link.shutdown()
    fake.stands(OWN_HUB)
    QApplication.processEvents()
    samp.link.start()
    assert fake.calls == ["start", "stop"]
    assert len(samp.links) == 1


@pytest.mark.parametrize(
    ("mtype", "params", "words"),
    [
        (messages.SELECT_ROWS, {"table-id": "t", "row-list": ["1"]}, "selection of 1 row"),
        (messages.SELECT_ROWS, {"table-id": "t", "row-list": ["1", "2"]}, "selection of 2 rows"),
        (messages.HIGHLIGHT_ROW, {"table-id": "t", "row": "0"}, "row 1"),
        (messages.SPECTRUM, {"url": "file:/x", "name": "L1544"}, "spectrum “L1544”"),
        (messages.IMAGE, {"url": "file:/x"}, "image"),
        (messages.RESOURCES, {"ids": {"ivo://a/b": ""}, "name": "mine"}, "1 service “mine”"),
    ],
)
def test_messages_in_words(mtype: str, params: dict[str, object], words: str) -> None:
    log = MessageLog()
    log.sent(messages.Message(mtype, params), TOPCAT)
    log.came(Received(TOPCAT, mtype, messages.read_message(mtype, params), lambda *_: None))
    assert [entry.what for entry in log.entries] == [words, words]


def test_messages_that_nothing_can_be_read_from_have_words_too() -> None:
    log = MessageLog()
    log.sent(messages.aladin_script("draw circle(1,2,3)"), ALADIN)
    log.came(Received(TOPCAT, messages.SELECT_ROWS, None, lambda *_: None, problem="A row has a number below 0."))
    assert [(entry.what, entry.answer) for entry in log.entries] == [
        ("drawing commands", None),
        ("selection of rows", Answer.FAILED),
    ]


def test_the_log_forgets_what_is_old_and_a_mouse_over_a_table_is_one_message() -> None:
    log = MessageLog()
    for number in range(LENGTH + 50):
        log.sent(POINT, TOPCAT if number % 2 else ALADIN)
    assert [entry.number for entry in log.entries] == list(range(51, LENGTH + 51))
    for row in range(5):
        log.sent(messages.highlight_row("t", "", row), TOPCAT)
    assert [entry.what for entry in log.entries[-2:]] == ["position 248.10000° -24.50000°", "row 5"]
    forgotten = Outcome(TOPCAT, POINT, Answer.OK)
    log.answered(1, forgotten)
    assert log.entries[0].answer is None
