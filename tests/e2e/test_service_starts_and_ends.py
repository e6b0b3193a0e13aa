"""``serve`` says its address first, leaves its token to its user only, and ends in good order, however it is ended."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest
import requests

from tests.e2e.service_process import DEADLINE, ServiceProcess, until
from tests.processes import children, command_of, is_there

#: A grid that keeps two cores busy for longer than any test waits.
LONG = {"density_h2": "1e3:1e7:100:log", "column_density": "1e12:1e18:1000:log", "kinetic_temperature": "10:100:9"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "jobs of mine"


def test_the_first_line_is_the_address_and_it_answers(data) -> None:
    with ServiceProcess(data) as service:
        assert service.url.startswith("http://127.0.0.1:")
        assert service.url.endswith("/")
        assert service.request("GET", "capabilities").status_code == 200
        assert requests.get(f"{service.url}lte/jobs", timeout=DEADLINE).status_code == 401


def test_the_notice_is_the_user_s_alone_and_goes_with_the_service(data) -> None:
    with ServiceProcess(data) as service:
        path = service.notice_path
        assert path.stat().st_mode & 0o777 == 0o600
        notice = json.loads(path.read_text())
        assert notice["url"] == service.url
        assert notice["pid"] == service.pid
        assert notice["data"] == str(data)
        assert len(notice["token"]) >= 32
        assert notice["token"] not in command_of(service.pid)
    assert not path.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_in_good_order_with_its_workers(data, number) -> None:
    with ServiceProcess(data) as service:
        until(lambda: children(service.pid), "workers are there")
        workers = children(service.pid)
        service.process.send_signal(number)
        assert service.process.wait(DEADLINE) == 0
        assert not service.notice_path.exists()
        until(lambda: not any(map(is_there, workers)), "all workers have ended")
        assert service.process.stderr.read() == ""


def test_it_ends_with_its_parent_while_a_job_runs_and_somebody_waits(data) -> None:
    with ServiceProcess(data, "--with-parent") as service:
        job = service.create("lvg", **LONG)
        until(lambda: service.phase(job) == "EXECUTING", "the job executes")
        workers = children(service.pid)
        service.process.stdin.close()
        answer = service.request("GET", f"{job}?WAIT=-1")
        assert answer.status_code == 200  # woken by the end
        assert service.process.wait(DEADLINE) == 0
        until(lambda: not any(map(is_there, workers)), "all workers have ended")
    with ServiceProcess(data) as again:
        job = job.replace(service.url, again.url)
        assert again.phase(job) in ("QUEUED", "EXECUTING")  # it goes on
        again.request("DELETE", job)


def test_without_with_parent_the_end_of_stdin_is_nothing(data) -> None:
    with ServiceProcess(data) as service:
        service.process.stdin.close()
        assert service.request("GET", "availability").status_code == 200
        assert service.process.poll() is None


def test_a_second_service_of_the_same_data_is_refused_in_a_sentence(data) -> None:
    with ServiceProcess(data) as first:
        assert refusal(data).startswith("Another service is using")
        assert first.request("GET", "availability").status_code == 200


def test_services_of_other_data_run_side_by_side(tmp_path) -> None:
    with ServiceProcess(tmp_path / "a") as first, ServiceProcess(tmp_path / "b") as second:
        job = first.create()
        assert second.phases("lte") == {}
        assert first.wait_for_end(job) == "COMPLETED"
        assert second.request("GET", "lte/jobs", headers=dict(first.http.headers)).status_code == 401


def test_open_needs_no_token(data) -> None:
    with ServiceProcess(data, "--open") as service:
        assert service.notice["token"] is None
        assert requests.get(f"{service.url}lte/jobs", timeout=DEADLINE).status_code == 200


def test_the_port_is_the_one_that_was_asked_for(data) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with ServiceProcess(data, "--port", str(port)) as service:
        assert service.url == f"http://127.0.0.1:{port}/"


def refusal(data: Path, *arguments: str) -> str:
    """What a service says that cannot start; it has to say it in bad input's own way."""
    with ServiceProcess(data, *arguments) as service:
        assert service.process.wait(DEADLINE) == 2
        assert service.url == ""
        words = service.process.stderr.read()
    assert "Traceback" not in words
    return words


def test_a_port_that_is_taken_is_refused_in_a_sentence(data) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert "cannot be used" in refusal(data, "--port", str(taken.getsockname()[1]))


def test_a_port_that_is_none_is_refused_in_a_sentence(data) -> None:
    assert "choose another with --port" in refusal(data, "--port", "99999")


def test_a_data_folder_that_cannot_be_made_is_refused_in_a_sentence(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    assert "Check the data folder" in refusal(tmp_path / "file" / "data")


def test_arguments_that_are_wrong_are_explained(data) -> None:
    assert "--prot" in refusal(data, "--prot", "1")
    assert "at least 1" in refusal(data, "--workers", "0")
