"""An astropy Table as the elements and columns of a VOTable; `to_astropy` says what stands where in ``meta``."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from stopdesk.errors import InputError
from stopdesk.formats.votable.layouts import Outgoing, Serialization, outgoing
from stopdesk.formats.votable.model import Column, Element
from stopdesk.formats.votable.to_astropy import LISTS

#: Attributes of a FIELD that are kept in ``column.meta``, and of a TABLE in ``table.meta``.
_OF_FIELD = ("ID", "ref", "ucd", "utype", "xtype", "width", "precision", "type")
_OF_TABLE = ("ID", "name", "ref", "ucd", "utype")
_OF_RESOURCE = ("ID", "name", "type", "utype")

#: The order that the schema wants within an element.
_ORDER = ("INFO", "COOSYS", "TIMESYS", "GROUP", "PARAM", "LINK")


def element_of(about: Mapping[str, Any], name: str) -> Element:
    """The element that a dictionary in ``meta`` stands for."""
    skipped = ("description", "text", "elements", "element", "of", "after")
    attributes = {key: str(text) for key, text in about.items() if key not in skipped and text is not None}
    children = tuple(element_of(each, str(each.get("element", "PARAM"))) for each in about.get("elements", ()))
    return Element(name, attributes, str(about.get("text", "")), (*_description(about.get("description")), *children))


def _description(text: object) -> tuple[Element, ...]:
    return (Element("DESCRIPTION", text=str(text)),) if text else ()


def tree_of(meta: Mapping[str, Any]) -> Element:
    """The VOTABLE with one RESOURCE and one TABLE without columns that ``meta`` describes."""
    table = Element("TABLE", _attributes(meta, _OF_TABLE), children=_around(meta, "TABLE", Element("DATA")))
    about = meta.get("resource", {"type": "results"})
    attributes = _attributes(about, _OF_RESOURCE)
    inside = _around({**meta, "description": about.get("description")}, "RESOURCE", table)
    resource = Element("RESOURCE", attributes, children=inside)
    about = meta.get("votable") or {}
    outside = _around({**meta, "description": about.get("description")}, "VOTABLE", resource)
    return Element("VOTABLE", _attributes(about, ("ID",)), children=outside)


def _attributes(about: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    return {name: str(about[name]) for name in names if about.get(name) is not None}


def _around(meta: Mapping[str, Any], of: str, inner: Element) -> tuple[Element, ...]:
    """The children of an element: what is said of it, the one that leads to the rows, and what follows that."""
    before: list[Element] = []
    after: list[Element] = []
    for key, name in LISTS.items():
        for about in meta.get(key) or ():
            if about.get("of", "TABLE") == of:
                (after if about.get("after") else before).append(element_of(about, name))
    before.sort(key=lambda element: _ORDER.index(element.name))
    if of == "TABLE":
        before += _other_meta(meta)
        before.sort(key=lambda element: element.name != "INFO")
    others = [element_of(about, "RESOURCE") for about in meta.get("resources") or () if about.get("of") == of]
    return (*_description(meta.get("description")), *before, inner, *others, *after)


def _other_meta(meta: Mapping[str, Any]) -> list[Element]:
    """What other formats keep in ``meta``: plain values by name, each as an INFO."""
    known = {*LISTS, *_OF_TABLE, "description", "resources", "resource", "votable", "QUERY_STATUS", "truncated"}
    return [
        Element("INFO", {"name": str(name), "value": str(value)})
        for name, value in meta.items()
        if name not in known and not str(name).startswith("__") and isinstance(value, (str, int, float))
    ]


def columns_of(table: Any, serialization: Serialization) -> list[Outgoing]:
    """The columns of a Table. Raises InputError for what a VOTable cannot hold."""
    return [_column(table, name, serialization) for name in table.colnames]


def _column(table: Any, name: str, serialization: Serialization) -> Outgoing:
    from astropy.time import Time
    from astropy.units import Quantity

    column = table[name]
    meta = dict(column.info.meta or {})
    unit = column.info.unit
    if isinstance(column, Time):
        meta.setdefault("xtype", "timestamp")
        mask = np.ma.getmaskarray(column.isot) if column.masked else None
        values = np.asarray(np.ma.getdata(np.ma.asarray(column.isot)) if mask is None else column.unmasked.isot)
    elif isinstance(column, (np.ndarray, Quantity)):
        mask = getattr(column, "mask", None)
        unmasked = getattr(column, "unmasked", None)
        values = np.asarray(np.ma.getdata(column) if unmasked is None else unmasked)
        mask = None if mask is None or mask is np.ma.nomask else np.asarray(mask)
    else:
        raise InputError(
            f"Column {name} is a {type(column).__name__}, which a VOTable cannot keep; "
            "give its parts columns of their own."
        )
    attributes = {"name": name, **_attributes(meta, _OF_FIELD)}
    if unit is not None and (text := unit_text(unit)):
        attributes["unit"] = text
    children = (
        *_description(column.info.description),
        *(_values(meta[key]) for key in ("values", "more_values") if meta.get(key)),
        *(element_of(link, "LINK") for link in meta.get("links") or ()),
    )
    hints = {
        "datatype": meta.get("_votable_string_dtype") or meta.get("_votable_datatype"),
        "arraysize": meta.get("_votable_arraysize"),
    }
    known = {key: str(text) for key, text in hints.items() if text}
    return outgoing(Column(Element("FIELD", attributes, children=children), values, mask), serialization, known)


def unit_text(unit: Any) -> str:
    """A unit as VOUnits write it, or as it is where they have no words for it."""
    from astropy.units import Unit, UnrecognizedUnit

    unit = Unit(unit, parse_strict="silent") if isinstance(unit, str) else unit
    if isinstance(unit, UnrecognizedUnit):
        return str(unit)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(unit.to_string(format="vounit"))
        except (ValueError, TypeError):
            return str(unit)


def _values(values: Mapping[str, Any]) -> Element:
    attributes = _attributes(values, ("ID", "type", "null", "ref"))
    children = []
    for key in ("min", "max"):
        if values.get(key) is not None:
            limit = values[key]
            is_inclusive = str(limit.get("inclusive", True)).lower() not in ("no", "false")
            about = {"value": _text(limit.get("value"))} | ({} if is_inclusive else {"inclusive": "no"})
            children.append(Element(key.upper(), about))
    for name, value in (values.get("options") or {}).items():
        about = {"value": _text(value)} | ({} if name in (None, value) else {"name": str(name)})
        children.append(Element("OPTION", about))
    return Element("VALUES", attributes, children=tuple(children))


def _text(value: object) -> str:
    return str(value.item() if isinstance(value, np.generic) else value)
