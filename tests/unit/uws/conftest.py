"""The client of UWS with a clock that stands still unless it sleeps, and a server to speak to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.uws.client import UwsClient
from tests.fakes.clock import Clock
from tests.fakes.uws_server import UwsServer, uws_server
from tests.unit.uws.scene import Scene

pytest.register_assert_rewrite(*(f"tests.unit.uws.rows_{part}" for part in ("standard", "quirks", "dachs", "faults")))

__all__ = ["uws_server"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[UwsClient]:
    http = Http(Credentials(use_keyring=False), clock=clock, sleep=clock.sleep)
    yield UwsClient(http)
    http.close()


@pytest.fixture
def scene(client: UwsClient, uws_server: UwsServer, httpserver: HTTPServer, clock: Clock, tmp_path: Path) -> Scene:
    folder = tmp_path / "out"
    folder.mkdir()
    return Scene(client, uws_server, httpserver, clock, folder)
