"""A server that dies is not a failed job: the job is taken up again when the server returns."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import Contact
from tests.desk import only_run, run_on, told, wait_for_state, wait_until_told
from tests.fakes.uws_server import UwsServer


def test_a_server_that_dies_and_returns_leaves_the_job_alive(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        run = wait_for_state(qtbot, desk, "executing")
        server.stop()
        run = wait_for_state(qtbot, desk, "lost")
        assert run.contact is Contact.UNREACHABLE
        assert "the job may well go on" in " ".join(told(desk))
        assert "1 without contact" in desk.window.jobs.counts
        assert not any("ended in an error" in text for text in told(desk))

        server.restart()
        desk.conductor.look_again(key)
        wait_for_state(qtbot, desk, "executing")
        server.set_phase(next(iter(server.jobs)), "COMPLETED")
        run = wait_for_state(qtbot, desk, "completed")
        qtbot.waitUntil(lambda: bool(only_run(desk).results), timeout=20_000)


def test_a_job_deleted_on_the_server_is_gone_not_failed(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        server.remove_job(next(iter(server.jobs)))
        run = wait_for_state(qtbot, desk, "gone")
        assert run.contact is Contact.GONE
        wait_until_told(qtbot, desk, "no longer has this job")


def test_a_queued_job_is_shown_as_queued_and_waited_for(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.after_run = ("QUEUED",)
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "queued")
        assert "1 queued" in desk.window.jobs.counts
        server.set_phase(next(iter(server.jobs)), "COMPLETED")
        wait_for_state(qtbot, desk, "completed")


def test_the_address_of_a_job_is_on_disk_before_it_runs(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        on_disk: list[bool] = []
        start = desk.conductor._client.start

        def looked(job_url: str):  # type: ignore[no-untyped-def]
            on_disk.append(any(run.job_url == job_url for run in desk.document.store.read().runs))
            return start(job_url)

        desk.conductor._client.start = looked  # type: ignore[method-assign]
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        assert on_disk == [True]
        (created,) = [request for request in server.requests if request.path == server.path]
        assert created.method == "POST"
        assert not created.values("PHASE")
