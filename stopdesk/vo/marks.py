"""What plots show of observations: where, at which frequencies and when, as arrays with a value a row of any table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stopdesk.vo.columns import find_column, frequency_ranges, positions_of
from stopdesk.vo.footprints import AT_ONCE, Footprints, box_outline, circle_outlines, read_regions

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

#: MJD of 1970-01-01, and of J2000.0 with the days of a Julian year.
_UNIX_DAY, _J2000, _YEAR = 40587.0, 51544.5, 365.25

#: JD minus MJD; no MJD of an observation is as large.
_JULIAN = 2400000.5

#: Days that are no date, but stand for one that is not known: none is 2700 years from 1858.
_NO_DATE = 1e6

_ISO = re.compile(r"\d{4}-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?)?")

#: What names a row in words, best first; the first two that a table has are used.
_NAMING = ("target", "title", "id", "name", "publisher_id")

#: Longer names than this are not kept.
_LONGEST = 120


@dataclass(frozen=True, eq=False)
class ObservationMarks:
    """Observations as plots take them, all arrays of shape (rows,); NaN is what is not known.

    ``row`` are the rows' numbers in the table that is shown, from 0; ``portal`` counts the portals from 0. ``ra`` and
    ``dec`` are in degrees, ``low`` and ``high`` are frequencies in Hz, ``start`` and ``end`` MJD (UTC, or within the
    70 s by which other scales differ). The rows in ``outlines`` are positions in these arrays.
    """

    row: Ints
    portal: Ints
    ra: Floats
    dec: Floats
    outlines: Footprints
    low: Floats
    high: Floats
    start: Floats
    end: Floats
    names: tuple[NDArray[np.object_], ...] = ()

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return len(self.row)

    def name_of(self, index: int) -> str:
        """What the row at a position in the arrays is called; its number where the table has no name for it."""
        words = dict.fromkeys(" ".join(str(names[index]).split()) for names in self.names)
        return ", ".join(word for word in words if word) or f"row {self.row[index] + 1}"

    def selected(self, rows: Ints) -> NDArray[np.bool_]:
        """Which of them have one of these row numbers; shape (rows,)."""
        if not self.n_rows:
            return np.zeros(0, dtype=bool)
        chosen = np.zeros(int(self.row.max()) + 1, dtype=bool)
        chosen[rows[(rows >= 0) & (rows < len(chosen))]] = True
        return np.asarray(chosen[self.row], dtype=bool)


def marks_of(table: Any, portal: ArrayLike = 0, *, first_row: int = 0) -> ObservationMarks:
    """What plots show of an astropy Table, found by utype, UCD, name and unit: see `stopdesk.vo.columns`.

    ``portal`` is the number of the portal, one for all rows or an array (rows,). Rows are numbered from ``first_row``.
    Columns that are missing leave NaN. Takes seconds for 300,000 footprints: call it in a task.
    """
    n_rows = len(table)
    nothing = np.full(n_rows, np.nan)
    ra, dec = positions_of(table) or (nothing, nothing)
    known = np.isfinite(ra) & np.isfinite(dec) & (np.abs(dec) <= 90)
    ra, dec = np.where(known, ra, np.nan), np.where(known, dec, np.nan)
    low, high = frequency_ranges(table) or _bandpass(table) or (nothing, nothing)
    low, high = np.where(np.isfinite(low), low, high), np.where(np.isfinite(high), high, low)
    start, end = _times(table)
    found = [name for name in (find_column(table, role) for role in _NAMING) if name is not None]
    return ObservationMarks(
        row=np.arange(first_row, first_row + n_rows, dtype=np.int64),
        portal=np.broadcast_to(np.asarray(portal, dtype=np.int64), (n_rows,)).copy(),
        ra=ra,
        dec=dec,
        outlines=_outlines(table, ra, dec),
        low=low,
        high=high,
        start=start,
        end=end,
        names=tuple(_words(table[name]) for name in list(dict.fromkeys(found))[:2]),
    )


def join_marks(parts: Sequence[ObservationMarks]) -> ObservationMarks:
    """The observations of several tables as one; their rows are numbered anew, from 0 through all of them."""
    starts = np.cumsum([0, *(part.n_rows for part in parts)])[:-1].tolist()
    n_rows = sum(part.n_rows for part in parts)

    def all_of(name: str) -> Any:
        return np.concatenate([np.empty(0), *(getattr(part, name) for part in parts)])

    def names(number: int) -> NDArray[np.object_]:
        columns = [part.names[number] if number < len(part.names) else _blank(part.n_rows) for part in parts]
        return np.concatenate([_blank(0), *columns])

    return ObservationMarks(
        row=np.arange(n_rows, dtype=np.int64),
        portal=all_of("portal").astype(np.int64),
        ra=all_of("ra"),
        dec=all_of("dec"),
        outlines=Footprints.joined((part.outlines, start) for part, start in zip(parts, starts, strict=True)),
        low=all_of("low"),
        high=all_of("high"),
        start=all_of("start"),
        end=all_of("end"),
        names=tuple(names(number) for number in range(max((len(part.names) for part in parts), default=0))),
    )


def _blank(n_rows: int) -> NDArray[np.object_]:
    return np.full(n_rows, "", dtype=np.object_)


def _words(column: Any) -> NDArray[np.object_]:
    """A column as text, what is masked as nothing."""
    parts = [_blank(0)]
    for part in _parts(column):
        cells = ["" if cell is None or cell is np.ma.masked else str(cell)[:_LONGEST] for cell in part.tolist()]
        parts.append(np.array(cells, dtype=np.object_))
    return np.concatenate(parts)


def _parts(column: Any) -> Iterator[Any]:
    """A column in parts: what numpy does to a whole one of text keeps Python's lock for too long."""
    return (column[start : start + AT_ONCE] for start in range(0, len(column), AT_ONCE))


def _numbers(column: Any) -> Floats:
    return np.asarray(np.ma.filled(np.ma.asarray(column, dtype=float), np.nan), dtype=np.float64)


# ---- where -----------------------------------------------------------------------------------------------------------


def _outlines(table: Any, ra: Floats, dec: Floats) -> Footprints:
    """Footprints as the table has them; where a row has none, the field of view around its position."""
    name = find_column(table, "region")
    regions = read_regions([] if name is None else _cells(table[name]))
    without = np.isfinite(ra)
    without[regions.row] = False
    fields = _fields(table, ra, dec, without) or _images(table, ra, dec, without)
    return regions if fields is None else Footprints.joined([(regions, 0), (fields, 0)])


def _cells(column: Any) -> Iterator[Any]:
    """The cells of a column, None for those that are masked or hold nothing but that."""
    if column.ndim > 1:
        yield from (None if np.ma.getmaskarray(cell).all() else cell for cell in column)
        return
    for part in _parts(column):
        yield from (None if cell is np.ma.masked else cell for cell in part.tolist())


def _fields(table: Any, ra: Floats, dec: Floats, wanted: NDArray[np.bool_]) -> Footprints | None:
    """Circles of the diameter that the table gives, in degrees."""
    name = find_column(table, "field")
    if name is None or table[name].dtype.kind not in "fiu" or table[name].ndim != 1:
        return None
    diameter = _numbers(table[name])
    rows = np.flatnonzero(wanted & (diameter > 0) & (diameter < 360))
    return circle_outlines(rows, np.column_stack([ra[rows], dec[rows], diameter[rows] / 2]))


def _images(table: Any, ra: Floats, dec: Floats, wanted: NDArray[np.bool_]) -> Footprints | None:
    """Boxes of the size of images: pixels times degrees a pixel, as SIA 1.0 has it; how they are turned is not said."""
    axes, scale = find_column(table, "image_axes"), find_column(table, "image_scale")
    if axes is None or scale is None:
        return None
    rows, shapes = [], []
    for row in np.flatnonzero(wanted):
        size = np.abs(_pair(table[axes][row]) * _pair(table[scale][row]))
        if np.all(np.isfinite(size) & (size > 0) & (size < 180)):
            rows.append(row)
            shapes.append(box_outline(float(ra[row]), float(dec[row]), *size.tolist()))
    return Footprints.of_shapes(np.array(rows, dtype=np.int64), shapes, np.empty(0, np.int64))


def _pair(cell: Any) -> Floats:
    values = _numbers([] if cell is None else cell).ravel()
    return values[:2] if len(values) >= 2 else np.full(2, np.nan)


# ---- at which frequencies --------------------------------------------------------------------------------------------


def _bandpass(table: Any) -> tuple[Floats, Floats] | None:
    """Lowest and highest frequency in Hz from the limits of SIA 1.0, whose unit stands in a column of its own."""
    from astropy import units as u

    names = [find_column(table, role) for role in ("band_low", "band_high", "band_unit")]
    if names[0] is None or names[1] is None:
        return None
    limits = [_numbers(table[name]) for name in names[:2]]
    units = (
        _words(table[names[2]])
        if names[2] is not None
        else np.full(len(table), str(table[names[0]].unit or "m"), dtype=np.object_)
    )
    found = np.full((2, len(table)), np.nan)
    for text in set(units.tolist()):
        here = units == text
        try:
            for end, values in zip(found, limits, strict=True):
                positive = np.where(values[here] > 0, values[here], np.nan)
                end[here] = (positive * u.Unit(text)).to_value(u.Hz, equivalencies=u.spectral())
        except (ValueError, u.UnitConversionError):
            continue
    return np.minimum(*found), np.maximum(*found)


# ---- when ------------------------------------------------------------------------------------------------------------


def _times(table: Any) -> tuple[Floats, Floats]:
    """Beginning and end of every row in MJD; the same where only one of them, or a date, is known."""
    nothing = np.full(len(table), np.nan)
    names = [find_column(table, role) for role in ("start", "end", "date")]
    start, end, date = (nothing if name is None else _days(table[name]) for name in names)
    start = np.where(np.isfinite(start), start, np.where(np.isfinite(date), date, end))
    end = np.where(np.isfinite(end), end, start)
    return np.minimum(start, end), np.maximum(start, end)


def _days(column: Any) -> Floats:
    """A column of MJD, JD, years or ISO dates in MJD."""
    if column.ndim != 1:
        return np.full(len(column), np.nan)
    if column.dtype.kind in "fiu":
        days = _numbers(column)
        if str(column.unit or "").strip().lower() in ("yr", "a", "year"):
            days = (days - 2000.0) * _YEAR + _J2000
        days = np.where(days > _JULIAN - 1000, days - _JULIAN, days)
        return np.asarray(np.where(np.abs(days) < _NO_DATE, days, np.nan), dtype=np.float64)
    return np.array([_day(text) for text in _words(column)], dtype=np.float64)


def _day(text: str) -> float:
    """The MJD of an ISO date or time; NaN for anything else."""
    if _ISO.fullmatch(text.strip()) is None:
        return float("nan")
    try:
        moment = np.datetime64(text.strip().removesuffix("Z").replace(" ", "T"), "us")
    except ValueError:
        return float("nan")
    return float(moment.astype(np.int64)) / 86400e6 + _UNIX_DAY
