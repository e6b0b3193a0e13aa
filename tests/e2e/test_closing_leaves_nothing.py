"""After the end of the window no process, timer or working copy of it is left, and a damaged layout does no harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.session.settings import SettingsFile
from tests.desk import opened_desk, run_on, wait_for_state
from tests.fakes.uws_server import UwsServer
from tests.processes import in_session

pytestmark = pytest.mark.timeout(120)


def test_the_local_service_and_its_workers_end_with_the_window(qtbot: QtBot) -> None:
    with opened_desk(qtbot) as desk:
        desk.window.workspace.show_model("lte")
        qtbot.waitUntil(desk.window.workspace.run_bar.button.isEnabled)
        desk.window.workspace.run()
        wait_for_state(qtbot, desk, "completed")
        assert desk.local._child is not None
        session = desk.local._child.pid
        assert len(in_session(session)) > 1
    qtbot.waitUntil(lambda: in_session(session) == [], timeout=10_000)


def test_nothing_of_ours_ticks_or_lies_about_after_the_end(qtbot: QtBot, home: Path) -> None:
    with UwsServer() as server:
        with opened_desk(qtbot) as desk:
            run_on(qtbot, desk, server.url)
            wait_for_state(qtbot, desk, "executing")
            desk.window.source_bar._name.setText("typed last")
        timers = [desk.document._autosave, *desk.conductor.findChildren(QTimer)]
        assert not any(timer.isActive() for timer in timers)
        assert not list((home / "data" / "recovery").iterdir())
        gets = server.count("GET")
        desk.conductor.poll_due()
        assert server.count("GET") == gets


def test_closing_with_a_stuck_server_does_not_wait_for_it(qtbot: QtBot) -> None:
    with UwsServer() as server, opened_desk(qtbot) as desk:
        server.fault("hang", on="POST")
        run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: server.count("POST") == 1, timeout=20_000)
        assert not desk.tasks.shutdown(0.1), "the call is still there, and was not waited for"
        server.release()


def test_the_layout_is_kept_at_the_end(qtbot: QtBot, desk: app.Desk) -> None:
    with qtbot.waitSignal(desk.window.closed):
        desk.window.close()
    desk.shut_down()
    assert SettingsFile().load().layout["state"]


@pytest.mark.parametrize(
    "layout",
    [
        {"state": "é", "page": "runs", "run": "nonesuch"},
        {"state": "AAAA", "page": 7, "run": ["x"]},
        {"state": None, "page": None},
        {"state": "not base64 at all!"},
    ],
)
def test_an_alien_layout_is_no_obstacle(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, layout: dict[str, object]
) -> None:
    file = tmp_path / "alien.stop"
    desk.document.saving.disconnect(desk.window.keep_layout)
    desk.document.set_layout(layout)
    with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
        desk.window.files._write(file, None)
    with qtbot.waitSignal(desk.document.replaced, timeout=20_000):
        desk.window.files.open_path(file)
    assert desk.window.jobs_dock.isVisible()
    assert desk.window.pages.currentWidget() is desk.window.workspace
