"""The stand-in for portals, and what speaks to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stopdesk.net.http import Http
from tests.fakes.portal_server import PortalServer, portal_server


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with portal_server() as server:
        yield server


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http()
    yield http
    http.close()
