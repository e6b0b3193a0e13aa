"""The status line says whether others can be reached; its menu and the messages say who, and what came of what."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, LinkState, LinkStatus, Peer
from stopdesk.ui import theme
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.hub_question import unless_hub_is_needed
from stopdesk.ui.samp.messages_dialog import MessageRows, MessagesDialog
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.samp.status import SampItem
from stopdesk.ui.tasks import Tasks
from tests.desk import answering
from tests.fakes.samp_link import ALADIN, CONNECTED, OWN_HUB, TOPCAT
from tests.ui.samp_parts import Samp


class Shown:
    """The item, and which program's messages were wanted."""

    def __init__(self, samp: Samp, programs: Programs) -> None:
        self.wanted: list[str] = []
        self.item = SampItem(samp=samp.link, programs=programs, show_messages=self.wanted.append)
        samp.qtbot.addWidget(self.item)

    @property
    def menu(self) -> QMenu:
        """The menu, filled as if it were about to open."""
        menu = self.item.menu()
        menu.aboutToShow.emit()
        return menu

    def lines(self) -> list[str]:
        return [action.text() for action in self.menu.actions() if not action.isSeparator()]

    def choose(self, text: str) -> None:
        next(action for action in self.menu.actions() if action.text() == text).trigger()


@pytest.fixture
def shown(samp: Samp, tasks: Tasks, notices: Notices) -> Shown:
    return Shown(samp, Programs(samp=samp.link, tasks=tasks, notices=notices))


def test_the_item_says_whether_we_are_connected_and_how_many_there_are(qtbot: QtBot, samp: Samp, shown: Shown) -> None:
    item = shown.item
    assert (item.text(), item.accessibleName()) == ("SAMP off", "SAMP: not connected")
    samp.with_peers(TOPCAT, ALADIN)
    assert item.text() == "SAMP ● 2"
    assert item.accessibleName() == "SAMP: connected, 2 other programs"
    assert item.toolTip() == "Connected to the hub of another program.\nThere: TOPCAT and Aladin"
    samp.fake.stands(LinkStatus(LinkState.WAITING))
    qtbot.waitUntil(lambda: item.text() == "SAMP ◐")
    assert item.accessibleName() == "SAMP: hub does not answer"
    samp.fake.stands(LinkStatus(LinkState.NO_HUB, "There is no hub."))
    qtbot.waitUntil(lambda: item.text() == "SAMP ○")
    assert item.toolTip() == "There is no hub."


def test_the_menu_lists_who_is_there_and_what_each_takes(samp: Samp, shown: Shown) -> None:
    samp.with_peers(TOPCAT, Peer("c5", "Mute"))
    assert shown.lines() == [
        "TOPCAT: tables, selections of rows, single rows",
        "Mute: nothing that stopdesk sends",
        "Disconnect",
        "Messages…",
    ]
    shown.choose("TOPCAT: tables, selections of rows, single rows")
    shown.choose("Messages…")
    assert shown.wanted == ["c1", ""]
    shown.choose("Disconnect")
    assert samp.fake.calls == ["start", "disconnect"]


def test_one_connects_from_the_menu_with_a_hub_or_as_the_settings_say(samp: Samp, shown: Shown) -> None:
    samp.start_hub = False
    assert shown.lines() == ["Not connected", "Connect", "Start a hub", "Messages…"]
    shown.choose("Connect")
    shown.choose("Start a hub")
    assert samp.fake.calls == ["start", "connect, hub False", "connect, hub True"]
    samp.fake.stands(LinkStatus(LinkState.WAITING))
    samp.qtbot.waitUntil(lambda: samp.link.status.state is LinkState.WAITING)
    assert shown.lines() == ["Hub does not answer", "Disconnect", "Messages…"]
    samp.with_peers()
    assert shown.lines() == ["No other program is there", "Disconnect", "Messages…"]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_an_open_menu_follows(qtbot: QtBot, samp: Samp, shown: Shown) -> None:
    samp.with_peers(TOPCAT)
    menu = shown.menu
    menu.popup(menu.pos())
    samp.fake.there_are(ALADIN)
    qtbot.waitUntil(lambda: menu.actions()[0].text().startswith("Aladin: "))
    menu.close()


@pytest.fixture
def dialog(qtbot: QtBot, samp: Samp) -> Iterator[MessagesDialog]:
    made = MessagesDialog(samp.link)
    qtbot.addWidget(made)
    made.show()
    yield made
    theme.apply_scheme("system")


def cells(rows: MessageRows) -> list[tuple[str, ...]]:
    """Program, message and outcome of every row."""
    return [tuple(rows.index(row, column).data() for column in (1, 2, 3)) for row in range(rows.rowCount())]


def test_an_empty_list_of_messages_says_so(dialog: MessagesDialog) -> None:
    assert dialog.state.text() == "Not connected to other programs."
    for stack in (dialog._peers_stack, dialog._messages_stack):
        assert stack.currentIndex() == 0


def test_programs_and_messages_are_listed_as_they_come(qtbot: QtBot, samp: Samp, dialog: MessagesDialog) -> None:
    samp.with_peers(TOPCAT, ALADIN)
    assert dialog.state.text() == CONNECTED.text
    assert dialog.peers.index(1, 0).data() == "Aladin"
    assert dialog.peers.index(1, 1).data() == "tables, images, positions, drawings on the sky"
    assert "image.load.fits" in dialog.peers.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    samp.link.send(messages.load_table("file:///x", "t", "CO ladder", fits=True), (TOPCAT, ALADIN))
    assert cells(dialog.messages) == [
        ("to Aladin", "table “CO ladder”", "… no answer yet"),
        ("to TOPCAT", "table “CO ladder”", "… no answer yet"),
    ]
    samp.fake.answers(Answer.NO_ANSWER)
    qtbot.waitUntil(lambda: cells(dialog.messages)[0][2] == "? sent, no answer")
    replies = samp.fake.comes(TOPCAT, messages.POINT_AT, {"ra": "10", "dec": "-3.5"})
    samp.link.received.connect(lambda received: received.reply(Answer.FAILED, "not now"))
    qtbot.waitUntil(lambda: cells(dialog.messages)[0][2] == "✕ failed: not now")
    assert cells(dialog.messages)[0][:2] == ("from TOPCAT", "position 10.00000° -3.50000°")
    assert replies == [(Answer.FAILED, "not now")]
    dialog.select("c2")
    assert dialog._peers_view.currentIndex().row() == 1
    samp.fake.there_are()
    qtbot.waitUntil(lambda: dialog._peers_stack.currentIndex() == 0)


def test_no_answer_does_not_look_like_a_failure(qtbot: QtBot, samp: Samp, dialog: MessagesDialog) -> None:
    samp.with_peers(TOPCAT)
    for answer in Answer:
        samp.link.send(messages.point_at(1, 2), (TOPCAT,))
        samp.fake.answers(answer, "words of TOPCAT" if answer is Answer.FAILED else "")
    rows = dialog.messages
    qtbot.waitUntil(lambda: all("yet" not in row[2] for row in cells(rows)))
    by_words = {
        rows.index(row, 3).data(): rows.index(row, 3).data(Qt.ItemDataRole.ForegroundRole).name()
        for row in range(rows.rowCount())
    }
    assert set(by_words) == {
        "✓ done",
        "! done, with a warning",
        "✕ failed: words of TOPCAT",
        "? sent, no answer",
        "✕ not sent",
    }
    assert by_words["? sent, no answer"] != by_words["✕ failed: words of TOPCAT"] == theme.problem_colour().name()
    light = by_words["✓ done"]
    theme.apply_scheme("dark")
    row = next(row for row in range(rows.rowCount()) if rows.index(row, 3).data() == "✓ done")
    assert rows.index(row, 3).data(Qt.ItemDataRole.ForegroundRole).name() != light


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def test_a_hub_that_nobody_needs_goes_without_a_question(samp: Samp, window: QWidget) -> None:
    gone: list[str] = []
    unless_hub_is_needed(samp.link, window, lambda: gone.append("at once"))
    samp.with_peers(TOPCAT)
    unless_hub_is_needed(samp.link, window, lambda: gone.append("it is another's hub"))
    assert gone == ["at once", "it is another's hub"]


@pytest.mark.parametrize(
    ("peers", "others", "words"),
    [
        ((TOPCAT,), 1, "TOPCAT is connected"),
        ((ALADIN, TOPCAT), 2, "Aladin and TOPCAT are connected"),
        ((ALADIN, TOPCAT), 4, "Aladin, TOPCAT and 2 more programs are connected"),
        ((), 1, "1 other program is connected"),
    ],
)
def test_a_hub_that_others_need_goes_after_a_question(
    qtbot: QtBot, samp: Samp, window: QWidget, peers: tuple[Peer, ...], others: int, words: str
) -> None:
    samp.with_peers(*peers, status=OWN_HUB)
    samp.fake.other_clients = others
    gone: list[bool] = []
    with answering(qtbot, "Cancel") as asked:
        unless_hub_is_needed(samp.link, window, lambda: gone.append(True))
    assert not gone
    assert asked == [f"{words} through stopdesk's hub."]
    with answering(qtbot, "Close anyway"):
        unless_hub_is_needed(samp.link, window, lambda: gone.append(True))
    assert gone
