"""A server of one file that can be asked for in parts, breaks off, dawdles, changes, or lies about what it sends."""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FileServer:
    """Serves ``content`` at any path; every attribute may be changed while it runs."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.etag: str | None = '"v1"'
        self.modified: str | None = None
        self.kind = "application/octet-stream"
        self.breaks_at: list[int] = []  # the n-th answer ends after so many bytes of its body
        self.dawdles_at: list[int] = []  # from so many bytes on the n-th answer trickles, until `hurry`
        self.hurry = threading.Event()
        self.sent: list[int] = []  # bytes of the body of each answer
        self.heeds_range = True
        self.odd_range = False  # it sends another part than was asked for
        self.unsatisfiable = False  # 416 to the next request of a part
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.url = ""


@contextlib.contextmanager
def file_server(content: bytes, tls: ssl.SSLContext | None = None) -> Iterator[FileServer]:
    """A server that is stopped at the end; with ``tls`` it speaks https."""
    file = FileServer(content)
    handler = type("Handler", (_Handler,), {"file": file})
    server = _Quiet(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="file server")
    thread.start()
    file.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}/file"
    try:
        yield file
    finally:
        file.hurry.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust us goes away."""


class _Handler(BaseHTTPRequestHandler):
    file: FileServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        file = self.file
        headers = {name.lower(): value for name, value in self.headers.items()}
        file.requests.append((self.command, headers))
        start = self._start(headers)
        if start and file.unsatisfiable:
            file.unsatisfiable = False
            self._head(416, {"Content-Range": f"bytes */{len(file.content)}", "Content-Length": "0"})
            return
        body = file.content[start:]
        size = len(file.content)
        told = {"Content-Length": str(len(body)), "Content-Type": file.kind}
        if start:
            shown = start + 1 if file.odd_range else start
            told["Content-Range"] = f"bytes {shown}-{size - 1}/{size}"
        self._head(206 if start else 200, told)
        body = body[: file.breaks_at.pop(0)] if file.breaks_at else body
        number = len(file.sent)
        file.sent.append(0)
        quick = file.dawdles_at.pop(0) if file.dawdles_at else len(body)
        for part in (body[:quick], *(body[at : at + 1] for at in range(quick, len(body)))):
            self.wfile.write(part)
            file.sent[number] += len(part)
            if file.sent[number] < len(body):
                file.hurry.wait(0.01)

    def _start(self, headers: dict[str, str]) -> int:
        """Where to begin: at a Range that still is one of this version."""
        match = re.fullmatch(r"bytes=(\d+)-", headers.get("range", ""))
        is_same = headers.get("if-range") in (self.file.etag, self.file.modified)
        return int(match[1]) if match and is_same and self.file.heeds_range else 0

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        versions = {"ETag": self.file.etag, "Last-Modified": self.file.modified}
        for name, value in {**headers, **versions}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
