"""A display without a screen, and the mouse and keyboard at it."""

from __future__ import annotations

import os
import re
import select
import struct
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage

from tests.peers.samp.programs import PATIENCE_S, again, started, until

WIDTH, HEIGHT = 2000, 1400
_HEADER = 100

#: Where on the screen or in a window: x to the right, y downwards, in pixels.
Point = tuple[int, int]


@dataclass(frozen=True)
class Display:
    """A running Xvfb; ``name`` is what DISPLAY is set to."""

    name: str
    folder: Path

    def xdotool(self, *words: object) -> str:
        """Run xdotool; gives what it prints, nothing when it finds nothing."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env={**os.environ, "DISPLAY": self.name},
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return done.stdout.strip()

    def find(self, title: str) -> Window | None:
        """The window with this title (all of it), if one is shown; the youngest of several."""
        found = self.xdotool("search", "--onlyvisible", "--name", f"^{re.escape(title)}$").split()
        return Window(self, int(found[-1])) if found else None

    def window(self, title: str, within: float = PATIENCE_S) -> Window:
        """The window with this title, when it is there."""
        found = None

        def look() -> Window | None:
            nonlocal found
            found = self.find(title)
            return found

        until(look, f"a window {title!r}", within=within)
        assert found is not None
        return found

    def picture(self) -> np.ndarray:
        """What stands on the screen: height x width x (red, green, blue), 0 to 255."""
        raw = self._screen.read_bytes()
        start, width, height, bytes_per_line = _layout(raw)
        lines = np.frombuffer(raw, np.uint8, bytes_per_line * height, start).reshape(height, -1)
        return lines[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1]

    def pixel(self, at: Point) -> tuple[int, int, int]:
        """One point of the screen: red, green, blue."""
        with self._screen.open("rb") as file:
            start, _, _, bytes_per_line = _layout(file.read(_HEADER))
            file.seek(start + at[1] * bytes_per_line + 4 * at[0])
            blue, green, red = file.read(3)
        return red, green, blue

    @property
    def _screen(self) -> Path:
        """The file in which Xvfb keeps what it shows, in the format of xwd."""
        return self.folder / "Xvfb_screen0"

    def save(self, path: Path) -> None:
        """Write what stands on the screen as a picture."""
        picture = np.ascontiguousarray(self.picture())
        height, width = picture.shape[:2]
        QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888).save(str(path))


def _layout(raw: bytes) -> tuple[int, int, int, int]:
    """Where pixels begin in a file of xwd, its width and height, and the bytes of a line (XWDFile.h of X11)."""
    header = struct.unpack(">25I", raw[:_HEADER])
    return header[0] + 12 * header[19], header[4], header[5], header[12]


@dataclass(frozen=True)
class Window:
    """A window on a display. All positions are in the window."""

    display: Display
    number: int

    @property
    def corner(self) -> Point:
        """Where its upper left corner lies on the screen."""
        said = dict(line.split("=") for line in self._do("getwindowgeometry", "--shell").splitlines())
        return int(said["X"]), int(said["Y"])

    @property
    def size(self) -> Point:
        """How wide and how high it is."""
        said = dict(line.split("=") for line in self._do("getwindowgeometry", "--shell").splitlines())
        return int(said["WIDTH"]), int(said["HEIGHT"])

    def picture(self) -> np.ndarray:
        """What it shows where nothing lies upon it: height x width x 3."""
        (x, y), (width, height) = self.corner, self.size
        return self.display.picture()[y : y + height, x : x + width]

    def move(self, x: int, y: int) -> Window:
        """Put it there, on top of the others; again where the program, still opening it, puts it elsewhere."""
        words = ("windowmove", self.number, x, y, "windowraise", self.number)
        stands = lambda: self.corner == (x, y)  # noqa: E731
        again(lambda: self.display.xdotool(*words), stands, f"the window stands at {x}, {y}", each=2.0)
        return self

    def click(self, at: Point) -> None:
        """Click there with the left button; keys go to this window from then on."""
        self.drag([at])

    def drag(self, way: Sequence[Point]) -> None:
        """Press the left button at the first point, move through the others, and let go at the last."""
        words: list[object] = ["windowraise", self.number, *self._to(way[0]), "mousedown", 1]
        for point in way[1:]:
            words += self._to(point)
        self.display.xdotool(*words, "mouseup", 1)

    def hover(self, at: Point) -> None:
        """Move the mouse there."""
        self.display.xdotool("windowraise", self.number, *self._to(at))

    def key(self, *names: str) -> None:
        """Press these keys, one after the other."""
        self.display.xdotool("key", *names)

    def type(self, text: str) -> None:
        """Type this, and Return."""
        self.display.xdotool("type", text)
        self.key("Return")

    def opens(self, at: Point, title: str) -> Window:
        """Click there until a window with this title is shown."""
        found = self.display.find(title)

        def look() -> Window | None:
            nonlocal found
            found = self.display.find(title)
            return found

        if found is None:
            again(lambda: self.click(at), look, f"a window {title!r}")
        assert found is not None
        return found

    def _to(self, point: Point) -> list[object]:
        return ["mousemove", "--window", self.number, *point]

    def _do(self, command: str, *words: str) -> str:
        return self.display.xdotool(command, *words, self.number)


@contextmanager
def xvfb(folder: Path) -> Iterator[Display]:
    """A display of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    reader, writer = os.pipe()
    screen = f"{WIDTH}x{HEIGHT}x24"
    words = ["Xvfb", "-displayfd", str(writer), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
    try:
        with started([*words, "-fbdir", str(folder)], folder, pass_fds=[writer]) as program:
            ready, _, _ = select.select([reader], [], [], PATIENCE_S)
            assert ready, f"Xvfb does not start: {program.printed()}"
            yield Display(f":{os.read(reader, 20).decode().strip()}", folder)
    finally:
        os.close(reader)
        os.close(writer)
