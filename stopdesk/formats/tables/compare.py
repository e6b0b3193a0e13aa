"""What of a table is not in another that was read back from a file: every loss, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from stopdesk.formats.tables.losses import Loss
from stopdesk.formats.tables.plain import ELEMENTS
from stopdesk.formats.votable.cells import as_array
from stopdesk.formats.votable.from_astropy import unit_text
from stopdesk.formats.votable.to_astropy import LISTS

_KINDS = {"b": "truth values", "U": "text", "O": "cells of various lengths"}
_NAMED = {"ucd": "UCD", "utype": "utype", "xtype": "xtype"}
_SAID = ("name", "ID", "description", "utype", "ucd", "ref")


def losses_between(table: Any, found: Any) -> tuple[Loss, ...]:
    """The losses; columns are compared in order, and there are as many."""
    losses = list(_of_meta(table.meta, found.meta))
    for column, other in zip(table.itercols(), found.itercols(), strict=True):
        if column.name != other.name:
            losses.append(Loss("name", column.name, f"is {other.name}"))
        losses += _of_description(column, other)
        losses += _of_cells(column, other)
    return tuple(losses)


def _of_description(column: Any, other: Any) -> Iterator[Loss]:
    name = column.name
    unit, kept = (unit_text(each.unit) if each.unit is not None else "" for each in (column, other))
    if unit and unit != kept:
        yield Loss("unit", name, unit)
    if column.description and " ".join(column.description.split()) != " ".join((other.description or "").split()):
        yield Loss("description", name)
    if column.info.format and column.info.format != other.info.format:
        yield Loss("note", name, f"shown as {column.info.format}")
    for key, said in column.meta.items():
        if key.startswith("_votable_") or said in (None, "", {}, []):
            continue
        if key in ("values", "more_values"):
            if _limits(said) != _limits(other.meta.get(key) or {}):
                yield Loss("VALUES", name)
        elif _normal(said) != _normal(other.meta.get(key)):
            yield Loss("LINK" if key == "links" else _NAMED.get(key, "note"), name, _detail(key, said))


def _detail(key: str, said: object) -> str:
    if key == "links":
        return ""
    return str(said) if key in _NAMED else f"{key}: {str(said)[:60]}"


def _limits(values: Mapping[str, Any]) -> str:
    """VALUES without the number that stands for null, which a format may choose."""
    return _normal({key: said for key, said in values.items() if key != "null"})


def _of_meta(meta: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Loss]:
    for key in ELEMENTS:
        left = [_normal(each) for each in found.get(key) or ()]
        for each in meta.get(key) or ():
            if _normal(each) in left:
                left.remove(_normal(each))
            else:
                yield Loss(
                    LISTS.get(key, "RESOURCE"), str(each.get("name") or each.get("ID") or each.get("href") or key)
                )
    for key in ("resource", "votable"):
        for word in _SAID:
            said = (meta.get(key) or {}).get(word)
            if said and _normal(said) != _normal((found.get(key) or {}).get(word)):
                yield Loss("about", f"{word} of the {'document' if key == 'votable' else 'resource'}", str(said)[:60])
    infos = {info.get("name") for info in found.get("infos") or ()}
    for key, said in meta.items():
        if key in (*ELEMENTS, "resource", "votable", "QUERY_STATUS") or said is None:
            continue
        is_info = key not in _SAID and key in infos
        if not is_info and _normal(said) != _normal(found.get(key)):
            yield Loss("about", str(key), str(said)[:60])


def _normal(said: Any) -> str:
    """Equal for what means the same: all values as text, blanks as they come out of XML."""
    if isinstance(said, Mapping):
        kept = {str(key): _normal(each) for key, each in said.items() if each is not None}
        return json.dumps(kept, sort_keys=True)
    if isinstance(said, (list, tuple)):
        return json.dumps([_normal(each) for each in said])
    return " ".join(str(said).split())


def _of_cells(column: Any, other: Any) -> Iterator[Loss]:
    name = column.name
    was, now = type_of(column), type_of(other)
    was_array, is_array = is_of_arrays(column), is_of_arrays(other)
    if was_array and (not is_array or (column.ndim > 1 and column.shape != other.shape)):
        yield Loss("array", name, f"now {now}")
    elif was != now:
        yield Loss("type", name, f"{was}, now {now}")
    missing, gone = _mask(column), _mask(other)
    if missing.shape != gone.shape:
        missing, gone = (mask.all(axis=tuple(range(1, mask.ndim))) for mask in (missing, gone))
    if lost := int(np.count_nonzero(missing & ~gone)):
        yield Loss("null", name, f"{lost:,}")
    if made := int(np.count_nonzero(gone & ~missing)):
        yield Loss("nan", name, f"{made:,}")
    if was_array == is_array and column.shape == other.shape:
        there = ~(missing | gone)
        changed = _changed(column, other, there)
        if changed:
            yield Loss("value", name, f"{changed:,}")


def is_of_arrays(column: Any) -> bool:
    """Whether the cells are arrays."""
    return bool(column.ndim > 1 or type_of(column).startswith("arrays"))


def type_of(column: Any) -> str:
    """The type of the cells, in words."""
    kind = column.dtype.kind
    if kind == "O":
        cells = [cell for cell, gone in zip(np.ma.getdata(column), _mask(column), strict=True) if not gone]
        if all(isinstance(cell, str) for cell in cells):
            return "text"
        arrays = [as_array(cell) for cell in cells]
        known = next((array for array in arrays if array.size), arrays[0])
        return f"arrays of {'text' if known.dtype.kind == 'U' else known.dtype.newbyteorder('=').name}"
    return _KINDS.get(kind) or str(column.dtype.newbyteorder("=").name)


def _mask(column: Any) -> Any:
    return np.ma.getmaskarray(np.ma.asarray(column))


def _changed(column: Any, other: Any, there: Any) -> int:
    """The number of cells that differ where both have a value."""
    before, after = np.ma.getdata(column)[there], np.ma.getdata(other)[there]
    if column.dtype.kind == "O" or other.dtype.kind == "O":
        return sum(not _is_same(cell, also) for cell, also in zip(before, after, strict=True))
    if column.dtype.kind == "U" or other.dtype.kind == "U":
        return 0 if column.dtype.kind != other.dtype.kind else int(np.count_nonzero(before != after))
    if before.dtype.kind in "fc" and after.dtype.kind in "fc":
        after = after.astype(before.dtype)
        return int(np.count_nonzero((before != after) & ~(np.isnan(before) & np.isnan(after))))
    return int(np.count_nonzero(before != after))


def _is_same(cell: Any, also: Any) -> bool:
    if isinstance(cell, str) or isinstance(also, str):
        return str(cell) == str(also)
    one, two = as_array(cell), as_array(also)
    if one.size == 0 == two.size:
        return True
    if one.shape != two.shape or (np.ma.getmaskarray(one) != np.ma.getmaskarray(two)).any():
        return False
    there = ~np.ma.getmaskarray(one)
    first, second = np.ma.getdata(one)[there], np.ma.getdata(two)[there]
    return bool(np.array_equal(first, second, equal_nan=first.dtype.kind in "fc" and second.dtype.kind in "fc"))
