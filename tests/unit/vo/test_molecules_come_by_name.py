"""A molecule that is not bundled is fetched by name, checked, and kept for the days without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from stopdesk.errors import Gone, InputError, Malformed, NotAllowed, ServerTrouble, Unreachable
from stopdesk.formats.lamda import read_molecule
from stopdesk.formats.molecules import find
from stopdesk.vo import molecules


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STOPDESK_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def lamda(httpserver: HTTPServer) -> str:
    """Where the files lie on a server that stands for LAMDA's and has C+."""
    httpserver.expect_request("/datafiles/c+.dat").respond_with_data(find("c+").path.read_bytes())
    return httpserver.url_for("/datafiles/") + "{0}.dat"


def test_a_molecule_is_fetched_once_and_kept_with_date_and_checksum(httpserver: HTTPServer, lamda: str) -> None:
    fetched = molecules.fetch("C+", address=lamda)
    assert fetched.name == "c+"
    assert fetched.sha256 == find("c+").sha256
    assert fetched.url == lamda.format("c+")
    assert timedelta(0) <= datetime.now(UTC) - fetched.date < timedelta(minutes=1)
    assert read_molecule(fetched.path).n_lines == 1
    assert molecules.cached() == (fetched,)
    assert molecules.fetch("c+.dat", address=lamda) == fetched
    assert len(httpserver.log) == 1


def test_it_is_fetched_again_when_asked_or_when_the_copy_was_changed(httpserver: HTTPServer, lamda: str) -> None:
    fetched = molecules.fetch("c+", address=lamda)
    molecules.fetch("c+", address=lamda, again=True)
    assert len(httpserver.log) == 2
    fetched.path.write_bytes(b"something else")
    assert molecules.cached() == ()
    assert molecules.fetch("c+", address=lamda).sha256 == fetched.sha256
    assert len(httpserver.log) == 3
    fetched.path.with_suffix(".json").write_text("{")
    assert molecules.cached() == ()


def test_the_address_is_astroquerys_own() -> None:
    from astroquery.lamda import Lamda

    assert Lamda.url.format("co").endswith("/co.dat")


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "co/../hcn", "c o", "-co", "co?x=1", "é", "a" * 65, ".dat"])
def test_a_name_that_cannot_be_one_never_reaches_the_network(httpserver: HTTPServer, lamda: str, name: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a LAMDA file"):
        molecules.fetch(name, address=lamda)
    assert len(httpserver.log) == 0


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (404, Gone, "LAMDA has no file hx.dat"),
        (403, NotAllowed, "does not give"),
        (503, ServerTrouble, "try again later"),
    ],
)
def test_a_refusal_is_said_in_words(
    httpserver: HTTPServer, lamda: str, status: int, error: type[Gone], words: str
) -> None:
    httpserver.expect_request("/datafiles/hx.dat").respond_with_data("no", status=status)
    with pytest.raises(error, match=words) as caught:
        molecules.fetch("hx", address=lamda)
    assert caught.value.url == lamda.format("hx")
    assert molecules.cached() == ()


def test_a_page_instead_of_a_file_is_not_kept(httpserver: HTTPServer, lamda: str) -> None:
    httpserver.expect_request("/datafiles/hx.dat").respond_with_data("<html><body>Welcome to the hotel</body></html>")
    with pytest.raises(Malformed, match=r"is not a LAMDA file \(hx\.dat, line 1"):
        molecules.fetch("hx", address=lamda)
    assert molecules.cached() == ()


def test_no_network_is_said_in_words(lamda: str) -> None:
    fetched = molecules.fetch("c+", address=lamda)
    nobody = "http://127.0.0.1:9/{0}.dat"
    with pytest.raises(Unreachable, match="LAMDA does not answer"):
        molecules.fetch("hcn", address=nobody)
    assert molecules.fetch("c+", address=nobody) == fetched
