"""TOPCAT and Aladin are found and started, get what they were started for once they are connected, and nothing else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import paths
from stopdesk.samp import messages
from stopdesk.samp.exchange import Peer
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.installed import ALADIN, TOPCAT, environment, find
from stopdesk.ui.samp.programs import Programs
from stopdesk.ui.tasks import Tasks
from tests.fakes import samp_link
from tests.processes import is_there
from tests.ui.samp_parts import Samp


class Computer:
    """A folder at the head of the PATH, with programs that note their start and go on for a while."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.noted = folder / "noted"
        folder.mkdir()
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def install(self, name: str, script: str = "exec sleep 600") -> Path:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\nenv > '{self.noted}.env'\necho $$ >> '{self.noted}'\n{script}\n")
        path.chmod(0o755)
        return path

    @property
    def started(self) -> list[int]:
        """The processes that were started."""
        return [int(line) for line in self.noted.read_text().split()] if self.noted.exists() else []

    @property
    def environment(self) -> dict[str, str]:
        lines = Path(f"{self.noted}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Computer:
    return Computer(tmp_path / "programs", monkeypatch)


@pytest.fixture
def programs(qtbot: QtBot, samp: Samp, tasks: Tasks, notices: Notices, computer: Computer) -> Iterator[Programs]:
    made = Programs(samp=samp.link, tasks=tasks, notices=notices)
    yield made
    tasks.shutdown(10.0)
    for pid in computer.started:
        if is_there(pid):
            os.killpg(pid, signal.SIGKILL)
    for process in made._running:
        process.wait(10)


def looked(qtbot: QtBot, programs: Programs) -> Programs:
    with qtbot.waitSignal(programs.changed):
        programs.look()
    return programs


def test_commands_come_before_jar_files(computer: Computer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jars = tmp_path / "jars"
    jars.mkdir()
    (jars / "topcat-full.jar").touch()
    monkeypatch.setenv("PATH", str(computer.folder))
    assert find(TOPCAT, (jars,)) is None, "without Java a jar file is of no use"
    java = computer.install("java")
    assert find(TOPCAT, (jars,)) == (str(java), "-jar", str(jars / "topcat-full.jar"))
    assert find(ALADIN, (jars,)) is None
    topcat = computer.install("topcat")
    assert find(TOPCAT, (jars,)) == (str(topcat),)


def test_secrets_are_not_for_other_programs() -> None:
    ours = {
        "PATH": "/bin",
        "SAMP_HUB": "std-lockurl:file:///x",
        "DISPLAY": ":0",
        "STOPDESK_PASSWORD": "x",
        "STOPDESK_HOME": "/x",
        "GITHUB_TOKEN": "x",
        "aws_secret_access_key": "x",
        "SOME_API_KEY": "x",
    }
    assert environment(ours) == {"PATH": "/bin", "SAMP_HUB": "std-lockurl:file:///x", "DISPLAY": ":0"}


def test_a_program_is_told_where_the_lock_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMP_HUB")
    monkeypatch.setenv("HOME", str(tmp_path / "a home"))
    assert environment({"PATH": "/bin"})["SAMP_HUB"] == f"std-lockurl:{tmp_path.as_uri()}/a%20home/.samp"


def test_only_what_is_installed_and_takes_it_is_offered(
    qtbot: QtBot, programs: Programs, computer: Computer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert programs.available() == ()
    monkeypatch.setenv("PATH", str(computer.folder))
    assert looked(qtbot, programs).available() == ()
    computer.install("topcat")
    assert looked(qtbot, programs).available() == ("TOPCAT",)
    computer.install("Aladin")
    assert looked(qtbot, programs).available() == ("TOPCAT", "Aladin")
    assert programs.available(messages.IMAGE, messages.SCRIPT) == ("Aladin",)
    assert programs.available(messages.SPECTRUM) == ()


def test_a_program_gets_what_it_was_started_for_once_it_takes_it(
    qtbot: QtBot, samp: Samp, programs: Programs, computer: Computer, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STOPDESK_PASSWORD", "secret")
    computer.install("topcat")
    samp.with_peers(samp_link.TOPCAT)
    got: list[Peer] = []
    looked(qtbot, programs).start("TOPCAT", got.append, (messages.TABLE_FITS,))
    programs.start("TOPCAT", got.append, (messages.TABLE_FITS,))
    qtbot.waitUntil(lambda: len(computer.started) == 1)
    coming = Peer("c7", "topcat")
    samp.fake.there_are(samp_link.TOPCAT, samp_link.ALADIN, coming)
    qtbot.waitUntil(lambda: coming in samp.link.peers)
    assert got == [], "it has not said yet that it takes tables"
    come = Peer("c7", "topcat", "", frozenset({messages.TABLE_FITS}))
    samp.fake.there_are(come, samp_link.TOPCAT, samp_link.ALADIN)
    qtbot.waitUntil(lambda: got == [come, come])
    assert len(computer.started) == 1, "asked for twice, started once"
    assert notices.history[-1].text == "TOPCAT is connected."
    assert "STOPDESK_PASSWORD" not in computer.environment
    assert computer.environment["SAMP_HUB"] == os.environ["SAMP_HUB"]
    assert os.getsid(computer.started[0]) == computer.started[0], "it ends with nobody but itself"


def test_without_a_connection_one_is_made_first(
    qtbot: QtBot, samp: Samp, programs: Programs, computer: Computer
) -> None:
    computer.install("aladin")
    looked(qtbot, programs).start("Aladin")
    assert samp.fake.calls == ["start", "connect, hub True"]
    assert computer.started == []
    samp.fake.stands(samp_link.OWN_HUB)
    qtbot.waitUntil(lambda: len(computer.started) == 1)


def test_a_program_may_bring_its_own_hub_where_we_start_none(
    qtbot: QtBot, samp: Samp, programs: Programs, computer: Computer
) -> None:
    computer.install("topcat")
    samp.start_hub = False
    looked(qtbot, programs).start("TOPCAT")
    qtbot.waitUntil(lambda: len(computer.started) == 1)
    assert samp.fake.calls == ["start", "connect, hub False"]


def test_a_program_that_ends_at_once_is_told_with_its_words(
    qtbot: QtBot, samp: Samp, programs: Programs, computer: Computer, notices: Notices
) -> None:
    computer.install("topcat", "echo no Java here >&2; exit 3")
    samp.with_peers()
    looked(qtbot, programs).start("TOPCAT", lambda _: pytest.fail("it is not there"))
    qtbot.waitUntil(lambda: bool(notices.history))
    text = notices.history[-1].text
    assert "TOPCAT ended with exit code 3. Its last words: no Java here" in text
    assert (paths.log_dir() / "topcat.log").read_text() == "no Java here\n"
    programs.start("TOPCAT")
    qtbot.waitUntil(lambda: len(computer.started) == 2, timeout=10_000)


def test_a_program_that_cannot_be_started_is_told(
    qtbot: QtBot, samp: Samp, programs: Programs, computer: Computer, notices: Notices
) -> None:
    path = computer.install("topcat")
    samp.with_peers()
    looked(qtbot, programs)
    path.unlink()
    programs.start("TOPCAT")
    qtbot.waitUntil(lambda: bool(notices.history))
    assert "TOPCAT cannot be started" in notices.history[-1].text


def test_a_program_that_never_connects_is_waited_for_so_long(
    qtbot: QtBot, samp: Samp, tasks: Tasks, notices: Notices, programs: Programs, computer: Computer
) -> None:
    computer.install("topcat")
    samp.with_peers()
    looked(qtbot, programs)._patience = 0.3
    programs.start("TOPCAT", lambda _: pytest.fail("it is not there"))
    qtbot.waitUntil(lambda: bool(notices.history))
    assert "has not connected within 0.3 s" in notices.history[-1].text
    assert is_there(computer.started[0]), "it may only be slow"


def test_waiting_can_be_cancelled_and_the_program_stays(
    qtbot: QtBot, samp: Samp, tasks: Tasks, programs: Programs, computer: Computer
) -> None:
    computer.install("topcat")
    samp.with_peers()
    looked(qtbot, programs).start("TOPCAT", lambda _: pytest.fail("nobody waits any more"))
    qtbot.waitUntil(lambda: len(computer.started) == 1)
    (task,) = tasks.under_way
    assert (task.name, task.can_cancel, task.quiet) == ("Starting TOPCAT", True, False)
    task.cancel()
    qtbot.waitUntil(lambda: not tasks.under_way)
    samp.fake.there_are(samp_link.TOPCAT)
    qtbot.waitUntil(lambda: samp.link.peers == (samp_link.TOPCAT,))
    assert is_there(computer.started[0])
    assert not programs._starts
