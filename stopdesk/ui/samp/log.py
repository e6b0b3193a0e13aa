"""What was said to other programs and by them, in words: the last of it, with what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from stopdesk.errors import InputError
from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, Outcome, Peer, Received

#: So many messages are remembered.
LENGTH = 200

_OTHERS = {
    messages.SCRIPT: "drawing commands",
    messages.TABLE_VOTABLE: "table",
    messages.TABLE_FITS: "table",
    messages.SPECTRUM: "spectrum",
    messages.IMAGE: "image",
    messages.POINT_AT: "position",
    messages.SELECT_ROWS: "selection of rows",
    messages.HIGHLIGHT_ROW: "row",
}


@dataclass(frozen=True)
class Entry:
    """One message: when, whether it is ours, the other program, and what came of it (None: that is not known yet)."""

    number: int
    at: datetime
    is_ours: bool
    peer: Peer
    mtype: str
    what: str
    answer: Answer | None = None
    text: str = ""


def message_words(message: messages.Message) -> str:
    """What one of our messages says, in a few words."""
    if message.mtype == messages.SELECT_ROWS:  # of which there may be very many: they are not read to be counted
        return _rows_words(len(message.params.get("row-list", ())))
    try:
        return content_words(messages.read_message(message.mtype, message.params))
    except InputError:
        return _OTHERS.get(message.mtype, message.mtype)


def content_words(content: messages.Content) -> str:
    """What a message says, in a few words."""
    match content:
        case messages.TableThere(name=name):
            return _named("table", name)
        case messages.SpectrumThere(name=name):
            return _named("spectrum", name)
        case messages.ImageThere(name=name):
            return _named("image", name)
        case messages.Pointing(ra=ra, dec=dec):
            return f"position {ra:.5f}° {dec:+.5f}°"
        case messages.RowsSelected(rows=rows):
            return _rows_words(rows.size)
        case messages.RowHighlighted(row=row):
            return f"row {row + 1:,}"
        case messages.ResourcesOffered(identifiers=found, name=name):
            return _named("1 service" if len(found) == 1 else f"{len(found):,} services", name)


def _rows_words(number: int) -> str:
    return "selection of 1 row" if number == 1 else f"selection of {number:,} rows"


def _named(kind: str, name: str) -> str:
    return f"{kind} “{name}”" if name else kind


class MessageLog:
    """The last messages, oldest first; for one thread."""

    def __init__(self) -> None:
        self._entries: dict[int, Entry] = {}
        self._last = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is remembered, newest last."""
        return tuple(self._entries.values())

    def sent(self, message: messages.Message, peer: Peer) -> int:
        """Note that a message goes out; gives its number."""
        return self._note(peer, message.mtype, message_words(message), is_ours=True)

    def came(self, received: Received) -> int:
        """Note that a message has come; gives its number."""
        content = received.content
        what = content_words(content) if content is not None else _OTHERS.get(received.mtype, received.mtype)
        number = self._note(received.peer, received.mtype, what, is_ours=False)
        if received.problem:
            self.ended(number, Answer.FAILED, received.problem)
        return number

    def answered(self, number: int, outcome: Outcome) -> None:
        """Note what came of a message of ours."""
        self.ended(number, outcome.answer, outcome.text)

    def ended(self, number: int, answer: Answer, text: str) -> None:
        """Note what came of the message with this number, if it is remembered."""
        entry = self._entries.get(number)
        if entry is not None:
            self._entries[number] = replace(entry, answer=answer, text=text)

    def _note(self, peer: Peer, mtype: str, what: str, *, is_ours: bool) -> int:
        last = next(reversed(self._entries.values()), None)
        if (
            last
            and mtype == messages.HIGHLIGHT_ROW
            and (last.peer.id, last.is_ours, last.mtype)
            == (
                peer.id,
                is_ours,
                mtype,
            )
        ):
            del self._entries[last.number]  # a mouse that goes over a table says a hundred of them
        self._last += 1
        now = datetime.now().astimezone()
        self._entries[self._last] = Entry(self._last, now, is_ours, peer, mtype, what)
        while len(self._entries) > LENGTH:
            del self._entries[next(iter(self._entries))]
        return self._last
