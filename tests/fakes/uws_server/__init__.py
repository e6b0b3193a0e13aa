"""A scripted UWS server over real HTTP on loopback: slow, lying or dying as the test says.

Usage::

    with UwsServer() as server:                  # or the fixture uws_server
        job_id = server.add_job(phase="EXECUTING")
        server.set_phase(job_id, "COMPLETED")    # wakes who WAITs
        server.fault("503", times=2)             # the next two requests
        server.lie("ignore_wait")                # from now on, until server.mend()
        assert server.requests[-1].method == "GET"

No clock decides anything: phases change by `set_phase` or, one step a GET, along `after_run`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.uws_server.server import UwsServer
from tests.fakes.uws_server.values import FakeJob, Request

__all__ = ["FakeJob", "Request", "UwsServer", "uws_server"]


@pytest.fixture
def uws_server() -> Iterator[UwsServer]:
    """A fresh server, stopped at the end."""
    with UwsServer() as server:
        yield server
