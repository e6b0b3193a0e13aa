"""A menu offers what there is to send when it opens; who has to be started first gets what was chosen then."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from stopdesk.samp import messages
from stopdesk.samp.exchange import Peer
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.menu import SendMenu
from stopdesk.ui.samp.offers import Offer, OfferMenu, Send, short
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.tasks import Tasks
from tests.fakes.samp_link import ALADIN, TOPCAT
from tests.ui.samp_parts import Samp


class Starting(Programs):
    """TOPCAT is installed; ``arrive`` lets it come."""

    def __init__(self, samp: Samp, tasks: Tasks, notices: Notices) -> None:
        super().__init__(samp=samp.link, tasks=tasks, notices=notices)
        self._commands = {"TOPCAT": ("topcat",)}
        self.waiting: list[Callable[[Peer], object]] = []

    def start(self, name: str, then: object = None, mtypes: tuple[str, ...] = ()) -> None:
        assert callable(then)
        self.waiting.append(then)

    def arrive(self) -> None:
        for then in self.waiting:
            then(TOPCAT)


class Desk:
    """A selection of rows that can be sent."""

    def __init__(self) -> None:
        self.rows = [1, 2]
        self.sent: list[tuple[list[int], str]] = []

    def title(self) -> str:
        return f"Rows & lines ({len(self.rows)})" if self.rows else ""

    def take(self) -> Send | None:
        rows = self.rows
        return (lambda peers: self.sent.extend((rows, peer.name) for peer in peers)) if rows else None

    @property
    def offer(self) -> Offer:
        return Offer(self.title, (messages.TABLE_FITS,), self.take)


def menu_of(samp: Samp, programs: Programs, *offers: Offer) -> OfferMenu:
    def make(offer: Offer, parent: QWidget) -> QMenu:
        return SendMenu(
            "",
            samp=samp.link,
            programs=programs,
            mtypes=offer.mtypes,
            send=offer.send,
            hold=offer.take,
            parent=parent,
        )

    parent = QWidget()
    samp.qtbot.addWidget(parent)
    menu = OfferMenu(offers, make_menu=make, parent=parent)
    menu.destroyed.connect(lambda _, kept=parent: None)  # the bot holds it by a weak reference only
    return menu


def shown(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.isVisible()]


def choose(menu: QMenu, text: str) -> None:
    menu.aboutToShow.emit()
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_what_is_not_there_is_not_offered(samp: Samp, tasks: Tasks, notices: Notices) -> None:
    samp.with_peers(ALADIN, TOPCAT)
    desk = Desk()
    nothing = Offer(lambda: "", (messages.IMAGE,), lambda: None)
    menu = menu_of(samp, Starting(samp, tasks, notices), nothing, desk.offer)
    assert shown(menu) == ["Rows && lines (2)"]
    desk.rows = []
    assert shown(menu) == ["There is nothing to send yet"]
    desk.rows = [4]
    assert shown(menu) == ["Rows && lines (1)"]
    choose(menu.menus[1], "TOPCAT")
    assert desk.sent == [([4], "TOPCAT")]


def test_a_program_that_comes_up_gets_what_was_chosen_when_it_was_started(
    samp: Samp, tasks: Tasks, notices: Notices
) -> None:
    samp.with_peers()
    desk, programs = Desk(), Starting(samp, tasks, notices)
    menu = menu_of(samp, programs, desk.offer)
    choose(menu.menus[0], "Start TOPCAT and send")
    desk.rows = [7, 8, 9]
    programs.arrive()
    assert desk.sent == [([1, 2], "TOPCAT")]


def test_nothing_is_started_for_nothing(samp: Samp, tasks: Tasks, notices: Notices) -> None:
    samp.with_peers()
    desk, programs = Desk(), Starting(samp, tasks, notices)
    menu = menu_of(samp, programs, desk.offer)
    desk.rows = []
    choose(menu.menus[0], "Start TOPCAT and send")
    assert not programs.waiting


def test_names_fit_into_a_menu(qtbot: QtBot) -> None:
    assert short(" IRAS\n16293 ") == "IRAS 16293"
    assert len(short("x" * 500)) < 60
