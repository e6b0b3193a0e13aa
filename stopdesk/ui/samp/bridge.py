"""The link to other programs as the window sees it: signals in the GUI thread for what the link says in its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal

from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Listener, Outcome, Peer, Received
from stopdesk.samp.messages import Message
from stopdesk.ui.samp.log import Entry, MessageLog
from stopdesk.ui.samp.words import name_of

#: A message may take so long to be answered, in seconds; then there is no answer.
PATIENCE = 60.0

Done = Callable[[Outcome], object]


class Link(Protocol):
    """What speaks to the hub, in threads of its own: no call of it waits, but for `stop`."""

    @property
    def other_clients(self) -> int:
        """How many others are connected through a hub of ours."""

    def start(self) -> None:
        """Begin to look for a hub."""

    def connect(self, start_hub: bool) -> None:
        """Look for a hub at once, and start one where there is none if that is wanted."""

    def disconnect(self) -> None:
        """Leave the hub; one of ours goes on while others need it."""

    def send(
        self, message: Message, peers: Sequence[Peer], *, done: Callable[[Outcome], None], seconds: float = PATIENCE
    ) -> None:
        """Send to each of these; ``done`` is told once for each, in any thread."""

    def stop(self, seconds: float = 3.0) -> object:
        """Leave and end, within a bounded time."""


class _Ears:
    """Takes what the link says, in its threads, to the GUI thread."""

    def __init__(self, post: Callable[[Callable[[], None]], None], samp: SampLink) -> None:
        self._post = post
        self._samp = samp

    def status_changed(self, status: LinkStatus) -> None:
        self._post(partial(self._samp._take_status, status))

    def peers_changed(self, peers: Sequence[Peer]) -> None:
        self._post(partial(self._samp._take_peers, tuple(peers)))

    def received(self, received: Received) -> None:
        self._post(partial(self._samp._take_message, received))


class SampLink(QObject):
    """The one link of the program, for its whole life; to be used in the GUI thread, in which its signals are sent.

    ``status_changed`` carries a LinkStatus, ``peers_changed`` a tuple of Peer, ``received`` a Received, ``answered`` an
    Outcome, for every program that something was sent to; ``log_changed`` follows each change of ``log``.
    Nothing is contacted before ``start`` or ``connect_to_hub``.
    """

    status_changed = Signal(object)
    peers_changed = Signal(object)
    received = Signal(object)
    answered = Signal(object)
    log_changed = Signal()
    _posted = Signal(object)

    def __init__(
        self, *, make: Callable[[Listener, bool], Link], start_hub: Callable[[], bool], parent: QObject | None = None
    ) -> None:
        """``make(listener, start_hub)`` makes the link; ``start_hub()`` says if one is started where there is none."""
        super().__init__(parent)
        self._make = make
        self._start_hub = start_hub
        self._link: Link | None = None
        self._status = LinkStatus()
        self._peers: tuple[Peer, ...] = ()
        self._log = MessageLog()
        self._closed = False
        self._posted.connect(self._call, Qt.ConnectionType.QueuedConnection)

    # state

    @property
    def status(self) -> LinkStatus:
        """How things stand with the hub."""
        return self._status

    @property
    def is_connected(self) -> bool:
        """Whether messages can be sent now."""
        return self._status.state is LinkState.CONNECTED

    @property
    def starts_hub(self) -> bool:
        """Whether connecting starts a hub where there is none."""
        return self._start_hub()

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The other programs that are there, by name, the newest of equal names first."""
        return self._peers

    @property
    def labels(self) -> Mapping[str, str]:
        """What to call each of the programs, by its id: its name, with the id where two have one name."""
        names = [name_of(peer) for peer in self._peers]
        return {
            peer.id: f"{name} ({peer.id})" if names.count(name) > 1 else name
            for peer, name in zip(self._peers, names, strict=True)
        }

    @property
    def other_clients(self) -> int:
        """How many others would be without a hub if we ended."""
        return self._link.other_clients if self._link is not None else 0

    @property
    def log(self) -> tuple[Entry, ...]:
        """The last messages that went out and came in, newest last."""
        return self._log.entries

    def takers(self, *mtypes: str) -> tuple[Peer, ...]:
        """The programs that take messages of one of these MTypes at least."""
        return tuple(peer for peer in self._peers if any(map(peer.takes, mtypes)))

    # what the user wants

    def start(self) -> None:
        """Look for a hub, and go on looking; where the settings want it, start one if there is none."""
        if self._link is None and not self._closed:
            self._link = self._make(_Ears(self._post, self), self.starts_hub)
            self._link.start()

    def connect_to_hub(self, start_hub: bool | None = None) -> None:
        """Connect, with a hub of our own if there is none and ``start_hub`` (by default: as the settings have it)."""
        wanted = self.starts_hub if start_hub is None else start_hub
        self.start()
        if self._link is not None:
            self._link.connect(wanted)

    def leave(self) -> None:
        """Be connected no more, until `connect_to_hub`."""
        if self._link is not None:
            self._link.disconnect()

    def send(self, message: Message, peers: Sequence[Peer], done: Done | None = None) -> None:
        """Send to each of these programs; ``done(outcome)`` is called once for each, in the GUI thread.

        Does not wait, and never fails: what is not sent, or not answered, is an outcome too.
        """
        for peer in peers:
            number = self._log.sent(message, peer)
            ended = partial(self._posted_outcome, number, done)
            if self._link is None:
                text = "stopdesk is not connected to other programs."
                ended(Outcome(peer, message, Answer.NOT_SENT, text))
            else:
                self._link.send(message, (peer,), done=ended, seconds=PATIENCE)
        if peers:
            self.log_changed.emit()

    def shutdown(self) -> None:
        """Leave the hub and end the link, within a bounded time; nothing is told any more."""
        self._closed = True
        link, self._link = self._link, None
        if link is not None:
            link.stop()

    # what the link says, in the GUI thread

    def _post(self, call: Callable[[], None]) -> None:
        """Have something done in the GUI thread (from any)."""
        if not self._closed:
            self._posted.emit(call)

    def _call(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _take_status(self, status: LinkStatus) -> None:
        self._status = status
        self.status_changed.emit(status)

    def _take_peers(self, peers: tuple[Peer, ...]) -> None:
        self._peers = peers
        self.peers_changed.emit(peers)

    def _take_message(self, received: Received) -> None:
        number = self._log.came(received)
        self.log_changed.emit()
        self.received.emit(replace(received, reply=partial(self._reply, received, number)))

    def _reply(self, received: Received, number: int, answer: Answer, text: str = "") -> None:
        """Answer a message, from any thread, and remember what was said."""
        received.reply(answer, text)
        self._post(partial(self._note, number, answer, text))

    def _note(self, number: int, answer: Answer, text: str) -> None:
        self._log.ended(number, answer, text)
        self.log_changed.emit()

    def _posted_outcome(self, number: int, done: Done | None, outcome: Outcome) -> None:
        """Take what came of a message to the GUI thread (from any)."""
        self._post(partial(self._take_outcome, number, done, outcome))

    def _take_outcome(self, number: int, done: Done | None, outcome: Outcome) -> None:
        self._log.answered(number, outcome)
        self.log_changed.emit()
        self.answered.emit(outcome)
        if done is not None:
            done(outcome)
