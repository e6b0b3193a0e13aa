"""What the user does with jobs, on servers that refuse, are away, or are slow: the list says what is so."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import Contact
from stopdesk.errors import FileError
from tests.desk import answering, only_run, run_on, told, wait_for_state, wait_until_idle, wait_until_told
from tests.fakes.uws_server import UwsServer


def command(desk: app.Desk, word: str, key: str) -> None:
    desk.window.jobs.commanded.emit(word, [key])


def test_an_abort_that_was_refused_can_be_asked_for_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.lie("abort_refused")
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        command(desk, "Abort", key)
        wait_until_told(qtbot, desk, "Aborting")
        run = only_run(desk)
        assert run.state == "executing"
        assert not run.abort_asked
        desk.window.jobs.select(key)
        assert desk.window.jobs._buttons["Abort"].isEnabled()
        server.set_phase(next(iter(server.jobs)), "ERROR", error="It broke by itself.")
        wait_for_state(qtbot, desk, "error")


def test_sending_that_is_cancelled_leaves_no_job_and_a_run_to_send_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("hang", times=1, on="POST")
        key = run_on(qtbot, desk, server.url)
        qtbot.waitUntil(desk.window.status._cancel.isVisible, timeout=20_000)
        qtbot.waitUntil(lambda: server.count("POST") == 1)
        desk.window.status._cancel.click()
        server.release()
        run = wait_for_state(qtbot, desk, "rejected")
        assert "cancelled" in run.contact_text
        qtbot.waitUntil(lambda: not server.jobs)
        command(desk, "Send again", key)
        wait_for_state(qtbot, desk, "executing")
        assert len(server.jobs) == 1


def test_a_job_on_a_server_that_is_away_is_kept_or_removed_from_the_list_only(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        server.stop()
        with answering(qtbot, "Delete"):
            command(desk, "Delete", key)
        wait_until_told(qtbot, desk, "was not deleted")
        assert only_run(desk).key == key
        command(desk, "Remove from the list", key)
        assert desk.document.session.runs == ()
        wait_until_idle(qtbot, desk)
        server.restart()
        assert len(server.jobs) == 1
        desk.conductor.poll_due()
        assert desk.tasks.under_way == (), "a job that was removed from the list is not asked for"


def test_a_run_that_gets_its_job_while_the_question_is_open_loses_both(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("hang", times=1, on="POST")
        key = run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: server.count("POST") == 1, timeout=20_000)

        def sure(_: object) -> bool:
            server.release()
            wait_for_state(qtbot, desk, "executing")
            return True

        desk.window.commands._sure = sure  # type: ignore[method-assign, assignment]  # the user takes their time
        command(desk, "Delete", key)
        qtbot.waitUntil(lambda: not server.jobs and not desk.document.session.runs, timeout=20_000)


def test_a_job_whose_address_cannot_be_written_down_waits_to_be_started(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise FileError("session.stop", "the disk is full. Make room and try again.")

    with UwsServer() as server:
        monkeypatch.setattr(desk.document.store, "write", full)
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "pending")
        assert any("disk is full" in text for text in told(desk))
        assert [job.phase for job in server.jobs.values()] == ["PENDING"]
        monkeypatch.undo()
        command(desk, "Start", only_run(desk).key)
        wait_for_state(qtbot, desk, "executing")


def test_a_local_service_that_cannot_start_is_told_and_the_run_can_be_sent_again(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> object:
        raise OSError("no such program")

    monkeypatch.setattr(desk.local, "_launch", broken)
    desk.window.workspace.show_model("lte")
    qtbot.waitUntil(desk.window.workspace.run_bar.button.isEnabled)
    desk.window.workspace.run()
    run = wait_for_state(qtbot, desk, "rejected")
    assert "The local service did not start: no such program." in run.contact_text
    monkeypatch.undo()
    command(desk, "Send again", run.key)
    wait_for_state(qtbot, desk, "completed")


def test_a_run_can_be_renamed_while_its_job_goes_on(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        monkeypatch.setattr("stopdesk.ui.run_commands.QInputDialog.getText", lambda *_, **__: (" Ångström ", True))
        command(desk, "Rename…", key)
        server.set_phase(next(iter(server.jobs)), "COMPLETED")
        wait_for_state(qtbot, desk, "completed")
        assert only_run(desk).name == "Ångström"
        assert "Ångström is complete." in told(desk)


def test_commands_to_runs_that_have_gone_meanwhile_do_nothing(desk: app.Desk) -> None:
    for word in ("Open results", "Start", "Abort", "Delete", "Rename…", "Copy as Python", "Fetch results"):
        command(desk, word, "nonesuch")
    assert told(desk) == []


def test_results_without_a_table_are_shown_in_the_details(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.after_run = ("COMPLETED",)
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "completed")
        qtbot.waitUntil(lambda: bool(only_run(desk).results), timeout=20_000)
        wait_until_told(qtbot, desk, "no result table that can be plotted")
    assert desk.window.pages.currentWidget() is desk.window.workspace, "an empty page is not brought to the front"
    assert desk.window.details_dock.isVisible()
    assert only_run(desk).contact is Contact.OK
