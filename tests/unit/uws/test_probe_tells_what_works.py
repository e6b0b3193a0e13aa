"""A test of a service tells what works, and changes nothing there."""

from __future__ import annotations

import pytest

from stopdesk.errors import Malformed, NotAllowed, Unreachable
from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http
from stopdesk.uws.probe import probe
from tests.fakes.uws_server import UwsServer


@pytest.fixture
def http() -> Http:
    return Http(Credentials(use_keyring=False))


def test_a_good_service_is_described_without_a_single_post(http: Http) -> None:
    with UwsServer() as server:
        server.add_job("EXECUTING")
        server.add_job("COMPLETED")
        report = probe(http, server.url)
        assert (report.n_jobs, report.version, report.wait, report.filters) == (2, "1.1", True, True)
        assert {request.method for request in server.requests} == {"GET"}
        assert "The job list answers, with 2 jobs." in report.lines


def test_a_service_that_says_no_version_waits_and_filters_nothing(http: Http) -> None:
    with UwsServer() as server:
        server.lie("no_version")
        server.add_job("COMPLETED")
        report = probe(http, server.url)
        assert (report.version, report.wait, report.filters) == (None, False, False)


def test_a_wait_and_filters_that_are_ignored_are_told(http: Http) -> None:
    with UwsServer() as server:
        server.lie("ignore_wait", "ignore_filters")
        server.add_job("EXECUTING")
        server.add_job("COMPLETED")
        report = probe(http, server.url)
        assert (report.wait, report.filters) == (False, False)


def test_what_cannot_be_tried_is_left_open(http: Http) -> None:
    with UwsServer() as server:
        report = probe(http, server.url)
        assert (report.wait, report.filters, report.uploads) == (None, None, None)
        assert "WAIT: could not be tried without making a job." in report.lines


def test_a_service_that_is_none_says_why(http: Http) -> None:
    with UwsServer() as server:
        server.fault("html", times=1)
        with pytest.raises(Malformed):
            probe(http, server.url)
        server.users = {"alice": "x"}
        with pytest.raises(NotAllowed):
            probe(http, server.url)
        url = server.url
    with pytest.raises(Unreachable):
        probe(http, url)
