"""Five thousand jobs on one server, a thousand of them active: asked once a second, seen at once, shown smoothly."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, QTimer
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.net.credentials import Origin
from stopdesk.ui.jobs import table
from tests.desk import Heartbeat, answering, bring, wait_until_told
from tests.fakes.uws_server import UwsServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

N = 5000
ACTIVE = 1000

#: So long the server is watched, in seconds, and so many of its jobs change meanwhile.
STRETCH = 25.0
CHANGES = 40

#: The next phase of a job.
NEXT = {"QUEUED": "EXECUTING", "EXECUTING": "COMPLETED"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[UwsServer]:
    """A server that counts as far away: one of this machine may be asked more often."""
    monkeypatch.setattr(Origin, "is_loopback", property(lambda _: False))
    with UwsServer() as server:
        for number in range(N):
            server.add_job(("EXECUTING", "QUEUED")[number % 5 == 0] if number % (N // ACTIVE) == 0 else "COMPLETED")
        for number in range(0, N, 2 * N // ACTIVE):
            server.set_phase(f"job{number + 1}", "EXECUTING")
        yield server


class Watch:
    """When a job changed on the server, and when the jobs panel showed it."""

    def __init__(self, desk: app.Desk, server: UwsServer) -> None:
        self.changed: dict[tuple[str, str], float] = {}
        self.seen: dict[tuple[str, str], float] = {}
        self._server = server
        self._model = desk.window.jobs.model
        self._model.dataChanged.connect(self._look)

    def change(self, job_id: str) -> None:
        """Let a job take its next step."""
        phase = NEXT[self._server.jobs[job_id].phase]
        self.changed[job_id, phase] = time.monotonic()
        self._server.set_phase(job_id, phase)

    def _look(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() != last.row():  # the clock of all that run
            return
        run = first.data(table.RUN)
        at = run.job.job_id, run.state.upper()
        if at in self.changed and at not in self.seen:
            self.seen[at] = time.monotonic()

    @property
    def delays(self) -> list[float]:
        """How long each change took to be shown, in seconds, the shortest first."""
        return sorted(seen - self.changed[at] for at, seen in self.seen.items())


def test_one_request_a_second_shows_every_change_soon(qtbot: QtBot, desk: app.Desk, server: UwsServer) -> None:
    heart = Heartbeat()
    heart.start()
    with answering(qtbot, "Import all"):
        bring(desk, server.url)
        qtbot.waitUntil(lambda: len(desk.document.session.runs) == N, timeout=60_000)
    wait_until_told(qtbot, desk, f"{N:,} jobs of Fake are in the list now.")
    print(f"import: longest pause {heart.longest_ms:.0f} ms", heart.when)
    # from the second list on, the first of which tells how long they are
    qtbot.waitUntil(lambda: server.count("GET", server.path) >= 3, timeout=30_000)

    watch, begin = watch_changes(qtbot, desk, server, heart)
    asked = [request.at for request in tuple(server.requests) if begin <= request.at <= begin + STRETCH]
    most = max(sum(start <= at < start + 10 for at in asked) for start in asked)
    delays = watch.delays
    print(f"{len(asked)} requests in {STRETCH:g} s, at most {most} in any ten seconds")
    print(f"changes are seen after {statistics.median(delays):.2f} s at the median, {delays[-1]:.2f} s at most")
    print(f"steady: longest pause {heart.longest_ms:.0f} ms", heart.when)
    assert len(asked) <= STRETCH + 1
    assert most <= 12, "ten, the one that may be kept, and one more at the edges"
    assert statistics.median(delays) <= 2
    assert heart.longest_ms < 1000
    assert desk.window.jobs.counts.startswith(f"{running(server)} running")

    heart.start()
    server.stop()
    qtbot.waitUntil(lambda: f"{active(server)} without contact" in desk.window.jobs.counts, timeout=60_000)
    server.start()
    qtbot.waitUntil(lambda: desk.window.jobs.counts.startswith(f"{running(server)} running"), timeout=60_000)
    heart.stop()
    print(f"lost and found again: longest pause {heart.longest_ms:.0f} ms", heart.when)
    assert heart.longest_ms < 1000


def watch_changes(qtbot: QtBot, desk: app.Desk, server: UwsServer, heart: Heartbeat) -> tuple[Watch, float]:
    """Let jobs change at odd moments for the stretch; gives what came of it and when it began."""
    watch = Watch(desk, server)
    random_ = random.Random(5)
    jobs = random_.sample([job.job_id for job in server.jobs.values() if job.phase in NEXT], CHANGES)
    moments = sorted(random_.uniform(0, STRETCH - 1) for _ in jobs)
    timers = []
    begin = time.monotonic()
    heart.start()
    for job_id, moment in zip(jobs, moments, strict=True):
        timer = QTimer(singleShot=True, interval=round(1000 * moment))
        timer.timeout.connect(lambda job_id=job_id: watch.change(job_id))
        timer.start()
        timers.append(timer)
    qtbot.waitUntil(lambda: len(watch.seen) == CHANGES, timeout=60_000)
    qtbot.waitUntil(lambda: time.monotonic() > begin + STRETCH, timeout=60_000)
    heart.stop()
    return watch, begin


def active(server: UwsServer) -> int:
    """How many jobs on the server may still change."""
    return sum(job.phase in NEXT for job in server.jobs.values())


def running(server: UwsServer) -> int:
    """How many jobs run on the server."""
    return sum(job.phase == "EXECUTING" for job in server.jobs.values())
