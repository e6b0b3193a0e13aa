"""Results: their list with size and type, and their bytes, whole or in part."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

DATA = bytes(range(256)) * 40


@pytest.fixture
def job_id(service) -> str:
    made = service.create(PHASE="RUN")
    service.pool.start(made)
    service.pool.finish(made, {"grid.vot": DATA, "summary.json": b"{}"})
    return made


def test_the_list_tells_size_type_and_address(service, job_id) -> None:
    listed = ET.fromstring(service.get(f"/lte/jobs/{job_id}/results").content)
    in_job = ET.fromstring(service.get(f"/lte/jobs/{job_id}").content).find("{*}results")
    assert [r.attrib for r in listed] == [r.attrib for r in in_job]
    grid, summary = listed
    assert grid.get("id") == "grid.vot"
    assert grid.get("size") == str(len(DATA))
    assert grid.get("mime-type") == "application/x-votable+xml"
    assert summary.get("mime-type") == "application/json"
    for result in listed:
        answer = service.get(result.get("{http://www.w3.org/1999/xlink}href"))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == result.get("mime-type")
        assert len(answer.content) == int(result.get("size"))


def test_a_result_comes_whole(service, job_id) -> None:
    answer = service.get(f"/lte/jobs/{job_id}/results/grid.vot")
    assert answer.content == DATA
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert 'filename="grid.vot"' in answer.headers["Content-Disposition"]


def test_a_part_of_a_result(service, job_id) -> None:
    answer = service.get(f"/lte/jobs/{job_id}/results/grid.vot", headers={"Range": "bytes=100-299"})
    assert answer.status_code == 206
    assert answer.content == DATA[100:300]
    assert answer.headers["Content-Range"] == f"bytes 100-299/{len(DATA)}"
    tail = service.get(f"/lte/jobs/{job_id}/results/grid.vot", headers={"Range": "bytes=-10"})
    assert tail.content == DATA[-10:]
    beyond = service.get(f"/lte/jobs/{job_id}/results/grid.vot", headers={"Range": f"bytes={len(DATA)}-"})
    assert beyond.status_code == 416


def test_the_head_of_a_result(service, job_id) -> None:
    answer = service.request("HEAD", f"/lte/jobs/{job_id}/results/grid.vot")
    assert answer.status_code == 200
    assert answer.headers["Content-Length"] == str(len(DATA))
    assert answer.headers["Content-Type"] == "application/x-votable+xml"
    assert answer.content == b""


@pytest.mark.parametrize("name", ["nothing", "grid", "..%2Fin", "%2e%2e", "..%2F..%2F..%2Fjobs.sqlite", "GRID.VOT"])
def test_what_is_no_result_is_not_found(service, job_id, name) -> None:
    assert service.get(f"/lte/jobs/{job_id}/results/{name}").status_code == 404


def test_a_result_whose_file_was_taken_away_is_not_found(service, job_id) -> None:
    for path in service.store.job_folder(job_id).rglob("grid.vot"):
        path.unlink()
    assert service.get(f"/lte/jobs/{job_id}/results/grid.vot").status_code == 404


def test_before_the_end_there_are_no_results(service) -> None:
    made = service.create(PHASE="RUN")
    assert list(ET.fromstring(service.get(f"/lte/jobs/{made}/results").content)) == []


def test_parameters_one_by_one(service, job_id) -> None:
    answer = service.get(f"/lte/jobs/{job_id}/parameters/molecule")
    assert (answer.text, answer.headers["Content-Type"]) == ("co", "text/plain; charset=utf-8")
    assert service.get(f"/lte/jobs/{job_id}/parameters/nothing").status_code == 404
