"""A program of its own at the hub, so that what it does costs the window nothing: does what its standard input says.

A line ``load URL ID`` sends a table in FITS, ``select ID START STOP STEP`` a selection; answers, and selections that
come, are said in lines of their own: ``answer WORD`` and ``selected ID N FIRST LAST``.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

import numpy as np

from stopdesk.samp.exchange import Answer, LinkStatus, Outcome, Peer, Received
from stopdesk.samp.link import Link
from stopdesk.samp.messages import SELECT_ROWS, Message, RowsSelected, load_table, select_rows


class _Ear:
    def __init__(self) -> None:
        self.window: Peer | None = None
        self.is_there = threading.Event()

    def status_changed(self, status: LinkStatus) -> None:
        pass

    def peers_changed(self, peers: Sequence[Peer]) -> None:
        self.window = next((peer for peer in peers if peer.name == "stopdesk" and peer.takes(SELECT_ROWS)), None)
        if self.window is not None and not self.is_there.is_set():
            self.is_there.set()
            _say("ready")

    def received(self, received: Received) -> None:
        content = received.content
        if isinstance(content, RowsSelected):
            _say(f"selected {content.table_id} {len(content.rows)} {content.rows[0]} {content.rows[-1]}")
        received.reply(Answer.OK, "")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _message(words: list[str]) -> Message:
    if words[0] == "load":
        return load_table(words[1], words[2], "Rows", fits=True)
    return select_rows(words[1], "", np.arange(*map(int, words[2:])))


def main() -> None:
    """Serve until the standard input ends."""
    ear = _Ear()
    link = Link(ear, name="other", start_hub=False)
    link.start()

    def done(outcome: Outcome) -> None:
        _say(f"answer {outcome.answer.name} {outcome.text}".rstrip())

    for line in sys.stdin:
        assert ear.window is not None
        link.send(_message(line.split()), [ear.window], done=done)
    link.stop()


if __name__ == "__main__":
    main()
