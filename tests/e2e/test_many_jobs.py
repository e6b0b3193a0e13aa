"""Sixty jobs on one server, ending in odd order, some aborted or deleted meanwhile: each ends as what it is."""

from __future__ import annotations

import random

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import Run
from stopdesk.ui.forms.order import RunOrder
from tests.desk import told
from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(120)

N = 60
FATES = ("completed", "error", "aborted", "deleted", "completed", "gone")


def test_each_run_ends_in_the_right_state(qtbot: QtBot, desk: app.Desk) -> None:
    desk.settings.change(desk.settings.settings.with_value("confirm_delete", value=False))
    with UwsServer() as server:
        names = {
            desk.conductor.submit(RunOrder(str(n), "lte", {"molecule": "co"}, {}, server.url)): n for n in range(N)
        }

        def runs(key: str) -> Run:
            return desk.document.session.run(key)

        fates = {key: FATES[n % len(FATES)] for key, n in names.items()}
        ids = {}

        def all_run() -> bool:
            states = {key: runs(key).state for key in names}
            return set(states.values()) == {"executing"}

        qtbot.waitUntil(all_run, timeout=40_000)
        for key in names:
            ids[key] = (runs(key).job_url or "").rsplit("/", 1)[1]
        assert len(set(ids.values())) == N == len(server.jobs)
        assert desk.window.jobs.counts == f"{N} running"

        order = list(names)
        random.Random(6).shuffle(order)
        for key in order:
            end(desk, server, key, ids[key], fates[key])
        for key in order:
            desk.conductor.look_again(key)
        left = {key for key, fate in fates.items() if fate != "deleted"}

        def all_ended() -> bool:
            return {run.key: run.state for run in desk.document.session.runs} == {key: fates[key] for key in left}

        qtbot.waitUntil(all_ended, timeout=40_000)
        done = [key for key in left if fates[key] == "completed"]
        qtbot.waitUntil(lambda: all(set(runs(key).results) == {"result"} for key in done), timeout=40_000)
        assert desk.window.jobs.counts == f"{N // 3} done   10 failed   10 aborted   10 without contact"
        assert not {ids[key] for key in names if fates[key] == "deleted"} & set(server.jobs)
        assert sum("is complete." in text for text in told(desk)) == len(done)
        assert server.count("POST", server.path) == N, "each job is created once"
        assert sum(request.values("PHASE") == ["RUN"] for request in server.requests if request.method == "POST") == N
        assert server.count("GET") < 15 * N, "asked fairly"
        assert server.count("GET", server.path) > 0, "many jobs of one list are followed by the list"


def end(desk: app.Desk, server: UwsServer, key: str, job_id: str, fate: str) -> None:
    """Let a job come to its end: the server's doing, or the user's."""
    if fate in ("completed", "error"):
        server.set_phase(job_id, fate.upper(), error="too cold" if fate == "error" else "")
    elif fate == "gone":
        server.remove_job(job_id)
    else:
        desk.window.jobs.commanded.emit({"aborted": "Abort", "deleted": "Delete"}[fate], [key])
