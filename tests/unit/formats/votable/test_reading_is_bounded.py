"""Reading can be watched, cancelled and bounded, and waits for no more than was asked for."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from stopdesk.errors import Cancelled, FileError
from stopdesk.formats.votable import Serialization, read_table, write_table
from tests.votables import SERIALIZATIONS


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """A table of 200,000 rows in each serialisation, some 8 to 16 MB."""
    table = Table({"row": np.arange(200_000), "x": np.random.default_rng(1).normal(size=(200_000, 4))})
    found = {}
    for serialization in SERIALIZATIONS:
        file = io.BytesIO()
        write_table(table, file, serialization)
        found[serialization] = file.getvalue()
    return found


class Endless(io.RawIOBase):
    """Sends a file, then its rows again and again."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._rows = data[data.index(b"<TR>") : data.rindex(b"</TR>") + 5]
        self.sent = 0

    def read(self, size: int = -1) -> bytes:
        part = self._data[: self._data.rindex(b"</TR>") + 5] if self.sent == 0 else self._rows
        self.sent += len(part)
        return part


@pytest.mark.parametrize("serialization", SERIALIZATIONS)
def test_no_more_rows_than_asked_for(files: dict[str, bytes], serialization: Serialization) -> None:
    for n_rows in (0, 10, 199_999):
        found = read_table(files[serialization], max_rows=n_rows)
        assert found["row"].tolist() == list(range(n_rows))
        assert found.meta["truncated"]
    found = read_table(files[serialization], max_rows=200_000)
    assert len(found) == 200_000
    assert "truncated" not in found.meta


def test_an_endless_answer_ends_where_the_rows_are_enough(files: dict[str, bytes]) -> None:
    source = Endless(files["tabledata"])
    found = read_table(source, max_rows=250_000)  # type: ignore[arg-type]
    assert len(found) == 250_000
    assert source.sent < 4 * len(files["tabledata"])


def test_an_endless_answer_ends_where_the_bytes_are_enough(files: dict[str, bytes]) -> None:
    source = Endless(files["tabledata"])
    with pytest.raises(FileError, match="larger than 50,000,000 bytes"):
        read_table(source, max_bytes=50_000_000)  # type: ignore[arg-type]
    assert source.sent < 100_000_000


def test_a_small_file_that_unpacks_without_end_is_refused() -> None:
    bomb = gzip.compress(b"<VOTABLE>" + b" " * 30_000_000)
    assert len(bomb) < 100_000
    with pytest.raises(FileError, match="larger than 1,000,000 bytes"):
        read_table(bomb, max_bytes=1_000_000)


@pytest.mark.parametrize("serialization", SERIALIZATIONS)
def test_reading_is_cancelled_between_blocks(files: dict[str, bytes], serialization: Serialization) -> None:
    rows: list[int] = []
    with pytest.raises(Cancelled):
        read_table(files[serialization], progress=rows.append, cancelled=lambda: bool(rows))
    assert 0 < rows[-1] < 200_000


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.vot: cannot be read"):
        read_table(tmp_path / "nowhere.vot")
