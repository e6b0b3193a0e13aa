"""An answer of 2 GB to a search in the window: what is said, how long the window waits, how much memory it takes."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.search import Outcome
from stopdesk.domain.settings import ServiceKind
from tests.desk import Heartbeat
from tests.fakes.portal_server import PortalServer
from tests.observing import PATIENCE_MS, answer, ended, observations, point, portal, search, shown, use, words

#: A pause of the window of 50 ms is promised; on a shared machine ten times that fails.
FAILS_MS = 500


def cut_off(qtbot: QtBot, desk: app.Desk, server: PortalServer, fault: str, *, said: str) -> int:
    """Search, and search again with an answer of 2 GB: it ends with these words, and nothing is lost.

    Gives how many bytes of memory that took at most.
    """
    server.rows = observations(100)
    service = portal(server, ServiceKind.SSA)
    use(desk, service)
    point(desk)
    observe = desk.window.observe
    observe.panel.form.rows.setValue(0)
    key = search(qtbot, desk, answers=1).key
    assert words(desk, service) == "100 rows"
    server.fault = fault
    heart = Heartbeat()
    heart.doing = lambda: ", ".join(task.name for task in desk.tasks.under_way)
    before = _peak(reset=True)
    heart.start()
    observe.rerun(key)
    qtbot.waitUntil(lambda: answer(desk, service).outcome is Outcome.FAILED, timeout=PATIENCE_MS)
    heart.stop()
    ended(qtbot, desk, answers=1)
    assert words(desk, service) == f"Unusable answer; 100 rows kept: 127.0.0.1:{server.url.rpartition(':')[2]} {said}"
    assert 0 < server.sent < 2 << 30, "the rest was never asked for"
    assert observe.area.table.rows.n_rows == 100
    print(f"{fault}: {server.sent / 1e6:.0f} MB, longest pause {heart.longest_ms:.0f} ms; {heart.when}")
    assert heart.longest_ms < FAILS_MS
    server.fault = ""
    observe.rerun(key)
    qtbot.waitUntil(lambda: answer(desk, service).outcome is Outcome.ROWS, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    return _peak() - before


def _peak(*, reset: bool = False) -> int:
    """The most memory that this process has taken since the last reset, in bytes."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
