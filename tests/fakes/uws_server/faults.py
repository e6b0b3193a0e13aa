"""The wrong answers of the scripted server."""

from __future__ import annotations

import itertools
import zlib
from functools import cache
from typing import TYPE_CHECKING

from tests.fakes.uws_server.documents import PAGE, VOTABLE

if TYPE_CHECKING:
    from tests.fakes.uws_server.handler import Handler

_ENTITIES = '<!DOCTYPE job [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><job><phase>&b;</phase></job>'

_DOCUMENTS = {
    "malformed": "<uws:job><uws:phase>EXECUTING</uws:job>",
    "truncated": "<uws:job><uws:phase>EXECUTING</uws:phase>",
    "empty": "",
    "huge": f"<uws:jobs>{' ' * 2_000_000}</uws:jobs>",
    "nested": "<a>" * 5000 + "</a>" * 5000,
    "entity": _ENTITIES,
    "votable_error": VOTABLE.format("the database is on fire"),
}


def answer_wrongly(handler: Handler, kind: str, seconds: float) -> bool:
    """Do what a fault says; gives whether the request is done with."""
    if kind == "slow":
        handler.fake.hang(seconds)
        return False
    if kind == "hang":
        handler.fake.hang()
        return False
    if kind in _DOCUMENTS:
        handler.send(200, _DOCUMENTS[kind], "text/xml")
    elif kind == "drip":
        _drip(handler, seconds)
    elif kind == "reset":
        handler.close_connection = True
    elif kind == "die":
        handler.head(200, "text/xml", 100_000)
        handler.wfile.write(b"<uws:job ")
        handler.close_connection = True
    elif kind == "html":
        handler.send(200, PAGE.format("Welcome", "to the web"), "text/html")
    elif kind == "oversized":
        handler.send(200, _packed(), "text/xml", ("Content-Encoding", "gzip"))
    elif kind == "redirect":
        handler.redirect(f"{handler.fake.root}{handler.path}", 302)
    elif kind == "to_file":
        handler.redirect("file:///etc/hostname", 302)
    else:
        pause = (("Retry-After", "2"),) if kind == "503" else ()
        handler.send(int(kind), PAGE.format(f"Error {kind}", "on purpose"), "text/html", *pause)
    return True


def _drip(handler: Handler, seconds: float) -> None:
    """A byte now and then: no silence is long enough to be one."""
    handler.head(200, "text/xml", 100_000)
    handler.wfile.write(b"<uws:job>")
    while not handler.fake.hang(seconds):
        handler.wfile.write(b" ")
    handler.close_connection = True


@cache
def _packed() -> bytes:
    """A document of 80 MB, made of small pieces so that nobody waits for it."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = (b"<job>", *itertools.repeat(b" " * 100_000, 800), b"</job>")
    return b"".join([*map(packer.compress, pieces), packer.flush()])
