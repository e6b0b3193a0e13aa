"""What belongs to an observation: the links in a document of DataLink 1.1, and the service that lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin

import numpy as np

#: The link to the observation itself (DataLink 1.1, section 3.2.6).
THIS = "#this"

#: The media type of a document of links (DataLink 1.1, section 3.3).
MEDIA_TYPE = "application/x-votable+xml;content=datalink"


#: The beginning of what a service of links is called, with the capability and its version behind it (section 2).
_STANDARD = "ivo://ivoa.net/std/datalink"


@dataclass(frozen=True)
class Link:
    """One row of the document: where something lies and what it is to the observation.

    ``semantics`` is a word of the vocabulary of DataLink, as ``#this`` or ``#preview``; ``size`` is in bytes, None
    where it is not said; ``fault`` is why there is nothing at it.
    """

    url: str
    semantics: str = ""
    content_type: str = ""
    description: str = ""
    size: int | None = None
    fault: str = ""

    @property
    def title(self) -> str:
        """The link in words."""
        words = self.description or self.semantics.lstrip("#").replace("-", " ") or self.url
        kind = f" ({self.content_type})" if self.content_type else ""
        return f"{words}{kind}"


@dataclass(frozen=True, eq=False)
class LinkService:
    """A service that lists the links of each row of a table.

    ``fixed`` are parameters with their values, ``cells`` parameters with the column, one cell a row, that gives theirs.
    """

    url: str
    fixed: tuple[tuple[str, str], ...]
    cells: tuple[tuple[str, Any], ...]

    def address(self, row: int) -> str:
        """The address of the links of a row; "" where the row lacks what is asked by."""
        values = [(name, _text(column[row])) for name, column in self.cells]
        if not all(value for _, value in values):
            return ""
        mark = "&" if "?" in self.url else "?"
        return f"{self.url}{'' if self.url.endswith(('?', '&')) else mark}{urlencode([*self.fixed, *values])}"


def link_service(table: Any) -> LinkService | None:
    """The service of links that an astropy Table says it has, in a service descriptor (section 4); None for none.

    The descriptor is a RESOURCE without a table in ``table.meta``, as `stopdesk.formats.votable` leaves it there.
    """
    found = (_described(each, table) for each in table.meta.get("resources") or () if _is_descriptor(each))
    return next((service for service in found if service is not None), None)


def _is_descriptor(resource: Mapping[str, Any]) -> bool:
    standard = _parameters(resource).get("standardid", {}).get("value", "")
    return str(resource.get("utype", "")).lower() == "adhoc:service" and standard.lower().startswith(_STANDARD)


def _parameters(element: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The PARAMs right below an element, by their names in lower case."""
    return {each.get("name", "").lower(): each for each in _below(element, "PARAM")}


def _below(element: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    return (each for each in element.get("elements", ()) if each.get("element") == kind)


def _described(resource: Mapping[str, Any], table: Any) -> LinkService | None:
    url = _parameters(resource).get("accessurl", {}).get("value", "").strip()
    groups = (group for group in _below(resource, "GROUP") if group.get("name", "").lower() == "inputparams")
    fixed, cells = [], []
    for parameter in (each for group in groups for each in _below(group, "PARAM")):
        name, value = parameter.get("name", ""), parameter.get("value", "")
        column = _referred(table, parameter.get("ref", ""))
        if column is not None:
            cells.append((name, column))
        elif value:
            fixed.append((name, value))
    is_whole = url.startswith(("http://", "https://")) and cells
    return LinkService(url, tuple(fixed), tuple(cells)) if is_whole else None


def _referred(table: Any, ref: str) -> Any:
    """The column with this ID, or without one with this name; None where there is none."""
    by_id = (column for column in table.itercols() if ref and column.meta.get("ID") == ref)
    return next(by_id, table[ref] if ref in table.colnames else None)


def is_datalink(media_type: str) -> bool:
    """Whether this is the media type of a document of links, however it is written."""
    return "content=datalink" in media_type.lower().replace(" ", "").replace('"', "")


def read_links(table: Any, url: str) -> tuple[Link, ...]:
    """The links in the table of a DataLink document, fetched from ``url``; those to services are left out.

    A service is asked with parameters, which a link to a file has none of.
    """
    names = {name.lower(): name for name in table.colnames}

    def cell(row: Any, name: str) -> str:
        return _text(row[names[name]]) if name in names else ""

    links = []
    for row in table:
        fault, address = cell(row, "error_message"), cell(row, "access_url")
        if cell(row, "service_def") or not (address or fault):
            continue
        size = cell(row, "content_length").partition(".")[0]
        semantics = cell(row, "semantics")
        links.append(
            Link(
                urljoin(url, address) if address else "",
                f"#{semantics.rpartition('#')[2]}" if semantics else "",
                cell(row, "content_type"),
                cell(row, "description"),
                int(size) if size.isdigit() and int(size) > 0 else None,
                fault,
            )
        )
    return tuple(links)


def _text(value: object) -> str:
    return "" if value is None or value is np.ma.masked else " ".join(str(value).split())


def of_the_observation(links: Sequence[Link]) -> tuple[Link, ...]:
    """The links to the observation itself, those that work."""
    return tuple(link for link in links if link.semantics == THIS and link.url and not link.fault)
