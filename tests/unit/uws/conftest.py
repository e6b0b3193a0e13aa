"""A client of HTTP whose clock stands still unless it sleeps, and servers to speak to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http

from tests.fakes.uws_server import uws_server

__all__ = ["uws_server"]


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


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
