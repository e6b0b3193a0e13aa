"""The job list and its filters PHASE, AFTER and LAST."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import datetime, timedelta

import pytest

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"


@pytest.fixture
def jobs(service) -> dict[str, str]:
    """One job in each phase, in the order in which they were made."""
    made = {phase: service.create(RUNID=phase) for phase in ("PENDING", "QUEUED", "EXECUTING", "COMPLETED", "ERROR")}
    for phase, job_id in made.items():
        if phase != "PENDING":
            service.supervisor.run(job_id)
        if phase in ("EXECUTING", "COMPLETED", "ERROR"):
            service.pool.start(job_id)
    service.pool.finish(made["COMPLETED"])
    service.pool.fail(made["ERROR"])
    service.create("lvg", density_h2="1e4")  # of another list
    return made


def listed(service, query: str = "") -> list[str]:
    document = ET.fromstring(service.get(f"/lte/jobs{query}").content)
    return [reference.get("id") for reference in document]


def test_all_jobs_of_the_model_newest_first_with_what_is_known_of_them(service, jobs) -> None:
    document = ET.fromstring(service.get("/lte/jobs").content)
    assert document.tag == f"{UWS}jobs"
    assert document.get("version") == "1.1"
    assert [reference.get("id") for reference in document] == list(reversed(jobs.values()))
    for phase, reference in zip(reversed(jobs), document, strict=True):
        href = reference.get("{http://www.w3.org/1999/xlink}href")
        assert href == f"{service.url}/lte/jobs/{reference.get('id')}"
        assert reference.findtext(f"{UWS}phase") == phase
        assert reference.findtext(f"{UWS}runId") == phase
        shown = ET.fromstring(service.get(href).content).findtext(f"{UWS}creationTime")
        assert reference.findtext(f"{UWS}creationTime") == shown


@pytest.mark.parametrize(
    ("query", "phases"),
    [
        ("?PHASE=QUEUED", ["QUEUED"]),
        ("?PHASE=ERROR&PHASE=PENDING", ["ERROR", "PENDING"]),
        ("?phase=COMPLETED&Phase=QUEUED", ["COMPLETED", "QUEUED"]),
        ("?PHASE=ARCHIVED", []),
        ("?PHASE=HELD", []),
        ("?LAST=2", ["ERROR", "COMPLETED"]),
        ("?LAST=99999999999999999999", ["ERROR", "COMPLETED", "EXECUTING", "QUEUED", "PENDING"]),
        ("?PHASE=PENDING&PHASE=QUEUED&LAST=1", ["QUEUED"]),
        ("?last=1&phase=EXECUTING", ["EXECUTING"]),
    ],
)
def test_filters(service, jobs, query, phases) -> None:
    assert listed(service, query) == [jobs[phase] for phase in phases]


def test_after_is_strict_on_the_time_as_it_is_shown(service, jobs) -> None:
    times = {}
    for phase, job_id in jobs.items():
        document = ET.fromstring(service.get(f"/lte/jobs/{job_id}").content)
        times[phase] = document.findtext(f"{UWS}creationTime")
    assert len(set(times.values())) == len(times)  # so that nobody is missed between two of the same time
    order = list(jobs)
    for n, phase in enumerate(order):
        younger = [jobs[name] for name in reversed(order[n + 1 :])]
        assert listed(service, f"?AFTER={times[phase]}") == younger
        assert listed(service, f"?AFTER={times[phase].removesuffix('Z')}") == younger
        moment = datetime.fromisoformat(times[phase])
        before = (moment - timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
        assert listed(service, f"?AFTER={before}") == [*younger, jobs[phase]]
        east = (moment + timedelta(hours=2)).isoformat().replace("+00:00", "%2B02:00")
        assert listed(service, f"?AFTER={east}") == younger
    assert listed(service, f"?AFTER={times['QUEUED']}&PHASE=ERROR&PHASE=PENDING&LAST=5") == [jobs["ERROR"]]


@pytest.mark.parametrize("after", ["1066-10-14T09:00:00Z", "0001-01-01T00:00:00%2B14:00", "2020-01-01"])
def test_times_long_ago_are_times(service, jobs, after) -> None:
    assert len(listed(service, f"?AFTER={after}")) == len(jobs)


@pytest.mark.parametrize(
    "query",
    [
        "PHASE=running",
        "PHASE=",
        "PHASE=QUEUED,ERROR",
        "AFTER=yesterday",
        "AFTER=",
        "LAST=0",
        "LAST=-1",
        "LAST=two",
        "LAST=1.5",
        "LAST=²",
        f"LAST={'9' * 5000}",
    ],
)
def test_bad_filters_are_bad_requests(service, jobs, query) -> None:
    assert service.get(f"/lte/jobs?{query}").status_code == 400


def test_an_empty_list_is_a_list(service) -> None:
    assert listed(service) == []


def test_the_list_of_a_model_that_is_not_there_is_not_found(service) -> None:
    assert service.get("/radmc/jobs").status_code == 404
