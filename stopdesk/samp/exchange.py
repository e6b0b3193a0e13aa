"""What is known of the other programs and of the exchange with them: who is there, and what came of a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from stopdesk.samp.messages import Content, Message


class LinkState(StrEnum):
    """How things stand with the hub."""

    OFF = "not connected"  # because the user wants it so
    NO_HUB = "no hub"  # looked for again and again
    WAITING = "hub does not answer"  # there is one, by its lock file and its port, that says nothing
    CONNECTED = "connected"


@dataclass(frozen=True)
class LinkStatus:
    """The state, a sentence about it, whether the hub is ours, and the name by which other programs know us."""

    state: LinkState = LinkState.OFF
    text: str = ""
    is_own_hub: bool = False
    own_id: str = ""


@dataclass(frozen=True)
class Peer:
    """Another program: how the hub calls it, its name and what it says of itself, and what it takes."""

    id: str
    name: str
    description: str = ""
    subscriptions: frozenset[str] = frozenset()

    def takes(self, mtype: str) -> bool:
        """Whether it has subscribed to messages of this MType, by name or by a pattern that ends in ``.*``."""
        if mtype in self.subscriptions or "*" in self.subscriptions:
            return True
        parts = mtype.split(".")
        return any(".".join([*parts[:n], "*"]) in self.subscriptions for n in range(1, len(parts)))


class Answer(StrEnum):
    """What came of a message."""

    OK = "done"
    WARNING = "done, with a warning"
    FAILED = "failed"
    NO_ANSWER = "no answer"  # which is not a failure: some programs never answer
    NOT_SENT = "not sent"


@dataclass(frozen=True)
class Outcome:
    """What came of a message to one program; ``text`` is what it, or the hub, said to it."""

    peer: Peer
    message: Message
    answer: Answer
    text: str = ""
    at: datetime | None = None

    @property
    def is_there_already(self) -> bool:
        """Whether a table was refused as TOPCAT 4.8 refuses one that it was sent before."""
        return self.answer is Answer.FAILED and self.text.strip().startswith("Duplicate table-id")


@dataclass(frozen=True, eq=False)
class Received:
    """A message that came: from whom, what it says, or what is wrong with it (``content`` is None then).

    ``reply(answer, text)`` may be called once from any thread; it does nothing for a message that wants no answer.
    A message with a problem has been answered already.
    """

    peer: Peer
    mtype: str
    content: Content | None
    reply: Callable[[Answer, str], None]
    problem: str = ""
    at: datetime | None = None


class Listener(Protocol):
    """Who wants to know what the link learns; called in threads of the link, and must return at once."""

    def status_changed(self, status: LinkStatus) -> None:
        """Things stand otherwise with the hub."""

    def peers_changed(self, peers: Sequence[Peer]) -> None:
        """Other programs are there, or they take other messages; sorted by name, the newest of equal names first."""

    def received(self, received: Received) -> None:
        """A message has come."""
