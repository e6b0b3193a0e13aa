"""Sessions lent to libraries keep to our bounds: time, size, redirects, credentials, and a cancel at any moment."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stopdesk.errors import Cancelled, Gone, InputError, Malformed, Unreachable
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.http import Http, Limits
from stopdesk.net.lent import lent_session, refused


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http(Credentials(use_keyring=False), limits=Limits(redirects=3))
    yield http
    http.close()


def test_an_answer_is_read_as_from_any_session(http: Http, httpserver: HTTPServer) -> None:
    packed = Response(gzip.compress(b"a" * 100_000), headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/x", query_string="a=1").respond_with_response(packed)
    with lent_session(http) as session:
        answer = session.get(httpserver.url_for("/x"), params={"a": 1}, timeout=0.0001)
        assert answer.content == b"a" * 100_000
    with lent_session(http) as session:
        raw = session.get(httpserver.url_for("/x"), params={"a": 1}).raw
        assert raw.peek(10) == b"a" * 10
        assert raw.read(5) == b"a" * 5
        assert len(raw.read()) == 99_995
        assert raw.read(5) == b""


def test_errors_are_given_to_the_library_and_kept_in_our_words(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/gone").respond_with_data("never here", status=404)
    with lent_session(http) as session:
        answer = session.get(httpserver.url_for("/gone"))
        assert (answer.status_code, answer.text) == (404, "never here")
        problem = refused(session, answer)
        assert isinstance(problem, Gone)
        assert "never here" in str(problem)


def test_a_body_that_unpacks_to_too_much_is_not_read(http: Http, httpserver: HTTPServer) -> None:
    bomb = Response(gzip.compress(b"0" * 50_000_000), headers={"Content-Encoding": "gzip"})
    httpserver.expect_request("/bomb").respond_with_response(bomb)
    with lent_session(http, max_bytes=1_000_000) as session, pytest.raises(Malformed, match="more than 1 MB"):
        session.get(httpserver.url_for("/bomb")).raw.read()


@pytest.mark.parametrize("target", ["ftp://x.example/", "file:///etc/passwd", "http://"])
def test_redirects_lead_to_the_web_only(http: Http, httpserver: HTTPServer, target: str) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=303, headers={"Location": target})
    with lent_session(http) as session, pytest.raises((Malformed, InputError)):
        session.get(httpserver.url_for("/x"))
    with lent_session(http) as session, pytest.raises(InputError):
        session.get(target)


def test_who_we_are_is_told_to_nobody_else(http: Http, httpserver: HTTPServer) -> None:
    seen: list[tuple[str, str | None]] = []

    def answer(request: Request) -> Response:
        seen.append((request.host.partition(":")[0], request.headers.get("Authorization")))
        if request.path == "/elsewhere":
            return Response("there")
        return Response(status=303, headers={"Location": f"http://localhost:{httpserver.port}/elsewhere"})

    httpserver.expect_request("/here").respond_with_handler(answer)
    httpserver.expect_request("/elsewhere").respond_with_handler(answer)
    here = f"http://127.0.0.1:{httpserver.port}/here"
    http.credentials.put(Origin.of(here), Credential.basic("alice", "wonderland"), keep=False)
    http.credentials.put(Origin.of(f"http://localhost:{httpserver.port}"), Credential.basic("bob", "x"), keep=False)
    with lent_session(http) as session:
        assert session.get(here).text == "there"
        assert session.post(here, data={"a": "b"}).text == "there"
    assert [host for host, _ in seen] == ["127.0.0.1", "localhost"] * 2
    assert [header is not None for _, header in seen] == [True, False, True, False], "a redirect is not our own wish"


def test_time_is_bounded_as_a_whole(http: Http, httpserver: HTTPServer) -> None:
    released = threading.Event()

    def drip(_: Request) -> Response:
        def bytes_for_ever() -> Iterator[bytes]:
            while not released.wait(0.05):
                yield b"x"

        return Response(bytes_for_ever())

    httpserver.expect_request("/drip").respond_with_handler(drip)
    try:
        with (
            lent_session(http, seconds=0.5) as session,
            pytest.raises(Unreachable, match=r"did not finish its answer within 0\.5 s"),
        ):
            session.get(httpserver.url_for("/drip")).raw.read()
        looked = threading.Event()
        with lent_session(http, cancelled=looked.is_set) as session:
            body = session.get(httpserver.url_for("/drip")).raw
            assert body.read(1) == b"x"
            looked.set()
            with pytest.raises(Cancelled):
                body.read()
            with pytest.raises(Cancelled):
                session.pause(60.0)
    finally:
        released.set()


def test_nobody_there_is_told_by_the_hop_that_is_missing(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("", status=307, headers={"Location": "http://127.0.0.1:9/y"})
    with lent_session(http) as session:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 refuses the connection"):
            session.get(httpserver.url_for("/x"))
        assert isinstance(session.refusal, Unreachable)
