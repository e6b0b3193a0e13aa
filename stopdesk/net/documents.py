"""Reads XML written by strangers without letting it do anything, and finds a server's own words in an error page."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from typing import Protocol, TypeVar
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

#: Bounds on what is read: deeper or longer is no document of ours. A list of 100,000 jobs has some 500,000 elements.
MAX_DEPTH = 100
MAX_ELEMENTS = 2_000_000

#: Bound on a single tag, comment or the like, in bytes; text may be of any length.
MAX_TOKEN = 1_000_000
_PIECE = 65536

#: How much of a server's words goes into a sentence.
MAX_WORDS = 300

#: Patterns for strangers' documents never try a place twice: a few bytes could hold the whole program up for hours.
_HTML_START = re.compile(rb"<!doctype\s+html|<html", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)?[^<>]*>?")
_OF_A_PAGE = 65536
_OF_A_MESSAGE = 4000

T_co = TypeVar("T_co", covariant=True)


class BadXml(ValueError):
    """A document that is not well-formed, or that asks for what we refuse; the text says what, as half a sentence."""


class Target(Protocol[T_co]):
    """Takes a document piece by piece, as `xml.etree.ElementTree.TreeBuilder` does; ``close`` gives what it made."""

    def start(self, tag: str, attrs: dict[str, str], /) -> object:
        """An element begins."""

    def end(self, tag: str, /) -> object:
        """An element ends."""

    def data(self, data: str, /) -> object:
        """Text; perhaps a part only."""

    def close(self) -> T_co:
        """The document has ended."""


@lru_cache(maxsize=1024)  # a list of jobs has five different names, and each of them 50,000 times
def local_name(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


def attributes(element: Element) -> dict[str, str]:
    """The attributes by local name; where two agree, the one without a prefix counts."""
    prefixed = {local_name(name): value for name, value in element.items() if ":" in name}
    return prefixed | {name: value for name, value in element.items() if ":" not in name}


def is_html(document: bytes) -> bool:
    """Whether a document is a page for people."""
    start = document[:4096].lstrip()
    while start.startswith(b"<!--"):
        start = start.partition(b"-->")[2].lstrip()
    return _HTML_START.match(start) is not None


def parse_xml(document: bytes) -> Element:
    """The root element of a document; names keep their prefixes, which need not be declared.

    There is no DTD, no entity beyond XML's own five, nothing is fetched; depth, number of elements and length of tags
    are bounded: anything else is `BadXml`. Bytes that are not the UTF-8 they claim to be are read as Latin-1.
    """
    return parse_into(TreeBuilder, document)


def parse_into(target: Callable[[], Target[T_co]], document: bytes) -> T_co:
    """What a target makes of a document, under the same rules as `parse_xml`; no tree is built.

    ``target`` makes a fresh one for each attempt.
    """
    document = document.lstrip(b" \t\r\n")
    if not document:
        raise BadXml("it is empty")
    try:
        return _parse(target(), document, None)
    except expat.ExpatError as error:
        if error.code == expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN] and not _is_utf8(document):
            try:
                return _parse(target(), document, "iso-8859-1")
            except (expat.ExpatError, ValueError):
                pass
        raise BadXml(f"it is not well-formed XML ({error})") from error
    except (LookupError, UnicodeError) as error:
        raise BadXml(f"its encoding is unknown ({error})") from error


def _is_utf8(document: bytes) -> bool:
    try:
        document.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse(target: Target[T_co], document: bytes, encoding: str | None) -> T_co:
    """One pass of expat over the whole document."""
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True
    begin, finish = target.start, target.end
    depth = count = 0

    def start(name: str, attrs: dict[str, str]) -> None:
        nonlocal depth, count
        depth += 1
        count += 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise BadXml("it is nested too deeply or too long")
        begin(name, attrs)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        finish(name)

    def refuse(*_: object) -> None:
        raise BadXml("it has a document type declaration, which is refused for safety")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = target.data
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    # piece by piece, as the window stands still while expat is at work
    for at in range(0, len(document), _PIECE):
        parser.Parse(document[at : at + _PIECE], False)
        if at - parser.CurrentByteIndex > MAX_TOKEN:
            raise BadXml("a tag or a comment in it is too long")
    parser.Parse(b"", True)
    return target.close()


def votable_error(root: Element) -> str | None:
    """What a VOTable says went wrong (DALI 1.1, section 4.4.2), with its hint; None when it reports no error.

    Simple Cone Search says it with ``<INFO name="Error" value="…">`` instead of QUERY_STATUS.
    """
    if local_name(root.tag).upper() != "VOTABLE":
        return None
    words: str | None = None
    hint = ""
    for info in root.iter():
        if local_name(info.tag).upper() not in ("INFO", "PARAM"):
            continue
        attrs = attributes(info)
        name, value, text = attrs.get("name", "").upper(), attrs.get("value", ""), "".join(info.itertext()).strip()
        if name == "QUERY_STATUS" and value.upper() in ("ERROR", "ABORTED"):
            words = text or words or "no reason given"
        elif name == "ERROR":
            words = words or text or value.strip() or "no reason given"
        elif name == "HINT" and text:
            hint = f" Hint: {text}"
    return None if words is None else words + hint


def server_words(body: bytes, *, limit: int = MAX_WORDS) -> str:
    """A server's own words in an error answer, as one line of plain text of at most ``limit`` characters.

    From a VOTable its error, from a page for people its title and first message, else the first lines of text.
    """
    if is_html(body):
        return shorten(_page_words(body), limit)
    text = body.decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        try:
            root = parse_xml(body)
        except BadXml:
            return shorten(_TAG.sub(" ", text), limit)
        if local_name(root.tag).lower() == "html":
            return shorten(_page_words(body), limit)
        return shorten(votable_error(root) or "".join(root.itertext()), limit)
    return shorten(text, limit)


def shorten(text: str, limit: int = MAX_WORDS) -> str:
    """The text on one line, without control characters, cut at ``limit`` characters."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _page_words(body: bytes) -> str:
    """Title and message of an HTML page; OPUS says the reason in <pre>, DaCHS and vollt in the first paragraph."""
    page = body[:_OF_A_PAGE].decode("utf-8", "replace")
    found = _page_texts(page)
    parts = [found.get("title", ""), found.get("pre") or found.get("p", "")]
    return ": ".join(part for part in parts if part) or "a web page"


def _page_texts(page: str) -> dict[str, str]:
    """The texts of the title, the first <pre> and the first paragraph of a page; each place is looked at once."""
    pieces: dict[str, list[str]] = {}
    opened, at = "", 0
    while at < len(page):
        start = page.find("<", at)
        start = len(page) if start < 0 else start
        if opened:
            pieces[opened].append(page[at:start])
        tag = _TAG.match(page, start)
        if tag is None:
            break
        name = (tag[2] or "").lower()
        at = tag.end()
        if page.startswith("<!--", start):
            at = _behind(page, "-->", start + 4)
        elif name in ("script", "style") and not tag[1]:
            at = _behind(page, f"</{name}", at)
        elif not name and not page.startswith("<!", start) and opened:
            pieces[opened].append(tag[0])  # a plain "less than"
        elif not tag[1] and name in ("title", "pre", "p") and name not in pieces:
            opened, pieces[name] = name, []
        elif tag[1] and name == opened:
            opened = ""
    # a number of thousands of digits between & and ; is no character
    return {name: unescape("".join(texts)[:_OF_A_MESSAGE]).strip() for name, texts in pieces.items()}


def _behind(page: str, mark: str, at: int) -> int:
    """Where the page goes on behind a mark; its end where there is none."""
    found = page.find(mark, at)
    return len(page) if found < 0 else found + len(mark)
