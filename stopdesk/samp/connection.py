"""One registration with a hub, from the first call to the last."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stopdesk import __version__
from stopdesk.errors import Malformed, NetworkError
from stopdesk.samp.lock import HubAddress
from stopdesk.samp.messages import Message
from stopdesk.samp.wire import Wire

#: A hub has this long for a call, in seconds, where nothing else is said.
PATIENCE = 5.0

PING = "samp.app.ping"
EVENTS = (
    "samp.hub.event.register",
    "samp.hub.event.unregister",
    "samp.hub.event.metadata",
    "samp.hub.event.subscriptions",
    "samp.hub.event.shutdown",
    "samp.hub.disconnect",
)
#: Of one program no more MTypes are remembered.
_MOST_MTYPES = 1000
_ABOUT = "Models molecular lines, runs the models on UWS services and compares them with observations"
#: Web pages may send us all that we take, if the hub lets them in: nothing of it writes a file or gives anything away.
_HARMLESS = {"x-samp.mostly-harmless": "1"}


def probe(address: HubAddress, seconds: float) -> None:
    """Ask whether the hub is there. Raises what `Wire.call` raises."""
    Wire(address.url).call("samp.hub.ping", seconds=seconds)


@dataclass(frozen=True)
class Description:
    """What the hub knows of a program: its metadata and the MTypes that it takes."""

    metadata: Mapping[str, str]
    subscriptions: frozenset[str]


class Connection:
    """A registration; every method asks the hub and raises what `Wire.call` raises."""

    def __init__(self, address: HubAddress) -> None:
        """``address`` is where the hub is; it is not asked anything yet."""
        self.address = address
        self.key = self.own_id = self.hub_id = ""
        self._wire = Wire(address.url)

    def register(self, name: str, takes: Sequence[str], receiver_url: str) -> None:
        """Register as ``name``, and have messages of the MTypes ``takes`` brought to ``receiver_url``."""
        said = self._wire.call("samp.hub.register", self.address.secret, seconds=PATIENCE)
        keys = ("samp.private-key", "samp.self-id", "samp.hub-id")
        if not isinstance(said, Mapping) or not all(isinstance(said.get(key), str) and said[key] for key in keys):
            raise Malformed("The hub gave no key at the registration.", url=self.address.url)
        self.key, self.own_id, self.hub_id = (str(said[key]) for key in keys)
        self._ask(
            "declareMetadata", {"samp.name": name, "samp.description.text": _ABOUT, "stopdesk.version": __version__}
        )
        self._ask("setXmlrpcCallback", receiver_url)
        self._ask("declareSubscriptions", dict.fromkeys((*takes, PING), _HARMLESS) | {each: {} for each in EVENTS})

    def client_ids(self, seconds: float) -> tuple[str, ...]:
        """All other programs but the hub, as the hub calls them; also tells whether we are still registered."""
        ids = self._ask("getRegisteredClients", seconds=seconds)
        return tuple(each for each in _strings(ids) if each not in (self.own_id, self.hub_id))

    def describe(self, client_id: str, seconds: float) -> Description:
        """What a program says of itself."""
        metadata = self._ask("getMetadata", client_id, seconds=seconds)
        taken = self._ask("getSubscriptions", client_id, seconds=seconds)
        told = metadata if isinstance(metadata, Mapping) else {}
        plain = {str(key): value for key, value in told.items() if isinstance(value, str)}
        return Description(plain, frozenset(_strings(taken)[:_MOST_MTYPES]))

    def call(self, client_id: str, tag: str, message: Message, seconds: float) -> None:
        """Send a message whose answer comes to the receiver under ``tag``."""
        self._ask("call", client_id, tag, _encoded(message), seconds=seconds)

    def notify(self, client_id: str, message: Message, seconds: float) -> None:
        """Send a message that wants no answer."""
        self._ask("notify", client_id, _encoded(message), seconds=seconds)

    def reply(self, message_id: str, response: Mapping[str, Any], seconds: float) -> None:
        """Answer a message that came."""
        self._ask("reply", message_id, dict(response), seconds=seconds)

    def unregister(self, seconds: float) -> None:
        """Leave; a hub that is not there any more does not matter."""
        with contextlib.suppress(NetworkError):
            self._ask("unregister", seconds=seconds)

    def abort(self) -> None:
        """End the calls that are under way."""
        self._wire.abort()

    def close(self) -> None:
        """End the calls that are under way, and let no others begin."""
        self._wire.abort(for_good=True)

    def _ask(self, method: str, *params: Any, seconds: float = PATIENCE) -> Any:
        return self._wire.call(f"samp.hub.{method}", self.key, *params, seconds=seconds)


def _encoded(message: Message) -> dict[str, Any]:
    return {"samp.mtype": message.mtype, "samp.params": dict(message.params)}


def _strings(values: Any) -> list[str]:
    return [each for each in values if isinstance(each, str)] if isinstance(values, list | tuple | dict) else []
