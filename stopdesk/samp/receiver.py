"""Takes what the hub brings: a server of XML-RPC on loopback, with bounds on size and time."""

from __future__ import annotations

import contextlib
import logging
import socket
import socketserver
import threading
import time
import xmlrpc.client
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from stopdesk.errors import InputError
from stopdesk.samp.wire import MAX_BYTES, read_request

_log = logging.getLogger(__name__)

#: A request is read within this time, in seconds.
_PATIENCE = 30.0
#: So often, in seconds, the server looks whether it is to end.
_LOOK = 0.1

Answerer = Callable[[str, tuple[Any, ...]], Any]


class Receiver:
    """Calls ``answer(method, params)`` for each call that comes, in a thread of its own, and returns what it gives.

    ``answer`` raises InputError for a call that it does not know; the caller is told.
    """

    def __init__(self, answer: Answerer) -> None:
        self._server = _Server(answer)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._serve, name="samp receiver", daemon=True)

    def start(self) -> None:
        """Begin to take calls."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End it, and the conversations that are under way."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(seconds)
        self._server.server_close()
        self._server.end_conversations(seconds)

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=_LOOK)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, answer: Answerer) -> None:
        self.answer = answer
        self._lock = threading.Lock()
        self._conversations: dict[socket.socket, threading.Thread] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Remember the conversation while it lasts."""
        with self._lock:
            self._conversations[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                del self._conversations[request]

    def end_conversations(self, seconds: float) -> None:
        with self._lock:
            left = dict(self._conversations)
        for sock in left:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        end = time.monotonic() + seconds
        for thread in left.values():
            thread.join(max(end - time.monotonic(), 0))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A conversation that broke is in the log, not on the terminal."""
        _log.info("a conversation with %s broke", client_address, exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Answer one call."""
        try:
            body = self._body()
        except InputError as error:
            self.send_error(413, str(error))
            return
        try:
            method, params = read_request(body)
            text = xmlrpc.client.dumps((self.server.answer(method, params),), methodresponse=True)
        except InputError as error:
            text = xmlrpc.client.dumps(xmlrpc.client.Fault(1, str(error)), methodresponse=True)
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> bytes:
        said = self.headers.get("Content-Length", "")
        if not said.isdigit() or int(said) > MAX_BYTES:
            raise InputError(f"Messages have a length, of at most {MAX_BYTES >> 20} MB.")
        end = time.monotonic() + _PATIENCE
        body = bytearray()
        while len(body) < int(said):
            self.connection.settimeout(max(end - time.monotonic(), 0.001))
            piece = self.rfile.read1(min(int(said) - len(body), 1 << 18))
            if not piece:
                raise ConnectionResetError("the call broke off")
            body += piece
        return bytes(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name of the overridden one
        """Nothing: a line a message would fill the log."""
