"""Looks after the connection in a thread of its own: finds a hub or starts one, notices when it is gone or frozen."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from stopdesk.errors import FileError, Malformed, NetworkError, Refused, ServerTrouble, Unreachable
from stopdesk.samp.connection import PING, Connection
from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Listener, Peer, Received
from stopdesk.samp.finding import Hub, look_for_hub
from stopdesk.samp.hub import OwnHub
from stopdesk.samp.incoming import Incoming
from stopdesk.samp.lock import HubAddress, read_lock
from stopdesk.samp.messages import Message
from stopdesk.samp.outgoing import Outgoing
from stopdesk.samp.peers import PeerBook
from stopdesk.samp.pending import Pending

_log = logging.getLogger(__name__)

#: So often the hub is asked whether it is there, and without one the lock file is looked at, in seconds.
_LOOK = 0.7
#: A hub that says nothing within this time does not answer, in seconds: a dead or frozen one is noticed within 3 s.
#: Pyvo's and JSAMP's answer within 0.3 s while they take a selection of a million rows on a busy machine.
_PATIENCE = 1.8
#: A hub of ours that was started so often within so many seconds is not started again before the user asks for it.
_MOST_STARTS, _STARTS_WITHIN = 3, 60.0

_LEFT = "You have left the other programs; connect to send and receive again."
_LEFT_HUB = "You have left the other programs; stopdesk's hub goes on for them."
_LOST = "The connection to the SAMP hub was lost."


class Watch:
    """The connection and all that is known by it; `Link` is its face to the program."""

    def __init__(self, listener: Listener, name: str, takes: Sequence[str], lock: Path | None) -> None:
        self._listener = listener
        self._name = name
        self._takes = takes
        self._lock_file = lock
        self.own = OwnHub(lock)
        self.pending = Pending()
        self.outgoing = Outgoing(self.pending)
        self.incoming = Incoming(self)
        self.status = LinkStatus()
        self.peers: tuple[Peer, ...] = ()
        self.n_others = 0
        self.connection: Connection | None = None
        self._receiver_url = ""
        self._wish = threading.Lock()  # for the wishes of other threads, the next four
        self._is_wanted = False
        self._may_start_hub = False
        self._is_over = False
        self._thrown_out: str | None = None
        self._hub_has_ended = False
        self._book = PeerBook()
        self._book_lock = threading.Lock()
        self._starts: list[float] = []
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="samp link", daemon=True)

    # ---- wishes, from any thread -------------------------------------------------------------------------------------

    def start(self, receiver_url: str) -> None:
        """Begin; messages are to be brought to ``receiver_url``."""
        self._receiver_url = receiver_url
        self._thread.start()

    def want(self, connected: bool, *, may_start_hub: bool = False) -> None:
        """Be connected, or not, from now on."""
        with self._wish:
            self._is_wanted = connected
            self._may_start_hub = may_start_hub
            self._thrown_out = None
            self._starts = []
        self._wake.set()

    def look(self) -> None:
        """Look at once whether something is to be done."""
        self._wake.set()

    def end(self) -> None:
        """Leave and end, without a word to the listener."""
        with self._wish:
            self._is_over = True
            self._is_wanted = False
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Wait for the end; tells whether it has come."""
        if self._thread.is_alive():
            self._thread.join(max(seconds, 0))
        return not self._thread.is_alive()

    # ---- what comes, from threads of the receiver --------------------------------------------------------------------

    def event(self, mtype: str, params: Mapping[str, Any]) -> None:
        """The hub tells of a change."""
        if mtype == "samp.hub.event.shutdown":
            self._hub_has_ended = True
        elif mtype == "samp.hub.disconnect":
            reason = params.get("reason")
            with self._wish:
                self._is_wanted = False
                self._thrown_out = reason if isinstance(reason, str) else ""
        else:
            with self._book_lock:
                self._book.read_again(str(params.get("id", "")))
        self._wake.set()

    def heard(self, client_id: str) -> Peer:
        """A program has said something."""
        with self._book_lock:
            self._book.heard(client_id)
            return self._book.peer(client_id)

    def answered(self, tag: str, responder: str, answer: Answer, text: str) -> None:
        """An answer has come."""
        self.pending.answered(tag, responder, answer, text)

    def received(self, received: Received) -> None:
        """A message has come."""
        self._listener.received(received)

    def do(self, job: Callable[[], object]) -> None:
        """Do this in the thread that sends."""
        self.outgoing.do(job)

    # ---- the thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._is_over:
            self._wake.clear()
            if not self._is_wanted:
                self._leave()
            elif self.connection is None:
                self._connect()
            else:
                self._look_after(self.connection)
            now = time.monotonic()
            self.pending.expire(now)
            self.incoming.expire(now)
            ends = [each for each in (self.pending.next_end(), self.incoming.next_end()) if each is not None]
            self._wake.wait(max(min([now + _LOOK, *ends]) - time.monotonic(), 0.001))
        self._leave()

    def _connect(self) -> None:
        found = look_for_hub(_PATIENCE, self._lock_file)
        if found.hub is Hub.ALIVE and found.address is not None:
            self._register(found.address)
        elif found.hub in (Hub.NONE, Hub.DEAD) and self._may_start_hub:
            self._start_own()
        else:
            self._say(LinkState.WAITING if found.hub is Hub.SILENT else LinkState.NO_HUB, found.text)

    def _start_own(self) -> None:
        now = time.monotonic()
        with self._wish:
            self._starts = [each for each in self._starts if now - each < _STARTS_WITHIN]
            if len(self._starts) >= _MOST_STARTS:
                return  # the status tells why
            self._starts.append(now)
        try:
            address = self.own.start()
        except (ServerTrouble, OSError) as error:
            _log.info("no hub of our own", exc_info=True)
            if look_for_hub(_PATIENCE, self._lock_file).hub is not Hub.ALIVE:  # else another one was quicker
                self._say(LinkState.NO_HUB, str(error))
            return
        if self._is_wanted:
            self._register(address)

    def _register(self, address: HubAddress) -> None:
        connection = Connection(address)
        self._hub_has_ended = False
        with self._book_lock:
            self._book = PeerBook()
        self.connection = connection
        try:
            connection.register(self._name, self._takes, self._receiver_url)
        except NetworkError as error:
            if connection.key:
                connection.unregister(1.0)
            self._drop(str(error))
            self._say(LinkState.WAITING, f"The SAMP hub at {address.url} does not let stopdesk in: {error}")
            return
        self._look_after(connection)

    def _look_after(self, connection: Connection) -> None:
        if self._hub_has_ended:
            self._lose("The SAMP hub has ended.")
            return
        try:
            self._read_clients(connection, connection.client_ids(_PATIENCE))
        except (Unreachable, ServerTrouble):
            self._wait_for(connection)
        except Refused:
            self._lose("The SAMP hub does not know stopdesk any more.")
        except NetworkError:
            self._lose(_LOST)
        else:
            self._say_connected(connection)
            self._show_peers()

    def _wait_for(self, connection: Connection) -> None:
        """The hub says nothing: it may be back, or another may have taken its place."""
        connection.abort()
        self.pending.not_sent("The SAMP hub does not answer.")
        self._say(
            LinkState.WAITING, f"The SAMP hub at {connection.address.url} does not answer; stopdesk goes on asking."
        )
        with contextlib.suppress(FileError):
            said = read_lock(connection.address.path)
            if said is not None and said != connection.address:
                self._lose("The SAMP hub does not answer, and there is another one now.")

    def _read_clients(self, connection: Connection, ids: tuple[str, ...]) -> None:
        now = time.monotonic()
        with self._book_lock:
            gone = self._book.set_ids(ids)
            to_read = self._book.to_read(now)
        for client_id in gone:
            self.pending.peer_gone(client_id)
        for client_id in to_read:
            try:
                said = connection.describe(client_id, _PATIENCE)
            except (Refused, Malformed):  # it has left meanwhile, or says what is no XML
                said = None
            with self._book_lock:
                self._book.describe(client_id, said, now)
        with self._book_lock:
            to_ping = self._book.to_ping(now, self.pending.awaited())
        for client_id in to_ping:
            self.do(partial(self._ping, connection, client_id))

    def _ping(self, connection: Connection, client_id: str) -> None:
        """In the thread that sends; an answer comes as one to the tag "ping"."""
        try:
            connection.call(client_id, "ping", Message(PING), _PATIENCE)
        except Refused:
            with self._book_lock:
                self._book.unreachable(client_id)
            self.pending.peer_gone(client_id)
            self._wake.set()
        except NetworkError:
            pass  # whether the hub is there is looked at elsewhere

    def _lose(self, text: str) -> None:
        """The connection has ended without our doing: connect again at once."""
        self._drop(text)
        self._say(LinkState.NO_HUB, text)
        self._wake.set()

    def _leave(self) -> None:
        connection = self.connection
        if connection is not None:
            connection.unregister(1.0)
        n_others = self.n_others
        self._drop("stopdesk has left the SAMP hub.")
        if self.own.address is not None and not n_others:
            self.own.stop()
        self.n_others = n_others if self.own.address is not None else 0
        reason = self._thrown_out
        if reason is not None:
            self._say(LinkState.OFF, f"The SAMP hub has disconnected stopdesk. {reason}".strip())
        elif connection is not None or self.status.state is not LinkState.OFF:
            self._say(LinkState.OFF, _LEFT if self.own.address is None else _LEFT_HUB)

    def _drop(self, text: str) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()
        self.pending.all_lost(text)
        self.incoming.forget()
        with self._book_lock:
            self._book = PeerBook()
        self._show_peers()

    # ---- what the listener is told -----------------------------------------------------------------------------------

    def _say_connected(self, connection: Connection) -> None:
        own = self.own.address
        is_own = own is not None and own == connection.address
        through = "stopdesk's own SAMP hub" if is_own else "a SAMP hub"
        self._say(LinkState.CONNECTED, f"Connected through {through}.", is_own, connection.own_id)

    def _say(self, state: LinkState, text: str, is_own_hub: bool = False, own_id: str = "") -> None:
        status = LinkStatus(state, text, is_own_hub, own_id)
        if status != self.status:
            self.status = status
            if not self._is_over:
                self._listener.status_changed(status)

    def _show_peers(self) -> None:
        with self._book_lock:
            shown, self.n_others = self._book.shown(), len(self._book)
        if shown != self.peers:
            self.peers = shown
            if not self._is_over:
                self._listener.peers_changed(shown)
