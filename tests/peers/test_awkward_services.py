"""Services on a real DaCHS that do what clients must survive, from the command line and from the window."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.ui.login import LoginDialog
from tests.desk import only_run, run_on, wait_for_state, wait_until_told
from tests.peers.dachs_site import CHECKOUT, DachsSite
from tests.peers.talking import curl, curl_create, curl_start, given, stopdesk, wait_for_phase, wait_until

PARTS = {"part-00.txt", "part-01.txt", "part-02.txt", "part-03.txt", "summary.json", "image with blank.fits"}


def test_a_good_one_gives_its_results(awkward: DachsSite, tmp_path: Path) -> None:
    values = given({"cd_min": "1e14", "cd_max": "1e15", "tk_min": "10", "tk_max": "20"})
    stopdesk("submit", awkward.awkward("grid"), *values, "--out", "out", cwd=tmp_path)
    found = {path.name for path in (tmp_path / "out").iterdir()}
    assert "summary.json" in found
    assert any(name.startswith("result") for name in found)


def test_a_missing_value_is_only_found_when_it_runs(awkward: DachsSite, tmp_path: Path) -> None:
    done = stopdesk("submit", awkward.awkward("grid"), "--out", "out", cwd=tmp_path, code=3)
    assert "Required parameter 'cd_min' missing" in done.stderr


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("reportable", "No convergence after 1000 iterations (tau > 1e4)"),
        ("validation", "Kinetic temperature below background <2.73 K> & such"),
        ("crash", "division by zero"),
        ("exit", "Job hung in EXECUTING"),
        ("kill", "Job hung in EXECUTING"),
    ],
)
def test_a_failure_is_told_in_the_service_s_words(awkward: DachsSite, tmp_path: Path, how: str, words: str) -> None:
    done = stopdesk("submit", awkward.awkward("fail"), "-p", f"how={how}", cwd=tmp_path, code=3)
    assert words in done.stderr


def test_many_results_some_with_blanks_in_their_names(awkward: DachsSite, tmp_path: Path) -> None:
    stopdesk("submit", awkward.awkward("multi"), "--out", "out", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == PARTS
    assert (tmp_path / "out" / "image with blank.fits").read_bytes().startswith(b"SIMPLE")


def test_an_abort_that_ends_in_error(awkward: DachsSite, tmp_path: Path) -> None:
    job = curl_create(awkward.awkward("slow"), {"seconds": "120"})
    curl_start(job)
    wait_until(lambda: "<uws:startTime>" in curl(job), "its start")
    stopdesk("job", job, "abort", cwd=tmp_path)
    wait_for_phase(job, "ERROR", "ABORTED")


def test_a_log_in_on_the_command_line(awkward: DachsSite, tmp_path: Path) -> None:
    url = awkward.awkward("private")
    stopdesk("submit", url, "--out", "out", cwd=tmp_path, code=5)
    words = ("submit", url, "--out", "out", "--user", "alice")
    done = stopdesk(*words, cwd=tmp_path, code=5, STOPDESK_PASSWORD="jabberwocky")
    assert "jabberwocky" not in done.stderr + done.stdout
    stopdesk(*words, cwd=tmp_path, STOPDESK_PASSWORD="wonderland")
    assert [path.name for path in (tmp_path / "out").iterdir()]
    owned = curl("--user", "alice:wonderland", url)
    assert "<uws:phase>COMPLETED</uws:phase>" in owned


def test_the_window_shows_the_error(qtbot: QtBot, desk: app.Desk, awkward: DachsSite) -> None:
    run_on(qtbot, desk, awkward.awkward("fail"))
    wait_for_state(qtbot, desk, "error")
    wait_until_told(qtbot, desk, "No convergence after 1000 iterations (tau > 1e4)")
    details = desk.window.details
    qtbot.waitUntil(lambda: "Lower the column density" in details._trouble.toPlainText(), timeout=30_000)


def test_the_window_fetches_all_results(qtbot: QtBot, desk: app.Desk, awkward: DachsSite) -> None:
    run_on(qtbot, desk, awkward.awkward("multi"))
    wait_for_state(qtbot, desk, "completed")
    qtbot.waitUntil(lambda: set(only_run(desk).results) == PARTS, timeout=30_000)
    image = only_run(desk).results["image with blank.fits"]
    assert desk.document.store.blob(image.sha256).startswith(b"SIMPLE")


def test_the_window_shows_an_aborted_job_as_aborted(qtbot: QtBot, desk: app.Desk, awkward: DachsSite) -> None:
    key = run_on(qtbot, desk, awkward.awkward("slow"))
    wait_for_state(qtbot, desk, "executing")
    job = only_run(desk).job_url
    assert job is not None
    wait_until(lambda: "<uws:startTime>" in curl(job), "its start")  # before, DaCHS itself aborts it properly
    desk.window.jobs.commanded.emit("Abort", [key])
    wait_for_state(qtbot, desk, "aborted")
    wait_for_phase(job, "ERROR", "ABORTED")
    assert "1 aborted" in desk.window.jobs.counts


def test_the_window_asks_who_we_are(qtbot: QtBot, desk: app.Desk, awkward: DachsSite) -> None:
    run_on(qtbot, desk, awkward.awkward("private"))
    qtbot.waitUntil(lambda: bool(_dialogs()), timeout=30_000)
    (dialog,) = _dialogs()
    dialog._user.setText("alice")
    dialog._secret.setText("wonderland")
    dialog._keep.setChecked(False)
    dialog.accept()
    wait_for_state(qtbot, desk, "completed")


def _dialogs() -> list[LoginDialog]:
    widgets = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, LoginDialog))
    return [dialog for dialog in widgets if dialog.isVisible()]


def test_a_file_arrives_as_one_though_nothing_is_known_of_the_service(awkward: DachsSite, tmp_path: Path) -> None:
    (tmp_path / "my co.dat").write_bytes((CHECKOUT / "resources" / "molecules" / "co.dat").read_bytes())
    values = given({"cd_min": "1e14", "cd_max": "1e15", "tk_min": "10", "tk_max": "20"})
    words = [*values, "--file", "molfile=my co.dat", "--out", "out"]
    done = stopdesk("submit", awkward.awkward("grid"), *words, cwd=tmp_path)
    job = next(line for line in done.stderr.splitlines() if line.startswith("http"))
    document = curl(job)
    assert re.search(rf'<uws:parameter [^>]*id="molfile"[^>]*>{job}/results/molfile<', document), document
    assert curl(f"{job}/results/molfile").startswith("!MOLECULE")
