"""The versions of the session file, and one function a step from each to the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from stopdesk.errors import FileError

#: The version that this program writes.
VERSION = 4

#: A step changes tables and rows inside a transaction that is kept or dropped as a whole.
Step = Callable[[sqlite3.Connection], None]


def to_2(connection: sqlite3.Connection) -> None:
    """Targets and searches stand in the document; a version 1 had none."""
    connection.executemany("INSERT OR REPLACE INTO document VALUES (?, '[]')", [("targets",), ("searches",)])


def to_3(connection: sqlite3.Connection) -> None:
    """Loaded spectra stand in the document; a version 2 had none."""
    connection.execute("INSERT OR REPLACE INTO document VALUES ('spectra', '[]')")


def to_4(connection: sqlite3.Connection) -> None:
    """Loaded tables, and the observation that models are made for, stand in the document; a version 3 had neither."""
    rows = [("tables", "[]"), ("observation", "null")]
    connection.executemany("INSERT OR REPLACE INTO document VALUES (?, ?)", rows)


#: The step that leads to a version, by that version: ``{2: to_2, 3: to_3}``. A step is never changed once released.
STEPS: Mapping[int, Step] = {2: to_2, 3: to_3, 4: to_4}


def check_version(path: Path, found: int, *, version: int = VERSION) -> None:
    """Raise FileError when a file of version ``found`` is newer than this program, or of none that ever was."""
    if found > version:
        raise FileError(
            path,
            f"this session was made by a newer stopdesk (format {found}); this one reads up to {version}: "
            "update stopdesk to open it.",
        )
    if found < 1:
        raise FileError(path, "this is no complete session file. Open another copy of it.")


def migrate(
    connection: sqlite3.Connection, path: Path, *, steps: Mapping[int, Step] = STEPS, version: int = VERSION
) -> None:
    """Bring the file behind ``connection`` (in autocommit mode) to ``version``, one step and transaction at a time.

    ``path`` is what the user calls the file. Raises FileError for a newer file; errors of a step pass on,
    and the file then stands at the last step that worked.
    """
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    check_version(path, found, version=version)
    for reached in range(found + 1, version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            steps[reached](connection)
            connection.execute(f"PRAGMA user_version = {reached:d}")
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
