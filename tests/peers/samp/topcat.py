"""TOPCAT, and what a user does at it.

Positions were measured at TOPCAT 4.8.7 with Java's default fonts, in windows of their first size.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tests.peers.samp.display import Display, Point, Window
from tests.peers.samp.hubs import Lock
from tests.peers.samp.programs import Program, again, started, until

#: Buttons in the main window.
_BROADCAST, _BROWSER, _SUBSETS, _ACTIONS, _PLANE_PLOT = (115, 40), (161, 40), (270, 40), (342, 40), (424, 40)
#: In its list, beside the name of the first table.
_FIRST_TABLE = (190, 98)
#: In the table browser: the button "subset from rows", and the middle of the first row in its first column.
_SUBSET_FROM_ROWS, _FIRST_ROW, _ROW_HEIGHT = (30, 39), (78, 113), 16
_N_SHOWN = 16
#: In the dialog that then comes.
_TRANSMIT = (131, 111)
#: In the window of subsets: its first row, and the button that tells others of the one chosen.
_FIRST_SUBSET, _TELL_SUBSET = (140, 114), (400, 40)
#: In the window of activation actions: the first one, and the column of the boxes to tick.
_FIRST_ACTION, _TICK_X = (150, 117), 40
#: The colour of what is chosen; less than the height of a line; and how far down to look.
_CHOSEN, _LINE, _LIST_HEIGHT = (184, 207, 229), 16, 290
_WHITE = (255, 255, 255)
#: Points in a plot are red, the darker the more there are; some buttons of its window are red too.
_REDDISH, _BLACKISH, _PLOT_TOP, _PLOT_BOTTOM = 140, 40, 70, 430


@dataclass(frozen=True)
class Topcat:
    """A running TOPCAT. Its windows never lie upon one another."""

    display: Display
    program: Program

    @property
    def main(self) -> Window:
        """The window with the list of tables."""
        return self.display.window("TOPCAT")

    def broadcast(self) -> None:
        """Send the current table to everybody."""
        self.main.click(_BROADCAST)

    def browser(self, number: int = 1) -> Window:
        """The browser of the current table, which is the ``number``-th that was loaded."""
        return self._opened(_BROWSER, f"TOPCAT({number}): Table Browser", (0, 330))

    def drag_rows(self, first: int, last: int, number: int = 1) -> None:
        """Select rows in the browser with the mouse, both ends included."""
        assert 0 <= first < last < _N_SHOWN, "rows that stand in the browser"
        x, y = _FIRST_ROW
        self.browser(number).drag([(x, y + _ROW_HEIGHT * row) for row in range(first, last + 1)])

    def click_row(self, row: int, number: int = 1) -> None:
        """Click on a row of the browser."""
        x, y = _FIRST_ROW
        self.browser(number).click((x, y + _ROW_HEIGHT * row))

    def transmit_rows(self, number: int = 1) -> None:
        """Tell everybody of the rows selected in the browser: subset from rows, Transmit Subset."""
        self.browser(number).opens(_SUBSET_FROM_ROWS, "New Subset").click(_TRANSMIT)
        until(lambda: self.display.find("New Subset") is None, "the dialog of the subset closes")

    def transmit_subset(self, number: int = 1) -> None:
        """Tell everybody of the subset made last."""
        subsets = self._opened(_SUBSETS, f"TOPCAT({number}): Row Subsets", (860, 620))
        _choose_last(subsets, _FIRST_SUBSET, "ctrl+End")
        subsets.click(_TELL_SUBSET)

    def send_row_index(self, number: int = 1) -> None:
        """From now on tell everybody of each row that is clicked on: the last of the activation actions."""
        actions = self._opened(_ACTIONS, f"TOPCAT({number}): Activation Actions", (860, 0))
        actions.click((_TICK_X, _choose_last(actions, _FIRST_ACTION, "End")))

    def plot(self) -> Window:
        """The plane plot of the current table: its first numeric column and its second."""
        return self._opened(_PLANE_PLOT, "Plane Plot (1)", (1400, 600))

    def points(self) -> list[Point]:
        """Where points stand in the plane plot, from left to right."""
        found: list[Point] = []

        def look() -> bool:
            nonlocal found
            red, green, blue = np.moveaxis(self.plot().picture()[:_PLOT_BOTTOM], 2, 0)
            is_point = (red > _REDDISH) & (green < _BLACKISH) & (blue < _BLACKISH)
            is_point[:_PLOT_TOP] = False
            labels, n = ndimage.label(is_point)
            found = sorted((round(x), round(y)) for y, x in ndimage.center_of_mass(is_point, labels, range(1, n + 1)))
            return bool(found)

        until(look, "points in the plot")
        return found

    def _opened(self, button: Point, title: str, at: Point) -> Window:
        if (there := self.display.find(title)) is not None:
            return there
        return self.main.opens(button, title).move(*at)


def is_listed(display: Display, number: int) -> bool:
    """Whether the ``number``-th table stands in TOPCAT's list, chosen as the youngest is; 0: whether there is a list.

    Looks at the screen, in the upper left corner of which the window stands at first.
    """
    x, y = _FIRST_TABLE
    colour = display.pixel((x, y + _ROW_HEIGHT * (number - 1 if number else 9)))
    return colour == (_CHOSEN if number else _WHITE)


def _choose_last(window: Window, first: Point, key: str) -> int:
    """Choose the last line of a list in a window; gives how far down it stands."""
    at_first = first[1] + _LINE // 2
    again(lambda: window.click(first), lambda: 0 < _chosen(window, first) < at_first, "the first is chosen", each=3.0)
    again(lambda: window.key(key), lambda: _chosen(window, first) > at_first, "the last is chosen", each=3.0)
    return _chosen(window, first)


def _chosen(window: Window, first: Point) -> int:
    """How far down the chosen line of a list stands."""
    x, y = first
    column = (window.picture()[y - _LINE : y + _LIST_HEIGHT, x - 60 : x + 60] == _CHOSEN).all(axis=2).any(axis=1)
    return y - _LINE + round(float(np.flatnonzero(column).mean())) if column.any() else 0


@contextmanager
def topcat(display: Display, lock: Lock, *options: str) -> Iterator[Topcat]:
    """TOPCAT with its window open; by default it starts no hub. What it showed last is left in topcat.png."""
    words = ["topcat", *(options or ("-nohub",))]
    with started(words, lock.folder, {**lock.environment, "DISPLAY": display.name}) as program:
        with suppress(AssertionError):
            until(lambda: display.find("TOPCAT") or not program.runs, "TOPCAT's window")
        assert display.find("TOPCAT"), f"TOPCAT does not start: {program.printed()[-2000:]}"
        try:
            yield Topcat(display, program)
        finally:
            display.save(lock.folder / "topcat.png")
