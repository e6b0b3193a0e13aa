"""The item in the status line that says whether other programs can be reached, and who is there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from stopdesk.samp.exchange import LinkState
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.samp import words
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.programs import Programs


class SampItem(QToolButton):
    """A click opens the menu: who is there and what they take, connecting and disconnecting, what was said.

    ``show_messages(id)`` shows what was said, and the program with that id.
    """

    def __init__(
        self,
        *,
        samp: SampLink,
        programs: Programs,
        show_messages: Callable[[str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._samp = samp
        self._programs = programs
        self._show_messages = show_messages
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        samp.status_changed.connect(self._show)
        samp.peers_changed.connect(self._show)
        self._show()

    def _show(self, _: object = None) -> None:
        status, peers = self._samp.status, self._samp.peers
        self.setText(words.item_text(status, len(peers)))
        self.setAccessibleName(words.accessible_text(status, len(peers)))
        names = words.joined([self._samp.labels[peer.id] for peer in peers])
        there = f"There: {names}" if names else "No other program is there."
        is_connected = status.state is LinkState.CONNECTED
        self.setToolTip(plain_tip(f"{words.state_text(status)}\n{there}" if is_connected else words.state_text(status)))
        if self._menu.isVisible():
            self._fill()

    def _fill(self) -> None:
        """List who is there now and what can be done."""
        menu, samp = self._menu, self._samp
        menu.clear()
        labels = samp.labels
        for peer in samp.peers:
            action = menu.addAction(words.menu_text(f"{labels[peer.id]}: {words.takes_words(peer)}"))
            action.setToolTip(plain_tip(peer.description or "Show this program and what was said"))
            action.triggered.connect(partial(self._show_peer, peer.id))
        if not samp.peers:
            menu.addAction(words.nobody_text(samp.status)).setEnabled(False)
        menu.addSeparator()
        state = samp.status.state
        if state in (LinkState.OFF, LinkState.NO_HUB):
            menu.addAction("Connect").triggered.connect(lambda _: samp.connect_to_hub())
            menu.addAction("Start a hub").triggered.connect(lambda: samp.connect_to_hub(start_hub=True))
        if state is not LinkState.OFF:
            menu.addAction("Disconnect").triggered.connect(lambda _: samp.leave())
        for name in self._programs.available():
            menu.addAction(f"Start {name}").triggered.connect(partial(self._start, name))
        menu.addSeparator()
        menu.addAction("Messages…").triggered.connect(lambda: self._show_messages(""))

    def _show_peer(self, peer_id: str, _: bool = False) -> None:
        self._show_messages(peer_id)

    def _start(self, name: str, _: bool = False) -> None:
        self._programs.start(name)
