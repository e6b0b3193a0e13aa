"""A program of the tests' own that speaks SAMP with nothing of what stopdesk uses: it writes down what it is told."""

from __future__ import annotations

import itertools
import threading
import time
import xmlrpc.client
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from socketserver import ThreadingMixIn
from typing import Any
from xmlrpc.server import SimpleXMLRPCServer

from tests.peers.samp.hubs import Lock, bounded_proxy
from tests.peers.samp.programs import PATIENCE_S, Pause, until

OK: dict[str, Any] = {"samp.status": "samp.ok", "samp.result": {}}


@dataclass(frozen=True)
class Message:
    """What somebody told us; ``sender`` is the hub's word for him."""

    sender: str
    mtype: str
    params: dict[str, Any]
    is_call: bool


@dataclass
class Asked:
    """A call on its way; ``response`` is there when it has been answered."""

    response: dict[str, Any] | None = None
    there: threading.Event = field(default_factory=threading.Event)

    def wait(self, within: float = PATIENCE_S) -> dict[str, Any]:
        """The response, when it has come."""
        assert self.there.wait(within), f"no answer in {within:g} s"
        assert self.response is not None
        return self.response

    @property
    def status(self) -> str:
        """samp.ok, samp.warning or samp.error; empty while there is no answer."""
        return "" if self.response is None else str(self.response["samp.status"])


class _Server(ThreadingMixIn, SimpleXMLRPCServer):
    daemon_threads = True


class Peer:
    """A registered client. ``answers`` says what it replies to calls; by None it never does."""

    def __init__(self, lock: Lock, name: str, subscriptions: Iterable[str] = ()) -> None:
        self.name = name
        self.received: list[Message] = []
        self.answers: dict[str, Callable[[Message], dict[str, Any] | None]] = {}
        self._asked: dict[str, Asked] = {}
        self._tags = itertools.count()
        params = lock.read()
        self._url = params["samp.hub.xmlrpc.url"].replace("\\", "")
        registered = self._hub().register(params["samp.secret"])
        self.id, self.hub_id = registered["samp.self-id"], registered["samp.hub-id"]
        self._key = registered["samp.private-key"]
        self._server = _Server(("127.0.0.1", 0), logRequests=False, allow_none=True)
        for function, called in (
            (self._notified, "receiveNotification"),
            (self._called, "receiveCall"),
            (self._answered, "receiveResponse"),
        ):
            self._server.register_function(function, f"samp.client.{called}")
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        host, port = self._server.server_address[:2]
        self._hub().setXmlrpcCallback(self._key, f"http://{host!s}:{port}/")
        self._hub().declareMetadata(self._key, {"samp.name": name})
        self._hub().declareSubscriptions(self._key, {mtype: {} for mtype in ("samp.app.ping", *subscriptions)})

    # ---- what is there

    def clients(self) -> dict[str, str]:
        """Who else is registered: name -> id, the youngest of equal names, the hub under its own."""
        found: dict[str, str] = {}
        for client in self._hub().getRegisteredClients(self._key):
            try:
                found[str(self._hub().getMetadata(self._key, client).get("samp.name", ""))] = client
            except xmlrpc.client.Fault:
                continue  # it has just gone
        return found

    def wait_for_client(self, name: str, mtype: str = "", *, pause: Pause = time.sleep) -> str:
        """The id of a program, when it is registered, and subscribed to ``mtype``."""
        found = ""

        def there() -> bool:
            nonlocal found
            found = self.clients().get(name, "")
            return bool(found) and (not mtype or mtype in self.subscriptions(found))

        until(there, f"{name} is registered", pause=pause)
        return found

    def subscriptions(self, client: str) -> set[str]:
        """What a program takes."""
        return set(self._hub().getSubscriptions(self._key, client))

    # ---- speaking

    def notify(self, client: str, mtype: str, **params: Any) -> None:
        """Tell somebody something. Underscores in names of parameters stand for hyphens."""
        self._hub().notify(self._key, client, _message(mtype, params))

    def ask(self, client: str, mtype: str, **params: Any) -> Asked:
        """Tell somebody something and go on; the answer comes into what is given back."""
        tag = f"tag-{next(self._tags)}"
        asked = self._asked[tag] = Asked()
        self._hub().call(self._key, client, tag, _message(mtype, params))
        return asked

    def call(self, client: str, mtype: str, within: float = PATIENCE_S, **params: Any) -> dict[str, Any]:
        """Tell somebody something and wait for the answer."""
        return self.ask(client, mtype, **params).wait(within)

    def declare(self, *subscriptions: str) -> None:
        """Subscribe to these messages and no others."""
        self._hub().declareSubscriptions(self._key, {mtype: {} for mtype in subscriptions})

    # ---- what it was told

    def seen(self, mtype: str) -> list[Message]:
        """All messages of this type so far."""
        return [message for message in self.received if message.mtype == mtype]

    def wait_for(self, mtype: str, n: int = 1, *, within: float = PATIENCE_S, pause: Pause = time.sleep) -> Message:
        """The ``n``-th message of this type, when it has come."""
        until(lambda: len(self.seen(mtype)) >= n, f"{self.name} is told {mtype} ({n})", within=within, pause=pause)
        return self.seen(mtype)[n - 1]

    # ---- its end

    def vanish(self) -> None:
        """Go without a word: the hub goes on listing it, and nobody answers at its address."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(PATIENCE_S)
            self._server.server_close()

    def close(self) -> None:
        """Leave, as one should."""
        try:
            self._hub(2.0).unregister(self._key)
        except (OSError, xmlrpc.client.Error):
            pass  # the hub has gone before us
        finally:
            self.vanish()

    def _hub(self, seconds: float = 10.0) -> Any:
        return bounded_proxy(self._url, seconds).samp.hub

    def _notified(self, _key: str, sender: str, message: dict[str, Any]) -> str:
        self.received.append(Message(sender, message["samp.mtype"], message["samp.params"], False))
        return ""

    def _called(self, _key: str, sender: str, message_id: str, message: dict[str, Any]) -> str:
        told = Message(sender, message["samp.mtype"], message["samp.params"], True)
        self.received.append(told)
        reply = self.answers.get(told.mtype, lambda _message: OK)(told)
        if reply is not None:
            self._hub().reply(self._key, message_id, reply)
        return ""

    def _answered(self, _key: str, _responder: str, tag: str, response: dict[str, Any]) -> str:
        asked = self._asked.pop(tag)
        asked.response = response
        asked.there.set()
        return ""


def _message(mtype: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"samp.mtype": mtype, "samp.params": {name.replace("_", "-"): value for name, value in params.items()}}


@contextmanager
def peer(lock: Lock, name: str, *subscriptions: str) -> Iterator[Peer]:
    """A registered client that takes these messages."""
    one = Peer(lock, name, subscriptions)
    try:
        yield one
    finally:
        one.close()
