"""Calls over XML-RPC to programs of this computer, each with a deadline that holds however slowly the other side talks.

The standard library's client waits for ever on a listener that says nothing. Nobody but this computer is ever called.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
import xmlrpc.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.parsers.expat import ExpatError

from stopdesk.errors import Gone, InputError, Malformed, Refused, ServerTrouble, Unreachable
from stopdesk.samp.lines import one_line

#: No message that comes or goes is longer than this, in bytes: some five million rows of a selection.
MAX_BYTES = 256 << 20
_MAX_HEAD = 65536
#: Of the words of a fault so many letters are told.
_MOST_WORDS = 500
#: What XML that is no XML-RPC makes the standard library's reader say.
_UNREADABLE = (ExpatError, xmlrpc.client.Error, ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
#: A length or a status of more digits is no number of anything.
_MOST_DIGITS = 15


def require_here(url: str) -> tuple[str, int, str]:
    """Host, port and path of an address on this computer; InputError for any other."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    if parts.scheme != "http" or not host or not port or not parts.path.isascii():
        raise InputError(f"{url!r} is no address of a program (http://127.0.0.1:PORT/).")
    if not is_here(host):
        raise InputError(f"{host} is not this computer, and stopdesk does not speak SAMP with others.")
    return host, port, parts.path or "/"


def is_here(host: str) -> bool:
    """Whether the host is this computer, found without asking anybody."""
    if host.lower() == "localhost" or host.lower() == socket.gethostname().lower():
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if address.is_loopback:
        return True
    if address.is_unspecified or address.is_multicast:
        return False
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((host, 0))  # only addresses of this computer can be bound
        except OSError:
            return False
    return True


def read_request(body: bytes) -> tuple[str, tuple[Any, ...]]:
    """The method and the parameters of a call; InputError for what is none."""
    try:
        params, method = xmlrpc.client.loads(body)
    except _UNREADABLE as error:
        raise InputError(f"This is no call by XML-RPC ({error}).") from error
    if not method:
        raise InputError("This is no call by XML-RPC (it names no method).")
    return method, params


class Wire:
    """The way to one program; calls may be made in several threads at once."""

    def __init__(self, url: str) -> None:
        """``url`` is an address on this computer; InputError for any other."""
        self.url = url
        self._host, self._port, self._path = require_here(url)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._is_closed = False

    def call(self, method: str, *params: Any, seconds: float) -> Any:
        """Call a method with strings, lists and maps; gives what it returns.

        Raises Gone where nobody listens there, Unreachable where no answer comes in time, Refused with the program's
        words, Malformed for what is no answer by XML-RPC, ServerTrouble for a fault of the program's.
        """
        end = time.monotonic() + seconds
        body = xmlrpc.client.dumps(params, method).encode("utf-8", "xmlcharrefreplace")
        head = (
            f"POST {self._path} HTTP/1.0\r\nHost: {self._host}:{self._port}\r\nUser-Agent: stopdesk\r\n"
            f"Content-Type: text/xml\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            with self._connected(end) as sock:
                sock.settimeout(_left(end))
                sock.sendall(head.encode("ascii") + body)
                answer = _whole_answer(sock, end, self.url)
        except ConnectionRefusedError as error:
            raise Gone(f"Nobody listens at {self.url} any more.", url=self.url) from error
        except TimeoutError as error:
            raise Unreachable(f"{self.url} did not answer within {seconds:g} s.", url=self.url) from error
        except OSError as error:
            raise Unreachable(f"The connection to {self.url} broke ({error}).", url=self.url) from error
        return _returned(answer, self.url)

    def abort(self, *, for_good: bool = False) -> None:
        """End the calls that are under way; each raises Unreachable. ``for_good``: and all that would follow."""
        with self._lock:
            self._is_closed = self._is_closed or for_good
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def _connected(self, end: float) -> Iterator[socket.socket]:
        with socket.create_connection((self._host, self._port), timeout=_left(end)) as sock:
            if not is_here(sock.getpeername()[0]):  # this computer's name may be another's in a list of names
                raise ConnectionAbortedError("its name leads to another computer")
            with self._lock:
                if self._is_closed:
                    raise ConnectionAbortedError("it was closed here")
                self._open.add(sock)
            try:
                yield sock
            finally:
                with self._lock:
                    self._open.discard(sock)


def _left(end: float) -> float:
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _whole_answer(sock: socket.socket, end: float, url: str) -> bytes:
    """Head and body, read until the other side closes or as long as its head says."""
    data = bytearray()
    need = MAX_BYTES
    body_at = -1
    while len(data) < need:
        sock.settimeout(_left(end))
        piece = sock.recv(1 << 18)
        if not piece:
            break
        data += piece
        if body_at < 0:
            body_at = data.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in data[: _MAX_HEAD + 4] else -1
            if body_at < 0 and len(data) > _MAX_HEAD:
                raise Malformed(f"What listens at {url} does not speak XML-RPC.", url=url)
            if body_at > 0:
                need = min(MAX_BYTES, body_at + _length(bytes(data[:body_at])))
    if len(data) >= MAX_BYTES:
        raise Malformed(f"The answer of {url} is longer than {MAX_BYTES >> 20} MB.", url=url)
    return bytes(data[:need])


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and _is_number(value.strip()):
            return int(value)
    return MAX_BYTES


def _is_number(digits: bytes) -> bool:
    return digits.isdigit() and len(digits) <= _MOST_DIGITS


def _returned(answer: bytes, url: str) -> Any:
    """What the method returned, out of a whole answer by HTTP."""
    if not answer:
        raise Unreachable(f"{url} closed the connection without an answer.", url=url)
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not _is_number(words[1]):
        raise Malformed(f"What listens at {url} does not speak XML-RPC.", url=url)
    status = int(words[1])
    if status in (500, 503):
        raise ServerTrouble(f"{url} had a fault of its own (status {status}).", url=url)
    if status != 200:
        raise Malformed(f"What listens at {url} does not speak XML-RPC (status {status}).", url=url)
    try:
        (value,), _ = xmlrpc.client.loads(body)
    except xmlrpc.client.Fault as fault:
        raise Refused(one_line(str(fault.faultString), _MOST_WORDS), url=url) from fault
    except _UNREADABLE as error:
        raise Malformed(f"What listens at {url} does not speak XML-RPC ({error}).", url=url) from error
    return value
