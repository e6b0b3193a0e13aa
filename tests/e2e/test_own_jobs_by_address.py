"""A job of our own local service that is added by its address is a run of that service, as if sent from here."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.domain.run import LOCAL, Run
from stopdesk.domain.spec import Uploads
from stopdesk.ui.jobs.add_dialog import AddJobDialog
from stopdesk.uws.client import UwsClient
from stopdesk.uws.local import LocalService
from tests.desk import only_run, wait_for_state, wait_until_told

pytestmark = pytest.mark.timeout(120)


def add(qtbot: QtBot, desk: app.Desk, text: str) -> None:
    desk.window.actions_by_name["add_job"].trigger()
    (dialog,) = (each for each in desk.window.findChildren(AddJobDialog) if each.isVisible())
    dialog.address.setText(text)
    with qtbot.waitSignal(dialog.accepted, timeout=20_000):
        dialog._add.click()


def make_job(desk: app.Desk, file: Path | None = None) -> str:
    """A job that somebody else makes on the local service; gives its address."""
    address = desk.local.ensure()
    fields = {"column_density": "1e14"} | ({} if file else {"molecule": "hcn"})
    files = {"molecule_file": file} if file else {}
    return UwsClient(desk.http).create(address.jobs_url("lte"), fields, files, "theirs", uploads=Uploads.PART)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_it_is_followed_through_a_restart_of_the_service(qtbot: QtBot, desk: app.Desk, host: str) -> None:
    url = make_job(desk)
    add(qtbot, desk, url.replace("127.0.0.1", host))
    run = wait_for_state(qtbot, desk, "pending")
    assert (run.service, run.model, run.name, run.job_url) == (LOCAL, "lte", "theirs", url)
    assert run.request["molecule"] == "hcn"
    desk.local.stop()
    UwsClient(desk.http).start(url.replace(url.split("/")[2], desk.local.ensure().url.split("/")[2]))
    desk.window.jobs.commanded.emit("Ask again", [run.key])
    wait_for_state(qtbot, desk, "completed")
    qtbot.waitUntil(lambda: "grid.vot" in only_run(desk).results, timeout=20_000)
    add(qtbot, desk, only_run(desk).job.url)  # type: ignore[union-attr]
    wait_until_told(qtbot, desk, "This job is in the list already, as theirs.")
    assert only_run(desk).key == run.key


def test_its_file_comes_along_so_that_it_can_be_run_again(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    mine = tmp_path / "my größtes cs.dat"
    mine.write_bytes((paths.resources() / "molecules" / "cs.dat").read_bytes())
    add(qtbot, desk, make_job(desk, mine))
    run: Run = wait_for_state(qtbot, desk, "pending")
    assert run.attachments["molecule_file"].name == mine.name
    assert "molecule" not in run.request
    desk.window.jobs.commanded.emit("Rerun with changes", [run.key])
    workspace = desk.window.workspace
    qtbot.waitUntil(lambda: workspace.model == "lte" and bool(workspace.form.attachments()), timeout=20_000)
    file = workspace.form.attachments()["molecule_file"]
    assert (file.name, file.read_bytes()) == (mine.name, mine.read_bytes())


def test_a_service_of_another_folder_is_somebody_else_s(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    other = LocalService(tmp_path / "other")
    try:
        jobs_url = other.ensure().jobs_url("lte")
        url = UwsClient(desk.http).create(jobs_url, {"molecule": "co", "column_density": "1e14"})
        add(qtbot, desk, url)
        run = wait_for_state(qtbot, desk, "pending")
        assert (run.service, run.model) == (jobs_url, None)
    finally:
        other.stop()
