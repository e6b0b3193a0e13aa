"""Jobs of a session that is given up go from the local service; those that a file knows stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.uws.client import UwsClient
from stopdesk.uws.local import LocalService
from tests.desk import answering, wait_for_state

pytestmark = pytest.mark.timeout(120)


def run_lte(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.workspace.show_model("lte")
    qtbot.waitUntil(desk.window.workspace.run_bar.button.isEnabled)
    desk.window.workspace.run()
    wait_for_state(qtbot, desk, "completed")
    qtbot.waitUntil(lambda: bool(desk.window.results.run_key), timeout=20_000)


def local_jobs() -> int:
    """How many jobs a local service finds when it starts again."""
    local = LocalService()
    try:
        return len(UwsClient(Http(Credentials(use_keyring=False))).jobs(local.ensure().jobs_url("lte")))
    finally:
        local.stop()


def test_dont_save_takes_the_local_jobs_along(qtbot: QtBot, desk: app.Desk) -> None:
    run_lte(qtbot, desk)
    with answering(qtbot, "Don't save"), qtbot.waitSignal(desk.window.closed, timeout=20_000):
        desk.window.close()
    desk.local.stop()
    assert local_jobs() == 0


def test_a_job_that_a_saved_session_knows_stays(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    run_lte(qtbot, desk)
    saved: list[bool] = []
    desk.document.save(tmp_path / "kept.stop", lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved))
    desk.window.source_bar._name.setText("changed since")
    with answering(qtbot, "Don't save"), qtbot.waitSignal(desk.window.closed, timeout=20_000):
        desk.window.close()
    desk.local.stop()
    assert local_jobs() == 1


def test_the_window_fits_the_screen(desk: app.Desk) -> None:
    room = desk.window.screen().availableGeometry()
    least = desk.window.minimumSize()
    assert desk.window.width() <= max(room.width(), least.width())
    assert desk.window.height() < max(room.height(), least.height() + 1), "room for the frame"
