"""Looking at processes, through /proc; tests that need it are skipped in a bare chroot that has none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def need_proc() -> None:
    """Skip the test where processes cannot be looked at."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("there is no /proc here to look at processes")


def children(pid: int, *, dead_too: bool = False) -> list[int]:
    """The processes whose parent is ``pid``; ``dead_too`` counts those that nobody has buried."""
    need_proc()
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[1]) == pid and (dead_too or fields[0] != "Z"):
            found.append(int(stat.parent.name))
    return found


def in_session(session: int) -> list[int]:
    """The living processes of a session: of a service that was started in one of its own, with its workers."""
    need_proc()
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def command_of(pid: int) -> str:
    """The command line of a process; empty when it is dead or gone."""
    need_proc()
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def is_there(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    need_proc()
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def workers() -> set[int]:
    """The worker processes that are children of this process, dead ones that nobody buried included."""
    return {
        pid
        for pid in children(os.getpid(), dead_too=True)
        if not (command := command_of(pid)) or "stopdesk.engines.worker" in command
    }
