"""Temporary files of worker processes go with the process, with the pool, or with the next pool of any program."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stopdesk.engines import surroundings
from stopdesk.engines.surroundings import LOCK, PREFIX, Folders
from stopdesk.engines.workers import WorkerPool
from tests.processes import workers

_DEADLINE = 60.0


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go in this test."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


@pytest.fixture
def pool(place: Path) -> Iterator[WorkerPool]:
    pool = WorkerPool(1)
    yield pool
    pool.close(timeout=10)


def until(condition: Callable[[], object]) -> None:
    tick, left = threading.Event(), int(_DEADLINE / 0.01)
    while not condition():
        assert left > 0, "the condition did not come true"
        left -= 1
        tick.wait(0.01)


def folders(place: Path) -> set[Path]:
    return {path for path in place.glob(f"{PREFIX}*/*") if path.is_dir()}


def leave_something(folder: Path) -> None:
    """What a process leaves that is killed while it reads a molecule."""
    (folder / "stopdesk-x1y2").mkdir()
    (folder / "stopdesk-x1y2" / "molecule.dat").write_text("!MOLECULE")


def test_a_process_keeps_its_temporary_files_in_a_folder_of_its_own(place: Path) -> None:
    mine = Folders()
    try:
        environment = surroundings.environment(mine.new())
        words = [sys.executable, "-c", "import tempfile; print(tempfile.mkdtemp())"]
        made = Path(subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout.strip())
        assert made.is_relative_to(place)
        assert made.parent in folders(place)
    finally:
        mine.close()
    assert list(place.iterdir()) == []


def test_what_a_killed_process_leaves_goes_with_it(place: Path, pool: WorkerPool) -> None:
    pool.warm_up()
    until(lambda: len(workers()) == 1 and folders(place))
    (folder,) = folders(place)
    leave_something(folder)
    (pid,) = workers()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not folder.exists())


def test_what_is_left_at_the_end_goes_with_the_pool(place: Path, pool: WorkerPool) -> None:
    pool.warm_up()
    until(lambda: folders(place))
    leave_something(next(iter(folders(place))))
    pool.close(timeout=10)
    assert list(place.iterdir()) == []


def test_what_a_killed_program_left_goes_with_the_next_pool(place: Path) -> None:
    program = (
        "import os, signal, sys, tempfile\n"
        "from stopdesk.engines.surroundings import Folders\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "folders = Folders()\n"
        "(folders.new() / 'molecule.dat').touch()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    words = [sys.executable, "-c", program, str(place)]
    assert subprocess.run(words, env=surroundings.environment(place), check=False).returncode == -signal.SIGKILL
    assert len(folders(place)) == 1
    next_one = Folders()
    next_one.new()
    assert len(list(place.iterdir())) == 1, "its own"
    next_one.close()


def test_what_is_somebody_s_stays(place: Path, tmp_path: Path) -> None:
    living, making, old, other = (place / f"{PREFIX}{name}" for name in ("living", "making", "old", "other"))
    for folder in (living, making, old):
        folder.mkdir()
    (tmp_path / "precious").mkdir()
    other.symlink_to(tmp_path / "precious")
    (tmp_path / "precious" / LOCK).touch()
    os.utime(old, (0, 0))
    (place / f"{PREFIX}file").touch()
    (place / "stopdesk-else").mkdir()
    with (living / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        surroundings.remove_left()
        left = {path.name.removeprefix(PREFIX) for path in place.iterdir()}
    assert left == {"living", "making", "other", "file", "stopdesk-else"}
    assert (tmp_path / "precious" / LOCK).exists()
