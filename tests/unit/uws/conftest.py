"""The client of UWS with a clock that stands still unless it sleeps, and a server to speak to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.uws.client import UwsClient
from tests.fakes.clock import Clock
from tests.fakes.uws_server import uws_server

__all__ = ["uws_server"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[UwsClient]:
    http = Http(Credentials(use_keyring=False), clock=clock, sleep=clock.sleep)
    yield UwsClient(http)
    http.close()
