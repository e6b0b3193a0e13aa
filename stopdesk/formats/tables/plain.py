"""Makes any astropy Table one of plain columns and of meta that a VOTable can say, as the VOTable codec reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from stopdesk.errors import InputError
from stopdesk.formats.tables.losses import Found, Loss
from stopdesk.formats.votable.to_astropy import LISTS

#: Keys of ``meta`` that hold elements, and one element's attributes.
ELEMENTS = (*LISTS, "resources")
ABOUT = ("resource", "votable")

_SCALARS = (str, int, float)


def plain(table: Any, *, copy: bool = True) -> Found:
    """The table with numbers, truth values, text and arrays of them only. InputError for a column of anything else.

    Without ``copy``, cells that are so already are shared with the table that is given.
    """
    from astropy.table import Table

    made, losses = Table(), []
    for name in table.colnames:
        for column, loss in _plain_columns(table[name], name):
            made.add_column(column, copy=copy)
            if loss is not None:
                losses.append(loss)
    made.meta.update({key: value for key, value in table.meta.items() if not str(key).startswith("__")})
    losses += _mend(made)
    return Found(made, tuple(losses))


def _plain_columns(column: Any, name: str) -> Iterator[tuple[Any, Loss | None]]:
    from astropy.table import Column, Table
    from astropy.table.serialize import represent_mixins_as_columns
    from astropy.time import Time
    from astropy.units import Quantity

    if isinstance(column, Column):
        yield _plain_column(column, name), None
    elif isinstance(column, Time):
        cells = np.ma.asarray(column.unmasked.isot if column.masked else column.isot)
        if column.masked:
            cells.mask = column.mask
        yield _like(column, cells, name, {"xtype": "timestamp"}), Loss("type", name, f"a time in {column.scale}")
    elif isinstance(column, Quantity):
        unmasked = getattr(column, "unmasked", column)
        yield _like(column, np.ma.MaskedArray(unmasked.value, getattr(column, "mask", False)), name, {}), None
    else:
        kind = type(column).__name__
        parts = represent_mixins_as_columns(Table({name: column}))
        for i, part in enumerate(parts.colnames):
            if not isinstance(parts[part], Column) or parts[part].dtype.kind not in "biufcUSO":
                raise InputError(f"Column {name} is a {kind}, which no other format can hold; leave it out.")
            yield _plain_column(parts[part], part), None if i else Loss("type", name, f"a {kind}, now its parts")


def _plain_column(column: Any, name: str) -> Any:
    if column.dtype.kind == "S":
        try:
            return _like(column, np.ma.MaskedArray(np.char.decode(np.ma.getdata(column), "utf-8"), _mask(column)), name)
        except UnicodeDecodeError as error:
            raise InputError(f"Column {name} holds bytes that are no text; leave it out.") from error
    if column.dtype.kind in "mM":
        return _like(column, np.ma.MaskedArray(np.ma.getdata(column).astype(str), _mask(column)), name)
    if column.dtype.kind not in "biufcUO" or (
        column.dtype.itemsize > (16 if column.dtype.kind == "c" else 8) > 0 and (column.dtype.kind in "fc")
    ):
        raise InputError(f"Column {name} holds values of type {column.dtype}, which no other format can hold.")
    if column.dtype.kind == "O" and column.ndim == 1:
        scalars = _scalars(np.ma.getdata(column).tolist(), _mask(column))
        if scalars is not None:
            return _like(column, scalars, name)
    return _like(column, np.ma.MaskedArray(np.ma.getdata(column), _mask(column)), name)


def _scalars(cells: list[Any], mask: Any) -> Any:
    """Objects that are all numbers, or all truth values, as what they are; None where they are not."""
    gone = np.array([cell is None for cell in cells], dtype=bool) | mask
    there = [cell for cell, missing in zip(cells, gone, strict=True) if not missing]
    for kind in (bool, (int, np.integer), (float, np.floating)):
        if there and all(isinstance(cell, kind) for cell in there):
            filled = np.zeros(len(cells), dtype=np.array(there).dtype)
            filled[~gone] = there
            return None if filled.dtype.kind == "O" else np.ma.MaskedArray(filled, gone)
    return None


def _mask(column: Any) -> Any:
    return np.ma.getmaskarray(np.ma.asarray(column))


def _like(column: Any, cells: Any, name: str, meta: Mapping[str, Any] | None = None) -> Any:
    return column_of(
        name,
        np.ma.getdata(cells),
        np.ma.getmaskarray(cells),
        unit=column.info.unit,
        description=column.info.description,
        format=column.info.format,
        meta={**(meta or {}), **(column.info.meta or {})},
    )


def column_of(name: str, values: Any, mask: Any = None, **about: Any) -> Any:
    """A column, masked only where something is missing."""
    from astropy.table import Column, MaskedColumn

    if mask is None or not np.any(mask):
        return Column(values, name=name, **about)
    return MaskedColumn(values, mask=mask, name=name, **about)


def _mend(table: Any) -> list[Loss]:
    """Take out of ``meta`` what has the name of a VOTable's part, but not its form."""
    losses = []
    for key in [*ELEMENTS, *ABOUT]:
        value = table.meta.get(key)
        is_known = _is_about(value) if key in ABOUT else _are_elements(value)
        if value is not None and not is_known:
            losses.append(Loss("about", key, _short(table.meta.pop(key))))
    for column in table.itercols():
        for key in ("links", "values", "more_values"):
            value = column.meta.get(key)
            is_known = _are_elements(value) if key == "links" else _is_values(value)
            if value is not None and not is_known:
                losses.append(Loss("note", column.name, f"{key}: {_short(column.meta.pop(key))}"))
    return losses


def _short(value: object) -> str:
    return str(value)[:60]


def _is_about(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _are_elements(value: object) -> bool:
    return isinstance(value, list) and all(
        _is_about(each)
        and all(_are_elements(held) if key == "elements" else _is_text(held) for key, held in each.items())
        for each in value
    )


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, _SCALARS)


def _is_values(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    limits = [value.get(key) for key in ("min", "max", "options") if value.get(key) is not None]
    return all(isinstance(limit, dict) for limit in limits) and all(
        isinstance(key, str) and (key in ("min", "max", "options") or _is_text(held)) for key, held in value.items()
    )


def sayable(table: Any) -> Any:
    """The table, its cells shared, with what a VOTable has no form for in ``meta`` as text (JSON)."""
    said = table.copy(copy_data=False)
    for key, value in table.meta.items():
        if key not in (*ELEMENTS, *ABOUT) and not isinstance(value, (*_SCALARS, type(None))):
            said.meta[key] = json.dumps(value, default=str, ensure_ascii=False)
    return said


def as_texts(column: Any) -> tuple[list[str], Any]:
    """Cells that are no plain values as text, arrays in JSON; and where there is none."""
    mask = _mask(column)
    missing = mask.all(axis=tuple(range(1, mask.ndim)))
    if column.dtype.kind == "U" and column.ndim == 1:
        return np.where(mask, "", np.ma.getdata(column)).tolist(), mask
    cells = np.ma.MaskedArray(np.ma.getdata(column), mask) if column.dtype.kind != "O" else column
    return ["" if gone else _as_text(cell) for cell, gone in zip(cells, missing, strict=True)], missing


def _as_text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, (np.ndarray, list, tuple)):
        return json.dumps(np.ma.asanyarray(cell).tolist(), default=str, ensure_ascii=False)
    return str(cell).strip("()") if isinstance(cell, (complex, np.complexfloating)) else str(cell)
