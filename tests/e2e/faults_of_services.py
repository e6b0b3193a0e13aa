"""Services that do not do as the standard says, or not when one expects it."""

from __future__ import annotations

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from stopdesk.uws import client
from tests.desk import answering, bring, run_on, told
from tests.e2e.fault_scene import Cases, Scene
from tests.fakes.uws_server import UwsServer

CASES = Cases()

#: As many jobs as the largest services list.
MANY = 50_000


@CASES("parameters that are reset by a second POST")
def _(scene: Scene) -> None:
    scene.server.defaults = {"MOLECULE": "the default"}
    scene.server.lie("forgets_parameters")
    key = scene.run()
    assert scene.server.count("POST", "/parameters") == 0
    sent = dict(scene.server.jobs[scene.job_id(key)].parameters)
    wanted = scene.get(key).request
    assert sent.items() >= wanted.items()
    assert "the default" not in scene.facts(key).values()


@CASES("an error in a VOTable under a 200")
def _(scene: Scene) -> None:
    scene.server.fault("votable_error", times=1)
    key = scene.run("rejected")
    assert scene.chip(key) == "not sent"
    scene.is_told(f"{scene.get(key).name} was not sent: 127.0.0.1:{scene.server.port} says: the database is on fire")
    scene.details_say(key, "the database is on fire")
    scene.command("Send again", key)
    scene.sees(key, "executing")
    assert len(scene.server.jobs) == 1
    scene.ends_well(key)


@CASES("a web page under a 303")
def _(scene: Scene) -> None:
    scene.server.lie("html_in_redirect")
    key = scene.run()
    scene.command("Abort", key)
    scene.sees(key, "aborted")
    assert not any("<" in text for text in told(scene.desk))


@CASES("a 303 that leads nowhere")
def _(scene: Scene) -> None:
    scene.server.lie("no_location")
    key = scene.run("rejected")
    scene.is_told("answers with status 303 and no address")
    scene.server.mend()
    scene.command("Send again", key)
    scene.sees(key, "executing")


@CASES("an abort that ends in ERROR")
def _(scene: Scene) -> None:
    scene.server.lie("abort_is_error")
    key = scene.run()
    scene.command("Abort", key)
    scene.sees(key, "aborted")
    scene.is_told("was aborted.")
    assert not any("ended in an error" in text for text in told(scene.desk))
    assert scene.desk.window.jobs.counts == "1 aborted"


@CASES("an abort that is refused")
def _(scene: Scene) -> None:
    scene.server.lie("abort_refused")
    key = scene.run()
    scene.command("Abort", key)
    scene.is_told(f"Aborting {scene.get(key).name}: 127.0.0.1:{scene.server.port} does not allow this.")
    assert scene.chip(key) == "executing"
    scene.ends_well(key)


@CASES("a DELETE that leaves the worker running")
def _(scene: Scene) -> None:
    scene.desk.settings.change(scene.desk.settings.settings.with_value("confirm_delete", value=False))
    key = scene.run()
    job_id = scene.job_id(key)
    scene.server.lie("keeps_deleted")
    scene.command("Delete", key)
    scene.wait(lambda: not scene.desk.document.session.runs)
    assert scene.server.jobs[job_id].phase == "ABORTED", "its worker was told to end first"
    bring(scene.desk, scene.server.url)
    scene.is_told("1 job of Fake is in the list now.")
    (back,) = scene.desk.document.session.runs
    scene.sees(back.key, "aborted")
    scene.server.mend()
    scene.command("Delete", back.key)
    scene.wait(lambda: not scene.desk.document.session.runs and not scene.server.jobs)


@CASES("no DELETE but ACTION=DELETE")
def _(scene: Scene) -> None:
    scene.desk.settings.change(scene.desk.settings.settings.with_value("confirm_delete", value=False))
    scene.server.lie("no_delete")
    scene.command("Delete", scene.run())
    scene.wait(lambda: not scene.desk.document.session.runs and not scene.server.jobs)


@CASES("no runId")
def _(scene: Scene) -> None:
    key = scene.add_by_address(scene.server.add_job("EXECUTING", job_id="nameless"))
    assert scene.get(key).name == "nameless"
    scene.ends_well(key)


@CASES("no times, no end")
def _(scene: Scene) -> None:
    scene.server.lie("no_times")
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.sees(key, "completed")
    scene.results_arrive(key)
    facts = scene.facts(key)
    assert "Created" in facts, "our own time, where the service has none"
    assert not {"Started", "Ended", "Run time"} & facts.keys()


@CASES("lists and documents in any order")
def _(scene: Scene) -> None:
    for number in range(5):
        scene.server.add_job("EXECUTING", job_id=f"j{number}")
    scene.server.lie("unordered")
    bring(scene.desk, scene.server.url)
    scene.is_told("5 jobs of Fake are in the list now.")
    assert {run.name for run in scene.desk.document.session.runs} == {f"j{number}" for number in range(5)}
    for run in scene.desk.document.session.runs:
        scene.server.set_phase(run.name, "COMPLETED")
    for run in scene.desk.document.session.runs:
        scene.sees(run.key, "completed")


@CASES('byReference="True"')
def _(scene: Scene) -> None:
    scene.server.lie("by_reference")
    away = f"{scene.server.root}/uploads/a b"
    key = scene.add_by_address(scene.server.add_job("EXECUTING", parameters=(("TABLE", away),)))
    assert scene.facts(key)["TABLE"] == away.replace(" ", "%20")
    assert scene.server.count("GET", "a b") + scene.server.count("GET", "a%20b") == 0, "fetched only when asked for"


@CASES("addresses with blanks")
def _(scene: Scene) -> None:
    scene.server.lie("blanks")
    scene.server.results = {"a table": (b"1 2 3\n", "text/plain")}
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    run = scene.results_arrive(key, "a table")
    assert run.results["a table"].name == "a table.txt"


@CASES("relative addresses")
def _(scene: Scene) -> None:
    scene.server.lie("relative")
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.results_arrive(key)


@CASES("results on another host")
def _(scene: Scene) -> None:
    with UwsServer() as other:
        scene.server.users = {"alice": "wonderland"}
        other.documents["/store/result"] = scene.server.results["result"]
        scene.server.results_at = f"{other.root}/store"
        key = run_on(scene.qtbot, scene.desk, scene.server.url)
        scene.log_in("alice", "wonderland")
        scene.sees(key, "executing")
        scene.server.set_phase(scene.job_id(key), "COMPLETED")
        scene.results_arrive(key)
        assert other.count("GET", "/store/result") == 1
        assert not any("authorization" in request.headers for request in other.requests)


@CASES("a HEAD that is never answered")
def _(scene: Scene) -> None:
    scene.server.fault("hang", on="HEAD")
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.results_arrive(key)
    assert scene.server.count("HEAD") == 0, "nothing is asked with it"


@CASES("a serverURL that is not the address used")
def _(scene: Scene) -> None:
    scene.server.lie("wrong_host")
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.results_arrive(key)
    assert {request.headers["host"] for request in scene.server.requests} == {f"127.0.0.1:{scene.server.port}"}


@CASES("QUEUED for long")
def _(scene: Scene) -> None:
    scene.server.after_run = ("QUEUED",)
    key = scene.run("queued")
    scene.wait(lambda: any(request.values("WAIT") for request in scene.server.requests))
    assert scene.chip(key) == "queued"
    assert not scene.get(key).contact_text
    scene.server.set_phase(scene.job_id(key), "EXECUTING")
    scene.sees(key, "executing")
    scene.ends_well(key)


@CASES("documents of OPUS: no version, words in errorSummary")
def _(scene: Scene) -> None:
    scene.server.lie("no_version", "text_error")
    scene.server.error_document = (b"", "text/plain")
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "ERROR", error="The column density is silly.")
    scene.command("Ask again", key)
    scene.sees(key, "error")
    scene.is_told(f"{scene.get(key).name} ended in an error. The column density is silly.")
    scene.details_say(key, "The column density is silly.")


@CASES("a WAIT that returns at once")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")
    key = scene.run()
    scene.wait(lambda: scene.desk.conductor._tracker.next_due(0) is not None)
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.results_arrive(key)
    waits = sum(bool(request.values("WAIT")) for request in scene.server.requests)
    assert waits <= 3, "no storm of requests"


@CASES("a WAIT that is never answered")
def _(scene: Scene) -> None:
    scene.monkeypatch.setattr(client, "WAIT_MARGIN", 0.5)
    scene.server.lie("hang_wait")
    key = scene.run()
    scene.wait(lambda: scene.server.count("GET") >= 4)
    assert scene.chip(key) == "executing"
    assert not scene.get(key).contact_text
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.results_arrive(key)


@CASES("a WAIT that is refused")
def _(scene: Scene) -> None:
    scene.server.lie("refuse_wait")
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.results_arrive(key)
    assert not any("WAIT" in text for text in scene.said())


@CASES("50,000 jobs in a list")
def _(scene: Scene) -> None:
    for number in range(MANY):
        scene.server.add_job("ABORTED", job_id=f"old{number}")
    scene.heart.start()
    with answering(scene.qtbot, "Import all") as asked:
        bring(scene.desk, scene.server.url)
        scene.is_told(f"{MANY:,} jobs of Fake are in the list now.")
    assert asked == [f"Import {MANY:,} jobs of Fake?"]
    assert scene.desk.window.jobs.counts == f"{MANY} aborted"
    panel = scene.desk.window.jobs
    for letter in "old4321":
        QTest.keyClick(panel._search, letter)
        QApplication.processEvents()
    scene.wait(lambda: panel.model.rowCount() == 11)
    panel._search.clear()
    scene.wait(lambda: panel.model.rowCount() == MANY)


@CASES("a phase that goes backwards")
def _(scene: Scene) -> None:
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "QUEUED")
    scene.sees(key, "queued")
    scene.server.set_phase(scene.job_id(key), "EXECUTING")
    scene.sees(key, "executing")
    scene.ends_well(key)


@CASES("a phase that is not in the standard")
def _(scene: Scene) -> None:
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "MEDITATING")
    scene.sees(key, "unknown")
    scene.details_say(key, "MEDITATING")
    scene.server.set_phase(scene.job_id(key), "EXECUTING")
    scene.command("Ask again", key)
    scene.sees(key, "executing")
    scene.ends_well(key)


@CASES("a job that vanishes and comes back")
def _(scene: Scene) -> None:
    key = scene.run()
    job = scene.server.jobs[scene.job_id(key)]
    scene.server.remove_job(job.job_id)
    scene.sees(key, "gone")
    scene.is_told(f"{scene.get(key).name}: the service no longer has this job.")
    scene.details_say(key, f"{scene.server.path}/{job.job_id} is not there (any more)")
    scene.server.jobs[job.job_id] = job
    scene.command("Ask again", key)
    scene.sees(key, "executing")
    scene.ends_well(key)
