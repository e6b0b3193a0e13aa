"""Results are what the service announced or are not kept under their name; several of them make one archive."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from stopdesk.domain.job import JobResult
from stopdesk.errors import Cancelled, FileError, Malformed, Refused
from stopdesk.uws.client import UwsClient
from tests.fakes.file_server import file_server
from tests.fakes.uws_server import UwsServer

CONTENT = bytes(range(256)) * 2000


def sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def results_of(client: UwsClient, server: UwsServer, contents: dict[str, bytes]) -> tuple[JobResult, ...]:
    results = {name: (content, "text/plain") for name, content in contents.items()}
    return client.job(server.job_url(server.add_job("COMPLETED", results=results))).results


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
        with pytest.raises(Malformed, match=words) as caught:
            client.fetch_result(result, out)
    assert "kept as cube.fits.unverified" in str(caught.value)
    assert files(out) == ["cube.fits.unverified"]


def test_a_size_of_nothing_is_how_some_say_that_they_do_not_know(client: UwsClient, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        result = JobResult(result_id="cube.fits", url=file.url, size=0)
        assert client.fetch_result(result, tmp_path / "out").stat().st_size == len(CONTENT)


def test_several_results_make_one_archive_with_names_of_their_own(
    client: UwsClient, uws_server: UwsServer, tmp_path: Path
) -> None:
    contents = {"grid": b"one", "GRID": b"two", "../grid": b"three", "b/../../c": CONTENT}
    results = results_of(client, uws_server, contents)
    told: list[tuple[int, int | None]] = []
    path = client.fetch_zip(results, tmp_path / "all.zip", progress=lambda *step: told.append(step))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert [archive.read(name) for name in names] == list(contents.values())
    assert names == ["grid.txt", "GRID-2.txt", "_grid.txt", "b_.._.._c.txt"]
    assert not any("/" in name or name.startswith(".") for name in names)
    total = sum(map(len, contents.values()))
    assert told[-1] == (total, total)
    assert [size for size, _ in told] == sorted(size for size, _ in told)
    assert files(tmp_path) == ["all.zip"]


@pytest.mark.parametrize("case", ["error", "cancel", "damaged", "too large"])
def test_an_archive_is_whole_or_not_there(client: UwsClient, uws_server: UwsServer, tmp_path: Path, case: str) -> None:
    results = results_of(client, uws_server, {"a": b"one", "b": CONTENT})
    if case == "error":
        uws_server.fault("votable_error", on="GET /b")
        with pytest.raises(Refused):
            client.fetch_zip(results, tmp_path / "all.zip")
    elif case == "cancel":
        with pytest.raises(Cancelled):
            client.fetch_zip(results, tmp_path / "all.zip", cancelled=lambda: uws_server.count("GET", "/b") > 0)
    elif case == "damaged":
        bad = results[1].model_copy(update={"sha1": "0" * 40})
        with pytest.raises(Malformed):
            client.fetch_zip([results[0], bad], tmp_path / "all.zip")
    else:
        with pytest.raises(Malformed):
            client.fetch_zip(results, tmp_path / "all.zip", max_bytes=1000)
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []


def test_an_archive_never_takes_the_place_of_another_file(
    client: UwsClient, uws_server: UwsServer, tmp_path: Path
) -> None:
    target = tmp_path / "all.zip"
    target.write_text("mine")
    with pytest.raises(FileError, match="already"):
        client.fetch_zip(results_of(client, uws_server, {"a": b"one"}), target)
    assert target.read_text() == "mine"
    with pytest.raises(FileError, match="could not be written"):
        client.fetch_zip(results_of(client, uws_server, {"a": b"one"}), tmp_path / "nowhere" / "all.zip")
