"""Understands what the hub brings, tells the listener, and sees to it that every call is answered."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from stopdesk.errors import InputError, NetworkError
from stopdesk.samp.connection import EVENTS, PATIENCE, PING, Connection
from stopdesk.samp.exchange import Answer, Peer, Received
from stopdesk.samp.lines import one_line
from stopdesk.samp.messages import TAKEN, Content, ascii_text, read_message

#: Who sent us a message has an answer after this time, in seconds, whether or not we are through with it.
ANSWER_WITHIN = 60.0
#: Of what a program says of a message of ours so many letters are told.
_MOST_WORDS = 500
_LATE = "stopdesk is still busy with it, or waits for its user."

_STATUS = {"samp.ok": Answer.OK, "samp.warning": Answer.WARNING, "samp.error": Answer.FAILED}
_WORDS = {Answer.OK: "samp.ok", Answer.FAILED: "samp.error"}


class Owner(Protocol):
    """Who keeps the connection that the messages come by."""

    @property
    def connection(self) -> Connection | None:
        """The connection, from its registration to its end."""

    def event(self, mtype: str, params: Mapping[str, Any]) -> None:
        """The hub tells of a change."""

    def heard(self, client_id: str) -> Peer:
        """A program has said something; gives what is known of it."""

    def answered(self, tag: str, responder: str, answer: Answer, text: str) -> None:
        """An answer to a message of ours has come from this program, or from nobody: from the hub, in its place."""

    def received(self, received: Received) -> None:
        """A message has come."""

    def do(self, job: Callable[[], object]) -> None:
        """Do this in the thread that sends."""


class Incoming:
    """Messages as they come, for several threads at once; they are told one after the other."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._open: set[_Reply] = set()
        self._methods: Mapping[str, tuple[Callable[..., None], tuple[type, ...]]] = {
            "samp.client.receiveCall": (self._called, (str, str, dict)),
            "samp.client.receiveNotification": (self._notified, (str, dict)),
            "samp.client.receiveResponse": (self._responded, (str, str, dict)),
        }

    def answer(self, method: str, params: tuple[Any, ...]) -> str:
        """Take a call of the hub's; InputError for one that is not for us."""
        connection = self._owner.connection
        if connection is None or not params or not connection.key or params[0] != connection.key:
            raise InputError("This key is not known here.")
        method_of = self._methods.get(method)
        if method_of is None:
            raise InputError(f"There is no method {method}.")
        take, kinds = method_of
        rest = params[1:]
        if len(rest) != len(kinds) or not all(map(isinstance, rest, kinds)):
            raise InputError(f"The parameters of {method} are not those of SAMP.")
        with self._turn:
            take(connection, *rest)
        return ""

    def expire(self, now: float) -> None:
        """Answer the calls that have waited for long enough."""
        with self._lock:
            late = [reply for reply in self._open if reply.end <= now]
        for reply in late:
            reply(Answer.WARNING, _LATE)

    def next_end(self) -> float | None:
        """When the next call will have waited for long enough."""
        with self._lock:
            return min((reply.end for reply in self._open), default=None)

    def forget(self) -> None:
        """The connection has ended: nothing can be answered any more."""
        with self._lock:
            self._open.clear()

    def _called(self, connection: Connection, sender: str, message_id: str, message: Mapping[str, Any]) -> None:
        reply = _Reply(
            time.monotonic() + ANSWER_WITHIN, lambda said: self._reply(connection, message_id, said), self._closed
        )
        with self._lock:
            self._open.add(reply)
        self._take(connection, sender, message, reply)

    def _notified(self, connection: Connection, sender: str, message: Mapping[str, Any]) -> None:
        self._take(connection, sender, message, _no_reply)

    def _take(
        self, connection: Connection, sender: str, message: Mapping[str, Any], reply: Callable[[Answer, str], None]
    ) -> None:
        mtype, params = message.get("samp.mtype"), message.get("samp.params")
        params = params if isinstance(params, Mapping) else {}
        if mtype == PING:
            reply(Answer.OK, "")
        elif mtype in EVENTS:
            if sender == connection.hub_id:
                self._owner.event(str(mtype), params)
            reply(Answer.OK, "")
        elif mtype not in TAKEN:
            what = one_line(mtype) if isinstance(mtype, str) else "messages without an MType"
            reply(Answer.FAILED, f"stopdesk does not take {what}.")
        else:
            content, problem = _read(str(mtype), params)
            if problem:
                reply(Answer.FAILED, problem)
            peer = self._owner.heard(sender)
            self._owner.received(Received(peer, str(mtype), content, reply, problem, datetime.now(UTC)))

    def _responded(self, connection: Connection, responder: str, tag: str, response: Mapping[str, Any]) -> None:
        self._owner.heard(responder)
        said = response.get("samp.error")
        words = said.get("samp.errortxt") if isinstance(said, Mapping) else ""
        text = one_line(words, _MOST_WORDS) if isinstance(words, str) else ""
        status = _STATUS.get(str(response.get("samp.status")))
        if status is None:
            status, text = Answer.FAILED, "It gave an answer that SAMP does not know."
        self._owner.answered(tag, "" if responder == connection.hub_id else responder, status, text)

    def _reply(self, connection: Connection, message_id: str, response: Mapping[str, Any]) -> None:
        def give() -> None:
            with contextlib.suppress(NetworkError):  # without the hub nobody waits for it
                connection.reply(message_id, response, PATIENCE)

        self._owner.do(give)

    def _closed(self, reply: _Reply) -> None:
        with self._lock:
            self._open.discard(reply)


class _Reply:
    """The one answer to a call; later ones do nothing."""

    def __init__(self, end: float, give: Callable[[Mapping[str, Any]], None], closed: Callable[[_Reply], None]) -> None:
        self.end = end
        self._give = give
        self._closed = closed
        self._lock = threading.Lock()
        self._is_given = False

    def __call__(self, answer: Answer, text: str = "") -> None:
        with self._lock:
            if self._is_given:
                return
            self._is_given = True
        self._closed(self)
        response: dict[str, Any] = {"samp.status": _WORDS.get(answer, "samp.warning"), "samp.result": {}}
        if answer is not Answer.OK:
            response["samp.error"] = {"samp.errortxt": ascii_text(text) or answer.value}
        self._give(response)


def _no_reply(answer: Answer, text: str = "") -> None:
    """Nobody waits for an answer to a notification."""


def _read(mtype: str, params: Mapping[str, Any]) -> tuple[Content | None, str]:
    try:
        return read_message(mtype, params), ""
    except InputError as error:
        return None, str(error)
