"""What is written as a VOTable is read back: every cell, every null, and all that is said of it."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.time import Time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stopdesk.errors import FileError, InputError
from stopdesk.formats.votable import Serialization, read_table, write_table
from tests.votables import SERIALIZATIONS, assert_same, assert_same_cells, objects, one_of_everything

each_serialization = pytest.mark.parametrize("serialization", SERIALIZATIONS)


def written(table: Table, serialization: Serialization = "binary2") -> bytes:
    file = io.BytesIO()
    write_table(table, file, serialization)
    return file.getvalue()


@each_serialization
def test_every_cell_comes_back(serialization: Serialization) -> None:
    table = one_of_everything()
    assert_same(read_table(written(table, serialization)), table, serialization)


@each_serialization
def test_all_that_is_said_of_a_table_comes_back(serialization: Serialization) -> None:
    table = one_of_everything()
    found = read_table(written(table, serialization))
    assert found.meta == {**table.meta, "votable": {**table.meta["votable"], "version": "1.4"}, "QUERY_STATUS": "OK"}
    assert found["double"].unit == "km/s"
    assert found["double"].description == 'A <velocity> & "more"'
    assert found["double"].meta == table["double"].meta
    assert found["int"].meta == table["int"].meta
    assert {key: found["unicodeChar"].meta[key] for key in ("values", "links")} == table["unicodeChar"].meta
    assert str(found["strange"].unit) == "jupiter.radii per fortnight"


@each_serialization
def test_a_second_round_changes_nothing(serialization: Serialization) -> None:
    once = written(read_table(written(one_of_everything(), serialization)), serialization)
    assert written(read_table(once), serialization) == once


def test_truth_values_are_booleans_and_never_bits() -> None:
    data = written(Table({"flag": [True, False], "flags": [[True, False], [False, True]]}))
    assert b'datatype="boolean"' in data
    assert b'"bit"' not in data


@each_serialization
@pytest.mark.parametrize("n_rows", [0, 1])
def test_tables_of_no_rows_and_of_one(serialization: Serialization, n_rows: int) -> None:
    table = one_of_everything()[:n_rows]
    found = read_table(written(table, serialization))
    assert len(found) == n_rows
    for name in ("double", "boolean", "cube", "flags", "doubleComplex", "long"):
        assert_same_cells(found[name], table[name])


@each_serialization
def test_many_blocks_of_rows(serialization: Serialization) -> None:
    rng = np.random.default_rng(1)
    n_rows = 90_001
    table = Table({"x": rng.normal(size=n_rows), "row": np.arange(n_rows), "wide": rng.normal(size=(n_rows, 12))})
    table["name"] = np.char.add("source ", np.arange(n_rows).astype(str))
    table["note"] = objects(["x" * (i % 17) for i in range(n_rows)])
    table["flag"] = MaskedColumn(table["x"] > 0, mask=table["x"] > 1)
    counts: list[int] = []
    found = read_table(written(table, serialization), progress=counts.append)
    for name in ("x", "row", "wide", "name", "flag"):
        assert_same_cells(found[name], table[name])
    assert found["note"].tolist() == table["note"].tolist()
    assert counts == sorted(set(counts))
    assert counts[-1] == n_rows
    assert len(counts) > 2


@pytest.mark.parametrize("name", ["t.vot", "t.vot.gz"])
def test_files_are_written_whole_and_packed_by_their_name(tmp_path: Path, name: str) -> None:
    table = one_of_everything()
    write_table(table, tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b") == name.endswith(".gz")
    assert_same(read_table(tmp_path / name), table, "binary2")


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        write_table(Table({"a": [1]}), tmp_path / "nowhere" / "t.vot")


def test_a_table_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "t.vot"
    write_table(Table({"a": [1]}), path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="Column name holds a character"):
        write_table(Table({"name": ["a\x01"]}), path, "tabledata")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["t.vot"]


def test_streams_are_read_as_they_arrive() -> None:
    data = written(one_of_everything())

    class Slowly(io.RawIOBase):
        def __init__(self) -> None:
            self.at = 0

        def read(self, size: int = -1) -> bytes:
            self.at += 7
            return data[self.at - 7 : self.at]

    assert_same(read_table(Slowly()), one_of_everything(), "binary2")  # type: ignore[arg-type]
    assert_same(read_table(gzip.compress(data)), one_of_everything(), "binary2")


@each_serialization
def test_numbers_that_votables_have_not_become_larger_ones(serialization: Serialization) -> None:
    table = Table(
        {
            "i1": np.array([-128, 127], np.int8),
            "u2": np.array([0, 65535], np.uint16),
            "u4": np.array([0, 2**32 - 1], np.uint32),
            "u8": np.array([0, 2**63 - 1], np.uint64),
            "f2": np.array([0.5, 65504], np.float16),
            "big": np.array([1.5, 2.5], ">f8"),
            "bytes": np.array([b"ab", "é".encode()]),
            "when": np.array(["2026-01-02", "2026-01-03"], "M8[D]"),
        }
    )
    found = read_table(written(table, serialization))
    for name in ("i1", "u2", "u4", "u8", "f2", "big"):
        assert found[name].tolist() == table[name].tolist()
    assert found["bytes"].tolist() == ["ab", "é"]
    assert found["when"].tolist() == ["2026-01-02", "2026-01-03"]


def test_quantities_and_times() -> None:
    table = QTable({"speed": [1.0, 2.0], "time": Time(["2026-01-02T03:04:05", "2026-01-03T00:00:00"])})
    table["speed"].unit = "km/s"
    found = read_table(written(table))
    assert (found["speed"].tolist(), str(found["speed"].unit)) == ([1.0, 2.0], "km / s")
    assert found["time"].tolist() == ["2026-01-02T03:04:05.000", "2026-01-03T00:00:00.000"]
    assert found["time"].meta["xtype"] == "timestamp"


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (np.array([2**64 - 1, 0], np.uint64), "9.2e18"),
        (objects([np.zeros((2, 2)), np.zeros((2, 3))]), "various shapes"),
        (objects([{}, {}]), "cannot keep"),
        (np.array([b"\xff", b"a"]), "no text"),
        (np.zeros((2, 0)), "no elements"),
    ],
)
def test_what_a_votable_cannot_hold_is_refused_by_name(column: Any, words: str) -> None:
    with pytest.raises(InputError, match=f"Column odd .*{words}"):
        write_table(Table({"odd": column}), io.BytesIO())


def test_a_number_is_found_for_null_where_binary_needs_one() -> None:
    every = np.arange(256, dtype=np.uint8)
    mask = every == 7
    table = Table({"full": MaskedColumn(every, mask=mask), "long": MaskedColumn(np.full(256, 2**63 - 1), mask=mask)})
    found = read_table(written(table, "binary"))
    assert np.flatnonzero(found["full"].mask).tolist() == [7]
    assert np.flatnonzero(found["long"].mask).tolist() == [7]
    table["full"] = MaskedColumn(np.append(every[:-1], 7).astype(np.uint8), mask=every == 0)
    table["full"][0] = 255
    table["full"].mask[0] = True
    more = Table({"full": MaskedColumn(np.append(every, 0).astype(np.uint8), mask=[*[False] * 256, True])})
    with pytest.raises(InputError, match="uses every number"):
        written(more, "binary")
    assert read_table(written(more))["full"].mask.tolist() == [*[False] * 256, True]


def test_one_long_text_does_not_make_all_cells_long() -> None:
    texts = ["x"] * 20_000
    texts[100] = "y" * 1_000_000
    table = Table({"text": objects(texts)})
    found = read_table(written(table))
    assert found["text"].dtype == object
    assert found["text"].tolist() == texts
    assert read_table(written(found, "tabledata"))["text"].tolist() == texts


def test_plain_meta_of_other_formats_is_kept_as_infos() -> None:
    table = Table({"a": [1]}, meta={"TELESCOP": "IRAM 30m", "NUMBER": 3})
    infos = read_table(written(table)).meta["infos"]
    assert infos == [{"name": "TELESCOP", "value": "IRAM 30m"}, {"name": "NUMBER", "value": "3"}]


_NUMBERS = [np.float64, np.float32, np.int64, np.int32, np.int16, np.uint8, np.bool_, np.complex64, np.complex128]
_CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")


@st.composite
def columns(draw: st.DrawFn, n_rows: int) -> Column:
    """A column of any kind with anything in it, some of it masked."""
    kind = draw(st.sampled_from(["numbers", "arrays", "texts", "lengths", "long texts"]))
    if kind == "texts":
        return Column(
            np.array(draw(st.lists(st.text(_CHARACTERS, max_size=6), min_size=n_rows, max_size=n_rows)), "U6")
        )
    if kind == "long texts":
        return Column(objects(draw(st.lists(st.text(_CHARACTERS), min_size=n_rows, max_size=n_rows))), dtype=object)
    dtype = draw(st.sampled_from(_NUMBERS))
    if kind == "lengths":
        sizes = draw(st.lists(st.integers(0, 3), min_size=n_rows, max_size=n_rows))
        arrays = [draw(hnp.arrays(dtype, size)) for size in sizes]
        return Column(objects(arrays if any(sizes) else [np.ones(1, dtype)] * n_rows), dtype=object)
    shape = (n_rows,) if kind == "numbers" else (n_rows, *draw(st.sampled_from([(2,), (3, 2)])))
    values = draw(hnp.arrays(dtype, shape))
    mask = draw(hnp.arrays(np.bool_, shape)) if draw(st.booleans()) else np.zeros(shape, bool)
    if np.dtype(dtype).kind in "fc" and len(shape) > 1:
        mask[:] = False  # within arrays NaN is all that numbers have for null
    return MaskedColumn(values, mask=mask) if mask.any() else Column(values)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    n_rows = draw(st.integers(1, 5))
    return Table({f"c{i}": draw(columns(n_rows)) for i in range(draw(st.integers(1, 4)))})


@given(tables(), st.sampled_from(SERIALIZATIONS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_table_comes_back(table: Table, serialization: Serialization) -> None:
    found = read_table(written(table, serialization))
    for name in table.colnames:
        if table[name].dtype.kind == "O" and isinstance(table[name][0], str):
            assert found[name].tolist() == table[name].tolist()
        elif table[name].dtype.kind == "O" and table[name][0].dtype.kind in "fc" and serialization == "binary":
            for cell, other in zip(found[name], table[name], strict=True):
                np.testing.assert_array_equal(np.ma.getdata(cell), other)
        else:
            is_array = table[name].ndim > 1 or table[name].dtype.kind == "c"
            lenient = serialization == "binary" or (serialization == "tabledata" and is_array)
            assert_same_cells(found[name], table[name], nan_is_null=lenient, text_is_never_null=True)
