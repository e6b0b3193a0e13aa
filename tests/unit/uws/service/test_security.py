"""Only who has the token may speak to the service, and no page of a web browser."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from .conftest import TOKEN, RunningService

PATHS = ["/", "/capabilities", "/lte/capabilities", "/lte/jobs", "/lte/jobs/nobody", "/nothing"]


@pytest.fixture
def open_service(tmp_path: Path) -> Iterator[RunningService]:
    running = RunningService(tmp_path / "open", token=None)
    yield running
    running.stop()


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"],
)
def test_without_the_token_nothing_is_told(service, authorization) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in PATHS:
        answer = requests.get(service.url + path, headers=headers, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    answer = requests.post(f"{service.url}/lte/jobs", data={"molecule": "co"}, headers=headers, timeout=30)
    assert answer.status_code == 401
    assert service.store.ids() == set()


def test_that_it_is_there_is_told_to_everybody(service) -> None:
    assert requests.get(f"{service.url}/availability", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil:{port}"]
)
@pytest.mark.parametrize("path", ["/lte/jobs", "/availability"])
def test_a_foreign_host_is_refused_even_with_the_token(service, host, path) -> None:
    answer = service.get(path, headers={"Host": host.format(port=service.port)})
    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}"])
def test_its_own_names_are_taken(service, host) -> None:
    assert service.get("/lte/jobs", headers={"Host": host.format(port=service.port)}).status_code == 200


def test_two_hosts_are_refused(service, expected_warnings) -> None:
    expected_warnings.append("Invalid HTTP request")  # of uvicorn, which refuses it before our gate does
    request = (
        f"GET /availability HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\nHost: evil.example\r\n"
        "Connection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(request.encode())
        status = connection.makefile("rb").readline().split()[1]
    assert status in (b"400", b"403")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:{port}", "http://127.0.0.1"])
def test_pages_from_elsewhere_are_refused(service, open_service, origin) -> None:
    for running in (service, open_service):
        headers = {"Origin": origin.format(port=running.port)}
        assert running.get("/lte/jobs", headers=headers).status_code == 403
        assert running.post("/lte/jobs", data={"molecule": "co"}, headers=headers).status_code == 403
        assert running.store.ids() == set()


def test_its_own_origin_is_taken(service) -> None:
    headers = {"Origin": f"http://127.0.0.1:{service.port}"}
    assert service.get("/lte/jobs", headers=headers).status_code == 200


def test_an_open_service_needs_no_token_but_a_right_host(open_service) -> None:
    assert open_service.get("/lte/jobs").status_code == 200
    assert open_service.create()
    assert open_service.get("/lte/jobs", headers={"Host": "evil.example"}).status_code == 403


def test_answers_are_neither_guessed_at_nor_kept(service) -> None:
    for answer in (service.get("/lte/jobs"), service.get("/nothing"), service.get("/", headers={"Host": "evil"})):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("job_id", ["..", "%2e%2e", "..%2f..", "'; DROP TABLE jobs; --", "%00"])
def test_odd_ids_are_not_found(service, job_id) -> None:
    service.create()
    assert service.get(f"/lte/jobs/{job_id}/results").status_code == 404
    assert len(service.store.ids()) == 1
