"""Writes a VOTable 1.4: its elements as they are, and the rows of its tables."""

from __future__ import annotations

import binascii
import gzip
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape, quoteattr

from stopdesk.formats.votable import binary_writer
from stopdesk.formats.votable.layouts import Outgoing, Serialization
from stopdesk.formats.votable.model import Element

VERSION = "1.4"
_NAMESPACE = "http://www.ivoa.net/xml/VOTable/v1.3"  # 1.4 kept the namespace of 1.3
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 cannot hold

#: gzip's level: higher ones cost much time and save little.
_LEVEL = 4

#: What may be empty and says something all the same.
_MAY_BE_EMPTY = ("value", "name")


def write_tree(
    root: Element, tables: Mapping[int, Sequence[Outgoing]], put: Callable[[bytes], object], how: Serialization
) -> None:
    """Give the document to ``put`` piece by piece; ``tables`` are the columns of each TABLE by its index.

    The FIELDs of those tables are what their columns say.
    """
    put(b'<?xml version="1.0" encoding="UTF-8"?>\n')
    about = {"version": VERSION, "xmlns": _NAMESPACE, "ID": root.get("ID")}
    put(f"<VOTABLE{_attributes(about)}>\n".encode())
    count = iter(range(1 << 30))
    for child in root.children:
        _put(child, tables, put, how, count)
    put(b"</VOTABLE>\n")


def _put(
    element: Element,
    tables: Mapping[int, Sequence[Outgoing]],
    put: Callable[[bytes], object],
    how: Serialization,
    count: Iterator[int],
) -> None:
    if element.name == "TABLE":
        _put_table(element, tables.get(next(count), ()), put, how)
    elif element.name == "RESOURCE":
        put(f"<RESOURCE{_attributes(element.attributes)}>\n".encode())
        for child in element.children:
            _put(child, tables, put, how, count)
        put(b"</RESOURCE>\n")
    else:
        put(_text_of(element).encode())


def _put_table(table: Element, columns: Sequence[Outgoing], put: Callable[[bytes], object], how: Serialization) -> None:
    n_rows = len(columns[0].values) if columns else int(table.get("nrows") or 0)
    about = {key: text for key, text in table.attributes.items() if key != "nrows"}
    put(f'<TABLE{_attributes(about)} nrows="{n_rows}">\n'.encode())
    at_data = next((i for i, child in enumerate(table.children) if child.name == "DATA"), len(table.children))
    for child in (child for child in table.children[:at_data] if child.name != "LINK"):
        put(_text_of(child).encode())
    for column in columns:
        put(_text_of(column.about).encode())
    for child in (child for child in table.children[:at_data] if child.name == "LINK"):
        put(_text_of(child).encode())
    if columns:
        _put_rows(columns, n_rows, put, how)
    for child in table.children[at_data + 1 :]:
        put(_text_of(child).encode())
    put(b"</TABLE>\n")


def _put_rows(columns: Sequence[Outgoing], n_rows: int, put: Callable[[bytes], object], how: Serialization) -> None:
    if how == "tabledata":
        put(b"<DATA><TABLEDATA>\n")
        if n_rows:
            from stopdesk.formats.votable import tabledata_writer  # late: needs Arrow

            for text in tabledata_writer.blocks(columns, n_rows):
                put(bytes(text))
        put(b"</TABLEDATA></DATA>\n")
        return
    name = how.upper()
    put(f'<DATA><{name}><STREAM encoding="base64">\n'.encode())
    left = b""
    for block in binary_writer.blocks(columns, n_rows, flags=how == "binary2"):
        block = left + block
        whole = len(block) // 3 * 3
        left = block[whole:]
        put(binascii.b2a_base64(memoryview(block)[:whole]))
    if left:
        put(binascii.b2a_base64(left))
    put(f"</STREAM></{name}></DATA>\n".encode())


def _text_of(element: Element) -> str:
    """An element without rows, with all in it."""
    inside = escape(_clean(element.text.strip())) + "".join(_text_of(child) for child in element.children)
    needed = {"value": ""} if element.name in ("INFO", "PARAM") else {}
    about = _attributes({**element.attributes, **{key: element.get(key) for key in needed}})
    end = "" if element.name in ("DESCRIPTION", "MIN", "MAX", "OPTION") else "\n"
    return f"<{element.name}{about}>{inside}</{element.name}>{end}" if inside else f"<{element.name}{about}/>{end}"


def _attributes(attributes: Mapping[str, str]) -> str:
    return "".join(
        f" {name}={quoteattr(_clean(text))}" for name, text in attributes.items() if text or name in _MAY_BE_EMPTY
    )


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)


@contextmanager
def writing(target: Path | BinaryIO) -> Iterator[Callable[[bytes], object]]:
    """What takes the bytes of a file; a path is there when all is written, and not before, packed as .gz.

    Raises OSError where the path cannot be written, which is then as it was.
    """
    if not isinstance(target, Path):
        yield target.write
        return
    unfinished = target.with_name(target.name + ".part")
    try:
        with unfinished.open("wb") as file:
            if target.suffix == ".gz":
                with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
                    yield packed.write
            else:
                yield file.write
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
