"""Rows of portals as one table for other programs: all columns with what is said of them, or the chosen rows only."""

from __future__ import annotations

import numpy as np
import pytest

from stopdesk.errors import Cancelled
from stopdesk.vo.merging import Part, merge
from stopdesk.vo.rows import Rows
from stopdesk.vo.rows_table import table_of
from tests.ui.observations import obscore


def two_portals() -> Rows:
    return merge([Part("a", "ALMA", obscore(30)), Part("b", "ESO", obscore(20, seed=2))])


def test_all_rows_are_there_with_what_is_said_of_their_columns() -> None:
    rows = two_portals()
    table = table_of(rows, name="IRAS 16293-2422")
    assert len(table) == 50
    assert table["Portal"].tolist() == ["ALMA"] * 30 + ["ESO"] * 20
    assert str(table["s_ra"].unit) == "deg"
    assert table["s_ra"].meta["ucd"] == "pos.eq.ra"
    assert table["s_ra"].mask.tolist() == rows.columns[[c.key for c in rows.columns].index("s_ra")].missing().tolist()
    assert table.meta["name"] == "IRAS 16293-2422"


def test_chosen_rows_keep_the_order_in_which_they_are_given() -> None:
    rows = two_portals()
    whole, some = table_of(rows, name="x"), table_of(rows, np.array([40, 2, 3]), name="x")
    assert some["obs_publisher_did"].tolist() == [whole["obs_publisher_did"][k] for k in (40, 2, 3)]
    assert some["em_min"].tolist() == [whole["em_min"][k] for k in (40, 2, 3)]


def test_what_was_put_beside_the_rows_stays_here() -> None:
    rows = two_portals().with_extra("My lines", np.array(["CO 1-0"] * 50, dtype=object))
    assert table_of(rows, name="x").colnames == table_of(two_portals(), name="x").colnames


def test_names_that_are_met_twice_are_told_apart() -> None:
    answer = obscore(5)
    answer.rename_column("calib_level", "Portal")
    table = table_of(merge([Part("a", "ALMA", answer)]), name="x")
    assert table["Portal"].tolist() == ["ALMA"] * 5
    assert table["Portal'"].tolist() == answer["Portal"].tolist()


def test_it_ends_when_it_is_not_wanted() -> None:
    with pytest.raises(Cancelled):
        table_of(two_portals(), name="x", cancelled=lambda: True)
