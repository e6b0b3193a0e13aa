"""Aladin, and what a user does at it.

Positions were measured at Aladin 12.001 with Java's default fonts, in a window of its first size.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.peers.processes_as import missing
from tests.peers.samp.display import Display, Point, Window
from tests.peers.samp.hubs import Lock
from tests.peers.samp.programs import Program, started, until

_JAR = Path("/usr/share/java/aladin.jar")
_TITLE = "Aladin v12.0"
#: It prints this half a second after it has registered; what it is told before is lost without an answer.
_READY = "Command>"
#: Inside the view of the sky, however high the table below it stands.
_VIEW_LEFT, _VIEW_TOP, _VIEW_RIGHT, _VIEW_BOTTOM = 275, 110, 1015, 640
#: The menu Interop, and in it "Broadcast selected planes".
_INTEROP, _BROADCAST = (551, 13), (634, 89)


@dataclass(frozen=True)
class Aladin:
    """A running Aladin."""

    display: Display
    program: Program

    @property
    def main(self) -> Window:
        """Its window."""
        return self.display.window(_TITLE)

    def point(self, at: Point) -> None:
        """Click into the view of the sky."""
        self.main.click(at)

    def broadcast(self) -> None:
        """Send the planes chosen in the stack to everybody: that loaded last, or what a script has chosen."""
        self.main.click(_INTEROP)
        self.main.click(_BROADCAST)

    def select_all(self) -> None:
        """Draw a rectangle over all of the view."""
        self.select((_VIEW_LEFT, _VIEW_TOP), (_VIEW_RIGHT, _VIEW_BOTTOM))

    def select(self, corner: Point, other: Point) -> None:
        """Draw a rectangle in the view; the sources inside are selected."""
        (x0, y0), (x1, y1) = corner, other
        self.main.drag([corner, *((x0 + (x1 - x0) * k // 4, y0 + (y1 - y0) * k // 4) for k in (1, 2, 3, 4))])


@contextmanager
def aladin(display: Display, lock: Lock) -> Iterator[Aladin]:
    """Aladin without the internet, its window open. What it showed last is left in aladin.png.

    A hub must be there before it: else it starts its own.
    """
    assert lock.path.exists(), "start a hub before Aladin"
    if not _JAR.exists():
        missing("aladin is not installed")
    words = ["java", "-Xmx1024m", "-jar", str(_JAR)]
    words += ["-local", "-noreleasetest", "-nolog", "-noplugin"]
    with started(words, lock.folder, {**lock.environment, "DISPLAY": display.name}) as program:
        with suppress(AssertionError):
            until(lambda: _READY in program.printed() or not program.runs, "Aladin is ready")
        assert _READY in program.printed(), f"Aladin does not start: {program.printed()[-2000:]}"
        try:
            yield Aladin(display, program)
        finally:
            display.save(lock.folder / "aladin.png")
