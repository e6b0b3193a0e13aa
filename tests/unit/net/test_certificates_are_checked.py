"""Nobody is believed to be a server who cannot show it; an institute's own authority may be named for its servers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stopdesk.errors import FileError, Unreachable
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.http import Http
from tests.fakes.authority import Authority
from tests.fakes.clock import Clock
from tests.fakes.file_server import FileServer, file_server


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def secure(authority: Authority) -> Iterator[FileServer]:
    with file_server(b"secret", authority.server()) as file:
        yield file


def test_a_server_of_an_unknown_authority_is_refused_before_anything_is_sent(
    http: Http, secure: FileServer, clock: Clock
) -> None:
    http.credentials.put(Origin.of(secure.url), Credential.basic("alice", "wonderland"), keep=False)
    with pytest.raises(Unreachable) as caught:
        http.get(secure.url)
    assert "its certificate is not trusted" in str(caught.value)
    assert "name the file for this service" in str(caught.value)
    assert not secure.requests
    assert not clock.slept  # asking again would not help


def test_with_the_authoritys_file_it_is_believed(secure: FileServer, authority: Authority, tmp_path: Path) -> None:
    bundles: dict[Origin, Path] = {}
    http = Http(Credentials(use_keyring=False), ca_bundles=bundles)
    bundles[Origin.of(secure.url)] = authority.path  # named while the program runs
    assert http.get(secure.url).body == b"secret"
    assert http.download(secure.url, tmp_path / "file").path.read_bytes() == b"secret"
    http.close()


def test_the_file_counts_for_its_server_only(secure: FileServer, authority: Authority) -> None:
    http = Http(Credentials(use_keyring=False), ca_bundles={Origin.of("https://vo.example.org"): authority.path})
    with pytest.raises(Unreachable, match="not trusted"):
        http.get(secure.url)
    http.close()


def test_a_server_of_another_authority_is_not_believed(secure: FileServer, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Another CA")
    http = Http(Credentials(use_keyring=False), ca_bundles={Origin.of(secure.url): other.path})
    with pytest.raises(Unreachable, match="not trusted"):
        http.get(secure.url)
    http.close()


@pytest.mark.parametrize(
    ("values", "words"), [({"expired": True}, "expired"), ({"host": "10.1.2.3"}, "IP address mismatch")]
)
def test_expired_and_foreign_certificates_are_told(authority: Authority, values: dict[str, object], words: str) -> None:
    with file_server(b"", authority.server(**values)) as file:  # type: ignore[arg-type]
        http = Http(Credentials(use_keyring=False), ca_bundles={Origin.of(file.url): authority.path})
        with pytest.raises(Unreachable, match=words):
            http.get(file.url)
        http.close()


def test_a_file_that_is_missing_or_none_is_told(secure: FileServer, tmp_path: Path) -> None:
    odd = tmp_path / "odd.pem"
    bundles = {Origin.of(secure.url): odd}
    http = Http(Credentials(use_keyring=False), ca_bundles=bundles)
    with pytest.raises(FileError, match=r"odd\.pem.*is not there"):
        http.get(secure.url)
    odd.write_text("no certificate")
    with pytest.raises(FileError, match=r"odd\.pem.*it has none"):
        http.get(secure.url)
    odd.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    with pytest.raises(Unreachable, match="No secure connection"):
        http.get(secure.url)
    http.close()


def test_https_to_a_server_without_it_is_told(http: Http) -> None:
    with file_server(b"") as file, pytest.raises(Unreachable, match="No secure connection"):
        http.get(file.url.replace("http:", "https:"), attempts=1)
