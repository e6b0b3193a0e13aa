"""Keeps the book of messages that were sent and wait for an answer; each gets one outcome, whatever happens."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from stopdesk.samp.exchange import Answer, Outcome, Peer
from stopdesk.samp.messages import Message

Done = Callable[[Outcome], None]


@dataclass
class _Waiting:
    peer: Peer
    message: Message
    done: Done
    end: float
    seconds: float
    is_out: bool = False  # the hub has taken it


class Pending:
    """Messages under way, by their tags; for several threads at once. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, _Waiting] = {}
        self._numbers = itertools.count(1)

    def add(self, peer: Peer, message: Message, done: Done, *, now: float, seconds: float) -> str:
        """Wait for an answer for so many seconds; gives the tag of the message."""
        tag = f"stopdesk-{next(self._numbers)}"
        with self._lock:
            self._waiting[tag] = _Waiting(peer, message, done, now + seconds, seconds)
        return tag

    def is_waiting(self, tag: str) -> bool:
        """Whether there is no outcome yet."""
        with self._lock:
            return tag in self._waiting

    def awaited(self) -> frozenset[str]:
        """The programs whose answers are waited for."""
        with self._lock:
            return frozenset(waiting.peer.id for waiting in self._waiting.values())

    def is_out(self, tag: str) -> None:
        """The hub has taken the message."""
        with self._lock:
            if (waiting := self._waiting.get(tag)) is not None:
                waiting.is_out = True

    def close(self, tag: str, answer: Answer, text: str = "") -> None:
        """This came of it; nothing happens where there is an outcome already."""
        with self._lock:
            waiting = self._waiting.pop(tag, None)
        if waiting is not None:
            _tell(waiting, answer, text)

    def answered(self, tag: str, responder: str, answer: Answer, text: str) -> None:
        """An answer has come; believed of the program that was asked, and of nobody: of the hub, in its place."""
        with self._lock:
            waiting = self._waiting.get(tag)
        if waiting is not None and responder in ("", waiting.peer.id):
            self.close(tag, answer, text)

    def expire(self, now: float) -> None:
        """Close those whose time is up."""
        for waiting in self._taken(lambda each: each.end <= now):
            if waiting.is_out:
                text = f"{waiting.peer.name} has not answered within {waiting.seconds:g} s."
                _tell(waiting, Answer.NO_ANSWER, text)
            else:
                _tell(waiting, Answer.NOT_SENT, f"The hub has not taken it within {waiting.seconds:g} s.")

    def next_end(self) -> float | None:
        """When the time of the next one is up."""
        with self._lock:
            return min((each.end for each in self._waiting.values()), default=None)

    def peer_gone(self, peer_id: str) -> None:
        """Close those to a program that has left."""
        for waiting in self._taken(lambda each: each.peer.id == peer_id):
            answer = Answer.NO_ANSWER if waiting.is_out else Answer.NOT_SENT
            _tell(waiting, answer, f"{waiting.peer.name} has gone before it answered.")

    def not_sent(self, text: str) -> None:
        """Close those that the hub has not taken."""
        for waiting in self._taken(lambda each: not each.is_out):
            _tell(waiting, Answer.NOT_SENT, text)

    def all_lost(self, text: str) -> None:
        """Close all: no answer can come any more."""
        for waiting in self._taken(lambda _: True):
            _tell(waiting, Answer.NO_ANSWER if waiting.is_out else Answer.NOT_SENT, text)

    def _taken(self, which: Callable[[_Waiting], bool]) -> list[_Waiting]:
        with self._lock:
            tags = [tag for tag, waiting in self._waiting.items() if which(waiting)]
            return [self._waiting.pop(tag) for tag in tags]


def _tell(waiting: _Waiting, answer: Answer, text: str) -> None:
    waiting.done(Outcome(waiting.peer, waiting.message, answer, text, datetime.now(UTC)))
