"""Fill in the form, run it on the local service, look at the lines, save, close, open again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from tests.desk import PATIENCE_MS, only_run, opened_desk, told, wait_for_state

pytestmark = pytest.mark.timeout(240)


def run_to_results(qtbot: QtBot, desk: app.Desk) -> None:
    """Press Run and wait until the results are on the screen."""
    qtbot.waitUntil(desk.window.workspace.run_bar.button.isEnabled)
    with qtbot.waitSignal(desk.window.results.shown, timeout=PATIENCE_MS):
        qtbot.mouseClick(desk.window.workspace.run_bar.button, Qt.MouseButton.LeftButton)


def test_the_default_form_runs_with_one_click_and_its_results_open(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    run_to_results(qtbot, desk)
    run = wait_for_state(qtbot, desk, "completed")
    assert set(run.results) == {"grid.vot", "lines.vot", "summary.json"}
    content = window.results.view.content
    assert content is not None
    assert content.rows.model.rowCount() == 250
    assert window.pages.currentWidget() is window.results
    assert "1 done" in window.jobs.counts
    assert f"{run.name} is complete." in told(desk)


def test_a_saved_session_opens_complete_without_any_service(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    desk.window.workspace.show_model("lte")
    run_to_results(qtbot, desk)
    desk.window.source_bar._name.setText("IRAS 16293-2422")
    target = tmp_path / "first look.stop"
    saved: list[bool] = []
    desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved))
    assert not desk.document.is_modified
    run = only_run(desk)
    desk.local.stop()

    with opened_desk(qtbot) as again:
        with qtbot.waitSignal(again.window.results.shown, timeout=20_000):
            again.open_at_start([str(target)])
        assert only_run(again).results == run.results
        assert again.window.source_bar.source.name == "IRAS 16293-2422"
        assert again.window.workspace.model == "lte"
        assert not again.document.is_modified
        assert again.local._child is None  # nothing had to be started for it


def test_rerun_with_changes_fills_the_form_from_the_job(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    window.workspace.show_model("lte")
    window.workspace.form.set_request({"molecule": "hcn", "column_density": "1e13:1e14:3:log", "line_width": "2"})
    run_to_results(qtbot, desk)
    window.workspace.form.set_request({"molecule": "co"})
    window.jobs.commanded.emit("Rerun with changes", [only_run(desk).key])
    qtbot.waitUntil(lambda: window.workspace.form.request().get("molecule") == "hcn")
    request = window.workspace.form.request()
    assert request["column_density"] == "1e13:1e14:3:log"
    assert request["line_width"] == "2"
    assert window.pages.currentWidget() is window.workspace


def test_a_molecule_from_a_file_is_called_by_the_file_s_name_in_the_results(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    mine = tmp_path / "CS größer.dat"
    mine.write_bytes((paths.resources() / "molecules" / "cs.dat").read_bytes())
    desk.window.workspace.show_model("lte")
    desk.window.workspace.form.set_request({"column_density": "1e14"}, {"molecule_file": mine})
    run_to_results(qtbot, desk)
    run = wait_for_state(qtbot, desk, "completed")
    desk.document.store.export_blob(run.results["summary.json"].sha256, tmp_path / "summary.json")
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["origin"]["molecule_file"] == "CS größer.dat"
    assert summary["files"]["molecule_file"]["file_name"] == "CS größer.dat"
    assert run.attachments["molecule_file"].name == "CS größer.dat"


def test_a_session_opens_with_the_view_it_was_saved_with(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    desk.window.workspace.show_model("lte")
    desk.window.workspace.form.set_request({"molecule": "co", "column_density": "1e14:1e16:3:log"})
    run_to_results(qtbot, desk)
    content = desk.window.results.view.content
    assert content is not None
    content.tabs.setCurrentWidget(content.curves)
    content.select_row(2)
    target = tmp_path / "view.stop"
    saved: list[bool] = []
    desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved))
    with opened_desk(qtbot) as again:
        with qtbot.waitSignal(again.window.results.shown, timeout=20_000):
            again.open_at_start([str(target)])
        shown = again.window.results.view.content
        assert shown is not None
        assert shown.tabs.currentWidget() is shown.curves
        assert shown.row == 2
