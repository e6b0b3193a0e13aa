"""Jobs that were made elsewhere come into the list, one by its address or all of a service, and are followed."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import Run
from stopdesk.domain.settings import Service
from stopdesk.ui.adopting import MANY
from stopdesk.ui.jobs.add_dialog import AddJobDialog
from stopdesk.ui.login import LoginDialog
from stopdesk.ui.services.dialog import ServicesDialog
from tests.desk import answering, bring, only_run, run_on, told, wait_for_state, wait_until_idle, wait_until_told
from tests.fakes.uws_server import UwsServer


def opened(desk: app.Desk) -> AddJobDialog:
    desk.window.actions_by_name["add_job"].trigger()
    (dialog,) = desk.window.findChildren(AddJobDialog)
    return dialog


def add(desk: app.Desk, text: str) -> AddJobDialog:
    dialog = opened(desk)
    dialog.address.setText(text)
    dialog._add.click()
    return dialog


def states(desk: app.Desk) -> dict[str, str]:
    return {run.name: run.state for run in desk.document.session.runs}


def test_a_job_is_added_by_its_address_and_followed_to_its_end(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        job_id = server.add_job("EXECUTING", run_id="a cloud", parameters=(("VERB", "3"),))
        add(desk, f"  {server.job_url(job_id)}/?WAIT=5#top ")
        run = wait_for_state(qtbot, desk, "executing")
        qtbot.waitUntil(lambda: not desk.window.findChildren(AddJobDialog))
        assert (run.name, run.model, run.service) == ("a cloud", None, server.url)
        assert run.job is not None
        assert [parameter.value for parameter in run.job.parameters] == ["3"]
        assert desk.window.jobs.selected == (run,)
        server.set_phase(job_id, "COMPLETED")
        wait_for_state(qtbot, desk, "completed")
        qtbot.waitUntil(lambda: bool(only_run(desk).results), timeout=20_000)
        assert server.count("POST") == 0


def test_the_list_of_a_known_service_is_the_job_s(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer(path="/lvg/jobs") as server:
        template = f"{server.root}/{{model}}/jobs/"
        desk.settings.change(desk.settings.settings.with_service(Service(name="Fake", url=template)))
        add(desk, server.job_url(server.add_job("QUEUED")))
        assert wait_for_state(qtbot, desk, "queued").service == f"{server.root}/lvg/jobs/"


def test_results_of_a_job_that_has_ended_are_fetched(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        add(desk, server.job_url(server.add_job("COMPLETED")))
        wait_for_state(qtbot, desk, "completed")
        qtbot.waitUntil(lambda: bool(only_run(desk).results), timeout=20_000)


def test_the_error_of_a_job_that_has_failed_is_read(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        add(desk, server.job_url(server.add_job("ERROR", error="too cold")))
        wait_for_state(qtbot, desk, "error")

        def detail() -> str | None:
            job = only_run(desk).job
            return job.error.detail if job is not None and job.error is not None else None

        qtbot.waitUntil(lambda: detail() == "it went wrong", timeout=20_000)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "Paste the address of a job"),
        ("nonsense", "no web address"),
        ("{list}", "sent <jobs> instead of a UWS job"),
        ("{list}/nosuch", "is not there"),
        ("{root}/other", "is not there"),
    ],
)
def test_a_wrong_address_says_why_and_can_be_mended(qtbot: QtBot, desk: app.Desk, path: str, words: str) -> None:
    with UwsServer() as server:
        job_id = server.add_job("EXECUTING")
        dialog = add(desk, path.format(list=server.url, root=server.root))
        qtbot.waitUntil(lambda: words in dialog.words.text(), timeout=20_000)
        assert dialog.isVisible()
        assert desk.document.session.runs == ()
        dialog.address.clear()
        QTest.keyClicks(dialog.address, server.job_url(job_id))
        assert dialog.words.text() == ""
        dialog._add.click()
        wait_for_state(qtbot, desk, "executing")


def test_a_job_is_there_once(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        run_on(qtbot, desk, server.url)
        run = wait_for_state(qtbot, desk, "executing")
        dialog = add(desk, run.job_url or "")
        assert f"in the list already, as {run.name}" in dialog.words.text()


def test_a_log_in_on_the_way_is_asked_for(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        add(desk, server.job_url(server.add_job("EXECUTING")))

        def asking() -> list[LoginDialog]:
            return [each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog)]

        qtbot.waitUntil(lambda: bool(asking()), timeout=20_000)
        (login,) = asking()
        login._user.setText("alice")
        login._secret.setText("wonderland")
        login.accept()
        wait_for_state(qtbot, desk, "executing")


def test_a_slow_server_keeps_nobody_in_the_dialog(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("hang")
        dialog = add(desk, server.job_url(server.add_job("EXECUTING")))
        server.wait_for(lambda server: bool(server.requests))
        dialog.reject()
        server.release()
        wait_until_idle(qtbot, desk)
        assert desk.document.session.runs == ()


def test_a_job_list_is_imported_and_each_job_read_without_a_word_on_old_ends(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        for phase in ("EXECUTING", "QUEUED", "COMPLETED", "ERROR"):
            server.add_job(phase, job_id=phase.lower(), parameters=(("VERB", "3"),))
        bring(desk, server.url)
        qtbot.waitUntil(lambda: len(desk.document.session.runs) == 4, timeout=20_000)
        assert all(name == state for name, state in states(desk).items())
        qtbot.waitUntil(lambda: not any(run.is_unread for run in desk.document.session.runs), timeout=20_000)
        wait_until_told(qtbot, desk, "4 jobs of Fake are in the list now.")
        done = next(run for run in desk.document.session.runs if run.name == "completed")
        assert done.job is not None
        assert done.job.parameters[0].value == "3"
        assert not done.results, "not fetched without being asked for"
        assert not any("complete" in text or "error" in text for text in told(desk)), "old ends are no news"
        desk.window.jobs.commanded.emit("Fetch results", [done.key])
        qtbot.waitUntil(lambda: bool(desk.document.session.run(done.key).results), timeout=20_000)
        server.set_phase("executing", "COMPLETED")
        wait_until_told(qtbot, desk, "executing is complete.")


def test_what_is_in_the_list_already_is_left_out(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        run_on(qtbot, desk, server.url)
        mine = wait_for_state(qtbot, desk, "executing")
        bring(desk, server.url)
        wait_until_told(qtbot, desk, "1 job of Fake is in the list already.")
        assert desk.document.session.runs == (mine,) or only_run(desk).key == mine.key
        server.add_job("QUEUED", job_id="other")
        bring(desk, server.url)
        qtbot.waitUntil(lambda: states(desk).get("other") == "queued", timeout=20_000)
        assert len(desk.document.session.runs) == 2
        wait_until_told(qtbot, desk, "1 was there already.")


def test_an_empty_list_and_one_that_fails_are_told(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        bring(desk, server.url)
        wait_until_told(qtbot, desk, "Fake has no jobs.")
        server.fault("malformed")
        bring(desk, server.url)
        wait_until_told(qtbot, desk, "The jobs of Fake were not imported")
        assert desk.document.session.runs == ()


@pytest.mark.parametrize(("answer", "number"), [("Import all", MANY + 3), (f"The newest {MANY}", MANY), ("Cancel", 0)])
def test_many_are_asked_about_first(qtbot: QtBot, desk: app.Desk, answer: str, number: int) -> None:
    with UwsServer() as server:
        for _ in range(MANY + 3):
            server.add_job("ARCHIVED")
        server.lie("ignore_filters")
        with answering(qtbot, answer) as asked:
            bring(desk, server.url)
            qtbot.waitUntil(lambda: bool(asked) and not desk.window.findChildren(ServicesDialog), timeout=20_000)
            qtbot.waitUntil(lambda: len(desk.document.session.runs) == number, timeout=20_000)
        assert asked == [f"Import {MANY + 3} jobs of Fake?"]
        if 0 < number <= MANY:
            assert states(desk).keys() == {f"job{n}" for n in range(4, MANY + 4)}


def test_jobs_of_a_session_that_was_closed_meanwhile_are_dropped(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.add_job("QUEUED")
        server.fault("hang", times=1)
        bring(desk, server.url)
        server.wait_for(lambda server: bool(server.requests))
        with qtbot.waitSignal(desk.document.replaced):
            desk.document.new()
        server.release()
        wait_until_idle(qtbot, desk)
        assert desk.document.session.runs == ()


def test_what_was_not_read_yet_is_read_when_the_session_is_opened_again(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.add_job("COMPLETED", job_id="done")
        server.fault("503", on="GET done")
        bring(desk, server.url)
        qtbot.waitUntil(lambda: server.count("GET", "done") == 1, timeout=20_000)

        def unread() -> Run:
            return only_run(desk)

        assert unread().is_unread
        assert unread().state == "completed"
        server.mend()
        desk.conductor.take_up()
        qtbot.waitUntil(lambda: not unread().is_unread, timeout=20_000)
        assert unread().results_text.startswith("The results are still on the service")
