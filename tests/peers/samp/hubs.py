"""Hubs of others: that of JSAMP, and that of pyvo in a process of its own, which can be killed and frozen."""

from __future__ import annotations

import http.client
import sys
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.samp.programs import Program, started, until

_PYVO = Path(__file__).with_name("pyvo_hub.py")


@dataclass(frozen=True)
class Lock:
    """Where programs find the hub: a lock file that is none of the user's own, in a home that is none either.

    Aladin does not read SAMP_HUB: it looks for .samp in its home and nowhere else.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The lock file."""
        return self.folder / ".samp"

    @property
    def environment(self) -> dict[str, str]:
        """What tells programs of it, those too that stopdesk starts."""
        return {
            "SAMP_HUB": f"std-lockurl:{self.path.as_uri()}",
            "JAVA_TOOL_OPTIONS": f"-Duser.home={self.folder}",
        }

    def read(self) -> dict[str, str]:
        """What stands in it."""
        lines = self.path.read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))

    def answers(self) -> bool:
        """Whether a hub is there and answers."""
        try:
            bounded_proxy(self.read()["samp.hub.xmlrpc.url"].replace("\\", ""), 2.0).samp.hub.ping()
        except (OSError, KeyError, ValueError, http.client.HTTPException, xmlrpc.client.Error):
            return False
        return True


class _Bounded(xmlrpc.client.Transport):
    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        connection = super().make_connection(host)  # type: ignore[arg-type]
        connection.timeout = self._seconds
        return connection


def bounded_proxy(url: str, seconds: float = 10.0) -> xmlrpc.client.ServerProxy:
    """An XML-RPC server whose calls end within these seconds."""
    return xmlrpc.client.ServerProxy(url, transport=_Bounded(seconds), allow_none=True)


@contextmanager
def jsamp_hub(lock: Lock) -> Iterator[Program]:
    """The hub of JSAMP, answering."""
    words = ["jsamp", "hub", "-mode", "no-gui", "-profiles", "std"]
    with _hub(words, lock) as program:
        yield program


@contextmanager
def pyvo_hub(lock: Lock) -> Iterator[Program]:
    """The hub of pyvo, answering."""
    with _hub([sys.executable, str(_PYVO), str(lock.path)], lock) as program:
        yield program


@contextmanager
def _hub(words: list[str], lock: Lock) -> Iterator[Program]:
    with started(words, lock.folder, lock.environment) as program:
        until(lambda: lock.answers() or not program.runs, "the hub answers")
        assert program.runs, f"the hub has ended: {program.printed()}"
        yield program
