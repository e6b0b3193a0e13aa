"""What has come of results outlives the program, belongs to one run, and does not stay for ever."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stopdesk.errors import FileError
from stopdesk.session.arrivals import OLD, arriving, discard, discard_old

DIES = """
import os, sys
from stopdesk.session.arrivals import arriving
with arriving(sys.argv[1]) as folder:
    (folder / ".cube.part").write_text("half")
    (folder / "whole.fits").write_text("all of it")
    os._exit(9)
"""


def begin(key: str) -> Path:
    """Leave a part behind, as a transfer that breaks off does."""
    with pytest.raises(KeyError), arriving(key) as folder:
        (folder / ".cube.part").write_text("half")
        raise KeyError
    return folder


def test_what_broke_off_is_there_the_next_time_and_gone_once_all_has_come() -> None:
    folder = begin("run")
    with arriving("run") as again:
        assert again == folder
        assert (again / ".cube.part").read_text() == "half"
    assert not folder.exists()
    assert not list(folder.parent.iterdir())


def test_a_folder_of_nothing_does_not_stay() -> None:
    with pytest.raises(KeyError), arriving("run") as folder:
        raise KeyError
    assert not list(folder.parent.iterdir())


def test_a_killed_program_leaves_its_parts_and_nothing_whole(home: Path) -> None:
    environment = {**os.environ, "STOPDESK_HOME": str(home)}
    assert subprocess.run([sys.executable, "-c", DIES, "run"], env=environment, check=False).returncode == 9
    with arriving("run") as folder:
        assert [path.name for path in folder.iterdir()] == [".cube.part"]


@pytest.mark.parametrize("key", ["../../up", "/etc", "a\0b", "", "x" * 5000])
def test_no_key_leads_elsewhere(home: Path, key: str) -> None:
    with arriving(key) as folder:
        assert folder.parent == home / "cache" / "results"


def test_a_second_one_meanwhile_gets_a_folder_for_this_once() -> None:
    with arriving("run") as first, arriving("other") as other:
        assert first != other
        with arriving("run") as second:
            assert second not in (first, other)
            (second / "file").write_text("x")
        assert not second.exists()
        discard("run")
        assert first.exists(), "it is still arriving"


def test_parts_are_thrown_away_when_told_and_when_old() -> None:
    first, second = begin("first"), begin("second")
    discard("first")
    discard("never seen")
    assert not first.exists()
    now = datetime.now(UTC)
    discard_old(now + OLD - timedelta(hours=1))
    assert second.exists()
    discard_old(now + OLD + timedelta(hours=1))
    assert not list(second.parent.iterdir())


def test_a_cache_that_cannot_be_written_is_told(home: Path) -> None:
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "results").write_text("a file")
    with pytest.raises(FileError, match="results cannot be kept there"), arriving("run"):
        pass
