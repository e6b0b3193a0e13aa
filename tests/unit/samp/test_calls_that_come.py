from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stopdesk.errors import InputError
from stopdesk.samp import incoming as module
from stopdesk.samp.connection import EVENTS, Connection
from stopdesk.samp.exchange import Answer, Peer, Received
from stopdesk.samp.incoming import Incoming
from stopdesk.samp.lock import HubAddress
from stopdesk.samp.messages import Pointing

CALL = "samp.client.receiveCall"
NOTIFY = "samp.client.receiveNotification"
RESPONSE = "samp.client.receiveResponse"
POINT = {"samp.mtype": "coord.pointAt.sky", "samp.params": {"ra": "1", "dec": "2"}}


class _Replying(Connection):
    """A connection that writes down what it is to answer."""

    def __init__(self) -> None:
        super().__init__(HubAddress("http://127.0.0.1:1/", "s", Path("x")))
        self.key, self.own_id, self.hub_id = "key", "me", "hub"
        self.replies: list[tuple[str, Mapping[str, Any]]] = []

    def reply(self, message_id: str, response: Mapping[str, Any], seconds: float) -> None:
        self.replies.append((message_id, response))


class _Owner:
    def __init__(self) -> None:
        self.connection: Connection | None = _Replying()
        self.events: list[str] = []
        self.answers: list[tuple[str, str, Answer, str]] = []
        self.messages: list[Received] = []

    def event(self, mtype: str, params: Mapping[str, Any]) -> None:
        self.events.append(mtype)

    def heard(self, client_id: str) -> Peer:
        return Peer(client_id, f"name of {client_id}")

    def answered(self, tag: str, responder: str, answer: Answer, text: str) -> None:
        self.answers.append((tag, responder, answer, text))

    def received(self, received: Received) -> None:
        self.messages.append(received)

    def do(self, job: Callable[[], object]) -> None:
        job()

    @property
    def replies(self) -> list[tuple[str, str, str]]:
        assert isinstance(self.connection, _Replying)
        return [
            (ident, said["samp.status"], said.get("samp.error", {}).get("samp.errortxt", ""))
            for ident, said in self.connection.replies
        ]


@pytest.fixture
def owner() -> _Owner:
    return _Owner()


@pytest.fixture
def incoming(owner: _Owner) -> Incoming:
    return Incoming(owner)


def test_a_call_is_told_and_answered_once(owner: _Owner, incoming: Incoming) -> None:
    assert incoming.answer(CALL, ("key", "c1", "m1", POINT)) == ""
    (received,) = owner.messages
    assert (received.content, received.mtype, received.peer.name) == (Pointing(1, 2), POINT["samp.mtype"], "name of c1")
    assert owner.replies == []
    received.reply(Answer.FAILED, "Größe µm")
    received.reply(Answer.OK, "")
    assert owner.replies == [("m1", "samp.error", "Gro?e um")]


def test_a_notification_is_told_and_wants_no_answer(owner: _Owner, incoming: Incoming) -> None:
    incoming.answer(NOTIFY, ("key", "c1", POINT))
    owner.messages[0].reply(Answer.OK, "")
    assert owner.replies == []


def test_who_gets_no_answer_from_us_is_told_that_it_takes_longer(
    owner: _Owner, incoming: Incoming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ANSWER_WITHIN", 0.0)
    incoming.answer(CALL, ("key", "c1", "m1", POINT))
    end = incoming.next_end()
    assert end is not None
    incoming.expire(end - 0.001)
    assert owner.replies == []
    incoming.expire(end)
    assert [(ident, status) for ident, status, _ in owner.replies] == [("m1", "samp.warning")]
    owner.messages[0].reply(Answer.OK, "")
    assert len(owner.replies) == 1
    assert incoming.next_end() is None


def test_a_message_that_says_nothing_is_answered_by_itself(owner: _Owner, incoming: Incoming) -> None:
    incoming.answer(CALL, ("key", "c1", "m1", {"samp.mtype": "table.load.fits", "samp.params": "x"}))
    assert [status for _, status, _ in owner.replies] == ["samp.error"]
    assert owner.messages[0].content is None
    assert owner.messages[0].problem


@pytest.mark.parametrize("mtype", ["client.env.get", "samp.app.status", "x" * 1_000_000, None])
def test_what_we_do_not_take_is_refused_and_not_told(owner: _Owner, incoming: Incoming, mtype: str | None) -> None:
    incoming.answer(CALL, ("key", "c1", "m1", {"samp.mtype": mtype, "samp.params": {"name": "HOME"}}))
    ((_, status, text),) = owner.replies
    assert status == "samp.error"
    assert len(text) < 300
    assert not owner.messages


def test_pings_are_answered(owner: _Owner, incoming: Incoming) -> None:
    incoming.answer(CALL, ("key", "c1", "m1", {"samp.mtype": "samp.app.ping", "samp.params": {}}))
    assert owner.replies == [("m1", "samp.ok", "")]


def test_events_are_believed_of_the_hub_alone(owner: _Owner, incoming: Incoming) -> None:
    for mtype in EVENTS:
        incoming.answer(NOTIFY, ("key", "c1", {"samp.mtype": mtype, "samp.params": {}}))
    assert not owner.events
    for mtype in EVENTS:
        incoming.answer(NOTIFY, ("key", "hub", {"samp.mtype": mtype, "samp.params": {}}))
    assert owner.events == list(EVENTS)


@pytest.mark.parametrize(
    ("response", "answer", "text"),
    [
        ({"samp.status": "samp.ok", "samp.result": {}}, Answer.OK, ""),
        ({"samp.status": "samp.warning", "samp.error": {"samp.errortxt": " so so "}}, Answer.WARNING, "so so"),
        ({"samp.status": "samp.error", "samp.error": {"samp.errortxt": "no"}}, Answer.FAILED, "no"),
        ({"samp.status": "samp.error", "samp.error": {"samp.errortxt": "a\n\x9b\u202eb"}}, Answer.FAILED, "a b"),
        ({"samp.status": "samp.error", "samp.error": "no"}, Answer.FAILED, ""),
        ({"samp.status": "samp.error", "samp.error": {"samp.errortxt": {}}}, Answer.FAILED, ""),
        ({}, Answer.FAILED, "It gave an answer that SAMP does not know."),
    ],
)
def test_answers_are_understood(
    owner: _Owner, incoming: Incoming, response: dict[str, Any], answer: Answer, text: str
) -> None:
    incoming.answer(RESPONSE, ("key", "c1", "tag", response))
    assert owner.answers == [("tag", "c1", answer, text)]


def test_the_hub_may_answer_in_the_place_of_a_program(owner: _Owner, incoming: Incoming) -> None:
    incoming.answer(RESPONSE, ("key", "hub", "tag", {"samp.status": "samp.ok", "samp.result": {}}))
    assert owner.answers == [("tag", "", Answer.OK, "")]


@pytest.mark.parametrize(
    ("method", "params"),
    [
        (CALL, ("other key", "c1", "m1", POINT)),
        (CALL, ("", "c1", "m1", POINT)),
        (CALL, ({}, "c1", "m1", POINT)),
        (CALL, ()),
        (CALL, ("key", "c1", POINT)),
        (CALL, ("key", "c1", "m1", "x")),
        (NOTIFY, ("key", "c1", POINT, "more")),
        (RESPONSE, ("key", None, "tag", {})),
        ("samp.client.other", ("key",)),
        ("system.listMethods", ("key",)),
    ],
)
def test_calls_that_are_not_for_us_are_refused(owner: _Owner, incoming: Incoming, method: str, params: Any) -> None:
    with pytest.raises(InputError):
        incoming.answer(method, params)
    assert not owner.messages


def test_without_a_connection_nothing_is_taken_and_nothing_answered(owner: _Owner, incoming: Incoming) -> None:
    incoming.answer(CALL, ("key", "c1", "m1", POINT))
    owner.connection = None
    incoming.forget()
    incoming.expire(1e12)
    with pytest.raises(InputError):
        incoming.answer(CALL, ("key", "c1", "m1", POINT))
