"""What a row of the table says for other workspaces: where the data are, and what a model of it begins with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stopdesk.domain.target import Position
from stopdesk.vo.marks import ObservationMarks
from stopdesk.vo.rows import Rows


@dataclass(frozen=True)
class Data:
    """Where the data of a row lie: address, media type ("" where not said), and what to call them."""

    url: str
    media_type: str
    name: str


@dataclass(frozen=True)
class ModelWish:
    """A row to be modelled: source and frequency range (GHz), None where the row does not say."""

    name: str
    position: Position | None
    frequencies: tuple[float, float] | None


def data_of(rows: Rows, row: int) -> Data | None:
    """Where the data of a row lie; None where it gives no address."""
    url = _text(rows, "access_url", row)
    if not url.startswith(("http://", "https://")):
        return None
    name = _name(rows, row) or f"row {row + 1} of {rows.portals[int(rows.portal_numbers([row])[0])].name}"
    return Data(url, _text(rows, "access_format", row), name)


def wish_of(rows: Rows, marks: ObservationMarks, row: int) -> ModelWish:
    """What a model of a row begins with."""
    ra, dec = float(marks.ra[row]), float(marks.dec[row])
    low, high = float(marks.low[row]) / 1e9, float(marks.high[row]) / 1e9
    position = Position(ra=ra % 360.0, dec=dec) if np.isfinite(ra) and np.isfinite(dec) else None
    return ModelWish(_name(rows, row), position, (low, high) if np.isfinite(low) and np.isfinite(high) else None)


def _name(rows: Rows, row: int) -> str:
    names = (_text(rows, role, row) for role in ("target", "name", "title", "id"))
    return next((name for name in names if name), "")


def _text(rows: Rows, role: str, row: int) -> str:
    """The first text of that meaning in a row; columns of several portals may share one."""
    texts = (column.text(row) for column in rows.columns if column.role == role and not column.is_missing(row))
    return next((text for text in texts if text), "")
