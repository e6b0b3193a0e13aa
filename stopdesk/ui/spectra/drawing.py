"""What of loaded spectra is drawn where: in which plot, over which axis, and of many channels only what can be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.spectrum import UNITS, AxisKind, Spectrum

FloatArray = NDArray[np.float64]

#: Plots one above the other at most; more of them show nothing any more.
MOST_PLOTS = 4

#: A curve of more points than this is thinned to the highest and lowest of blocks of channels.
FINE = 8192

#: By this factor the blocks of one level are longer than those of the level before.
_STEP = 4

_FRAMES = {
    "": "frame not said",
    "BARY": "barycentric",
    "HELIO": "heliocentric",
    "TOPO": "topocentric",
    "GEO": "geocentric",
    "SOURCE": "at rest",
}


def frame_words(frame: str) -> str:
    """A reference frame in words."""
    return _FRAMES.get(frame, frame)


@dataclass(frozen=True)
class AxisChoice:
    """An axis to draw over: its kind and unit."""

    kind: AxisKind
    unit: str

    @property
    def title(self) -> str:
        """As a menu says it."""
        name = str(self.kind).capitalize()
        return f"{name} ({self.unit})" if self.unit else name

    @property
    def key(self) -> str:
        """As a session keeps it."""
        return f"{self.kind}|{self.unit}"

    @classmethod
    def read(cls, key: object) -> AxisChoice | None:
        """The choice of that key; None where there is no such."""
        kind, _, unit = str(key).partition("|")
        if kind in list(AxisKind) and unit in UNITS[AxisKind(kind)]:
            return cls(AxisKind(kind), unit)
        return None


def choices(spectra: Sequence[Spectrum]) -> list[AxisChoice]:
    """The axes that at least one of the spectra can be drawn over."""
    kinds = {kind for spectrum in spectra for kind in spectrum.kinds}
    return [AxisChoice(kind, unit) for kind in AxisKind if kind in kinds for unit in UNITS[kind]]


@dataclass(frozen=True)
class Group:
    """Spectra that share a plot, by their keys, each with the factor that brings it to the plot's unit."""

    name: str
    unit: str
    members: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Arrangement:
    """Which spectra are drawn in which plot, and why others are in none, by their keys."""

    groups: tuple[Group, ...]
    refused: dict[str, str]


def arrange(spectra: Sequence[tuple[str, Spectrum]], axis: AxisChoice) -> Arrangement:
    """Put spectra whose values are of one kind into one plot, and say of the others why they cannot be drawn."""
    together: dict[str, list[tuple[str, Spectrum]]] = {}
    refused = {}
    for key, spectrum in spectra:
        reason = spectrum.why_not(axis.kind)
        if not reason and spectrum.flux_base not in together and len(together) == MOST_PLOTS:
            reason = f"its values in {spectrum.flux_unit or 'no unit'} would need one plot more than there is room for"
        if reason:
            refused[key] = f"not drawn over {axis.kind}: {reason}"
        else:
            together.setdefault(spectrum.flux_base, []).append((key, spectrum))
    groups = []
    for members in together.values():
        first = members[0][1]
        factors = tuple((key, spectrum.flux_scale / first.flux_scale) for key, spectrum in members)
        groups.append(Group(first.flux_name, first.flux_unit, factors))
    return Arrangement(tuple(groups), refused)


@dataclass(frozen=True, eq=False)
class Level:
    """Blocks of channels: where they begin (x and number of the first channel), their lowest and highest values."""

    x: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, eq=False)
class Prepared:
    """A spectrum over an axis, rising; ``y`` is NaN where there is no value. ``levels`` are coarser and coarser."""

    x: FloatArray
    y: FloatArray
    levels: tuple[Level, ...]

    @property
    def is_fine(self) -> bool:
        """Whether all of it is drawn at once."""
        return not self.levels

    @property
    def x_range(self) -> tuple[float, float]:
        """From the first to the last channel."""
        return (float(self.x[0]), float(self.x[-1])) if self.x.size else (0.0, 1.0)

    @property
    def y_range(self) -> tuple[float, float]:
        """From the lowest to the highest value."""
        lows, highs = (self.levels[-1].low, self.levels[-1].high) if self.levels else (self.y, self.y)
        there = np.isfinite(lows)
        return (float(lows[there].min()), float(highs[there].max())) if there.any() else (0.0, 1.0)

    def part(self, x0: float, x1: float) -> tuple[FloatArray, FloatArray]:
        """The points to draw between two values of the axis and a little beyond, of shape (n,), n about ``FINE``."""
        margin = 0.5 * (x1 - x0)
        x0, x1 = x0 - margin, x1 + margin
        x, y = _slice(self.x, x0, x1, self.y)
        if len(x) <= FINE:
            return x, y
        for level in self.levels:
            x, low, high = _slice(level.x, x0, x1, level.low, level.high)
            if 2 * len(x) <= FINE:
                break
        return np.repeat(x, 2), np.column_stack([low, high]).ravel()


def _slice(x: FloatArray, x0: float, x1: float, *others: FloatArray) -> tuple[FloatArray, ...]:
    """What lies between two values of a rising array, and one more on each side."""
    first, last = np.searchsorted(x, [x0, x1])
    part = slice(max(0, int(first) - 1), int(last) + 1)
    return (x[part], *(each[part] for each in others))


def prepare(spectrum: Spectrum, axis: AxisChoice) -> Prepared:
    """Bring a spectrum to an axis, ready to be drawn; for ten million channels about a second, so never in the window.

    Raises InputError where the spectrum cannot be had over that axis.
    """
    x = spectrum.axis_in(axis.kind, axis.unit)
    y = spectrum.flux.copy()
    np.copyto(y, np.nan, where=spectrum.mask)  # unlike np.where it lets other threads run
    there = np.isfinite(x)
    if not there.all():
        x, y = x[there], y[there]
    if len(x) > 1 and x[0] > x[-1]:
        x, y = x[::-1], y[::-1]
    if np.any(x[1:] < x[:-1]):  # of a table in some other order
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    return Prepared(np.ascontiguousarray(x), np.ascontiguousarray(y), tuple(_levels(x, y)))


def _levels(x: FloatArray, y: FloatArray) -> list[Level]:
    """Coarser and coarser levels, down to one that is drawn as a whole; none where all is."""
    levels: list[Level] = []
    low = high = y
    while len(x) * (2 if levels else 1) > FINE:
        starts = np.arange(0, len(x), _STEP)
        low, high = np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)
        x = x[starts]
        levels.append(Level(np.ascontiguousarray(x), low, high))
    return levels
