"""A service is asked for its description where services have them, within bounds, and never elsewhere."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from stopdesk.errors import NotAllowed, Unreachable
from stopdesk.net.credentials import Credentials
from stopdesk.net.http import Http, Limits
from stopdesk.uws.describe import describe
from stopdesk.uws.describe.service import MAX_BYTES
from tests.described import recorded
from tests.fakes.clock import Clock


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(Credentials(use_keyring=False), limits=Limits(first_pause=0.0))
    yield http
    http.close()


def asked(server: HTTPServer) -> list[str]:
    return [request.full_path.rstrip("?") for request, _ in server.log]


def local(name: str, server: HTTPServer) -> bytes:
    return recorded(name).replace(b"127.0.0.1:18080", f"{server.host}:{server.port}".encode())


def test_dachs_is_read_from_capabilities_and_its_metadata(httpserver, http):
    httpserver.expect_request("/lvg/q/grid/capabilities").respond_with_data(local("dachs_capabilities.xml", httpserver))
    httpserver.expect_request("/lvg/q/grid/api", query_string="MAXREC=0").respond_with_data(
        recorded("dachs_metadata.xml")
    )
    found = describe(http, httpserver.url_for("/lvg/q/grid/async"))
    assert asked(httpserver) == ["/lvg/q/grid/capabilities", "/lvg/q/grid/api?MAXREC=0"]
    assert found.spec.parameter("geometry").default_value == "sphere"
    assert found.spec.origin == httpserver.url_for("/lvg/q/grid/capabilities")
    assert [p.name for p in found.spec.parameters if p.group == "protocol"] == ["responseformat", "maxrec", "verb"]


def test_without_metadata_the_capabilities_are_enough(httpserver, http):
    httpserver.expect_request("/lvg/q/grid/capabilities").respond_with_data(local("dachs_capabilities.xml", httpserver))
    found = describe(http, httpserver.url_for("/lvg/q/grid/async/"))
    assert found.spec.parameter("geometry").range_text == "text"
    assert not found.spec.free


def test_metadata_on_another_server_are_not_fetched(httpserver, http):
    elsewhere = recorded("dachs_capabilities.xml").replace(b"127.0.0.1:18080/lvg/q/grid/api", b"192.0.2.1/elsewhere")
    httpserver.expect_request("/lvg/q/grid/capabilities").respond_with_data(elsewhere)
    found = describe(http, httpserver.url_for("/lvg/q/grid/async"))
    assert not found.spec.free
    assert asked(httpserver) == ["/lvg/q/grid/capabilities"]


def test_opus_is_read_from_its_job_description(httpserver, http):
    httpserver.expect_request("/jdl/lab/json").respond_with_data(recorded("opus_job_description.json"))
    found = describe(http, httpserver.url_for("/rest/lab"))
    assert found.spec.name == "lab"
    assert asked(httpserver) == ["/rest/capabilities", "/jdl/lab/json"]
    assert len(found.tried) == 1


def test_an_older_opus_has_the_votable_only(httpserver, http):
    httpserver.expect_request("/opus/jdl/lab").respond_with_data(recorded("opus_job_description.xml"))
    assert describe(http, httpserver.url_for("/opus/rest/lab")).spec.parameter("text").required


def test_a_service_descriptor_at_the_services_own_address_is_found(httpserver, http):
    httpserver.expect_request("/spec/q/sdl").respond_with_data(recorded("dachs_datalink.xml"))
    assert describe(http, httpserver.url_for("/spec/q/sdl/async")).spec.name == "proc_svc"


@pytest.mark.parametrize(
    "name",
    [
        "dachs_capabilities.xml",
        "dachs_metadata.xml",
        "dachs_datalink.xml",
        "opus_job_description.json",
        "opus_job_description.xml",
    ],
)
def test_a_description_whose_address_is_known_is_read_whatever_it_is(httpserver, http, name):
    httpserver.expect_request("/about").respond_with_data(recorded(name))
    found = describe(http, httpserver.url_for("/jobs"), at=httpserver.url_for("/about"))
    assert found.spec.parameters
    assert asked(httpserver)[0] == "/about"


def test_a_service_that_says_nothing_gets_a_free_form_after_few_questions(httpserver, http):
    httpserver.expect_request("/x/y/capabilities").respond_with_data("<html><p>Hello</p></html>")
    httpserver.expect_request("/x/jdl/async/json").respond_with_data(b"x" * (MAX_BYTES + 1))
    found = describe(http, httpserver.url_for("/x/y/async"))
    assert found.spec.free
    assert (found.spec.name, found.spec.parameters) == ("y", ())
    assert len(httpserver.log) == len(found.tried) == 4


def test_a_log_in_is_asked_for(httpserver, http):
    httpserver.expect_request("/p/capabilities").respond_with_data("who?", status=401)
    with pytest.raises(NotAllowed) as refused:
        describe(http, httpserver.url_for("/p/async"))
    assert refused.value.login


def test_a_service_that_is_not_there_is_said_to_be_unreachable(http):
    with socket.socket() as taken:  # bound and never listening
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="refuses the connection"):
            describe(http, f"http://127.0.0.1:{taken.getsockname()[1]}/p/async")


def test_questions_end_when_their_time_is_over(httpserver):
    clock = Clock()

    def slow(_: object) -> Response:
        clock.now += 15.0
        return Response("no", status=404)

    for path in ("/p/capabilities", "/jdl/async/json"):
        httpserver.expect_request(path).respond_with_handler(slow)
    http = Http(Credentials(use_keyring=False), clock=clock, sleep=clock.sleep)
    assert describe(http, httpserver.url_for("/p/async")).spec.free
    assert len(httpserver.log) == 2
    http.close()
