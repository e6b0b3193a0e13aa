from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from stopdesk.errors import Gone, InputError, Malformed, NetworkError, Refused, ServerTrouble, Unreachable
from stopdesk.samp import wire
from stopdesk.samp.receiver import Receiver
from stopdesk.samp.wire import Wire


@contextmanager
def _received(answer: Callable[[str, tuple[Any, ...]], Any]) -> Iterator[Receiver]:
    receiver = Receiver(answer)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop(10.0)


@contextmanager
def _saying(*pieces: bytes, closes: bool = True) -> Iterator[str]:
    """The address of something that says this to whoever calls, whatever it is asked."""
    over = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                for piece in pieces:
                    caller.sendall(piece)
                if not closes:
                    over.wait(30)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            over.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_values_go_there_and_back() -> None:
    value = {"a": ["1", {"b": ""}], "grüße": "<&>"}
    with _received(lambda method, params: [method, *params]) as receiver:
        assert Wire(receiver.url).call("x.y", value, ["z"], seconds=10) == ["x.y", value, ["z"]]


def test_many_calls_at_once_get_their_own_answers() -> None:
    found: list[Any] = []
    with _received(lambda _, params: params[0]) as receiver:
        way = Wire(receiver.url)
        calls = [threading.Thread(target=lambda n=n: found.append(way.call("x", n, seconds=20))) for n in range(30)]
        for each in calls:
            each.start()
        for each in calls:
            each.join()
    assert sorted(found) == list(range(30))


def test_a_refusal_comes_in_its_words() -> None:
    def refuse(method: str, params: tuple[Any, ...]) -> Any:
        raise InputError("Not here.")

    with _received(refuse) as receiver, pytest.raises(Refused, match=r"^Not here\.$"):
        Wire(receiver.url).call("x", seconds=10)


def test_nobody_there_is_gone() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(Gone):
        Wire(f"http://127.0.0.1:{port}/").call("x", seconds=10)


_GOOD = b"<?xml version='1.0'?><methodResponse><params><param><value>1</value></param></params></methodResponse>"


#: Entities of entities: ten thousand million letters, if somebody were to spell them out.
_BOMB = (
    b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e0 'x'>"
    + b"".join(b"<!ENTITY e%d '%s'>" % (n + 1, b"&e%d;" % n * 10) for n in range(10))
    + b"]>"
    + _GOOD.partition(b"?>")[2].replace(b"1<", b"&e10;<")
)


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ((b"",), Unreachable),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), Malformed),
        ((b"HTTP/1.0 200 OK\r\n\r\n<html></html>",), Malformed),
        ((b"HTTP/1.0 200 OK\r\n\r\n",), Malformed),
        ((b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", _GOOD), Malformed),
        ((b"HTTP/1.0 404 Not Found\r\n\r\n",), Malformed),
        ((b"HTTP/1.0 501 Unsupported\r\n\r\n",), Malformed),
        ((b"HTTP/1.0 500 Oops\r\n\r\n",), ServerTrouble),
        ((b"HTTP/1.0 200 OK\r\nX: " + b"x" * 200_000,), Malformed),
        ((b"HTTP/1.0 200 OK\r\n\r\n", _GOOD.replace(b"<param><value>1</value></param>", b"")), Malformed),
        ((b"HTTP/1.0 200 OK\r\n\r\n", _GOOD.replace(b"1<", b"<int>x</int><")), Malformed),
        ((b"HTTP/1.0 200 OK\r\n\r\n", _GOOD.replace(b"1<", b"<bigdecimal>x</bigdecimal><")), Malformed),
        ((b"HTTP/1.0 " + b"2" * 5000 + b" OK\r\n\r\n", _GOOD), Malformed),
        ((b"HTTP/1.0 200 OK\r\n\r\n", _BOMB), Malformed),
    ],
)
def test_what_is_no_answer_is_told_apart(pieces: tuple[bytes, ...], error: type[NetworkError]) -> None:
    with _saying(*pieces) as url, pytest.raises(error):
        Wire(url).call("x", seconds=10)


def test_an_answer_ends_where_its_head_says_though_the_connection_stays_open() -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(_GOOD)}\r\n\r\n".encode()
    with _saying(head, _GOOD[:20], _GOOD[20:], closes=False) as url:
        assert Wire(url).call("x", seconds=20) == "1"


def test_a_length_that_is_none_is_passed_over() -> None:
    with _saying(b"HTTP/1.0 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", _GOOD) as url:
        assert Wire(url).call("x", seconds=20) == "1"


def test_a_long_refusal_is_cut_and_made_one_line() -> None:
    def refuse(method: str, params: tuple[Any, ...]) -> Any:
        raise InputError("no\n" * 100_000)

    with _received(refuse) as receiver, pytest.raises(Refused) as refused:
        Wire(receiver.url).call("x", seconds=10)
    assert len(str(refused.value)) <= 500
    assert "\n" not in str(refused.value)


def test_a_name_of_this_computer_that_leads_to_another_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with _received(lambda *_: "") as receiver:
        _, port, _ = wire.require_here(receiver.url)
        way = Wire(f"http://{socket.gethostname()}:{port}/")
        connect = socket.create_connection
        monkeypatch.setattr(socket, "create_connection", lambda _, **kw: connect(("127.0.0.1", port), **kw))
        assert way.call("x", seconds=10) == ""
        monkeypatch.setattr(wire, "is_here", lambda host: host != "127.0.0.1")
        with pytest.raises(Unreachable, match="another computer"):
            way.call("x", seconds=10)


@pytest.mark.parametrize("pieces", [(), (b"HTTP/1.0 200 OK\r\n",), (b"HTTP/1.0 200 OK\r\n\r\n<?xml",)])
def test_silence_ends_with_the_deadline(pieces: tuple[bytes, ...]) -> None:
    with _saying(*pieces, closes=False) as url, pytest.raises(Unreachable, match=r"within 0\.2 s"):
        Wire(url).call("x", seconds=0.2)


def test_a_closed_way_ends_the_calls_that_wait_and_all_later_ones() -> None:
    asked = threading.Event()
    answer = threading.Event()

    def slow(method: str, params: tuple[Any, ...]) -> Any:
        asked.set()
        answer.wait(30)
        return ""

    with _received(slow) as receiver:
        way = Wire(receiver.url)
        errors: list[NetworkError] = []

        def call() -> None:
            try:
                way.call("x", seconds=60)
            except NetworkError as error:
                errors.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        assert asked.wait(30)
        way.abort(for_good=True)
        thread.join(30)
        assert [type(error) for error in errors] == [Unreachable]
        with pytest.raises(Unreachable):
            way.call("x", seconds=60)
        answer.set()


def test_stopping_ends_conversations_that_say_nothing() -> None:
    receiver = Receiver(lambda *_: "")
    receiver.start()
    host, port, _ = wire.require_here(receiver.url)
    with socket.create_connection((host, port)) as silent:
        silent.sendall(b"POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\n<")
        Wire(receiver.url).call("x", seconds=10)  # by now it has taken the one before
        receiver.stop(10.0)
        assert silent.recv(10) == b""
    assert not [thread for thread in threading.enumerate() if "process_request" in thread.name]


@pytest.mark.parametrize("body", [b"", b"<x/>", b"no xml", b"<?xml version='1.0'?><methodCall></methodCall>"])
def test_what_is_no_call_is_refused(body: bytes) -> None:
    with pytest.raises(InputError):
        wire.read_request(body)


def test_messages_that_are_too_long_are_not_read() -> None:
    with _received(lambda *_: "") as receiver:
        host, port, _ = wire.require_here(receiver.url)
        with socket.create_connection((host, port), timeout=30) as sock:
            sock.sendall(f"POST / HTTP/1.0\r\nContent-Length: {wire.MAX_BYTES + 1}\r\n\r\n".encode())
            assert b" 413 " in sock.recv(1000)
