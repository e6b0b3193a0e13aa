"""Spectra and tables that were loaded, as a session keeps them: of which files, and where those came from."""

from __future__ import annotations

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
    """The (first) table of a file in the session, of ``n_rows`` rows; ``origin`` as above."""

    key: str
    name: str
    file: StoredFile
    origin: str = ""
    n_rows: int = 0
