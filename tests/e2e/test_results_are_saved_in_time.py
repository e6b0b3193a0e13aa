"""Before a service deletes a job its results are fetched, and the user is warned: once, and where they look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import Job, JobResult, Phase
from stopdesk.domain.run import FETCHING, Run
from stopdesk.domain.session import Session
from stopdesk.session.file import SessionStore
from stopdesk.ui import keeping
from stopdesk.ui.fetching import CANCELLED
from stopdesk.ui.jobs import table
from stopdesk.ui.keeping import Keeper
from stopdesk.ui.notices import Level
from tests.desk import told, wait_until_told
from tests.fakes.file_server import file_server
from tests.fakes.uws_server import UwsServer
from tests.runs import START, make_run

pytestmark = pytest.mark.timeout(120)

LATER = "The results are still on the service."
LOG = (b"some result", "text/plain")
RESULTS = dict.fromkeys(("grid", "lines", "log"), LOG)


class Wall:
    """A clock that stands still until it is put on."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def wall(desk: app.Desk) -> Wall:
    """The clock of a keeper that takes the place of the window's own; an hour before the end of `a_job`."""
    desk.keeper.shutdown()
    return Wall(START + timedelta(hours=71))


@pytest.fixture
def keeper(desk: app.Desk, wall: Wall) -> Iterator[Keeper]:
    fetcher = desk.keeper._fetcher
    keeper = Keeper(document=desk.document, fetcher=fetcher, notices=desk.notices, clock=wall)
    yield keeper
    keeper.shutdown()


def a_run(job: Job, name: str = "co grid", *, life: timedelta = timedelta(hours=72), start: datetime = START) -> Run:
    """The run of a job that lives so long, whose results are not here."""
    job = job.model_copy(update={"created": start, "destruction": start + life})
    run = make_run(name, phase=Phase.COMPLETED, service="http://uws.example/jobs", results_text=LATER)
    return run.model_copy(update={"job": job})


def ended_job(desk: app.Desk, server: UwsServer, **values: Any) -> Job:
    return desk.conductor._client.job(server.job_url(server.add_job("COMPLETED", results=dict(RESULTS), **values)))


def job_with(url: str) -> Job:
    """A completed job with one result, which is there."""
    job = make_run(phase=Phase.COMPLETED).job
    assert job is not None
    return job.model_copy(update={"results": (JobResult(result_id="cube", url=url),)})


def now(desk: app.Desk, run: Run) -> Run:
    return desk.document.session.run(run.key)


def times_told(desk: app.Desk, words: str) -> int:
    return sum(words in text for text in told(desk))


def test_the_results_of_a_session_that_is_opened_late_are_fetched(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    with UwsServer() as server:
        run = a_run(ended_job(desk, server), start=datetime.now(UTC) - timedelta(hours=71))
        store = SessionStore.create(tmp_path / "working.stop")
        store.write(Session(runs=(run,)))
        store.save_to(tmp_path / "a.stop")
        store.close()
        for _ in range(2):  # told again when it is opened again, and fetched again as it was not saved
            desk.notices.history.clear()
            desk.document.settle()
            desk.window.files.open_path(tmp_path / "a.stop")
            wait_until_told(qtbot, desk, "The results of co grid are safe in this session.")
            assert set(now(desk, run).results) == set(RESULTS)
            assert times_told(desk, "UTC; 3 of its 3 results are not saved here yet.") == 1


def test_nothing_is_done_before_the_end_is_near_and_then_by_itself(
    qtbot: QtBot, desk: app.Desk, wall: Wall, keeper: Keeper
) -> None:
    with UwsServer() as server:
        near = START + timedelta(hours=72) - timedelta(hours=7.2)
        wall.now = near - timedelta(milliseconds=200)
        run = a_run(ended_job(desk, server))
        desk.document.put_run(run)
        keeper.look()
        assert now(desk, run).results_text == LATER
        assert told(desk) == []
        wall.now = near
        wait_until_told(qtbot, desk, "The results of co grid are safe in this session.")
        assert server.count("GET", "/grid") == 1


def test_what_fails_is_told_once_marked_and_tried_again_in_good_time(
    qtbot: QtBot, desk: app.Desk, wall: Wall, keeper: Keeper
) -> None:
    start = datetime.now(UTC) - timedelta(hours=71)  # what is shown goes by the real clock
    wall.now = start + timedelta(hours=71)
    warning = f"The service will delete it at {start + timedelta(hours=72):%Y-%m-%d %H:%M} UTC; 1 of its 3 results"
    with UwsServer() as server:
        server.fault("404", on="GET /log")
        run = a_run(ended_job(desk, server), start=start)
        desk.document.put_run(run)
        desk.window.jobs.select(run.key)
        desk.window.details_dock.show()
        wait_until_told(qtbot, desk, "The results of co grid could not be fetched")
        for name in ("another name", "a third name"):
            desk.document.put_run(now(desk, run).model_copy(update={"name": name}))
            keeper.look()
        assert server.count("GET", "/log") == 1
        assert times_told(desk, "not saved here yet") == 1
        qtbot.waitUntil(lambda: warning in desk.window.details._trouble.toPlainText(), timeout=20_000)
        for column in (table.PHASE, table.RESULTS):
            tip = desk.window.jobs.index_of(run.key, column).data(Qt.ItemDataRole.ToolTipRole)
            assert warning in tip, column

        wall.now += timedelta(minutes=16)  # a quarter of the hour that was left
        keeper.look()
        qtbot.waitUntil(lambda: server.count("GET", "/log") == 2, timeout=20_000)
        qtbot.waitUntil(lambda: now(desk, run).results_text != FETCHING, timeout=20_000)
        assert times_told(desk, "could not be fetched") == 1
        server.mend()
        wall.now += timedelta(minutes=12)
        keeper.look()
        wait_until_told(qtbot, desk, "are safe in this session")
        assert server.count("GET", "/grid") == 1


def test_who_cancels_near_the_end_is_taken_at_their_word(
    qtbot: QtBot, desk: app.Desk, wall: Wall, keeper: Keeper
) -> None:
    with file_server(bytes(500_000)) as file:
        file.dawdles_at = [100_000]
        run = a_run(job_with(file.url)).model_copy(update={"results_text": CANCELLED})
        desk.document.put_run(run)  # cancelled before the end was near: fetched all the same
        qtbot.waitUntil(lambda: sum(file.sent) >= 100_000, timeout=20_000)
        desk.tasks.cancel_all()
        qtbot.waitUntil(lambda: now(desk, run).results_text == CANCELLED, timeout=20_000)
        wall.now += timedelta(minutes=59)
        keeper.look()
        assert now(desk, run).results_text == CANCELLED
        assert len(file.requests) == 1
        assert times_told(desk, "not saved here yet") == 1


def test_results_on_their_way_as_after_every_job_are_not_warned_of(desk: app.Desk, keeper: Keeper) -> None:
    run = a_run(job_with("http://127.0.0.1:9/x"))
    desk.document.put_run(run.model_copy(update={"results_text": FETCHING}))
    keeper.look()
    assert told(desk) == []


def test_a_job_that_will_not_live_to_its_end_is_marked_when_its_time_comes(
    qtbot: QtBot, desk: app.Desk, wall: Wall, keeper: Keeper
) -> None:
    keeper.warned.connect(desk.window.details.look_again)
    run = make_run("slow", phase=Phase.EXECUTING, service="http://uws.example/jobs")
    assert run.job is not None
    start = datetime.now(UTC) - timedelta(hours=71)  # what is shown goes by the real clock
    job = run.job.model_copy(update={"created": start, "destruction": start + timedelta(hours=72)})
    run = run.model_copy(update={"job": job})
    wall.now = start
    desk.document.put_run(run)
    desk.window.jobs.select(run.key)
    desk.window.details_dock.show()
    keeper.look()
    assert told(desk) == []
    wall.now = start + timedelta(hours=71)
    keeper.look()
    keeper.look()
    assert times_told(desk, "though it has not ended. Ask for a later destruction.") == 1
    assert desk.notices.history[-1].level is Level.WARNING
    qtbot.waitUntil(lambda: "though it has not ended" in desk.window.details._trouble.toPlainText())

    job = job.model_copy(update={"destruction": start + timedelta(hours=71, minutes=30)})
    desk.document.put_run(run.model_copy(update={"job": job}))  # another end is another matter
    keeper.look()
    assert times_told(desk, "though it has not ended") == 2


def test_many_at_once_are_one_line(
    qtbot: QtBot, desk: app.Desk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PORTION", 7)
    runs = []
    for number in reversed(range(50)):
        run = make_run(f"slow {number}", phase=Phase.EXECUTING, service="http://uws.example/jobs")
        assert run.job is not None
        end = START + timedelta(hours=72, minutes=number)
        job = run.job.model_copy(update={"created": START, "destruction": end})
        runs.append(run.model_copy(update={"job": job}))
    desk.document.add_runs(tuple(runs))
    qtbot.waitUntil(lambda: bool(desk.notices.history), timeout=20_000)
    (notice,) = desk.notices.history
    assert notice.text.startswith("50 jobs will soon be deleted by their services; the first of them is slow 0")
    assert len(notice.details.splitlines()) == 50


def test_of_many_the_most_urgent_come_first_a_few_at_a_time(
    qtbot: QtBot, desk: app.Desk, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PORTION", 7)
    with UwsServer() as server:
        server.fault("hang", on="GET /log")
        runs = []
        for number in reversed(range(20)):
            job = desk.conductor._client.job(server.job_url(server.add_job("COMPLETED", results={"log": LOG})))
            runs.append(a_run(job, f"co {number}", life=timedelta(hours=72, minutes=number)))
        desk.document.add_runs(tuple(runs))
        qtbot.waitUntil(lambda: server.count("GET", "/log") == 2, timeout=20_000)  # the others wait in our queue
        under_way = [run.name for run in desk.document.session.runs if run.results_text == FETCHING]
        assert sorted(under_way) == ["co 0", "co 1", "co 2", "co 3"]
        assert len(desk.notices.history) == 1
        server.release()
        wait_until_told(qtbot, desk, "The results of 20 jobs are safe in this session.")
        assert server.count("GET", "/log") == 20
        assert len(desk.notices.history) == 2
