from __future__ import annotations

import queue
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from stopdesk.errors import InputError, Refused
from stopdesk.samp.connection import Connection
from stopdesk.samp.lock import HubAddress, read_lock
from stopdesk.samp.messages import TABLE_VOTABLE, point_at
from stopdesk.samp.receiver import Receiver
from stopdesk.samp.wire import Wire, require_here
from tests.hubs import OUR_HUB, Running, running

PATIENCE = 20.0


@pytest.fixture
def hub(tmp_path: Path, lock_file: Path) -> Iterator[Running]:
    with running(OUR_HUB, tmp_path) as program:
        yield program


@pytest.fixture
def address(hub: Running, lock_file: Path) -> HubAddress:
    found = read_lock(lock_file)
    assert found is not None
    return found


class Client:
    """A registered program, and the calls that come to it."""

    def __init__(self, address: HubAddress, *takes: str) -> None:
        self.calls: queue.SimpleQueue[tuple[str, tuple[Any, ...]]] = queue.SimpleQueue()
        self.receiver = Receiver(self._take)
        self.receiver.start()
        self.way = Connection(address)
        self.way.register("client", takes, self.receiver.url)

    def _take(self, method: str, params: tuple[Any, ...]) -> str:
        if params[0] != self.way.key:
            raise InputError("Not mine.")
        self.calls.put((method, params[1:]))
        return ""

    def next(self, kind: str) -> tuple[Any, ...]:
        """The parameters of the next call of a kind."""
        while True:
            method, params = self.calls.get(timeout=PATIENCE)
            if method == f"samp.client.receive{kind}" and "hub.event" not in str(params):
                return params


@contextmanager
def _client(address: HubAddress, *takes: str) -> Iterator[Client]:
    client = Client(address, *takes)
    try:
        yield client
    finally:
        client.receiver.stop(PATIENCE)


def test_it_listens_on_this_computer_alone(address: HubAddress) -> None:
    host, port, _ = require_here(address.url)
    assert host == "127.0.0.1"
    own = socket.gethostbyname(socket.gethostname())
    if own.startswith("127."):
        own = "127.0.0.2"
    with socket.socket() as sock:
        sock.settimeout(PATIENCE)
        assert sock.connect_ex((own, port)) != 0


def test_only_who_knows_the_secret_is_let_in(address: HubAddress) -> None:
    with pytest.raises(Refused):
        Wire(address.url).call("samp.hub.register", "guess", seconds=PATIENCE)
    with pytest.raises(Refused):
        Wire(address.url).call("samp.hub.getRegisteredClients", "guess", seconds=PATIENCE)


def test_messages_and_answers_find_their_way(address: HubAddress) -> None:
    with _client(address) as one, _client(address, "coord.pointAt.sky") as two:
        one.way.call(two.way.own_id, "tag", point_at(1.0, 2.0), PATIENCE)
        sender, message_id, message = two.next("Call")
        assert (sender, message["samp.params"]) == (one.way.own_id, {"ra": "1.0", "dec": "2.0"})
        two.way.reply(message_id, {"samp.status": "samp.ok", "samp.result": {}}, PATIENCE)
        assert one.next("Response") == (two.way.own_id, "tag", {"samp.status": "samp.ok", "samp.result": {}})
        one.way.notify(two.way.own_id, point_at(3.0, 4.0), PATIENCE)
        assert two.next("Notification")[1]["samp.params"]["ra"] == "3.0"
        with pytest.raises(Refused, match="not subscribed"):
            two.way.notify(one.way.own_id, point_at(3.0, 4.0), PATIENCE)


@pytest.mark.parametrize("url", ["http://archive.example:80/", "http://8.8.8.8:80/", "file:///etc/passwd", ""])
def test_it_brings_messages_to_this_computer_alone(address: HubAddress, url: str) -> None:
    with _client(address) as one, pytest.raises(Refused):
        Wire(address.url).call("samp.hub.setXmlrpcCallback", one.way.key, url, seconds=PATIENCE)


def test_patterns_that_overlap_may_be_declared_again_and_again(address: HubAddress) -> None:
    with _client(address) as one, _client(address) as two:
        taken: dict[str, dict[str, str]] = {"table.*": {}, TABLE_VOTABLE: {}, "x": {}}
        for _ in range(2):
            Wire(address.url).call("samp.hub.declareSubscriptions", one.way.key, taken, seconds=PATIENCE)
        assert two.way.describe(one.way.own_id, PATIENCE).subscriptions == {"table.*", "x"}


def test_who_is_not_there_any_more_is_dropped_and_the_sender_told(address: HubAddress) -> None:
    with _client(address) as one:
        with _client(address, "coord.pointAt.sky") as two:
            pass
        one.way.call(two.way.own_id, "tag", point_at(1.0, 2.0), PATIENCE)
        responder, tag, response = one.next("Response")
        assert (responder, tag, response["samp.status"]) == (two.way.own_id, "tag", "samp.error")
        while one.way.client_ids(PATIENCE):  # the answer goes out just before
            pass


def test_who_refuses_a_message_is_not_asked_again(address: HubAddress) -> None:
    with _client(address) as one, _client(address, "coord.pointAt.sky") as two:
        two.way.key, key = "another", two.way.key
        one.way.call(two.way.own_id, "tag", point_at(1.0, 2.0), PATIENCE)
        response = one.next("Response")[2]
        assert response["samp.error"]["samp.errortxt"] == "Not mine."
        two.way.key = key
        assert one.way.client_ids(PATIENCE) == (two.way.own_id,)


def test_it_ends_though_somebody_says_nothing(hub: Running, address: HubAddress, lock_file: Path) -> None:
    host, port, _ = require_here(address.url)
    with socket.create_connection((host, port)) as silent, socket.create_server(("127.0.0.1", 0)) as deaf:
        silent.sendall(b"POST / HTTP/1.0\r\n")
        way = Connection(address)
        way.register("deaf", (), f"http://127.0.0.1:{deaf.getsockname()[1]}/")
        with _client(address) as other:
            assert hub.end() == 0
            while "shutdown" not in str(other.calls.get(timeout=PATIENCE)):
                pass
    assert not lock_file.exists()


def test_messages_that_are_too_long_are_not_read(address: HubAddress) -> None:
    host, port, _ = require_here(address.url)
    with socket.create_connection((host, port), timeout=PATIENCE) as sock:
        sock.sendall(b"POST / HTTP/1.0\r\nContent-Length: 9999999999\r\n\r\n")
        assert b" 413 " in sock.recv(1000)


def test_without_a_place_for_its_lock_file_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(tmp_path / 'no' / 'such' / 'folder').as_uri()}")
    program = Running(OUR_HUB, tmp_path)
    try:
        assert program.popen.wait(30) == 2
    finally:
        program.close()
