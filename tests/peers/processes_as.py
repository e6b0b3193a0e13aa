"""Runs the programs of the peers: as whom, in which environment, with their last words when they fail."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest

#: Under `make test-peers` nothing may be skipped: what is missing is a failure.
REQUIRED = os.environ.get("STOPDESK_PEERS") == "required"


def missing(reason: str) -> NoReturn:
    """End the test: something that it needs is not here."""
    if REQUIRED:
        pytest.fail(f"{reason} (make test-peers installs what is missing)", pytrace=False)
    pytest.skip(f"{reason}; make test-peers installs it")


def root_words() -> list[str] | None:
    """The words before a command that needs root; None where there is no way to it."""
    if os.getuid() == 0:
        return []
    able = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if able else None


def service_user() -> str:
    """Who the servers of the tests run as: oneself, or where that is root, the user of PostgreSQL's package."""
    return pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "postgres"


def run_as(user: str, words: list[str], environment: Mapping[str, str], cwd: Path, timeout: float = 120.0) -> str:
    """Run a command to its end as this user; gives what it prints, raises with its last words when it fails."""
    drop = [] if os.getuid() else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
    done = subprocess.run(
        [*drop, *words],
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environment},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def free_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
