"""A file that is no session, or not a whole one, gets one sentence and stays as it is."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from stopdesk.domain.run import Run
from stopdesk.domain.session import Session
from stopdesk.errors import FileError
from stopdesk.session.file import SessionStore, read_session
from stopdesk.session.migrate import VERSION

RUN = Run(key="1", name="CO ladder", model="lvg", service="local", created=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A session file with a run and a file."""
    with closing(SessionStore.create(tmp_path / "working.stop")) as store:
        store.write(Session(runs=(RUN,), layout={"filling": "x" * 20_000}))
        store.put_blob(os.urandom(50_000))
        store.save_to(tmp_path / "saved.stop")
    return tmp_path / "saved.stop"


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """A folder in which permissions count, also where the tests are run by root."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o700)


def _beside(source: Path) -> list[Path]:
    return sorted(path for path in source.parent.glob("*") if path.name != "copies")


def refused(source: Path, tmp_path: Path) -> str:
    """The sentence for a file that cannot be opened; nothing of it is left behind, and it is untouched."""
    before = source.read_bytes() if source.is_file() else None
    when = source.stat().st_mtime_ns if source.exists() else None
    beside = _beside(source)
    working = tmp_path / "copies" / "copy.stop"
    working.parent.mkdir(exist_ok=True)
    with pytest.raises(FileError) as caught:
        SessionStore.open_copy(source, working).close()
    assert list(working.parent.iterdir()) == []
    assert (source.read_bytes() if source.is_file() else None) == before
    assert (source.stat().st_mtime_ns if source.exists() else None) == when
    assert _beside(source) == beside
    text = str(caught.value)
    assert text.startswith(str(source))
    assert text.endswith(".")
    return text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"SIMPLE  =                    T", "not a stopdesk session"),
        (os.urandom(5000), "not a stopdesk session"),
        (b"SQLite format 3\0", "end of this session file is missing"),
        (b"SQLite format 3\0" + b"\0" * 200, "not a stopdesk session"),
    ],
)
def test_other_content(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "it.stop").write_bytes(content)
    assert words in refused(tmp_path / "it.stop", tmp_path)


def test_another_programs_database(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "it.stop")) as connection:
        connection.execute("PRAGMA application_id = 1196444487")
        connection.execute("CREATE TABLE run (key TEXT)")
        connection.commit()
    assert "not a stopdesk session" in refused(tmp_path / "it.stop", tmp_path)
    with pytest.raises(FileError, match="not a stopdesk session"):
        SessionStore.open(tmp_path / "it.stop")


def test_a_newer_version(saved: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(saved)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    text = refused(saved, tmp_path)
    assert f"made by a newer stopdesk (format {VERSION + 1}); this one reads up to {VERSION}: update" in text
    with pytest.raises(FileError, match="newer stopdesk"):
        SessionStore.open(saved)


def test_places_where_no_session_is(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.stop", tmp_path)
    assert "no such file" in refused(tmp_path / "no" / "folder" / "missing.stop", tmp_path)
    (tmp_path / "folder.stop").mkdir()
    assert "folder" in refused(tmp_path / "folder.stop", tmp_path)
    os.mkfifo(tmp_path / "pipe.stop")
    assert "no ordinary file" in refused(tmp_path / "pipe.stop", tmp_path)
    (tmp_path / "circle.stop").symlink_to(tmp_path / "circle.stop")
    with pytest.raises(FileError):
        read_session(tmp_path / "circle.stop")
    with pytest.raises(FileError, match="no such file"):
        SessionStore.open(tmp_path / "missing.stop")
    assert not (tmp_path / "missing.stop").exists()


def test_a_file_of_somebody_elses(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    with ordinary_user() as folder:
        (folder / "theirs.stop").write_bytes(content)
        (folder / "theirs.stop").chmod(0)
        with pytest.raises(FileError, match="no permission"):
            SessionStore.open_copy(folder / "theirs.stop", folder / "copy.stop")
        assert [path.name for path in folder.iterdir()] == ["theirs.stop"]


def test_a_file_that_may_only_be_read_opens(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    with ordinary_user() as folder:
        (folder / "shared").mkdir()
        source = folder / "shared" / "session.stop"
        source.write_bytes(content)
        source.chmod(0o444)
        source.parent.chmod(0o555)
        with closing(SessionStore.open_copy(source, folder / "copy.stop")) as store:
            store.write(Session(runs=(RUN,), model="lte"))
            assert store.read().model == "lte"
            with pytest.raises(FileError, match=r"read-only|no permission"):
                store.save_to(source)
        assert source.read_bytes() == content
        assert [path.name for path in source.parent.iterdir()] == ["session.stop"]
        source.parent.chmod(0o755)


@pytest.mark.parametrize("part", [0.02, 0.3, 0.5, 0.9, 0.9999])
def test_a_truncated_file(saved: Path, tmp_path: Path, part: float) -> None:
    content = saved.read_bytes()
    (tmp_path / "part.stop").write_bytes(content[: int(len(content) * part)])
    assert "missing" in refused(tmp_path / "part.stop", tmp_path)


@pytest.mark.parametrize("page", range(13))
def test_a_page_of_rubbish_is_told_or_harmless_but_never_a_traceback(saved: Path, tmp_path: Path, page: int) -> None:
    content = bytearray(saved.read_bytes())
    start = max(page * 4096, 100)
    content[start : (page + 1) * 4096] = bytes((7 * n + page) % 251 for n in range((page + 1) * 4096 - start))
    source = tmp_path / "rubbish.stop"
    source.write_bytes(content)
    said = ""
    try:
        with closing(SessionStore.open_copy(source, tmp_path / "copy.stop")) as store:
            store.read()
    except FileError as error:
        said = str(error)
    assert said == "" or said.startswith(f"{source}: this session is damaged.")
    assert source.read_bytes() == content


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET json = '{not json'",
        "UPDATE run SET json = '{}'",
        "UPDATE run SET json = '" + "[" * 30_000 + "'",
        "UPDATE document SET json = '17' WHERE name = 'source'",
        "DROP TABLE run",
        "CREATE TRIGGER surprise AFTER INSERT ON run BEGIN DELETE FROM run; END",
        "CREATE VIEW more AS SELECT * FROM run",
    ],
)
def test_rows_that_are_no_session(saved: Path, change: str) -> None:
    with closing(sqlite3.connect(saved)) as connection:
        connection.execute(change)
        connection.commit()
    with pytest.raises(FileError, match=r"saved\.stop: this session is damaged"):
        read_session(saved)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE piece SET content = zeroblob(length(content))",
        "UPDATE piece SET coding = 1",
        "DELETE FROM piece",
        "UPDATE blob SET sha256 = replace(sha256, substr(sha256, 1, 4), 'ffff')",
    ],
)
def test_a_damaged_file_inside_costs_that_file_only(saved: Path, tmp_path: Path, change: str) -> None:
    with closing(sqlite3.connect(saved)) as connection:
        connection.execute(change)
        connection.commit()
        (sha256,) = connection.execute("SELECT sha256 FROM blob").fetchone()
    with closing(SessionStore.open_copy(saved, tmp_path / "copy.stop")) as store:
        assert store.read().runs == (RUN,)
        with pytest.raises(FileError, match="Fetch the results again"):
            store.blob(sha256)
        with pytest.raises(FileError, match="Fetch the results again"):
            store.export_blob(sha256, tmp_path / "result.vot")
    assert not (tmp_path / "result.vot").exists()


def test_the_working_copy_is_the_users_alone_and_its_place_must_be_free(saved: Path, tmp_path: Path) -> None:
    saved.chmod(0o644)
    with closing(SessionStore.open_copy(saved, tmp_path / "copy.stop")) as store:
        store.write(Session(model="lte"))
        for path in tmp_path.glob("copy.stop*"):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with pytest.raises(FileError, match="such a file already"):
            SessionStore.open_copy(saved, store.path)
        with pytest.raises(FileError, match="such a file already"):
            SessionStore.create(store.path)
        assert store.read().model == "lte"


def test_a_closed_session_says_so(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path / "working.stop")
    store.close()
    store.close()
    for action in (store.read, lambda: store.write(Session()), lambda: store.save_to(tmp_path / "x.stop")):
        with pytest.raises(FileError, match="has been closed"):
            action()
    assert [path.name for path in tmp_path.iterdir()] == ["working.stop"]
