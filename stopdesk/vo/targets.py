"""Targets from any table: names and positions by UCD and unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from stopdesk.domain.target import Position, Target
from stopdesk.errors import InputError
from stopdesk.vo.columns import find_column, positions_of

#: A table with more rows than this is no list of targets.
MOST = 10_000


@dataclass(frozen=True)
class ImportedTargets:
    """What a table gave: targets, the numbers of rows (from 0) without a position, and names without one."""

    targets: tuple[Target, ...]
    without_position: tuple[int, ...] = ()
    names_to_resolve: tuple[str, ...] = ()


def targets_from(table: Any, *, source: str) -> ImportedTargets:
    """The targets of an astropy Table; ``source`` is what the table is called.

    A row with a name and no position is one to be resolved. InputError where there are neither positions nor names, or
    too many rows.
    """
    if len(table) > MOST:
        raise InputError(
            f"{source} has {len(table):,} rows; a list of targets has at most {MOST:,}. Select some first."
        )
    column, found = find_column(table, "name"), positions_of(table)
    if found is None and column is None:
        raise InputError(
            f"{source} has neither columns of positions (UCDs pos.eq.ra and pos.eq.dec, or names such as ra and dec) "
            "nor one of names; there is nothing to take as targets."
        )
    names = [_text(cell) for cell in table[column]] if column is not None else [""] * len(table)
    ra, dec = found if found is not None else (np.full(len(table), np.nan),) * 2
    now = datetime.now(UTC).replace(microsecond=0)
    targets, missing, unresolved = [], [], []
    for i, (name, lon, lat) in enumerate(zip(names, ra.tolist(), dec.tolist(), strict=True)):
        if np.isfinite(lon) and np.isfinite(lat) and abs(lat) <= 90.0:
            position = Position(ra=lon % 360.0, dec=lat)
            targets.append(Target(name=name or position.sexagesimal, position=position, source=source, date=now))
        elif name:
            unresolved.append(name)
        else:
            missing.append(i)
    return ImportedTargets(tuple(targets), tuple(missing), tuple(dict.fromkeys(unresolved)))


def _text(cell: Any) -> str:
    """The cell as text; "" for one that is masked."""
    return "" if cell is np.ma.masked or cell is None else " ".join(str(cell).split())
