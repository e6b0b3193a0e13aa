"""A server with a certificate of its own is believed by its file alone; one to log in to hears nothing before that."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from stopdesk.errors import FileError, NotAllowed, Unreachable
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.http import Http
from tests.fakes.uws_server import UwsServer

TLS = Path(__file__).resolve().parents[2] / "data" / "tls"


@pytest.fixture
def tls_server() -> Iterator[HTTPServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
    with HTTPServer(host="127.0.0.1", port=0, ssl_context=context) as server:
        server.expect_request("/jobs").respond_with_data("here")
        yield server


def test_a_certificate_of_its_own_is_believed_where_the_user_says_so(http: Http, tls_server: HTTPServer) -> None:
    url = tls_server.url_for("/jobs")
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        http.get(url, attempts=1)
    http.trust({Origin.of(url): TLS / "server.pem"})
    assert http.get(url, attempts=1).body == b"here"
    http.trust({})
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        http.get(url, attempts=1)


def test_the_file_of_one_server_says_nothing_of_another(http: Http, tls_server: HTTPServer) -> None:
    http.trust({Origin.of("https://127.0.0.1:1/"): TLS / "server.pem"})
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        http.get(tls_server.url_for("/jobs"), attempts=1)


def test_a_certificate_file_that_is_not_there_is_told(http: Http, tls_server: HTTPServer, tmp_path: Path) -> None:
    url = tls_server.url_for("/jobs")
    http.trust({Origin.of(url): tmp_path / "gone.pem"})
    with pytest.raises(FileError, match=r"gone\.pem.*certificate of the authority"):
        http.get(url)


def test_a_file_that_is_no_certificate_is_an_error_in_words(http: Http, tls_server: HTTPServer, tmp_path: Path) -> None:
    url = tls_server.url_for("/jobs")
    (tmp_path / "nonsense.pem").write_text("nonsense")
    http.trust({Origin.of(url): tmp_path / "nonsense.pem"})
    with pytest.raises(FileError, match="it has none"):
        http.get(url, attempts=1)


def test_nothing_is_sent_before_the_log_in_that_is_wanted(
    http: Http, credentials: Credentials, uws_server: UwsServer
) -> None:
    here = Origin.of(uws_server.url)
    credentials.want({here})
    calls: tuple[Callable[[str], object], ...] = (http.get, lambda url: http.post(url, []), http.delete)
    for call in calls:
        with pytest.raises(NotAllowed, match="log in there first") as raised:
            call(uws_server.url)
        assert raised.value.login
    assert uws_server.requests == []
    credentials.put(here, Credential.basic("alice", "wonderland"), keep=False)
    http.get(uws_server.url)
    assert uws_server.requests[0].headers["authorization"].startswith("Basic ")


def test_where_no_log_in_is_wanted_any_more_none_is_needed(
    http: Http, credentials: Credentials, uws_server: UwsServer
) -> None:
    credentials.want({Origin.of(uws_server.url)})
    credentials.want(())
    assert http.get(uws_server.url).status == 200
    assert "authorization" not in uws_server.requests[0].headers
