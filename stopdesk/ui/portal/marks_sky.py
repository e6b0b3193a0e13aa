"""Observations on a tangent plane: prepared in a task as arrays to draw and to find again under the mouse."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.search import Cone
from stopdesk.vo.marks import ObservationMarks
from stopdesk.vo.tangent import TangentPlane, stepped

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

#: Up to so many corners and positions are drawn one by one, more as a picture made in a task.
MOST_SINGLE = 12_000

#: An outline smaller than this on the screen, in pixels, is drawn as its position.
SMALL = 6.0

#: A search circle with a greater radius than this has no use on a tangent plane, in degrees.
_WIDEST = 60.0

#: How many of the smallest outlines under the mouse are looked at corner by corner.
_MOST_TESTED = 60


@dataclass(frozen=True, eq=False)
class SkyScene:
    """The shown rows on the plane around the centre; offsets to East and North in degrees.

    ``x`` and ``y`` (rows,) are where a row is, by its position or else the middle of its outlines; NaN for what is
    hidden, too far away or nowhere. ``extent`` (rows,) is the size of its outlines, 0 without any. Outlines:
    ``shape_row`` (shapes,) their row, ``first`` (shapes + 1,), ``corner_x`` and ``corner_y`` (corners,), ``boxes``
    (4, shapes) their least and greatest offset to the East, then to the North. ``home`` is what to show at first, in
    the same order. ``placed`` (rows,) are the rows that are drawn at all, ``portals`` theirs.
    """

    marks: ObservationMarks
    plane: TangentPlane
    cone: Cone | None
    x: Floats
    y: Floats
    extent: Floats
    shape_row: Ints
    first: Ints
    corner_x: Floats
    corner_y: Floats
    boxes: Floats
    home: tuple[float, float, float, float]
    placed: Flags
    portals: tuple[int, ...]
    n_shown: int
    n_placed: int
    n_far: int
    n_nowhere: int
    n_unread: int

    @property
    def is_dense(self) -> bool:
        """Whether there is too much to draw it one by one."""
        return self.n_placed + len(self.corner_x) > MOST_SINGLE

    def as_points(self, pixel: float) -> Flags:
        """Which rows are drawn as positions where a pixel is so many degrees; shape (rows,)."""
        return self.placed & (self.extent < SMALL * pixel)

    def as_outlines(self, pixel: float) -> Ints:
        """The shapes that are drawn as such."""
        return np.flatnonzero(self.extent[self.shape_row] >= SMALL * pixel)

    def corners_of(self, shapes: Ints) -> tuple[Floats, Floats, Ints]:
        """The corners of these shapes, and where those of each begin, with the end of all."""
        lengths = self.first[shapes + 1] - self.first[shapes]
        first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        corners = np.arange(first[-1]) + np.repeat(self.first[shapes] - first[:-1], lengths)
        return self.corner_x[corners], self.corner_y[corners], first

    def at(self, x: float, y: float, pixel: float, reach: float = 7.0) -> Ints:
        """The rows under a point, nearest positions (within ``reach`` pixels) first, then outlines, smallest first."""
        distance = np.hypot(self.x - x, self.y - y)
        near = np.flatnonzero((distance <= reach * pixel) & (self.extent < SMALL * pixel))
        near = near[np.argsort(distance[near], kind="stable")]
        left, right, bottom, top = self.boxes
        around = np.flatnonzero((left <= x) & (x <= right) & (bottom <= y) & (y <= top))
        area = (right[around] - left[around]) * (top[around] - bottom[around])
        around = around[np.argsort(area, kind="stable")]
        hit = [k for k in around[:_MOST_TESTED].tolist() if self._holds(k, x, y)]
        inside = [int(self.shape_row[k]) for k in hit if self.extent[self.shape_row[k]] >= SMALL * pixel]
        return np.array(list(dict.fromkeys([*near.tolist(), *inside])), dtype=np.int64)

    def _holds(self, shape: int, x: float, y: float) -> bool:
        """Whether a shape holds a point: a ray to the right crosses its outline an odd number of times."""
        corners = slice(self.first[shape], self.first[shape + 1])
        cx, cy = self.corner_x[corners], self.corner_y[corners]
        x0, y0, x1, y1 = cx[:-1], cy[:-1], cx[1:], cy[1:]
        crossing = (y0 > y) != (y1 > y)
        rise = np.where(crossing, y1 - y0, 1.0)
        return bool(np.count_nonzero(crossing & (x < x0 + (y - y0) / rise * (x1 - x0))) % 2)

    def within(self, x0: float, x1: float, y0: float, y1: float) -> Ints:
        """The rows whose place lies in a box."""
        return np.flatnonzero((self.x >= x0) & (self.x <= x1) & (self.y >= y0) & (self.y <= y1))


def prepare_sky(marks: ObservationMarks, shown: Flags | None, cone: Cone | None) -> SkyScene:
    """Put the rows that are ``shown`` (rows,), or all, onto the plane around the search, or around their own middle."""
    visible = np.ones(marks.n_rows, dtype=bool) if shown is None else shown
    plane = _plane(marks, visible, cone)
    x, y = plane.project(marks.ra, marks.dec)
    x, y = np.where(visible, x, np.nan), np.where(visible, y, np.nan)
    shape_row, first, corner_x, corner_y, boxes = _outlines(marks, visible, plane)
    extent = np.zeros(marks.n_rows)
    np.maximum.at(extent, shape_row, np.maximum(boxes[1] - boxes[0], boxes[3] - boxes[2]))
    only_outline = np.isnan(x[shape_row])
    x[shape_row[only_outline]] = boxes[:2, only_outline].mean(axis=0)
    y[shape_row[only_outline]] = boxes[2:, only_outline].mean(axis=0)
    placed = np.isfinite(x)
    somewhere = np.isfinite(marks.ra)
    somewhere[marks.outlines.row] = True
    return SkyScene(
        marks,
        plane,
        cone,
        x,
        y,
        extent,
        shape_row,
        first,
        corner_x,
        corner_y,
        boxes,
        home=_home(cone, x, y, boxes),
        placed=placed,
        portals=tuple(np.unique(marks.portal[placed]).tolist()),
        n_shown=int(visible.sum()),
        n_placed=int(placed.sum()),
        n_far=int((visible & somewhere & ~placed).sum()),
        n_nowhere=int((visible & ~somewhere).sum()),
        n_unread=int(visible[marks.outlines.unread].sum()),
    )


def circle_around(cone: Cone, plane: TangentPlane) -> tuple[Floats, Floats]:
    """The search circle on the plane; NaN where it lies beyond the horizon."""
    bearing = np.linspace(0.0, 360.0, 181)
    return plane.project(*stepped(cone.position.ra, cone.position.dec, cone.radius, bearing))


def _plane(marks: ObservationMarks, visible: Flags, cone: Cone | None) -> TangentPlane:
    if cone is not None:
        return TangentPlane(cone.position.ra, cone.position.dec)
    known = visible & np.isfinite(marks.ra)
    ra, dec = np.radians(marks.ra[known]), np.radians(marks.dec[known])
    if not len(ra):
        ra, dec = np.radians(marks.outlines.ra), np.radians(marks.outlines.dec)
    if not len(ra):
        return TangentPlane(0.0, 0.0)
    middle = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)]).mean(axis=1)
    at_dec = np.degrees(np.arctan2(middle[2], np.hypot(middle[0], middle[1])))
    return TangentPlane(float(np.degrees(np.arctan2(middle[1], middle[0])) % 360.0), float(at_dec))


def _outlines(
    marks: ObservationMarks, visible: Flags, plane: TangentPlane
) -> tuple[Ints, Ints, Floats, Floats, Floats]:
    """The shapes of visible rows that lie wholly this side of the horizon: row, first, corners, boxes."""
    shapes = marks.outlines
    if not shapes.n_shapes:
        return np.empty(0, np.int64), np.zeros(1, np.int64), np.empty(0), np.empty(0), np.empty((4, 0))
    lengths = np.diff(shapes.first)
    x, y = plane.project(shapes.ra, shapes.dec)
    starts = shapes.first[:-1]
    kept = visible[shapes.row] & np.isfinite(np.add.reduceat(x, starts))
    corners = np.repeat(kept, lengths)
    x, y = x[corners], y[corners]
    first = np.concatenate([[0], np.cumsum(lengths[kept])]).astype(np.int64)
    starts = first[:-1]
    if not len(starts):
        return np.empty(0, np.int64), first, x, y, np.empty((4, 0))
    sides = [ends.reduceat(values, starts) for values in (x, y) for ends in (np.minimum, np.maximum)]
    return shapes.row[kept], first, x, y, np.array(sides)


def _home(cone: Cone | None, x: Floats, y: Floats, boxes: Floats) -> tuple[float, float, float, float]:
    """The search circle with a margin; without one, or with one too wide, everything there is."""
    if cone is not None and cone.radius <= _WIDEST:
        half = 1.12 * float(np.degrees(np.tan(np.radians(cone.radius))))
        return -half, half, -half, half
    across = np.concatenate([x[np.isfinite(x)], boxes[0], boxes[1]])
    up = np.concatenate([y[np.isfinite(y)], boxes[2], boxes[3]])
    if not len(across):
        return -1.0, 1.0, -1.0, 1.0
    limit = float(np.degrees(np.tan(np.radians(_WIDEST))))
    west, east = max(float(across.min()), -limit), min(float(across.max()), limit)
    south, north = max(float(up.min()), -limit), min(float(up.max()), limit)
    margin = 0.06 * max(east - west, north - south) or 1 / 60
    return west - margin, east + margin, south - margin, north + margin
