"""The menu of those who take something: who is there now, all of them, or who can be started for it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from stopdesk.samp.exchange import Peer
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.offers import Send
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.words import kinds, menu_text


class SendMenu(QMenu):
    """Always as things are, also while it is open. ``send(peers)`` is called with those who were chosen."""

    def __init__(
        self,
        title: str,
        *,
        samp: SampLink,
        programs: Programs,
        mtypes: tuple[str, ...],
        send: Send,
        hold: Callable[[], Send | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Those are listed who take messages of one of the MTypes at least.

        ``hold()`` gives what sends the things of this moment, for a program that has to be started first.
        """
        super().__init__(title, parent)
        self.setToolTipsVisible(True)
        self._samp = samp
        self._programs = programs
        self._mtypes = mtypes
        self._send = send
        self._hold = hold or (lambda: send)
        self.aboutToShow.connect(self.fill)
        samp.peers_changed.connect(self._news)
        samp.status_changed.connect(self._news)
        self.fill()

    def _news(self, _: object) -> None:
        if self.isVisible():
            self.fill()

    def fill(self) -> None:
        """List who is there now."""
        self.clear()
        takers = self._samp.takers(*self._mtypes) if self._samp.is_connected else ()
        labels = self._samp.labels
        for peer in takers:
            action = self.addAction(menu_text(labels[peer.id]))
            action.setToolTip(plain_tip(peer.description or f"Send to {labels[peer.id]}"))
            action.triggered.connect(partial(self._chosen, (peer,)))
        if len(takers) > 1:
            self.addAction(f"All {len(takers)} of them").triggered.connect(partial(self._chosen, takers))
        if not self._samp.is_connected:
            connect = self.addAction("Connect to SAMP")
            connect.setToolTip(
                plain_tip(self._samp.status.text or "Other programs can be sent something once connected")
            )
            connect.triggered.connect(lambda _: self._samp.connect_to_hub())
        self._add_starts({peer.name.casefold() for peer in takers})
        if self._samp.is_connected and self.isEmpty():
            self.addAction(f"No program that takes {kinds(self._mtypes)} is connected").setEnabled(False)

    def _add_starts(self, there: set[str]) -> None:
        offered = [name for name in self._programs.available(*self._mtypes) if name.casefold() not in there]
        if offered and not self.isEmpty():
            self.addSeparator()
        for name in offered:
            action = self.addAction(f"Start {name} and send")
            action.setToolTip(f"Start {name} and send once it has come up, which may take some seconds")
            action.triggered.connect(partial(self._start, name))

    def _chosen(self, peers: tuple[Peer, ...], _: bool = False) -> None:
        self._send(peers)

    def _start(self, name: str, _: bool = False) -> None:
        send = self._hold()  # the menu may be gone by the time, or show something else
        if send is not None:
            self._programs.start(name, lambda peer: send((peer,)), self._mtypes)
