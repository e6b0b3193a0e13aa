"""What can be sent to other programs: tables, spectra and images, before they are files for them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.run import StoredFile
from stopdesk.domain.spectrum import Spectrum
from stopdesk.session.file import SessionStore
from stopdesk.ui.samp.shared_tables import PREFIX, TablePlace

if TYPE_CHECKING:
    from astropy.table import Table

#: Whether what is under way is no longer wanted.
Asked = Callable[[], bool]

#: So many letters of a hash tell one choice of rows from another.
_LETTERS = 12


@dataclass(frozen=True, eq=False)
class TableParcel:
    """A table of ``n_rows``, which ``make(cancelled)`` gives (it blocks).

    Others call it by ``table_id``; ``version`` is another one where the same table is written anew. ``place`` is where
    its rows are in the window, None where they cannot be selected; ``rows`` of shape (n_rows,) their numbers there,
    None for all in order.
    """

    table_id: str
    name: str
    n_rows: int
    make: Callable[[Asked], Table]
    version: Hashable = ""
    place: TablePlace | None = None
    rows: NDArray[np.int64] | None = None

    @property
    def words(self) -> str:
        """Name and size."""
        return f"{self.name} ({rows_words(self.n_rows)})"


@dataclass(frozen=True, eq=False)
class SpectrumParcel:
    """A spectrum of the session and the file that it is of; ``is_alone`` where that holds no other."""

    key: str
    name: str
    spectrum: Spectrum
    file: StoredFile
    is_alone: bool
    store: SessionStore

    @property
    def identifier(self) -> str:
        """What others call it."""
        return f"{PREFIX}spectrum-{self.key[:20]}"


@dataclass(frozen=True)
class ImageParcel:
    """A FITS image that was fetched from ``url``, in a file of any name; it is called ``name``."""

    path: Path
    name: str
    url: str

    @property
    def identifier(self) -> str:
        """What others call it."""
        return f"{PREFIX}image-{hashlib.sha256(self.url.encode()).hexdigest()[:20]}"


def part_id(table_id: str, rows: NDArray[np.int64]) -> str:
    """What others call the table of some rows of another one."""
    numbers = np.ascontiguousarray(rows, dtype="<i8")
    return f"{table_id}-{hashlib.sha256(numbers.tobytes()).hexdigest()[:_LETTERS]}"


def rows_words(number: int) -> str:
    """A number of rows in words."""
    return f"{number:,} {'row' if number == 1 else 'rows'}"
