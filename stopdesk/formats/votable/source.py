"""The bytes of a table as they arrive: from a file, from memory or from a server, unpacked, bounded, in UTF-8."""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from stopdesk.errors import Cancelled, FileError
from stopdesk.formats.votable.model import UnusualError

#: Bytes that are looked at together.
CHUNK = 1 << 18

#: More bytes than this, unpacked, are not read unless asked for.
MAX_BYTES = 8 << 30

#: What is kept of a stream to be read a second time by another reader.
_KEPT = 64 << 20

_ENCODING = re.compile(rb"\s*<\?xml[^>]*\bencoding\s*=\s*[\"']([\w.:-]+)[\"']")
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)*(<!doctype\s+html|<html)", re.IGNORECASE | re.DOTALL)
_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Source:
    """Gives the bytes of one table, once; ``where`` names it in errors."""

    def __init__(
        self,
        source: Path | bytes | BinaryIO,
        *,
        name: str,
        max_bytes: int,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self.where: Path | str = source if isinstance(source, Path) else name
        self._source = source
        self._max_bytes = max_bytes
        self._cancelled = cancelled
        self._kept: list[bytes] | None = None if isinstance(source, (Path, bytes)) else []
        self._rest: Iterator[bytes] = iter(())

    def forget(self) -> None:
        """No other reader will need what has been read so far."""
        if self._kept is not None:
            self._kept.clear()
            self._kept = None

    def again(self, limit: int) -> bytes:
        """All bytes from the start, unpacked, for another reader; UnusualError where they are gone or too many."""
        if isinstance(self._source, (Path, bytes)):
            chunks = self._bounded(_unpacked(self._raw(), self.where))
        elif self._kept is None:
            raise UnusualError("has rows of a kind that cannot be read while they arrive; save it to a file first")
        else:
            chunks = iter([*self._kept, *self._rest])
        whole = bytearray()
        for chunk in chunks:
            whole += chunk
            if len(whole) > limit:
                raise UnusualError("is too large for a table of its kind")
        return bytes(whole)

    def chunks(self) -> Iterator[bytes]:
        """The table piece by piece, in UTF-8. Raises FileError for what is no XML, and Cancelled."""
        self._rest = self._bounded(_unpacked(self._raw(), self.where))
        start = b""
        for chunk in self._keeping():
            start += chunk
            if len(start) >= 1024:
                break
        self._look_at(start)
        encoding = _encoding_of(start)
        if encoding == "utf-8":
            yield start
            yield from self._keeping()
            return
        try:
            decoder = codecs.getincrementaldecoder(encoding)()
            yield decoder.decode(start).encode()
            for chunk in self._keeping():
                yield decoder.decode(chunk).encode()
            yield decoder.decode(b"", True).encode()
        except (LookupError, UnicodeError) as error:
            raise FileError(self.where, f"is not in the encoding {encoding} that it names: {error}.") from error

    def _look_at(self, start: bytes) -> None:
        if not start.strip(b" \t\r\n\0"):
            raise FileError(self.where, "is empty; there is no table in it.")
        if _HTML.match(start):
            title = re.search(rb"<title[^>]*>([^<]{1,200})", start, re.IGNORECASE)
            words = f" ({' '.join(title[1].decode('utf-8', 'replace').split())})" if title else ""
            raise FileError(self.where, f"is a web page{words} and no VOTable. Is the address right?")

    def _keeping(self) -> Iterator[bytes]:
        """The rest; as long as another reader may need it, it is kept."""
        for chunk in self._rest:
            if self._kept is not None:
                self._kept.append(chunk)
                if sum(map(len, self._kept)) > _KEPT:
                    self.forget()
            yield chunk

    def _bounded(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        total = 0
        for chunk in chunks:
            if self._cancelled is not None and self._cancelled():
                raise Cancelled("Reading the table was cancelled.")
            total += len(chunk)
            if total > self._max_bytes:
                raise FileError(
                    self.where, f"is larger than {self._max_bytes:,} bytes, and no more are read. Ask for fewer rows."
                )
            yield chunk

    def _raw(self) -> Iterator[bytes]:
        if isinstance(self._source, Path):
            try:
                with self._source.open("rb") as file:
                    while chunk := file.read(CHUNK):
                        yield chunk
            except OSError as error:
                raise FileError(self.where, f"cannot be read ({error.strerror or error}).") from error
            return
        stream: BinaryIO = io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source
        while chunk := stream.read(CHUNK):
            yield chunk


def _encoding_of(start: bytes) -> str:
    """The encoding of an XML document, by its byte order mark or declaration."""
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if start.startswith(mark):
            return encoding
    if start[:4] in (b"<\0?\0", b"\0<\0?"):
        return "utf-16-le" if start[0] else "utf-16-be"
    declared = _ENCODING.match(start)
    named = declared[1].decode("ascii").lower() if declared else "utf-8"
    return "utf-8" if named in ("utf-8", "utf8", "us-ascii", "ascii") else named


def _unpacked(chunks: Iterator[bytes], where: Path | str) -> Iterator[bytes]:
    """The chunks, gunzipped where they are gzip, never more than a chunk at a time."""
    first = next(chunks, b"")
    while len(first) < 2 and (more := next(chunks, b"")):
        first += more
    if not first.startswith(b"\x1f\x8b"):
        yield first
        yield from chunks
        return
    unpacker = zlib.decompressobj(wbits=31)
    packed: bytes | None = first
    try:
        while packed is not None:
            if unpacker.eof:  # gzip files may follow each other
                packed = packed.lstrip(b"\0")
                unpacker = zlib.decompressobj(wbits=31) if packed else unpacker
            elif packed:
                if data := unpacker.decompress(packed, CHUNK):
                    yield data
                packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            if not packed:
                packed = next(chunks, None)
    except zlib.error as error:
        raise FileError(where, f"is packed with gzip, and damaged: {error}.") from error
    if not unpacker.eof:
        raise FileError(where, "is packed with gzip and ends too early; it was not written to its end.")
