"""Menus of what a view can send to other programs; each offer has the programs that take it below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from stopdesk.samp.exchange import Peer

#: Characters of a name in a menu.
_LONGEST = 48


@dataclass(frozen=True)
class Offer:
    """Something that can be sent: ``title()`` names it, "" while there is nothing; ``mtypes`` are messages that do.

    ``send`` is called with the programs that were chosen.
    """

    title: Callable[[], str]
    mtypes: tuple[str, ...]
    send: Callable[[tuple[Peer, ...]], object]


class MakeMenu(Protocol):
    """Makes a menu of the programs that take a message."""

    def __call__(
        self, title: str, mtypes: tuple[str, ...], send: Callable[[tuple[Peer, ...]], object], parent: QWidget
    ) -> QMenu:
        """The menu; ``send`` is called with the programs that were chosen in it."""


class OfferMenu(QMenu):
    """Shows the offers that hold at the moment it opens."""

    def __init__(self, offers: Sequence[Offer], *, make_menu: MakeMenu, parent: QWidget) -> None:
        super().__init__("Send to other programs", parent)
        self.setToolTipsVisible(True)
        self._nothing = QAction("There is nothing to send yet", self)
        self._nothing.setEnabled(False)
        self.addAction(self._nothing)
        self.offers = tuple(offers)
        self.menus = tuple(make_menu("", each.mtypes, each.send, self) for each in offers)
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
