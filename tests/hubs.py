"""Hubs and clients of SAMP in processes of their own, to be killed, frozen and started again."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent

OUR_HUB = (sys.executable, "-m", "stopdesk.samp.serve")

#: Pyvo's hub as it is; its first line is printed when the lock file is there.
PLAIN_PYVO = (
    sys.executable,
    "-W",
    "ignore",
    "-c",
    """
from pyvo import samp
samp.conf.use_internet = False
hub = samp.SAMPHubServer(addr="127.0.0.1", web_profile=False)
hub.start()
print("there", flush=True)
hub._thread_run.join()
""",
)

#: A client that takes all messages and answers none.
SILENT_CLIENT = (
    sys.executable,
    "-c",
    """
import threading
from stopdesk.samp.exchange import LinkState
from stopdesk.samp.link import Link

class Silent:
    def status_changed(self, status):
        if status.state is LinkState.CONNECTED:
            print(status.own_id, flush=True)
    def peers_changed(self, peers): pass
    def received(self, received): print(received.mtype, flush=True)

link = Link(Silent(), name="silent", start_hub=False)
link.start()
threading.Event().wait()
""",
)

#: A program with a link that starts a hub of its own.
PROGRAM_WITH_HUB = (SILENT_CLIENT[0], "-c", SILENT_CLIENT[2].replace("start_hub=False", "start_hub=True"))


class Running:
    """A program in a process group of its own."""

    def __init__(self, command: Sequence[str], home: Path) -> None:
        environment = {**os.environ, "HOME": str(home)}
        self.popen = subprocess.Popen(
            command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        self._said = b""

    def line(self, seconds: float = 30.0) -> str:
        """The next line that it prints."""
        assert self.popen.stdout is not None
        while b"\n" not in self._said:
            ready, _, _ = select.select([self.popen.stdout], [], [], seconds)
            assert ready, "it says nothing"
            piece = os.read(self.popen.stdout.fileno(), 65536)
            assert piece, "it has ended"
            self._said += piece
        line, _, self._said = self._said.partition(b"\n")
        return line.decode().strip()

    def freeze(self) -> None:
        os.killpg(self.popen.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self.popen.pid, signal.SIGCONT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def end(self) -> int:
        """Ask it to end, and give its exit code."""
        self._signal(signal.SIGTERM)
        return self.popen.returncode

    def _signal(self, number: int) -> None:
        self.popen.send_signal(number)
        self.popen.wait(30)

    def close(self) -> None:
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait(30)
        assert self.popen.stdout is not None
        self.popen.stdout.close()


@contextmanager
def running(command: Sequence[str], home: Path) -> Iterator[Running]:
    """A program that has printed its first line."""
    program = Running(command, home)
    try:
        assert program.line()
        yield program
    finally:
        program.close()
