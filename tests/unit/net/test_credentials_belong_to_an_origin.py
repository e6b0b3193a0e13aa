"""Credentials by origin: remembered, kept in a keyring where there is one, never shown."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stopdesk.errors import InputError
from stopdesk.net.credentials import Credential, Credentials, Kind, Origin, service_file


class MemoryRing:
    """A keyring that works."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        return self.entries.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.entries[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        del self.entries[service_name, username]


class BrokenRing:
    """A keyring without a backend."""

    def get_password(self, service_name: str, username: str) -> str | None:
        raise RuntimeError("no backend")

    set_password = delete_password = get_password  # type: ignore[assignment]


ORIGIN = Origin.of("https://Example.org/lvg/jobs")


def test_origin_is_scheme_host_and_port() -> None:
    assert Origin("https", "example.org", 443) == ORIGIN
    assert Origin.of("http://user:secret@[::1]:8080/x?y#z") == Origin("http", "::1", 8080)
    assert Origin.of("http://example.org") != Origin.of("https://example.org")
    assert str(Origin.of("http://[::1]:8080")) == "http://[::1]:8080"


@pytest.mark.parametrize("url", ["ftp://example.org/", "example.org", "http://", "", "http://[::1", "http://h:port/"])
def test_what_is_no_web_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(InputError, match="address"):
        Origin.of(url)


def test_the_secret_is_never_shown() -> None:
    credential = Credential.basic("alice", "wonderland")
    assert "wonderland" not in repr(credential) + str(credential) + f"{credential}"
    assert "alice" in repr(credential)
    assert "t0ken" not in repr(Credential.bearer("t0ken"))


def test_headers() -> None:
    assert Credential.basic("Aladdin", "open sesame").header == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617
    assert Credential.bearer(" t0ken\n").header == "Bearer t0ken"
    assert Credential.none().header is None


@pytest.mark.parametrize(("user", "secret"), [("a:b", "c"), ("a\nX-Evil: 1", "c"), ("a", "b\r\nc")])
def test_what_would_break_the_header_is_refused(user: str, secret: str) -> None:
    with pytest.raises(InputError):
        Credential.basic(user, secret)


def test_remembered_for_this_start_only() -> None:
    ring = MemoryRing()
    credentials = Credentials(keyring=ring)
    assert not credentials.put(ORIGIN, Credential.basic("alice", "wonderland"), keep=False)
    assert credentials.get(ORIGIN) == Credential.basic("alice", "wonderland")
    assert credentials.get(Origin.of("https://example.org:8443/")) is None
    assert credentials.get(Origin.of("http://example.org/")) is None
    assert not ring.entries
    assert Credentials(keyring=ring).get(ORIGIN) is None


def test_kept_in_the_keyring_over_starts_until_forgotten() -> None:
    ring = MemoryRing()
    assert Credentials(keyring=ring).put(ORIGIN, Credential.basic("alice", "wonderland"), keep=True)
    later = Credentials(keyring=ring)
    assert later.get(ORIGIN) == Credential.basic("alice", "wonderland")
    later.forget(ORIGIN)
    assert later.get(ORIGIN) is None
    assert not ring.entries


def test_a_broken_keyring_is_no_keyring() -> None:
    credentials = Credentials(keyring=BrokenRing())
    assert credentials.get(ORIGIN) is None
    assert not credentials.put(ORIGIN, Credential.bearer("t"), keep=True)
    assert credentials.get(ORIGIN) == Credential.bearer("t")
    credentials.forget(ORIGIN)
    assert credentials.get(ORIGIN) is None


def test_the_real_module_without_a_backend_is_no_keyring() -> None:
    credentials = Credentials()
    assert not credentials.put(ORIGIN, Credential.bearer("t"), keep=True)
    assert credentials.get(ORIGIN) == Credential.bearer("t")


@pytest.mark.parametrize("entry", ["", "no json", "[]", '{"kind": "magic", "user": "", "secret": ""}', "{}"])
def test_a_strange_entry_in_the_keyring_is_ignored(entry: str) -> None:
    ring = MemoryRing()
    ring.entries["stopdesk", str(ORIGIN)] = entry
    assert Credentials(keyring=ring).get(ORIGIN) is None


def _write_service(port: int, values: object) -> Path:
    path = service_file(port)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))
    path.chmod(0o600)
    return path


def test_the_token_of_a_local_service_goes_to_its_port_on_127_0_0_1_only() -> None:
    values = {"url": "http://127.0.0.1:4711/", "token": "t0ken", "pid": os.getpid()}
    path = _write_service(4711, values)
    credentials = Credentials(use_keyring=False)
    found = credentials.get(Origin.of("http://127.0.0.1:4711/lvg/jobs"))
    assert found is not None
    assert (found.kind, found.secret) == (Kind.BEARER, "t0ken")
    for other in ("http://localhost:4711", "https://127.0.0.1:4711", "http://127.0.0.1:4712", "http://10.0.0.1:4711"):
        assert credentials.get(Origin.of(other)) is None
    _write_service(4711, values | {"token": "another"})
    assert credentials.get(Origin.of("http://127.0.0.1:4711")) == Credential.bearer("another")
    path.unlink()
    assert credentials.get(Origin.of("http://127.0.0.1:4711")) is None


@pytest.mark.parametrize("values", [{}, [], "x", {"url": "http://127.0.0.1:1/", "token": "t"}, {"url": 3, "token": 4}])
def test_a_strange_service_file_is_ignored(values: object) -> None:
    _write_service(4711, values)
    assert Credentials(use_keyring=False).get(Origin.of("http://127.0.0.1:4711")) is None
