from __future__ import annotations

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.errors import InputError
from stopdesk.samp.addresses import local_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:/data/a.fits", "/data/a.fits"),
        ("file:///data/a.fits", "/data/a.fits"),
        ("file://localhost/data/a.fits", "/data/a.fits"),
        (f"file://{socket.gethostname()}/data/a.fits", "/data/a.fits"),
        ("FILE:///data/a.fits", "/data/a.fits"),
        ("file:///data/my%20map%C3%A9.fits", "/data/my mapé.fits"),
        ("file:/data/run#3?.fits", "/data/run#3?.fits"),
        ("file:/data/100%.fits", "/data/100%.fits"),
    ],
)
def test_files_of_this_computer(url: str, path: str) -> None:
    assert local_path(url) == Path(path)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/a.fits", "https://archive.example/a.vot"])
def test_addresses_by_http_are_no_files(url: str) -> None:
    assert local_path(url) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file://archive.example/data/a.fits", "another computer"),
        ("file:a.fits", "which file"),
        ("file:///a%00b", "which file"),
        ("ftp://archive.example/a.fits", "neither"),
        ("/data/a.fits", "neither"),
        ("", "neither"),
        ("http:a.fits", "neither"),
    ],
)
def test_others_are_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        local_path(url)


@given(st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1))
def test_every_name_comes_back_from_its_address(name: str) -> None:
    path = Path("/data") / name
    assert local_path(path.as_uri()) == path
