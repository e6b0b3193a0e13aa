"""With nobody there, the window starts the real TOPCAT and the real Aladin, and they get what was to be sent."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.samp import messages
from stopdesk.samp.exchange import Answer, Outcome, Peer
from stopdesk.ui.samp.menu import SendMenu
from stopdesk.ui.samp.words import name_of
from tests.peers.processes_as import missing

PATIENCE_MS = 100_000
ALADIN = Path("/usr/share/java/aladin.jar")
COLUMNS = """<FIELD name="ra" datatype="double" ucd="pos.eq.ra;meta.main" unit="deg"/>
<FIELD name="dec" datatype="double" ucd="pos.eq.dec;meta.main" unit="deg"/>"""
ROWS = "".join(f"<TR><TD>{248 + n / 100}</TD><TD>{-24.5 + n / 100}</TD></TR>" for n in range(20))
TABLE = f"""<VOTABLE version="1.3"><RESOURCE><TABLE>{COLUMNS}
<DATA><TABLEDATA>{ROWS}</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen for programs of Java."""
    if shutil.which("Xvfb") is None:
        missing("Xvfb is not installed")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-noreset"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert server.stdout is not None
    monkeypatch.setenv("DISPLAY", f":{server.stdout.readline().decode().strip()}")
    yield
    server.terminate()
    server.communicate(timeout=20)


@pytest.fixture
def programs(display: None, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """TOPCAT, and an Aladin that does without the network; both end with the test.

    Aladin 12 looks for the hub in ``.samp`` of its home folder only, whatever SAMP_HUB says.
    """
    if shutil.which("topcat") is None or not ALADIN.exists():
        missing("TOPCAT or Aladin is not installed")
    script = tmp_path / "bin" / "aladin"
    script.parent.mkdir()
    words = f"-Xmx512m -Duser.home='{script.parent}' -jar {ALADIN} -local -noreleasetest -nolog -noplugin"
    script.write_text(f"#!/bin/sh\nexec java {words}\n")
    monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{(script.parent / '.samp').as_uri()}")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    yield
    desk.tasks.shutdown(10.0)
    for process in desk.programs._running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def lines(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def knows_the_table(qtbot: QtBot, desk: app.Desk, url: str) -> bool:
    """Whether the program that was sent the table last has it: it takes a row of it."""
    outcomes: list[Outcome] = []
    newest = max(desk.samp.peers, key=lambda peer: int(peer.id.rpartition("#")[2]))
    desk.samp.send(messages.highlight_row("t1", url, 3), (newest,), outcomes.append)
    qtbot.waitUntil(lambda: bool(outcomes), timeout=PATIENCE_MS)
    return outcomes[0].answer is Answer.OK


def test_each_is_started_and_gets_the_table(qtbot: QtBot, desk: app.Desk, programs: None, tmp_path: Path) -> None:
    table = tmp_path / "rows.vot"
    table.write_text(TABLE)
    message = messages.load_table(table.as_uri(), "t1", "rows", fits=False)
    sent: list[Peer] = []

    def send(peers: tuple[Peer, ...]) -> None:
        sent.extend(peers)
        desk.samp.send(message, peers)  # Aladin, just started, may load it and never answer

    with qtbot.waitSignal(desk.programs.changed):
        desk.programs.look()
    takers = (messages.TABLE_VOTABLE,)
    menu = SendMenu("Send to", samp=desk.samp, programs=desk.programs, mtypes=takers, send=send, parent=desk.window)
    assert lines(menu) == ["Connect to SAMP", "Start TOPCAT and send", "Start Aladin and send"]
    for number, name in enumerate(("TOPCAT", "Aladin"), 1):
        next(each for each in menu.actions() if each.text() == f"Start {name} and send").trigger()
        qtbot.waitUntil(lambda n=number: len(sent) == n, timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: knows_the_table(qtbot, desk, table.as_uri()), timeout=PATIENCE_MS)
        assert name in lines(menu), "it is there, and need not be started"
    assert lines(menu) == ["Aladin", "TOPCAT", "All 2 of them"]
    assert [(name_of(entry.peer), entry.answer) for entry in desk.samp.log if entry.answer is Answer.FAILED] == []
    assert desk.samp.other_clients == 2
