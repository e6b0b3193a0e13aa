"""Looks for a hub: none, one that answers, one that says nothing, or what a dead one has left behind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from stopdesk.errors import FileError, Gone, InputError, Malformed, NetworkError
from stopdesk.samp.connection import probe
from stopdesk.samp.lock import HubAddress, lock_path, read_lock


class Hub(Enum):
    """How things stand with the hub that the lock file tells of."""

    NONE = auto()  # no lock file
    DEAD = auto()  # a lock file at whose address there is no hub any more; it may be taken away
    SILENT = auto()  # something listens there and says nothing, or that it cannot
    ALIVE = auto()
    UNKNOWN = auto()  # the lock file, or SAMP_HUB, cannot be used


@dataclass(frozen=True)
class Found:
    """What was found; ``address`` is there where a lock file could be read, ``text`` is a sentence for the user."""

    hub: Hub
    text: str
    address: HubAddress | None = None


def look_for_hub(seconds: float, lock: Path | None = None) -> Found:
    """Read the lock file (``lock`` in place of the usual one) and ask the hub whether it is there."""
    try:
        path = lock or lock_path()
        address = read_lock(path)
    except (FileError, InputError) as error:
        return Found(Hub.UNKNOWN, str(error))
    if address is None:
        return Found(Hub.NONE, "No SAMP hub is running. Start TOPCAT or Aladin, or a hub of stopdesk's own.")
    try:
        probe(address, seconds)
    except (Gone, Malformed):  # nobody, or another program that was given the port since
        text = "No SAMP hub is running; the last one has left its lock file behind. Start a hub, TOPCAT or Aladin."
        return Found(Hub.DEAD, text, address)
    except NetworkError:
        text = (
            f"The SAMP hub at {address.url} does not answer; stopdesk goes on asking. "
            f"If no program runs a hub any more, delete {path}."
        )
        return Found(Hub.SILENT, text, address)
    return Found(Hub.ALIVE, "", address)
