"""Observations: what is said of one that a model is made for, and which lines fall into which, for many at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stopdesk.domain.job import Record
from stopdesk.domain.target import Position

#: km/s (exact).
SPEED_OF_LIGHT = 299792.458


def observed_frequencies(rest: ArrayLike, v_lsr: float) -> NDArray[np.float64]:
    """Where lines of these rest frequencies are seen for a source of ``v_lsr`` in km/s; same unit as ``rest``.

    The radio convention, v = c (nu0 - nu) / nu0, which v_LSR is quoted in (Greisen et al. 2006, A&A 446, 747, table 1).
    """
    return np.asarray(np.asarray(rest, float) * (1.0 - v_lsr / SPEED_OF_LIGHT), dtype=np.float64)


def rest_frequencies(observed: ArrayLike, v_lsr: float) -> NDArray[np.float64]:
    """Where lines lie at rest that are seen at these frequencies in a source of ``v_lsr`` in km/s; see above."""
    return np.asarray(np.asarray(observed, float) / (1.0 - v_lsr / SPEED_OF_LIGHT), dtype=np.float64)


class Observation(Record):
    """What ``portal`` says of an observation that a model is made for, so that the two can be compared.

    ``frequencies`` are its lowest and highest as observed, in GHz; ``beam`` is the angular resolution (FWHM) and
    ``aperture`` the diameter of the field, in arcsec; ``resolution`` is that of the spectrum in km/s, at the centre of
    the range. None is what is not said.
    """

    name: str = ""
    portal: str = ""
    position: Position | None = None
    frequencies: tuple[float, float] | None = None
    beam: float | None = None
    aperture: float | None = None
    resolution: float | None = None

    @property
    def words(self) -> str:
        """The observation in a line."""
        facts = [self.name or (self.position.sexagesimal if self.position is not None else "an observation")]
        if self.frequencies is not None:
            low, high = self.frequencies
            facts.append(f"{low:.7g} GHz" if low == high else f"{low:.7g} to {high:.7g} GHz")
        if self.beam is not None:
            facts.append(f"beam {self.beam:.3g}″")
        elif self.aperture is not None:
            facts.append(f"field {_angle(self.aperture)}")
        if self.resolution is not None:
            facts.append(f"resolution {self.resolution:.3g} km/s")
        return ", ".join(facts)

    @property
    def details(self) -> str:
        """All that is known of it, a line each."""
        lines = [self.words, f"Given by {self.portal}" if self.portal else ""]
        lines.append(f"At {self.position.sexagesimal} (ICRS)" if self.position is not None else "")
        lines.append(f"Field {_angle(self.aperture)} across" if self.aperture is not None else "")
        if self.resolution is not None and self.frequencies is not None:
            centre = sum(self.frequencies) / 2
            width = self.resolution / SPEED_OF_LIGHT * centre * 1e3
            lines.append(f"Spectral resolution {width:.3g} MHz at {centre:.7g} GHz")
        return "\n".join(filter(None, lines))


def _angle(arcsec: float) -> str:
    """An angle in the unit in which it reads best."""
    for unit, factor in (("°", 3600.0), ("′", 60.0)):
        if arcsec >= 2 * factor:
            return f"{arcsec / factor:.3g}{unit}"
    return f"{arcsec:.3g}″"


@dataclass(frozen=True)
class LinesInRanges:
    """For each row the lines in its range: numbers ``order[first[row]:last[row]]`` of the transitions, by frequency.

    ``known`` tells which rows have a range at all, ``first`` and ``last`` have shape (rows,), ``order`` (lines,).
    """

    order: NDArray[np.intp]
    first: NDArray[np.intp]
    last: NDArray[np.intp]
    known: NDArray[np.bool_]

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many lines fall into each row; shape (rows,)."""
        return self.last - self.first

    def of(self, row: int) -> NDArray[np.intp]:
        """The numbers of the transitions in that row, lowest frequency first."""
        return self.order[self.first[row] : self.last[row]]


def lines_in_ranges(low: ArrayLike, high: ArrayLike, rest: ArrayLike, *, v_lsr: float = 0.0) -> LinesInRanges:
    """Which lines fall into which frequency ranges, edges included.

    ``low`` and ``high`` of shape (rows,) and ``rest`` of shape (lines,) share a unit; the ends of a range may be
    swapped, and a row with a NaN has no range. ``v_lsr`` of the source is in km/s. Ranges of archives are mostly
    topocentric or barycentric: a line within 30 km/s of an edge may be in or out.
    """
    ends = np.asarray(low, float), np.asarray(high, float)
    known = np.isfinite(ends[0]) & np.isfinite(ends[1])
    bottom, top = np.where(known, np.minimum(*ends), 0.0), np.where(known, np.maximum(*ends), 0.0)
    seen = observed_frequencies(rest, v_lsr)
    order = np.argsort(seen, kind="stable")
    seen = seen[order]
    first = np.searchsorted(seen, bottom, side="left")
    last = np.searchsorted(seen, top, side="right")
    first, last = (np.where(known, each, 0) for each in (first, last))
    return LinesInRanges(order, first, last, known)
