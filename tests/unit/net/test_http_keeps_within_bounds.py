"""Deadlines, sizes, redirects and retries of HTTP, against real servers."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stopdesk.errors import (
    Cancelled,
    FileError,
    Gone,
    InputError,
    Malformed,
    NotAllowed,
    Refused,
    ServerTrouble,
    Unreachable,
)
from stopdesk.net.answer import Answer
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.http import Http, Limits, Upload
from tests.fakes.clock import Clock
from tests.fakes.uws_server import UwsServer


@contextmanager
def raw_server(*answers: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that treats its n-th connection as the n-th of ``answers`` says."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for answer in answers:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.close()
        thread.join(10)


def test_says_who_it_is_and_what_it_reads(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("ok")
    assert http.get(httpserver.url_for("/x"), [("A", "1 2"), ("PHASE", "RUN")]).body == b"ok"
    request = httpserver.log[0][0]
    assert request.headers["User-Agent"].startswith("stopdesk")
    assert "html" not in request.headers["Accept"]
    assert request.query_string == b"A=1+2&PHASE=RUN"


def test_nothing_listens(http: Http, clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"127.0.0.1:{port} refuses the connection"):
        http.get(f"http://127.0.0.1:{port}/")
    assert clock.slept == [0.5, 1.0]  # two more attempts


def test_a_server_that_never_answers_is_given_up(credentials: Credentials, uws_server: UwsServer) -> None:
    uws_server.fault("hang")
    http = Http(credentials, limits=Limits(read=0.2))
    with pytest.raises(Unreachable, match="silent for too long"):
        http.get(uws_server.url)
    assert len(uws_server.requests) == 1  # a silent server is not asked again at once
    http.close()


def test_a_server_that_drips_is_given_up_at_the_deadline(credentials: Credentials) -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        try:
            for char in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
                connection.sendall(bytes([char]))
                if ended.wait(0.02):
                    return
        except OSError:
            return

    http = Http(credentials)
    with raw_server(drip) as url:
        with pytest.raises(Unreachable, match=r"did not finish its answer within 0\.\d"):
            http.get(url, timeout=0.3, attempts=1)
        ended.set()
    http.close()


def test_a_body_without_length_that_drips_is_not_taken_for_complete(credentials: Credentials) -> None:
    ended = threading.Event()

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
            while not ended.wait(0.02):
                connection.sendall(b"x")
        except OSError:
            return

    http = Http(credentials)
    with raw_server(drip) as url:
        with pytest.raises(Unreachable, match="did not finish"):
            http.get(url, timeout=0.3, attempts=1)
        ended.set()
    http.close()


def test_too_long_a_document_is_refused_or_cut(http: Http, uws_server: UwsServer) -> None:
    uws_server.fault("huge")
    with pytest.raises(Malformed, match="more than 1000 bytes"):
        http.get(uws_server.url, max_bytes=1000)
    answer = http.get(uws_server.url, max_bytes=1000, truncate=True)
    assert (len(answer.body), answer.truncated) == (1000, True)


def test_a_broken_transfer_is_tried_again(http: Http, uws_server: UwsServer, clock: Clock) -> None:
    uws_server.fault("die", times=1)
    uws_server.fault("reset", times=1)
    assert b"<uws:jobs" in http.get(uws_server.url).body
    assert clock.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", ["502", "503", "504"])
def test_a_passing_trouble_is_tried_again(http: Http, uws_server: UwsServer, clock: Clock, status: str) -> None:
    uws_server.fault(status, times=2)
    assert http.get(uws_server.url).status == 200
    assert clock.slept == ([2.0, 2.0] if status == "503" else [0.5, 1.0])  # 503 comes with Retry-After: 2


def test_retries_are_bounded_and_the_last_error_tells(http: Http, uws_server: UwsServer) -> None:
    uws_server.fault("503")
    with pytest.raises(ServerTrouble, match=r"503.*Error 503: on purpose") as caught:
        http.get(uws_server.url)
    assert caught.value.retry_after == 2.0
    assert len(uws_server.requests) == 3


def test_a_long_retry_after_is_left_to_the_caller(http: Http, httpserver: HTTPServer, clock: Clock) -> None:
    httpserver.expect_request("/").respond_with_data("later", status=503, headers={"Retry-After": "600"})
    with pytest.raises(ServerTrouble) as caught:
        http.get(httpserver.url_for("/"))
    assert caught.value.retry_after == 600
    assert not clock.slept


def test_a_retry_after_may_be_a_date(http: Http) -> None:
    def busy(connection: socket.socket) -> None:
        dates = b"Date: Fri, 20 Nov 2026 10:00:00 GMT\r\nRetry-After: Fri, 20 Nov 2026 10:01:00 GMT\r\n"
        connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n" + dates + b"\r\n")

    with raw_server(busy) as url, pytest.raises(ServerTrouble) as caught:
        http.get(url, attempts=1)
    assert caught.value.retry_after == 60


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("fault", ["reset", "503", "die"])
def test_what_changes_something_is_never_repeated(http: Http, uws_server: UwsServer, method: str, fault: str) -> None:
    uws_server.fault(fault)
    with pytest.raises((Unreachable, ServerTrouble)) as caught:
        http.post(uws_server.url, [("a", "b")]) if method == "post" else http.delete(uws_server.url)
    assert len(uws_server.requests) == 1
    if fault != "503":
        assert "not known whether" in str(caught.value)


def test_a_post_that_never_left_is_not_in_doubt(http: Http, uws_server: UwsServer) -> None:
    uws_server.stop()
    with pytest.raises(Unreachable) as caught:
        http.post(uws_server.url, [])
    assert "not known" not in str(caught.value)


def test_a_post_after_the_server_came_back_does_not_use_the_old_connection(http: Http, uws_server: UwsServer) -> None:
    http.get(uws_server.url)
    uws_server.restart()
    assert http.post(uws_server.url, []).status == 303


@pytest.mark.parametrize(
    ("status", "error"),
    [("400", Refused), ("405", Refused), ("404", Gone), ("410", Gone), ("500", ServerTrouble), ("429", ServerTrouble)],
)
def test_statuses(http: Http, uws_server: UwsServer, status: str, error: type[Exception]) -> None:
    uws_server.fault(status)
    with pytest.raises(error, match=f"127.0.0.1:{uws_server.port}.*Error {status}: on purpose"):
        http.get(uws_server.url)
    assert len(uws_server.requests) == (3 if status == "429" else 1)


def test_401_asks_for_a_log_in_and_403_does_not(http: Http, uws_server: UwsServer) -> None:
    uws_server.fault("401", times=1)
    with pytest.raises(NotAllowed) as caught:
        http.get(uws_server.url)
    assert caught.value.login
    uws_server.fault("403", times=1)
    with pytest.raises(NotAllowed) as caught:
        http.get(uws_server.url)
    assert not caught.value.login


def _words(http: Http, httpserver: HTTPServer, body: str, kind: str = "text/plain") -> str:
    httpserver.expect_request("/").respond_with_data(body, status=400, content_type=kind)
    with pytest.raises(Refused) as caught:
        http.get(httpserver.url_for("/"))
    return str(caught.value).partition("It says: ")[2]


def test_the_servers_words_from_a_votable(http: Http, httpserver: HTTPServer) -> None:
    body = '<V:VOTABLE xmlns:V="x"><V:RESOURCE><V:INFO name="QUERY_STATUS" value="ERROR">tk_min &lt; 2.73\n K</V:INFO>'
    body += '<V:INFO name="HINT" value="HINT">Raise it</V:INFO></V:RESOURCE></V:VOTABLE>'
    assert _words(http, httpserver, body, "text/xml") == "tk_min < 2.73 K Hint: Raise it"


def test_the_servers_words_from_a_page(http: Http, httpserver: HTTPServer) -> None:
    body = "<!DOCTYPE html><html><head><title>Oh &amp; no</title></head><p>Sorry<pre>bad <b>input</b></pre></html>"
    assert _words(http, httpserver, body, "text/html") == "Oh & no: bad input"


def test_the_servers_words_are_plain_and_short(http: Http, httpserver: HTTPServer) -> None:
    words = _words(http, httpserver, "first\x1b[31m\nsecond " + "x" * 1000)
    assert words.startswith("first [31m second xxx")
    assert len(words) == 300


def test_redirects_are_followed_on_the_same_server(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=303, headers={"Location": "b c"})
    httpserver.expect_request("/b c").respond_with_data("here")
    answer = http.get(httpserver.url_for("/a"))
    assert (answer.body, answer.url) == (b"here", httpserver.url_for("/b%20c"))


def test_redirects_are_bounded(http: Http, uws_server: UwsServer) -> None:
    uws_server.fault("redirect")
    with pytest.raises(Malformed, match="5 redirects"):
        http.get(uws_server.url)
    assert len(uws_server.requests) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/", "javascript:alert(1)"])
def test_redirects_lead_to_web_addresses_only(http: Http, httpserver: HTTPServer, location: str) -> None:
    httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": location})
    with pytest.raises(Malformed, match="redirects to"):
        http.get(httpserver.url_for("/"))


def test_a_redirect_to_nowhere_is_malformed(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data("", status=302)
    with pytest.raises(Malformed, match="302"):
        http.get(httpserver.url_for("/"))


def test_credentials_go_to_their_origin_at_once_and_nowhere_else(
    http: Http, credentials: Credentials, httpserver: HTTPServer, uws_server: UwsServer
) -> None:
    credentials.put(Origin.of(httpserver.url_for("/")), Credential.basic("alice", "wonderland"), keep=False)
    credentials.put(Origin.of(uws_server.url), Credential.basic("bob", "builder"), keep=False)
    httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": uws_server.url})
    http.get(httpserver.url_for("/"))
    assert httpserver.log[0][0].authorization.password == "wonderland"
    assert "authorization" not in uws_server.requests[0].headers
    http.get(uws_server.url)
    assert uws_server.requests[1].headers["authorization"].startswith("Basic ")


def test_a_log_in_is_never_carried_from_https_to_http(http: Http, credentials: Credentials) -> None:
    secure, plain = Origin.of("https://vo.example.org"), Origin.of("http://vo.example.org")
    alice = Credential.basic("alice", "wonderland")
    for origin in (secure, plain):
        credentials.put(origin, alice, keep=False)
    down = Answer("https://vo.example.org/a", 302, {"location": "http://vo.example.org/b"})
    with pytest.raises(Malformed, match="without encryption"):
        http._next_hop(down, secure, alice)
    assert http._next_hop(down, secure, None) == ("http://vo.example.org/b", None)
    up = Answer("http://vo.example.org/a", 301, {"location": "https://vo.example.org/b"})
    assert http._next_hop(up, plain, None) == ("https://vo.example.org/b", alice)


def test_neither_netrc_nor_the_url_nor_cookies_tell_who_we_are(
    http: Http, httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login alice password wonderland\n")
    monkeypatch.setenv("NETRC", str(netrc))
    httpserver.expect_request("/").respond_with_data("", headers={"Set-Cookie": "session=1"})
    http.get(httpserver.url_for("/"))
    http.get(httpserver.url_for("/").replace("//", "//alice:wonderland@", 1))
    for request, _ in httpserver.log:
        assert "Authorization" not in request.headers
        assert "Cookie" not in request.headers


def test_no_proxy_stands_before_loopback(http: Http, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    httpserver.expect_request("/").respond_with_data("direct")
    assert http.get(httpserver.url_for("/")).body == b"direct"


def test_other_hosts_go_through_the_proxy_of_the_environment(
    http: Http, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", httpserver.url_for("/"))
    httpserver.expect_request("/x").respond_with_data("through")
    assert http.get("http://far.invalid/x").body == b"through"


@pytest.mark.parametrize("url", ["ftp://example.org/x", "nonsense", ""])
def test_what_is_no_address_is_bad_input(http: Http, url: str) -> None:
    with pytest.raises(InputError):
        http.get(url)


def test_an_unknown_host_is_unreachable(http: Http) -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.invalid"):
        http.get("http://nowhere.invalid/", attempts=1)


def test_a_form_with_files_is_one_multipart_post(http: Http, uws_server: UwsServer) -> None:
    http.post(uws_server.url, [("a", "1"), ("a", "ü")], [Upload("part", "co.dat", b"\x00bytes")])
    request = uws_server.requests[0]
    assert request.fields == (("a", "1"), ("a", "ü"))
    assert request.files == {"part": ("co.dat", b"\x00bytes")}


def test_many_threads_speak_at_once(http: Http, uws_server: UwsServer) -> None:
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(http.get(uws_server.url).status)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 20


def test_download_streams_into_a_new_file(http: Http, uws_server: UwsServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 4000
    job = uws_server.add_job("COMPLETED", results={"cube": (content, "application/fits")})
    told: list[tuple[int, int | None]] = []
    got = http.download(
        f"{uws_server.job_url(job)}/results/cube", tmp_path / "cube.fits", progress=lambda *step: told.append(step)
    )
    assert got.path.read_bytes() == content
    assert (got.size, got.media_type) == (len(content), "application/fits")
    assert told[-1] == (len(content), len(content))
    assert uws_server.requests[-1].headers["accept-encoding"] == "identity"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["cube.fits"]


def test_download_never_overwrites(http: Http, uws_server: UwsServer, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.write_text("precious")
    with pytest.raises(FileError, match="already"):
        http.download(uws_server.url, target)
    assert target.read_text() == "precious"
    assert not uws_server.requests


@pytest.mark.parametrize("case", ["cancel", "size", "short", "gone"])
def test_a_download_that_fails_leaves_nothing(http: Http, uws_server: UwsServer, tmp_path: Path, case: str) -> None:
    job = uws_server.add_job("COMPLETED", results={"r": (b"x" * 300_000, "text/plain")})
    url, target = f"{uws_server.job_url(job)}/results/r", tmp_path / "r.txt"
    if case == "cancel":
        with pytest.raises(Cancelled):
            http.download(url, target, cancelled=lambda: True)
    elif case == "size":
        with pytest.raises(Malformed, match="more than 1000"):
            http.download(url, target, max_bytes=1000)
    elif case == "short":
        uws_server.fault("die")
        with pytest.raises(Unreachable):
            http.download(url, target)
    else:
        with pytest.raises(Gone):
            http.download(url + "x", target)
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_a_download_into_a_folder_that_is_not_there_is_told(http: Http, uws_server: UwsServer, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="could not be written"):
        http.download(uws_server.url, tmp_path / "nowhere" / "x")


def test_a_compressed_document_is_bounded_by_its_real_size(http: Http, httpserver: HTTPServer) -> None:
    def bomb(_: Request) -> Response:
        return Response(gzip.compress(b"0" * 5_000_000), headers={"Content-Encoding": "gzip"})

    httpserver.expect_request("/").respond_with_handler(bomb)
    with pytest.raises(Malformed, match="more than 100000 bytes"):
        http.get(httpserver.url_for("/"), max_bytes=100_000)
