"""Tables of several portals as one: which columns are the same, in which unit, and what rows are called."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from stopdesk.vo.merging import Part, merge
from stopdesk.vo.rows import PORTAL, Kind, RowColumn, Rows


def table(**columns: Any) -> Any:
    """A table; a value is the cells, or cells with unit, UCD and utype."""
    made = Table()
    for name, given in columns.items():
        cells, unit, ucd, utype = (*given, "", "", "")[:4] if isinstance(given, tuple) else (given, "", "", "")
        column = MaskedColumn(cells, name=name, unit=unit or None)
        column.meta.update({"ucd": ucd, "utype": utype})
        made.add_column(column)
    return made


def merged(*tables: Any) -> Rows:
    return merge([Part(f"key{k}", f"Portal {k}", each) for k, each in enumerate(tables)])


def the(rows: Rows, key: str) -> RowColumn:
    column = rows.column(key)
    assert column is not None, [each.key for each in rows.columns]
    return column


def test_one_table_keeps_its_arrays_and_gains_its_portal() -> None:
    given = table(s_ra=([1.0, 2.0], "deg"), name=np.array(["a", "b"], dtype=object))
    rows = merged(given)
    assert [column.key for column in rows.columns] == [PORTAL, "s_ra", "name"]
    assert np.shares_memory(the(rows, "s_ra").values, np.asarray(given["s_ra"]))
    assert the(rows, PORTAL).values.tolist() == ["Portal 0", "Portal 0"]


def test_columns_of_one_meaning_become_one_in_one_unit() -> None:
    first = table(s_ra=([10.0], "deg", "pos.eq.ra"), s_dec=([-5.0], "deg", "pos.eq.dec"))
    second = table(RAJ2000=([660.0], "arcmin", "pos.eq.ra;meta.main"), DEJ2000=([-6.0], "", "pos.eq.dec;meta.main"))
    rows = merged(first, second)
    assert the(rows, "s_ra").values.tolist() == pytest.approx([10.0, 11.0])
    assert the(rows, "s_dec").values.tolist() == [-5.0, -6.0], "degrees where nothing is said"
    assert [column.key for column in rows.columns] == [PORTAL, "s_ra", "s_dec"]


def positions(system: str, ra: str = "RA", dec: str = "DEC") -> Any:
    """One position in a system, "" for one that is not said."""
    made = table(**{ra: ([10.0], "deg", "pos.eq.ra;meta.main"), dec: ([-5.0], "deg", "pos.eq.dec;meta.main")})
    if system:
        made.meta["coosys"] = [{"ID": "frame", "system": system}]
        for name in (ra, dec):
            made[name].meta["ref"] = "frame"
    return made


def test_positions_of_b1950_stand_beside_those_of_icrs() -> None:
    for new, old in ((positions("ICRS"), positions("eq_FK4")), (positions(""), positions("eq_FK4"))):
        rows = merged(new, old, positions("eq_FK5", "RAJ2000", "DEJ2000"), positions("eq_FK4", "alpha", "delta"))
        assert [column.key for column in rows.columns] == [PORTAL, "RA", "DEC", "RA (B1950)", "DEC (B1950)"]
        assert the(rows, "RA").missing().tolist() == [False, True, False, True]
        assert the(rows, "RA (B1950)").missing().tolist() == [True, False, True, False]
        assert the(rows, "DEC (B1950)").origins == ("Portal 1", "Portal 3")
        assert {the(rows, key).role for key in ("RA", "RA (B1950)")} == {"ra"}


def test_a_frame_in_a_name_is_not_said_twice_nor_where_there_is_one_table() -> None:
    rows = merged(positions("", "RAB1950", "DEB1950"), positions("ICRS"))
    assert [column.key for column in rows.columns] == [PORTAL, "RAB1950", "DEB1950", "RA", "DEC"]
    assert [column.key for column in merged(positions("eq_FK4")).columns] == [PORTAL, "RA", "DEC"]
    assert [column.key for column in merged(table(flux_1950=[1.0]), table(FLUX_1950=[2.0])).columns] == [
        PORTAL,
        "flux_1950",
    ]


def test_the_lowest_frequency_is_the_highest_wavelength() -> None:
    light = 299792458.0
    first = table(em_min=([1e-3], "m", "em.wl;stat.min"), em_max=([2e-3], "m", "em.wl;stat.max"))
    second = table(f_low=([100.0], "GHz", "em.freq;stat.min"), f_high=([200.0], "GHz", "em.freq;stat.max"))
    rows = merged(first, second)
    assert the(rows, "em_min").values.tolist() == pytest.approx([1e-3, light / 200e9])
    assert the(rows, "em_max").values.tolist() == pytest.approx([2e-3, light / 100e9])


def test_dates_of_both_kinds_are_told_apart() -> None:
    rows = merged(
        table(t_min=([57479.5], "d", "time.start;obs.exposure")), table(start=([2457480.5], "d", "time.start"))
    )
    assert the(rows, "t_min").values.tolist() == [57479.5, 57480.0]


def test_what_cannot_be_one_column_stays_two() -> None:
    rows = merged(
        table(flux=([1.0], "Jy"), id=np.array([7]), note=np.array(["x"], dtype=object)),
        table(flux=([2.0], "mag"), id=np.array(["7a"], dtype=object), note=np.array(["y"], dtype=object)),
    )
    keys = [column.key for column in rows.columns]
    assert keys == [PORTAL, "flux", "id", "note", "flux (Portal 1)", "id (Portal 1)"]
    assert the(rows, "flux").missing().tolist() == [False, True]
    assert the(rows, "flux").origins == ("Portal 0",)
    assert the(rows, "note").origins == ()
    assert [the(rows, "note").text(row) for row in (0, 1)] == ["x", "y"]
    assert [the(rows, "id (Portal 1)").text(row) for row in (0, 1)] == ["", "7a"]


def test_columns_of_one_utype_or_of_one_name_in_another_case_are_the_same() -> None:
    first = table(depth=([1.0], "m", "", "my:Depth"), Title=np.array(["a"], dtype=object))
    rows = merged(first, table(tiefe=([200.0], "cm", "", "my:Depth"), title=np.array(["b"], dtype=object)))
    assert the(rows, "depth").values.tolist() == [1.0, 2.0]
    assert [the(rows, "Title").text(row) for row in (0, 1)] == ["a", "b"]


def test_whole_numbers_stay_whole_and_masked_ones_missing() -> None:
    big = 2**62 + 1
    rows = merged(table(n=MaskedColumn([big, 5], mask=[False, True])), table(n=np.array([3], dtype=np.int16)))
    column = the(rows, "n")
    assert column.values.dtype == np.int64
    assert (int(column.values[0]), int(column.values[2])) == (big, 3)
    assert column.missing().tolist() == [False, True, False]


def test_arrays_texts_of_bytes_flags_and_complex_numbers_are_kept() -> None:
    ragged = np.empty(2, dtype=object)
    ragged[:] = [np.array([1.0, 2.0]), np.array([3.0])]
    rows = merged(
        table(a=np.arange(6.0).reshape(2, 3), b=np.array([b"one", b"two"]), f=np.array([True, False]), r=ragged),
        table(z=np.array([1 + 2j])),
    )
    kinds = {column.key: column.kind for column in rows.columns}
    assert kinds == {
        PORTAL: Kind.TEXT,
        "a": Kind.OTHER,
        "b": Kind.TEXT,
        "f": Kind.FLAG,
        "r": Kind.OTHER,
        "z": Kind.OTHER,
    }
    assert the(rows, "a").values[1].tolist() == [3.0, 4.0, 5.0]
    assert the(rows, "b").text(1) == "two"
    assert the(rows, "a").is_missing(2)


def test_rows_keep_their_names_from_search_to_search() -> None:
    old = merged(table(x=np.arange(3.0)), table(x=np.arange(2.0)))
    assert old.ids([1, 4]) == ["key0#1", "key1#1"]
    new = merge([Part("key1", "Portal 1", table(x=np.arange(4.0))), Part("key0", "Portal 0", table(x=np.arange(3.0)))])
    assert new.with_ids(["key0#1", "key1#1", "key1#9", "nobody#0", "key0#x"]).tolist() == [5, 1]
    chosen = np.zeros(5, dtype=bool)
    chosen[[1, 4]] = True
    assert np.flatnonzero(new.from_other(old, chosen)).tolist() == [1, 5]


def test_portals_without_rows_and_no_portals_at_all() -> None:
    rows = merged(table(x=np.zeros(0)), table(x=np.ones(1)), Table())
    assert rows.n_rows == 1
    assert rows.portal_numbers([0]).tolist() == [1]
    assert merge([]).n_rows == 0


def test_ten_thousand_columns_are_no_trouble() -> None:
    rows = merged(Table({f"c{k}": np.zeros(2) for k in range(10_000)}), Table({"c9999": np.ones(1)}))
    assert len(rows.columns) == 10_001
    assert the(rows, "c9999").values.tolist() == [0.0, 0.0, 1.0]


def test_a_column_put_beside_the_rows_replaces_one_of_its_name() -> None:
    rows = (
        merged(table(x=np.zeros(2))).with_extra("My lines", np.array([1, 2])).with_extra("My lines", np.array([3, 4]))
    )
    assert [column.name for column in rows.columns] == ["Portal", "My lines", "x"]
    assert rows.columns[1].values.tolist() == [3, 4]
    with pytest.raises(ValueError, match="for 2 rows"):
        rows.with_extra("My lines", np.zeros(3))
