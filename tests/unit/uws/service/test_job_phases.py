"""A job goes through its phases once, whoever else wants something of it at the same time."""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET

import pytest

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"


def job(service, job_id: str) -> ET.Element:
    return ET.fromstring(service.get(f"/lte/jobs/{job_id}").content)


def test_from_pending_to_completed(service) -> None:
    job_id = service.create()
    before = job(service, job_id)
    assert before.findtext(f"{UWS}phase") == "PENDING"
    assert before.find(f"{UWS}startTime").get("{http://www.w3.org/2001/XMLSchema-instance}nil") == "true"
    assert list(before.find(f"{UWS}results")) == []
    answer = service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "RUN"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{service.url}/lte/jobs/{job_id}"
    assert service.phase(job_id) == "QUEUED"
    service.pool.start(job_id)
    assert service.phase(job_id) == "EXECUTING"
    service.pool.listeners[job_id].progressed(250, 1000, "at work")
    progress = job(service, job_id).find(f"{UWS}jobInfo/{{https://stopdesk.invalid/ns/uws}}progress")
    assert progress.get("fraction") == "0.25"
    assert progress.text == "250 of 1000 rows: at work"
    service.pool.finish(job_id, {"grid.vot": b"<VOTABLE/>", "summary.json": b"{}"})
    after = job(service, job_id)
    assert after.findtext(f"{UWS}phase") == "COMPLETED"
    assert after.findtext(f"{UWS}startTime") <= after.findtext(f"{UWS}endTime")
    assert [r.get("id") for r in after.find(f"{UWS}results")] == ["grid.vot", "summary.json"]
    assert after.find(f"{UWS}errorSummary") is None
    assert service.pool.cancelled == []


def test_the_word_of_a_control_may_come_in_the_query_and_in_lower_case(service) -> None:
    job_id = service.create()
    assert service.post(f"/lte/jobs/{job_id}/phase?phase=RUN").status_code == 303
    assert service.phase(job_id) == "QUEUED"


@pytest.mark.parametrize("before", ["PENDING", "QUEUED", "EXECUTING"])
def test_a_job_that_is_not_over_can_be_aborted(service, before) -> None:
    job_id = service.create()
    if before != "PENDING":
        service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "RUN"})
    if before == "EXECUTING":
        service.pool.start(job_id)
    assert service.phase(job_id) == before
    assert service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "ABORT"}).status_code == 303
    assert service.phase(job_id) == "ABORTED"
    assert service.pool.cancelled == [job_id]
    assert job(service, job_id).findtext(f"{UWS}endTime")


def test_what_the_pool_says_after_an_abort_changes_nothing(service) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.start(job_id)
    service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "ABORT"})
    service.pool.finish(job_id)
    service.pool.fail(job_id)
    assert service.phase(job_id) == "ABORTED"
    assert list(job(service, job_id).find(f"{UWS}results")) == []


def test_a_failed_job_says_why_and_has_its_last_words_at_error(service) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.start(job_id)
    service.pool.fail(job_id, "The worker died.", "Segmentation <fault>\x00\x1b[0m")
    document = job(service, job_id)
    assert document.findtext(f"{UWS}phase") == "ERROR"
    summary = document.find(f"{UWS}errorSummary")
    assert summary.get("type") == "fatal"
    assert summary.get("hasDetail") == "true"
    assert summary.findtext(f"{UWS}message") == "The worker died."
    answer = service.get(f"/lte/jobs/{job_id}/error")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-votable+xml"
    info = ET.fromstring(answer.content).find(".//{*}INFO")
    assert info.text.startswith("The worker died.\n\nSegmentation <fault>")


def test_a_job_without_an_error_has_an_empty_error(service) -> None:
    answer = service.get(f"/lte/jobs/{service.create()}/error")
    assert (answer.status_code, answer.text) == (200, "")


@pytest.mark.parametrize("word", ["RUN", "ABORT"])
@pytest.mark.parametrize("end", ["COMPLETED", "ERROR", "ABORTED"])
def test_what_is_over_can_be_neither_run_nor_aborted(service, end, word) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.start(job_id)
    {
        "COMPLETED": lambda: service.pool.finish(job_id),
        "ERROR": lambda: service.pool.fail(job_id),
        "ABORTED": lambda: service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "ABORT"}),
    }[end]()
    document = service.get(f"/lte/jobs/{job_id}").content
    answer = service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": word})
    assert answer.status_code == 403
    assert end in answer.text
    assert service.get(f"/lte/jobs/{job_id}").content == document


@pytest.mark.parametrize("phase", ["QUEUED", "EXECUTING"])
def test_what_runs_cannot_be_run_again(service, phase) -> None:
    job_id = service.create(PHASE="RUN")
    if phase == "EXECUTING":
        service.pool.start(job_id)
    assert service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "RUN"}).status_code == 403
    assert len(service.pool.tasks) == 1


@pytest.mark.parametrize("data", [{"PHASE": "run"}, {"PHASE": "COMPLETED"}, {"PHASE": ""}, {}])
def test_a_phase_that_cannot_be_asked_for_is_a_bad_request(service, data) -> None:
    job_id = service.create()
    assert service.post(f"/lte/jobs/{job_id}/phase", data=data).status_code == 400
    assert service.phase(job_id) == "PENDING"


@pytest.mark.parametrize("how", ["DELETE", "ACTION=DELETE", "action=DELETE"])
@pytest.mark.parametrize("running", [False, True])
def test_a_deleted_job_is_gone_with_its_files(service, how, running) -> None:
    job_id, other = service.create(PHASE="RUN"), service.create()
    service.pool.start(job_id)
    if not running:
        service.pool.finish(job_id)
    url = f"/lte/jobs/{job_id}"
    if how == "DELETE":
        answer = service.request("DELETE", url)
    else:
        name, _, value = how.partition("=")
        answer = service.post(url, data={name: value})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{service.url}/lte/jobs"
    assert service.get(url).status_code == 404
    assert service.request("DELETE", url).status_code == 404
    assert service.post(url, data={"ACTION": "DELETE"}).status_code == 404
    assert not service.store.job_folder(job_id).exists()
    assert service.pool.cancelled == ([job_id] if running else [])
    assert service.phase(other) == "PENDING"


def test_what_the_pool_says_of_a_deleted_job_changes_nothing(service) -> None:
    job_id = service.create(PHASE="RUN")
    listener = service.pool.listeners[job_id]
    service.request("DELETE", f"/lte/jobs/{job_id}")
    listener.started()
    listener.failed("gone", "")
    assert service.store.ids() == set()


def test_a_post_to_a_job_that_is_no_deletion_is_refused(service) -> None:
    job_id = service.create()
    for data in ({}, {"PHASE": "ABORT"}, {"ACTION": "ARCHIVE"}):
        assert service.post(f"/lte/jobs/{job_id}", data=data).status_code == 400
    assert service.phase(job_id) == "PENDING"


def test_parameters_of_a_job_cannot_be_changed(service) -> None:
    job_id = service.create()
    assert service.post(f"/lte/jobs/{job_id}/parameters", data={"line_width": "3"}).status_code == 403
    assert service.get(f"/lte/jobs/{job_id}/parameters/line_width").text == "1"


@pytest.mark.parametrize("end", ["", "/phase", "/results", "/results/grid.vot", "/parameters", "/error", "/quote"])
def test_an_unknown_job_is_not_found(service, end) -> None:
    assert service.get(f"/lte/jobs/nobody{end}").status_code == 404
    assert "There is no job nobody" in service.get(f"/lte/jobs/nobody{end}").text


def test_a_job_of_another_model_is_not_found_here(service) -> None:
    job_id = service.create("lte")
    assert service.get(f"/lvg/jobs/{job_id}").status_code == 404
    assert service.request("DELETE", f"/lvg/jobs/{job_id}").status_code == 404
    assert service.get(f"/lte/jobs/{job_id}").status_code == 200


def test_a_method_that_a_resource_has_not_is_answered_with_those_it_has(service) -> None:
    answer = service.request("PUT", f"/lte/jobs/{service.create()}")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"DELETE", "GET", "HEAD", "POST"}


@pytest.mark.parametrize("attempt", range(5))
def test_of_many_who_end_a_job_at_once_one_wins(service, attempt) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.start(job_id)
    barrier = threading.Barrier(3)
    answers: list[int] = []

    def abort() -> None:
        barrier.wait()
        answers.append(service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "ABORT"}).status_code)

    def finish() -> None:
        barrier.wait()
        service.pool.finish(job_id)

    threads = [threading.Thread(target=target) for target in (abort, abort, finish)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    phase = service.phase(job_id)
    assert (phase, sorted(answers)) in (("COMPLETED", [403, 403]), ("ABORTED", [303, 403]))
    n_results = len(list(job(service, job_id).find(f"{UWS}results")))
    assert n_results == (1 if phase == "COMPLETED" else 0)


def test_quote_is_a_time_while_the_job_is_not_over_and_empty_after(service) -> None:
    job_id = service.create(PHASE="RUN")
    created = service.store.job(job_id).created
    assert service.store.job(job_id).quote >= created
    assert service.get(f"/lte/jobs/{job_id}/quote").text.endswith("Z")
    service.pool.start(job_id)
    service.pool.finish(job_id)
    assert service.get(f"/lte/jobs/{job_id}/quote").text == ""


def test_a_larger_grid_has_a_later_quote(service) -> None:
    small, large = service.create(), service.create(column_density="1e14:1e18:900000")
    assert service.store.job(large).estimate > 5 * service.store.job(small).estimate


def test_nobody_owns_a_job(service) -> None:
    answer = service.get(f"/lte/jobs/{service.create()}/owner")
    assert (answer.status_code, answer.text) == (200, "")
