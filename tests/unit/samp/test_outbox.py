from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from stopdesk import paths
from stopdesk.errors import FileError
from stopdesk.samp.outbox import Outbox, sweep


def test_only_its_user_can_read_it_and_it_goes_when_it_is_closed() -> None:
    outbox = Outbox()
    assert stat.S_IMODE(outbox.folder.stat().st_mode) == 0o700
    place = outbox.place("CO ladder", ".fits")
    place.write_bytes(b"x")
    assert unquote(urlsplit(outbox.url(place)).path) == str(place)
    outbox.close()
    assert not outbox.folder.exists()
    outbox.close()


def test_places_are_readable_safe_and_given_once() -> None:
    outbox = Outbox()
    try:
        names = ["CO 3–2 / Orion", "CO 3-2: Orion", "../../.samp", "", "in-use", "x" * 500, "13CO+"]
        places = [outbox.place(name, ".vot") for name in (*names, "13CO+")]
        assert [place.name for place in places[:5]] == [
            "CO_3-2_Orion.vot",
            "CO_3-2_Orion-2.vot",
            "samp.vot",
            "data.vot",
            "in-use.vot",
        ]
        assert [place.name for place in places[6:]] == ["13CO+.vot", "13CO+-2.vot"]
        assert {place.parent for place in places} == {outbox.folder}
        assert outbox.place("in-use", "") != outbox.folder / "in-use"
    finally:
        outbox.close()


def test_what_a_killed_program_left_goes_and_what_a_living_one_has_stays() -> None:
    words = "import os; from stopdesk.samp.outbox import Outbox; box = Outbox(); print(box.folder, flush=True); input()"
    command = [sys.executable, "-c", words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        left = Path(program.stdout.readline().strip())
        first = Outbox()
        assert left.is_dir()
        program.kill()
        program.wait()
        second = Outbox()
        assert not left.exists()
        assert first.folder.is_dir()
    first.close()
    second.close()


def test_what_was_left_goes_at_the_next_start_too() -> None:
    left = paths.cache_dir() / "samp" / "sent-by a program that was killed"
    left.mkdir(parents=True)
    outbox = Outbox()
    left.mkdir()
    sweep()
    assert not left.exists()
    assert outbox.folder.is_dir()
    outbox.close()


def test_a_place_that_cannot_be_made_is_said_in_words() -> None:
    (paths.cache_dir() / "samp").write_text("no folder")
    with pytest.raises(FileError, match="cannot be made"):
        Outbox()
    with pytest.raises(FileError, match="cannot be made"):
        sweep()
