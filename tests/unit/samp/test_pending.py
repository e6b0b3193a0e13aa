from __future__ import annotations

from stopdesk.samp.exchange import Answer, Outcome, Peer
from stopdesk.samp.messages import point_at
from stopdesk.samp.pending import Pending

ONE, TWO = Peer("c1", "one"), Peer("c2", "two")


class Told:
    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.pending = Pending()

    def add(self, peer: Peer = ONE, *, seconds: float = 10.0, is_out: bool = True) -> str:
        tag = self.pending.add(peer, point_at(1, 2), self.outcomes.append, now=100.0, seconds=seconds)
        if is_out:
            self.pending.is_out(tag)
        return tag

    @property
    def answers(self) -> list[tuple[str, Answer]]:
        return [(each.peer.name, each.answer) for each in self.outcomes]


def test_each_message_has_one_outcome() -> None:
    told = Told()
    tag = told.add()
    assert told.pending.is_waiting(tag)
    told.pending.close(tag, Answer.OK, "fine")
    told.pending.close(tag, Answer.FAILED, "no")
    told.pending.expire(1000.0)
    told.pending.all_lost("lost")
    assert [(each.answer, each.text) for each in told.outcomes] == [(Answer.OK, "fine")]
    assert not told.pending.is_waiting(tag)


def test_an_answer_is_believed_of_who_was_asked_and_of_the_hub() -> None:
    told = Told()
    first, second = told.add(ONE), told.add(TWO)
    told.pending.answered(first, "c2", Answer.OK, "in another's name")
    told.pending.answered("stopdesk-99", "c1", Answer.OK, "")
    assert not told.outcomes
    told.pending.answered(first, "c1", Answer.FAILED, "no")
    told.pending.answered(first, "c1", Answer.OK, "yes after all")
    told.pending.answered(second, "", Answer.FAILED, "not there")
    assert told.answers == [("one", Answer.FAILED), ("two", Answer.FAILED)]


def test_no_answer_in_time_is_not_failed_and_not_taken_is_not_sent() -> None:
    told = Told()
    told.add(ONE)
    told.add(TWO, is_out=False)
    assert told.pending.next_end() == 110.0
    told.pending.expire(109.9)
    assert not told.outcomes
    told.pending.expire(110.0)
    assert told.answers == [("one", Answer.NO_ANSWER), ("two", Answer.NOT_SENT)]
    assert "one has not answered within 10 s" in told.outcomes[0].text
    assert told.pending.next_end() is None


def test_a_program_that_leaves_ends_what_was_sent_to_it_alone() -> None:
    told = Told()
    told.add(ONE)
    told.add(TWO)
    assert told.pending.awaited() == {"c1", "c2"}
    told.pending.peer_gone("c1")
    assert told.answers == [("one", Answer.NO_ANSWER)]
    assert told.pending.awaited() == {"c2"}


def test_without_a_hub_what_went_out_has_no_answer_and_the_rest_was_not_sent() -> None:
    told = Told()
    told.add(ONE)
    told.add(TWO, is_out=False)
    told.pending.not_sent("silent")
    assert told.answers == [("two", Answer.NOT_SENT)]
    told.pending.all_lost("gone")
    assert told.answers == [("two", Answer.NOT_SENT), ("one", Answer.NO_ANSWER)]
