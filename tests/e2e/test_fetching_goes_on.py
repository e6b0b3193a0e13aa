"""Fetching results goes on where it stopped: after a cancel, a lost connection, a restart; bad ones are kept apart."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import JobResult, Phase
from stopdesk.domain.run import FETCHING, Run
from stopdesk.ui import fetching
from stopdesk.ui.fetching import CANCELLED
from tests.desk import only_run, opened_desk, told, wait_until_told
from tests.fakes.file_server import FileServer, file_server
from tests.fakes.uws_server import UwsServer
from tests.runs import make_run

CONTENT = bytes(range(256)) * 2000
SHA1 = hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()


def cube(file: FileServer, **values: Any) -> JobResult:
    return JobResult(result_id="cube.fits", url=file.url, **values)


def ended_job(desk: app.Desk, *results: JobResult) -> Run:
    """Put a completed job with these results, none of which is here, into the session, and select it."""
    run = make_run("co cube", phase=Phase.COMPLETED, service="http://uws.example/jobs")
    assert run.job is not None
    run = run.model_copy(update={"job": run.job.model_copy(update={"results": results})})
    desk.document.put_run(run)
    desk.window.jobs.select(run.key)
    return run


def fetch(desk: app.Desk) -> None:
    desk.window.jobs.commanded.emit("Fetch results", [only_run(desk).key])


def wait_for_results(qtbot: QtBot, desk: app.Desk, *names: str) -> Run:
    qtbot.waitUntil(lambda: set(only_run(desk).results) == set(names), timeout=20_000)
    qtbot.waitUntil(lambda: only_run(desk).results_text != FETCHING, timeout=20_000)
    return only_run(desk)


def check(desk: app.Desk, file: FileServer) -> None:
    """The result is whole, and no byte of it came twice beyond what was on its way when it broke off."""
    assert desk.document.store.blob(only_run(desk).results["cube.fits"].sha256) == CONTENT
    start = int(file.requests[-1][1]["range"].removeprefix("bytes=").removesuffix("-"))
    assert start >= 200_000
    assert file.sent[-1] == len(CONTENT) - start


def arrivals(home: Path) -> list[Path]:
    return list((home / "cache" / "results").iterdir())


def test_after_a_cancel_and_the_line_says_how_far_it_is(qtbot: QtBot, desk: app.Desk, home: Path) -> None:
    with file_server(CONTENT) as file:
        file.dawdles_at = [200_000]
        ended_job(desk, cube(file))
        fetch(desk)
        words = "Fetching the results of co cube: 200 of 512 kB"
        qtbot.waitUntil(lambda: desk.window.status._work.text() == words, timeout=20_000)
        assert desk.window.status._bar.value() == 391
        desk.window.status._cancel.click()
        qtbot.waitUntil(lambda: only_run(desk).results_text == CANCELLED, timeout=20_000)
        fetch(desk)
        wait_for_results(qtbot, desk, "cube.fits")
        check(desk, file)
        assert arrivals(home) == []


def test_after_a_lost_connection(qtbot: QtBot, desk: app.Desk, home: Path) -> None:
    with file_server(CONTENT) as file:
        file.breaks_at = [200_000, 0, 0, 0]
        ended_job(desk, cube(file))
        fetch(desk)
        wait_until_told(qtbot, desk, "The results of co cube could not be fetched")
        assert "broke off before the answer was complete" in only_run(desk).results_text
        assert len(file.requests) == 4
        fetch(desk)
        wait_for_results(qtbot, desk, "cube.fits")
        check(desk, file)
        assert arrivals(home) == []


def test_after_the_window_was_closed(qtbot: QtBot, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.stop"
    with file_server(CONTENT) as file:
        file.dawdles_at = [200_000]
        with opened_desk(qtbot) as desk:
            ended_job(desk, cube(file))
            fetch(desk)
            qtbot.waitUntil(lambda: ": 200 of 512 kB" in desk.window.status._work.text(), timeout=20_000)
            with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
                desk.window.files._write(path, None)
        assert len(arrivals(home)) == 2, "the folder and its lock"
        with opened_desk(qtbot) as desk:
            desk.open_at_start([str(path)])
            qtbot.waitUntil(lambda: bool(desk.document.session.runs), timeout=20_000)
            wait_for_results(qtbot, desk, "cube.fits")
            check(desk, file)
    assert arrivals(home) == []


@pytest.mark.parametrize("when", ["under way", "cancelled"])
def test_what_came_for_a_run_that_is_removed_goes_with_it(qtbot: QtBot, desk: app.Desk, home: Path, when: str) -> None:
    with file_server(CONTENT) as file:
        file.dawdles_at = [200_000]
        run = ended_job(desk, cube(file))
        fetch(desk)
        qtbot.waitUntil(lambda: sum(file.sent) >= 200_000, timeout=20_000)
        qtbot.waitUntil(lambda: bool(arrivals(home)), timeout=20_000)
        if when == "cancelled":
            desk.tasks.cancel_all()
            qtbot.waitUntil(lambda: only_run(desk).results_text == CANCELLED, timeout=20_000)
        desk.window.jobs.commanded.emit("Remove from the list", [run.key])
        qtbot.waitUntil(lambda: arrivals(home) == [], timeout=20_000)


def test_a_result_that_is_not_what_was_announced_is_told_and_can_be_looked_at(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    with file_server(CONTENT[::-1]) as file:
        run = ended_job(desk, cube(file, sha1=SHA1))
        desk.window.details_dock.show()
        fetch(desk)
        run = wait_for_results(qtbot, desk, "cube.fits.unverified")
        wait_until_told(qtbot, desk, "arrived damaged")
        details = desk.window.details
        qtbot.waitUntil(lambda: "kept as cube.fits.unverified" in details._trouble.toPlainText())
        item = details._results.topLevelItem(0)
        assert item is not None
        assert item.text(0) == "cube.fits.unverified"
        desk.window.results.save_files(run, tuple(run.results.values()), tmp_path)
        wait_until_told(qtbot, desk, "1 file of co cube is in")
        assert (tmp_path / "cube.fits.unverified").read_bytes() == CONTENT[::-1]

        file.content, file.etag = CONTENT, '"v2"'
        fetch(desk)
        run = wait_for_results(qtbot, desk, "cube.fits")
        assert run.results_text == ""


def test_one_that_cannot_be_had_does_not_keep_the_others_away(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "MAX_RESULT", 1000)
    with UwsServer() as server:
        text = (b"some text", "text/plain")
        contents = {"first": text, "gone": text, "refused": text, "huge": (bytes(5000), "x/y"), "last": text}
        server.fault("404", on="GET /gone")
        server.fault("votable_error", on="GET /refused")
        job = desk.conductor._client.job(server.job_url(server.add_job("COMPLETED", results=contents)))
        diagnosis = JobResult(result_id="diag", url="uws:executing:10")  # CADC's, no file
        ended_job(desk, *job.results, diagnosis)
        fetch(desk)
        run = wait_for_results(qtbot, desk, "first", "last")
        assert "the database is on fire" in run.results_text
        assert "a file of more than 1000 bytes; it was not fetched" in run.results_text
        assert sum("could not be fetched" in text for text in told(desk)) == 1
        server.mend()
        monkeypatch.setattr(fetching, "MAX_RESULT", 10_000)
        fetch(desk)
        assert wait_for_results(qtbot, desk, *contents).results_text == ""
        assert server.count("GET", "/first") == 1
