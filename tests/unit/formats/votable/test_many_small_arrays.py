"""A column of arrays is written without a masked array made of each, which took most of the time of a large table."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from stopdesk.formats.convert import save_table
from stopdesk.formats.votable import read_table, write_table
from tests.votables import SERIALIZATIONS, assert_same_cells, objects

#: So many rows, of which every tenth has no array.
ROWS = 3000


@pytest.fixture
def masked_arrays(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the masked arrays that were made."""
    made: list[int] = []
    finalize = np.ma.MaskedArray.__array_finalize__

    def counted(self: Any, other: Any) -> None:
        made.append(self.size)
        finalize(self, other)

    monkeypatch.setattr(np.ma.MaskedArray, "__array_finalize__", counted)
    return made


def rows_of_two_portals(kind: str) -> Table:
    """Arrays of one length where one portal has them, none where another gave the row."""
    cells = objects([np.arange(4).astype(kind) + row for row in range(ROWS)])
    return Table({"row": np.arange(ROWS), "flux": MaskedColumn(cells, mask=np.arange(ROWS) % 10 == 0)})


@pytest.mark.parametrize("serialization", SERIALIZATIONS)
@pytest.mark.parametrize("kind", ["f8", "i4"])
def test_arrays_stay_what_they_are_on_their_way_into_a_votable(
    serialization: Any, kind: str, masked_arrays: list[int]
) -> None:
    table, file = rows_of_two_portals(kind), io.BytesIO()
    masked_arrays.clear()
    write_table(table, file, serialization)
    assert len(masked_arrays) < ROWS / 10
    there = np.arange(ROWS) % 10 != 0
    assert_same_cells(read_table(file.getvalue())["flux"][there], table["flux"][there])


def test_arrays_stay_what_they_are_on_their_way_into_fits(tmp_path: Path, masked_arrays: list[int]) -> None:
    table = rows_of_two_portals("f8")
    masked_arrays.clear()
    save_table(table, tmp_path / "rows.fits")
    assert len(masked_arrays) < ROWS
