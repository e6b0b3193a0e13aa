"""What DaCHS 2.7 does otherwise; the numbers are those of the list of its deviations."""

from __future__ import annotations

import pytest

from stopdesk.domain.job import Job, JobResult, Phase
from stopdesk.domain.spec import Uploads
from stopdesk.errors import Gone, NotAllowed, Refused
from stopdesk.net.credentials import Credential, Origin
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.probe import probe
from stopdesk.uws.tracker import Tracker
from stopdesk.uws.xml import read_error, read_job
from tests.fakes.file_server import file_server
from tests.runs import make_run
from tests.unit.uws.records import recorded
from tests.unit.uws.scene import Rows, Scene, document

ROWS = Rows()


def record(name: str) -> Job:
    url, _, body = recorded(f"dachs/{name}.txt")
    return read_job(body, url)


@ROWS("1 PHASE=RUN on creation is ignored")
def _(scene: Scene) -> None:
    assert record("31_job_from_create_run").phase is Phase.PENDING
    scene.client.start(scene.client.create(scene.server.url, {}))
    assert scene.asked[:2] == ["POST ", "POST /job1/phase"]


@ROWS("2 no runId")
def _(_scene: Scene) -> None:
    assert record("03_job_pending").run_id is None


@ROWS("3 a second POST resets parameters")
def _(scene: Scene) -> None:
    scene.server.lie("forgets_parameters")
    scene.server.defaults = {"engine": "numpy", "line_width": "1.0"}
    file = scene.folder / "co.dat"
    file.write_bytes(b"data")
    values = {"engine": "pythonradex", "line_width": "2.5"}
    url = scene.client.create(scene.server.url, values, {"molecule_file": file})
    scene.client.start(url)
    assert scene.server.count("POST") == 2  # all at once, then PHASE=RUN
    assert {each.name: each.value for each in scene.client.job(url).parameters}.items() >= values.items()
    pending = scene.client.create(scene.server.url, values)
    changed = scene.client.set_parameters(pending, {**values, "line_width": "3.0"})
    assert {each.name: each.value for each in changed.parameters} == {"engine": "pythonradex", "line_width": "3.0"}


@ROWS("4 parameters come back in Python's words")
def _(scene: Scene) -> None:
    names = [each.name for each in record("A20_radex_job").parameters]
    assert len(names) > 3
    value = (
        document("<parameters><parameter id='c'>['para-H2', 'ortho-H2']</parameter></parameters>").parameters[0].value
    )
    assert value == "['para-H2', 'ortho-H2']"  # shown, and compared with nothing
    url = scene.add("PENDING", parameters=(("cd", "100000000000000.0"),))
    assert scene.client.start(url).phase is Phase.EXECUTING


@ROWS("5 byReference is True")
def _(_scene: Scene) -> None:
    (file,) = (each for each in record("A20_radex_job").parameters if each.by_reference)
    assert file.value.endswith("/results/molfile")


@ROWS("6 a plain file part becomes a parameter")
def _(scene: Scene) -> None:
    file = scene.folder / "co.dat"
    file.write_bytes(b"data")
    scene.client.create(scene.server.url, {}, {"molecule_file": file}, uploads=Uploads.REFERENCE)
    (request,) = scene.server.requests
    assert ("UPLOAD", "molecule_file,param:upload_1") in request.fields
    assert set(request.files) == {"upload_1"}  # never under the name of the parameter
    huge = document(f"<phase>QUEUED</phase><parameters><parameter id='m'>{'x' * 445_000}</parameter></parameters>")
    assert len(huge.parameters[0].value) == 445_000
    assert len(huge.raw) <= 200_000


@ROWS("7 an upload by address blocks the server")
def _(scene: Scene) -> None:
    file = scene.folder / "co.dat"
    file.write_bytes(b"data")
    scene.client.create(scene.server.url, {}, {"m": file})
    assert not any("http:" in value for _, value in scene.server.requests[0].fields)


@ROWS("8 a missing parameter is an error of the job")
def _(_scene: Scene) -> None:
    job = record("49_missing_required_job")
    assert (job.phase, job.started) == (Phase.ERROR, None)
    assert job.error is not None
    assert job.error.message


@ROWS("9 no address of a single parameter")
def _(_scene: Scene) -> None:
    url, status, body = recorded("dachs/45_single_param.txt")
    assert status == 200
    assert "Too many segments" in (read_error(body) or "")
    with pytest.raises(Refused):
        read_job(body, url)


@ROWS("10 POST to the job itself is an error with status 200")
def _(scene: Scene) -> None:
    assert "POST" in (read_error(recorded("dachs/F1_post_to_job.txt")[2]) or "")
    scene.client.start(scene.add("PENDING"))
    assert "POST /job1" not in scene.asked


@ROWS("11 errors come with status 200")
def _(scene: Scene) -> None:
    for name in (
        "15_bad_param",
        "16_bad_enum",
        "40_param_after_run",
        "42_bad_phase",
        "43_no_such_result",
        "88c_wait_bad",
    ):
        _, status, body = recorded(f"dachs/{name}.txt")
        assert status == 200, name
        assert read_error(body), name
    scene.server.lie("error_as_200")
    with pytest.raises(Refused, match="The job is COMPLETED"):
        scene.client.start(scene.add("COMPLETED"))
    result = JobResult(result_id="no", url=scene.answer("/no", recorded("dachs/43_no_such_result.txt")[2]))
    with pytest.raises(Refused):
        scene.client.fetch_result(result, scene.folder)
    assert scene.files == []


@ROWS("12 /error is a VOTable, or empty")
def _(scene: Scene) -> None:
    job = record("61_fail_reportable_final")
    assert job.error is not None
    assert "Hint:" in job.error.message
    scene.server.error_document = (recorded("dachs/62_fail_reportable_error.txt")[2], "text/xml")
    failed = scene.job("ERROR", error="short")
    assert scene.client.error_detail(failed).startswith("No convergence after 1000 iterations (tau > 1e4)")
    scene.server.error_document = (b"", "text/plain")
    assert scene.client.error_detail(failed) == "short"


@ROWS("13 HTML under a 303")
def _(scene: Scene) -> None:
    scene.server.lie("html_in_redirect")
    url = scene.client.create(scene.server.url, {})
    assert scene.client.start(url).phase is Phase.EXECUTING
    scene.client.delete(url)
    assert not scene.server.jobs


@ROWS("14 a job of another service")
def _(_scene: Scene) -> None:
    url, _, body = recorded("dachs/46_foreign_job.txt")
    with pytest.raises(Refused, match="supposed to redirect to"):
        read_job(body, url)


@ROWS("15 ABORT ends in ERROR")
def _(scene: Scene) -> None:
    scene.server.lie("abort_is_error", "ignore_wait")
    url = scene.add()
    job = scene.client.wait_for_end(url, job=scene.client.abort(url))
    assert job.phase is Phase.ERROR
    run = make_run(abort_asked=True).model_copy(update={"job": job})
    assert (run.phase, run.state) == (Phase.ABORTED, "aborted")
    assert run.model_copy(update={"abort_asked": False}).phase is Phase.ERROR


@ROWS("16 DELETE leaves the worker running")
def _(scene: Scene) -> None:
    scene.server.lie("abort_is_error")
    scene.client.delete(scene.add(), abort_first=True)
    done = [each for each in scene.asked if not each.startswith("GET")]
    assert done == ["POST /job1/phase", "DELETE /job1"]


@ROWS("17 the run-time limit is not kept")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")
    scene.server.after_run = ("EXECUTING",) * 20 + ("COMPLETED",)
    url = scene.client.create(scene.server.url, {})
    scene.client.set_execution_duration(url, 3)
    assert scene.client.wait_for_end(url, job=scene.client.start(url)).phase is Phase.COMPLETED
    assert scene.clock.now > 3


@ROWS("18 no endTime")
def _(_scene: Scene) -> None:
    job = record("34_job_completed")
    assert (job.phase, job.ended) == (Phase.COMPLETED, None)
    assert make_run().model_copy(update={"job": job}).run_time is None


@ROWS("19 QUEUED for minutes")
def _(scene: Scene) -> None:
    scene.server.lie("ignore_wait")
    scene.server.after_run = ("QUEUED",) * 40 + ("EXECUTING", "COMPLETED")
    url = scene.client.create(scene.server.url, {})
    assert scene.client.wait_for_end(url, job=scene.client.start(url)).phase is Phase.COMPLETED
    assert scene.clock.now > 600


@ROWS("20 WAIT ends with any change of phase")
def _(_scene: Scene) -> None:
    queued, executing = document("<phase>QUEUED</phase>"), document("<phase>EXECUTING</phase>")
    tracker = Tracker()
    tracker.follow("a", queued.url, job=queued)
    (poll,) = tracker.due(0.0)
    tracker.answered(poll, executing, 2.0)
    (again,) = tracker.due(2.0)  # at once, with the phase that it has now
    assert (again.wait, again.phase) == (30, Phase.EXECUTING)


@ROWS("21 nil quote, owner NULL")
def _(_scene: Scene) -> None:
    job = record("03_job_pending")
    assert (job.quote, job.owner) == (None, None)


@ROWS("22 PHASE=RUN of a finished job changes nothing")
def _(scene: Scene) -> None:
    url = scene.answer("/uws/jobs/x", "<job><phase>COMPLETED</phase></job>")
    scene.answer("/uws/jobs/x/phase", status=303, Location="/uws/jobs/x")
    assert scene.client.start(url).phase is Phase.COMPLETED


@ROWS("23 a bare list without order, one PHASE heeded")
def _(scene: Scene) -> None:
    url, _, body = recorded("dachs/80_joblist_slow.txt")
    entries = read_jobs(body, url)
    assert entries
    assert all(each.url == f"{url}/{each.job_id}" and each.phase is not Phase.UNKNOWN for each in entries)
    assert all((each.run_id, each.created) == (None, None) for each in entries)
    scene.server.lie("last_phase_only")
    for phase in ("QUEUED", "EXECUTING", "ERROR"):
        scene.add(phase)
    found = scene.client.jobs(scene.server.url, phases=[Phase.QUEUED, Phase.EXECUTING])
    assert {each.phase for each in found} == {Phase.QUEUED, Phase.EXECUTING}


@ROWS("24 the list is open, the jobs are not")
def _(scene: Scene) -> None:
    scene.server.lie("open_list")
    scene.server.users = {"alice": "wonderland"}
    scene.server.add_job("EXECUTING")
    (entry,) = scene.client.jobs(scene.server.url)
    with pytest.raises(NotAllowed) as caught:
        scene.client.job(entry.url)
    assert caught.value.login
    scene.client.http.credentials.put(Origin.of(entry.url), Credential.basic("alice", "wonderland"), keep=False)
    assert scene.client.job(entry.url).phase is Phase.EXECUTING
    scene.client.create(scene.server.url, {})
    assert "authorization" in scene.server.requests[-1].headers  # unasked, else the job would be nobody's


@ROWS("25 HEAD never answers")
def _(scene: Scene) -> None:
    scene.client.create(scene.server.url, {})
    job = scene.job("COMPLETED")
    scene.client.fetch_result(job.results[0], scene.folder)
    scene.client.jobs(scene.server.url)
    scene.client.delete(job.url, abort_first=True)
    assert not any(each.method == "HEAD" for each in scene.server.requests)


@ROWS("26 hrefs with blanks, no type, no size")
def _(scene: Scene) -> None:
    blank = record("B10_multi_job").results
    assert any(each.url.endswith("/image%20with%20blank.fits") for each in blank)
    assert {(each.mime_type, each.size) for each in blank} == {(None, None)}
    job = scene.job("COMPLETED", results={"image with blank.fits": (b"SIMPLE", "x"), "result": (b"x", "text/csv")})
    bare = [each.model_copy(update={"mime_type": None, "size": None}) for each in job.results]
    for result in bare:
        scene.client.fetch_result(result, scene.folder)
    assert scene.files == ["image with blank.fits", "result.csv"]  # the type is the one that it comes with


@ROWS("27 addresses are made from serverURL")
def _(scene: Scene) -> None:
    scene.server.lie("wrong_host")
    scene.client.http.credentials.put(Origin.of(scene.server.url), Credential.bearer("token"), keep=False)
    scene.server.token = "token"
    url = scene.client.create(scene.server.url, {})
    assert url.startswith(scene.server.root)
    scene.client.start(url)
    scene.server.set_phase("job1", "COMPLETED")
    job = scene.client.job(url)
    scene.client.fetch_result(job.results[0], scene.folder)
    (entry,) = scene.client.jobs(scene.server.url)
    assert entry.url == url
    assert all("authorization" in each.headers for each in scene.server.requests)


@ROWS("28 no XML declaration, odd instructions")
def _(_scene: Scene) -> None:
    url, _, body = recorded("dachs/03_job_pending.txt")
    assert body.lstrip().startswith(b"<?xml-stylesheet")
    assert read_job(body, url).phase is Phase.PENDING


@ROWS("29 a slash at the end of the list")
def _(scene: Scene) -> None:
    scene.server.lie("moved_list")
    assert scene.client.create(scene.server.url + "/", {"a": "1"}) == scene.server.job_url("job1")
    assert scene.server.jobs["job1"].parameters == (("a", "1"),)
    assert [each.job_id for each in scene.client.jobs(scene.server.url + "/")] == ["job1"]


@ROWS("30 capabilities do not name the job list")
def _(scene: Scene) -> None:
    scene.add("COMPLETED")
    report = probe(scene.client.http, scene.server.url)  # so the list is what the user gives, and what is tested
    assert (report.n_jobs, report.version, report.available) == (1, "1.1", None)


@ROWS("404 for an unknown job")
def _(scene: Scene) -> None:
    _, status, body = recorded("dachs/44_no_such_job.txt")
    assert status == 404
    with pytest.raises(Gone):
        scene.client.job(scene.answer("/nosuchjob", body, status=404))


@ROWS("Range requests on results work")
def _(scene: Scene) -> None:
    with file_server(b"x" * 300_000) as file:
        file.breaks_at = [100_000]
        path = scene.client.fetch_result(JobResult(result_id="cube", url=file.url), scene.folder)
        assert path.stat().st_size == 300_000
        assert [headers.get("range") for _, headers in file.requests] == [None, "bytes=100000-"]
