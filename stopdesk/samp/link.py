"""The link to other programs for the life of the program: finds or starts a hub, notices when it is gone, comes back.

Threads of its own do all the talking, so that nobody who calls it ever waits: one looks after the connection, one
sends, and one (with a short-lived one for each message) takes what comes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Listener, Outcome, Peer
from stopdesk.samp.messages import TAKEN, Message
from stopdesk.samp.outgoing import never_answers
from stopdesk.samp.receiver import Receiver
from stopdesk.samp.watching import Watch


class Link:
    """The way to the other programs; every method but ``stop`` returns at once and may be called from any thread."""

    def __init__(
        self,
        listener: Listener,
        *,
        name: str = "stopdesk",
        start_hub: bool,
        takes: Sequence[str] = TAKEN,
        lock: Path | None = None,
    ) -> None:
        """``start_hub``: start a hub of our own where there is none.

        ``takes`` are the MTypes that others may send, of `messages.TAKEN`; ``lock`` stands for the user's lock file.
        """
        self._start_hub = start_hub
        self._watch = Watch(listener, name, takes, lock)
        self._receiver: Receiver | None = None

    @property
    def status(self) -> LinkStatus:
        """How things stand."""
        return self._watch.status

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The other programs: by name, the newest of equal names first."""
        return self._watch.peers

    @property
    def other_clients(self) -> int:
        """How many other programs are connected through a hub of ours, and would lose each other without us."""
        return self._watch.n_others if self._watch.own.address is not None else 0

    def start(self) -> None:
        """Begin, and connect; once."""
        self._receiver = Receiver(self._watch.incoming.answer)
        self._receiver.start()
        self._watch.outgoing.start()
        self._watch.want(True, may_start_hub=self._start_hub)
        self._watch.start(self._receiver.url)

    def connect(self, start_hub: bool) -> None:
        """Connect to the hub, and go on trying; ``start_hub``: start one of our own where there is none."""
        self._watch.want(True, may_start_hub=start_hub)

    def disconnect(self) -> None:
        """Leave, and stay away until `connect`; a hub of ours stays while others are connected through it."""
        self._watch.want(False)

    def send(
        self,
        message: Message,
        peers: Sequence[Peer],
        *,
        done: Callable[[Outcome], None],
        seconds: float = 60.0,
        wait: bool = True,
    ) -> None:
        """Send to each of them; ``done`` is called once for each, in some thread, within little more than ``seconds``.

        Without ``wait``, and where Aladin would not answer, the outcome is "no answer" as soon as the hub has it.
        """
        watch = self._watch
        for peer in peers:
            tag = watch.pending.add(peer, message, done, now=time.monotonic(), seconds=seconds)
            connection, status = watch.connection, watch.status
            if connection is None or status.state is not LinkState.CONNECTED:
                text = status.text or "stopdesk is not connected to a SAMP hub."
                watch.pending.close(tag, Answer.NOT_SENT, text)
            else:
                waits = wait and not never_answers(peer, message)
                watch.outgoing.send(connection, peer, tag, message, wait=waits)
        watch.look()

    def stop(self, seconds: float = 3.0) -> None:
        """Leave and end, within so many seconds; a hub of ours ends too, and no lock file of it stays behind."""
        watch, end = self._watch, time.monotonic() + seconds
        watch.end()
        watch.join(seconds / 3)  # it leaves in good order, unless it waits for something
        connection = watch.connection
        if connection is not None:
            connection.close()
        closer = threading.Thread(target=watch.own.close, args=(seconds,), name="samp hub's end", daemon=True)
        closer.start()
        watch.outgoing.end()
        closer.join(max(end - time.monotonic(), 0.1))
        watch.join(max(end - time.monotonic(), 0.1))
        watch.outgoing.join(max(end - time.monotonic(), 0.1))
        if self._receiver is not None:
            self._receiver.stop(max(end - time.monotonic(), 0.1))
        watch.pending.all_lost("stopdesk has ended.")
