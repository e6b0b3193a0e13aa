"""The window's way to the local service: it finds one that runs, starts one that does not, and notices a death."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from stopdesk.errors import ServerTrouble
from stopdesk.net.credentials import Credentials, Origin
from stopdesk.uws.local import LocalAddress, LocalService
from stopdesk.uws.service.places import notices
from tests.e2e.service_process import DEADLINE, ServiceProcess, until
from tests.processes import is_there


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def local(data: Path) -> Iterator[LocalService]:
    service = LocalService(data)
    yield service
    service.stop()


def pid_of(address: LocalAddress) -> int:
    return next(notice.pid for _, notice in notices() if notice.url == address.url)


def answers(address: LocalAddress) -> bool:
    headers = {"Authorization": f"Bearer {address.token}"}
    return requests.get(address.jobs_url("lte"), headers=headers, timeout=DEADLINE).status_code == 200


def test_it_is_started_once_and_ended_by_us(local) -> None:
    address = local.ensure()
    assert answers(address)
    assert local.ensure() == address
    pid = pid_of(address)
    local.stop()
    until(lambda: not is_there(pid), "the service has ended")
    assert notices() == []
    local.stop()


def test_one_that_runs_already_is_taken_and_left_running(data, local) -> None:
    with ServiceProcess(data) as running:
        address = local.ensure()
        assert address.url == running.url
        assert answers(address)
        local.stop()
        assert running.process.poll() is None


def test_a_dead_one_is_noticed_and_another_started(local) -> None:
    first = local.ensure()
    pid = pid_of(first)
    os.kill(pid, signal.SIGKILL)
    until(lambda: local.ensure().token != first.token, "another was started")
    second = local.ensure()
    assert not is_there(pid)
    assert answers(second)
    assert pid_of(second) != pid


def test_its_token_is_known_to_who_asks_for_credentials(local) -> None:
    address = local.ensure()
    credential = Credentials().get(Origin.of(address.url))
    assert credential is not None
    assert credential.secret == address.token


def test_two_who_start_at_once_share_one(data) -> None:
    services = [LocalService(data), LocalService(data)]
    found: list[LocalAddress] = []
    threads = [threading.Thread(target=lambda s=service: found.append(s.ensure())) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    try:
        assert len(found) == 2
        assert found[0] == found[1]
        assert answers(found[0])
    finally:
        for service in services:
            service.stop()


def test_one_that_cannot_start_leaves_its_last_words(tmp_path) -> None:
    (tmp_path / "jobs.sqlite").write_bytes(b"this is no database" * 1000)
    service = LocalService(tmp_path)
    with pytest.raises(ServerTrouble, match=r"exit code 2.*jobs\.sqlite.*move it away"):
        service.ensure()
    service.stop()
