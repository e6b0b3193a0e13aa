"""What real servers do beside the standard, and what users of UWS clients have asked for because of it."""

from __future__ import annotations

import hashlib

import pytest

from stopdesk.domain.job import JobResult, Phase
from stopdesk.errors import Gone, InputError, Malformed, NotAllowed, Unreachable
from stopdesk.net.credentials import Credential, Origin
from stopdesk.uws.client import WAIT_MARGIN
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.tracker import Tracker
from stopdesk.uws.xml import read_job
from tests.unit.uws.records import recorded
from tests.unit.uws.scene import LIST_URL, Rows, Scene, document

ROWS = Rows()


@ROWS("abort goes to /phase")
def _(scene: Scene) -> None:
    scene.client.abort(scene.add())
    assert scene.asked[0] == "POST /job1/phase"


@ROWS("parameters have one address, or one each")
def _(scene: Scene) -> None:
    scene.server.lie("single_parameters")
    url = scene.client.create(scene.server.url, {"a": "1", "b c": "2"})
    job = scene.client.set_parameters(url, {"a": "3", "b c": "4"})
    assert {each.name: each.value for each in job.parameters} == {"a": "3", "b c": "4"}
    assert scene.asked[1:4] == [f"POST /job1/parameters{name}" for name in ("", "/a", "/b%20c")]


@ROWS("OPUS: PHASE is last in the query")
def _(scene: Scene) -> None:
    scene.client.jobs(scene.server.url, phases=[Phase.ERROR], last=5)
    assert scene.server.requests[0].query == (("LAST", "5"), ("PHASE", "ERROR"))


@ROWS("OPUS: no version, nil elements, text in errorSummary")
def _(_scene: Scene) -> None:
    url, _, body = recorded("opus/16-job-error.txt")
    job = read_job(body, url)
    assert (job.phase, job.version) == (Phase.ERROR, None)
    assert job.error is not None
    assert job.error.message
    url, _, body = recorded("opus/03-job-pending.txt")
    pending = read_job(body, url)
    assert pending.error is None
    tracker = Tracker()
    for name in "ab":
        tracker.follow(name, pending.url, job=pending)
    assert [poll.wait for poll in tracker.due(0.0)] == [30, None]  # WAIT is tried once


@ROWS("OPUS: result attributes name and hash")
def _(scene: Scene) -> None:
    url = scene.answer("/result", "abc", Content_Type="text/plain")
    right = hashlib.sha1(b"abc", usedforsecurity=False).hexdigest()
    inside = '<results><result id="r" name="my result.txt" hash="{}" href="{}"/></results>'
    (result,) = document(inside.format(right.upper(), url)).results
    assert scene.client.fetch_result(result, scene.folder).name == "my result.txt"
    (wrong,) = document(inside.format("0" * 40, url)).results
    with pytest.raises(Malformed, match="damaged"):
        scene.client.fetch_result(wrong, scene.folder)
    assert scene.files == ["my result.txt", "my result.txt.unverified"]


@ROWS("percent-encoded parameter values")
def _(_scene: Scene) -> None:
    for sent, shown in (
        ("a%2Bb+c%26d", "a+b c&d"),
        ("HCO+", "HCO+"),  # what may be meant as it is stays
        ("50%", "50%"),
        ("a%2bb", "a%2bb"),
        ("http%3A%2F%2Fh%2Fa b", "http%3A%2F%2Fh%2Fa b"),  # nobody encodes so
    ):
        assert document(f'<parameters><parameter id="p">{sent}</parameter></parameters>').parameters[0].value == shown


@ROWS("old Daiquiri: the id of a jobref is not the job's")
def _(_scene: Scene) -> None:
    (entry,) = read_jobs(f'<jobs><jobref id="my table" href="{LIST_URL}/17"/></jobs>'.encode(), LIST_URL)
    assert (entry.job_id, entry.url) == ("17", f"{LIST_URL}/17")


@ROWS("jobref without href")
def _(_scene: Scene) -> None:
    (entry,) = read_jobs(b'<jobs><jobref id="a/b"/></jobs>', LIST_URL)
    assert entry.url == f"{LIST_URL}/a%2Fb"


@ROWS("ESAC: line breaks around the phase")
def _(_scene: Scene) -> None:
    assert document("<phase>\r\nCOMPLETED\r\n</phase>").phase is Phase.COMPLETED


@ROWS("errorSummary in a completed job")
def _(_scene: Scene) -> None:
    assert document("<errorSummary>low memory</errorSummary><phase>COMPLETED</phase>").phase is Phase.COMPLETED


@ROWS("the error only at /error")
def _(scene: Scene) -> None:
    scene.server.error_document = (
        b'<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">tk too low</INFO></RESOURCE></VOTABLE>',
        "text/xml",
    )
    job = scene.job("ERROR")
    assert job.error is None
    assert scene.client.error_detail(job) == "tk too low"
    for fault in ("500", "403", "404", "huge"):
        scene.server.fault(fault, times=1)
        assert isinstance(scene.client.error_detail(job), str)  # the reason is looked for, not insisted on


@ROWS("results redirect to another host")
def _(scene: Scene) -> None:
    scene.client.http.credentials.put(Origin.of(scene.web.url_for("/")), Credential.bearer("token"), keep=False)
    scene.server.add_job("COMPLETED", job_id="store", results={"r": (b"stored", "text/plain")})
    store = f"{scene.server.job_url('store')}/results/r"
    url = scene.answer("/r", status=302, Location=store)
    assert scene.client.fetch_result(JobResult(result_id="r", url=url), scene.folder).read_bytes() == b"stored"
    assert "Authorization" in scene.web.log[0][0].headers
    assert "authorization" not in scene.server.requests[-1].headers


@ROWS("DELETE answers with the list")
def _(scene: Scene) -> None:
    scene.client.delete(scene.add())
    assert scene.asked == ["DELETE /job1"]


@ROWS("a job read too soon is PENDING")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")
    scene.server.after_run = ("PENDING",) * 5 + ("EXECUTING", "COMPLETED")
    url = scene.client.create(scene.server.url, {})
    job = scene.client.start(url)
    assert job.phase is Phase.PENDING
    assert scene.client.wait_for_end(url, job=job).phase is Phase.COMPLETED
    assert scene.server.count("POST", "/phase") == 1  # it is not started again
    assert scene.clock.now >= 1.0


@ROWS("PHASE=RUN in the creating POST is ignored")
def _(scene: Scene) -> None:
    url = scene.client.create(scene.server.url, {})
    assert not scene.server.requests[0].values("PHASE")
    assert scene.client.start(url).phase is Phase.EXECUTING


@ROWS("no creationTime")
def _(scene: Scene) -> None:
    url = scene.answer("/j", "<job><phase>COMPLETED</phase></job>")
    job = scene.client.wait_for_end(url)
    assert (job.phase, job.created) == (Phase.COMPLETED, None)


@ROWS("CADC: results that are no addresses")
def _(scene: Scene) -> None:
    (result,) = document('<results><result id="diag" xlink:href="uws:executing:10"/></results>').results
    assert result.url == "uws:executing:10"
    with pytest.raises(InputError, match="not an address to download from"):
        scene.client.fetch_result(result, scene.folder)


@ROWS("the result is not called result")
def _(_scene: Scene) -> None:
    inside = "<results><result id='main' href='m'/><result id='log' href='l'/></results>"
    assert [each.result_id for each in document(inside).results] == ["main", "log"]


@ROWS("WAIT is promised and not done")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")
    job = scene.client.wait_for_end(scene.add(), timeout=120)
    assert job.phase is Phase.EXECUTING
    assert sum(bool(each.values("WAIT")) for each in scene.server.requests) <= 1
    assert len(scene.server.requests) < 15


@ROWS("WAIT is longer than one's own time-out")
def _(scene: Scene) -> None:
    assert WAIT_MARGIN > 5
    url = scene.add()
    scene.server.lie("ignore_wait")
    scene.client.job(url, wait=60, timeout=30)
    assert scene.server.requests[-1].values("WAIT") == ["25"]


@ROWS("jobs are destroyed after days")
def _(_scene: Scene) -> None:
    url, _, body = recorded("opus/03-job-pending.txt")
    job = read_job(body, url)
    assert job.destruction is not None
    assert job.created is not None
    assert (job.destruction - job.created).days == 30


@ROWS("TAPVizieR: results only for the computer that asked")
def _(scene: Scene) -> None:
    url = scene.answer("/r", "no", status=403)
    with pytest.raises(NotAllowed, match="only to the computer from which the job was sent"):
        scene.client.fetch_result(JobResult(result_id="r", url=url), scene.folder)
    assert scene.files == []


@ROWS("OPUS: the run-time limit is short")
def _(scene: Scene) -> None:
    url = scene.client.create(scene.server.url, {})
    scene.client.set_execution_duration(url, 7200)
    assert scene.asked[1] == "POST /job1/executionduration"


@ROWS("asked for: a time-out that is a total budget")
def _(scene: Scene) -> None:
    url = scene.add()
    scene.server.stop()
    with pytest.raises(Unreachable):
        scene.client.wait_for_end(url, timeout=60)
    assert 59 <= scene.clock.now <= 61


@ROWS("asked for: following outlives a lost connection")
def _(scene: Scene) -> None:
    scene.server.after_run = ("EXECUTING", "COMPLETED")
    url = scene.client.create(scene.server.url, {})
    job = scene.client.start(url)
    scene.server.fault("die", times=2)
    scene.server.fault("reset", times=2)
    assert scene.client.wait_for_end(url, job=job).phase is Phase.COMPLETED


@ROWS("asked for: a job that is gone is told from an error")
def _(scene: Scene) -> None:
    with pytest.raises(Gone, match=r"/uws/jobs/nosuchjob is not there \(any more\).*There is no job nosuchjob"):
        scene.client.job(f"{scene.server.url}/nosuchjob")
