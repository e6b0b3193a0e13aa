"""The local service under pyvo, a client that we did not write."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyvo.dal import AsyncTAPJob
from pyvo.io.vosi import parse_availability, parse_capabilities

from tests.e2e.service_process import ServiceProcess


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path / "data") as running:
        yield running


def pending(service: ServiceProcess, model: str = "lte", **fields: str) -> AsyncTAPJob:
    answer = service.request("POST", f"{model}/jobs", data={"molecule": "co", **fields})
    return AsyncTAPJob(answer.headers["Location"], session=service.http)


def test_a_job_from_its_start_to_its_results(service) -> None:
    job = pending(service, column_density="1e14:1e16:3:log", RUNID="from pyvo")
    assert job.phase == "PENDING"
    assert job.uws_version == "1.1"
    assert job.owner is None
    job.execution_duration = 600
    assert job.execution_duration.sec == 600
    job.destruction = "9000-01-01T00:00:00Z"
    assert job.destruction.to_datetime().year < 9000  # bounded
    assert job.quote is not None
    job.run()
    job.wait(timeout=60)
    assert job.phase == "COMPLETED"
    job.raise_if_error()
    assert [uri.rpartition("/")[2] for uri in job.result_uris] == ["grid.vot", "lines.vot", "summary.json"]
    for uri, result in zip(job.result_uris, job.results, strict=True):
        assert len(service.request("GET", uri).content) == int(result.size)
    url = job.url
    job.delete()
    assert service.request("GET", url).status_code == 404


def test_abort(service) -> None:
    job = pending(service)
    job.abort()
    assert job.phase == "ABORTED"


def test_an_error_is_raised_with_its_words(service) -> None:
    grid = {"density_h2": "1e3:1e7:100:log", "column_density": "1e12:1e18:1000:log", "EXECUTIONDURATION": "1"}
    job = pending(service, "lvg", **grid)
    job.run()
    with pytest.raises(Exception, match="not active"):  # pyvo's word for an aborted job
        job.wait(timeout=60)
    assert job.phase == "ABORTED"


def test_its_vosi_documents_can_be_read(service) -> None:
    availability = service.request("GET", "availability").content
    assert parse_availability(io.BytesIO(availability)).available
    found = parse_capabilities(io.BytesIO(service.request("GET", "capabilities").content))
    urls = [i.accessurls[0].content for c in found if c.standardid == "ivo://ivoa.net/std/UWS" for i in c.interfaces]
    assert urls == [f"{service.url}lte/jobs", f"{service.url}lvg/jobs"]
