"""Another program of any name, registered with the hub by pyvo, that keeps the messages that it gets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from pyvo.samp import SAMPIntegratedClient, conf


@dataclass(frozen=True)
class Came:
    """A message that has come."""

    mtype: str
    params: dict[str, Any]


@dataclass
class Program:
    """``answers`` is how calls are answered, None for not at all."""

    name: str
    answers: str | None = "samp.ok"
    said: str = "as it happens"
    came: list[Came] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, mtype: str, params: dict[str, Any]) -> None:
        with self._lock:
            self.came.append(Came(mtype, params))

    def of(self, mtype: str) -> list[dict[str, Any]]:
        """The parameters of the messages of this MType, oldest first."""
        with self._lock:
            return [each.params for each in self.came if each.mtype == mtype]

    def response(self) -> dict[str, Any] | None:
        if self.answers is None:
            return None
        error = {} if self.answers == "samp.ok" else {"samp.error": {"samp.errortxt": self.said}}
        return {"samp.status": self.answers, "samp.result": {}} | error


@contextmanager
def program(name: str, *mtypes: str) -> Iterator[Program]:
    """The program, registered as long as the context lasts; the hub must be there."""
    made = Program(name)
    with conf.set_temp("use_internet", False):
        client = SAMPIntegratedClient(name=name, addr="127.0.0.1", callable=True)
    client.connect()

    def called(_key: str, _sender: str, message_id: str, mtype: str, params: dict[str, Any], _: dict[str, Any]) -> None:
        made.take(mtype, params)
        response = made.response()
        if response is not None:
            client.reply(message_id, response)

    def notified(_key: str, _sender: str, mtype: str, params: dict[str, Any], _: dict[str, Any]) -> None:
        made.take(mtype, params)

    try:
        for mtype in mtypes:
            client.bind_receive_call(mtype, called)
            client.bind_receive_notification(mtype, notified)
        yield made
    finally:
        with suppress(ConnectionRefusedError):  # the hub has gone already
            client.disconnect()
