"""Follows the elements of a VOTable without letting it do anything: no DTD, no entities, nothing fetched, all bounded.

XML is parsed by expat; rows are not meant to pass through it, apart from those that are more than plain tags.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from stopdesk.errors import FileError
from stopdesk.formats.votable.model import Element

#: Bounds on what is not rows: deeper, more, or longer is no table of ours.
MAX_DEPTH = 100
MAX_ELEMENTS = 250_000
MAX_TEXT = 64 << 20

#: What holds the rows of a table: their text is not followed here.
DATA_TAGS = ("STREAM", "TABLEDATA")


@dataclass
class _Open:
    """An element that has not ended."""

    name: str
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)


class Elements:
    """Builds the tree of a VOTable from the pieces fed to it; rows of TABLEDATA fed to it are collected on request."""

    def __init__(self, where: Path | str) -> None:
        self.where = where
        self.data: list[str] = []  # the names of the elements that lead to rows that begin now, DATA first
        self.n_tables = 0
        self.rows: list[list[str]] = []
        self.skipped_lines = 0
        self._root: Element | None = None
        self._path: list[_Open] = []
        self._hidden = 0  # how many elements deep in another standard's
        self._count = 0
        self._size = 0
        self._cell: list[str] | None = None
        self._prefix = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._parser = expat.ParserCreate("utf-8")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype
        self._parser.SkippedEntityHandler = self._refuse_entity

    @property
    def line(self) -> int:
        """The line that is being read, from 1."""
        return self._parser.CurrentLineNumber + self.skipped_lines

    @property
    def prefix(self) -> bytes:
        """What stands before the names of elements, with its colon."""
        return f"{self._prefix}:".encode() if self._prefix else b""

    @property
    def path(self) -> list[_Open]:
        """The elements that have not ended, the outermost first."""
        return self._path

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Follow another piece of the file; bytes that are no UTF-8 are read as Latin-1. Raises FileError."""
        text = self._decoder.decode(data, last)
        if not text.isascii() and any(0xDC80 <= ord(char) <= 0xDCFF for char in text):
            text = "".join(chr(ord(char) - 0xDC00) if 0xDC80 <= ord(char) <= 0xDCFF else char for char in text)
        try:
            self._parser.Parse(text, last)
        except expat.ExpatError as error:
            words = expat.ErrorString(error.code)
            what = "ends too early; it was not written to its end" if last else f"is no well-formed XML here ({words})"
            raise FileError(self.where, f"{what}.", line=error.lineno + self.skipped_lines) from error

    def innermost(self, name: str) -> Element:
        """The innermost element of that name that has not ended, so far; an empty one where there is none."""
        for each in reversed(self._path):
            if each.name == name:
                return Element(each.name, each.attributes, "".join(each.text), tuple(each.children))
        return Element(name)

    def add(self, fields: tuple[Element, ...]) -> None:
        """Give the TABLE that has not ended the FIELDs of another, which it refers to."""
        next(each for each in reversed(self._path) if each.name == "TABLE").children.extend(fields)

    def tree(self) -> Element:
        """The root with all that stands in it so far."""
        child = self._root
        for each in reversed(self._path):
            children = (*each.children, *([] if child is None else [child]))
            child = Element(each.name, each.attributes, "".join(each.text), children)
        assert child is not None
        return child

    def refuse(self, text: str) -> FileError:
        """The error at this place."""
        return FileError(self.where, text, line=self.line)

    def _refuse_doctype(self, *_: object) -> None:
        raise self.refuse("has a document type declaration, which a VOTable does not have and which is not safe.")

    def _refuse_entity(self, name: str, _: bool) -> None:
        raise self.refuse(f"has an entity &{name};, which a VOTable does not have.")

    def _start(self, qualified: str, attributes: dict[str, str]) -> None:
        prefix, _, name = qualified.rpartition(":")
        if not self._path:
            self._check_root(name, prefix, attributes)
        if self._in_rows():
            self._start_in_rows(name)
            return
        self._count += 1
        self._size += sum(map(len, attributes.values())) + 100
        if len(self._path) + self._hidden >= MAX_DEPTH:
            raise self.refuse(f"has elements nested more than {MAX_DEPTH} deep; that is no VOTable.")
        if self._count > MAX_ELEMENTS or self._size > MAX_TEXT:
            raise self.refuse("has more descriptions than fit a VOTable of any use.")
        if name == "STREAM" and any(key.rpartition(":")[2] == "href" for key in attributes):  # hidden ones too
            raise self.refuse("keeps its rows in another file; open that one, or save the table with its rows.")
        if self._hidden or (self._path and prefix != self._prefix):
            self._hidden += 1
            return
        self._path.append(_Open(name, {key.rpartition(":")[2]: value for key, value in attributes.items()}))
        if name == "TABLE":
            self.n_tables += 1
        elif name in DATA_TAGS:
            names = [each.name for each in self._path]
            self.data = names[names.index("DATA") :] if "DATA" in names else []

    def _check_root(self, name: str, prefix: str, attributes: dict[str, str]) -> None:
        if name.upper() != "VOTABLE":
            raise self.refuse(f"is no VOTable: its outermost element is <{name[:40]}>.")
        namespace = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
        if namespace and "votable" not in namespace.lower():
            raise self.refuse(f"is no VOTable: its elements are those of {namespace[:100]!r}.")
        self._prefix = prefix

    def _in_rows(self) -> bool:
        return bool(self._path) and self._path[-1].name in ("TABLEDATA", "TR", "TD") and not self._hidden

    def _start_in_rows(self, name: str) -> None:
        inside = self._path[-1].name
        if (inside, name) not in (("TABLEDATA", "TR"), ("TR", "TD")):
            raise self.refuse(f"has an element <{name[:40]}> among its rows.")
        self._path.append(_Open(name, {}))
        if name == "TR":
            self.rows.append([])
        else:
            self._cell = []

    def _characters(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)
        elif not self._hidden and self._path and self._path[-1].name not in (*DATA_TAGS, "TR"):
            self._size += len(text)
            if self._size > MAX_TEXT:
                raise self.refuse("has longer descriptions than fit a VOTable of any use.")
            self._path[-1].text.append(text)

    def _end(self, _: str) -> None:
        if self._hidden:
            self._hidden -= 1
            return
        ended = self._path.pop()
        if ended.name == "TD" and self._cell is not None:
            self.rows[-1].append("".join(self._cell))
            self._cell = None
        elif ended.name != "TR":
            element = Element(ended.name, ended.attributes, "".join(ended.text), tuple(ended.children))
            if self._path:
                self._path[-1].children.append(element)
            else:
                self._root = element
        if ended.name in DATA_TAGS:
            self.data = []
