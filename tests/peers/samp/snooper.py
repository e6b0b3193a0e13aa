"""The snooper of JSAMP under another program's name: it prints each message and says that it did nothing with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.peers.samp.hubs import Lock
from tests.peers.samp.programs import Program, started


@contextmanager
def snooper(lock: Lock, name: str, *mtypes: str) -> Iterator[Program]:
    """A client called ``name`` that takes these messages; what it was told can be read in what it printed."""
    words = ["jsamp", "snooper", "-clientname", name]
    for mtype in mtypes:
        words += ["-mtype", mtype]
    with started(words, lock.folder, lock.environment) as program:
        yield program
