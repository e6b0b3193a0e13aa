from __future__ import annotations

import stat
from pathlib import Path

import numpy as np
import pytest

from stopdesk.samp.exchange import Answer, LinkState
from stopdesk.samp.messages import (
    TABLE_VOTABLE,
    Message,
    Pointing,
    RowsSelected,
    load_table,
    point_at,
    select_rows,
)
from tests.samp import Ear, linked


def test_it_starts_a_hub_where_there_is_none_and_leaves_no_lock_file(lock_file: Path) -> None:
    ear = Ear()
    with linked(ear, start_hub=True) as link:
        status = ear.wait_for(LinkState.CONNECTED)
        assert status.is_own_hub
        assert status.own_id
        assert link.status == status
        assert stat.S_IMODE(lock_file.stat().st_mode) == 0o600
        assert "http://127.0.0.1:" in lock_file.read_text()
    assert not lock_file.exists()


def test_without_the_wish_for_a_hub_it_waits_for_one(lock_file: Path) -> None:
    first, second = Ear(), Ear()
    with linked(first):
        status = first.wait_for(LinkState.NO_HUB)
        assert "Start TOPCAT" in status.text
        assert not lock_file.exists()
        with linked(second, name="other", start_hub=True):
            assert not first.wait_for(LinkState.CONNECTED).is_own_hub
            assert second.wait_for_peer("stopdesk").takes(TABLE_VOTABLE)
            assert first.wait_for_peer("other").description


def test_messages_go_both_ways_and_are_answered() -> None:
    here, there = Ear(), Ear()
    with linked(here, start_hub=True) as link, linked(there, name="other"):
        other = here.wait_for_peer("other", TABLE_VOTABLE)
        link.send(point_at(10.5, -3.25), [other], done=here.done)
        outcome = here.wait(lambda: here.outcomes)[0]
        assert (outcome.answer, outcome.peer, outcome.message.mtype) == (Answer.OK, other, "coord.pointAt.sky")
        assert outcome.at is not None
        (received,) = there.messages
        assert received.content == Pointing(10.5, -3.25)
        assert received.peer.name == "stopdesk"


@pytest.mark.parametrize("answer", [Answer.WARNING, Answer.FAILED])
def test_an_answer_that_is_no_success_comes_with_its_words(answer: Answer) -> None:
    here, there = Ear(), Ear(answer)
    with linked(here, start_hub=True) as link, linked(there, name="other"):
        link.send(
            load_table("file:///x", "t", "x", fits=False), [here.wait_for_peer("other", TABLE_VOTABLE)], done=here.done
        )
        outcome = here.wait(lambda: here.outcomes)[0]
        assert (outcome.answer, outcome.text) == (answer, "as it happens")


def test_150_000_selected_rows_arrive() -> None:
    here, there = Ear(), Ear()
    rows = np.arange(0, 300_000, 2)
    with linked(here, start_hub=True) as link, linked(there, name="other"):
        link.send(select_rows("t", "", rows), [here.wait_for_peer("other", TABLE_VOTABLE)], done=here.done)
        assert here.wait(lambda: here.outcomes)[0].answer is Answer.OK
        content = there.messages[0].content
        assert isinstance(content, RowsSelected)
        np.testing.assert_array_equal(content.rows, rows)


def test_a_message_that_says_nothing_is_answered_and_told() -> None:
    here, there = Ear(), Ear()
    with linked(here, start_hub=True) as link, linked(there, name="other"):
        link.send(Message(TABLE_VOTABLE), [here.wait_for_peer("other", TABLE_VOTABLE)], done=here.done)
        outcome = here.wait(lambda: here.outcomes)[0]
        assert outcome.answer is Answer.FAILED
        assert "where the data are" in outcome.text
        received = there.wait(lambda: there.messages)[0]
        assert received.content is None
        assert received.problem == outcome.text


def test_a_notification_has_no_answer_and_is_no_failure() -> None:
    here, there = Ear(), Ear()
    with linked(here, start_hub=True) as link, linked(there, name="other"):
        link.send(point_at(1.0, 2.0), [here.wait_for_peer("other", TABLE_VOTABLE)], done=here.done, wait=False)
        assert here.wait(lambda: here.outcomes)[0].answer is Answer.NO_ANSWER
        there.wait(lambda: there.messages)


def test_a_hub_of_ours_counts_who_is_connected_through_it() -> None:
    here, there = Ear(), Ear()
    with linked(here, start_hub=True) as link, linked(there, name="other") as other:
        here.wait_for_peer("other")
        assert (link.other_clients, other.other_clients) == (1, 0)
        other.disconnect()
        here.wait(lambda: not here.peers)
        assert link.other_clients == 0
        assert there.wait_for(LinkState.OFF).text
