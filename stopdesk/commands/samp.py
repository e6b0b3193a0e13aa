"""``stopdesk samp``: who is there over SAMP, a file for them, and a hub."""

from __future__ import annotations

import hashlib
import io
import json
import math
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from stopdesk.errors import FileError, InputError, NetworkError, Unreachable
from stopdesk.formats.convert import convert
from stopdesk.formats.votable import write_table
from stopdesk.samp import messages
from stopdesk.samp.connection import PING
from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Outcome, Peer, Received
from stopdesk.samp.link import Link
from stopdesk.samp.lock import HubAddress
from stopdesk.samp.messages import (
    IMAGE,
    OFFERS_RESOURCES,
    POINT_AT,
    SCRIPT,
    SPECTRUM,
    TABLE_FITS,
    TABLE_VOTABLE,
    Message,
)
from stopdesk.samp.outbox import Outbox
from stopdesk.vo.content import Content, recognise

#: A hub that is there answers within this time, in seconds.
_CONNECT = 10.0
#: A program that is alive answers within this time, in seconds.
_PING = 2.0

_TAKES = {
    "tables": (TABLE_VOTABLE, TABLE_FITS),
    "spectra": (SPECTRUM,),
    "images": (IMAGE,),
    "positions": (POINT_AT,),
    "services": OFFERS_RESOURCES,
    "scripts": (SCRIPT,),
}
_SPECTRA = (Content.FITS_SPECTRUM, Content.VOTABLE_SPECTRUM)
_VOTABLES = (Content.VOTABLE, Content.DATALINK, Content.VOTABLE_SPECTRUM)
_OTHER_TABLES = (".ecsv", ".csv", ".parquet", ".pq", ".parq")


def hub() -> int:
    """Be the hub until SIGINT or SIGTERM; InputError where there is one already."""
    from stopdesk.samp import serve  # late: pyvo is slow to import

    ending = serve.ended_by_signals()

    def tell(address: HubAddress) -> None:
        sys.stdout.write(f"A SAMP hub runs at {address.url}; {address.path} tells of it. Ctrl-C ends it.\n")
        sys.stdout.flush()

    serve.run(ending, tell)
    return 0


def clients(*, as_json: bool) -> int:
    """Print who is there, what it takes, and whether it answers."""
    with _connected() as (link, ear):
        peers = link.peers
        ear.send(link, [(peer, Message(PING)) for peer in peers if peer.takes(PING)], _PING)
        answered = {outcome.peer.id for outcome in ear.outcomes if outcome.answer is not Answer.NO_ANSWER}
        silent = {peer.id for peer in peers if peer.takes(PING)} - answered
    if as_json:
        found = [
            {
                "id": peer.id,
                "name": peer.name,
                "description": peer.description,
                "subscriptions": sorted(peer.subscriptions),
                "answers": peer.id not in silent,
            }
            for peer in peers
        ]
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        return 0
    for peer in peers:
        taken = [words for words, mtypes in _TAKES.items() if any(map(peer.takes, mtypes))]
        state = "does not answer; " if peer.id in silent else ""
        sys.stdout.write(f"{peer.name:16} {peer.id:8} {state}takes {', '.join(taken) or 'nothing of ours'}\n")
    if not peers:
        sys.stderr.write("Nobody else is connected to the SAMP hub.\n")
    return 0


def send(file: str, *, to: str | None, timeout: float, as_json: bool) -> int:
    """Send a file to all who take it, or to those of a name, and print what came of it."""
    if not (math.isfinite(timeout) and timeout > 0):
        raise InputError("--timeout is a number of seconds above 0.")
    path = Path(file).expanduser()
    content = _content(path)
    with _connected() as (link, ear):
        chosen = _chosen(link.peers, to)
        with _Parcel(path, content) as parcel:
            told = [(peer, message) for peer in chosen if (message := parcel.message_for(peer)) is not None]
            if not told:
                names = ", ".join(peer.name for peer in chosen) or "nobody"
                raise InputError(f"{path.name} is a {content}, and nobody takes one: there is {names}.")
            outcomes = ear.send(link, told, timeout)
            parcel.is_needed = any(outcome.answer is Answer.NO_ANSWER for outcome in outcomes)
    if as_json:
        sys.stdout.write(json.dumps([_as_json(outcome) for outcome in outcomes], indent=2, ensure_ascii=False) + "\n")
    else:
        for outcome in outcomes:
            sys.stdout.write(f"{outcome.peer.name}: {_words(outcome)}".rstrip() + "\n")
    refused = (outcome for outcome in outcomes if not outcome.is_there_already)
    has_failed = any(outcome.answer in (Answer.FAILED, Answer.NOT_SENT) for outcome in refused)
    return NetworkError.exit_code if has_failed else 0


def _content(path: Path) -> Content:
    try:
        content = recognise(path)
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror or error}).") from error
    is_sent = content in (*_SPECTRA, *_VOTABLES, Content.FITS_TABLE, Content.FITS_IMAGE, Content.FITS_CUBE)
    if not is_sent and not (path.name.lower().removesuffix(".gz").endswith(_OTHER_TABLES)):
        raise FileError(path, f"is a {content}; tables, spectra and images can be sent.")
    return content


def _chosen(peers: Sequence[Peer], to: str | None) -> list[Peer]:
    if to is None:
        return list(peers)
    chosen = [peer for peer in peers if to.casefold() in (peer.name.casefold(), peer.id.casefold())]
    if not chosen:
        names = ", ".join(dict.fromkeys(peer.name for peer in peers)) or "nobody else"
        raise InputError(f"{to} is not connected to the SAMP hub; there is {names}.")
    return chosen


def _words(outcome: Outcome) -> str:
    if outcome.is_there_already:
        return "there already."
    words = "sent, no answer" if outcome.answer is Answer.NO_ANSWER else outcome.answer.value
    return f"{words}. {outcome.text}"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.peer.id,
        "name": outcome.peer.name,
        "mtype": outcome.message.mtype,
        "answer": "there already" if outcome.is_there_already else outcome.answer.value,
        "text": outcome.text,
    }


@dataclass
class _Parcel:
    """A file and what it is converted to for those who do not take it as it is."""

    path: Path
    content: Content
    is_needed: bool = False  # somebody may yet read what it was converted to

    def __enter__(self) -> _Parcel:
        self._outbox: Outbox | None = None
        self._converted: dict[str, Path] = {}
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        self._id = f"stopdesk-{digest.hexdigest()[:20]}"
        return self

    def __exit__(self, *_: object) -> None:
        if self._outbox is not None:
            self._outbox.close(keep=self.is_needed)

    def message_for(self, peer: Peer) -> Message | None:
        """What this program is told; None where it takes nothing of the kind."""
        own, name = self.path.absolute().as_uri(), self.path.name
        if self.content in (Content.FITS_IMAGE, Content.FITS_CUBE):
            return messages.load_image(own, self._id, name) if peer.takes(IMAGE) else None
        if self.content in _SPECTRA and peer.takes(SPECTRUM):
            return messages.load_spectrum(own, self._id, name, self._meta(own))
        fits, votable = peer.takes(TABLE_FITS), peer.takes(TABLE_VOTABLE)
        if not (fits or votable):
            return None
        if self.content in _VOTABLES and votable:
            return messages.load_table(own, self._id, name, fits=False)
        if self.content is Content.FITS_TABLE and fits:
            return messages.load_table(own, self._id, name, fits=True)
        as_fits = fits and (not votable or peer.name.casefold().startswith("topcat"))
        return messages.load_table(self._as_other(".fits" if as_fits else ".vot"), self._id, name, fits=as_fits)

    def _meta(self, url: str) -> dict[str, str]:
        from stopdesk.formats.spectra import read_spectra  # late: astropy is slow to import
        from stopdesk.formats.spectra.writing import ssa_meta

        media_type = "application/fits" if self.content is Content.FITS_SPECTRUM else "application/x-votable+xml"
        return {"Access.Reference": url, **ssa_meta(read_spectra(self.path)[0], media_type, as_table=False)}

    def _as_other(self, suffix: str) -> str:
        """The address of the file as a table of another format, made once."""
        if self._outbox is None:
            self._outbox = Outbox()
        if suffix not in self._converted:
            made = self._converted[suffix] = self._outbox.place(self.path.name.partition(".")[0], suffix)
            source = self._channels() if self.content is Content.FITS_SPECTRUM else self.path
            convert(source, made)
        return self._outbox.url(self._converted[suffix])

    def _channels(self) -> BinaryIO:
        """The channels of a spectrum that is no table, or one of a kind that only programs for spectra know."""
        from stopdesk.formats.spectra import read_spectra  # late: astropy is slow to import
        from stopdesk.formats.spectra.writing import spectrum_table

        file = io.BytesIO()
        write_table(spectrum_table(read_spectra(self.path)[0]), file)
        file.seek(0)
        return file


class _Ear:
    """Waits for what the link tells; takes nothing from others."""

    def __init__(self) -> None:
        self._news = threading.Condition()
        self._status = LinkStatus()
        self.outcomes: list[Outcome] = []

    def status_changed(self, status: LinkStatus) -> None:
        with self._news:
            self._status = status
            self._news.notify_all()

    def peers_changed(self, peers: Sequence[Peer]) -> None:
        """The link keeps them."""

    def received(self, received: Received) -> None:
        """Nobody sends what we have not subscribed to."""

    def _done(self, outcome: Outcome) -> None:
        with self._news:
            self.outcomes.append(outcome)
            self._news.notify_all()

    def connected(self) -> None:
        """Wait for the hub; Unreachable with the reason where there is none."""
        self._wait(lambda: self._status.state in (LinkState.CONNECTED, LinkState.NO_HUB), _CONNECT)
        if self._status.state is not LinkState.CONNECTED:
            raise Unreachable(self._status.text or "The SAMP hub does not answer.", url="")

    def send(self, link: Link, told: Sequence[tuple[Peer, Message]], seconds: float) -> list[Outcome]:
        """Send to each of them; gives what came of it, in the order in which it came."""
        for peer, message in told:
            link.send(message, [peer], done=self._done, seconds=seconds)
        self._wait(lambda: len(self.outcomes) == len(told), seconds + _CONNECT)
        return list(self.outcomes)

    def _wait(self, what: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        with self._news:
            while not what() and (left := end - time.monotonic()) > 0:
                self._news.wait(left)


@contextmanager
def _connected() -> Iterator[tuple[Link, _Ear]]:
    ear = _Ear()
    link = Link(ear, name="stopdesk (command line)", start_hub=False, takes=())
    try:
        link.start()
        ear.connected()
        yield link, ear
    finally:
        link.stop()
