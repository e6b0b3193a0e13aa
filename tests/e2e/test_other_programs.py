"""Other programs over SAMP, in the real window with real hubs: who is there is shown, and what is sent arrives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, LinkState, Outcome, Received
from stopdesk.ui.samp.menu import SendMenu
from stopdesk.ui.samp.messages_dialog import MessagesDialog
from stopdesk.ui.samp.status import SampItem
from tests.desk import Heartbeat, answering, told, wait_until_told
from tests.e2e.test_accessible import nameless
from tests.samp import Ear, linked

PATIENCE_MS = 30_000
TABLES = (messages.TABLE_FITS, messages.TABLE_VOTABLE)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """The lock file of the hub of this test."""
    return tmp_path / "samp"


def item(desk: app.Desk) -> SampItem:
    found = desk.window.findChild(SampItem)
    assert isinstance(found, SampItem)
    return found


def action(desk: app.Desk, name: str) -> QAction:
    return desk.window.actions_by_name[name]


def connected(qtbot: QtBot, desk: app.Desk) -> None:
    """Start the link, and wait for the hub."""
    desk.samp.start()
    qtbot.waitUntil(lambda: desk.samp.is_connected, timeout=PATIENCE_MS)


def wait_for_text(qtbot: QtBot, desk: app.Desk, text: str) -> None:
    qtbot.waitUntil(lambda: item(desk).text() == text, timeout=PATIENCE_MS)


class Installed:
    """A program called topcat at the head of the PATH."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.got = folder / "got"
        self.pid = folder / "pid"
        fake = Path(__file__).resolve().parent.parent / "fakes" / "topcat.py"
        script = folder / "topcat"
        script.write_text(f"#!/bin/sh\necho $$ > '{self.pid}'\nexec '{sys.executable}' '{fake}' '{self.got}'\n")
        script.chmod(0o755)

    @property
    def messages(self) -> list[dict[str, object]]:
        return list(map(json.loads, self.got.read_text().splitlines())) if self.got.exists() else []


@pytest.fixture
def topcat(qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    made = Installed(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    yield made
    desk.tasks.shutdown(10.0)
    for process in desk.programs._running:
        process.terminate()
        process.wait(20)


def test_nothing_is_looked_for_before_the_start_and_nothing_is_left_after_the_end(
    qtbot: QtBot, desk: app.Desk, lock: Path
) -> None:
    assert item(desk).text() == "SAMP off"
    assert not lock.exists()
    desk.open_at_start([])
    wait_for_text(qtbot, desk, "SAMP ● 0")
    assert desk.samp.status.is_own_hub
    assert lock.exists()
    desk.shut_down()
    assert not lock.exists()


def test_the_settings_keep_the_link_or_the_hub_away(qtbot: QtBot, desk: app.Desk, lock: Path) -> None:
    settings = desk.settings
    settings.change(settings.settings.with_value("samp_connect", value=False))
    settings.change(settings.settings.with_value("samp_start_hub", value=False))
    desk.open_at_start([])
    assert desk.samp.status.state is LinkState.OFF
    action(desk, "samp_connect").trigger()
    wait_for_text(qtbot, desk, "SAMP ○")
    assert not lock.exists()
    assert action(desk, "samp_disconnect").isEnabled()
    action(desk, "samp_hub").trigger()
    wait_for_text(qtbot, desk, "SAMP ● 0")
    assert not action(desk, "samp_hub").isEnabled()
    assert not action(desk, "samp_connect").isEnabled()
    action(desk, "samp_disconnect").trigger()
    wait_for_text(qtbot, desk, "SAMP off")
    qtbot.waitUntil(lambda: not lock.exists(), timeout=PATIENCE_MS)
    assert not action(desk, "samp_disconnect").isEnabled()


def test_messages_go_both_ways_and_are_listed_with_their_outcome(qtbot: QtBot, desk: app.Desk) -> None:
    connected(qtbot, desk)
    ear = Ear(Answer.WARNING)
    taken: list[Received] = []
    desk.samp.received.connect(taken.append)
    with linked(ear, name="TOPCAT") as other:
        wait_for_text(qtbot, desk, "SAMP ● 1")
        qtbot.waitUntil(lambda: bool(desk.samp.takers(messages.POINT_AT)), timeout=PATIENCE_MS)
        outcomes: list[Outcome] = []
        desk.samp.send(messages.point_at(248.1, -24.5), desk.samp.peers, outcomes.append)
        qtbot.waitUntil(lambda: bool(outcomes), timeout=PATIENCE_MS)
        assert (outcomes[0].answer, outcomes[0].text) == (Answer.WARNING, "as it happens")
        assert ear.messages[0].content == messages.Pointing(248.1, -24.5)
        us = ear.wait_for_peer("stopdesk", messages.SPECTRUM)
        other.send(messages.load_spectrum("file:///x", "s", "IRAS 16293", {}), (us,), done=ear.done)
        qtbot.waitUntil(lambda: bool(taken), timeout=PATIENCE_MS)
        assert taken[0].peer.name == "TOPCAT"
        qtbot.waitUntil(lambda: bool(ear.outcomes), timeout=PATIENCE_MS)  # the window answers by itself
        outcome = ear.outcomes[0]
        assert (outcome.answer, outcome.text) == (Answer.FAILED, "/x: is not there.")
        action(desk, "samp_messages").trigger()
        (dialog,) = desk.window.findChildren(MessagesDialog)
        rows = dialog.messages
        outcome_words = ["✕ failed: /x: is not there.", "! done, with a warning: as it happens"]
        qtbot.waitUntil(lambda: [rows.index(row, 3).data() for row in range(rows.rowCount())] == outcome_words)
        assert dialog.peers.index(0, 0).data() == "TOPCAT"
        assert nameless(dialog) == []
    wait_for_text(qtbot, desk, "SAMP ● 0")


def test_closing_asks_while_others_talk_through_our_hub(qtbot: QtBot, desk: app.Desk, lock: Path) -> None:
    connected(qtbot, desk)
    with linked(Ear(), name="Aladin"):
        wait_for_text(qtbot, desk, "SAMP ● 1")
        with answering(qtbot, "Cancel") as asked:
            desk.window.close()
        assert asked == ["Aladin is connected through stopdesk's hub."]
        assert desk.window.isVisible()
        desk.window.source_bar._name.setText("L1544")
        with answering(qtbot, "Close anyway", "Don't save"), qtbot.waitSignal(desk.window.closed):
            desk.window.close()
        desk.shut_down()
        assert not lock.exists()


def test_closing_asks_nothing_where_the_hub_is_another_s(qtbot: QtBot, desk: app.Desk) -> None:
    owner = Ear()
    with linked(owner, name="Hub's owner", start_hub=True), linked(Ear(), name="Aladin"):
        owner.wait_for(LinkState.CONNECTED)
        connected(qtbot, desk)
        wait_for_text(qtbot, desk, "SAMP ● 2")
        assert not desk.samp.status.is_own_hub
        with qtbot.waitSignal(desk.window.closed):
            desk.window.close()


def test_a_frozen_hub_and_150_000_rows_do_not_hold_up_the_window(
    qtbot: QtBot, desk: app.Desk, lock: Path, topcat: Installed
) -> None:
    hub = subprocess.Popen([sys.executable, "-m", "stopdesk.samp.serve"], stdout=subprocess.PIPE)
    outcomes: list[Outcome] = []
    heartbeat = Heartbeat()
    message = messages.select_rows("t", "", np.arange(0, 300_000, 2))
    try:
        assert hub.stdout is not None
        assert hub.stdout.readline()
        connected(qtbot, desk)
        with qtbot.waitSignal(desk.programs.changed):
            desk.programs.look()
        action(desk, "start_topcat").trigger()
        wait_until_told(qtbot, desk, "TOPCAT is connected.")
        heartbeat.start()
        hub.send_signal(signal.SIGSTOP)
        wait_for_text(qtbot, desk, "SAMP ◐")
        assert item(desk).accessibleName() == "SAMP: hub does not answer"
        hub.send_signal(signal.SIGCONT)
        wait_for_text(qtbot, desk, "SAMP ● 1")
        qtbot.waitUntil(lambda: bool(desk.samp.takers(messages.SELECT_ROWS)), timeout=PATIENCE_MS)
        desk.samp.send(message, desk.samp.peers, outcomes.append)
        qtbot.waitUntil(lambda: bool(outcomes), timeout=PATIENCE_MS)
        heartbeat.stop()
        assert outcomes[0].answer is Answer.OK
        assert desk.samp.log[-1].what == "selection of 150,000 rows"
        assert heartbeat.longest_ms < 500, heartbeat.when
    finally:
        hub.send_signal(signal.SIGCONT)
        hub.terminate()
        hub.communicate(timeout=20)


def test_with_nobody_there_topcat_is_started_and_gets_it(qtbot: QtBot, desk: app.Desk, topcat: Installed) -> None:
    with qtbot.waitSignal(desk.programs.changed):
        desk.programs.look()
    assert action(desk, "start_topcat").isEnabled()
    message = messages.load_table("file:///a%20b.fits", "t1", "CO ladder", fits=True)
    outcomes: list[Outcome] = []
    menu = SendMenu(
        "Send to",
        samp=desk.samp,
        programs=desk.programs,
        mtypes=TABLES,
        send=lambda peers: desk.samp.send(message, peers, outcomes.append),
        parent=desk.window,
    )
    menu.aboutToShow.emit()
    start = next(each for each in menu.actions() if each.text() == "Start TOPCAT and send")
    start.trigger()
    qtbot.waitUntil(lambda: bool(outcomes), timeout=60_000)
    assert outcomes[0].answer is Answer.OK, outcomes
    assert [each["params"] for each in topcat.messages] == [dict(message.params)]
    assert "TOPCAT is connected." in told(desk)
    menu.aboutToShow.emit()
    assert next(each.text() for each in menu.actions()) == "TOPCAT"
    os.kill(int(topcat.pid.read_text()), signal.SIGTERM)
    qtbot.waitUntil(lambda: desk.samp.peers == (), timeout=PATIENCE_MS)


def test_a_topcat_that_does_not_come_up_is_told(
    qtbot: QtBot, desk: app.Desk, topcat: Installed, tmp_path: Path
) -> None:
    (tmp_path / "bin" / "topcat").write_text("#!/bin/sh\necho No display >&2\nexit 2\n")
    with qtbot.waitSignal(desk.programs.changed):
        desk.programs.look()
    action(desk, "start_topcat").trigger()
    wait_until_told(qtbot, desk, "TOPCAT ended with exit code 2. Its last words: No display")
