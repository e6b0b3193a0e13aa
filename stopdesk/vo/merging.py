"""Puts the tables of several portals into one: columns of one meaning become one column in one unit.

A column is the same in two tables when it has one of the meanings of `vo.columns` (told by utype, UCD or name), when it
has the same name, or the same utype; and when both are numbers, or both texts, in units that convert, in one frame:
a source has other numbers in B1950 than in ICRS. What is not the same keeps a column of its own. Other UCDs are not
enough: several columns of a catalogue share them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.vo.columns import ROLES, find_column, frame_of
from stopdesk.vo.datalink import link_service
from stopdesk.vo.rows import PORTAL, Asked, Kind, Portal, RowColumn, Rows, chunks

#: What numbers of a meaning are in where a service does not say; ObsCore 1.1, table 5.
_UNSAID = {
    "ra": "deg", "dec": "deg", "field": "deg", "low": "m", "high": "m", "start": "d", "end": "d", "beam": "arcsec"
}  # fmt: skip

#: Days from the zero of Julian dates to that of modified ones, and the least that is taken for one of the former.
_JULIAN, _LEAST_JULIAN = 2400000.5, 1e6


@dataclass(frozen=True, eq=False)
class Part:
    """What one portal gave: ``key`` is the same in every search, ``name`` is shown, ``table`` an astropy Table."""

    key: str
    name: str
    table: Any


@dataclass(eq=False)
class _Group:
    """Columns of different parts that become one; ``members`` by the number of the part."""

    model: RowColumn
    members: dict[int, RowColumn]


def merge(parts: Sequence[Part], cancelled: Asked | None = None) -> Rows:
    """All rows of these tables, one portal after the other, with a first column that says which portal each is of."""
    portals, first = [], 0
    for part in parts:
        portals.append(Portal(part.key, part.name, first, len(part.table), link_service(part.table)))
        first += len(part.table)
    groups: list[_Group] = []
    for number, part in enumerate(parts):
        _sort_in(groups, number, columns_of(part.table, cancelled))
    names = np.empty(len(portals), dtype=object)
    names[:] = [portal.name for portal in portals]
    said = np.repeat(names, [portal.n_rows for portal in portals])
    columns = [RowColumn(PORTAL, "Portal", Kind.TEXT, said, description="The service that gave the row.")]
    taken = {PORTAL}
    for group in groups:
        column = _joined(group, portals)
        if column.frame and len(parts) > 1 and column.frame not in column.name:
            name = f"{column.name} ({column.frame})"
            column = replace(column, key=name, name=name)
        key = column.key if column.key not in taken else f"{column.key} ({', '.join(_names(group, portals))})"
        while key in taken:
            key += "'"
        taken.add(key)
        columns.append(replace(column, key=key))
        if cancelled is not None:
            next(chunks(1, cancelled))
    return Rows(tuple(portals), tuple(columns), first)


def columns_of(table: Any, cancelled: Asked | None = None) -> list[RowColumn]:
    """The columns of an astropy Table as they are; arrays are shared with it."""
    roles: dict[str, str] = {}
    for role in ROLES:
        name = find_column(table, role)
        if name is not None:
            roles.setdefault(name, role)
    return [
        replace(_column(table[name], role, cancelled), frame=_frame(table, name, role))
        for name, role in ((name, roles.get(name, "")) for name in table.colnames)
    ]


def _frame(table: Any, name: str, role: str) -> str:
    """The frame of a column that is part of a position, or is referred to a system; names of others say nothing."""
    meta = table[name].meta
    is_position = role in ("ra", "dec", "position") or str(meta.get("ucd") or "").lower().startswith(
        ("pos.eq", "pos_eq")
    )
    return frame_of(table, name) if is_position or meta.get("ref") else ""


def _column(column: Any, role: str, cancelled: Asked | None) -> RowColumn:
    values = np.ma.getdata(np.ma.asarray(column))
    mask: Any = np.ma.getmask(np.ma.asarray(column))
    kind = _kind(values)
    if kind is Kind.OTHER and mask is not np.ma.nomask and mask.ndim > 1:
        mask = mask.reshape(len(mask), -1).all(axis=1)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind == "O" and kind is Kind.TEXT:
        mask = _without_texts(values, mask, cancelled)
    meta = column.meta
    links = meta.get("links") or ()
    hrefs = [str(link.get("href") or "") for link in links]
    types = [str(link.get("content-type") or "") for link in links]
    return RowColumn(
        key=column.name,
        name=column.name,
        kind=kind,
        values=values.view(np.ndarray),
        mask=None if mask is np.ma.nomask or mask is None or not mask.any() else np.asarray(mask),
        unit=str(column.unit or ""),
        description=" ".join(str(column.description or "").split()),
        ucd=str(meta.get("ucd") or ""),
        utype=str(meta.get("utype") or ""),
        xtype=str(meta.get("xtype") or ""),
        role=role,
        precision=str(meta.get("precision") or ""),
        href=next((href for href in hrefs if "${" in href), ""),
        leads_to=next(filter(None, types), ""),
    )


def _kind(values: NDArray[Any]) -> Kind:
    if values.ndim != 1 or values.dtype.kind in "cV":
        return Kind.OTHER
    if values.dtype.kind == "O":
        cells = (value for part in chunks(len(values)) for value in values[part].tolist())
        first = next((value for value in cells if value is not None and value is not np.ma.masked), "")
        return Kind.OTHER if isinstance(first, np.ndarray | list | tuple | complex) else Kind.TEXT
    return {"f": Kind.NUMBER, "i": Kind.NUMBER, "u": Kind.NUMBER, "b": Kind.FLAG}.get(values.dtype.kind, Kind.TEXT)


def _without_texts(values: NDArray[Any], mask: Any, cancelled: Asked | None) -> Any:
    """The mask of a column of texts, those that are masked one by one taken in."""
    lacking = np.zeros(len(values), dtype=bool)
    for part in chunks(len(values), cancelled):
        lacking[part] = [value is None or value is np.ma.masked for value in values[part].tolist()]
    return mask if not lacking.any() else lacking if mask is np.ma.nomask else mask | lacking


def _sort_in(groups: list[_Group], number: int, columns: Iterable[RowColumn]) -> None:
    """Let each column of a part join the columns of other parts that it is the same as, or stand by itself."""
    by_role = {(group.model.role, group.model.frame): group for group in groups if group.model.role}
    by_name = {(group.model.name.casefold(), group.model.frame): group for group in reversed(groups)}
    by_utype = {
        (group.model.utype.casefold(), group.model.frame): group for group in reversed(groups) if group.model.utype
    }
    new = []
    for column in columns:
        role, frame = _turned(column, by_role), column.frame
        alike = (
            by_role.get((role, frame)),
            by_name.get((column.name.casefold(), frame)),
            by_utype.get((column.utype.casefold(), frame)),
        )
        for found in alike:
            if found is None or number in found.members:
                continue
            fitting = _in_unit_of(replace(column, role=role), found.model)
            if fitting is not None:
                found.members[number] = fitting
                break
        else:
            new.append(_Group(column, {number: column}))
    groups += new


def _turned(column: RowColumn, by_role: dict[tuple[str, str], _Group]) -> str:
    """The meaning of a column in company: the lowest frequency is the highest wavelength."""
    other = {"low": "high", "high": "low"}.get(column.role)
    known = by_role.get((column.role, column.frame))
    if other is None or known is None or column.kind is not Kind.NUMBER:
        return column.role
    factors = _conversion(_unit(column), _unit(known.model))
    return other if factors is not None and factors[1] else column.role


def _unit(column: RowColumn) -> str:
    if column.unit or column.kind is not Kind.NUMBER:
        return column.unit
    is_frequency = column.role in ("low", "high") and ".freq" in column.ucd.lower()
    return "Hz" if is_frequency else _UNSAID.get(column.role, "")


def _in_unit_of(column: RowColumn, model: RowColumn) -> RowColumn | None:
    """The column such that it can stand below another; None where it cannot."""
    if column.kind is not model.kind:
        return None
    if column.kind is not Kind.NUMBER:
        return column if column.unit == model.unit or column.kind is Kind.TEXT else None
    values: NDArray[Any] = column.values
    if _unit(column) != _unit(model):
        conversion = _conversion(_unit(column), _unit(model))
        if conversion is None:
            return None
        values = _converted(values, *conversion)
    if model.role in ("start", "end"):
        if _is_julian(column) and not _is_julian(model):
            values = values - _JULIAN
        elif _is_julian(model) and not _is_julian(column):
            values = values + _JULIAN
    return replace(column, values=values)


def _conversion(unit: str, other: str) -> tuple[float, bool] | None:
    """A factor, and whether it is divided by the number rather than multiplied with it; None where none applies."""
    from astropy import units as u

    try:
        values = (np.array([1.0, 2.0]) * u.Unit(unit)).to_value(u.Unit(other), equivalencies=u.spectral())
    except (ValueError, TypeError, u.UnitConversionError):
        return None
    return float(values[0]), bool(values[1] < values[0])


def _converted(values: NDArray[Any], factor: float, divided: bool) -> NDArray[np.float64]:
    if not divided:
        return np.asarray(values * factor, dtype=np.float64)
    numbers = np.where(values == 0, np.nan, values)
    return np.asarray(factor / numbers, dtype=np.float64)


def _is_julian(column: RowColumn) -> bool:
    known = column.values[~column.missing()][:1]
    return bool(known.size and known[0] > _LEAST_JULIAN)


def _names(group: _Group, portals: Sequence[Portal]) -> list[str]:
    return [portals[number].name for number in sorted(group.members)]


def _joined(group: _Group, portals: Sequence[Portal]) -> RowColumn:
    """One column over all rows, missing where a portal has none."""
    if len(portals) == 1:
        return group.model
    n_rows = portals[-1].first + portals[-1].n_rows
    arrays = [member.values for member in group.members.values()]
    are_numbers = group.model.kind in (Kind.NUMBER, Kind.FLAG)
    dtype = np.result_type(*arrays) if are_numbers else np.dtype(object)
    values: NDArray[Any] = np.full(n_rows, np.nan if dtype.kind == "f" else None if dtype.kind == "O" else 0, dtype)
    mask = np.ones(n_rows, dtype=bool)
    for number, member in group.members.items():
        place = slice(portals[number].first, portals[number].first + portals[number].n_rows)
        if member.values.ndim > 1:
            values[place] = _as_objects(member.values)
        else:
            values[place] = member.values
        mask[place] = False if member.mask is None else member.mask
    best = group.model
    unit = _unit(best) if len(group.members) > 1 else best.unit
    origins = tuple(_names(group, portals)) if len(group.members) < len(portals) else ()
    return replace(best, values=values, mask=mask if mask.any() else None, unit=unit, origins=origins)


def _as_objects(values: NDArray[Any]) -> NDArray[Any]:
    cells = np.empty(len(values), dtype=object)
    cells[:] = list(values)
    return cells
