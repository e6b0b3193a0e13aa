"""The cases of UWS 1.1, by the section that names them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stopdesk.domain.job import Job, Phase
from stopdesk.domain.spec import Uploads
from stopdesk.errors import Gone, InvalidParameters, Malformed, NotAllowed, Refused, ServerTrouble, Unreachable
from stopdesk.net.credentials import Credential, Origin
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.tracker import Tracker
from tests.unit.uws.scene import LIST_URL, Rows, Scene, document

ROWS = Rows()


@ROWS("create")
def _(scene: Scene) -> None:
    url = scene.client.create(scene.server.url, {"a": "1"})
    assert scene.asked == ["POST "]
    assert url == scene.server.job_url("job1")
    scene.server.fault("reset")
    with pytest.raises(Unreachable, match="not known whether"):
        scene.client.create(scene.server.url, {})
    assert scene.asked == ["POST ", "POST "]


@ROWS("PHASE=RUN on creation")
def _(scene: Scene) -> None:
    scene.server.lie("runs_at_once")
    url = scene.client.create(scene.server.url, {"a": "1"})
    assert scene.server.jobs["job1"].phase == "PENDING"  # it is not asked for, so that the address is kept first
    assert scene.client.start(url).phase is Phase.EXECUTING
    assert ("PHASE", "RUN") not in scene.client.job(url).parameters
    with pytest.raises(InvalidParameters):
        scene.client.create(scene.server.url, {"phase": "RUN"})


@ROWS("start, abort")
def _(scene: Scene) -> None:
    url = scene.add("PENDING")
    assert scene.client.start(url).phase is Phase.EXECUTING
    assert scene.client.abort(url).phase is Phase.ABORTED
    assert [each for each in scene.asked if each.startswith("POST")] == ["POST /job1/phase"] * 2
    for phase in ("PENDING", "QUEUED", "HELD", "SUSPENDED"):
        assert scene.client.abort(scene.add(phase)).phase is Phase.ABORTED


@ROWS("delete")
def _(scene: Scene) -> None:
    url = scene.add("COMPLETED")
    scene.server.lie("no_delete")
    scene.client.delete(url)
    scene.client.delete(url)
    assert scene.asked == ["DELETE /job1", "POST /job1", "DELETE /job1"]  # and never the list


@ROWS("redirects")
def _(scene: Scene) -> None:
    scene.client.http.credentials.put(Origin.of(scene.web.url_for("/")), Credential.bearer("token"), keep=False)
    there = scene.answer("/there", "<job><phase>QUEUED</phase></job>")
    here = scene.answer("/here", status=303, Location="/there")
    assert scene.client.job(here).phase is Phase.QUEUED
    assert all("Authorization" in request.headers for request, _ in scene.web.log)
    away = scene.answer("/away", status=303, Location=scene.add())
    assert scene.client.job(away).phase is Phase.EXECUTING
    assert "authorization" not in scene.server.requests[-1].headers
    assert there


@ROWS("WAIT")
def _(scene: Scene) -> None:
    url = scene.add()
    scene.server.lie("ignore_wait")
    scene.client.job(url, wait=30, phase=Phase.EXECUTING)
    assert scene.server.requests[-1].query == (("WAIT", "30"), ("PHASE", "EXECUTING"))
    tracker = Tracker()
    for phase in Phase:
        job = document(f"<phase>{phase}</phase>")
        tracker.follow("a", job.url, job=job)
        (poll,) = tracker.due(0.0)
        assert (poll.wait is not None) == (phase in (Phase.PENDING, Phase.QUEUED, Phase.EXECUTING))
        tracker.answered(poll, job, 0.1)
        tracker.unfollow("a")
        tracker = Tracker()


@ROWS("WAIT + PHASE")
def _(scene: Scene) -> None:
    url = scene.add()
    assert scene.client.job(url, wait=30, phase=Phase.QUEUED).phase is Phase.EXECUTING  # at once: it differs
    scene.server.set_phase("job1", "COMPLETED")
    assert scene.client.job(url, wait=30, phase=Phase.EXECUTING).phase is Phase.COMPLETED


@ROWS("delete/destruction during WAIT")
def _(scene: Scene) -> None:
    url = scene.add()
    scene.server.lie("ignore_wait")
    assert scene.client.job(url, wait=30).phase is Phase.EXECUTING
    scene.server.remove_job("job1")
    with pytest.raises(Gone):
        scene.client.job(url, wait=30)


@ROWS("list filters")
def _(scene: Scene) -> None:
    for phase in ("PENDING", "EXECUTING", "ERROR"):
        scene.add(phase)
    after = datetime(2026, 11, 20, 10, 0, 1, 500_000, tzinfo=UTC)
    for lies in ([], ["ignore_filters"], ["last_phase_only"]):
        scene.server.mend()
        scene.server.lie(*lies)
        wanted = [Phase.EXECUTING, Phase.ERROR]
        found = scene.client.jobs(scene.server.url, phases=wanted, after=after, last=1)
        assert [each.job_id for each in found] == ["job3"]
    assert scene.server.requests[0].query == (
        ("LAST", "1"),
        ("AFTER", "2026-11-20T10:00:01.500Z"),
        ("PHASE", "EXECUTING"),
    )


@ROWS("ARCHIVED in lists")
def _(scene: Scene) -> None:
    scene.add("ARCHIVED")
    scene.add("ERROR")
    assert [each.job_id for each in scene.client.jobs(scene.server.url)] == ["job2"]
    (entry,) = scene.client.jobs(scene.server.url, phases=[Phase.ARCHIVED])
    assert (entry.job_id, entry.phase.is_final) == ("job1", True)


@ROWS("huge list")
def _(scene: Scene) -> None:
    for _ in range(5):
        scene.add("COMPLETED")
    scene.server.lie("short_list")
    listing = scene.client.listing(scene.server.url)
    assert (len(listing), listing.is_cut) == (2, True)
    scene.server.mend()
    assert not scene.client.listing(scene.server.url).is_cut
    assert scene.client.listing(scene.server.url, last=3).is_cut
    assert not scene.client.listing(scene.server.url, last=9).is_cut


@ROWS("jobref")
def _(scene: Scene) -> None:
    scene.server.lie("no_href")
    scene.add("COMPLETED", job_id="a b/c")
    (entry,) = scene.client.jobs(scene.server.url)
    assert entry.url == scene.server.job_url("a b/c")
    assert scene.client.job(entry.url).phase is Phase.COMPLETED


@ROWS("version")
def _(_scene: Scene) -> None:
    for version, waits in (("1.1", True), ("2.0", True), ("1.0", False), ("odd", True), ("", True)):
        job = document("<phase>QUEUED</phase>", root=f'job version="{version}"')
        assert job.phase is Phase.QUEUED
        tracker = Tracker()
        tracker.follow("a", job.url, job=job)
        assert (tracker.due(0.0)[0].wait is not None) == waits


@ROWS("creationTime")
def _(_scene: Scene) -> None:
    assert document("<phase>QUEUED</phase>").created is None
    entries = read_jobs(b'<jobs><jobref id="a"><phase>ERROR</phase></jobref></jobs>', LIST_URL)
    assert [(each.job_id, each.created) for each in entries] == [("a", None)]


@ROWS("times")
def _(_scene: Scene) -> None:
    for text, second in (
        ("10:00:00Z", 0.0),
        ("10:00:00", 0.0),
        ("12:00:00+02:00", 0.0),
        ("10:00:00.123456789Z", 0.123456),
    ):
        job = document(f"<startTime>2026-11-20T{text}</startTime>")
        assert job.started == datetime(2026, 11, 20, 10, tzinfo=UTC) + timedelta(seconds=second)
    assert document("<endTime>2026-12-31T24:00:00Z</endTime>").ended == datetime(2027, 1, 1, tzinfo=UTC)
    assert document("<endTime>2026-12-31T23:59:60Z</endTime>").ended == datetime(2027, 1, 1, tzinfo=UTC)
    odd = document("<endTime>soon</endTime><phase>QUEUED</phase>")
    assert (odd.ended, odd.phase) == (None, Phase.QUEUED)


@ROWS("XML order")
def _(scene: Scene) -> None:
    scene.server.lie("unordered")
    job = scene.job("COMPLETED", run_id="mine", parameters=(("a", "1"),))
    assert (job.phase, job.run_id, len(job.parameters), len(job.results)) == (Phase.COMPLETED, "mine", 1, 1)
    odd = document('<new:thing xmlns:new="urn:x"><phase>ERROR</phase></new:thing><x:phase odd="1">HELD</x:phase>')
    assert odd.phase is Phase.HELD


@ROWS("required elements")
def _(_scene: Scene) -> None:
    job = document("<phase>EXECUTING</phase>")
    assert (job.job_id, job.owner, job.started, job.execution_duration, job.results) == ("j1", None, None, None, ())


@ROWS("ownerId")
def _(scene: Scene) -> None:
    assert document('<ownerId xsi:nil="true">x</ownerId>').owner is None
    assert document("<ownerId>alice</ownerId>").owner == "alice"
    scene.server.fault("403")
    with pytest.raises(NotAllowed) as caught:
        scene.client.job(scene.add())
    assert not caught.value.login


@ROWS("quote")
def _(_scene: Scene) -> None:
    assert document("<quote>2026-11-20T10:00:00Z</quote>").quote == datetime(2026, 11, 20, 10, tzinfo=UTC)
    for odd in ('<quote xsi:nil="true"/>', "", "<quote>120</quote>", "<quote/>"):
        assert document(f"{odd}<phase>QUEUED</phase>").quote is None


@ROWS("executionDuration")
def _(scene: Scene) -> None:
    url = scene.add("PENDING")
    assert scene.client.set_execution_duration(url, 0).execution_duration == 0
    scene.server.jobs["job1"].duration = "3600"
    assert scene.client.job(url).execution_duration == 3600  # as the service set it
    assert document("<executionDuration>600.0</executionDuration>").execution_duration == 600


@ROWS("destruction")
def _(scene: Scene) -> None:
    url = scene.add("PENDING")
    when = datetime.fromisoformat("2027-01-01T02:00:00+02:00")
    assert scene.client.set_destruction(url, when).destruction == when
    posted = next(each for each in scene.server.requests if each.method == "POST")
    assert posted.fields == (("DESTRUCTION", "2027-01-01T00:00:00Z"),)
    assert document('<destruction xsi:nil="true"/>').destruction is None


@ROWS("phases")
def _(_scene: Scene) -> None:
    assert {phase for phase in Phase if phase.is_final} == {
        Phase.COMPLETED,
        Phase.ERROR,
        Phase.ABORTED,
        Phase.ARCHIVED,
    }
    assert Phase.HELD.can_start
    assert not Phase.SUSPENDED.can_start
    for word in ("UNKNOWN", "SLEEPING", ""):
        job = document(f"<phase>{word}</phase>")
        tracker = Tracker()
        tracker.follow("a", job.url, job=job)
        assert tracker.answered(tracker.due(0.0)[0], job, 0.1) is not None
        assert "a" in tracker  # it is asked for again


@ROWS("parameter names")
def _(scene: Scene) -> None:
    scene.client.create(scene.server.url, {"Tk_min": "10", "CD": "1e14"}, run_id="r")
    assert scene.server.requests[0].fields == (("Tk_min", "10"), ("CD", "1e14"), ("RUNID", "r"))
    assert document('<parameters><parameter id="tk_min">10.0</parameter></parameters>').parameters[0].name == "tk_min"


@ROWS("repeated parameters")
def _(scene: Scene) -> None:
    url = scene.client.create(scene.server.url, {"POS": ["1 2", "3 4"]})
    assert [(each.name, each.value) for each in scene.client.job(url).parameters] == [("POS", "1 2"), ("POS", "3 4")]


@ROWS("update of parameters")
def _(scene: Scene) -> None:
    url = scene.client.create(scene.server.url, {"a": "1", "b": "2"})
    job = scene.client.set_parameters(url, {"a": "1", "b": ["3", "4"]})
    assert [(each.name, each.value) for each in job.parameters] == [("a", "1"), ("b", "3"), ("b", "4")]
    scene.client.start(url)
    with pytest.raises(Refused, match="The job is EXECUTING"):
        scene.client.set_parameters(url, {"a": "9"})


@ROWS("uploads")
def _(scene: Scene) -> None:
    file = scene.folder / "co.dat"
    file.write_bytes(b"data")
    scene.client.create(scene.server.url, {}, {"molecule_file": file}, uploads=Uploads.REFERENCE)
    (request,) = scene.server.requests
    assert request.headers["content-type"].startswith("multipart/form-data")
    assert ("molecule_file", "param:upload_1") in request.fields
    assert request.files["upload_1"] == ("co.dat", b"data")


@ROWS("byReference")
def _(scene: Scene) -> None:
    for word, is_so in (("true", True), ("1", True), ("false", False), ("0", False)):
        (parameter,) = document(
            f'<parameters><parameter id="m" byReference="{word}">results/m</parameter></parameters>'
        ).parameters
        assert parameter.by_reference == is_so
    assert not scene.server.requests  # nothing is fetched that was not asked for


@ROWS("parameter text")
def _(_scene: Scene) -> None:
    inside = '<parameters><parameter id="a">1 &lt; 2 <b>x</b><![CDATA[<&]]></parameter></parameters>'
    assert document(inside).parameters[0].value == "1 &lt; 2 <b>x</b>&lt;&amp;"
    assert document('<parameters><parameter id="a">1 &lt; 2</parameter></parameters>').parameters[0].value == "1 < 2"


@ROWS("results")
def _(scene: Scene) -> None:
    stored = scene.answer("/store", "far away")
    scene.client.http.credentials.put(Origin.of(scene.server.url), Credential.bearer("token"), keep=False)
    results = document(f'<results><result id="../x" href="{stored}"/><result id="r" href="r/1"/></results>').results
    assert scene.client.fetch_result(results[0], scene.folder).name == ".._x".lstrip(".") + ".txt"
    assert "Authorization" not in scene.web.log[0][0].headers
    assert results[1].url == "http://vo.example.org/lvg/async/r/1"
    assert (results[0].size, results[0].mime_type) == (None, None)


@ROWS("errorSummary")
def _(scene: Scene) -> None:
    warned = document('<phase>COMPLETED</phase><errorSummary type="transient"><message>hm</message></errorSummary>')
    assert warned.phase is Phase.COMPLETED
    bare = document("<phase>ERROR</phase>")
    assert (bare.phase, bare.error) == (Phase.ERROR, None)
    job = scene.job("ERROR", error="short")
    scene.server.error_document = (b"<html><title>Long</title><pre>line 3</pre></html>", "text/html")
    assert scene.client.error_detail(job) == "Long: line 3"


@ROWS("jobInfo")
def _(_scene: Scene) -> None:
    info = "<jobInfo><phase>ERROR</phase><results><result id='x'/></results><runId>no</runId></jobInfo>"
    job = document(f"{info}<phase>EXECUTING</phase>")
    assert (job.phase, job.results, job.run_id) == (Phase.EXECUTING, (), None)


@ROWS("xsi:type, xsi:schemaLocation, DTD")
def _(scene: Scene) -> None:
    url = scene.answer("/x.xsd")
    job = document(
        f'<phase xsi:type="x">QUEUED</phase><?xml-stylesheet href="{url}"?>',
        root=f'job xsi:schemaLocation="http://www.ivoa.net/xml/UWS/v1.0 {url}"',
    )
    assert job.phase is Phase.QUEUED
    with pytest.raises(Malformed, match="refused for safety"):
        scene.client.job(scene.answer("/j", f'<!DOCTYPE job SYSTEM "{url}"><job/>'))
    assert [request.path for request, _ in scene.web.log] == ["/j"]  # nothing that a document names is fetched


@ROWS("Accept")
def _(scene: Scene) -> None:
    scene.client.jobs(scene.server.url)
    scene.client.start(scene.add("PENDING"))
    for request in scene.server.requests:
        assert request.headers["accept"] == "application/xml, text/xml, text/plain"


@ROWS("status codes")
def _(scene: Scene) -> None:
    url = scene.add()
    for status, error in (("404", Gone), ("410", Gone), ("403", NotAllowed), ("401", NotAllowed), ("400", Refused)):
        scene.server.fault(status, times=1)
        with pytest.raises(error):
            scene.client.job(url)
    scene.server.fault("503", times=1)
    assert scene.client.job(url).phase is Phase.EXECUTING
    assert scene.clock.slept == [2.0]  # as Retry-After says
    scene.server.fault("503", times=1, on="POST")
    with pytest.raises(ServerTrouble):
        scene.client.start(url)
    assert scene.server.count("POST") == 1  # never tried again
    assert isinstance(scene.job("ERROR", error="x"), Job)  # an ERROR of the job is none of HTTP


@ROWS("runId")
def _(scene: Scene) -> None:
    for _ in range(2):
        url = scene.client.create(scene.server.url, {}, run_id="same name")
        assert scene.client.job(url).run_id == "same name"
