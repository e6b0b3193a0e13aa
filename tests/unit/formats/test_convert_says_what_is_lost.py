"""Every format keeps what the others' tables hold, or says of each thing that it does not; both by reading back."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import MaskedColumn, QTable, Table
from astropy.time import Time

from stopdesk.formats.convert import Format, Report, convert, read_any
from stopdesk.formats.votable import read_table, write_table
from tests.votables import objects, one_of_everything

ENDINGS: dict[str, Format] = {"vot": "votable", "fits": "fits", "ecsv": "ecsv", "csv": "csv", "parquet": "parquet"}


def converted(folder: Path, table: Table, ending: str, **options: object) -> tuple[Report, Table]:
    """The report of writing a table, and what is then in the file."""
    write_table(table, folder / "in.vot")
    target = folder / f"out.{ending}"
    report = convert(folder / "in.vot", target, **options)  # type: ignore[arg-type]
    found, known = read_any(target)
    assert known == ENDINGS[ending] == report.target_format
    return report, found.table


def lost(report: Report) -> set[tuple[str, str]]:
    return {(loss.kind, loss.name) for loss in report.losses}


#: Features that are kept by all formats but those named, with the kind of loss.
FEATURES: dict[str, tuple[Table, dict[str, str]]] = {
    "unit": (Table({"x": MaskedColumn([1.5, 2.5], unit="km/s")}), {"csv": "unit"}),
    "description": (Table({"x": MaskedColumn([1.5, 2.5], description="µ of é")}), {"csv": "description"}),
    "ucd": (Table({"x": MaskedColumn([1.5, 2.5], meta={"ucd": "phys.veloc"})}), {"csv": "UCD"}),
    "utype": (Table({"x": MaskedColumn([1.5, 2.5], meta={"utype": "a:b"})}), {"csv": "utype"}),
    "link": (Table({"x": MaskedColumn([1.5], meta={"links": [{"href": "http://x.y/"}]})}), {"csv": "LINK"}),
    "array": (Table({"x": np.arange(6.0).reshape(2, 3) + 0.5}), {"csv": "array"}),
    "cube": (Table({"x": np.arange(24.0).reshape(2, 3, 4) + 0.5}), {"csv": "array"}),
    "lengths": (Table({"x": objects([np.arange(i) + 0.5 for i in (3, 1)])}), {"csv": "array"}),
    "no int": (Table({"x": MaskedColumn([1, 2], mask=[0, 1])}), {}),
    "every byte": (
        Table({"x": MaskedColumn(np.arange(257).astype("u1"), mask=np.arange(257) == 256)}),
        {"csv": "type", "fits": "type"},
    ),
    "no double": (Table({"x": MaskedColumn([1.5, 2], mask=[0, 1])}), {}),
    "NaN": (Table({"x": MaskedColumn([1.5, np.nan, 2], mask=[0, 0, 1])}), {"fits": "nan"}),
    "no bool": (Table({"x": MaskedColumn([True, False, True], mask=[0, 0, 1])}), {}),
    "no text": (Table({"x": MaskedColumn(["ab", "cd"], mask=[0, 1])}), {"fits": "null", "csv": "null"}),
    "empty text": (Table({"x": ["ab", ""]}), {"ecsv": "nan"}),
    "blank": (Table({"x": ["ab ", "c"]}), {"fits": "value", "ecsv": "value"}),
    "unicode": (Table({"x": ["τ", "c"]}), {"fits": "value"}),
    "unicode name": (Table({"τ": [1.5]}), {"fits": "name"}),
    "quotes": (Table({"x": ['a,"b"\nc', "<&>"]}), {"fits": "value"}),
    "text like numbers": (Table({"x": ["12", "34"]}), {"csv": "type"}),
    "names with zeros": (Table({"x": ["012", "034"]}), {}),
    "whole doubles": (Table({"x": [1.0, 2e300]}), {}),
    "float": (Table({"x": np.array([0.1, 3e38], "f4")}), {"csv": "type"}),
    "short": (Table({"x": np.array([1, 2], "i2")}), {"csv": "type"}),
    "complex": (Table({"x": MaskedColumn([1 + 2j, 3], mask=[0, 1])}), {"csv": "type"}),
    "long name": (Table({"x" * 90: [1.5], "x" * 91: [1.5]}), {"fits": "name"}),
    "case of names": (Table({"x": [1], "X": [2]}), {}),
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("feature", FEATURES)
def test_a_loss_is_told_where_there_is_one_and_nowhere_else(tmp_path: Path, ending: str, feature: str) -> None:
    table, losing = FEATURES[feature]
    report, _ = converted(tmp_path, table, ending)
    kinds = {loss.kind for loss in report.losses}
    if ending not in losing:
        assert kinds == set()
    else:
        assert losing[ending] in kinds


@pytest.mark.parametrize("ending", ["vot", "fits", "parquet"])
def test_everything_that_is_said_of_a_table_is_kept(tmp_path: Path, ending: str) -> None:
    report, found = converted(tmp_path, one_of_everything(), ending)
    before = read_table(tmp_path / "in.vot")
    for key in ("params", "infos", "groups", "coosys", "timesys", "links", "resources", "description", "ID", "utype"):
        assert found.meta[key] == before.meta[key]
    assert str(found["double"].unit) == "km / s"
    assert found["double"].description == 'A <velocity> & "more"'
    assert found["double"].meta["precision"] == "E3"
    assert found["int"].mask.tolist() == [True] + [False] * 4
    assert found["boolean"].mask.tolist() == [False, False, True, False, False]
    np.testing.assert_array_equal(found["cube"].mask, before["cube"].mask)
    assert [cell.shape for cell in found["pairs"]] == [(i, 2) for i in range(5)]
    assert {loss.kind for loss in report.losses} <= {"value", "array"}


def test_csv_loses_what_stands_beside_the_cells(tmp_path: Path) -> None:
    report, found = converted(tmp_path, one_of_everything(), "csv")
    said = {("PARAM", "dv"), ("GROUP", "speeds"), ("COOSYS", "sys"), ("TIMESYS", "t"), ("INFO", "request")}
    assert said | {("unit", "double"), ("array", "cube"), ("VALUES", "int"), ("about", "description")} <= lost(report)
    assert found["cube"][0] == "[[null, 1], [2, 3], [4, 5]]"
    assert any(line.startswith("CSV does not keep units: double (km.s**-1)") for line in report.sentences)


@pytest.mark.parametrize(("serialization", "kinds"), [("binary", {"nan", "null"}), ("tabledata", {"null"})])
def test_serialisations_that_hold_less_say_so(tmp_path: Path, serialization: str, kinds: set[str]) -> None:
    table = Table(
        {"x": MaskedColumn([1.5, np.nan, 2], mask=[0, 0, 1]), "s": MaskedColumn(["a", "b", "c"], mask=[0, 0, 1])}
    )
    report, _ = converted(tmp_path, table, "vot", serialization=serialization)
    assert {loss.kind for loss in report.losses} == kinds


def test_unsigned_and_short_numbers_with_nulls_come_back(tmp_path: Path) -> None:
    table = Table()
    for code in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        limits = np.iinfo(code)
        table[code] = MaskedColumn(np.array([limits.min, limits.max, 0, 5], code), mask=[0, 0, 1, 0])
    table.write(tmp_path / "in.ecsv", format="ascii.ecsv")
    for ending in ("fits", "parquet"):
        report = convert(tmp_path / "in.ecsv", tmp_path / f"out.{ending}")
        assert report.losses == ()
        found = read_any(tmp_path / f"out.{ending}")[0].table
        for name in table.colnames:
            assert found[name].dtype.newbyteorder("=") == np.dtype(name)
            assert found[name].tolist() == table[name].tolist()
    kinds = {(loss.kind, loss.name) for loss in convert(tmp_path / "out.fits", tmp_path / "o.csv").losses}
    assert {("type", "i1"), ("type", "u1")} <= kinds


def test_astropy_reads_the_fits_files(tmp_path: Path) -> None:
    table = one_of_everything()
    table.remove_columns(["boolean", "flags"])  # it warns of what is missing there
    converted(tmp_path, table, "fits")
    found = Table.read(tmp_path / "out.fits", hdu=1, unit_parse_strict="silent")
    assert str(found["double"].unit) == "km / s"
    assert found["long"].tolist() == table["long"].tolist()
    assert found["int"].mask.tolist() == [True, False, False, False, False]
    np.testing.assert_array_equal(found["circle"], table["circle"])
    with fits.open(tmp_path / "out.fits") as hdus:
        hdus.verify("exception")
        assert hdus[1].header["TUCD1"] == "phys.veloc"


def test_astropy_reads_the_header_of_parquet_files(tmp_path: Path) -> None:
    table = Table({"x": MaskedColumn([1.5, 2.5], unit="km/s", meta={"ucd": "phys.veloc"}, description="speed")})
    converted(tmp_path, table, "parquet")
    read = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert read["x"].to_pylist() == [1.5, 2.5]
    assert read.schema.metadata[b"IVOA.VOTable-Parquet.version"] == b"1.0"
    header = io.BytesIO(read.schema.metadata[b"IVOA.VOTable-Parquet.content"])
    (field,) = parse(header, verify="exception").get_first_table().fields
    assert (field.name, str(field.unit), field.ucd, field.description) == ("x", "km / s", "phys.veloc", "speed")


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    two = tmp_path / "two.vot"
    field = '<FIELD name="x" datatype="int"/><FIELD name="x" datatype="int"/>'
    rows = "<DATA><TABLEDATA><TR><TD>1</TD><TD>2</TD></TR></TABLEDATA></DATA>"
    tables = "".join(f'<TABLE name="{name}">{field}{rows}</TABLE>' for name in ("first", "second"))
    two.write_text(f'<VOTABLE version="1.4"><RESOURCE>{tables}</RESOURCE></VOTABLE>')
    report = convert(two, tmp_path / "o.fits", table="second")
    assert {(loss.kind, loss.name) for loss in report.not_read} == {("table", "first"), ("name", "x")}
    made = QTable({"t": Time(["2020-01-01", "2021-01-01"])}, meta={"nested": {"a": 1}})
    made.write(tmp_path / "t.ecsv")
    report = convert(tmp_path / "t.ecsv", tmp_path / "t.vot")
    assert [(loss.kind, loss.name) for loss in report.not_read] == [("type", "t")]
    assert report.losses == ()
    back = read_table(tmp_path / "t.vot")
    assert back["t"][0] == "2020-01-01T00:00:00.000"
    assert back.meta["infos"][0]["value"] == '{"a": 1}'


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_table_without_rows_is_one(tmp_path: Path, ending: str) -> None:
    _, found = converted(tmp_path, one_of_everything()[:0], ending)
    assert len(found) == 0
    assert found.colnames == one_of_everything().colnames
