"""Steps through the XML of a description: the right root, children by local name, their text."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from stopdesk.errors import Malformed, Refused
from stopdesk.net.answer import host_of
from stopdesk.net.documents import BadXml, is_html, local_name, parse_xml, shorten, votable_error


def root_of(document: bytes, url: str, expected: str) -> Element:
    """The root of a document where it is the expected one; a VOTable with an error is Refused in its words."""
    host = host_of(url)
    if is_html(document):
        raise Malformed(f"{host} has a web page where its {expected} could be.", url=url)
    try:
        root = parse_xml(document)
    except BadXml as bad:
        raise Malformed(f"{host} sent {expected} that cannot be read: {bad}.", url=url) from bad
    name = local_name(root.tag)
    error = votable_error(root)
    if error is not None:
        raise Refused(f"{host} says: {shorten(error)}", url=url)
    if name.lower() != expected.lower():
        raise Malformed(f"{host} sent <{shorten(name, 40)}> instead of {expected}.", url=url)
    return root


def children(element: Element) -> Iterator[tuple[str, Element]]:
    """The children with their local names."""
    for child in element:
        yield local_name(child.tag), child


def child_text(element: Element, name: str) -> str:
    """The text of the first child of that name, its ends trimmed; empty where there is none."""
    for found, child in children(element):
        if found == name:
            return "".join(child.itertext()).strip()
    return ""
