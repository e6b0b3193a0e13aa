"""A program killed at any moment leaves the last session that was written, and the user's file whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import stopdesk
from stopdesk.domain.run import Run
from stopdesk.domain.session import FormState, Session, Source
from stopdesk.session.file import SessionStore, read_session

#: Other programs find the same stopdesk, wherever the tests were started.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(stopdesk.__file__).parents[1]), *sys.path])}

WRITES = """
import sys
from pathlib import Path
from stopdesk.domain.session import Session, Source
from stopdesk.session.file import SessionStore
store = SessionStore.create(Path(sys.argv[1]))
for turn in range(1_000_000):
    store.write(Session(source=Source(name=str(turn)), layout={"turn": turn, "filling": "x" * (turn * 37 % 20000)}))
    print(turn, flush=True)
"""

SAVES = """
import os, sys
from pathlib import Path
from stopdesk.domain.session import Session, Source
from stopdesk.session.file import SessionStore
store = SessionStore.create(Path(sys.argv[1]))
store.put_blob(os.urandom(3_000_000))
for turn in range(1_000_000):
    store.write(Session(source=Source(name=str(turn)), layout={"turn": turn}))
    print(turn, flush=True)
    store.save_to(Path(sys.argv[2]))
"""


def killed_after(lines: int, script: str, *arguments: Path) -> int:
    """Run a script, kill it (signal 9) when it has printed so many lines, and give the last number that it printed."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        try:
            for _ in range(lines):
                assert process.stdout.readline(), "the script ended by itself"
        finally:
            process.kill()
        return max([lines - 1, *(int(line) for line in process.stdout.read().split("\n")[:-1])])


@pytest.mark.parametrize("lines", [1, 40, 200])
def test_what_was_written_outlives_a_kill(tmp_path: Path, lines: int) -> None:
    last = killed_after(lines, WRITES, tmp_path / "working.stop")
    with closing(SessionStore.open(tmp_path / "working.stop")) as store:
        session = store.read()
        assert int(session.source.name) in (last, last + 1)
        assert session.layout["turn"] == int(session.source.name)
        store.write(Session(model="lte"))
        assert store.read().model == "lte"


@pytest.mark.parametrize("lines", [2, 5, 9])
def test_a_kill_while_saving_leaves_a_whole_file(tmp_path: Path, lines: int) -> None:
    target = tmp_path / "saved.stop"
    last = killed_after(lines, SAVES, tmp_path / "working.stop", target)
    session = read_session(target)
    assert session.layout["turn"] == int(session.source.name)
    assert last - 1 <= session.layout["turn"] <= last


def test_a_crash_between_any_two_steps_of_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files as they lie between any two statements open as the session before or the one after."""
    working = tmp_path / "working.stop"
    found: list[Session] = []

    def look() -> None:
        seen = tmp_path / "seen.stop"
        for suffix in ("", "-wal"):
            if Path(f"{working}{suffix}").exists():
                shutil.copyfile(f"{working}{suffix}", f"{seen}{suffix}")
        with closing(original(seen)) as connection:
            monkeypatch.setattr(sqlite3, "connect", original)
            with closing(SessionStore.open(seen)) as store:
                found.append(store.read())
            monkeypatch.setattr(sqlite3, "connect", watched)
            connection.close()
        for path in tmp_path.glob("seen.stop*"):
            path.unlink()

    class Watched(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            if watching:
                look()
            cursor = super().execute(*arguments)
            if watching:
                look()
            return cursor

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            cursor = super().executemany(*arguments)
            if watching:
                look()
            return cursor

    original = sqlite3.connect
    watching = False

    def watched(*arguments: Any, **options: Any) -> sqlite3.Connection:
        return original(*arguments, **options, factory=Watched)

    def a_session(name: str, keys: str) -> Session:
        created = datetime(2026, 1, 1, tzinfo=UTC)
        runs = tuple(Run(key=key, name=name, model="lvg", service="local", created=created) for key in keys)
        return Session(source=Source(name=name), model=name, forms={name: FormState()}, runs=runs)

    monkeypatch.setattr(sqlite3, "connect", watched)
    with closing(SessionStore.create(working)) as store:
        before = Session()
        for after in (a_session("first", "abc"), a_session("second", "bcd"), a_session("third", "")):
            found.clear()
            watching = True
            store.write(after)
            watching = False
            assert len(found) > 10
            assert [session for session in found if session not in (before, after)] == []
            turn = found.index(after)
            assert found[:turn] == [before] * turn
            assert found[turn:] == [after] * (len(found) - turn)
            before = after


def test_a_file_half_taken_in_is_not_there_and_can_be_taken_in_again(tmp_path: Path) -> None:
    data = os.urandom(2_500_000)
    with closing(SessionStore.create(tmp_path / "working.stop")) as store:
        sha256, _ = store.put_blob(data)
        with closing(sqlite3.connect(store.path)) as connection:  # as a kill before the last piece leaves it
            connection.execute("DELETE FROM blob")
            connection.execute("DELETE FROM piece WHERE number = 2")
            connection.commit()
        assert not store.has_blob(sha256)
        store.put_blob(data)
        assert store.blob(sha256) == data
        with closing(sqlite3.connect(store.path)) as connection:
            connection.execute("DELETE FROM blob")
            connection.commit()
        store.drop_unused_blobs(Session())
        with closing(sqlite3.connect(store.path)) as connection:
            assert connection.execute("SELECT count(*) FROM piece").fetchone() == (0,)
