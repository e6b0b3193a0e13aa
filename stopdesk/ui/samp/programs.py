"""Starts TOPCAT and Aladin, and waits until they are connected to take what they were started for."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from stopdesk.errors import FileError, StopdeskError
from stopdesk.samp.exchange import Peer
from stopdesk.ui.notices import Notices
from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.installed import PROGRAMS, Program, find, last_words, launch
from stopdesk.ui.tasks import Task, Tasks

#: A program may take so long to come up and connect, in seconds.
PATIENCE = 90.0
#: A hub that we start may take so long to be there, in seconds; later a program is started without.
_HUB_PATIENCE = 10.0
#: How often a program that is coming up is looked at, in seconds.
_LOOK_AGAIN = 0.1

Then = Callable[[Peer], object]
_QUEUE = "other programs"


@dataclass
class _Start:
    """A program that is coming up: who was there of its name before, and what is to be done once it is there."""

    program: Program
    command: tuple[str, ...]
    before: frozenset[str]
    mtypes: tuple[str, ...]
    then: list[Then] = field(default_factory=list)
    connected: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)


class Programs(QObject):
    """The programs that are installed; ``changed`` is sent when that has become known."""

    changed = Signal()

    def __init__(
        self,
        *,
        samp: SampLink,
        tasks: Tasks,
        notices: Notices,
        patience: float = PATIENCE,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._samp = samp
        self._tasks = tasks
        self._notices = notices
        self._patience = patience
        self._commands: dict[str, tuple[str, ...]] = {}
        self._starts: dict[str, _Start] = {}
        self._running: list[subprocess.Popen[bytes]] = []
        samp.status_changed.connect(lambda _: self._look_who_is_there())
        samp.peers_changed.connect(lambda _: self._look_who_is_there())

    def look(self) -> None:
        """Find out which are installed."""

        def found(commands: dict[str, tuple[str, ...]]) -> None:
            self._commands = commands
            self.changed.emit()

        self._tasks.start("Looking for TOPCAT and Aladin", _installed, done=found, queue_name=_QUEUE, quiet=True)

    def available(self, *mtypes: str) -> tuple[str, ...]:
        """The names of those that are installed and take messages of one of these MTypes (of any, without one)."""
        return tuple(
            program.name
            for program in PROGRAMS
            if program.name in self._commands and (not mtypes or program.takes.intersection(mtypes))
        )

    def start(self, name: str, then: Then | None = None, mtypes: tuple[str, ...] = ()) -> None:
        """Start an installed program, even beside one that is there.

        ``then(peer)`` follows once it is connected and takes messages of one of these MTypes; never after a cancel, or
        when it does not come up in time, of which the user is told. What is started already is waited for.
        """
        waiting = self._starts.get(name)
        if waiting is None:
            program = next(each for each in PROGRAMS if each.name == name)
            before = frozenset(peer.id for peer in self._samp.peers)
            waiting = self._starts[name] = _Start(program, self._commands[name], before, mtypes)
            self._begin(waiting)
        if then is not None:
            waiting.then.append(then)

    def _begin(self, start: _Start) -> None:
        name = start.program.name
        if self._samp.is_connected or not self._samp.starts_hub:
            start.connected.set()
        if not self._samp.is_connected:
            self._samp.connect_to_hub()

        def ended() -> None:
            del self._starts[name]

        def done(_: object) -> None:
            ended()
            peer = self._newcomer(start)
            if peer is None:
                self._notices.warn(f"{name} came, and went again.")
                return
            self._notices.tell(f"{name} is connected.")
            for then in start.then:
                then(peer)

        def failed(error: StopdeskError) -> None:
            ended()
            self._notices.fail(error)

        self._tasks.start(
            f"Starting {name}",
            lambda task: self._wait(task, start),
            done=done,
            failed=failed,
            dropped=ended,
            queue_name=_QUEUE,
        )

    def _look_who_is_there(self) -> None:
        for start in self._starts.values():
            if self._samp.is_connected:
                start.connected.set()
            if self._newcomer(start) is not None:
                start.arrived.set()

    def _newcomer(self, start: _Start) -> Peer | None:
        for peer in self._samp.peers:
            is_it = peer.name.casefold() == start.program.name.casefold() and peer.id not in start.before
            if is_it and (not start.mtypes or any(map(peer.takes, start.mtypes))):
                return peer
        return None

    def _wait(self, task: Task, start: _Start) -> None:
        """Start the program and wait until it is there (in a thread of the tasks)."""
        name, path = start.program.name, start.command[0]
        _wait_for(start.connected, task, _HUB_PATIENCE)  # else TOPCAT, finding no hub, would start one beside ours
        process, written = launch(start.program, start.command)
        self._running = [each for each in (*self._running, process) if each.poll() is None or each is process]
        begun = time.monotonic()
        while not start.arrived.wait(_LOOK_AGAIN):
            task.raise_if_cancelled()
            if process.poll():
                raise FileError(path, f"{name} ended with exit code {process.returncode}.{_said(written)}")
            if time.monotonic() > begun + self._patience:
                raise FileError(
                    path,
                    f"{name} was started, but has not connected within {self._patience:g} s. "
                    f"If it comes up later, send again what it was to get.{_said(written)}",
                )
        _wait_for(threading.Event(), task, start.program.rest(time.monotonic() - begun))


def _wait_for(event: threading.Event, task: Task, seconds: float) -> None:
    """Wait until the event, the end of the time or, with Cancelled, that of the task."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not event.wait(_LOOK_AGAIN):
        task.raise_if_cancelled()


def _installed(_: Task) -> dict[str, tuple[str, ...]]:
    found = {program.name: find(program) for program in PROGRAMS}
    return {name: command for name, command in found.items() if command is not None}


def _said(written: Path) -> str:
    words = last_words(written)
    return f" Its last words: {words}" if words else ""
