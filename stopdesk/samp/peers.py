"""Keeps the book of the other programs: who is there, who has gone without a word, and who is named first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from stopdesk.samp.connection import PING, Description
from stopdesk.samp.exchange import Peer
from stopdesk.samp.lines import one_line

#: A program has this long to answer whether it is alive, in seconds.
PING_PATIENCE = 4.0
#: So often a program is asked whether it is alive, in seconds.
PING_INTERVAL = 5.0
#: The same while an answer of it is waited for.
AWAITED_INTERVAL = 2.0
#: So often a program is asked for what it says of itself, in seconds, even if it has told of no change.
_READ_AGAIN = 20.0
#: Names are no longer than so many letters, and what programs say of themselves than so many.
_MOST_OF_NAME, _MOST_OF_WORDS = 60, 1000


@dataclass
class _Client:
    place: int
    peer: Peer | None = None
    read_at: float = -1.0  # when its description was read, or asked for in vain
    has_answered: bool = False
    silent_since: float | None = None  # the ping that it has not answered yet
    pinged_at: float = -1.0
    misses: int = 0

    def is_dead(self) -> bool:
        """Who has answered before may be busy once; who never has is not shown for longer than it takes to see that."""
        is_asked = self.peer is not None and self.peer.takes(PING)
        return is_asked and self.misses > (1 if self.has_answered else 0)


class PeerBook:
    """Other programs of one hub; times are seconds of one clock. Not for several threads at once."""

    def __init__(self) -> None:
        self._clients: dict[str, _Client] = {}
        self._places = 0

    def __len__(self) -> int:
        """How many are registered, alive or not."""
        return len(self._clients)

    def set_ids(self, ids: Iterable[str]) -> list[str]:
        """These are registered now; gives those that were and are no more."""
        now_there = dict.fromkeys(ids)
        gone = [each for each in self._clients if each not in now_there]
        for client_id in gone:
            del self._clients[client_id]
        for client_id in now_there:
            if client_id not in self._clients:
                self._places += 1
                self._clients[client_id] = _Client(self._places)
        return gone

    def to_read(self, now: float) -> list[str]:
        """Those whose descriptions are to be read."""
        return [
            each for each, client in self._clients.items() if client.read_at < 0 or now - client.read_at > _READ_AGAIN
        ]

    def read_again(self, client_id: str) -> None:
        """Something has changed with this one."""
        if (client := self._clients.get(client_id)) is not None:
            client.read_at = -1.0

    def describe(self, client_id: str, description: Description | None, now: float) -> None:
        """What it says of itself; None where it could not be read."""
        client = self._clients.get(client_id)
        if client is None:
            return
        client.read_at = now
        if description is not None:
            name = one_line(description.metadata.get("samp.name", ""), _MOST_OF_NAME) or client_id
            about = one_line(description.metadata.get("samp.description.text", ""), _MOST_OF_WORDS)
            client.peer = Peer(client_id, name, about, description.subscriptions)

    def to_ping(self, now: float, awaited: Collection[str] = ()) -> list[str]:
        """Those that are to be asked whether they are alive; they count as asked, and older questions as unanswered."""
        due = []
        for client_id, client in self._clients.items():
            if client.silent_since is not None and now - client.silent_since > PING_PATIENCE:
                client.silent_since = None
                client.misses += 1
            interval = AWAITED_INTERVAL if client_id in awaited else PING_INTERVAL
            if client.misses == 1 and client.has_answered:
                interval = 0.0  # the second look comes at once
            asked_lately = client.pinged_at >= 0 and now - client.pinged_at < interval
            if client.peer is not None and client.peer.takes(PING) and client.silent_since is None and not asked_lately:
                client.silent_since = client.pinged_at = now
                due.append(client_id)
        return due

    def heard(self, client_id: str) -> None:
        """It lives: it has answered or sent something."""
        if (client := self._clients.get(client_id)) is not None:
            client.has_answered = True
            client.silent_since = None
            client.misses = 0

    def unreachable(self, client_id: str) -> None:
        """The hub says that it cannot bring it anything: it is dead, or has ceased to take pings."""
        if (client := self._clients.get(client_id)) is not None:
            client.silent_since = None
            client.misses = 2
            client.read_at = -1.0

    def peer(self, client_id: str) -> Peer:
        """A program, also one of which nothing is known yet."""
        client = self._clients.get(client_id)
        return client.peer if client is not None and client.peer is not None else Peer(client_id, client_id)

    def shown(self) -> tuple[Peer, ...]:
        """Those that are alive and have said something of themselves: by name, the newest of equal names first."""
        alive = [
            (client.peer, client.place)
            for client in self._clients.values()
            if client.peer is not None
            and not client.is_dead()
            and (client.peer.name != client.peer.id or client.peer.subscriptions)
        ]
        alive.sort(key=lambda each: (each[0].name.casefold(), -_number(each[0].id), -each[1]))
        return tuple(peer for peer, _ in alive)


def _number(client_id: str) -> int:
    """Hubs count their clients: c7 and cli#7 came before c12 and cli#12."""
    match = re.search(r"(\d{1,9})$", client_id)
    return int(match[1]) if match else 0
