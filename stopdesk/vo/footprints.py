"""Reads what archives write into ``s_region``: circles, polygons, boxes, ellipses, ranges and unions of them.

STC-S as ObsCore uses it (ADQL 2.0, section 6; IVOA note STC-S 1.33) and the plainer shapes of DALI 1.1 (section 3.3.6).
ICRS, FK5 and J2000 differ by less than 0.03 arcsec and are taken as one; regions in other frames are not read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.vo.tangent import TangentPlane, stepped

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Frames in which a region is understood, and words that stand beside a frame and change nothing here.
_FRAMES = frozenset({"ICRS", "FK5", "J2000", "UNKNOWNFRAME"})
_WORDS = frozenset(
    {"BARYCENTER", "GEOCENTER", "HELIOCENTER", "LSR", "LSRK", "LSRD", "TOPOCENTER", "RELOCATABLE", "UNKNOWNREFPOS"}
    | {"SPHERICAL2", "SPHERICAL", "CARTESIAN2", "UNION"}
)
_SHAPES = frozenset({"CIRCLE", "POLYGON", "BOX", "ELLIPSE", "POSITION", "RANGE"})

#: Words that stand before values of their own, of which there is one.
_VALUED = frozenset({"FILLFACTOR"})

_PUNCTUATION = str.maketrans("(),'\"", "     ")

#: Rows that are read in one go; the whole at once would keep Python's lock from the window for too long.
AT_ONCE = 4000

#: Corners of a circle: many where there are few circles, fewer where they are many and small on the screen.
_CORNERS, _FEW_CORNERS, _MANY = 48, 16, 1000


class _UnreadableError(ValueError):
    """A region that is written in no way that is known here."""


@dataclass(frozen=True, eq=False)
class Footprints:
    """Closed outlines on the sky: corners of shape n are ``first[n]:first[n + 1]``, the first one again at the end.

    ``row`` (shapes,) is the row that a shape belongs to, several perhaps to one; ``ra`` and ``dec`` (corners,) are in
    degrees, ICRS. ``unread`` are the rows whose region could not be read.
    """

    row: Ints
    first: Ints
    ra: Floats
    dec: Floats
    unread: Ints

    @property
    def n_shapes(self) -> int:
        """How many outlines there are."""
        return len(self.row)

    @classmethod
    def of_shapes(cls, row: Ints, shapes: list[Floats], unread: Ints) -> Footprints:
        """Of outlines given one by one, each an array (corners, 2)."""
        first = np.concatenate([[0], np.cumsum([len(shape) for shape in shapes], dtype=np.int64)]).astype(np.int64)
        corners = np.concatenate(shapes) if shapes else np.empty((0, 2))
        return cls(row, first, np.ascontiguousarray(corners[:, 0]), np.ascontiguousarray(corners[:, 1]), unread)

    @classmethod
    def joined(cls, parts: Iterable[tuple[Footprints, int]]) -> Footprints:
        """Several in one; the rows of each are counted from the number given with it."""
        each = list(parts)
        starts = np.cumsum([0, *(len(part.ra) for part, _ in each)])
        return cls(
            np.concatenate([np.empty(0, np.int64), *(part.row + shift for part, shift in each)]),
            np.concatenate([[0], *(part.first[1:] + start for (part, _), start in zip(each, starts, strict=False))]),
            np.concatenate([np.empty(0), *(part.ra for part, _ in each)]),
            np.concatenate([np.empty(0), *(part.dec for part, _ in each)]),
            np.concatenate([np.empty(0, np.int64), *(part.unread + shift for part, shift in each)]),
        )


def read_regions(regions: Iterable[Any]) -> Footprints:
    """The outlines that a column of regions describes, row by row.

    A cell is text, an array of numbers (three: a circle; an even number from six: a polygon; degrees), or None. A mere
    position has no outline. What cannot be read is told by ``unread``.
    """
    cells = iter(regions)
    parts = []
    for start in itertools.count(0, AT_ONCE):
        some = list(itertools.islice(cells, AT_ONCE))
        if not some:
            break
        parts.append((_read(some), start))
    return Footprints.joined(parts)


def _read(regions: list[Any]) -> Footprints:
    rows: list[int] = []
    shapes: list[Floats] = []
    circles: list[tuple[float, ...]] = []
    circle_rows: list[int] = []
    unread: list[int] = []
    for row, cell in enumerate(regions):
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        try:
            found = [(word, numbers) for word, numbers in _shapes_of(cell) if word != "POSITION"]
            round_here = [_circle(numbers) for word, numbers in found if word == "CIRCLE"]
            angular_here = [_outline(word, numbers) for word, numbers in found if word != "CIRCLE"]
        except _UnreadableError:
            unread.append(row)
            continue
        circles += round_here
        circle_rows += [row] * len(round_here)
        shapes += angular_here
        rows += [row] * len(angular_here)
    told = np.array(unread, dtype=np.int64)
    angular = Footprints.of_shapes(np.array(rows, dtype=np.int64), shapes, told)
    round_ones = circle_outlines(np.array(circle_rows, dtype=np.int64), np.array(circles).reshape(-1, 3))
    return Footprints.joined([(angular, 0), (round_ones, 0)]) if circles else angular


def circle_outlines(row: Ints, circles: Floats) -> Footprints:
    """Circles (n, 3), right ascension, declination and radius in degrees, as outlines of the rows ``row`` (n,)."""
    n_corners = _CORNERS if len(circles) <= _MANY else _FEW_CORNERS
    bearings = np.linspace(0.0, 360.0, n_corners + 1)[None, :]
    ra, dec = stepped(circles[:, :1], circles[:, 1:2], circles[:, 2:], bearings)
    first = np.arange(len(circles) + 1, dtype=np.int64) * (n_corners + 1)
    return Footprints(row, first, ra.ravel(), dec.ravel(), np.empty(0, np.int64))


def box_outline(ra: float, dec: float, width: float, height: float) -> Floats:
    """The corners (5, 2) of a box around a position, sides towards East and North; all in degrees."""
    x, y = np.degrees(np.tan(np.radians([width / 2, height / 2])))
    corners = TangentPlane(ra, dec).unproject([x, -x, -x, x, x], [y, y, -y, -y, y])
    return np.column_stack(corners)


def _shapes_of(cell: Any) -> Iterator[tuple[str, list[float]]]:
    """The shapes of one cell with their numbers."""
    if not isinstance(cell, str):
        numbers: list[float] = np.ma.filled(np.ma.asarray(cell, dtype=float), np.nan).ravel().tolist()
        if numbers:
            yield "CIRCLE" if len(numbers) == 3 else "POLYGON", numbers
        return
    words = cell.translate(_PUNCTUATION).upper().split()
    found = False
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in _FRAMES or word in _WORDS:
            continue
        if word == "UNIT" and words[at : at + 1] == ["DEG"]:
            at += 1
            continue
        if word in _VALUED:
            at += 1
            continue
        if word not in _SHAPES:
            raise _UnreadableError(word)
        at = _skip_frame(words, at)
        end = at
        while end < len(words) and not words[end][0].isalpha():
            end += 1
        yield word, _numbers(words[at:end])
        found, at = True, end
    if not found:
        raise _UnreadableError(cell)


def _skip_frame(words: list[str], at: int) -> int:
    """Where the numbers of a shape begin, behind its frame and what else stands there."""
    while at < len(words) and words[at][0].isalpha():
        if words[at] in _VALUED:
            at += 1
        elif words[at] not in _FRAMES and words[at] not in _WORDS:
            raise _UnreadableError(words[at])
        at += 1
    return at


def _numbers(words: list[str]) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError:
        # pgsphere writes a letter behind degrees
        if all(re.fullmatch(r"[-+.\dE]+D", word) for word in words):
            return [float(word[:-1]) for word in words]
        raise _UnreadableError(" ".join(words)) from None


def _circle(numbers: list[float]) -> tuple[float, ...]:
    if len(numbers) != 3 or not 0 < numbers[2] < 180 or not _on_sky(numbers[:2]):
        raise _UnreadableError("CIRCLE")
    return tuple(numbers)


def _outline(shape: str, numbers: list[float]) -> Floats:
    """The corners (n, 2) of any shape but a circle, closed."""
    if shape == "POLYGON":
        if len(numbers) < 6 or len(numbers) % 2 or not _on_sky(numbers):
            raise _UnreadableError(shape)
        corners = np.array(numbers).reshape(-1, 2)
        return corners if np.array_equal(corners[0], corners[-1]) else np.concatenate([corners, corners[:1]])
    if shape == "BOX":
        if len(numbers) != 4 or not _on_sky(numbers[:2]) or not all(0 < size < 180 for size in numbers[2:]):
            raise _UnreadableError(shape)
        return box_outline(*numbers)
    if shape == "ELLIPSE":
        if len(numbers) != 5 or not _on_sky(numbers[:2]) or not all(0 < size < 90 for size in numbers[2:4]):
            raise _UnreadableError(shape)
        return _ellipse(*numbers)
    if len(numbers) != 4 or not _on_sky([numbers[0], numbers[2], numbers[1], numbers[3]]):
        raise _UnreadableError(shape)
    return _range(*numbers)


def _ellipse(ra: float, dec: float, major: float, minor: float, position_angle: float) -> Floats:
    """Half axes in degrees; the angle of the major one is counted from the North through the East."""
    turn = np.linspace(0.0, 2 * np.pi, _CORNERS + 1)
    along, across = major * np.cos(turn), minor * np.sin(turn)
    bearing = position_angle + np.degrees(np.arctan2(across, along))
    return np.column_stack(stepped(ra, dec, np.hypot(along, across), bearing))


def _range(ra_low: float, ra_high: float, dec_low: float, dec_high: float) -> Floats:
    """Between two meridians and two parallels, these as many short lines."""
    ra = np.linspace(ra_low, ra_high, _CORNERS // 2)
    lower = np.column_stack([ra, np.full_like(ra, dec_low)])
    upper = np.column_stack([ra[::-1], np.full_like(ra, dec_high)])
    return np.concatenate([lower, upper, lower[:1]])


def _on_sky(numbers: list[float]) -> bool:
    """Whether pairs of numbers are right ascensions and declinations; some archives count the former from -180."""
    return all(-360 <= ra <= 720 for ra in numbers[::2]) and all(-90 <= dec <= 90 for dec in numbers[1::2])
