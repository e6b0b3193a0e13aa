"""What is written as a VOTable reads back the same, here and in astropy, and is valid."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stopdesk.formats.votable import Encoding, Table, TableColumn, TableParam, VOTable, vounit, write
from stopdesk.formats.votable_reader import read


def _document() -> VOTable:
    array = np.arange(30, dtype=float).reshape(10, 3)
    array[4] = np.nan
    array[5, 1] = np.nan
    scalar = np.linspace(-1e300, 1e-300, 10)
    scalar[3] = np.nan
    columns = (
        TableColumn("temperature", scalar, "K", "phys.temperature", 'below <5> & "above"'),
        TableColumn("array", array, vounit("W m-2 sr-1")),
        TableColumn("single", np.linspace(0, 1, 10, dtype=np.float32)),
        TableColumn("flag", np.arange(10) % 3 == 0),
        TableColumn("flags", np.arange(20).reshape(10, 2) % 3 == 0),
        TableColumn("name", np.array(["1-0" * i for i in range(10)])),
        TableColumn("greek", np.array(["τ𝛕" * i for i in range(10)])),
        TableColumn("whole", np.arange(10) - 5),
        TableColumn("small", np.arange(10, dtype=np.int16)),
    )
    params = (
        TableParam("line_width", 1.5, "km/s", "spect.line.width", "FWHM"),
        TableParam("ortho_para_ratio", "thermal"),
        TableParam("label", "τ"),
        TableParam("nothing", ""),
        TableParam("dusty", True),
        TableParam("levels", 41),
    )
    first = Table("grid", columns, params, "One row a parameter set.")
    second = Table("transitions", (TableColumn("frequency", np.arange(4.0), "GHz"),))
    return VOTable((first, second), (("model", "lvg"), ("note", 'two\nlines, "quoted" <&>'), ("note", "")), "About.")


def _assert_same(found: VOTable, expected: VOTable) -> None:
    assert (found.infos, found.description) == (expected.infos, expected.description)
    assert [table.name for table in found.tables] == [table.name for table in expected.tables]
    for table, wanted in zip(found.tables, expected.tables, strict=True):
        assert (table.params, table.description) == (wanted.params, wanted.description)
        for column, other in zip(table.columns, wanted.columns, strict=True):
            for name in ("name", "unit", "ucd", "description"):
                assert getattr(column, name) == getattr(other, name)
            np.testing.assert_array_equal(column.data, other.data)
            if other.data.dtype.kind != "U":
                assert column.data.dtype == other.data.dtype


@pytest.mark.parametrize("encoding", ["BINARY2", "TABLEDATA"])
def test_everything_reads_back(tmp_path: Path, encoding: Encoding) -> None:
    path = tmp_path / "table.vot"
    write(_document(), path, encoding=encoding)
    _assert_same(read(path), _document())
    _assert_same(read(path.read_bytes()), _document())
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["table.vot"]


@pytest.mark.parametrize("encoding", ["BINARY2", "TABLEDATA"])
def test_astropy_finds_no_fault_and_the_same_numbers(tmp_path: Path, encoding: Encoding) -> None:
    from astropy.io import votable

    path = tmp_path / "table.vot"
    write(_document(), path, encoding=encoding)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = votable.parse(path, verify="exception").get_first_table().to_table()
    assert str(table["array"].unit) == "W / (sr m2)"
    assert list(table["greek"]) == list(_document().tables[0].column("greek").data)
    assert list(table["flag"]) == [i % 3 == 0 for i in range(10)]
    np.testing.assert_array_equal(table["array"].filled(np.nan), _document().tables[0].column("array").data)
    if encoding == "BINARY2":
        assert table["array"].mask[4].all()
    assert table["temperature"].mask.tolist() == [i == 3 for i in range(10)]


_NUMBERS = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.int32, np.int16, np.uint8, np.bool_]),
    st.tuples(st.just(4), st.integers(2, 5)),
)
_TEXTS = st.lists(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=8),
    min_size=4,
    max_size=4,
)


@given(_NUMBERS, _TEXTS, st.sampled_from(["BINARY2", "TABLEDATA"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_numbers_and_texts_read_back(
    tmp_path: Path, numbers: np.ndarray, texts: list[str], encoding: Encoding
) -> None:
    columns = (
        TableColumn("numbers", numbers),
        TableColumn("first", numbers[:, 0]),
        TableColumn("texts", np.array(texts, dtype=str)),
    )
    write(VOTable((Table("t", columns),)), tmp_path / "t.vot", encoding=encoding)
    found = read(tmp_path / "t.vot").tables[0]
    np.testing.assert_array_equal(found.column("numbers").data, numbers)
    np.testing.assert_array_equal(found.column("first").data, numbers[:, 0])
    assert found.column("texts").data.tolist() == texts


def test_tables_of_many_blocks_and_of_no_rows(tmp_path: Path) -> None:
    data = np.random.default_rng(1).normal(size=(20_011, 41))
    many = Table("many", (TableColumn("data", data), TableColumn("flag", data[:, 0] > 0)))
    none = Table("none", (TableColumn("data", data[:0]), TableColumn("name", np.array([], dtype=str))))
    write(VOTable((many, none)), tmp_path / "t.vot")
    found = read(tmp_path / "t.vot")
    np.testing.assert_array_equal(found.table("many").column("data").data, data)
    np.testing.assert_array_equal(found.table("many").column("flag").data, data[:, 0] > 0)
    assert found.table("none").n_rows == 0


def test_units_are_written_as_vounits() -> None:
    units = {"W m-2 sr-1": "W.m**-2.sr**-1", "K km/s": "K.km/s", "cm-3": "cm**-3", "GHz": "GHz", "": ""}
    assert {unit: vounit(unit) for unit in units} == units


@pytest.mark.parametrize("format_", ["tabledata", "binary", "binary2"])
def test_tables_of_other_programs_are_read(format_: str) -> None:
    from astropy.io import votable
    from astropy.table import MaskedColumn
    from astropy.table import Table as AstropyTable

    table = AstropyTable({"name": ["CO", "HCO+ 1-0"], "value": [1.5, 2.5]})
    if format_ != "binary":  # which has no nulls of whole numbers
        table["count"] = MaskedColumn([1, 2], mask=[False, True])
    file = io.BytesIO()
    document = votable.from_table(table)
    document.get_first_table().format = format_
    document.to_xml(file)
    found = read(file.getvalue()).tables[0]
    assert found.column("name").data.tolist() == ["CO", "HCO+ 1-0"]
    assert found.column("value").data.tolist() == [1.5, 2.5]
