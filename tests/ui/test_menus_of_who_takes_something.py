"""Menus list who is there and takes something, as things stand; with nobody there they offer to start who does."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from stopdesk.samp import messages
from stopdesk.samp.exchange import LinkState, LinkStatus, Peer
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.menu import SendMenu
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.tasks import Tasks
from tests.fakes.samp_link import ALADIN, TOPCAT
from tests.ui.samp_parts import Samp

TABLES = (messages.TABLE_FITS, messages.TABLE_VOTABLE)


class Installed(Programs):
    """Programs that are installed, and are only noted as started."""

    def __init__(self, samp: Samp, tasks: Tasks, notices: Notices, *names: str) -> None:
        super().__init__(samp=samp.link, tasks=tasks, notices=notices)
        self._commands = {name: (name,) for name in names}
        self.started: list[str] = []

    def start(self, name: str, then: object = None, mtypes: tuple[str, ...] = ()) -> None:
        assert callable(then)
        self.started.append(name)
        then(TOPCAT)


@pytest.fixture
def nothing(samp: Samp, tasks: Tasks, notices: Notices) -> Installed:
    return Installed(samp, tasks, notices)


@pytest.fixture
def both(samp: Samp, tasks: Tasks, notices: Notices) -> Installed:
    return Installed(samp, tasks, notices, "TOPCAT", "Aladin")


def menu_of(samp: Samp, programs: Programs, *mtypes: str) -> tuple[SendMenu, list[tuple[Peer, ...]]]:
    sent: list[tuple[Peer, ...]] = []
    menu = SendMenu("Send to", samp=samp.link, programs=programs, mtypes=mtypes, send=sent.append)
    samp.qtbot.addWidget(menu)
    menu.aboutToShow.emit()
    return menu, sent


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def choose(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_who_takes_it_is_listed_and_all_of_them(samp: Samp, nothing: Installed) -> None:
    samp.with_peers(ALADIN, TOPCAT)
    menu, sent = menu_of(samp, nothing, *TABLES)
    assert texts(menu) == ["Aladin", "TOPCAT", "All 2 of them"]
    choose(menu, "TOPCAT")
    choose(menu, "All 2 of them")
    assert sent == [(TOPCAT,), (ALADIN, TOPCAT)]
    images, sent = menu_of(samp, nothing, messages.IMAGE)
    assert texts(images) == ["Aladin"]


def test_what_a_program_says_of_itself_is_never_taken_for_html(samp: Samp, nothing: Installed) -> None:
    says = "<img src='file:///etc/passwd'><h1>Click here</h1>"
    samp.with_peers(Peer("c3", "x", says, frozenset({"*"})))
    menu, _ = menu_of(samp, nothing, messages.TABLE_FITS)
    assert "<h1>" not in menu.actions()[0].toolTip()
    assert "&lt;h1&gt;Click here" in menu.actions()[0].toolTip()


def test_two_of_one_name_are_told_apart_and_an_ampersand_is_no_key(samp: Samp, nothing: Installed) -> None:
    samp.with_peers(Peer("c3", "TOPCAT", "", TOPCAT.subscriptions), TOPCAT, Peer("c8", "A&B", "", frozenset({"*"})))
    menu, sent = menu_of(samp, nothing, messages.TABLE_FITS)
    assert texts(menu) == ["TOPCAT (c3)", "TOPCAT (c1)", "A&&B", "All 3 of them"]
    choose(menu, "TOPCAT (c1)")
    assert sent == [(TOPCAT,)]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_an_open_menu_follows_who_comes_and_goes(qtbot: QtBot, samp: Samp, nothing: Installed) -> None:
    samp.with_peers(ALADIN)
    menu, _ = menu_of(samp, nothing, *TABLES)
    menu.popup(menu.pos())
    samp.fake.there_are(ALADIN, TOPCAT)
    qtbot.waitUntil(lambda: texts(menu) == ["Aladin", "TOPCAT", "All 2 of them"])
    samp.fake.there_are()
    qtbot.waitUntil(lambda: texts(menu) == ["No program that takes tables is connected"])
    assert not menu.actions()[0].isEnabled()
    menu.close()


@pytest.mark.parametrize(
    ("mtype", "words"),
    [
        (messages.SPECTRUM, "No program that takes spectra is connected"),
        (messages.POINT_AT, "No program that takes positions is connected"),
        (f"{messages.RESOURCES}.ssap", "No program that takes services is connected"),
    ],
)
def test_nobody_is_there_who_takes_it(samp: Samp, nothing: Installed, mtype: str, words: str) -> None:
    samp.with_peers(Peer("c5", "Mute"))
    menu, _ = menu_of(samp, nothing, mtype)
    assert texts(menu) == [words]
    assert not menu.actions()[0].isEnabled()


def test_who_is_installed_and_takes_it_can_be_started(samp: Samp, both: Installed) -> None:
    samp.with_peers()
    menu, sent = menu_of(samp, both, *TABLES)
    assert texts(menu) == ["Start TOPCAT and send", "Start Aladin and send"]
    choose(menu, "Start TOPCAT and send")
    assert both.started == ["TOPCAT"]
    assert sent == [(TOPCAT,)]
    assert texts(menu_of(samp, both, messages.IMAGE)[0]) == ["Start Aladin and send"]
    assert texts(menu_of(samp, both, messages.SPECTRUM)[0]) == ["No program that takes spectra is connected"]


def test_who_is_there_need_not_be_started(samp: Samp, both: Installed) -> None:
    samp.with_peers(TOPCAT)
    assert texts(menu_of(samp, both, *TABLES)[0]) == ["TOPCAT", "Start Aladin and send"]


def test_without_a_connection_one_can_be_made(samp: Samp, nothing: Installed) -> None:
    menu, _ = menu_of(samp, nothing, *TABLES)
    assert texts(menu) == ["Connect to SAMP"]
    choose(menu, "Connect to SAMP")
    assert samp.fake.calls == ["start", "connect, hub True"]


def test_who_was_there_before_the_hub_was_lost_is_not_offered(qtbot: QtBot, samp: Samp, nothing: Installed) -> None:
    samp.with_peers(TOPCAT)
    samp.fake.stands(LinkStatus(LinkState.WAITING, "The hub does not answer."))
    qtbot.waitUntil(lambda: not samp.link.is_connected)
    menu, _ = menu_of(samp, nothing, *TABLES)
    assert texts(menu) == ["Connect to SAMP"]
    assert menu.actions()[0].toolTip() == "The hub does not answer."


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_menu_that_is_gone_does_not_mind_news(qtbot: QtBot, samp: Samp, nothing: Installed) -> None:
    samp.with_peers(TOPCAT)
    menu = SendMenu("Send", samp=samp.link, programs=nothing, mtypes=TABLES, send=lambda _: None)
    menu.popup(menu.pos())
    with qtbot.waitSignal(menu.destroyed):
        menu.deleteLater()
    with qtbot.waitSignal(samp.link.peers_changed):
        samp.fake.there_are(ALADIN)
