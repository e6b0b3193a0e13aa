"""Starts the programs of the SAMP tests in process groups of their own, and ends them for certain."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.peers.processes_as import missing

#: Nothing here takes longer on a busy machine; what does has failed.
PATIENCE_S = 30.0
_POLL_S = 0.02
#: TOPCAT takes 2 s to end when asked to.
_END_S = 8.0

#: A pause between two looks at a condition; tests with a window give one in which the window lives on.
Pause = Callable[[float], object]


def until(condition: Callable[[], object], what: str, *, within: float = PATIENCE_S, pause: Pause = time.sleep) -> None:
    """Wait until the condition holds. Raises AssertionError that names ``what`` when it does not in time."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"waited {within:g} s in vain: {what}"
        pause(_POLL_S)


def again(
    action: Callable[[], object],
    until_then: Callable[[], object],
    what: str,
    *,
    times: int = 3,
    each: float = 8.0,
    pause: Pause = time.sleep,
) -> None:
    """Do something at a program's window, and again when it has no effect: a busy window loses clicks."""
    for _ in range(times - 1):
        action()
        with suppress(AssertionError):
            until(until_then, what, within=each, pause=pause)
            return
    action()
    until(until_then, what, within=each, pause=pause)


@dataclass(frozen=True)
class Program:
    """A running program with all its children; ``output`` is the file of what it prints."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def runs(self) -> bool:
        """Whether it runs (a frozen one does)."""
        return self.process.poll() is None

    def printed(self) -> str:
        """What it has printed so far."""
        return self.output.read_text(errors="replace")

    def freeze(self) -> None:
        """Stop it where it stands: its port takes connections and nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, without a chance to tidy up."""
        self._signal(signal.SIGKILL)
        self.process.wait(_END_S)

    def end(self) -> None:
        """Ask it to end, and kill what does not or stays behind."""
        self._signal(signal.SIGTERM)
        self.thaw()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_S)
        self.kill()

    def _signal(self, which: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, which)


@contextmanager
def started(
    words: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[Program]:
    """A program in a session of its own; what it prints goes to a file in ``folder``."""
    if shutil.which(words[0]) is None:
        missing(f"{words[0]} is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"{Path(words[0]).name}-{len(list(folder.glob('*.txt')))}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            list(words),
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=pass_fds,
        )
    program = Program(process, output)
    try:
        yield program
    finally:
        program.end()
