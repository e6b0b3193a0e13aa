from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from stopdesk.errors import FileError, InputError
from stopdesk.samp.lock import HubAddress, lock_path, read_lock, remove_lock, write_lock
from stopdesk.samp.wire import require_here


def _address(path: Path, port: int = 4242) -> HubAddress:
    return HubAddress(f"http://127.0.0.1:{port}/", "secret", path)


def test_it_lies_where_samp_hub_says_else_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for url in ("file:///data/my%20hub", "file:/data/my%20hub", "file://localhost/data/my hub"):
        monkeypatch.setenv("SAMP_HUB", f"std-lockurl:{url}")
        assert lock_path() == Path("/data/my hub")
    monkeypatch.delenv("SAMP_HUB")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert lock_path() == tmp_path / ".samp"


@pytest.mark.parametrize(
    "value",
    [
        "web-profile:x",
        "std-lockurl:http://127.0.0.1/x",
        "std-lockurl:file://other/x",
        "/x",
        "std-lockurl:",
        "std-lockurl:file:",
        "std-lockurl:file://[",
        "std-lockurl:file:///a%00b",
    ],
)
def test_other_places_are_refused_in_words(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SAMP_HUB", value)
    with pytest.raises(InputError, match="SAMP_HUB"):
        lock_path()


def test_what_was_written_is_read_and_only_its_user_can(tmp_path: Path) -> None:
    address = _address(tmp_path / "lock")
    write_lock(address, "me")
    assert read_lock(address.path) == address
    assert stat.S_IMODE(address.path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_lock(_address(address.path, 5), "me too")
    assert read_lock(address.path) == address


def test_files_of_other_hubs_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(
        "# SAMP Standard Profile lockfile written 2026-11-20\n\nsamp.secret=a=b c\n"
        "samp.hub.xmlrpc.url=http\\://127.0.0.1\\:4000/xmlrpc\nsamp.profile.version=1.3\nno line\n  # remark=x\n"
    )
    assert read_lock(path) == HubAddress("http://127.0.0.1:4000/xmlrpc", "a=b c", path)


def test_no_file_is_no_hub(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "lock") is None
    assert read_lock(tmp_path / "no folder" / "lock") is None


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_lock(tmp_path)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "lock"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    with pytest.raises(FileError, match="does not say"):
        read_lock(path)


def test_where_the_disk_is_full_no_half_of_it_is_left(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from stopdesk.samp.lock import *\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "write_lock(HubAddress('http://127.0.0.1:4242/', 'secret', Path(sys.argv[1])), 'me')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "lock")], capture_output=True, check=False)
    assert b"OSError" in done.stderr
    assert not (tmp_path / "lock").exists()


def test_it_is_taken_away_only_while_it_says_the_same(tmp_path: Path) -> None:
    address = _address(tmp_path / "lock")
    assert not remove_lock(address)
    write_lock(address, "me")
    assert not remove_lock(_address(address.path, 5))
    assert address.path.exists()
    assert remove_lock(address)
    assert not address.path.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]", socket.gethostname()])
def test_addresses_of_this_computer(host: str) -> None:
    assert require_here(f"http://{host}:80/x") == (host.strip("[]").lower(), 80, "/x")


@pytest.mark.parametrize("host", ["8.8.8.8", "archive.example", "0.0.0.0", "224.0.0.1", "[2001:db8::1]", "169.254.1.1"])
def test_addresses_of_other_computers_are_refused(host: str) -> None:
    with pytest.raises(InputError, match="not this computer"):
        require_here(f"http://{host}:80/x")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1:80/", "http://127.0.0.1/", "http://127.0.0.1:80/é", "http://:80/", "http://[::1/", "x"]
)
def test_what_is_no_address_of_a_program_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="no address"):
        require_here(url)
