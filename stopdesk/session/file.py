"""The session file ``*.stop``: one SQLite file with the document, the runs and the bytes of their results.

The user's file is only ever read, or replaced as a whole. What is open is a working copy (see ``recovery``), written a
few rows at a time; a transaction there survives the death of the program at any moment.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import sqlite3
import tempfile
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from stopdesk import __version__, paths
from stopdesk.domain.session import Session
from stopdesk.errors import FileError
from stopdesk.session import blobs, rows
from stopdesk.session.atomic import replacing, words
from stopdesk.session.migrate import VERSION, check_version, migrate

#: What tells a session from other SQLite files: "STOP" (offset 68 of the file, https://www.sqlite.org/fileformat.html).
APPLICATION_ID = 0x53544F50

_TABLES = (*rows.TABLES, *blobs.TABLES)
_NAMES = {statement.split()[2] for statement in _TABLES}
_DAMAGED = "this session is damaged. Open another copy of it, from a backup for instance."
_FOREIGN = "this is not a stopdesk session."

#: By SQLite's result code (https://www.sqlite.org/rescode.html).
_SENTENCES = {
    sqlite3.SQLITE_FULL: "the disk is full. Make room and try again.",
    sqlite3.SQLITE_IOERR: "the disk would not read or write: it may be full or failing. Mend that and try again.",
    sqlite3.SQLITE_BUSY: "another program is using this file. Close it there and try again.",
    sqlite3.SQLITE_LOCKED: "another program is using this file. Close it there and try again.",
    sqlite3.SQLITE_READONLY: "this file is read-only, and stopdesk has to write it. Change that and try again.",
    sqlite3.SQLITE_CANTOPEN: "this file cannot be opened: it, or its folder, is not there any more or not yours.",
    sqlite3.SQLITE_PERM: "you have no permission for this file.",
}


class SessionStore:
    """The open working copy of a session; every method may be called from any thread and blocks.

    ``name`` is what the user calls the file, in errors. All methods raise FileError.
    """

    def __init__(self, path: Path, *, name: Path | None = None) -> None:
        self.path = path
        self.name = name or path
        self._lock = threading.RLock()
        self._blob_lock = threading.RLock()  # taken before the other: a blob goes in over many transactions
        self._known: rows.Known | None = None  # what of the runs was written here last
        self._fresh: set[str] = set()  # bytes that no session that was written speaks of yet
        self._connection: sqlite3.Connection | None = _connect(path, self.name)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new and empty session at ``path``, where there must be nothing yet."""
        if path.exists():
            raise FileError(path, "there is such a file already. Choose another name.")
        try:
            paths.private_file(path)
        except OSError as error:
            raise FileError(path, f"cannot be written: {words(error)}.") from error
        with _explained(path), contextlib.closing(_raw(path)) as connection:
            connection.execute("BEGIN")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
            for statement in _TABLES:
                connection.execute(statement)
            rows.write(connection, Session())
            connection.execute("COMMIT")
        return cls(path)

    @classmethod
    def open(cls, path: Path, *, name: Path | None = None) -> Self:
        """The working copy at ``path``, as the last transaction left it."""
        return cls(path, name=name)

    @classmethod
    def open_copy(cls, source: Path, working: Path) -> Self:
        """The user's file ``source``, copied to ``working`` where there must be nothing yet; it is only read."""
        if working.exists():
            raise FileError(working, "there is such a file already. Choose another name.")
        check_source(source)
        opened = False
        try:
            _copy(source, working)
            store = cls(working, name=source)
            opened = True
        finally:
            if not opened:
                remove(working)
        return store

    def read(self) -> Session:
        """The session as it was written last."""
        with self._use(False) as connection:
            connection.execute("BEGIN")  # one moment for all tables, though another store may write
            try:
                return rows.read(connection)
            except (ValueError, RecursionError) as error:  # pydantic's and json's errors are ValueErrors
                raise FileError(self.name, _DAMAGED) from error
            finally:
                connection.execute("ROLLBACK")

    def write(self, session: Session) -> None:
        """Keep the session: only rows that differ are written, all or none of them, and a killed program keeps them."""
        with self._lock:
            known, self._known = self._known, None
            with self._use(True) as connection:
                known = rows.write(connection, session, known)
            self._known = known
            if self._fresh:
                used = rows.uses(session)
                self._fresh = {sha256 for sha256 in self._fresh if sha256 not in used}

    def put_blob(self, data: bytes | Path) -> tuple[str, int]:
        """Keep bytes, or the content of a file; give their sha256 and size. The same bytes are kept once."""
        with self._blob_lock:
            sha256, size = blobs.put(self._use, data)
            with self._lock:
                self._fresh.add(sha256)
            return sha256, size

    def has_blob(self, sha256: str) -> bool:
        """Whether these bytes are here."""
        return blobs.size_of(self._use, sha256) is not None

    def blob(self, sha256: str) -> bytes:
        """The bytes of that sha256."""
        return b"".join(self.pieces(sha256))

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The bytes of that sha256, a piece at a time."""
        try:
            yield from blobs.pieces(self._use, sha256)
        except KeyError as error:
            raise FileError(self.name, "a file is not in this session (any more). Fetch the results again.") from error
        except ValueError as error:
            raise FileError(self.name, "a file in this session is damaged. Fetch the results again.") from error

    def export_blob(self, sha256: str, path: Path) -> None:
        """Write the bytes of that sha256 to a file, a piece at a time."""
        with replacing(path) as file:
            for piece in self.pieces(sha256):
                file.write(piece)

    def drop_unused_blobs(self, session: Session) -> int:
        """Forget the bytes whose sha256 occurs nowhere in the session; give the number of files that went.

        Bytes put since the opening stay until a session that speaks of them was written: their run may be on its way.
        """
        used = rows.uses(session)
        with self._blob_lock:
            return blobs.drop_unused(self._use, lambda sha256: sha256 in used or sha256 in self._fresh)

    def save_to(self, path: Path) -> None:
        """Replace the user's file by what is here, compacted, in one step; the old file is whole until then."""
        _refuse_in_use(path, self.path)
        snapshot = self.path.with_name(f"{self.path.stem}-{secrets.token_hex(4)}.saving")
        try:
            with self._use(False):  # a closed session says so
                paths.private_file(snapshot)
            with _explained(path):
                _snapshot(self.path, snapshot)
            with replacing(path) as target, snapshot.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
        except OSError as error:
            raise FileError(path, f"cannot be written: {words(error)} ({snapshot.parent}).") from error
        finally:
            remove(snapshot)

    def close(self) -> None:
        """Let go of the working copy; it stays where it is. May be called twice."""
        with self._lock, _explained(self.name):
            if self._connection is not None:
                connection, self._connection = self._connection, None
                connection.close()

    @contextlib.contextmanager
    def _use(self, writing: bool) -> Iterator[sqlite3.Connection]:
        """The connection for one short use, as a transaction when ``writing``."""
        with self._lock, _explained(self.name):
            connection = self._connection
            if connection is None:
                raise FileError(self.name, "this session has been closed. Open it again.")
            if not writing:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")


def rescue(store: SessionStore, session: Session, path: Path) -> None:
    """Replace the user's file ``path`` by the session although its working copy takes no more, as on a full disk.

    A new copy is made beside ``path``, from the session and from the bytes that the old one can still be read for.
    """
    fresh = path.with_name(f".stopdesk-{uuid.uuid4().hex}.tmp")
    copy = SessionStore.create(fresh)
    try:
        for file in session.files:
            copy.put_blob(store.blob(file.sha256))
        copy.write(session)
        copy.save_to(path)
    finally:
        copy.close()
        remove(fresh)


def read_session(path: Path) -> Session:
    """What stands in the user's session file, which is only read."""
    with tempfile.TemporaryDirectory(prefix="stopdesk-") as folder:
        store = SessionStore.open_copy(path, Path(folder) / "session.stop")
        try:
            return store.read()
        finally:
            store.close()


def remove(path: Path) -> None:
    """Remove a working copy and what SQLite keeps beside it; what is not there, or cannot be removed, is let be."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(OSError):
            Path(f"{path}{suffix}").unlink()


def check_source(source: Path) -> None:
    """Raise FileError, without touching the file, when its first bytes and size are not those of a session of ours."""
    try:
        if source.is_dir():
            raise FileError(source, "this is a folder, not a session file.")
        if not source.exists():
            raise FileError(source, "there is no such file (any more).")
        if not source.is_file():
            raise FileError(source, "this is no ordinary file; a session is one.")
        with source.open("rb") as file:
            header = file.read(100)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:
        raise FileError(source, f"cannot be read: {words(error)}.") from error
    if not header:
        raise FileError(source, "this file is empty.")
    if not header.startswith(b"SQLite format 3\0"):
        raise FileError(source, _FOREIGN)
    if len(header) == 100:
        if int.from_bytes(header[68:72]) != APPLICATION_ID:
            raise FileError(source, _FOREIGN)
        check_version(source, int.from_bytes(header[60:64]))
    page = int.from_bytes(header[16:18])
    complete = int.from_bytes(header[28:32]) * (65536 if page == 1 else page)
    if len(header) < 100 or size < complete:
        raise FileError(source, "the end of this session file is missing. Copy or download it again.")


def _copy(source: Path, working: Path) -> None:
    """Copy a file byte by byte, and the changes that SQLite keeps beside a working copy that was not closed."""
    try:
        for suffix in ("", "-wal"):
            part = Path(f"{source}{suffix}")
            if part.is_file():
                shutil.copyfile(part, paths.private_file(Path(f"{working}{suffix}")))
    except OSError as error:
        raise FileError(source, f"cannot be copied to {working.parent}: {words(error)}.") from error


def _refuse_in_use(path: Path, working: Path) -> None:
    """Raise FileError when ``path`` is a database at work: the changes kept beside it would get into the new one."""
    try:
        target = path.resolve()
        if target == working.resolve():
            raise FileError(path, "this is the working copy of the open session. Choose another place.")
        if Path(f"{target}-wal").exists():
            raise FileError(path, "another program has this file open. Close it there, or choose another name.")
    except (OSError, RuntimeError) as error:
        raise FileError(path, f"cannot be written: {words(error)}. Choose another place.") from error


def _snapshot(working: Path, snapshot: Path) -> None:
    """Write what the working copy holds now, compacted and without what was deleted, to the empty file ``snapshot``."""
    with contextlib.closing(_raw(working)) as connection:
        connection.execute("VACUUM INTO ?", (str(snapshot),))
    with contextlib.closing(_raw(snapshot)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # the copy of it is what has to be on disk
        connection.execute("PRAGMA journal_mode = DELETE")
        meta = {"program": f"stopdesk {__version__}", "saved": datetime.now(UTC).isoformat(timespec="seconds")}
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())


def _raw(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode to a file that exists, for any thread that takes turns."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=10, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")  # sessions come by mail too
    return connection


def _connect(path: Path, name: Path) -> sqlite3.Connection:
    """The connection to a working copy that has been looked through and brought to our version."""
    if not path.is_file():
        raise FileError(name, "there is no such file (any more).")
    with _explained(name):
        connection = _raw(path)
        ready = False
        try:
            if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
                raise FileError(name, _FOREIGN)
            check_version(name, int(connection.execute("PRAGMA user_version").fetchone()[0]))
            if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                raise FileError(name, _DAMAGED)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection, name)
            kinds = connection.execute("SELECT type, name FROM sqlite_master WHERE type != 'index'").fetchall()
            if set(kinds) != {("table", table) for table in _NAMES}:
                raise FileError(name, _DAMAGED)
            ready = True
        finally:
            if not ready:
                connection.close()
    return connection


@contextlib.contextmanager
def _explained(name: Path) -> Iterator[None]:
    """SQLite's errors in words."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more than anybody can act on
        raise FileError(name, _SENTENCES.get(code, _DAMAGED)) from error
