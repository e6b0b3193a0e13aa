"""The client against a real HTTP server that is exact, old, odd or lying."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from stopdesk.domain.job import Job, JobResult, Phase
from stopdesk.errors import (
    Gone,
    InputError,
    InvalidParameters,
    Malformed,
    NotAllowed,
    Refused,
    ServerTrouble,
    StopdeskError,
    Unreachable,
)
from stopdesk.net.answer import Answer
from stopdesk.net.credentials import Credential, Origin
from stopdesk.uws.client import UwsClient
from stopdesk.uws.creation import list_moved
from stopdesk.uws.results import file_name
from tests.fakes.clock import Clock
from tests.fakes.uws_server import UwsServer


def test_creating_sends_everything_in_one_post_and_starts_nothing(client: UwsClient, uws_server: UwsServer) -> None:
    url = client.create(uws_server.url, {"molecule": "co", "density": ["1e4", "3e4"]}, run_id="my run")
    assert url == uws_server.job_url("job1")
    (request,) = uws_server.requests
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.fields == (("molecule", "co"), ("density", "1e4"), ("density", "3e4"), ("RUNID", "my run"))
    assert uws_server.jobs["job1"].phase == "PENDING"


def test_a_file_that_cannot_be_read_is_told_before_anything_is_sent(
    client: UwsClient, uws_server: UwsServer, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"nothing\.dat: It could not be read"):
        client.create(uws_server.url, {}, {"molfile": tmp_path / "nothing.dat"})
    with pytest.raises(InvalidParameters, match="Phase"):
        client.create(uws_server.url, {"Phase": "RUN"})
    assert not uws_server.requests


@pytest.mark.parametrize(
    "lie", ["html_in_redirect", "relative", "wrong_host", "created_201", "created_document", "no_version"]
)
def test_the_new_job_is_found_whatever_the_answer(client: UwsClient, uws_server: UwsServer, lie: str) -> None:
    uws_server.lie(lie)
    url = client.create(uws_server.url, {"a": "b"})
    assert url == uws_server.job_url("job1")
    assert client.job(url).job_id == "job1"


def test_an_answer_without_the_new_jobs_address_is_malformed(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.lie("no_location")
    with pytest.raises(Malformed, match="no address"):
        client.create(uws_server.url, {})


def test_a_list_with_a_slash_too_many_is_posted_to_where_it_is(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.lie("moved_list")
    assert client.create(uws_server.url + "/", {"a": "b"}) == uws_server.job_url("job1")
    assert [(each.method, each.fields) for each in uws_server.requests] == [("POST", (("a", "b"),))] * 2
    assert len(uws_server.jobs) == 1


@pytest.mark.parametrize(("fault", "error"), [("votable_error", Refused), ("html", Malformed), ("403", Refused)])
def test_a_rejected_job_is_told_in_the_services_words(
    client: UwsClient, uws_server: UwsServer, fault: str, error: type[StopdeskError]
) -> None:
    uws_server.fault(fault)
    with pytest.raises(error, match=r"on fire|Welcome|on purpose"):
        client.create(uws_server.url, {})
    assert not uws_server.jobs


@pytest.mark.parametrize("fault", ["reset", "die", "503", "401"])
def test_creating_is_never_repeated(client: UwsClient, uws_server: UwsServer, fault: str) -> None:
    uws_server.fault(fault)
    with pytest.raises((Unreachable, ServerTrouble, NotAllowed)):
        client.create(uws_server.url, {})
    assert len(uws_server.requests) == 1


def test_start_abort_and_settings_go_to_their_own_addresses(client: UwsClient, uws_server: UwsServer) -> None:
    url = client.create(uws_server.url, {})
    assert client.start(url).phase is Phase.EXECUTING
    when = datetime(2027, 1, 1, tzinfo=UTC)
    assert client.set_destruction(url, when).destruction == when
    assert client.set_execution_duration(url, 60).execution_duration == 60
    assert client.abort(url).phase is Phase.ABORTED
    posts = [(each.path.rpartition("job1")[2], each.fields) for each in uws_server.requests if each.method == "POST"]
    assert posts[1:] == [
        ("/phase", (("PHASE", "RUN"),)),
        ("/destruction", (("DESTRUCTION", "2027-01-01T00:00:00Z"),)),
        ("/executionduration", (("EXECUTIONDURATION", "60"),)),
        ("/phase", (("PHASE", "ABORT"),)),
    ]


@pytest.mark.parametrize("lies", [[], ["error_as_200"]])
def test_a_job_that_cannot_be_started_is_refused_in_words(
    client: UwsClient, uws_server: UwsServer, lies: list[str]
) -> None:
    uws_server.lie(*lies)
    url = uws_server.job_url(uws_server.add_job("COMPLETED"))
    with pytest.raises(Refused, match="The job is COMPLETED"):
        client.start(url)


def test_aborting_what_has_ended_gives_the_end(client: UwsClient, uws_server: UwsServer) -> None:
    url = uws_server.job_url(uws_server.add_job("COMPLETED"))
    assert client.abort(url).phase is Phase.COMPLETED
    uws_server.lie("abort_refused")
    with pytest.raises(Refused, match="EXECUTING"):
        client.abort(uws_server.job_url(uws_server.add_job("EXECUTING")))


def test_deleting_does_not_fetch_the_list(client: UwsClient, uws_server: UwsServer) -> None:
    url = uws_server.job_url(uws_server.add_job("EXECUTING"))
    client.delete(url)
    assert [each.method for each in uws_server.requests] == ["DELETE"]
    assert not uws_server.jobs
    client.delete(url)  # already gone


@pytest.mark.parametrize("lies", [["no_delete"], ["no_delete", "error_as_200"]])
def test_deleting_without_delete(client: UwsClient, uws_server: UwsServer, lies: list[str]) -> None:
    uws_server.lie(*lies)
    client.delete(uws_server.job_url(uws_server.add_job()))
    assert not uws_server.jobs
    assert uws_server.requests[-1].fields == (("ACTION", "DELETE"),)


def test_deleting_what_is_not_ours_is_not_allowed(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.fault("403")
    with pytest.raises(NotAllowed):
        client.delete(uws_server.job_url(uws_server.add_job()))


@pytest.mark.parametrize("lie", ["html_in_redirect", "abort_is_error", "abort_refused"])
def test_a_running_job_is_aborted_before_it_is_deleted(client: UwsClient, uws_server: UwsServer, lie: str) -> None:
    uws_server.lie(lie)
    client.delete(uws_server.job_url(uws_server.add_job("EXECUTING")), abort_first=True)
    done = [each.method for each in uws_server.requests if each.method != "GET"]
    assert done == ["POST", "DELETE"]
    assert not uws_server.jobs


def test_the_job_with_and_without_wait(client: UwsClient, uws_server: UwsServer) -> None:
    url = uws_server.job_url(uws_server.add_job("EXECUTING", info="<progress>0.5</progress>"))
    assert client.job(url).progress is not None
    assert client.job(url, wait=30, phase=Phase.QUEUED).phase is Phase.EXECUTING  # it differs: at once
    assert uws_server.requests[-1].query == (("WAIT", "30"), ("PHASE", "QUEUED"))
    client.job(url, wait=30, phase=Phase.QUEUED, timeout=20)
    assert uws_server.requests[-1].values("WAIT") == ["15"]
    client.job(url, wait=30, timeout=4)
    assert uws_server.requests[-1].query == ()


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("malformed", Malformed),
        ("empty", Malformed),
        ("html", Malformed),
        ("entity", Malformed),
        ("votable_error", Refused),
    ],
)
def test_what_is_no_job(client: UwsClient, uws_server: UwsServer, fault: str, error: type[StopdeskError]) -> None:
    url = uws_server.job_url(uws_server.add_job())
    uws_server.fault(fault)
    with pytest.raises(error):
        client.job(url)
    uws_server.mend()
    uws_server.remove_job("job1")
    with pytest.raises(Gone, match="There is no job job1"):
        client.job(url)


def test_an_odd_document_is_read(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.lie("unordered", "no_version", "wrong_host")
    job = client.job(uws_server.job_url(uws_server.add_job("COMPLETED", job_id="a b/c")))
    assert (job.job_id, job.phase, job.version) == ("a b/c", Phase.COMPLETED, None)
    assert job.results[0].url == f"{uws_server.url}/a%20b%2Fc/results/result"


def test_the_log_in_is_sent_and_asked_for(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.users = {"alice": "wonderland"}
    with pytest.raises(NotAllowed) as caught:
        client.jobs(uws_server.url)
    assert caught.value.login
    credentials = client.http.credentials
    credentials.put(Origin.of(uws_server.url), Credential.basic("alice", "wonderland"), keep=False)
    assert client.jobs(uws_server.url) == ()
    client.start(client.create(uws_server.url, {}))


def _ids(client: UwsClient, server: UwsServer, **filters: object) -> list[str]:
    return [entry.job_id for entry in client.jobs(server.url, **filters)]  # type: ignore[arg-type]


@pytest.mark.parametrize("lies", [[], ["ignore_filters", "no_version"], ["last_phase_only", "no_href"], ["relative"]])
def test_the_list_is_filtered_whether_the_service_filters_or_not(
    client: UwsClient, uws_server: UwsServer, lies: list[str]
) -> None:
    uws_server.lie(*lies)
    for phase in ("COMPLETED", "ERROR", "EXECUTING", "COMPLETED", "PENDING"):
        uws_server.add_job(phase)
    assert _ids(client, uws_server) == ["job1", "job2", "job3", "job4", "job5"]
    assert _ids(client, uws_server, phases=[Phase.COMPLETED]) == ["job1", "job4"]
    assert sorted(_ids(client, uws_server, phases=[Phase.ERROR, Phase.EXECUTING])) == ["job2", "job3"]
    assert _ids(client, uws_server, last=2) == ["job5", "job4"]
    assert _ids(client, uws_server, last=2, phases=[Phase.COMPLETED, Phase.ERROR]) == ["job4", "job2"]
    after = datetime(2026, 11, 20, 10, 0, 3, tzinfo=UTC)
    assert _ids(client, uws_server, after=after) == ["job4", "job5"]


def test_the_phase_is_the_last_word_of_the_query(client: UwsClient, uws_server: UwsServer) -> None:
    client.jobs(uws_server.url, phases=[Phase.COMPLETED], last=5, after=datetime(2026, 1, 1, tzinfo=UTC))
    assert uws_server.requests[0].query == (("LAST", "5"), ("AFTER", "2026-01-01T00:00:00Z"), ("PHASE", "COMPLETED"))


def test_archived_jobs_are_there_when_asked_for(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.add_job("ARCHIVED")
    uws_server.add_job("ERROR")
    assert _ids(client, uws_server) == ["job2"]
    assert sorted(_ids(client, uws_server, phases=[Phase.ERROR, Phase.ARCHIVED])) == ["job1", "job2"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ((b"line 1\r\nline 2\x07", "text/plain"), "line 1\nline 2"),
        (
            (b'<VOTABLE><INFO name="QUERY_STATUS" value="ERROR">no\nconvergence</INFO></VOTABLE>', "text/xml"),
            "no\nconvergence",
        ),
        ((b"<!DOCTYPE html><title>Error</title><p>of a kind</p>", "text/html"), "Error: of a kind"),
        ((b"<trace><line>one</line><line>two</line></trace>", "text/xml"), "one\ntwo"),
        ((b"", "text/plain"), "in short"),
    ],
)
def test_the_error_in_full(
    client: UwsClient, uws_server: UwsServer, document: tuple[bytes, str], expected: str
) -> None:
    job = client.job(uws_server.job_url(uws_server.add_job("ERROR", error="in short")))
    uws_server.error_document = document
    assert client.error_detail(job) == expected


def test_a_huge_error_is_cut_and_a_missing_one_is_what_the_job_says(client: UwsClient, uws_server: UwsServer) -> None:
    job = client.job(uws_server.job_url(uws_server.add_job("ERROR", error="in short")))
    uws_server.error_document = (b"x" * 3_000_000, "text/plain")
    assert len(client.error_detail(job)) == 1_000_000
    uws_server.fault("404")
    assert client.error_detail(job) == "in short"


def test_results_get_safe_names_and_overwrite_nothing(client: UwsClient, uws_server: UwsServer, tmp_path: Path) -> None:
    results = {
        "result": (b"<VOTABLE/>", "application/x-votable+xml"),
        "../../evil": (b"evil", "text/plain"),
        "image with blank.fits": (b"SIMPLE", "application/fits"),
    }
    job = client.job(uws_server.job_url(uws_server.add_job("COMPLETED", results=results)))
    folder = tmp_path / "out"
    paths = [client.fetch_result(result, folder) for result in job.results]
    paths.append(client.fetch_result(job.results[0], folder))
    assert [path.name for path in paths] == ["result.vot", "_.._evil.txt", "image with blank.fits", "result-2.vot"]
    assert all(path.parent == folder for path in paths)
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in paths)
    assert paths[1].read_bytes() == b"evil"


@pytest.mark.parametrize(
    ("result_id", "name", "kind", "expected"),
    [
        ("r", "5d_output.txt", None, "5d_output.txt"),
        ("r", None, "application/fits", "r.fits"),
        ("..", None, None, "result"),
        ("/etc/passwd", None, None, "_etc_passwd"),
        ("C:\\x", None, None, "C__x"),
        ("nul", None, "text/csv", "_nul.csv"),
        (".hidden", None, None, "hidden"),
        ("a\nb\x00", None, None, "a_b_"),
        ("x" * 500, None, "image/png", "x" * 120 + ".png"),
    ],
)
def test_file_names(result_id: str, name: str | None, kind: str | None, expected: str) -> None:
    assert file_name(JobResult(result_id=result_id, url="http://h/", name=name, mime_type=kind)) == expected


def test_a_result_that_is_an_error_is_refused_and_leaves_no_file(
    client: UwsClient, uws_server: UwsServer, tmp_path: Path
) -> None:
    job = client.job(uws_server.job_url(uws_server.add_job("COMPLETED")))
    uws_server.fault("votable_error")
    with pytest.raises(Refused, match="on fire"):
        client.fetch_result(job.results[0], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_damaged_result_is_noticed_by_its_sum(client: UwsClient, uws_server: UwsServer, tmp_path: Path) -> None:
    job = client.job(uws_server.job_url(uws_server.add_job("COMPLETED", results={"r": (b"abc", "text/plain")})))
    result = job.results[0]
    right = result.model_copy(update={"sha1": "a9993e364706816aba3e25717850c26c9cd0d89d"})  # FIPS 180, "abc"
    assert client.fetch_result(right, tmp_path).read_bytes() == b"abc"
    with pytest.raises(Malformed, match="damaged"):
        client.fetch_result(result.model_copy(update={"sha1": "0" * 40}), tmp_path)


def test_only_web_addresses_are_results_to_fetch(client: UwsClient, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="uws:executing:10"):
        client.fetch_result(JobResult(result_id="diag", url="uws:executing:10"), tmp_path)


def test_results_elsewhere_get_no_credentials(
    client: UwsClient, uws_server: UwsServer, httpserver: HTTPServer, tmp_path: Path
) -> None:
    uws_server.users = {"alice": "wonderland"}
    client.http.credentials.put(Origin.of(uws_server.url), Credential.basic("alice", "wonderland"), keep=False)
    httpserver.expect_request("/store").respond_with_data("stored")
    path = client.fetch_result(JobResult(result_id="r.txt", url=httpserver.url_for("/store")), tmp_path)
    assert path.read_text() == "stored"
    assert "Authorization" not in httpserver.log[0][0].headers


def _follow(client: UwsClient, url: str, **options: object) -> tuple[Job, list[str]]:
    seen: list[str] = []
    job = client.wait_for_end(url, on_change=lambda job: seen.append(job.phase.value), **options)  # type: ignore[arg-type]
    return job, seen


@pytest.mark.parametrize("lie", ["html_in_redirect", "no_version", "ignore_wait", "refuse_wait"])
def test_a_job_is_followed_to_its_end(client: UwsClient, uws_server: UwsServer, lie: str) -> None:
    uws_server.lie(lie)
    uws_server.after_run = ("QUEUED", "EXECUTING", "SUSPENDED", "EXECUTING", "COMPLETED")
    url = client.create(uws_server.url, {})
    job, seen = _follow(client, url, job=client.start(url))
    assert job.phase is Phase.COMPLETED
    assert seen[-1] == "COMPLETED"
    assert "SUSPENDED" in seen


def test_following_outlives_a_lost_server(client: UwsClient, uws_server: UwsServer, clock: Clock) -> None:
    uws_server.after_run = ("QUEUED", "EXECUTING", "COMPLETED")
    url = client.create(uws_server.url, {})
    started = client.start(url)
    uws_server.fault("reset", times=3)
    assert _follow(client, url, job=started)[0].phase is Phase.COMPLETED
    assert clock.now >= 1 + 2 + 4  # it was asked less and less often


def test_following_a_server_without_wait_is_no_storm(client: UwsClient, uws_server: UwsServer) -> None:
    uws_server.lie("ignore_wait")
    url = uws_server.job_url(uws_server.add_job("EXECUTING"))
    job, seen = _follow(client, url, timeout=300)
    assert job.phase is Phase.EXECUTING  # the time is up, the job is not failed
    assert seen == ["EXECUTING"]
    assert len(uws_server.requests) < 25


def test_following_ends_when_it_has_to(client: UwsClient, uws_server: UwsServer) -> None:
    url = uws_server.job_url(uws_server.add_job("EXECUTING"))
    uws_server.lie("ignore_wait")
    left = [3]

    def cancelled() -> bool:
        left[0] -= 1
        return left[0] < 0

    assert _follow(client, url, cancelled=cancelled)[0].phase is Phase.EXECUTING
    uws_server.remove_job("job1")
    with pytest.raises(Gone):
        client.wait_for_end(url)
    uws_server.fault("403")
    with pytest.raises(NotAllowed):
        client.wait_for_end(url)
    uws_server.stop()
    with pytest.raises(Unreachable):
        client.wait_for_end(url, timeout=60)


def test_a_wait_ends_as_the_phase_changes(client: UwsClient, uws_server: UwsServer) -> None:
    url = uws_server.job_url(uws_server.add_job("EXECUTING"))

    def finish() -> None:
        uws_server.wait_for(lambda server: any(each.values("WAIT") for each in server.requests))
        uws_server.set_phase("job1", "COMPLETED")

    thread = threading.Thread(target=finish)
    thread.start()
    job, _ = _follow(client, url)
    thread.join()
    assert job.phase is Phase.COMPLETED
    assert len(uws_server.requests) <= 3


@pytest.mark.parametrize(
    ("elsewhere", "follows"),
    [
        ("http://example.org/jobs/", True),
        ("https://example.org/jobs", True),
        ("http://example.org:80/jobs", True),
        ("http://example.org:8080/jobs", False),
        ("http://other.example.org/jobs", False),
        ("http://example.org/elsewhere", False),
        ("ftp://example.org/jobs", False),
    ],
)
def test_files_are_sent_on_to_the_same_server_only(elsewhere: str, follows: bool) -> None:
    asked = "http://example.org/jobs"
    answer = Answer(url=asked, status=307, headers={"location": elsewhere})
    assert list_moved(answer, asked) == (elsewhere if follows else None)
