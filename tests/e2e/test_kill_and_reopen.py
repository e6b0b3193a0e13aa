"""kill -9 at any moment loses at most the last two seconds; what was kept is offered at the next start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.desk import answering, only_run, opened_desk, wait_for_state
from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(120)

#: Opens the window, types a source, sends a job to the service given, and says so once both have had two seconds.
CHILD = """
import sys
from PySide6.QtCore import QTimer
from stopdesk import app
from stopdesk.app.running import make_application
from stopdesk.domain.settings import Service
from stopdesk.ui.forms.order import RunOrder
application = make_application()
desk = app.build()
desk.window.show()
desk.window.source_bar._name.setText("Orion KL")
key = desk.conductor.submit(RunOrder("killed", "lte", {"molecule": "co"}, {}, sys.argv[1]))
def look():
    if desk.document.session.run(key).state == "executing":
        timer.stop()
        QTimer.singleShot(2000, lambda: print("ready", flush=True))
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
application.exec()
"""


def test_a_killed_window_is_taken_up_where_it_was(qtbot: QtBot, home: Path) -> None:
    with UwsServer() as server:
        child = subprocess.Popen([sys.executable, "-c", CHILD, server.url], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        try:
            assert child.stdout.readline().strip() == "ready"
            os.kill(child.pid, signal.SIGKILL)
        finally:
            child.kill()
            child.wait()
            child.stdout.close()
        with opened_desk(qtbot) as desk:
            with answering(qtbot, "Open it") as asked:
                desk.open_at_start([])
                qtbot.waitUntil(lambda: bool(desk.document.session.runs), timeout=20_000)
            assert "without closing" in asked[0]
            assert desk.window.source_bar.source.name == "Orion KL"
            assert desk.document.is_modified
            wait_for_state(qtbot, desk, "executing")
            server.set_phase(next(iter(server.jobs)), "COMPLETED")
            wait_for_state(qtbot, desk, "completed")
            qtbot.waitUntil(lambda: bool(only_run(desk).results), timeout=20_000)
        assert not list((home / "data" / "recovery").glob("*.stop"))
