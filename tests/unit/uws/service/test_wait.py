"""WAIT answers when the phase changes, at once when nothing can change, and holds up nobody else."""

from __future__ import annotations

import threading
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from stopdesk.uws.service.records import now
from stopdesk.uws.service.waiting import MAX_WAIT, read_wait

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"
LONG = "250"  # longer than the deadline of the tests' requests: an answer means that something woke it


class Waiter(threading.Thread):
    """A client of its own connection that waits for a job."""

    def __init__(self, service, job_id: str, **query: str) -> None:
        super().__init__()
        self.url, self.query, self.headers = f"{service.url}/lte/jobs/{job_id}", query, dict(service.http.headers)
        self.answer: requests.Response | None = None
        self.start()

    def run(self) -> None:
        self.answer = requests.get(self.url, params=self.query, headers=self.headers, timeout=30)

    def phase(self) -> str | None:
        self.join(30)
        assert self.answer is not None
        return ET.fromstring(self.answer.content).findtext(f"{UWS}phase")


def listening(service, job_id: str, n: int = 1) -> bool:
    return len(service.changes._listeners.get(job_id, ())) == n


@pytest.mark.parametrize("wait", [LONG, "-1"])
def test_it_answers_at_each_change_of_the_phase(service, until, wait) -> None:
    job_id = service.create()
    for change, phase in (
        (lambda: service.post(f"/lte/jobs/{job_id}/phase", data={"PHASE": "RUN"}), "QUEUED"),
        (lambda: service.pool.start(job_id), "EXECUTING"),
        (lambda: service.pool.finish(job_id), "COMPLETED"),
    ):
        waiter = Waiter(service, job_id, WAIT=wait)
        until(lambda: listening(service, job_id))
        assert waiter.is_alive()
        change()
        assert waiter.phase() == phase
    until(lambda: listening(service, job_id, 0))


def test_it_answers_at_once_where_the_client_knows_another_phase(service) -> None:
    job_id = service.create(PHASE="RUN")
    for known in ("PENDING", "EXECUTING", "COMPLETED", "NONSENSE"):
        answer = service.get(f"/lte/jobs/{job_id}", params={"WAIT": LONG, "PHASE": known})
        assert ET.fromstring(answer.content).findtext(f"{UWS}phase") == "QUEUED"


def test_it_waits_where_the_client_knows_the_phase(service, until) -> None:
    job_id = service.create(PHASE="RUN")
    waiter = Waiter(service, job_id, wait=LONG, phase="QUEUED")
    until(lambda: listening(service, job_id))
    service.pool.fail(job_id)
    assert waiter.phase() == "ERROR"


def test_it_answers_at_once_where_nothing_can_change(service) -> None:
    job_id = service.create(PHASE="RUN")
    service.pool.fail(job_id)
    for query in ({"WAIT": LONG}, {"WAIT": "-1", "PHASE": "ERROR"}):
        assert "ERROR" in service.get(f"/lte/jobs/{job_id}", params=query).text


def test_it_answers_unchanged_when_the_time_is_over(service) -> None:
    job_id = service.create()
    for wait in ("0", "1"):
        assert "PENDING" in service.get(f"/lte/jobs/{job_id}", params={"WAIT": wait}).text


@pytest.mark.parametrize("wait", ["soon", "1.5", "-2", ""])
def test_what_is_no_whole_number_is_a_bad_request(service, wait) -> None:
    assert service.get(f"/lte/jobs/{service.create()}", params={"WAIT": wait}).status_code == 400


def test_every_wait_is_bounded() -> None:
    assert read_wait("-1") == read_wait("99999999") == MAX_WAIT
    assert read_wait("30") == 30


def test_a_deletion_wakes_with_not_found(service, until) -> None:
    job_id = service.create()
    waiter = Waiter(service, job_id, WAIT="-1")
    until(lambda: listening(service, job_id))
    service.request("DELETE", f"/lte/jobs/{job_id}")
    waiter.join(30)
    assert waiter.answer is not None
    assert waiter.answer.status_code == 404


def test_the_end_of_a_job_s_time_wakes_with_not_found(service, until) -> None:
    job_id = service.create()
    waiter = Waiter(service, job_id, WAIT="-1")
    until(lambda: listening(service, job_id))
    service.supervisor.set_destruction(job_id, now())
    waiter.join(30)
    assert waiter.answer is not None
    assert waiter.answer.status_code == 404


def test_an_unknown_job_is_not_waited_for(service) -> None:
    assert service.get("/lte/jobs/nobody?WAIT=-1").status_code == 404


def test_many_who_wait_hold_up_nobody_and_all_are_woken(service, until) -> None:
    job_id = service.create(PHASE="RUN")
    waiters = [Waiter(service, job_id, WAIT=LONG) for _ in range(60)]  # more than there are threads in the service
    until(lambda: listening(service, job_id, 60))
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: service.create(), range(12)))
    assert len(set(made)) == 12
    service.pool.start(job_id)
    assert {waiter.phase() for waiter in waiters} == {"EXECUTING"}


def test_a_client_that_leaves_is_not_waited_for(service, until) -> None:
    job_id = service.create()
    with pytest.raises(requests.ReadTimeout):
        requests.get(
            f"{service.url}/lte/jobs/{job_id}",
            params={"WAIT": "-1"},
            headers=dict(service.http.headers),
            timeout=(5, 0.2),
        )
    until(lambda: listening(service, job_id, 0))


def test_the_end_of_the_service_answers_who_waits(service, until) -> None:
    job_id = service.create()
    waiter = Waiter(service, job_id, WAIT="-1")
    until(lambda: listening(service, job_id))
    service.server.patient = True
    service.server.should_exit = True
    assert waiter.phase() == "PENDING"
