"""Results of one or several jobs go into one archive: from the session, and what is not there yet is fetched before."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import JobResult, Phase
from stopdesk.domain.run import Run
from tests.desk import answering, told, wait_until_idle, wait_until_told
from tests.fakes.file_server import file_server
from tests.fakes.uws_server import UwsServer
from tests.runs import make_run

WORD = "Save results as zip…"
GRID = (b"<VOTABLE/>" * 1000, "application/x-votable+xml")
LOG = (b"it went well", "text/plain")


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The user names ``all.zip``; gives the names that were suggested."""
    suggested: list[str] = []

    def name(_: object, __: str, start: str, ___: str) -> tuple[str, str]:
        suggested.append(Path(start).name)
        return str(tmp_path / "all.zip"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", name)
    return suggested


def add_run(desk: app.Desk, server: UwsServer, name: str, **contents: tuple[bytes, str]) -> Run:
    """Put a run of a completed job with these results into the session; none of them is there yet."""
    job = desk.conductor._client.job(server.job_url(server.add_job("COMPLETED", results=contents)))
    run = make_run(name, phase=Phase.COMPLETED, service=server.url).model_copy(update={"job": job})
    desk.document.put_run(run)
    return run


def save_zip(desk: app.Desk, *runs: Run) -> None:
    """Choose the command in the menu of the selected runs."""
    jobs = desk.window.jobs
    jobs._view.clearSelection()
    for run in runs:
        jobs.select(run.key) if len(runs) == 1 else jobs._view.selectAll()
    menu = jobs.command_menu()
    (action,) = (action for action in menu.actions() if action.text() == WORD)
    assert action.isEnabled()
    action.trigger()
    menu.deleteLater()


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def leftovers(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.iterdir() if path.name != "home"]


def test_results_that_are_here_are_not_fetched_again(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, named: list[str]
) -> None:
    with UwsServer() as server:
        run = add_run(desk, server, "CO/L1544: grid", grid=GRID, log=LOG)
        desk.window.jobs.commanded.emit("Fetch results", [run.key])
        qtbot.waitUntil(lambda: len(desk.document.session.run(run.key).results) == 2, timeout=20_000)
        save_zip(desk, run)
        wait_until_told(qtbot, desk, f"2 results are in {tmp_path / 'all.zip'}.")
        assert server.count("GET", "/grid") == 1
    assert named == ["CO_L1544_ grid.zip"]
    assert contents(tmp_path / "all.zip") == {"grid.vot": GRID[0], "log.txt": LOG[0]}


def test_several_jobs_have_a_folder_each_and_what_is_missing_comes_first(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, named: list[str]
) -> None:
    with UwsServer() as server:
        first = add_run(desk, server, "co", grid=GRID)
        desk.window.jobs.commanded.emit("Fetch results", [first.key])
        second = add_run(desk, server, "CO", grid=LOG, log=LOG)
        save_zip(desk, first, second)
        wait_until_told(qtbot, desk, "3 results are in")
        assert all(server.count("GET", name) == number for name, number in {"/grid": 2, "/log": 1}.items())
    (name,) = named
    assert name.lower() == "co and 1 more.zip"
    packed = contents(tmp_path / "all.zip")
    assert sorted(packed.values()) == sorted([GRID[0], LOG[0], LOG[0]])
    assert len({name.split("/")[0].casefold() for name in packed}) == 2
    assert len(desk.document.session.run(second.key).results) == 2, "they are in the session now"


def test_what_cannot_be_had_is_named_and_there_is_no_archive(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, named: list[str]
) -> None:
    (tmp_path / "all.zip").write_text("mine")
    with UwsServer() as server:
        server.fault("votable_error", on="GET /log")
        save_zip(desk, add_run(desk, server, "co", grid=GRID, log=LOG))
        wait_until_told(qtbot, desk, "all.zip was not written: log of co is not here.")
        assert any("the database is on fire" in text for text in told(desk))
    assert leftovers(tmp_path) == ["all.zip"]
    assert (tmp_path / "all.zip").read_text() == "mine"


def test_a_cancelled_fetch_gives_the_archive_up(qtbot: QtBot, desk: app.Desk, tmp_path: Path, named: list[str]) -> None:
    with UwsServer() as server, file_server(bytes(500_000)) as file:
        file.dawdles_at = [100_000]
        run = add_run(desk, server, "co", grid=GRID)
        assert run.job is not None
        job = run.job.model_copy(update={"results": (JobResult(result_id="cube", url=file.url),)})
        run = run.model_copy(update={"job": job})
        desk.document.put_run(run)
        save_zip(desk, run)
        qtbot.waitUntil(lambda: sum(file.sent) >= 100_000, timeout=20_000)
        desk.tasks.cancel_all()
        wait_until_told(
            qtbot, desk, "all.zip was not written: cube of co is not here. Fetching the results was cancelled."
        )
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("how", ["removed", "session left"])
def test_jobs_that_go_meanwhile_give_it_up(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, named: list[str], how: str
) -> None:
    with UwsServer() as server:
        server.fault("hang", on="GET /grid")
        run = add_run(desk, server, "co", grid=GRID)
        save_zip(desk, run)
        qtbot.waitUntil(lambda: server.count("GET", "/grid") == 1, timeout=20_000)
        if how == "removed":
            desk.conductor.forget(run.key)
        else:
            desk.document.new()
        wait_until_told(qtbot, desk, "all.zip was not written:")
        server.release()
        wait_until_idle(qtbot, desk)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("answer", ["Replace", "Cancel"])
def test_a_file_is_not_replaced_for_want_of_an_ending(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "all"), ""))
    (tmp_path / "all.zip").write_text("mine")
    with UwsServer() as server, answering(qtbot, answer) as asked:
        save_zip(desk, add_run(desk, server, "co", grid=GRID))
        if answer == "Replace":
            wait_until_told(qtbot, desk, "1 result is in")
            assert contents(tmp_path / "all.zip") == {"grid.vot": GRID[0]}
    assert asked == ["all.zip exists already. Replace it?"]
    if answer == "Cancel":
        assert (tmp_path / "all.zip").read_text() == "mine"
        assert not any("grid" in request.path for request in server.requests)


def test_without_results_there_is_nothing_to_save(desk: app.Desk) -> None:
    run = make_run(phase=Phase.ABORTED)
    desk.document.put_run(run)
    desk.window.jobs.select(run.key)
    menu = desk.window.jobs.command_menu()
    assert not next(action for action in menu.actions() if action.text() == WORD).isEnabled()
    menu.deleteLater()
