"""Menus of what a view can send to other programs; each offer has the programs that take it below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from stopdesk.samp.exchange import Peer

#: Characters of a name in a menu.
_LONGEST = 48

#: What a menu says while it offers nothing.
NOTHING = "There is nothing to send yet"

Send = Callable[[tuple[Peer, ...]], object]


@dataclass(frozen=True)
class Offer:
    """Something that can be sent: ``title()`` names it, "" while there is nothing; ``mtypes`` are messages that do.

    ``take()`` gives what sends it, as it is at that moment, to the programs that it is called with; None for nothing.
    """

    title: Callable[[], str]
    mtypes: tuple[str, ...]
    take: Callable[[], Send | None]

    def send(self, peers: tuple[Peer, ...]) -> None:
        """Send what there is now to these programs."""
        send = self.take()
        if send is not None:
            send(peers)


#: Makes the menu of the programs that take what is offered.
MakeMenu = Callable[[Offer, QWidget], QMenu]


class OfferMenu(QMenu):
    """Shows the offers that hold at the moment it opens, and ``nothing``, in words, where there is none."""

    def __init__(
        self, offers: Sequence[Offer], *, make_menu: MakeMenu, nothing: str = NOTHING, parent: QWidget
    ) -> None:
        super().__init__("Send to other programs", parent)
        self.setToolTipsVisible(True)
        self._nothing = QAction(nothing, self)
        self._nothing.setEnabled(False)
        self.addAction(self._nothing)
        self.offers = tuple(offers)
        self.menus = tuple(make_menu(each, self) for each in offers)
        for menu in self.menus:
            self.addMenu(menu)
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Name what there is now, and leave out what there is not."""
        titles = [offer.title() for offer in self.offers]
        for menu, title in zip(self.menus, titles, strict=True):
            menu.setTitle(title.replace("&", "&&"))
            menu.menuAction().setVisible(bool(title))
        self._nothing.setVisible(not any(titles))


def short(name: str) -> str:
    """A name, cut to what a menu has room for."""
    plain = " ".join(name.split())
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
