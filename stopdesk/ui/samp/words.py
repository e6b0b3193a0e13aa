"""How things stand with other programs, in words and signs."""

from __future__ import annotations

from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Peer
from stopdesk.ui.samp.log import Entry

#: What messages of a MType are about, for people.
KINDS = {
    messages.TABLE_VOTABLE: "tables",
    messages.TABLE_FITS: "tables",
    messages.SPECTRUM: "spectra",
    messages.IMAGE: "images",
    messages.POINT_AT: "positions",
    messages.SELECT_ROWS: "selections of rows",
    messages.HIGHLIGHT_ROW: "single rows",
    messages.SCRIPT: "drawings on the sky",
    **dict.fromkeys(messages.OFFERS_RESOURCES, "services"),
}

#: Programs that call themselves otherwise than people call them (TOPCAT 4.8 does), and other windows of our own.
_KNOWN = {"topcat": "TOPCAT", "stopdesk": "another stopdesk"}

_SIGNS = {LinkState.OFF: "off", LinkState.NO_HUB: "○", LinkState.WAITING: "◐", LinkState.CONNECTED: "●"}
_STATES = {
    LinkState.OFF: "Not connected to other programs.",
    LinkState.NO_HUB: "No hub is running through which programs could talk; it is looked for again and again.",
    LinkState.WAITING: "There is a hub, but it does not answer; it is asked again and again.",
    LinkState.CONNECTED: "Connected.",
}
#: The sign of an outcome, and the chip in whose colour it stands.
OUTCOMES: dict[Answer | None, tuple[str, str]] = {
    None: ("…", "queued"),
    Answer.OK: ("✓", "completed"),
    Answer.WARNING: ("!", "held"),
    Answer.FAILED: ("✕", "error"),
    Answer.NO_ANSWER: ("?", "unknown"),
    Answer.NOT_SENT: ("✕", "rejected"),
}


def kinds(mtypes: tuple[str, ...]) -> str:
    """What messages of these MTypes are about, in words."""
    return " or ".join(dict.fromkeys(KINDS.get(mtype, mtype) for mtype in mtypes))


def menu_text(name: str) -> str:
    """A name as it stands in a menu, where & would make a letter a key."""
    return name.replace("&", "&&")


def state_text(status: LinkStatus) -> str:
    """A sentence on how things stand with the hub."""
    return status.text or _STATES[status.state]


def nobody_text(status: LinkStatus) -> str:
    """What stands in place of the other programs where none are known."""
    is_connected = status.state is LinkState.CONNECTED
    return "No other program is there" if is_connected else status.state.value.capitalize()


def item_text(status: LinkStatus, n_peers: int) -> str:
    """What the status line shows: whether we are connected, and how many others there are."""
    number = f" {n_peers}" if status.state is LinkState.CONNECTED else ""
    return f"SAMP {_SIGNS[status.state]}{number}"


def accessible_text(status: LinkStatus, n_peers: int) -> str:
    """The same for who cannot see it."""
    others = "1 other program" if n_peers == 1 else f"{n_peers} other programs"
    return f"SAMP: {status.state.value}" + (f", {others}" if status.state is LinkState.CONNECTED else "")


def name_of(peer: Peer) -> str:
    """What to call a program: by the name that it gives itself, in the letters in which people know it."""
    return _KNOWN.get(peer.name.casefold(), peer.name or peer.id)


def takes_words(peer: Peer) -> str:
    """What a program takes of what we can send, in words."""
    taken = dict.fromkeys(word for mtype, word in KINDS.items() if peer.takes(mtype))
    return ", ".join(taken) or "nothing that stopdesk sends"


def joined(names: list[str]) -> str:
    """Names in a sentence."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def outcome_words(entry: Entry) -> str:
    """What came of a message: that nobody answers is not a failure."""
    sign, _ = OUTCOMES[entry.answer]
    if entry.answer is None:
        return f"{sign} " + ("no answer yet" if entry.is_ours else "at work")
    words = "sent, no answer" if entry.answer is Answer.NO_ANSWER else entry.answer.value
    return f"{sign} {words}" + (f": {entry.text}" if entry.text else "")
