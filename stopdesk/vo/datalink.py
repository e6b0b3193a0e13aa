"""What belongs to an observation: the links in a document of DataLink 1.1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import numpy as np

#: The link to the observation itself (DataLink 1.1, section 3.2.6).
THIS = "#this"

#: The media type of a document of links (DataLink 1.1, section 3.3).
MEDIA_TYPE = "application/x-votable+xml;content=datalink"


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


def is_datalink(media_type: str) -> bool:
    """Whether this is the media type of a document of links, however it is written."""
    return "content=datalink" in media_type.lower().replace(" ", "").replace('"', "")


def read_links(table: Any, url: str) -> tuple[Link, ...]:
    """The links in the table of a DataLink document, fetched from ``url``; those to services are left out.

    A service is asked with parameters, which a link to a file has none of.
    """
    names = {name.lower(): name for name in table.colnames}

    def cell(row: Any, name: str) -> str:
        value = row[names[name]] if name in names else ""
        return "" if value is None or value is np.ma.masked else " ".join(str(value).split())

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


def of_the_observation(links: Sequence[Link]) -> tuple[Link, ...]:
    """The links to the observation itself, those that work."""
    return tuple(link for link in links if link.semantics == THIS and link.url and not link.fault)
