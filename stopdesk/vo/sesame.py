"""Reads the answers of Sesame, the name resolver of CDS: for each name where it is, or what it may be.

The document is that of ``nph-sesame/-ox`` (schema ``sesame_4x.xsd`` of CDS): a ``Target`` a name, in it a ``Resolver``
a data base that knows it, with ``jradeg``, ``jdedeg``, ``oname`` and ``otype``; INFO and ERROR are words for people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pydantic import ValidationError

from stopdesk.domain.target import Position, Target, parted
from stopdesk.errors import Malformed
from stopdesk.net.answer import host_of
from stopdesk.net.documents import BadXml, attributes, is_html, local_name, parse_xml, server_words, shorten

#: More candidates than these are not listed.
_MOST_CHOICES = 50

_LIST = re.compile(r"multiple[^:\[]*[:\[]*\s*\[?(?P<names>[^\]]*)", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """What Sesame says of one name: targets that lie apart, names to ask for instead, or why there are none."""

    name: str
    targets: tuple[Target, ...] = ()
    choices: tuple[str, ...] = ()
    said: str = ""


def read_sesame(document: bytes, url: str, names: Sequence[str]) -> tuple[Found, ...]:
    """What is said of each of these names, in their order; Malformed when this is no answer of Sesame."""
    if is_html(document):
        raise Malformed(f"{host_of(url)} sent a web page in place of positions: {server_words(document)}", url=url)
    try:
        root = parse_xml(document)
    except BadXml as error:
        raise Malformed(f"What {host_of(url)} sent is no answer of Sesame: {error}.", url=url) from error
    elements = [element for element in root.iter() if local_name(element.tag) == "Target"]
    if local_name(root.tag) != "Sesame" or not elements:
        raise Malformed(f"What {host_of(url)} sent is no answer of Sesame.", url=url)
    if len(elements) == len(names):
        return tuple(_found(name, element) for name, element in zip(names, elements, strict=True))
    by_name = {_key(_text(element, "name")): element for element in elements}
    missing = Element("Target")
    return tuple(_found(name, by_name.get(_key(name), missing)) for name in names)


def _key(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _text(element: Element, name: str) -> str:
    """The text of the first child of that name."""
    for child in element:
        if local_name(child.tag) == name:
            return " ".join("".join(child.itertext()).split())
    return ""


def _found(name: str, element: Element) -> Found:
    targets = []
    said = [_text(element, what) for what in ("ERROR", "INFO")]
    for resolver in element:
        if local_name(resolver.tag) != "Resolver":
            continue
        said += [_text(resolver, what) for what in ("ERROR", "INFO")]
        target = _target(name, resolver)
        if target is not None:
            targets.append(target)
    words = [shorten(text.strip("* ")) for text in said if text]
    apart = parted(targets)
    choices = () if len(apart) == 1 else _choices(words)
    return Found(name, apart, choices, " ".join(dict.fromkeys(words)))


def _target(name: str, resolver: Element) -> Target | None:
    """Where one data base sees the name; None where it does not say."""
    try:
        position = Position(ra=float(_text(resolver, "jradeg")), dec=float(_text(resolver, "jdedeg")))
    except (ValueError, ValidationError):
        return None
    origin = attributes(resolver).get("name", "").partition("=")[2] or attributes(resolver).get("name", "")
    main_name = _text(resolver, "oname").replace("{", "").replace("}", "")
    return Target(
        name=name,
        position=position,
        source=shorten(origin),
        main_name=shorten(main_name),
        object_type=_text(resolver, "otype"),
    )


def _choices(words: Sequence[str]) -> tuple[str, ...]:
    """The names listed where a resolver says that there are multiple objects."""
    for text in words:
        match = _LIST.search(text)
        if match is not None:
            names = (name.strip(" \"'") for name in match["names"].split(","))
            return tuple(dict.fromkeys(name for name in names if name))[:_MOST_CHOICES]
    return ()
