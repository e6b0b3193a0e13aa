"""Sessions come and go while jobs run: nothing gets into the wrong one, and what was kept is kept to the byte."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.run import FETCHING
from stopdesk.session.file import SessionStore, read_session
from tests.desk import answering, only_run, opened_desk, run_on, told, wait_for_state, wait_until_idle, wait_until_told
from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(120)

BYTES = bytes(range(256)) * 5000


def save(qtbot: QtBot, desk: app.Desk, path: Path, *, over_others: bool = False) -> None:
    with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
        desk.window.files._write(path, None, over_others=over_others)


def open_session(qtbot: QtBot, desk: app.Desk, path: Path, *answers: str) -> None:
    with answering(qtbot, *answers), qtbot.waitSignal(desk.window.files.used, timeout=20_000):
        desk.window.files.open_path(path)


def new_session(qtbot: QtBot, desk: app.Desk, *answers: str) -> None:
    with answering(qtbot, *answers), qtbot.waitSignal(desk.document.replaced, timeout=20_000):
        desk.window.files.new()


def typed(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


# files


def test_save_as_goes_to_the_file_named_and_into_the_recent_files(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.window.source_bar._name.setText("L1544")
    for name in ("first", "second.stop", "NGC1333.iras4a"):
        typed(monkeypatch, tmp_path / name)
        with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
            desk.window.files.save_as()
    names = ["NGC1333.iras4a.stop", "second.stop", "first.stop"]
    assert [action.text() for action in desk.window._recent.actions()] == names
    assert desk.window.windowTitle().startswith("NGC1333.iras4a.stop")
    for name in names:
        assert read_session(tmp_path / name).source.name == "L1544"
    desk.window.source_bar._name.setText("Orion KL")
    with answering(qtbot, "Don't save"), qtbot.waitSignal(desk.document.replaced, timeout=20_000):
        desk.window._recent.actions()[2].trigger()
    assert desk.window.source_bar.source.name == "L1544"
    assert desk.document.path == tmp_path / "first.stop"


@pytest.mark.parametrize(("answer", "name"), [("Cancel", "L1544"), ("Replace", "Orion KL")])
def test_a_file_is_not_replaced_for_want_of_an_ending(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, name: str
) -> None:
    desk.window.source_bar._name.setText("L1544")
    save(qtbot, desk, tmp_path / "kept.stop")
    desk.window.source_bar._name.setText("Orion KL")
    typed(monkeypatch, tmp_path / "kept")  # of which the file dialog knows nothing
    with answering(qtbot, answer) as asked:
        desk.window.files.save_as()
    wait_until_idle(qtbot, desk)
    assert "kept.stop exists" in asked[0]
    assert read_session(tmp_path / "kept.stop").source.name == name


def test_results_in_the_file_are_those_of_the_server_to_the_byte(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    with UwsServer() as server:
        server.results = {"grid": (BYTES, "application/octet-stream"), "Ångström": (b"", "text/plain")}
        server.after_run = ("COMPLETED",)
        run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: len(only_run(desk).results) == 2 and not only_run(desk).results_text, timeout=20_000)
    save(qtbot, desk, tmp_path / "a.stop")
    store = SessionStore.open_copy(tmp_path / "a.stop", tmp_path / "copy.stop")
    results = store.read().runs[0].results
    assert results["grid"].sha256 == hashlib.sha256(BYTES).hexdigest()
    assert results["grid"].size == len(BYTES)
    assert store.blob(results["grid"].sha256) == BYTES
    assert store.blob(results["Ångström"].sha256) == b""
    store.close()


def test_two_windows_on_one_file_do_not_lose_each_other_s_work(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    file = tmp_path / "shared.stop"
    save(qtbot, desk, file)
    with opened_desk(qtbot) as other:
        open_session(qtbot, other, file)
        other.window.source_bar._name.setText("of the other")
        save(qtbot, other, file)
        desk.window.source_bar._name.setText("of the first")
        desk.window.files.save()
        wait_until_told(qtbot, desk, "another window or program has changed this file")
        assert desk.document.is_modified
        assert read_session(file).source.name == "of the other"
        save(qtbot, desk, tmp_path / "mine.stop", over_others=True)
        assert read_session(tmp_path / "mine.stop").source.name == "of the first"
        other.window.source_bar._name.setText("of the other, again")
        save(qtbot, other, file)  # its own file has not been touched since
        save(qtbot, desk, file, over_others=True)  # as after Save as, and the question whether to replace
        assert read_session(file).source.name == "of the first"


# jobs and sessions


def test_jobs_go_on_while_another_session_is_open(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        qtbot.waitUntil(lambda: any(request.values("WAIT") for request in server.requests), timeout=20_000)
        save(qtbot, desk, tmp_path / "a.stop")
        new_session(qtbot, desk)
        assert desk.document.session.runs == ()
        assert desk.window.jobs.counts == ""
        polls = server.count("GET")
        server.set_phase(next(iter(server.jobs)), "COMPLETED")  # answers the WAIT of the session before
        wait_until_idle(qtbot, desk)
        assert desk.document.session.runs == ()
        assert not desk.document.is_modified
        assert server.count("GET") == polls, "a job of another session is not asked for"
        assert not any("is complete." in text for text in told(desk))
        open_session(qtbot, desk, tmp_path / "a.stop")
        wait_for_state(qtbot, desk, "completed", key=key)
        qtbot.waitUntil(lambda: set(only_run(desk).results) == {"result"}, timeout=20_000)


def test_a_job_made_for_a_session_that_is_left_is_withdrawn(qtbot: QtBot, desk: app.Desk) -> None:
    with UwsServer() as server:
        server.fault("hang", times=1, on="POST")
        run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: server.count("POST") == 1, timeout=20_000)
        new_session(qtbot, desk, "Don't save")
        server.release()
        qtbot.waitUntil(lambda: server.count("DELETE") == 1, timeout=20_000)
        wait_until_idle(qtbot, desk)
        assert not server.jobs
        assert desk.document.session.runs == ()
        assert not desk.document.is_modified


def test_a_run_deleted_while_it_is_sent_leaves_no_job(qtbot: QtBot, desk: app.Desk) -> None:
    desk.settings.change(desk.settings.settings.with_value("confirm_delete", value=False))
    with UwsServer() as server:
        server.fault("hang", times=1, on="POST")
        key = run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: server.count("POST") == 1, timeout=20_000)
        desk.window.jobs.commanded.emit("Delete", [key])
        assert desk.document.session.runs == ()
        server.release()
        qtbot.waitUntil(lambda: server.count("DELETE") == 1 and not server.jobs, timeout=20_000)


def test_results_under_way_never_get_into_the_session_opened_next(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    with UwsServer() as server:
        server.after_run = ("COMPLETED",)
        server.fault("hang", times=1, on="GET /results/result")
        run_on(qtbot, desk, server.url)
        qtbot.waitUntil(lambda: server.count("GET", "/results/result") == 1, timeout=20_000)
        assert only_run(desk).results_text == FETCHING
        save(qtbot, desk, tmp_path / "a.stop")
        open_session(qtbot, desk, tmp_path / "a.stop")  # the same runs, in another working copy
        qtbot.waitUntil(lambda: set(only_run(desk).results) == {"result"}, timeout=20_000)
        server.release()
        wait_until_idle(qtbot, desk)
        run = only_run(desk)
        assert run.results_text == ""
        assert desk.document.store.blob(run.results["result"].sha256) == b"some result\n"
        assert server.count("GET", "/results/result") == 2
        assert not any("could not be fetched" in text for text in told(desk))


def test_results_that_were_on_their_way_at_the_end_are_fetched_at_the_next_start(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    with UwsServer() as server:
        server.after_run = ("ERROR",)
        server.results = {}
        key = run_on(qtbot, desk, server.url)
        run = wait_for_state(qtbot, desk, "error")
        (job,) = server.jobs.values()
        job.results["log"] = (b"it was like this", "text/plain")
        desk.document.put_run(run.model_copy(update={"job": desk.conductor._client.job(run.job_url or "")}))
        desk.document.put_run(only_run(desk).model_copy(update={"results_text": FETCHING}))
        save(qtbot, desk, tmp_path / "a.stop")
        new_session(qtbot, desk)
        open_session(qtbot, desk, tmp_path / "a.stop")
        qtbot.waitUntil(lambda: "log" in desk.document.session.run(key).results, timeout=20_000)
        assert only_run(desk).results_text == ""


# what a crash leaves

CRASH = """
import os, sys
from datetime import UTC, datetime
from stopdesk.domain.run import Contact, Run
from stopdesk.domain.session import Session, Source
from stopdesk.session.file import SessionStore
from stopdesk.session.recovery import Recovery
recovery = Recovery()
store = SessionStore.create(recovery.begin(None))
url = sys.argv[2] if len(sys.argv) > 2 else None
run = Run(key="k", name="cut short", model="lte", service=sys.argv[1], created=datetime.now(UTC),
          request={"molecule": "co"}, job_url=url, contact=Contact.OK if url else Contact.UNSENT)
store.write(Session(source=Source(name="Orion KL"), runs=(run,)))
os._exit(9)
"""


def crash(*words: str) -> None:
    """Leave behind what a program leaves that dies while a run is being sent."""
    assert subprocess.run([sys.executable, "-c", CRASH, *words], check=False).returncode == 9


def left_behind(home: Path) -> list[Path]:
    return list((home / "data" / "recovery").glob("*.stop"))


def test_what_a_crash_left_is_thrown_away_when_the_user_says_so(qtbot: QtBot, home: Path) -> None:
    crash("local")
    with opened_desk(qtbot) as desk:
        with answering(qtbot, "Throw it away"):
            desk.open_at_start([])
            qtbot.waitUntil(lambda: len(left_behind(home)) == 1, timeout=20_000)
        assert desk.window.source_bar.source.name == ""
    assert left_behind(home) == []


def test_what_a_crash_left_stays_for_later_when_the_user_says_so(qtbot: QtBot, home: Path) -> None:
    crash("local")
    for answer in ("Decide later", "Open it"):
        with opened_desk(qtbot) as desk, answering(qtbot, answer) as asked:
            desk.open_at_start([])
            qtbot.waitUntil(lambda asked=asked: bool(asked), timeout=20_000)
            wait_until_idle(qtbot, desk)
            opened = desk.window.source_bar.source.name
            assert (opened == "Orion KL") == (answer == "Open it")
            assert desk.document.is_modified == (answer == "Open it")
    assert left_behind(home) == []


def test_a_run_cut_short_before_it_had_a_job_can_be_sent_again(qtbot: QtBot, home: Path) -> None:
    with UwsServer() as server:
        crash(server.url)
        with opened_desk(qtbot) as desk:
            with answering(qtbot, "Open it"):
                desk.open_at_start([])
                qtbot.waitUntil(lambda: bool(desk.document.session.runs), timeout=20_000)
            run = wait_for_state(qtbot, desk, "rejected")
            assert "Send it again" in run.contact_text
            assert not server.jobs
            desk.window.jobs.commanded.emit("Send again", [run.key])
            wait_for_state(qtbot, desk, "executing")
            assert len(server.jobs) == 1


def test_a_run_cut_short_before_its_start_can_be_started(qtbot: QtBot, home: Path) -> None:
    with UwsServer() as server:
        job_id = server.add_job()
        crash(server.url, server.job_url(job_id))
        with opened_desk(qtbot) as desk:
            with answering(qtbot, "Open it"):
                desk.open_at_start([])
                qtbot.waitUntil(lambda: bool(desk.document.session.runs), timeout=20_000)
            run = wait_for_state(qtbot, desk, "pending")
            desk.window.jobs.select(run.key)
            assert desk.window.jobs._buttons["Start"].isEnabled()
            desk.window.jobs._buttons["Start"].click()
            wait_for_state(qtbot, desk, "executing")
            assert len(server.jobs) == 1


def test_an_empty_session_begins_with_observe_and_another_where_it_was_left(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    desk.open_at_start([])
    assert desk.window.rail.current == "observe"
    assert desk.window.observe.empty.isVisible()
    qtbot.waitUntil(lambda: not desk.tasks.under_way, timeout=20_000)
    desk.window.show_page("model")
    with qtbot.waitSignal(desk.window.files.begun, timeout=20_000):
        desk.window.actions_by_name["new"].trigger()
    assert desk.window.rail.current == "observe", "as when the program starts"
    desk.window.show_page("model")
    saved: list[bool] = []
    desk.document.save(tmp_path / "a.stop", lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved), timeout=20_000)
    with opened_desk(qtbot) as again:
        with qtbot.waitSignal(again.document.replaced, timeout=20_000):
            again.open_at_start([str(tmp_path / "a.stop")])
        assert again.window.rail.current == "model"
