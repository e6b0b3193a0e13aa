"""Axes of plots of observations: dates in UTC, and wavelengths above frequencies."""

from __future__ import annotations

import math

import numpy as np

from stopdesk.ui.plots.view import PlotAxis

#: The MJD of 1970-01-01, and the days of the years 1000 to 9999, which can be written.
_UNIX_DAY, _FIRST, _LAST = 40587.0, -313696.0, 2973483.0

#: Steps of dates: how many of numpy's unit, the unit, about how many days, how they are written, in how many letters.
_STEPS = tuple(
    (n, unit, n * days, letters)
    for unit, days, letters, numbers in (
        ("s", 1 / 86400, 19, (1, 5, 15, 30)),
        ("m", 1 / 1440, 16, (1, 5, 15, 30)),
        ("h", 1 / 24, 16, (1, 3, 6, 12)),
        ("D", 1.0, 10, (1, 2, 5, 10)),
        ("M", 30.44, 7, (1, 3, 6)),
        ("Y", 365.25, 4, (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    )
    for n in numbers
)

#: Width of a letter of the ticks, in pixels, with what stands between them.
_LETTER, _BETWEEN = 7.0, 18.0

#: Light in one GHz: its wavelength in mm.
_MM_GHZ = 299.792458

#: Units of wavelength with their size in mm, largest first.
_LENGTHS = (("m", 1e3), ("cm", 10.0), ("mm", 1.0), ("μm", 1e-3), ("nm", 1e-6))


class DateAxis(PlotAxis):
    """An axis of MJD with the dates that they are."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Round dates, as many as have room."""
        low, high = max(_FIRST, low), min(_LAST, high)
        if high <= low:
            return []
        step = _date_step(high - low, size)
        return [(step[2], _dates(low, high, step[0], step[1]))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Dates as long as the step between them asks for."""
        letters = next((letters for _, _, days, letters in _STEPS if days >= spacing * 0.999), 4)
        return [date_text(value)[:letters] for value in values]


def date_text(mjd: float) -> str:
    """An MJD as a date with its time in UTC, ``2015-03-01 14:30:00``; nothing outside the years 1000 to 9999."""
    if not _FIRST <= mjd <= _LAST:
        return ""
    return str(np.datetime64(round((mjd - _UNIX_DAY) * 86400), "s")).replace("T", " ")


def _date_step(span: float, size: float) -> tuple[int, str, float, int]:
    """The smallest step whose dates have room beside each other."""
    for step in _STEPS:
        if span / step[2] * (step[3] * _LETTER + _BETWEEN) <= size:
            return step
    return _STEPS[-1]


def _dates(low: float, high: float, number: int, unit: str) -> list[float]:
    """The round dates from ``low`` to ``high``, in MJD."""
    first, last = (np.datetime64(round((day - _UNIX_DAY) * 86400), "s").astype(f"M8[{unit}]") for day in (low, high))
    counts = np.arange(first.astype(np.int64), last.astype(np.int64) + 1)
    origin = 1970 if unit == "Y" else 0
    if unit == "D" and number > 1:
        # on the 1st, 6th, 11th … of every month, but never on one that crowds the next 1st
        days = counts.astype("M8[D]")
        in_month = (days - days.astype("M8[M]")).astype(np.int64)
        round_ones = days[(in_month % number == 0) & (in_month + number <= 31)]
    else:
        round_ones = counts[(counts + origin) % number == 0].astype(f"M8[{unit}]")
    mjd = round_ones.astype("M8[s]").astype(np.int64) / 86400 + _UNIX_DAY
    return [float(value) for value in mjd if low <= value <= high]


class WavelengthAxis(PlotAxis):
    """An axis of frequency in GHz, linear or logarithmic, with the wavelengths that they are."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Where round wavelengths lie, as many as have room."""
        lowest, highest = self._frequencies(low, high)
        if highest <= 0:
            return []
        found, last = [], -math.inf
        for wavelength in reversed(_round_between(_MM_GHZ / highest, _MM_GHZ / lowest, size)):
            value = math.log10(_MM_GHZ / wavelength) if self.logMode else _MM_GHZ / wavelength
            place = (value - low) / (high - low) * size
            if place - last >= 9 * _LETTER:
                found.append(value)
                last = place
        return [(1.0, found)]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The wavelengths, in the unit of the axis."""
        _, unit = wavelength_unit(*self._frequencies(*self.range))
        frequencies = [10.0**value if self.logMode else value for value in values]
        return [f"{_MM_GHZ / frequency / unit:.6g}" for frequency in frequencies]

    def _frequencies(self, low: float, high: float) -> tuple[float, float]:
        """What the axis spans in GHz; where it goes below zero, from a thousandth of its end."""
        if self.logMode:
            return 10.0 ** max(-300.0, min(low, 300.0)), 10.0 ** max(-300.0, min(high, 300.0))
        return max(low, high * 1e-3), high


def wavelength_unit(low: float, high: float) -> tuple[str, float]:
    """The unit for the wavelengths of these frequencies in GHz, and its size in mm."""
    middle = _MM_GHZ / math.sqrt(low * high) if low > 0 and high > 0 else 1.0
    return next(((name, size) for name, size in _LENGTHS if middle >= 0.3 * size), _LENGTHS[-1])


def wavelength_text(gigahertz: float) -> str:
    """The wavelength of a frequency with its unit."""
    name, size = wavelength_unit(gigahertz, gigahertz)
    return f"{_MM_GHZ / gigahertz / size:.5g} {name}"


def _round_between(low: float, high: float, size: float) -> list[float]:
    """Round numbers from ``low`` to ``high``, ascending, about as many as have room."""
    wanted = max(2.0, size / 110.0)
    if high > 4 * low:
        decades = np.arange(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1.0)
        few = math.log10(high / low) * 3 > wanted
        parts = np.array([1.0, 3.0] if few else [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0])
        if math.log10(high / low) > wanted:
            parts = np.array([1.0])
        values = (10.0 ** decades[:, None] * parts).ravel()
    else:
        rough = (high - low) / wanted
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(n * power for n in (1.0, 2.0, 5.0, 10.0) if n * power >= rough)
        values = np.arange(math.ceil(low / step), math.floor(high / step) + 1) * step
    return [float(value) for value in values if low <= value <= high]
