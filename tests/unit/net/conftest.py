"""HTTP whose clock stands still unless it sleeps, and a server to speak to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from tests.fakes.clock import Clock
from tests.fakes.uws_server import uws_server

__all__ = ["uws_server"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(use_keyring=False)


@pytest.fixture
def http(credentials: Credentials, clock: Clock) -> Iterator[Http]:
    client = Http(credentials, clock=clock, sleep=clock.sleep)
    yield client
    client.close()
