"""A server that stands for Sesame, for portals of every protocol and for an archive, with faults on demand."""

from __future__ import annotations

import base64
import contextlib
import itertools
import math
import re
import threading
import zlib
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes import portal_documents as documents
from tests.fakes.portal_documents import Column, Observation

#: Seconds after which what hangs ends by itself.
_LONGEST = 60.0

#: What a cone search of DaCHS says of too large a radius.
TOO_LARGE = "Field SR: radius must be not greater than 90 degrees"


class PortalServer:
    """Every attribute may be changed while it runs. ``requests`` are method, path and parameters, as they came.

    ``fault`` spoils every answer of a portal, and of Sesame where it makes sense there.
    """

    def __init__(self) -> None:
        self.url = ""
        self.rows: list[Observation] = []
        self.users: dict[str, str] = {}  # by name, with their passwords; without any everybody may ask
        self.names: dict[str, str] = {}
        self.files: dict[str, tuple[str, bytes]] = {}
        self.links: list[Sequence[str]] = []
        self.describes_links = False  # answers say which service lists the links of their rows
        self.fault = ""
        self.sent = 0  # bytes of the long answer under way, unpacked
        self.limit = 1000  # rows that a service gives at most
        self.heeds_maxrec = True
        self.has_capabilities = True
        self.looks = 2  # a job is done after so many looks at it
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []
        self.jobs: dict[str, dict[str, Any]] = {}
        self.released = threading.Event()
        self.arrived = threading.Event()  # something hangs

    def asked(self, path: str) -> list[dict[str, str]]:
        """The parameters of the requests to this path."""
        return [values for _, where, values in self.requests if where == path]

    def within(self, ra: float, dec: float, radius: float) -> list[Observation]:
        """The rows in a circle; degrees."""

        def angle(each: Observation) -> float:
            lat, other = math.radians(dec), math.radians(each.dec)
            step = math.sin((other - lat) / 2) ** 2
            step += math.cos(lat) * math.cos(other) * math.sin(math.radians(each.ra - ra) / 2) ** 2
            return math.degrees(2 * math.asin(min(1.0, math.sqrt(step))))

        return [each for each in self.rows if angle(each) <= radius]


@contextlib.contextmanager
def portal_server() -> Iterator[PortalServer]:
    """The server, stopped at the end."""
    portal = PortalServer()
    handler = type("Handler", (_Handler,), {"portal": portal})
    server = _Quiet(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="portal server")
    thread.start()
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield portal
    finally:
        portal.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has had enough goes away."""


class _Handler(BaseHTTPRequestHandler):
    portal: PortalServer

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._do(dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._do(dict(parse_qsl(body, keep_blank_values=True)))

    def do_DELETE(self) -> None:
        self._do({})

    def _do(self, values: dict[str, str]) -> None:
        portal, path = self.portal, urlsplit(self.path).path
        portal.requests.append((self.command, path, values))
        portal.headers.append({name.lower(): value for name, value in self.headers.items()})
        if portal.users and not self._is_known():
            self._send(b"Who are you?", "text/plain", 401)
            return
        if path.startswith("/sesame"):
            self._sesame()
        elif path.startswith("/files/"):
            kind, content = portal.files.get(path.rpartition("/")[2], ("", b""))
            self._send(content, kind) if kind else self._send(b"no such file", "text/plain", 404)
        elif path.startswith("/tap/async"):
            self._job(path, values)
        elif path.endswith("/capabilities"):
            document = documents.capabilities(f"{portal.url}/sia2/query")
            self._send(document) if portal.has_capabilities else self._send(b"none", "text/plain", 404)
        elif path == "/links":
            self._send(
                documents.votable(documents.DATALINK, portal.links), "application/x-votable+xml;content=datalink"
            )
        else:
            self._portal(path, values)

    def _is_known(self) -> bool:
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        user, _, password = base64.b64decode(token).decode().partition(":") if kind == "Basic" else ("", "", "")
        return bool(user) and self.portal.users.get(user) == password

    def _sesame(self) -> None:
        portal = self.portal
        if portal.fault and self._spoil(documents.OBSCORE, []):
            return
        names = [unquote(name.replace("+", " ")) for name in urlsplit(self.path).query.split("&")]
        self._send(documents.sesame([(name, portal.names.get(name.casefold(), "")) for name in names]), "text/xml")

    def _portal(self, path: str, values: dict[str, str]) -> None:
        """One of the protocols: its columns, and its circle from its parameters."""
        if self.portal.fault in ("away", "loop"):
            self._redirect("http://127.0.0.1:1/elsewhere" if self.portal.fault == "away" else self.portal.url + path)
            return
        upper = {name.upper(): value for name, value in values.items()}
        try:
            columns, circle = _question(path, values, upper)
        except (KeyError, ValueError, IndexError):
            self._send(documents.error(f"Parameters are missing: {sorted(values)}"), status=400)
            return
        if path == "/scs" and circle[2] > 90:
            self._send(documents.cone_error(TOO_LARGE))
            return
        found = self.portal.within(*circle)
        wanted = upper.get("MAXREC") if self.portal.heeds_maxrec else None
        most = min(int(wanted or self.portal.limit), self.portal.limit)
        status = "OVERFLOW" if len(found) > most else "OK"
        cells = [each.cells(columns) for each in found[:most]]
        if not self._spoil(columns, cells):
            content = documents.votable(columns, cells, status)
            links = f"{self.portal.url}/links?of=archive"
            self._send(documents.with_link_service(content, links) if self.portal.describes_links else content)

    def _job(self, path: str, values: dict[str, str]) -> None:
        portal, words = self.portal, path.split("/")
        if len(words) == 3:
            name = f"j{len(portal.jobs) + 1}"
            portal.jobs[name] = {"values": values, "phase": "PENDING", "looks": 0}
            self._redirect(f"{portal.url}/tap/async/{name}")
            return
        job = portal.jobs.get(words[3])
        url = f"{portal.url}/tap/async/{words[3]}"
        if job is None:
            self._send(b"no such job", "text/plain", 404)
        elif self.command == "DELETE":
            del portal.jobs[words[3]]
            self._redirect(f"{portal.url}/tap/async")
        elif words[4:] == ["phase"] and self.command == "POST":
            job["phase"] = "ABORTED" if values.get("PHASE") == "ABORT" else "EXECUTING"
            self._redirect(url)
        elif words[4:] == ["results", "result"]:
            self._portal("/tap/sync", job["values"])
        else:
            job["looks"] += 1
            if job["phase"] == "EXECUTING" and job["looks"] > portal.looks and portal.fault != "job hangs":
                job["phase"] = "ERROR" if portal.fault == "job error" else "COMPLETED"
            if portal.fault == "job hangs":
                portal.arrived.set()
            said = "Column s_dex does not exist" if job["phase"] == "ERROR" else ""
            self._send(documents.job(url, job["phase"], said))

    def _spoil(self, columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> bool:
        """Answer as the fault wants it; whether there was one to do so."""
        portal, fault = self.portal, self.portal.fault
        spoiled: dict[str, tuple[bytes, str, int]] = {
            "error": (documents.error("Table ivoa.obscoer does not exist"), "text/xml", 200),
            "error 400": (documents.error("Syntax error near FORM"), "text/xml", 400),
            "html": (
                b"<html><head><title>Maintenance</title></head><body><p>Back on Monday</p></body></html>",
                "",
                200,
            ),
            "trouble": (b"Out of memory", "text/plain", 503),
            "not allowed": (b"Who are you?", "text/plain", 401),
            "gone": (b"", "text/plain", 404),
            "text": (b"id,ra,dec\n1,2,3\n", "text/csv", 200),
            "nothing": (b"", "text/xml", 200),
            "truncated": (documents.votable(columns, cells)[:-60], "text/xml", 200),
            "no table": (b'<VOTABLE version="1.4"><RESOURCE type="results"/></VOTABLE>', "text/xml", 200),
            "no positions": (_without_positions(columns, cells), "text/xml", 200),
            "duplicate names": (_with_duplicates(columns, cells), "text/xml", 200),
        }
        if fault in spoiled:
            content, kind, status = spoiled[fault]
            self._send(content, kind or "text/html", status)
        elif fault == "endless":
            self._endless(columns)
        elif fault in ("two gigabytes", "two gigabytes packed"):
            self._two_gigabytes(columns, cells, packed=fault.endswith("packed"))
        elif fault == "hang":
            portal.arrived.set()
            portal.released.wait(_LONGEST)
        elif fault == "hang in the middle":
            self._begin("text/xml")
            self.wfile.write(documents.head(columns).encode() + b" " * 100_000)
            portal.arrived.set()
            portal.released.wait(_LONGEST)
        elif fault == "breaks off":
            content = documents.votable(columns, cells)
            self._begin("text/xml", len(content) + 1000)
            self.wfile.write(content)
        else:
            return False
        return True

    def _endless(self, columns: Sequence[Column]) -> None:
        """Rows until the client goes away."""
        self._begin("text/xml")
        self.wfile.write(documents.head(columns).encode())
        for number in itertools.count():
            each = Observation(number, "endless", 10.0, 10.0)
            self.wfile.write(documents.row(each.cells(columns)).encode() * 100)
            if self.portal.released.is_set():
                return

    def _two_gigabytes(self, columns: Sequence[Column], cells: Sequence[Sequence[str]], *, packed: bool) -> None:
        """Rows of more than 2 GB, sent in chunks; packed they are some megabytes on the wire. ``sent`` counts them."""
        packer = zlib.compressobj(wbits=31)
        rows = "".join(documents.row(line) for line in cells).encode()
        block = rows * (1 + (1 << 20) // len(rows))
        self.protocol_version = "HTTP/1.1"
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Transfer-Encoding", "chunked")
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        plain = documents.head(columns).encode()
        self.portal.sent = 0
        while self.portal.sent < 2 << 30 and not self.portal.released.is_set():
            piece = packer.compress(plain) + packer.flush(zlib.Z_SYNC_FLUSH) if packed else plain
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.portal.sent += len(plain)
            plain = block
        tail = documents.TAIL.encode()
        piece = packer.compress(tail) + packer.flush() if packed else tail
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(piece), piece))

    def _redirect(self, url: str) -> None:
        self.send_response(303)
        self.send_header("Location", url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _begin(self, kind: str, length: int | None = None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, content: bytes, kind: str = "application/x-votable+xml", status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="stand-in"')
        self.end_headers()
        self.wfile.write(content)


def _question(
    path: str, values: dict[str, str], upper: dict[str, str]
) -> tuple[Sequence[Column], tuple[float, float, float]]:
    """The columns of a protocol and the circle that is asked for, each parameter where that protocol has it."""
    if path == "/scs":
        return documents.CONE, (float(upper["RA"]), float(upper["DEC"]), float(upper["SR"]))
    if path == "/ssa" and upper["REQUEST"] == "queryData":
        ra, dec = (float(part) for part in upper["POS"].split(","))
        return documents.OBSCORE, (ra, dec, float(upper["SIZE"]) / 2)
    if path == "/sia":
        ra, dec = (float(part) for part in upper["POS"].split(","))
        return documents.SIA, (ra, dec, float(upper["SIZE"].split(",")[0]) / 2)
    if path == "/sia2/query":
        shape, *numbers = upper["POS"].split()
        ra, dec, radius = (float(number) for number in numbers)
        return documents.OBSCORE, (ra, dec, radius if shape == "CIRCLE" else math.nan)
    if path == "/obsportal/search.votable" and values["all_fields"] == "false":
        return documents.OBSPORTAL, (float(values["ra"]), float(values["dec"]), float(values["radius"]) / 3600)
    if path == "/tap/sync" and upper["REQUEST"] == "doQuery" and upper["LANG"] == "ADQL":
        match = re.search(r"CIRCLE\('ICRS', ([-\d.]+), ([-\d.]+), ([-\d.]+)\)", upper["QUERY"])
        circle = (0.0, 0.0, 180.0) if match is None else (float(match[1]), float(match[2]), float(match[3]))
        return documents.OBSCORE, circle
    raise KeyError(path)


def _without_positions(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> bytes:
    kept = [i for i, column in enumerate(columns) if column[0].lower().rpartition("_")[2] not in ("ra", "dec")]
    return documents.votable([columns[i] for i in kept], [[line[i] for i in kept] for line in cells])


def _with_duplicates(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> bytes:
    return documents.votable([*columns, columns[0]], [[*line, f"{line[0]} again"] for line in cells])
