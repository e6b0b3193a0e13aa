"""Faults that happen on every network, and what a server that means ill might try."""

from __future__ import annotations

import gzip

import pytest
from werkzeug import Request, Response

from stopdesk.domain.job import JobResult, Phase
from stopdesk.domain.run import Contact
from stopdesk.errors import Gone, Malformed, NetworkError, Refused, Unreachable
from stopdesk.net.credentials import Credential, Origin
from stopdesk.uws.tracker import Tracker
from tests.unit.uws.scene import Rows, Scene, document

ROWS = Rows()


@ROWS("200 with an error in a VOTable")
def _(scene: Scene) -> None:
    for call in (
        lambda: scene.client.create(scene.server.url, {}),
        lambda: scene.client.jobs(scene.server.url),
        lambda: scene.client.job(scene.server.job_url("job1")),
        lambda: scene.client.start(scene.server.job_url("job1")),
        lambda: scene.client.delete(scene.server.job_url("job1")),
    ):
        scene.server.fault("votable_error")
        with pytest.raises(Refused, match="the database is on fire"):
            call()


@ROWS("hrefs relative, on another host, with blanks")
def _(_scene: Scene) -> None:
    hrefs = {
        "results/a b": "http://vo.example.org/lvg/async/results/a%20b",
        "/store/%20x": "http://vo.example.org/store/%20x",
        "//cdn.example.org/x": "http://cdn.example.org/x",
        "https://far.example.org/é": "https://far.example.org/%C3%A9",
        "http://internal:8080/lvg/async/j1/r": "http://vo.example.org/lvg/async/j1/r",
    }
    for href, url in hrefs.items():
        assert document(f'<results><result id="r" href="{href}"/></results>').results[0].url == url


@ROWS("WAIT returns at once, hangs, or is refused")
def _(scene: Scene) -> None:
    for lie in ("ignore_wait", "refuse_wait"):
        scene.server.mend()
        scene.server.lie(lie)
        scene.server.after_run = ("EXECUTING", "EXECUTING", "COMPLETED")
        url = scene.client.create(scene.server.url, {})
        assert scene.client.wait_for_end(url, job=scene.client.start(url)).phase is Phase.COMPLETED
    job = document("<phase>EXECUTING</phase>")
    tracker = Tracker()
    tracker.follow("a", job.url, job=job)
    (poll,) = tracker.due(0.0)
    change = tracker.failed(poll, Unreachable("silent", url=job.url), 45.0)
    assert change is not None
    assert change.contact is Contact.OK
    assert tracker.due(45.0)[0].wait is None


@ROWS("redirects in a loop")
def _(scene: Scene) -> None:
    scene.server.fault("redirect")
    with pytest.raises(Malformed, match="gave up after 5 redirects"):
        scene.client.jobs(scene.server.url)


@ROWS("redirects to another scheme")
def _(scene: Scene) -> None:
    for number, target in enumerate(("file:///etc/passwd", "ftp://h/x", "javascript:alert(1)", "data:text/xml,<job/>")):
        url = scene.answer(f"/{number}", status=303, Location=target)
        with pytest.raises(Malformed, match="not an address we follow"):
            scene.client.job(url)
        with pytest.raises(Malformed):
            scene.client.fetch_result(JobResult(result_id="r", url=url), scene.folder)
    assert scene.files == []


@ROWS("a Location of another scheme for the new job")
def _(scene: Scene) -> None:
    url = scene.answer("/jobs", status=303, Location="file:///etc/passwd")
    with pytest.raises(Malformed, match="job list"):
        scene.client.create(url, {})


@ROWS("documents in other encodings")
def _(scene: Scene) -> None:
    for number, encoding in enumerate(("utf-16", "iso-8859-1", "windows-1252", "utf-8-sig")):
        head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
        url = scene.answer(f"/{number}", f"{head}<job><runId>Ångström</runId></job>".encode(encoding))
        assert scene.client.job(url).run_id == "Ångström"


@ROWS("a phase goes backwards")
def _(_scene: Scene) -> None:
    done, back = document("<phase>EXECUTING</phase>"), document("<phase>QUEUED</phase>")
    tracker = Tracker()
    tracker.follow("a", done.url, job=done)
    change = tracker.answered(tracker.due(0.0)[0], back, 3.0)
    assert change is not None
    assert (change.changed, change.ended) == (True, False)
    assert "a" in tracker


@ROWS("a phase that is not in the standard")
def _(_scene: Scene) -> None:
    job = document("<phase>MEDITATING</phase>")
    assert (job.phase, job.phase_word) == (Phase.UNKNOWN, "MEDITATING")
    assert not job.phase.is_final


@ROWS("a job vanishes")
def _(scene: Scene) -> None:
    url = scene.add()
    scene.server.remove_job("job1")
    with pytest.raises(Gone):
        scene.client.wait_for_end(url)
    tracker = Tracker()
    tracker.follow("a", url)
    change = tracker.failed(tracker.due(0.0)[0], Gone("gone", url=url), 0.1)
    assert change is not None
    assert change.contact is Contact.GONE
    assert "a" not in tracker


@ROWS("credentials stay with their origin")
def _(scene: Scene) -> None:
    scene.client.http.credentials.put(Origin.of(scene.server.url), Credential.basic("alice", "secret"), keep=False)
    seen: list[str | None] = []

    def look(request: Request) -> Response:
        seen.append(request.headers.get("Authorization"))
        return Response("<job/>")

    other = scene.answer_by("/other", look)
    scene.client.job(other)
    scene.client.job(scene.answer("/away", status=303, Location="/other"))
    scene.client.fetch_result(JobResult(result_id="r", url=other), scene.folder)
    assert seen == [None, None, None]


@ROWS("file names from the server stay in the folder and overwrite nothing")
def _(scene: Scene) -> None:
    (scene.folder / "result.txt").write_text("mine")
    names = ("../../evil", "/etc/passwd", "..", "result", "RESULT.TXT", "a\x00b\nc", "CON", ".bashrc", "x" * 300)
    for name in names:
        url = scene.answer("/r", "theirs", Content_Type="text/plain")
        path = scene.client.fetch_result(JobResult(result_id=name, url=url), scene.folder)
        assert path.parent == scene.folder
        assert path.read_text() == "theirs"
    assert (scene.folder / "result.txt").read_text() == "mine"
    assert len(scene.files) == len(names) + 1


@ROWS("XML with DTD, entities, deep nesting")
def _(scene: Scene) -> None:
    bombs = (
        '<!DOCTYPE job [<!ENTITY a "b">]><job>&a;</job>',
        '<!DOCTYPE job SYSTEM "file:///etc/passwd"><job/>',
        "<job>&undeclared;</job>",
        "<a>" * 5000 + "</a>" * 5000,
    )
    for number, bomb in enumerate(bombs):
        with pytest.raises(Malformed):
            scene.client.job(scene.answer(f"/j{number}", bomb))
        with pytest.raises(Malformed):
            scene.client.jobs(scene.answer(f"/l{number}", bomb.replace("job", "jobs")))


@ROWS("documents too large, also when unpacked")
def _(scene: Scene) -> None:
    packed = gzip.compress(b"<job>" + b" " * 80_000_000 + b"</job>")
    url = scene.answer_by("/bomb", lambda _: Response(packed, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(Malformed, match="more than 67108864 bytes"):
        scene.client.job(url)


@ROWS("malformed, empty, HTML, cut off, silent")
def _(scene: Scene) -> None:
    url = scene.add()
    for fault in ("malformed", "empty", "html", "entity", "die", "reset", "500"):
        scene.server.mend()
        scene.server.fault(fault)
        with pytest.raises(NetworkError) as caught:
            scene.client.job(url)
        assert len(str(caught.value)) > 20
        assert caught.value.url.startswith(scene.server.root)


@ROWS("a list with ids that repeat")
def _(scene: Scene) -> None:
    one = '<jobref id="a" href="a"><phase>QUEUED</phase></jobref>'
    two = '<jobref id="a" href="b"><phase>ERROR</phase></jobref>'
    listing = scene.client.listing(scene.answer("/jobs/", f"<jobs>{one}{two}{one}</jobs>"))
    assert [(each.job_id, each.phase) for each in listing.entries] == [("a", Phase.QUEUED), ("b", Phase.ERROR)]
