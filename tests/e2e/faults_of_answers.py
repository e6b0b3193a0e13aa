"""Answers that are late, broken, dangerous, or a no, while a job is followed or its results are fetched."""

from __future__ import annotations

from collections.abc import Callable

from stopdesk.domain.run import Contact
from tests.desk import told
from tests.e2e.fault_scene import Case, Cases, Scene

CASES = Cases()

#: What is wrong with the answers to questions after a job, and the words in which the user is told.
BROKEN = {
    "malformed": "sent a document that cannot be read: it is not well-formed XML",
    "truncated": "sent a document that cannot be read: it is not well-formed XML (no element found",
    "empty": "sent a document that cannot be read: it is empty.",
    "html": "sent a web page instead of a UWS job: Welcome: to the web Is the address right?",
    "oversized": "sent a document of more than 67108864 bytes; it was not read.",
    "nested": "sent a document that cannot be read: it is nested too deeply or too long.",
    "entity": "it has a document type declaration, which is refused for safety.",
    "votable_error": "says: the database is on fire",
    "redirect": "sends us from address to address; gave up after 5 redirects.",
    "to_file": "redirects to 'file:///etc/hostname', which is not an address we follow.",
    "reset": "broke off before the answer was complete.",
    "die": "broke off before the answer was complete.",
    "500": "has trouble of its own (HTTP status 500). Try again later. It says: Error 500: on purpose",
    "503": "has trouble of its own (HTTP status 503). Try again later.",
}


def broken(fault: str, words: str) -> Case:
    def case(scene: Scene) -> None:
        key = scene.run()
        name = scene.get(key).name
        scene.server.fault(fault, on="GET")
        scene.server.set_phase(scene.job_id(key), "EXECUTING", info="<step>2</step>")
        scene.command("Ask again", key)
        scene.sees(key, "no contact")
        scene.details_say(key, words)
        assert f"No contact with the service of {name}; the job may well go on." in told(scene.desk)
        assert f"127.0.0.1:{scene.server.port}" in scene.get(key).contact_text
        assert "1 without contact" in scene.desk.window.jobs.counts
        scene.ends_well(key)

    return case


for _fault, _words in BROKEN.items():
    CASES(f"{_fault} while a job is followed")(broken(_fault, _words))


@CASES("a silence while a job is followed")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")  # a question that waits on the server would be given up late
    key = scene.run()
    scene.wait(lambda: scene.desk.conductor._tracker.next_due(0) is not None)
    scene.hurry(1.5)
    scene.server.fault("hang", on="GET")
    scene.server.set_phase(scene.job_id(key), "EXECUTING", info="<step>2</step>")
    scene.sees(key, "no contact")
    scene.hurry(30)
    scene.details_say(key, "within 1.5 seconds.")
    scene.ends_well(key)


@CASES("an answer that drips")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")  # a question that waits on the server would be given up late
    key = scene.run()
    scene.wait(lambda: scene.desk.conductor._tracker.next_due(0) is not None)
    scene.hurry(1.5)
    scene.server.fault("drip", on="GET", seconds=0.1)
    scene.server.set_phase(scene.job_id(key), "EXECUTING", info="<step>2</step>")
    scene.sees(key, "no contact")
    scene.hurry(30)
    scene.details_say(key, "did not finish its answer within 1.5 seconds.")
    scene.ends_well(key)


@CASES("a server that is not there for a while")
def _(scene: Scene) -> None:
    key = scene.run()
    scene.server.stop()
    scene.sees(key, "no contact")
    scene.command("Ask again", key)
    scene.details_say(key, "refuses the connection: the service is probably not running.")
    scene.server.start()
    scene.ends_well(key)


@CASES("documents in UTF-16")
def _(scene: Scene) -> None:
    in_encoding(scene, "utf_16")


@CASES("documents in Latin-1 that do not say so")
def _(scene: Scene) -> None:
    in_encoding(scene, "latin_1")


def in_encoding(scene: Scene, lie: str) -> None:
    scene.server.lie(lie)
    key = scene.add_by_address(scene.server.add_job("EXECUTING", run_id="Ångström"))
    assert scene.get(key).name == "Ångström"
    scene.ends_well(key)


@CASES("401 while a job is followed")
def _(scene: Scene) -> None:
    key = scene.run()
    scene.server.users = {"alice": "wonderland"}
    scene.server.set_phase(scene.job_id(key), "EXECUTING", info="<step>2</step>")
    scene.command("Ask again", key)
    scene.sees(key, "no contact")
    assert scene.get(key).contact is Contact.NOT_ALLOWED
    scene.is_told("wants to know who you are. Give user name and password")
    scene.log_in("alice", "wonderland")
    scene.sees(key, "executing")
    scene.ends_well(key)


@CASES("403 while a job is followed")
def _(scene: Scene) -> None:
    key = scene.run()
    scene.server.fault("403", on="GET")
    scene.command("Ask again", key)
    scene.sees(key, "no contact")
    scene.is_told(f"127.0.0.1:{scene.server.port} does not allow this. It says: Error 403: on purpose")
    assert not scene.questions(), "a log-in would not help"
    scene.ends_well(key)


def gone(status: str) -> Callable[[Scene], None]:
    def case(scene: Scene) -> None:
        key = scene.run()
        scene.server.fault(status, on="GET")
        scene.command("Ask again", key)
        scene.sees(key, "gone")
        scene.is_told(f"{scene.get(key).name}: the service no longer has this job.")
        scene.server.mend()
        scene.command("Ask again", key)
        scene.sees(key, "executing")
        scene.ends_well(key)

    return case


CASES("404 while a job is followed")(gone("404"))
CASES("410 while a job is followed")(gone("410"))


@CASES("503 with Retry-After while a job is sent")
def _(scene: Scene) -> None:
    scene.server.fault("503", on="POST", times=1)
    key = scene.run("rejected")
    scene.is_told("was not sent: 127.0.0.1")
    scene.details_say(key, "Try again later.")
    scene.command("Send again", key)
    scene.sees(key, "executing")
    assert len(scene.server.jobs) == 1


@CASES("a connection reset while a job is sent")
def _(scene: Scene) -> None:
    scene.server.fault("reset", on="POST", times=1)
    key = scene.run("rejected")
    scene.details_say(key, "It is not known whether the server did what was asked: look there before you try again.")
    assert scene.server.count("POST") == 1, "never sent twice by itself"
    scene.command("Send again", key)
    scene.sees(key, "executing")


# results


def ended(scene: Scene) -> str:
    """A job that has ended on the server that does wrong with results."""
    key = scene.run()
    scene.server.set_phase(scene.job_id(key), "COMPLETED")
    scene.sees(key, "completed")
    return key


def fetched_again(scene: Scene, key: str) -> None:
    scene.server.mend()
    scene.command("Fetch results", key)
    scene.results_arrive(key)


@CASES("a result that dies in the middle")
def _(scene: Scene) -> None:
    scene.server.fault("die", on="GET /results/result")
    key = ended(scene)
    scene.is_told(f"The results of {scene.get(key).name} could not be fetched: The connection to 127.0.0.1")
    scene.details_say(key, "broke off before the answer was complete.")
    fetched_again(scene, key)


@CASES("a result that drips")
def _(scene: Scene) -> None:
    scene.server.fault("drip", on="GET /results/result", seconds=0.1)
    key = ended(scene)
    scene.wait(lambda: scene.server.count("GET", "/results/result") == 1)
    (task,) = (task for task in scene.desk.tasks.under_way if task.name.startswith("Fetching"))
    task.cancel()
    scene.details_say(key, "Fetching the results was cancelled.")
    fetched_again(scene, key)


@CASES("a result of another size than announced")
def _(scene: Scene) -> None:
    scene.server.lie("longer")
    key = ended(scene)
    scene.details_say(key, "has 13 bytes, but the service announced 12.")
    fetched_again(scene, key)


@CASES("a result with another checksum than announced")
def _(scene: Scene) -> None:
    scene.server.lie("hashes", "damaged")
    key = ended(scene)
    scene.details_say(key, "arrived damaged: its checksum (sha1) is not the one that the service gives.")
    fetched_again(scene, key)


@CASES("a result that is a VOTable with an error")
def _(scene: Scene) -> None:
    scene.server.fault("votable_error", on="GET /results/result")
    key = ended(scene)
    scene.details_say(key, "says: the database is on fire")
    fetched_again(scene, key)


@CASES("a result that is not there")
def _(scene: Scene) -> None:
    scene.server.fault("404", on="GET /results/result")
    key = ended(scene)
    scene.details_say(key, "/results/result is not there (any more) on 127.0.0.1")
    fetched_again(scene, key)


@CASES("a result behind a redirect to a file")
def _(scene: Scene) -> None:
    scene.server.fault("to_file", on="GET /results/result")
    key = ended(scene)
    scene.details_say(key, "redirects to 'file:///etc/hostname', which is not an address we follow.")
    fetched_again(scene, key)
