"""A session whose working copy takes no more can still be saved elsewhere, with its results."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from stopdesk.domain.run import Run, StoredFile
from stopdesk.domain.session import Session, Source
from stopdesk.session.file import SessionStore, read_session, rescue


def test_the_whole_session_lands_in_the_file_and_nothing_beside_it(tmp_path: Path) -> None:
    store = SessionStore.create(tmp_path / "working.stop")
    sha256, size = store.put_blob(b"numbers" * 1000)
    run = Run(
        key="1",
        name="a run",
        model="lte",
        service="local",
        created=datetime(2026, 11, 20, tzinfo=UTC),
        results={"grid.vot": StoredFile(name="grid.vot", sha256=sha256, size=size)},
    )
    session = Session(source=Source(name="L1544"), runs=(run,))
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "mine.stop").write_bytes(b"the old file")
    rescue(store, session, folder / "mine.stop")
    store.close()
    assert read_session(folder / "mine.stop") == session
    copy = SessionStore.open(folder / "mine.stop")
    assert copy.blob(sha256) == b"numbers" * 1000
    copy.close()
    assert [path.name for path in folder.iterdir()] == ["mine.stop"]
