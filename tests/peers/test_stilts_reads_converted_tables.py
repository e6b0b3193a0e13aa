"""STILTS reads what is converted to FITS, CSV, ECSV and VOTable, and what it writes is converted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from stopdesk.formats.convert import convert, read_any
from stopdesk.formats.votable import read_table, write_table
from tests.peers.test_tables_of_stilts import stilts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table in.vot."""
    table = Table()
    about = {"ucd": "phys.veloc", "utype": "a:b"}
    table["v"] = MaskedColumn([1.5, 2.5, 0], mask=[0, 0, 1], unit="km/s", description="a speed", meta=about)
    table["n"] = MaskedColumn(np.array([1, 2, 3], "i4"), mask=[0, 1, 0])
    table["ok"] = MaskedColumn([True, False, True], mask=[1, 0, 0])
    table["name"] = ["a", "b c", 'd,"e"']
    table["x"] = np.arange(6.0).reshape(3, 2)
    table.meta["params"] = [{"name": "who", "datatype": "char", "arraysize": "*", "value": "me"}]
    write_table(table, tmp_path / "in.vot")
    return tmp_path


def without_nan(cells: list[object]) -> list[object]:
    """STILTS writes NaN for what is missing."""
    return [None if isinstance(cell, float) and np.isnan(cell) else cell for cell in cells]


@pytest.mark.parametrize(
    ("ending", "kind"), [("vot", "votable"), ("fits", "fits-plus"), ("ecsv", "ecsv"), ("csv", "csv")]
)
def test_stilts_reads_the_same_table(folder: Path, ending: str, kind: str) -> None:
    convert(folder / "in.vot", folder / f"out.{ending}")
    stilts("tcopy", f"in={folder / f'out.{ending}'}", f"ifmt={kind}", f"out={folder / 'back.vot'}", "ofmt=votable")
    found, before = read_table(folder / "back.vot"), read_table(folder / "in.vot")
    assert found.colnames == before.colnames
    for name in ("v", "n", "ok", "name"):
        assert without_nan(found[name].tolist()) == before[name].tolist(), name
    if ending == "csv":
        return
    np.testing.assert_array_equal(found["x"], before["x"])
    assert (str(found["v"].unit), found["v"].description) == ("km / s", "a speed")
    if ending in ("vot", "fits"):
        assert (found["v"].meta["ucd"], found["v"].meta["utype"]) == ("phys.veloc", "a:b")
        assert any(param["name"] == "who" for param in found.meta["params"])


@pytest.mark.parametrize(
    ("ending", "kind"), [("fits", "fits-plus"), ("fits", "fits-basic"), ("ecsv", "ecsv"), ("csv", "csv")]
)
def test_tables_of_stilts_are_read(folder: Path, ending: str, kind: str) -> None:
    out = folder / f"theirs.{ending}"
    stilts("tcopy", f"in={folder / 'in.vot'}", "ifmt=votable", f"out={out}", f"ofmt={kind}")
    found = read_any(out)[0].table
    before = read_table(folder / "in.vot")
    for name in ("v", "n", "name"):
        assert without_nan(found[name].tolist()) == before[name].tolist(), name
    if ending != "csv":
        assert str(found["v"].unit) == "km / s"
        np.testing.assert_array_equal(found["x"], before["x"])
    if kind == "fits-plus":
        assert found["v"].meta["ucd"] == "phys.veloc"
        assert any(param["name"] == "who" for param in found.meta["params"])


def test_fits_files_are_without_fault(folder: Path) -> None:
    convert(folder / "in.vot", folder / "out.fits")
    said = stilts("tpipe", f"in={folder / 'out.fits'}", "cmd=stats name nGood", "ofmt=csv")
    assert [line.split(",")[1] for line in said.splitlines()[1:4]] == ["2", "2", "2"]
