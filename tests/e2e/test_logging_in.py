"""A service that asks who we are: asked once, sent there alone, never written into the session."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.ui.login import LoginDialog
from tests.desk import run_on, wait_for_state
from tests.fakes.uws_server import UwsServer


def dialogs() -> list[LoginDialog]:
    all_dialogs = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, LoginDialog))
    return [dialog for dialog in all_dialogs if dialog.isVisible()]


def log_in(qtbot: QtBot, user: str, password: str) -> None:
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
    (dialog,) = dialogs()
    dialog._user.setText(user)
    dialog._secret.setText(password)
    dialog._keep.setChecked(False)
    dialog.accept()


def test_a_401_asks_once_and_the_job_goes_on(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    with UwsServer() as server, UwsServer() as other:
        server.users = {"alice": "wonderland-secret"}
        run_on(qtbot, desk, server.url)
        log_in(qtbot, "alice", "wonderland-secret")
        run = wait_for_state(qtbot, desk, "executing")
        run_on(qtbot, desk, other.url)
        qtbot.waitUntil(lambda: bool(other.jobs), timeout=20_000)
        assert not dialogs()
        assert all("Authorization" not in request.headers for request in other.requests)
        target = tmp_path / "session.stop"
        saved: list[bool] = []
        desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
        qtbot.waitUntil(lambda: bool(saved))
        assert b"wonderland-secret" not in target.read_bytes()
        server.set_phase(next(iter(server.jobs)), "COMPLETED")
        wait_for_state(qtbot, desk, "completed", key=run.key)


def test_a_cancelled_log_in_leaves_the_run_to_be_sent_later(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: bool(dialogs()), timeout=20_000)
        dialogs()[0].reject()
        run = wait_for_state(qtbot, desk, "held back")
        assert not server.jobs
        assert run.contact_text
