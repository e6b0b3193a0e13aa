"""Ends a conversation when its time is up or the user gives up, however slowly the other side keeps talking.

A time-out of a socket starts anew with every byte. So a timer of its own shuts the socket down at the deadline; whoever
reads from it then sees the end of the stream.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_current = threading.local()

#: So often, in seconds, it is looked whether anybody still waits.
_LOOK = 0.1


class Deadline:
    """Around the requests of this thread: after ``seconds`` its socket is shut down and ``expired`` is true.

    So it is, with ``given_up``, soon after ``cancelled`` says that nobody waits any longer.
    """

    def __init__(self, seconds: float, cancelled: Callable[[], bool] | None = None) -> None:
        self.expired = False
        self.given_up = False
        self._end = time.monotonic() + seconds
        self._cancelled = cancelled
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="deadline", daemon=True)

    def __enter__(self) -> Deadline:
        _current.deadline = self
        self._watcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.deadline = None
        self._left.set()
        self._watcher.join()

    def note(self, sock: socket.socket | None) -> None:
        """Remember the socket that is used; one that comes too late is shut down at once."""
        with self._lock:
            self._socket = sock
            if self.expired or self.given_up:
                _shut(sock)

    def _watch(self) -> None:
        left = self._end - time.monotonic()
        while left > 0:
            if self._left.wait(left if self._cancelled is None else min(left, _LOOK)):
                return
            if self._cancelled is not None and self._cancelled():
                self.given_up = True
                break
            left = self._end - time.monotonic()
        with self._lock:
            self.expired = not self.given_up
            _shut(self._socket)


def _shut(sock: socket.socket | None) -> None:
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _note(connection: HTTPConnection) -> None:
    deadline: Deadline | None = getattr(_current, "deadline", None)
    if deadline is not None:
        deadline.note(connection.sock)


class _WatchedHttp(HTTPConnection):
    """Tells the deadline of its thread which socket it uses."""

    def connect(self) -> None:
        super().connect()
        _note(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _note(self)
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        _note(self)
        return super().getresponse()


class _WatchedHttps(HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        super().connect()
        _note(self)

    def request(self, *args: Any, **kwargs: Any) -> None:
        _note(self)
        super().request(*args, **kwargs)

    def getresponse(self) -> Any:
        _note(self)
        return super().getresponse()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHttps


class WatchedAdapter(HTTPAdapter):
    """The adapter of requests over connections that keep to a `Deadline`."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Build the pools from watched connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """The same for what goes through a proxy."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        return manager
