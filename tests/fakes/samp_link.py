"""A link that does what a test tells it: other programs come, go, answer and say something in threads of theirs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Listener, Outcome, Peer, Received
from stopdesk.samp.messages import Message

TOPCAT = Peer(
    "c1",
    "TOPCAT",
    "Tables",
    frozenset({messages.TABLE_VOTABLE, messages.TABLE_FITS, messages.SELECT_ROWS, messages.HIGHLIGHT_ROW}),
)
ALADIN = Peer(
    "c2",
    "Aladin",
    "The sky",
    frozenset({messages.TABLE_VOTABLE, messages.IMAGE, messages.POINT_AT, messages.SCRIPT}),
)
CONNECTED = LinkStatus(LinkState.CONNECTED, "Connected to the hub of another program.", own_id="c0")
OWN_HUB = LinkStatus(LinkState.CONNECTED, "Connected; stopdesk's own hub.", is_own_hub=True, own_id="c0")


@dataclass
class Sent:
    """What was given to the link, and whom to tell what came of it."""

    message: Message
    peers: tuple[Peer, ...]
    done: Callable[[Outcome], None]


@dataclass
class FakeLink:
    """``calls`` has what the window wanted, ``sent`` what it sent."""

    listener: Listener
    start_hub: bool
    calls: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    other_clients: int = 0

    def start(self) -> None:
        self.calls.append("start")

    def connect(self, start_hub: bool) -> None:
        self.calls.append(f"connect, hub {start_hub}")

    def disconnect(self) -> None:
        self.calls.append("disconnect")

    def send(
        self, message: Message, peers: Sequence[Peer], *, done: Callable[[Outcome], None], seconds: float = 60.0
    ) -> None:
        self.sent.append(Sent(message, tuple(peers), done))

    def stop(self, seconds: float = 3.0) -> None:
        self.calls.append("stop")

    # what happens out there

    def stands(self, status: LinkStatus) -> None:
        elsewhere(lambda: self.listener.status_changed(status))

    def there_are(self, *peers: Peer) -> None:
        elsewhere(lambda: self.listener.peers_changed(peers))

    def comes(self, peer: Peer, mtype: str, params: dict[str, object]) -> list[tuple[Answer, str]]:
        """A message comes; the list that is given gets what it is answered."""
        replies: list[tuple[Answer, str]] = []
        content = messages.read_message(mtype, params)
        received = Received(peer, mtype, content, lambda answer, text: replies.append((answer, text)))
        elsewhere(lambda: self.listener.received(received))
        return replies

    def answers(self, answer: Answer, text: str = "") -> None:
        """The program that was sent something last answers."""
        sent = self.sent[-1]
        elsewhere(lambda: [sent.done(Outcome(peer, sent.message, answer, text)) for peer in sent.peers])


def elsewhere(call: Callable[[], object]) -> None:
    """Do something in a thread of its own, to its end."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
