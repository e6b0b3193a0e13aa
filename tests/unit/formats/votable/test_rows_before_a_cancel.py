"""A reading that is given up gives the rows that had come by then, where that is wanted."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from astropy.table import Table

from stopdesk.errors import Cancelled
from stopdesk.formats.votable import Serialization, read_table, write_table

N_ROWS = 200_000


def document(serialization: Serialization) -> bytes:
    content = io.BytesIO()
    numbers = np.arange(N_ROWS)
    write_table(
        Table({"number": numbers, "half": numbers / 2, "name": np.char.mod("r%d", numbers)}), content, serialization
    )
    return content.getvalue()


def after(n_times: int) -> Callable[[], bool]:
    """A cancel that comes after the question was asked so often."""
    asked = [0]

    def cancelled() -> bool:
        asked[0] += 1
        return asked[0] > n_times

    return cancelled


@pytest.mark.parametrize("serialization", ["tabledata", "binary", "binary2"])
def test_what_has_come_is_whole_and_said_to_be_cut(serialization: Serialization) -> None:
    content = document(serialization)
    found = read_table(io.BytesIO(content), cancelled=after(3), keep=True)
    assert 0 < len(found) < N_ROWS
    assert np.array_equal(found["number"], np.arange(len(found)))
    assert np.array_equal(found["half"], np.arange(len(found)) / 2)
    assert found["name"][-1] == f"r{len(found) - 1}"
    assert found.meta["cancelled"]
    assert found.meta["truncated"]
    with pytest.raises(Cancelled):
        read_table(io.BytesIO(content), cancelled=after(3))


@pytest.mark.parametrize("serialization", ["tabledata", "binary2"])
def test_without_a_row_it_is_cancelled(serialization: Serialization) -> None:
    with pytest.raises(Cancelled):
        read_table(io.BytesIO(document(serialization)), cancelled=after(0), keep=True)


def test_one_that_is_read_to_its_end_is_not_said_to_be_cut() -> None:
    found = read_table(io.BytesIO(document("binary2")), cancelled=lambda: False, keep=True)
    assert len(found) == N_ROWS
    assert "cancelled" not in found.meta
