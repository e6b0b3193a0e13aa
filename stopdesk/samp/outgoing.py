"""Gives messages to the hub, one after the other, in a thread of its own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from stopdesk.errors import Gone, NetworkError, Refused
from stopdesk.samp.connection import Connection
from stopdesk.samp.exchange import Answer, Peer
from stopdesk.samp.messages import SCRIPT, TABLE_FITS, Message
from stopdesk.samp.pending import Pending

#: A hub has this long to take a message, in seconds.
_SECONDS = 60.0
#: What Aladin (12.001, -local) does without ever answering.
_MUTE_IN_ALADIN = (TABLE_FITS, SCRIPT)


def never_answers(peer: Peer, message: Message) -> bool:
    """Whether this program does what it is told without a word."""
    return message.mtype in _MUTE_IN_ALADIN and peer.name.lower().startswith("aladin")


class Outgoing:
    """A queue of jobs and the thread that does them."""

    def __init__(self, pending: Pending) -> None:
        self._pending = pending
        self._jobs: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="samp sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Do what is waiting, and end."""
        self._jobs.put(None)

    def join(self, seconds: float) -> None:
        """Wait for the end."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def do(self, job: Callable[[], object]) -> None:
        """Do this when its turn comes; it raises nothing."""
        self._jobs.put(job)

    def send(self, connection: Connection, peer: Peer, tag: str, message: Message, *, wait: bool) -> None:
        """Send a message when its turn comes, unless its time is up by then."""
        self.do(lambda: self._hand_over(connection, peer, tag, message, wait=wait))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _hand_over(self, connection: Connection, peer: Peer, tag: str, message: Message, *, wait: bool) -> None:
        if not self._pending.is_waiting(tag):
            return
        try:
            if wait:
                connection.call(peer.id, tag, message, _SECONDS)
            else:
                connection.notify(peer.id, message, _SECONDS)
        except Refused as error:
            self._pending.close(tag, Answer.NOT_SENT, f"The SAMP hub did not take it: {error}")
        except Gone:
            self._pending.close(tag, Answer.NOT_SENT, "The SAMP hub has gone.")
        except NetworkError:
            self._pending.close(tag, Answer.NO_ANSWER, "The SAMP hub has not said whether it took it.")
        else:
            self._pending.is_out(tag)
            if not wait:
                self._pending.close(tag, Answer.NO_ANSWER)
