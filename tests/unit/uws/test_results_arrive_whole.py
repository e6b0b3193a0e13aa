"""Results are what the service announced or are not kept under their name; names are safe."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import pytest

from stopdesk.domain.job import JobResult
from stopdesk.errors import Cancelled, Unverified
from stopdesk.uws.client import UwsClient
from stopdesk.uws.results import plain_name, unique_name
from tests.fakes.file_server import file_server

CONTENT = bytes(range(256)) * 2000


def sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_a_result_that_breaks_off_goes_on_and_is_checked_as_a_whole(client: UwsClient, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with file_server(CONTENT) as file:
        file.breaks_at = [100_000, 50_000]
        result = JobResult(result_id="cube.fits", url=file.url, size=len(CONTENT), sha1=sha1(CONTENT))
        assert client.fetch_result(result, out).read_bytes() == CONTENT
    assert files(out) == ["cube.fits"]


def test_a_cancelled_result_goes_on_later_in_the_same_folder(client: UwsClient, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with file_server(CONTENT) as file:
        result = JobResult(result_id="cube.fits", url=file.url)
        steps = iter(range(100))
        with pytest.raises(Cancelled):
            client.fetch_result(result, out, cancelled=lambda: next(steps) > 2)
        assert not (out / "cube.fits").exists()
        assert client.fetch_result(result, out).read_bytes() == CONTENT
        assert file.requests[1][1]["range"].startswith("bytes=")
    assert files(out) == ["cube.fits"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"size": 12}, "has 512000 bytes, but the service announced 12"),
        ({"sha1": "0" * 40}, "arrived damaged: its checksum"),
    ],
)
def test_what_differs_from_what_was_announced_is_told_and_not_taken_for_it(
    client: UwsClient, tmp_path: Path, wrong: dict[str, object], words: str
) -> None:
    out = tmp_path / "out"
    with file_server(CONTENT) as file:
        result = JobResult(result_id="cube.fits", url=file.url).model_copy(update=wrong)
        with pytest.raises(Unverified, match=words) as caught:
            client.fetch_result(result, out)
    assert "kept as cube.fits.unverified" in str(caught.value)
    assert files(out) == ["cube.fits.unverified"]
    assert caught.value.path == out / "cube.fits.unverified"


def test_a_size_of_nothing_is_how_some_say_that_they_do_not_know(client: UwsClient, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        result = JobResult(result_id="cube.fits", url=file.url, size=0)
        assert client.fetch_result(result, tmp_path / "out").stat().st_size == len(CONTENT)


def test_names_are_plain_and_no_two_alike() -> None:
    names: set[str] = set()
    wanted = ["grid.vot", "GRID.vot", "../grid", "b/../../c", "NUL.txt", "..", "Ångström", "Ångström"]
    given = [unique_name(plain_name(each), names) for each in wanted]
    assert given == ["grid.vot", "GRID-2.vot", "_grid", "b_.._.._c", "_NUL.txt", "result", "Ångström", "Ångström-2"]


@pytest.mark.parametrize("wanted", ["密" * 150, "😀" * 150, "é" * 150, "x" * 5000])
@pytest.mark.parametrize("size", [None, 7])
def test_names_that_are_too_long_for_a_file_are_cut(
    client: UwsClient, tmp_path: Path, wanted: str, size: int | None
) -> None:
    with file_server(CONTENT) as file:
        result = JobResult(result_id=wanted, url=file.url, size=size, mime_type="application/fits")
        for _ in range(2):
            with contextlib.suppress(Unverified):
                client.fetch_result(result, tmp_path)
    assert len(files(tmp_path)) == 2
    assert all(name.startswith(wanted[:50]) and ".fits" in name for name in files(tmp_path))
