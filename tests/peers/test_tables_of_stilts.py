"""STILTS reads what is written here as the same table and has nothing to say against it, and the other way round."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from stopdesk.formats.votable import Serialization, read_table, write_table
from tests.peers.processes_as import missing
from tests.votables import SERIALIZATIONS, mask_of, objects, one_of_everything

DATA = Path(__file__).parents[1] / "data" / "votables"


def stilts(*words: str) -> str:
    """What STILTS says; its errors are the test's."""
    program = shutil.which("stilts")
    if program is None:
        missing("stilts is not installed")
    done = subprocess.run([program, *words], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("serialization", SERIALIZATIONS)
def test_votlint_has_nothing_to_say(tmp_path: Path, serialization: Serialization) -> None:
    table = one_of_everything()
    table["strange"].unit = None  # which it would complain of, as it should
    table.remove_column("waves")  # it takes the length of complex arrays for that of their parts
    write_table(table, tmp_path / "t.vot", serialization)
    assert stilts("votlint", f"votable={tmp_path / 't.vot'}").strip() == ""


@pytest.mark.parametrize("name", ["cone_search_binary", "model_result"])
@pytest.mark.parametrize("serialization", SERIALIZATIONS)
def test_votlint_has_nothing_to_say_of_answers_written_again(
    tmp_path: Path, name: str, serialization: Serialization
) -> None:
    table = read_table(DATA / f"{name}.vot")
    for column in table.itercols():
        if column.meta.get("xtype") == "mjd":  # an old word of the service's own
            del column.meta["xtype"]
    write_table(table, tmp_path / "t.vot", serialization)
    assert stilts("votlint", f"votable={tmp_path / 't.vot'}").strip() == ""


@pytest.mark.parametrize("by_stilts", ["binary2-inline", "binary-inline", "tabledata"])
@pytest.mark.parametrize("serialization", SERIALIZATIONS)
def test_tables_come_back_through_stilts(tmp_path: Path, serialization: Serialization, by_stilts: str) -> None:
    table = one_of_everything()
    table.remove_column("waves")  # STILTS takes the length of complex arrays for that of their parts,
    table["long"][2] = -5  # -2**63 for null,
    table["unicodeChar"][2] = "τx"  # and writes no characters beyond the first 65,536 as text
    ours, theirs = tmp_path / "ours.vot", tmp_path / "theirs.vot"
    write_table(table, ours, serialization)
    stilts("tcopy", f"in={ours}", "ifmt=votable", f"out={theirs}", f"ofmt=votable-{by_stilts}")
    found = read_table(theirs)
    assert found.colnames == table.colnames
    for name in table.colnames:
        _assert_same(found[name], table[name])
    assert str(found["double"].unit) == "km / s"
    assert found["double"].meta["ucd"] == "phys.veloc"
    assert found["double"].description == 'A <velocity> & "more"'


def _assert_same(column: Any, expected: Any) -> None:
    """As far as STILTS keeps it: NaN is its null of numbers, there is none within arrays, complex numbers are pairs."""
    if expected.dtype.kind == "O" and isinstance(expected[0], np.ndarray):
        for cell, other in zip(column, expected, strict=True):
            assert np.ravel(cell).tolist() == other.ravel().tolist()
    elif expected.dtype.kind in "UO":
        pairs = (np.ravel(np.ma.filled(np.ma.asarray(each), "")) for each in (column, expected))
        for cell, other in zip(*pairs, strict=True):
            assert str(cell).strip() == str(other).strip()
    elif expected.ndim > 1 or expected.dtype.kind == "c":
        there = ~mask_of(expected)
        values = np.ascontiguousarray(np.ma.getdata(np.ma.asarray(column))).view(expected.dtype).reshape(expected.shape)
        np.testing.assert_array_equal(values[there], np.ma.getdata(np.ma.asarray(expected))[there])
    else:
        gone, missing = mask_of(column), mask_of(expected)
        if expected.dtype.kind == "f":
            gone, missing = (np.isnan(np.ma.filled(np.ma.asarray(each), np.nan)) for each in (column, expected))
        np.testing.assert_array_equal(gone, missing)
        np.testing.assert_array_equal(np.asarray(column)[~gone], np.asarray(expected)[~missing])


def test_rows_in_fits_that_stilts_writes_are_read(tmp_path: Path) -> None:
    table = Table({"x": [1.5, 2.5], "n": [1, 2], "name": ["a", "bc"]})
    table["x"].unit = "km/s"
    write_table(table, tmp_path / "ours.vot")
    theirs = tmp_path / "theirs.vot"
    stilts("tcopy", f"in={tmp_path / 'ours.vot'}", "ifmt=votable", f"out={theirs}", "ofmt=votable-fits-inline")
    found = read_table(theirs)
    assert [found[name].tolist() for name in ("x", "n", "name")] == [[1.5, 2.5], [1, 2], ["a", "bc"]]
    assert str(found["x"].unit) == "km / s"


def test_stilts_counts_the_same_rows_and_nulls(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    n_rows = 50_000
    table = Table({"x": rng.normal(size=n_rows), "name": np.char.add("s", np.arange(n_rows).astype(str))})
    table["note"] = objects(["y" * (i % 30) for i in range(n_rows)])
    for serialization in SERIALIZATIONS:
        write_table(table, tmp_path / "t.vot", serialization)
        said = stilts("tpipe", f"in={tmp_path / 't.vot'}", "ifmt=votable", "cmd=stats name nGood mean", "ofmt=csv")
        assert [line.split(",")[1] for line in said.splitlines()[1:3]] == [str(n_rows)] * 2
