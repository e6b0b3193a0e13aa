"""Columns are found by utype, UCD and name; targets, positions and frequencies come out in the right units."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.table import Column, MaskedColumn, Table

from stopdesk.errors import InputError
from stopdesk.vo.answers import compare
from stopdesk.vo.columns import find_column, frequency_ranges, positions_of
from stopdesk.vo.targets import targets_from


def column(data: object, name: str, *, unit: str | None = None, **said: str) -> Column:
    kind = MaskedColumn if isinstance(data, np.ma.MaskedArray) else Column
    return kind(data, name=name, unit=unit, meta=said)


def test_a_utype_counts_before_a_ucd_and_a_ucd_before_a_name() -> None:
    table = Table(
        [
            column([1.0], "s_ra"),
            column([2.0], "b", ucd="pos.eq.ra;meta.main"),
            column([3.0], "c", utype="obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1"),
        ]
    )
    assert find_column(table, "ra") == "c"
    table.remove_column("c")
    assert find_column(table, "ra") == "b"
    table.remove_column("b")
    assert find_column(table, "ra") == "s_ra"
    table.remove_column("s_ra")
    table["x"] = [1]
    assert find_column(table, "ra") is None


@pytest.mark.parametrize(
    ("ra", "dec"),
    [
        (column([15.0], "RA", unit="deg"), column([-30.0], "DEC", unit="deg")),
        (column([15.0], "RA"), column([-30.0], "DEC")),
        (column([np.pi / 12], "RA", unit="rad"), column([-np.pi / 6], "DEC", unit="rad")),
        (column([1.0], "RA", unit="hourangle"), column([-108000.0], "DEC", unit="arcsec")),
        (column([1.0], "RAh", unit="h", ucd="pos.eq.ra"), column([-30.0], "DEC", unit="deg")),
        (column([3600.0], "RA", unit="s"), column([-30.0], "DEC", unit="deg")),
        (column(["01 00 00"], "RA", ucd="pos.eq.ra"), column(["-30 00 00"], "DEC", ucd="pos.eq.dec")),
        (column(["01:00:00.0"], "_RAJ2000"), column(["-30:00:00"], "_DEJ2000")),
        (column(["15.0"], "RA", unit="deg"), column(["-30.0"], "DEC", unit="deg")),
    ],
)
def test_positions_come_out_in_degrees(ra: Column, dec: Column) -> None:
    found = positions_of(Table([ra, dec]))
    assert found is not None
    assert [found[0][0], found[1][0]] == pytest.approx([15.0, -30.0])


def test_positions_of_b1950_come_out_in_icrs() -> None:
    systems = [{"ID": "old", "system": "eq_FK4", "equinox": "B1950"}, {"ID": "new", "system": "ICRS"}]
    data = np.ma.array([247.337708, 10.0], mask=[False, True])  # 16:29:21.05 -24:22:15.9
    cases = (("RAB1950", "", True), ("RA", "old", True), ("RA", "new", False), ("RA1950", "new", False))
    for name, ref, is_old in cases:
        ra, dec = column(data, name, unit="deg", ucd="pos.eq.ra", ref=ref), column([-24.371083] * 2, "DE")
        dec.meta["ucd"] = "pos.eq.dec"
        found = positions_of(Table([ra, dec], meta={"coosys": systems}))
        assert found is not None
        expected = [248.0954, -24.4766] if is_old else [247.337708, -24.371083]
        assert [found[0][0], found[1][0]] == pytest.approx(expected, abs=1e-3)
        assert np.isnan(found[0][1])


def test_text_that_is_no_angle_has_no_position() -> None:
    ra = column(["01h00m00s", "", "north", "1 75 0", "1 2 3 4", "-00 00 01"], "ra")
    found = positions_of(Table([ra, column(["-00 30 00"] * 6, "dec")]))
    assert found is not None
    assert found[0][0] == pytest.approx(15.0)
    assert np.isnan(found[0]).tolist() == [False, True, True, True, True, False]
    assert found[1].tolist() == [-0.5] * 6


def test_positions_in_one_column_and_such_as_are_missing() -> None:
    pairs = column(
        np.array([[15.0, -30.0], [16.0, -31.0]]), "ssa_location", utype="ssa:Char.SpatialAxis.Coverage.Location.Value"
    )
    found = positions_of(Table([pairs]))
    assert found is not None
    assert found[1].tolist() == [-30.0, -31.0]
    masked = np.ma.MaskedArray([15.0, 16.0], mask=[True, False])
    found = positions_of(Table([column(masked, "ra"), column(np.array([1.0, 2.0]), "dec")], masked=True))
    assert found is not None
    assert np.isnan(found[0][0])
    assert positions_of(Table([column(["a"], "name")])) is None
    assert positions_of(Table([column([1.0], "ra", unit="km"), column([1.0], "dec", unit="km")])) is None


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (column([1e-3], "em_min", unit="m"), column([2e-3], "em_max", unit="m")),
        (column([1e-3], "em_min"), column([2e-3], "em_max")),
        (column([1.0], "a", unit="mm", ucd="em.wl;stat.min"), column([2.0], "b", unit="mm", ucd="em.wl;stat.max")),
        (
            column([149.896229], "a", unit="GHz", ucd="em.freq;stat.min"),
            column([299.792458], "b", unit="GHz", ucd="em.freq;stat.max"),
        ),
        (
            column([1e-3], "s", unit="m", utype="ssa:Char.SpectralAxis.Coverage.Bounds.Start"),
            column([2e-3], "t", unit="m", utype="ssa:Char.SpectralAxis.Coverage.Bounds.Stop"),
        ),
    ],
)
def test_frequencies_come_out_in_hertz(low: Column, high: Column) -> None:
    found = frequency_ranges(Table([low, high]))
    assert found is not None
    assert [found[0][0], found[1][0]] == pytest.approx([149.896229e9, 299.792458e9])


def test_what_is_no_wavelength_is_not_known() -> None:
    table = Table([column([1e-3, 0.0, np.nan], "em_min", unit="m"), column([2e-3, 1e-3, 1e-3], "em_max", unit="m")])
    found = frequency_ranges(table)
    assert found is not None
    assert np.isnan(found[0]).tolist() == np.isnan(found[1]).tolist() == [False, True, True]
    assert frequency_ranges(Table([column([1.0], "em_min", unit="K"), column([1.0], "em_max", unit="K")])) is None


def test_targets_are_taken_from_a_table() -> None:
    table = Table(
        [
            column(np.ma.MaskedArray(["B335", "L1544", "", "TW Hya"], mask=[False] * 4), "Source", ucd="meta.id;src"),
            column(np.array([294.25, 76.0, 370.0, np.nan]), "a", unit="deg", ucd="pos.eq.ra;meta.main"),
            column(np.array([7.57, 25.2, 5.0, np.nan]), "d", unit="deg", ucd="pos.eq.dec;meta.main"),
        ]
    )
    found = targets_from(table, source="my list")
    assert [target.name for target in found.targets] == ["B335", "L1544", "00:40:00.000 +05:00:00.00"]
    assert [target.position.ra for target in found.targets] == [294.25, 76.0, 10.0]
    assert found.names_to_resolve == ("TW Hya",)
    assert {target.source for target in found.targets} == {"my list"}


def test_a_list_of_names_is_one_to_resolve_and_what_has_neither_is_refused() -> None:
    assert targets_from(Table([["M31", "M33", "M31"]], names=["name"]), source="x").names_to_resolve == ("M31", "M33")
    with pytest.raises(InputError, match="neither columns of positions"):
        targets_from(Table([[1.0]], names=["flux"]), source="x")
    with pytest.raises(InputError, match="at most 10,000"):
        targets_from(Table([np.zeros(10_001), np.zeros(10_001)], names=["ra", "dec"]), source="x")


def observations(ids: list[str], **more: list[object]) -> Table:
    return Table({"obs_publisher_did": ids, "s_ra": [1.0 / 3.0] * len(ids), "em_min": [1e-3] * len(ids), **more})


def test_rows_that_are_new_are_told_from_those_that_were_there() -> None:
    old = observations(["a", "b", "c"], access_url=["1", "2", "3"])
    new = observations(["d", "c", "a", "e"], access_url=["4", "33", "11", "5"])
    found = compare(old, new)
    assert (found.new.tolist(), found.gone.tolist()) == ([0, 3], [1])
    assert found.said == "2 rows new, 1 row gone"
    assert compare(new, new).said == "nothing new"


def test_rows_of_one_identifier_are_told_by_the_rest() -> None:
    old = observations(["a", "a"], em_max=[2e-3, 3e-3])
    new = observations(["a", "a", "a"], em_max=[3e-3, 4e-3, 2e-3])
    assert compare(old, new).new.tolist() == [1]
    twice = observations(["a", "a"])
    assert compare(observations(["a"]), twice).new.tolist() == [1]


def test_digits_lost_on_the_way_do_not_make_a_row_new() -> None:
    old, new = observations(["a"]), observations(["a"])
    new["s_ra"] = [0.3333333333]
    assert len(compare(old, new).new) == 0


def test_tables_that_nothing_tells_apart_are_compared_whole() -> None:
    old, new = Table({"a": [1, 2], "b": ["x", "y"]}), Table({"a": [2, 1, 1], "b": ["y", "x", "z"]})
    assert compare(old, new).new.tolist() == [2]
    assert compare(Table(), Table()).new.tolist() == []
    assert compare(old[:0], new).new.tolist() == [0, 1, 2]


def test_long_answers_are_compared() -> None:
    ids = [f"obs{i}" for i in range(100_000)]
    old, new = observations(ids[3:]), observations(ids)
    assert compare(old, new).new.tolist() == [0, 1, 2]
