"""A table that was read, as an astropy Table with all that its VOTable says in ``meta``.

Where astropy's own reader has a place for something, it stands there. The layout, which `from_astropy` writes back:

``table.meta``
    ``ID``, ``name``, ``ref``, ``ucd``, ``utype``, ``description`` of the TABLE;
    ``infos``, ``params``, ``groups``, ``coosys``, ``timesys``, ``links``: lists of elements of the TABLE, and of its
    RESOURCEs and the VOTABLE, which have ``of`` (RESOURCE or VOTABLE), and ``after`` where they follow the table;
    ``resources``: RESOURCEs without tables (service descriptors); ``resource`` and ``votable``: what is said of the
    table's own RESOURCE and of the document; ``QUERY_STATUS``: what the service says of its answer (OK, OVERFLOW).

``column.meta``
    ``ID``, ``ref``, ``ucd``, ``utype``, ``xtype``, ``width``, ``precision``, ``type``; ``values`` with ``null``,
    ``min`` and ``max`` (each of ``value`` and ``inclusive``) and ``options`` (name: value), ``more_values`` for a
    second VALUES; ``links``; ``_votable_string_dtype`` and ``_votable_arraysize``, as astropy names them, for text and
    for cells of variable length.

An element in a list is a dictionary of its attributes, all text, with ``description``, ``text`` and ``elements``, its
children in the same form, each with its name as ``element``.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from stopdesk.formats.votable.model import NUMBERS, Column, Element, layout_of, null_of

#: The lists in ``table.meta`` and what stands in each.
LISTS = {
    "infos": "INFO",
    "params": "PARAM",
    "groups": "GROUP",
    "coosys": "COOSYS",
    "timesys": "TIMESYS",
    "links": "LINK",
}


def as_dict(element: Element) -> dict[str, Any]:
    """An element in the form it has in ``meta``."""
    about: dict[str, Any] = dict(element.attributes)
    if element.description:
        about["description"] = element.description
    if element.text.strip():
        about["text"] = element.text.strip()
    children = [child for child in element.children if child.name != "DESCRIPTION"]
    if children:
        about["elements"] = [{"element": child.name, **as_dict(child)} for child in children]
    return about


def table_of(columns: Sequence[Column], path: Sequence[Element]) -> Any:
    """The astropy Table of some columns; ``path`` are the elements from the VOTABLE to the TABLE."""
    from astropy.table import Column as AstropyColumn
    from astropy.table import MaskedColumn, Table

    names = unique_names([column.about for column in columns])
    made = []
    for name, column in zip(names, columns, strict=True):
        if column.mask is None or not column.mask.any():
            made.append(AstropyColumn(column.values, name=name, copy=False))
        else:
            made.append(MaskedColumn(column.values, name=name, mask=column.mask, copy=False))
        describe_column(made[-1], column.about)
        if (plain := column.about.get("name")) and plain != name:
            made[-1].meta["_votable_name"] = plain
    table = Table(made, copy=False)
    table.meta.update(meta_of(path))
    return table


def unique_names(fields: Sequence[Element]) -> list[str]:
    """The names of columns; where two agree, the later ones get a number, as astropy does it."""
    names: list[str] = []
    taken: set[str] = set()
    for i, about in enumerate(fields):
        plain = about.get("name") or about.get("ID") or f"col{i + 1}"
        name, number = plain, 2
        while name in taken:
            name, number = f"{plain}{number}", number + 1
        taken.add(name)
        names.append(name)
    return names


def describe_column(column: Any, about: Element) -> None:
    """Set what is said of a column."""
    left_out = ("name", "datatype", "arraysize", "unit")
    column.meta.update({key: text for key, text in about.attributes.items() if key not in left_out})
    if about.description:
        column.description = about.description
    if about.get("unit").strip():
        column.unit = unit_of(about.get("unit").strip())
    layout = layout_of(about)
    if layout.is_text:
        column.meta["_votable_string_dtype"] = layout.datatype
    elif layout.variable:
        column.meta["_votable_datatype"] = "boolean" if layout.datatype == "bit" else layout.datatype
    if layout.has_own_length:
        column.meta["_votable_arraysize"] = layout.arraysize
    values = [found for each in about.all("VALUES") if (found := _values(each, about))]
    for key, found in zip(("values", "more_values"), values, strict=False):
        column.meta[key] = found
    links = [as_dict(link) for link in about.all("LINK")]
    if links:
        column.meta["links"] = links


def unit_of(text: str) -> Any:
    """A unit of VOUnits, of CDS or of astropy; one that is none of these keeps its text."""
    from astropy import units

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for style in ("vounit", "cds", "generic"):
            try:
                return units.Unit(text, format=style)
            except (ValueError, TypeError):
                continue
        return units.Unit(text, parse_strict="silent")


def _values(values: Element, about: Element) -> dict[str, Any]:
    """VALUES in astropy's form, with numbers as numbers."""
    found: dict[str, Any] = {key: text for key, text in values.attributes.items() if key != "null"}
    if values.get("null"):
        null = null_of(Element("FIELD", about.attributes, children=(values,)))
        found["null"] = values.get("null") if null is None else null
    for key in ("min", "max"):
        for each in values.all(key.upper()):
            is_inclusive = each.get("inclusive").lower() not in ("no", "false")
            found[key] = {"value": _number(each.get("value"), about), "inclusive": is_inclusive}
    options = {each.get("name") or each.get("value"): each.get("value") for each in _options(values)}
    if options:
        found["options"] = options
    return found


def _options(element: Element) -> Iterator[Element]:
    for option in element.all("OPTION"):
        yield option
        yield from _options(option)


def _number(text: str, about: Element) -> str | int | float:
    datatype = about.get("datatype")
    if about.get("arraysize") or datatype not in NUMBERS:
        return text
    try:
        return float(text) if datatype in ("double", "float") else int(text)
    except ValueError:
        return text


def meta_of(path: Sequence[Element]) -> dict[str, Any]:
    """What is said of a table, of its RESOURCEs and of the document."""
    table = path[-1]
    meta: dict[str, Any] = {key: text for key, text in table.attributes.items() if key != "nrows"}
    if table.description:
        meta["description"] = table.description
    for i, element in enumerate(path):
        inner = path[i + 1] if i + 1 < len(path) else next(table.all("DATA"), None)
        is_after = False
        for child in _with_definitions(element):
            is_after |= child is inner
            key = next((key for key, name in LISTS.items() if name == child.name), None)
            place = {} if element is table else {"of": element.name}
            if key is not None:
                after = {"after": True} if is_after and child.name == "INFO" else {}
                meta.setdefault(key, []).append(as_dict(child) | place | after)
            elif child.name == "RESOURCE" and child is not inner and not _has_table(child):
                meta.setdefault("resources", []).append(as_dict(child) | place)
    meta["votable"] = _about(path[0])
    if len(path) > 2:
        meta["resource"] = _about(path[-2])
    status = query_status(path)
    if status is not None:
        meta["QUERY_STATUS"] = status[0]
    return meta


def _about(element: Element) -> dict[str, Any]:
    known = {key: text for key, text in element.attributes.items() if key.partition(":")[0] != "xmlns"}
    if element.description:
        known["description"] = element.description
    return known


def _with_definitions(element: Element) -> Iterator[Element]:
    """The children; those of DEFINITIONS, which VOTable 1.1 had, in its place."""
    for child in element.children:
        if child.name == "DEFINITIONS":
            yield from child.children
        else:
            yield child


def _has_table(resource: Element) -> bool:
    return any(child.name == "TABLE" or _has_table(child) for child in resource.all("TABLE", "RESOURCE"))


def query_status(path: Sequence[Element]) -> tuple[str, str] | None:
    """What a service says of its answer, and its words (DALI 1.1, section 4.4.2); None where it says nothing.

    The last word counts: rows may have been sent before. Simple Cone Search says ``<INFO name="Error" value="…">`` in
    place of a table.
    """
    status = None
    for element in path:
        for child in element.all("INFO", "PARAM"):
            name, value = child.get("name") or child.get("ID"), child.get("value").strip()
            words = child.text.strip() or child.description
            if name.upper() == "QUERY_STATUS":
                status = (value.upper(), words)
            elif name.upper() == "ERROR" and next(path[-1].all("FIELD"), None) is None and status is None:
                status = ("ERROR", words or value)
    return status
