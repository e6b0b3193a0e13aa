"""Execution duration and destruction are kept: at the limit the job is aborted, at its time it is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stopdesk.uws.service.records import read_time, show_time
from stopdesk.uws.service.supervisor import DURATION, LIFETIME, MAX_DURATION, MAX_LIFETIME


def test_a_job_that_does_not_ask_gets_the_usual_limits(service) -> None:
    record = service.store.job(service.create())
    assert record.execution_duration == DURATION
    assert record.destruction - record.created <= LIFETIME * 1000


@pytest.mark.parametrize(("asked", "given"), [("60", 60), ("0", MAX_DURATION), ("999999999", MAX_DURATION)])
def test_a_duration_is_set_within_what_is_allowed(service, asked, given) -> None:
    job_id = service.create()
    answer = service.post(f"/lte/jobs/{job_id}/executionduration", data={"ExecutionDuration": asked})
    assert answer.status_code == 303
    assert service.get(f"/lte/jobs/{job_id}/executionduration").text == str(given)


@pytest.mark.parametrize("data", [{"EXECUTIONDURATION": "-1"}, {"EXECUTIONDURATION": "an hour"}, {}])
def test_a_duration_that_is_none_is_a_bad_request(service, data) -> None:
    job_id = service.create()
    assert service.post(f"/lte/jobs/{job_id}/executionduration", data=data).status_code == 400
    assert service.get(f"/lte/jobs/{job_id}/executionduration").text == str(DURATION)


def test_the_duration_of_a_job_that_is_over_cannot_be_set(service) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.fail(job_id)
    assert service.post(f"/lte/jobs/{job_id}/executionduration", data={"EXECUTIONDURATION": "5"}).status_code == 403


def test_a_destruction_time_is_set_as_asked_or_bounded(service) -> None:
    job_id = service.create()
    soon = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert service.post(f"/lte/jobs/{job_id}/destruction", data={"DESTRUCTION": soon}).status_code == 303
    assert service.get(f"/lte/jobs/{job_id}/destruction").text == soon.replace("Z", ".000Z")
    service.post(f"/lte/jobs/{job_id}/destruction", data={"DESTRUCTION": "9999-12-31T23:59:59Z"})
    given = datetime.fromisoformat(service.get(f"/lte/jobs/{job_id}/destruction").text)
    assert given <= datetime.now(UTC) + timedelta(seconds=MAX_LIFETIME)


@pytest.mark.parametrize("data", [{"DESTRUCTION": "never"}, {"DESTRUCTION": ""}, {}])
def test_a_destruction_time_that_is_none_is_a_bad_request(service, data) -> None:
    job_id = service.create()
    assert service.post(f"/lte/jobs/{job_id}/destruction", data=data).status_code == 400


def test_a_job_is_aborted_at_the_end_of_its_duration(service, until) -> None:
    limited, free = service.create(PHASE="RUN", EXECUTIONDURATION="1"), service.create(PHASE="RUN")
    waiting = service.create(PHASE="RUN", EXECUTIONDURATION="1")  # the duration counts what executes only
    service.pool.start(limited)
    service.pool.start(free)
    until(lambda: service.phase(limited) == "ABORTED")
    assert service.pool.cancelled == [limited]
    assert "end of its execution duration of 1 s" in service.get(f"/lte/jobs/{limited}").text
    assert service.phase(free) == "EXECUTING"
    assert service.phase(waiting) == "QUEUED"


def test_a_duration_cut_short_while_the_job_executes_counts_at_once(service, until) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.start(job_id)
    service.post(f"/lte/jobs/{job_id}/executionduration", data={"EXECUTIONDURATION": "1"})
    until(lambda: service.phase(job_id) == "ABORTED")


@pytest.mark.parametrize("phase", ["PENDING", "EXECUTING", "COMPLETED"])
def test_a_job_is_gone_at_its_destruction_time(service, until, phase) -> None:
    job_id, other = service.create(), service.create()
    if phase != "PENDING":
        service.supervisor.run(job_id)
        service.pool.start(job_id)
    if phase == "COMPLETED":
        service.pool.finish(job_id)
    service.post(f"/lte/jobs/{job_id}/destruction", data={"DESTRUCTION": "2001-01-01T00:00:00"})
    until(lambda: service.get(f"/lte/jobs/{job_id}").status_code == 404)
    until(lambda: not service.store.job_folder(job_id).exists())
    assert service.pool.cancelled == ([job_id] if phase == "EXECUTING" else [])
    assert service.phase(other) == "PENDING"


@pytest.mark.parametrize("text", ["2026-02-29T12:34:56.789Z", "2026-11-20T12:00:00.000Z", "1969-12-31T23:59:59.999Z"])
def test_times_are_shown_as_they_are_read(text) -> None:
    text = text.replace("02-29", "02-28")
    assert show_time(read_time(text) // 1000) == text
