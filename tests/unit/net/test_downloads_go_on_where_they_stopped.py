"""A download that broke off goes on where it stopped, of the same version of the file only, and is whole at the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from stopdesk.errors import Cancelled, FileError, Malformed
from stopdesk.net.http import Http
from tests.fakes.file_server import file_server

CONTENT = bytes(range(256)) * 2000


def ranges(requests: list[tuple[str, dict[str, str]]]) -> list[str | None]:
    return [headers.get("range") for _, headers in requests]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_what_broke_off_goes_on_and_counts_as_no_new_try(http: Http, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        file.breaks_at = [100_000, 1000, 50_000, 1, 200_000]  # more often than a GET is tried
        got = http.download(file.url, tmp_path / "cube", resume=True)
        assert got.path.read_bytes() == CONTENT
        assert got.size == len(CONTENT)
        assert ranges(file.requests) == [None, *(f"bytes={n}-" for n in (100_000, 101_000, 151_000, 151_001, 351_001))]
        assert file.requests[1][1]["if-range"] == '"v1"'
        assert {method for method, _ in file.requests} == {"GET"}
    assert files(tmp_path) == ["cube"]


def test_progress_is_of_the_whole(http: Http, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    with file_server(CONTENT) as file:
        file.breaks_at = [100_000]
        http.download(file.url, tmp_path / "cube", resume=True, progress=lambda *step: told.append(step))
    sizes = [size for size, _ in told]
    assert sizes == sorted(sizes)
    assert told[-1] == (len(CONTENT), len(CONTENT))


def test_a_later_call_goes_on_too(http: Http, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        seen: list[int] = []

        def enough() -> bool:
            seen.append(1)
            return len(seen) > 3

        with pytest.raises(Cancelled):
            http.download(file.url, tmp_path / "cube", resume=True, cancelled=enough)
        assert files(tmp_path) == ["cube.part", "cube.part.json"]
        begun = (tmp_path / "cube.part").stat().st_size
        assert http.download(file.url, tmp_path / "cube", resume=True).path.read_bytes() == CONTENT
        assert ranges(file.requests) == [None, f"bytes={begun}-"]
    assert files(tmp_path) == ["cube"]


def test_a_file_that_changed_comes_anew(http: Http, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        file.breaks_at = [100_000]

        def changes(size: int, _: int | None) -> None:
            if size == 100_000:
                file.content, file.etag = CONTENT[::-1], '"v2"'

        got = http.download(file.url, tmp_path / "cube", resume=True, progress=changes)
        assert got.path.read_bytes() == CONTENT[::-1]
        assert ranges(file.requests) == [None, "bytes=100000-"]  # answered with all of the new version


def test_a_part_of_another_address_is_not_gone_on_with(http: Http, tmp_path: Path) -> None:
    (tmp_path / "cube.part").write_bytes(b"something else")
    (tmp_path / "cube.part.json").write_text('{"url": "http://elsewhere/", "validator": "\\"v1\\""}')
    with file_server(CONTENT) as file:
        assert http.download(file.url, tmp_path / "cube", resume=True).path.read_bytes() == CONTENT
        assert ranges(file.requests) == [None]


@pytest.mark.parametrize("case", ["no range", "odd range", "unsatisfiable", "weak tag", "no version", "damaged note"])
def test_servers_that_cannot_go_on_send_all_of_it(http: Http, tmp_path: Path, case: str) -> None:
    with file_server(CONTENT) as file:
        file.breaks_at = [100_000]
        file.heeds_range = case != "no range"
        file.odd_range = case == "odd range"
        file.unsatisfiable = case == "unsatisfiable"
        if case in ("weak tag", "no version"):
            file.etag = 'W/"v1"' if case == "weak tag" else None
        if case == "damaged note":
            (tmp_path / "cube.part.json").write_text("{")
        assert http.download(file.url, tmp_path / "cube", resume=True).path.read_bytes() == CONTENT
    assert files(tmp_path) == ["cube"]


@pytest.mark.parametrize(("age", "goes_on"), [(timedelta(hours=1), True), (timedelta(hours=-1), False)])
def test_a_time_tells_the_version_unless_it_is_too_young(
    http: Http, tmp_path: Path, age: timedelta, goes_on: bool
) -> None:
    with file_server(CONTENT) as file:
        file.etag, file.modified = None, format_datetime(datetime.now(UTC) - age, usegmt=True)
        file.breaks_at = [100_000]
        assert http.download(file.url, tmp_path / "cube", resume=True).path.read_bytes() == CONTENT
        assert ranges(file.requests) == [None, "bytes=100000-" if goes_on else None]


def test_two_do_not_write_the_same_file(http: Http, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        told: list[str] = []

        def once_more(size: int, _: int | None) -> None:
            if not told:
                with pytest.raises(FileError, match="being downloaded already") as caught:
                    http.download(file.url, tmp_path / "cube", resume=True)
                told.append(str(caught.value))

        got = http.download(file.url, tmp_path / "cube", resume=True, progress=once_more)
        assert got.path.read_bytes() == CONTENT
        assert told


def test_a_part_longer_than_allowed_is_refused(http: Http, tmp_path: Path) -> None:
    with file_server(CONTENT) as file:
        file.breaks_at = [100_000]
        with pytest.raises(Malformed, match="more than 200000 bytes"):
            http.download(file.url, tmp_path / "cube", resume=True, max_bytes=200_000)
    assert not list(tmp_path.glob("cube*")), "nobody will want the rest"
