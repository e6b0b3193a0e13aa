"""Working copies: those of living programs are let alone, those of dead ones are offered, clean exits leave nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

import stopdesk
from stopdesk.domain.session import Session, Source
from stopdesk.errors import FileError
from stopdesk.session.file import SessionStore
from stopdesk.session.recovery import Recovery

#: Other programs find the same stopdesk, wherever the tests were started.
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(stopdesk.__file__).parents[1]), *sys.path])}

OPENS = """
import sys
from pathlib import Path
from stopdesk.domain.session import Session, Source
from stopdesk.session.file import SessionStore
from stopdesk.session.recovery import Recovery
recovery = Recovery(Path(sys.argv[1]))
path = recovery.begin(Path(sys.argv[2]) if len(sys.argv) > 2 else None)
store = SessionStore.create(path)
store.write(Session(source=Source(name="unsaved")))
print(path, flush=True)
sys.stdin.read()
store.close()
recovery.end()
"""


def started(command: list[str], cwd: Path | None = None) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=ENVIRONMENT, cwd=cwd)


@contextmanager
def another_program(folder: Path, *original: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A program with an open session; it exits in good order when its input ends."""
    command = [sys.executable, "-c", OPENS, str(folder), *map(str, original)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    ) as process:
        assert process.stdout is not None
        yield process, Path(process.stdout.readline().strip())


def test_a_killed_program_leaves_its_session_to_the_next(tmp_path: Path) -> None:
    original = tmp_path / "ρ Oph.stop"
    before = datetime.now(UTC).timestamp() - 5
    recovery = Recovery(tmp_path / "recovery")
    with another_program(recovery.folder, original) as (process, path):
        assert recovery.left_behind() == []
        process.kill()
    (left,) = recovery.left_behind()
    assert (left.path, left.original, left.pid) == (path, original, process.pid)
    assert left.when.timestamp() > before
    taken = recovery.adopt(left)
    with closing(SessionStore.open(taken, name=left.original)) as store:
        assert store.read() == Session(source=Source(name="unsaved"))
        assert recovery.left_behind() == []
        assert Recovery(recovery.folder).left_behind() == []
        with pytest.raises(FileError, match="another stopdesk has taken"):
            Recovery(recovery.folder).adopt(left)
    recovery.end(taken)
    assert list(recovery.folder.iterdir()) == []
    with pytest.raises(FileError, match="already"):
        recovery.adopt(left)
    assert list(recovery.folder.iterdir()) == []


def test_a_clean_exit_leaves_nothing(tmp_path: Path) -> None:
    with another_program(tmp_path) as (process, path):
        assert path.exists()
        process.communicate("")
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_living_program_is_let_alone_whatever_its_note_says_of_its_number(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path)
    with another_program(tmp_path) as (process, path):
        note = path.with_suffix(".json")
        note.write_text(json.dumps({"original": None, "pid": 2**22 + 1, "started": ""}))
        assert recovery.left_behind() == []
        process.communicate("")


def test_a_dead_programs_number_that_has_gone_to_another_is_no_hindrance(tmp_path: Path) -> None:
    with another_program(tmp_path) as (process, path):
        process.kill()
    path.with_suffix(".json").write_text(json.dumps({"original": None, "pid": os.getpid(), "started": ""}))
    (left,) = Recovery(tmp_path).left_behind()
    assert left.path == path


@pytest.mark.parametrize("note", ["", "{", "[]", '{"original": 3, "pid": "x"}', '{"pid": 1}'])
def test_a_damaged_note_costs_the_original_only(tmp_path: Path, note: str) -> None:
    with another_program(tmp_path, tmp_path / "x.stop") as (process, path):
        process.kill()
    path.with_suffix(".json").write_text(note)
    recovery = Recovery(tmp_path)
    (left,) = recovery.left_behind()
    assert (left.path, left.original) == (path, None)
    recovery.discard(left)
    assert list(tmp_path.iterdir()) == []


def test_remains_in_which_nothing_was_written_are_cleared_away(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path)
    with another_program(tmp_path) as (process, path):
        process.kill()
    path.write_bytes(b"")
    (tmp_path / f"{path.stem}-1234.saving").write_bytes(b"half")
    assert recovery.left_behind() == []
    assert list(tmp_path.iterdir()) == []


def test_the_newest_comes_first_and_discarding_one_keeps_the_other(tmp_path: Path) -> None:
    paths = []
    for _ in range(2):
        with another_program(tmp_path) as (process, path):
            process.kill()
        paths.append(path)
    for path, when in zip(paths, (1_700_000_000, 1_600_000_000), strict=True):
        for part in tmp_path.glob(f"{path.name}*"):
            os.utime(part, (when, when))
    recovery = Recovery(tmp_path)
    first, second = recovery.left_behind()
    assert [first.path, second.path] == paths
    assert first.when == datetime.fromtimestamp(1_700_000_000, UTC)
    recovery.discard(first)
    assert [left.path for left in recovery.left_behind()] == [paths[1]]


def test_opening_another_session_ends_only_the_old_one(tmp_path: Path) -> None:
    recovery = Recovery(tmp_path)
    old, new = recovery.begin(), recovery.begin(tmp_path / "new.stop")
    assert old != new
    for path in (old, new):
        SessionStore.create(path).close()
    recovery.end(old)
    assert not old.exists()
    assert new.exists()
    recovery.end()
    assert list(tmp_path.iterdir()) == []


def test_a_save_elsewhere_changes_what_the_copy_belongs_to(tmp_path: Path) -> None:
    script = OPENS.replace("print(path", "recovery.belongs_to(path, Path('moved.stop'))\nprint(path")
    command = [sys.executable, "-c", script, str(tmp_path / "recovery")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT, cwd=tmp_path
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    (left,) = Recovery(tmp_path / "recovery").left_behind()
    assert left.original == tmp_path / "moved.stop"


def test_copies_lie_with_the_users_data_and_are_the_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOPDESK_HOME", str(tmp_path))
    recovery = Recovery()
    path = recovery.begin()
    SessionStore.create(path).close()
    assert path.parent == tmp_path / "data" / "recovery"
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {part.stat().st_mode & 0o777 for part in path.parent.iterdir()} == {0o600}
    recovery.end()


def test_a_place_where_no_copy_can_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "recovery").write_text("a file in the way")
    with pytest.raises(FileError, match="no copy for recovery"):
        Recovery(tmp_path / "recovery").begin()
