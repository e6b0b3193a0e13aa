"""The bytes of files and results inside a session: by sha256, in pieces, packed where that saves room."""

from __future__ import annotations

import contextlib
import hashlib
import io
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from stopdesk.errors import FileError
from stopdesk.session.atomic import words

#: Bytes of a piece before packing; a piece a transaction, so that an autosave never waits long for a big file.
PIECE = 1 << 20

#: How the content of a piece is kept: as it is, or by zlib.
PLAIN, PACKED = 0, 1

#: Gives the connection for one short use, a transaction when True.
Use = Callable[[bool], AbstractContextManager[sqlite3.Connection]]

TABLES = (
    "CREATE TABLE blob (sha256 TEXT PRIMARY KEY, size INTEGER NOT NULL, pieces INTEGER NOT NULL)",
    "CREATE TABLE piece (sha256 TEXT NOT NULL, number INTEGER NOT NULL, coding INTEGER NOT NULL, content BLOB NOT NULL,"
    " PRIMARY KEY (sha256, number))",
)


def pack(content: bytes) -> tuple[int, bytes]:
    """The coding and the bytes to keep; zlib's fastest level where a first sample says that it saves a tenth."""
    sample = content[:65536]
    if len(zlib.compress(sample, 1)) < 0.9 * len(sample):
        return PACKED, zlib.compress(content, 1)
    return PLAIN, content


def unpack(coding: int, kept: bytes) -> bytes:
    """The bytes of a piece; never more than a piece, whatever a damaged file claims. ValueError when damaged."""
    if coding == PLAIN:
        return kept
    try:
        return zlib.decompressobj().decompress(kept, PIECE)
    except zlib.error as error:
        raise ValueError("damaged piece") from error


def digest(source: bytes | Path) -> tuple[str, int]:
    """The sha256 and size of bytes or of a file; FileError when the file cannot be read."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest(), len(source)
    with _opened(source) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return sha256, file.tell()


@contextlib.contextmanager
def _opened(source: bytes | Path) -> Iterator[io.BufferedIOBase]:
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        if not source.is_file():
            raise FileError(source, "cannot be read: it is no file, or not there any more.")
        with source.open("rb") as file:
            yield file
    except OSError as error:
        raise FileError(source, f"cannot be read: {words(error)}.") from error


def size_of(use: Use, sha256: str) -> int | None:
    """The size of a blob that is there and complete, else None."""
    with use(False) as connection:
        row = connection.execute("SELECT size FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
    return None if row is None else int(row[0])


def put(use: Use, source: bytes | Path) -> tuple[str, int]:
    """Keep bytes or a file; give sha256 and size. FileError when the file cannot be read or changes meanwhile."""
    sha256, size = digest(source)
    if size_of(use, sha256) is not None:
        return sha256, size
    complete = False
    try:
        with _opened(source) as file:
            number, check = 0, hashlib.sha256()
            while content := file.read(PIECE):
                check.update(content)
                coding, kept = pack(content)
                with use(True) as connection:
                    connection.execute(
                        "INSERT OR REPLACE INTO piece VALUES (?, ?, ?, ?)", (sha256, number, coding, kept)
                    )
                number += 1
        if check.hexdigest() != sha256:
            raise FileError(str(source), "changed while it was being read. Try again when it is complete.")
        with use(True) as connection:  # a blob is there when this row is; pieces without one are nothing
            connection.execute("INSERT OR REPLACE INTO blob VALUES (?, ?, ?)", (sha256, size, number))
        complete = True
    finally:
        if not complete:
            with contextlib.suppress(FileError), use(True) as connection:
                connection.execute("DELETE FROM piece WHERE sha256 = ?", (sha256,))
    return sha256, size


def pieces(use: Use, sha256: str) -> Iterator[bytes]:
    """The content of a blob, piece by piece; KeyError when there is none, ValueError when it is damaged."""
    with use(False) as connection:
        row = connection.execute("SELECT pieces FROM blob WHERE sha256 = ?", (sha256,)).fetchone()
    if row is None:
        raise KeyError(sha256)
    check = hashlib.sha256()
    for number in range(row[0]):
        with use(False) as connection:
            kept = connection.execute(
                "SELECT coding, content FROM piece WHERE sha256 = ? AND number = ?", (sha256, number)
            ).fetchone()
        if kept is None:
            raise ValueError("missing piece")
        content = unpack(*kept)
        check.update(content)
        yield content
    if check.hexdigest() != sha256:
        raise ValueError("wrong sha256")


def drop_unused(use: Use, is_used: Callable[[str], bool]) -> int:
    """Forget blobs that nothing uses, and pieces left by a crash; give the number of blobs that went."""
    with use(True) as connection:
        held = [str(row[0]) for row in connection.execute("SELECT sha256 FROM blob")]
        unused = [(sha256,) for sha256 in held if not is_used(sha256)]
        connection.executemany("DELETE FROM blob WHERE sha256 = ?", unused)
        connection.execute("DELETE FROM piece WHERE sha256 NOT IN (SELECT sha256 FROM blob)")
    return len(unused)
