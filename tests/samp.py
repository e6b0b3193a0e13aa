"""A listener for links that remembers what it was told, and waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Outcome, Peer, Received
from stopdesk.samp.link import Link
from stopdesk.samp.messages import TAKEN

T = TypeVar("T")

#: Nothing in here takes this long, in seconds, unless it never comes.
PATIENCE = 30.0


class Ear:
    """Hears all that a link tells; answers what comes with ``answer``, and not at all where that is None."""

    def __init__(self, answer: Answer | None = Answer.OK) -> None:
        self.answer = answer
        self.statuses: list[LinkStatus] = []
        self.peers: tuple[Peer, ...] = ()
        self.messages: list[Received] = []
        self.outcomes: list[Outcome] = []
        self._news = threading.Condition()

    def status_changed(self, status: LinkStatus) -> None:
        with self._news:
            self.statuses.append(status)
            self._news.notify_all()

    def peers_changed(self, peers: Sequence[Peer]) -> None:
        with self._news:
            self.peers = tuple(peers)
            self._news.notify_all()

    def received(self, received: Received) -> None:
        if self.answer is not None:
            received.reply(self.answer, "as it happens")
        with self._news:
            self.messages.append(received)
            self._news.notify_all()

    def done(self, outcome: Outcome) -> None:
        with self._news:
            self.outcomes.append(outcome)
            self._news.notify_all()

    def wait(self, what: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Wait until ``what()`` is true after something was told; gives it."""
        end = time.monotonic() + seconds
        with self._news:
            while not (found := what()):
                left = end - time.monotonic()
                assert left > 0, (
                    f"it has not come: {self.statuses[-1:]}, {self.peers}, {self.messages}, {self.outcomes}"
                )
                self._news.wait(left)
            return found

    @property
    def state(self) -> LinkState:
        return self.statuses[-1].state if self.statuses else LinkState.OFF

    def wait_for(self, state: LinkState) -> LinkStatus:
        """Wait until things stand so."""
        self.wait(lambda: self.state is state)
        return self.statuses[-1]

    def wait_for_peer(self, name: str, mtype: str = "samp.app.ping") -> Peer:
        """Wait until a program of this name is there that takes this; gives the newest."""
        return self.wait(lambda: next((peer for peer in self.peers if peer.name == name and peer.takes(mtype)), None))


@contextmanager
def linked(
    ear: Ear, *, name: str = "stopdesk", start_hub: bool = False, takes: Sequence[str] = TAKEN
) -> Iterator[Link]:
    """A link that listens for ``ear`` and is stopped at the end."""
    link = Link(ear, name=name, start_hub=start_hub, takes=takes)
    try:
        link.start()
        yield link
    finally:
        link.stop()
