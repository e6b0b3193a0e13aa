"""Spectra and tables that were loaded, as a session keeps them: of which files, and where those came from."""

from __future__ import annotations

import hashlib

from stopdesk.domain.job import Record
from stopdesk.domain.run import StoredFile


class LoadedSpectrum(Record):
    """A spectrum of a file in the session: the one of that ``number`` (from 0) in the file.

    ``origin`` is where the file came from: a path, an address, a program. ``colour`` is the number of the
    colour of its curve.
    """

    key: str
    name: str
    file: StoredFile
    number: int = 0
    origin: str = ""
    colour: int = 0


class LoadedTable(Record):
    """A table of a file in the session, of ``n_rows`` rows; ``origin`` as above.

    ``number`` is its place among the tables of the file, 0 for the one that is read first.
    """

    key: str
    name: str
    file: StoredFile
    number: int = 0
    origin: str = ""
    n_rows: int = 0

    @property
    def sha256(self) -> str:
        """What tells its rows from any others: the file's own, unless there are several tables in the file."""
        own = f"{self.file.sha256} {self.number}"
        return hashlib.sha256(own.encode()).hexdigest() if self.number else self.file.sha256
