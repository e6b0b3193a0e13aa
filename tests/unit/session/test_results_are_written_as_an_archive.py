"""An archive has the results of the session to the byte; it is whole, or what was there before stays."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stopdesk.domain.run import StoredFile
from stopdesk.errors import Cancelled, FileError
from stopdesk.session.archive import write_archive
from stopdesk.session.file import SessionStore

BIG = bytes(range(256)) * 10_000
CONTENTS = {"grid.vot": b"one", "co/lines.vot": BIG, "co/empty.txt": b""}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    store = SessionStore.create(tmp_path / "session.stop")
    yield store
    store.close()


@pytest.fixture
def members(store: SessionStore) -> list[tuple[str, StoredFile]]:
    found = []
    for name, content in CONTENTS.items():
        sha256, size = store.put_blob(content)
        found.append((name, StoredFile(name=name, sha256=sha256, size=size)))
    return found


def silent(_: int, __: int) -> None:
    pass


def test_the_archive_has_all_files_to_the_byte(
    store: SessionStore, members: list[tuple[str, StoredFile]], tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    write_archive(store, members, tmp_path / "all.zip", progress=lambda *step: told.append(step))
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == CONTENTS
    total = sum(map(len, CONTENTS.values()))
    assert told[-1] == (total, total)
    assert [size for size, _ in told] == sorted(size for size, _ in told)


@pytest.mark.parametrize("case", ["cancel", "missing", "closed"])
def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(
    store: SessionStore, members: list[tuple[str, StoredFile]], tmp_path: Path, case: str
) -> None:
    target = tmp_path / "all.zip"
    target.write_text("mine")
    before = sorted(tmp_path.iterdir())

    def cancelled(size: int, _: int) -> None:
        if size > 1_000_000:
            raise Cancelled("Enough.")

    if case == "cancel":
        with pytest.raises(Cancelled):
            write_archive(store, members, target, progress=cancelled)
    elif case == "missing":
        lost = ("co/lost.vot", StoredFile(name="lost.vot", sha256="0" * 64, size=3))
        with pytest.raises(FileError, match=r"for want of co/lost\.vot"):
            write_archive(store, [*members, lost], target, progress=silent)
    else:
        store.close()
        with pytest.raises(FileError, match="has been closed"):
            write_archive(store, members, target, progress=silent)
    assert target.read_text() == "mine"
    assert {path for path in tmp_path.iterdir() if path not in before} == set()


def test_a_place_that_cannot_be_written_is_named(
    store: SessionStore, members: list[tuple[str, StoredFile]], tmp_path: Path
) -> None:
    with pytest.raises(FileError, match="there is no folder"):
        write_archive(store, members, tmp_path / "nowhere" / "all.zip", progress=silent)
