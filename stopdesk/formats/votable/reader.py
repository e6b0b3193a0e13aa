"""Reads a VOTable from its first byte to its last: elements by expat, rows by the codec of their serialisation."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator

import numpy as np

from stopdesk.errors import Cancelled
from stopdesk.formats.votable.elements import Elements
from stopdesk.formats.votable.model import Column, Document, Element, UnusualError
from stopdesk.formats.votable.rows import Rows
from stopdesk.formats.votable.source import Source

#: Text of rows that is decoded together: enough for numpy, little enough for the processor's cache.
_BLOCK = 1 << 21

#: Rows that expat reads are kept as text up to this many.
_ODD_ROWS = 5000

#: A tag longer than this is none.
_LONGEST_TAG = 1 << 20

#: A number of rows with more digits is none.
_DIGITS = 19

_BEGIN = re.compile(rb"<(?:[\w.-]+:)?(?:STREAM|TABLEDATA)(?=[\s/>])")
_END = re.compile(rb"</(?:[\w.-]+:)?(?:STREAM|TABLEDATA)\s*>")
_TAG_END = re.compile(rb"(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
#: What is looked at to find the end of TABLEDATA: spaces before it, and its prefix, are not longer.
_LONGEST_END = 1000


def _dense(text: bytes) -> bytes:
    """base64 without what may stand between its letters."""
    text = text.replace(b"\n", b"")
    return text.translate(None, b" \t\r") if any(space in text for space in (b" ", b"\t", b"\r")) else text


class Reader:
    """Reads one source; ``wanted`` is asked for each TABLE by its index, itself, and the type of its RESOURCE.

    With ``keep`` the rows that have come before a cancel are given, as truncated; Cancelled is raised where none have.
    """

    def __init__(
        self,
        source: Source,
        *,
        wanted: Callable[[int, Element, str], bool],
        max_rows: int | None = None,
        progress: Callable[[int], object] | None = None,
        keep: bool = False,
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._max_rows = max_rows
        self._progress = progress
        self._elements = Elements(source.where)
        self._chunks: Iterator[bytes] = iter(())
        self._buffer = bytearray()
        self._columns: dict[int, tuple[Column, ...]] = {}
        self._fields: dict[str, tuple[Element, ...]] = {}
        self._truncated = False
        self._keep = keep
        self._given_up: Cancelled | None = None

    def read(self) -> Document:
        """The document. Raises FileError, and UnusualError for what this codec does not know."""
        self._chunks = self._source.chunks()
        while not self._truncated and self._advance():
            self._read_rows()
        if self._given_up is not None and not self._truncated:  # before there were any rows
            raise self._given_up
        if not self._truncated:  # else what follows is not waited for
            self._elements.feed(b"", last=True)
        return Document(self._elements.tree(), self._columns, self._truncated)

    @property
    def was_cancelled(self) -> bool:
        """Whether the rows are those that had come before a cancel."""
        return self._given_up is not None

    def _more(self) -> bool:
        try:
            chunk = next(self._chunks, None)
        except Cancelled as error:
            if not self._keep:
                raise
            self._given_up = error
            return False
        if chunk is not None:
            self._buffer += chunk
        return chunk is not None

    def _advance(self) -> bool:
        """Follow the elements to where rows begin; whether there are any (more)."""
        buffer = self._buffer
        start = 0
        while True:
            found = _BEGIN.search(buffer, start)
            ended = _TAG_END.match(buffer, found.start()) if found else None
            if found and ended:
                is_empty = buffer[ended.end() - 2 : ended.end() - 1] == b"/"
                self._feed(ended.end())
                if self._elements.data and not is_empty:
                    return True
                start = 0
                continue
            if not found:  # what may be the beginning of such a tag waits for its end
                last = buffer.rfind(b"<")
                self._feed(last if last >= 0 and len(buffer) - last < _LONGEST_TAG else len(buffer))
            elif len(buffer) - found.start() > _LONGEST_TAG:
                raise self._elements.refuse("has a tag that does not end.")
            if not self._more():
                self._feed(len(buffer))
                return False

    def _feed(self, size: int) -> None:
        if size:
            data = bytes(memoryview(self._buffer)[:size])
            del self._buffer[:size]
            self._elements.feed(data)

    def _skip(self, size: int) -> bytes:
        """Take bytes that the elements do not see."""
        data = bytes(memoryview(self._buffer)[:size])
        self._pass(data)
        return data

    def _pass(self, data: bytes) -> None:
        """The elements do not see this, the beginning of the buffer."""
        del self._buffer[: len(data)]
        self._elements.skipped_lines += int(np.count_nonzero(np.frombuffer(data, np.uint8) == ord("\n")))

    def _read_rows(self) -> None:
        """The rows that begin here."""
        elements = self._elements
        index = elements.n_tables - 1
        data = elements.data
        table, resource = elements.innermost("TABLE"), elements.innermost("RESOURCE")
        if not self._wanted(index, table, resource.get("type")):
            self._pass_over()
            return
        fields = self._table_fields()
        stream = elements.path[-1].attributes
        if data not in (["DATA", "TABLEDATA"], ["DATA", "BINARY", "STREAM"], ["DATA", "BINARY2", "STREAM"]):
            raise UnusualError(f"has rows in {data[1] if len(data) > 1 else data}")
        if data[1] != "TABLEDATA" and stream.get("encoding", "base64") != "base64":
            raise UnusualError(f"has rows in the encoding {stream['encoding'][:40]!r}")
        if not fields:
            raise elements.refuse("has rows, but no columns.")
        rows = Rows(fields, elements, max_rows=self._max_rows, progress=self._progress)
        if data[1] == "TABLEDATA":
            self._source.forget()
            self._read_text(rows)
        else:
            self._read_base64(rows, flags=data[1] == "BINARY2")
        declared = table.get("nrows").strip()
        is_whole = not rows.truncated and self._given_up is None
        if declared.isdecimal() and len(declared) < _DIGITS and int(declared) > rows.count and is_whole:
            raise rows.refuse(f"should have {int(declared):,} rows and has {rows.count:,}; it is not complete.")
        self._columns[index] = rows.columns()
        self._truncated = rows.truncated or (self._given_up is not None and rows.count > 0)

    def _table_fields(self) -> tuple[Element, ...]:
        """The FIELDs of the table that is open, its own or those of the one that it refers to."""
        table = self._elements.innermost("TABLE")
        fields = tuple(table.all("FIELD"))
        if not fields and (fields := self._fields.get(table.get("ref"), ())):
            self._elements.add(fields)
        self._fields[table.get("ID")] = fields
        return fields

    def _pass_over(self) -> None:
        """Rows that nobody wants."""
        while (end := _END.search(self._buffer)) is None:
            if len(self._buffer) > _LONGEST_END:
                self._skip(len(self._buffer) - _LONGEST_END)
            if not self._more():
                return
        self._skip(end.start())

    def _read_base64(self, rows: Rows, *, flags: bool) -> None:
        binary = rows.binary(flags=flags)
        self._source.forget()
        left = b""
        searched = 0
        while True:
            end = self._buffer.find(b"<", searched)
            searched = len(self._buffer)
            if end < 0 and searched < _BLOCK and self._more():
                continue
            searched = 0
            is_last = end >= 0 or not self._buffer
            text = left + _dense(self._skip(end if end >= 0 else len(self._buffer)))
            whole = len(text) if end >= 0 and self._given_up is None else len(text) // 4 * 4
            left = text[whole:]
            try:
                data = binascii.a2b_base64(memoryview(text)[:whole], strict_mode=True) if whole else b""
            except binascii.Error as error:
                raise rows.refuse(f"has rows that are not base64, after row {rows.count:,}: {error}.") from error
            rows.take(binary, data)
            if is_last or rows.truncated:
                break
            if len(data) % 3:
                raise rows.refuse(f"has base64 that goes on after its end, after row {rows.count:,}.")
        if not rows.truncated and self._given_up is None:
            if self._buffer and not self._buffer.startswith(b"</"):
                raise rows.refuse(f"has something else between its rows, after row {rows.count:,}.")
            if not self._buffer or not binary.is_whole:
                raise rows.refuse(
                    f"ends in the middle of row {rows.count + 1:,}; it was not written to its end, or is damaged."
                )

    def _read_text(self, rows: Rows) -> None:
        """Rows as text: plain ones block by block, all others through the elements."""
        closing = b"</" + self._elements.prefix + b"TR>"
        enough = _BLOCK
        while not rows.truncated:
            if len(self._buffer) < enough and self._more():
                continue
            if self._is_at_end():
                return
            cut = self._buffer.rfind(closing) + len(closing)
            if cut < len(closing):  # not one whole row
                enough = 2 * len(self._buffer)
                if self._more():
                    continue
                if self._given_up is not None:
                    return
                self._read_odd_text(rows)
                return
            if not self._took_plain(rows, cut):
                end = self._buffer.find(b"</" + self._elements.prefix + b"TABLEDATA", 0, cut)
                cut = self._buffer.rfind(closing, 0, end) + len(closing) if end >= 0 else cut
                if end < 0 or cut < len(closing) or not self._took_plain(rows, cut):
                    self._read_odd_text(rows)
                    return
            enough = _BLOCK

    def _is_at_end(self) -> bool:
        """Whether nothing but the end of TABLEDATA stands at the beginning of the buffer."""
        start = bytes(memoryview(self._buffer)[:_LONGEST_END]).lstrip()
        return start.startswith(b"</" + self._elements.prefix + b"TABLEDATA")

    def _took_plain(self, rows: Rows, cut: int) -> bool:
        """Take complete rows at the beginning of the buffer if they are of plain tags."""
        block, prefix = bytes(memoryview(self._buffer)[:cut]), self._elements.prefix
        plain = block.replace(b"<" + prefix, b"<").replace(b"</" + prefix, b"</") if prefix else block
        if not plain.isspace() and plain and not rows.take_plain(plain):
            return False
        self._pass(block)
        return True

    def _read_odd_text(self, rows: Rows) -> None:
        """Rows with comments and the like among them, to their end."""
        elements = self._elements
        while elements.data and not rows.truncated:
            end = self._buffer.find(b"</")
            end = self._buffer.find(b">", end) if end >= 0 else -1
            if end < 0:
                if not self._more():
                    if self._given_up is not None:
                        break
                    self._feed(len(self._buffer))
                    elements.feed(b"", last=True)
                continue
            self._feed(end + 1)
            if len(elements.rows) >= _ODD_ROWS and elements.path[-1].name == "TABLEDATA":
                rows.take_followed()
        rows.take_followed()
