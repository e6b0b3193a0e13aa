"""What is written as a ResultDocument reads back the same, here and in astropy, and is valid."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stopdesk.formats.votable import (
    ResultDocument,
    ResultTable,
    Serialization,
    TableColumn,
    TableParam,
    read_document,
    vounit,
    write_document,
)


def _document() -> ResultDocument:
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
    first = ResultTable("grid", columns, params, "One row a parameter set.")
    second = ResultTable("transitions", (TableColumn("frequency", np.arange(4.0), "GHz"),))
    return ResultDocument(
        (first, second), (("model", "lvg"), ("note", 'two\nlines, "quoted" <&>'), ("note", "")), "About."
    )


def _assert_same(found: ResultDocument, expected: ResultDocument) -> None:
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


@pytest.mark.parametrize("serialization", ["binary2", "tabledata"])
def test_everything_reads_back(tmp_path: Path, serialization: Serialization) -> None:
    path = tmp_path / "table.vot"
    write_document(_document(), path, serialization=serialization)
    _assert_same(read_document(path), _document())
    _assert_same(read_document(path.read_bytes()), _document())
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["table.vot"]


@pytest.mark.parametrize("serialization", ["binary2", "tabledata"])
def test_astropy_finds_no_fault_and_the_same_numbers(tmp_path: Path, serialization: Serialization) -> None:
    from astropy.io import votable

    path = tmp_path / "table.vot"
    write_document(_document(), path, serialization=serialization)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = votable.parse(path, verify="exception").get_first_table().to_table()
    assert str(table["array"].unit) == "W / (sr m2)"
    assert list(table["greek"]) == list(_document().tables[0].column("greek").data)
    assert list(table["flag"]) == [i % 3 == 0 for i in range(10)]
    np.testing.assert_array_equal(table["array"].filled(np.nan), _document().tables[0].column("array").data)
    if serialization == "binary2":
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


@given(_NUMBERS, _TEXTS, st.sampled_from(["binary2", "tabledata"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_numbers_and_texts_read_back(
    tmp_path: Path, numbers: np.ndarray, texts: list[str], serialization: Serialization
) -> None:
    columns = (
        TableColumn("numbers", numbers),
        TableColumn("first", numbers[:, 0]),
        TableColumn("texts", np.array(texts, dtype=str)),
    )
    write_document(ResultDocument((ResultTable("t", columns),)), tmp_path / "t.vot", serialization=serialization)
    found = read_document(tmp_path / "t.vot").tables[0]
    np.testing.assert_array_equal(found.column("numbers").data, numbers)
    np.testing.assert_array_equal(found.column("first").data, numbers[:, 0])
    assert found.column("texts").data.tolist() == texts


def test_tables_of_many_blocks_and_of_no_rows(tmp_path: Path) -> None:
    data = np.random.default_rng(1).normal(size=(20_011, 41))
    many = ResultTable("many", (TableColumn("data", data), TableColumn("flag", data[:, 0] > 0)))
    none = ResultTable("none", (TableColumn("data", data[:0]), TableColumn("name", np.array([], dtype=str))))
    write_document(ResultDocument((many, none)), tmp_path / "t.vot")
    found = read_document(tmp_path / "t.vot")
    np.testing.assert_array_equal(found.table("many").column("data").data, data)
    np.testing.assert_array_equal(found.table("many").column("flag").data, data[:, 0] > 0)
    assert found.table("none").n_rows == 0


def test_units_are_written_as_vounits() -> None:
    units = {"W m-2 sr-1": "W.m**-2.sr**-1", "K km/s": "K.km/s", "cm-3": "cm**-3", "GHz": "GHz", "": ""}
    assert {unit: vounit(unit) for unit in units} == units


def test_workers_need_neither_astropy_nor_arrow(tmp_path: Path) -> None:
    """They start in less time, and a server's have no Arrow."""
    program = f"""
import sys
from pathlib import Path
import numpy as np
from stopdesk.formats.votable import ResultDocument, ResultTable, TableColumn, read_document, write_document
columns = (TableColumn("x", np.arange(4.0).reshape(2, 2)), TableColumn("name", np.array(["a", "τ"])))
write_document(ResultDocument((ResultTable("t", columns),)), Path({str(tmp_path / "t.vot")!r}))
read_document(Path({str(tmp_path / "t.vot")!r}))
sys.exit(", ".join(sorted({{"astropy", "pyarrow", "PySide6"}} & set(sys.modules))) or 0)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
