"""The real window beside real programs: what is done at them goes on in a thread, while the window lives on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.samp.exchange import LinkState, LinkStatus, Peer
from stopdesk.ui.samp.log import Entry
from tests.desk import told
from tests.peers.samp.programs import PATIENCE_S, again, until


@dataclass(frozen=True)
class AtWindow:
    """A window and who works at it."""

    qtbot: QtBot
    desk: app.Desk

    def pause(self, seconds: float) -> None:
        """Let the window live for so long."""
        self.qtbot.wait(max(1, round(1000 * seconds)))

    def until(self, condition: Callable[[], object], what: str, within: float = PATIENCE_S) -> None:
        """Wait until a condition holds; the window lives on."""
        until(condition, what, within=within, pause=self.pause)

    def meanwhile(self, action: Callable[[], object]) -> None:
        """Do something at a program in a thread; the window lives on. Raises what the action raises."""
        errors: list[BaseException] = []

        def do() -> None:
            try:
                action()
            except BaseException as error:  # noqa: BLE001 # raised again below
                errors.append(error)

        thread = threading.Thread(target=do)
        thread.start()
        self.until(lambda: not thread.is_alive(), "the program is done with", within=4 * PATIENCE_S)
        if errors:
            raise errors[0]

    def again(self, action: Callable[[], object], until_then: Callable[[], object], what: str) -> None:
        """Do something at a program until it has its effect."""
        again(lambda: self.meanwhile(action), until_then, what, pause=self.pause)

    def connect(self) -> LinkStatus:
        """Connect, as at a start of the window; gives how things stand then."""
        self.desk.samp.start()
        return self.wait_for_state(LinkState.CONNECTED)

    def wait_for_state(self, state: LinkState, *, is_own_hub: bool | None = None) -> LinkStatus:
        """How things stand, when they stand so."""

        def is_so() -> bool:
            status = self.desk.samp.status
            return status.state is state and is_own_hub in (None, status.is_own_hub)

        self.until(is_so, f"the window is: {state.value}")
        return self.desk.samp.status

    def wait_for_peer(self, name: str, mtype: str) -> Peer:
        """A program, when it is there and takes this message."""

        def found() -> list[Peer]:
            return [peer for peer in self.desk.samp.takers(mtype) if peer.name == name]

        self.until(found, f"{name} is there")
        return found()[0]

    def wait_until_told(self, words: str) -> None:
        """Wait until the user was told something with these words in it."""
        try:
            self.until(lambda: any(words in text for text in told(self.desk)), f"the user is told: {words}")
        except AssertionError as error:
            raise AssertionError(f"{error}, but: {told(self.desk)}") from None

    def sent(self, mtype: str) -> list[Entry]:
        """What the window has said by messages of this type, oldest first."""
        return [entry for entry in self.desk.samp.log if entry.is_ours and entry.mtype == mtype]

    def is_answered(self, mtype: str) -> bool:
        """Whether there is an answer to the last message of this type."""
        sent = self.sent(mtype)
        return bool(sent) and sent[-1].answer is not None
