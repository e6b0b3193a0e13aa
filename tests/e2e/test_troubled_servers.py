"""Slow, rude and broken servers: a sentence each, nothing lost, and the other servers go on."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import Contact
from tests.desk import Heartbeat, only_run, run_on, told, wait_for_state, wait_until_told
from tests.fakes.uws_server import UwsServer


def test_a_server_that_never_answers_starves_nobody(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as stuck, UwsServer() as good:
        stuck.fault("hang")
        good.after_run = ("EXECUTING", "COMPLETED")
        heart = Heartbeat()
        heart.start()
        waiting = run_on(qtbot, desk, stuck.url)
        done = run_on(qtbot, desk, good.url)
        wait_for_state(qtbot, desk, "completed", key=done)
        assert desk.document.session.run(waiting).state == "sending"
        heart.stop()
        assert heart.longest_ms < 500, heart.when
        stuck.release()


def test_a_refused_job_says_why_and_can_be_sent_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("votable_error", times=1)
        key = run_on(qtbot, desk, server.url)
        run = wait_for_state(qtbot, desk, "rejected")
        assert run.contact_text
        assert any("was not sent" in text for text in told(desk))
        desk.window.jobs.commanded.emit("Send again", [key])
        wait_for_state(qtbot, desk, "executing")


@pytest.mark.parametrize("fault", ["malformed", "html", "empty", "entity", "503"])
def test_a_bad_answer_loses_nothing(qtbot: QtBot, desk: app.Desk, fault: str) -> None:
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        job_id = next(iter(server.jobs))
        server.fault(fault)
        server.set_phase(job_id, "EXECUTING", info="<step>2</step>")
        desk.conductor.look_again(key)
        run = wait_for_state(qtbot, desk, "lost")
        assert run.contact is Contact.UNREACHABLE
        assert run.contact_text
        assert "Traceback" not in run.contact_text
        server.mend()
        server.set_phase(job_id, "COMPLETED")
        desk.conductor.look_again(key)
        wait_for_state(qtbot, desk, "completed")


def test_an_error_of_the_job_is_told_in_the_service_s_words(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        server.set_phase(next(iter(server.jobs)), "ERROR", error="The column density is silly.")
        wait_for_state(qtbot, desk, "error")
        wait_until_told(qtbot, desk, "The column density is silly.")
        job = only_run(desk).job
        assert job is not None
        qtbot.waitUntil(lambda: "it went wrong" in (only_run(desk).job.error.detail or ""), timeout=20_000)  # type: ignore[union-attr]
        qtbot.waitUntil(lambda: "it went wrong" in desk.window.details._trouble.toPlainText())


def test_an_abort_that_ends_in_error_is_shown_as_aborted(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.lie("abort_is_error")
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        desk.window.jobs.commanded.emit("Abort", [key])
        wait_for_state(qtbot, desk, "aborted")
        assert "1 aborted" in desk.window.jobs.counts
