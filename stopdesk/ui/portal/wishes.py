"""What a row of the table says for other workspaces: where the data are, and what a model of it begins with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from stopdesk.domain.observation import Observation
from stopdesk.domain.target import Position
from stopdesk.ui.portal.columns import link_of
from stopdesk.vo.datalink import MEDIA_TYPE, is_datalink
from stopdesk.vo.marks import ObservationMarks
from stopdesk.vo.resolution import in_arcsec, in_km_s
from stopdesk.vo.rows import Kind, RowColumn, Rows

#: Media types of data, as far as they tell them from what is made for browsers.
_DATA = ("application/fits", "image/fits", "application/x-votable+xml")

#: What data links lead to that a browser shows better.
_PAGES = ("text/", "image/jpeg", "image/png", "image/gif", "application/pdf")


@dataclass(frozen=True)
class Data:
    """Where the data of a row lie: address, media type ("" where not said), and what to call them."""

    url: str
    media_type: str
    name: str


def data_of(rows: Rows, row: int) -> Data | None:
    """Where the data of a row lie, by way of the list of its links where it says nothing else; None for nowhere.

    The list is at an address in the row, or at one that the portal says how to make of the row.
    """
    url = _text(rows, "access_url", row)
    if url.startswith(("http://", "https://")):
        return Data(url, _text(rows, "access_format", row), _called(rows, row))
    links = (link_of(rows, column, row) for column in rows.columns if _lists_links(column))
    url = next(filter(None, links), "") or rows.links_of(row)
    return Data(url, MEDIA_TYPE, _called(rows, row)) if url else None


def data_behind(url: str, rows: Rows, key: str, row: int) -> Data | None:
    """What an address in a column leads to, where that is data to load; None where it is for a browser."""
    column = rows.column(key)
    if column is None:
        return None
    if _lists_links(column):
        return Data(url, MEDIA_TYPE, _called(rows, row))
    media_type = _text(rows, "access_format", row) if column.role == "access_url" else column.leads_to
    is_data = column.role == "access_url" or media_type.lower().startswith(_DATA)
    return Data(url, media_type, _called(rows, row)) if is_data and not media_type.startswith(_PAGES) else None


def _lists_links(column: RowColumn) -> bool:
    """Whether the addresses of a column lead to documents of DataLink."""
    return column.role == "datalink" or is_datalink(column.leads_to)


def _called(rows: Rows, row: int) -> str:
    """What a row is called; its number and portal where it has no name."""
    return _name(rows, row) or f"row {row + 1} of {portal_of(rows, row)}"


def observation_of(rows: Rows, marks: ObservationMarks, row: int) -> Observation:
    """What a model of a row begins with, and is compared by later."""
    ra, dec = float(marks.ra[row]), float(marks.dec[row])
    low, high = float(marks.low[row]) / 1e9, float(marks.high[row]) / 1e9
    frequencies = (low, high) if np.isfinite(low) and np.isfinite(high) else None
    return Observation(
        name=_name(rows, row),
        portal=portal_of(rows, row),
        position=Position(ra=ra % 360.0, dec=dec) if np.isfinite(ra) and np.isfinite(dec) else None,
        frequencies=frequencies,
        beam=_arcsec(rows, "beam", row, "arcsec"),
        aperture=_arcsec(rows, "field", row, "deg"),
        resolution=_resolution(rows, row, (low + high) / 2 * 1e9) if frequencies is not None else None,
    )


def portal_of(rows: Rows, row: int) -> str:
    """The name of the portal that gave a row."""
    return rows.portals[int(rows.portal_numbers([row])[0])].name


def _arcsec(rows: Rows, role: str, row: int, unsaid: str) -> float | None:
    """An angle of a row; ``unsaid`` is its unit where none is given."""
    found = (in_arcsec(value, unit or unsaid) for value, unit in _numbers(rows, role, row))
    return next((angle for angle in found if angle is not None), None)


def _resolution(rows: Rows, row: int, frequency: float) -> float | None:
    """The spectral resolution of a row in km/s; ``frequency`` is that of its centre in Hz."""
    given = (each for role in ("resolving_power", "resolution") for each in _numbers(rows, role, row))
    found = (in_km_s(value, unit, frequency) for value, unit in given)
    return next((width for width in found if width is not None), None)


def _numbers(rows: Rows, role: str, row: int) -> Iterator[tuple[float, str]]:
    """The numbers of that meaning in a row that are above zero, with their units."""
    for column in rows.columns:
        if column.role == role and column.kind is Kind.NUMBER and not column.is_missing(row):
            value = float(column.values[row])
            if np.isfinite(value) and value > 0:
                yield value, column.unit


def _name(rows: Rows, row: int) -> str:
    names = (_text(rows, role, row) for role in ("target", "name", "title", "id"))
    return next((name for name in names if name), "")


def _text(rows: Rows, role: str, row: int) -> str:
    """The first text of that meaning in a row; columns of several portals may share one."""
    texts = (column.text(row) for column in rows.columns if column.role == role and not column.is_missing(row))
    return next((text for text in texts if text), "")
