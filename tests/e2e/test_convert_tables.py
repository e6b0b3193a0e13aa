"""``stopdesk convert`` as a user types it: files, pipes, what it says of what is lost, and its exit codes."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from astropy.table import MaskedColumn, Table

from stopdesk.formats.votable import read_table, write_table

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).resolve().parents[2]


def convert(*words: str, cwd: Path, code: int = 0, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command, and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "stopdesk", "convert", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input=b"" if data is None else data,
        capture_output=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert b"Traceback" not in done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table t.vot."""
    table = Table({"v": MaskedColumn([1.5, 2.5], mask=[0, 1], unit="km/s"), "name": ["a", "b"]})
    write_table(table, tmp_path / "t.vot")
    return tmp_path


def test_losses_are_told_on_stderr(folder: Path) -> None:
    done = convert("t.vot", "t.csv", cwd=folder)
    assert (folder / "t.csv").read_text() == "v,name\n1.5,a\n,b\n"
    assert done.stderr.decode().splitlines() == [
        "CSV does not keep units: v (km.s**-1)",
        "VOTable to CSV: 2 rows, 2 columns",
    ]
    assert done.stdout == b""


def test_programs_get_json(folder: Path) -> None:
    report = json.loads(convert("t.vot", "t.csv", "--json", cwd=folder).stdout)
    assert (report["n_rows"], report["target_format"], report["not_read"]) == (2, "csv", [])
    assert report["losses"] == [{"kind": "unit", "name": "v", "detail": "km.s**-1"}]


def test_tables_go_through_pipes_and_gzip(folder: Path) -> None:
    piped = convert("-", "-", "--to", "fits", cwd=folder, data=(folder / "t.vot").read_bytes()).stdout
    (folder / "t.fits").write_bytes(piped)
    convert("t.fits", "t.vot.gz", "--serialization", "tabledata", cwd=folder)
    text = gzip.decompress((folder / "t.vot.gz").read_bytes())
    assert b"<TABLEDATA>" in text
    back = read_table(folder / "t.vot.gz")
    assert (str(back["v"].unit), back["v"].tolist()) == ("km / s", [1.5, None])


def test_what_is_there_stays_unless_it_is_to_be_replaced(folder: Path) -> None:
    before = (folder / "t.vot").read_bytes()
    assert b"--overwrite" in convert("t.vot", "t.vot", "--serialization", "tabledata", cwd=folder, code=2).stderr
    assert (folder / "t.vot").read_bytes() == before
    convert("t.vot", "t.vot", "--serialization", "tabledata", "--overwrite", cwd=folder)
    assert b"<TABLEDATA>" in (folder / "t.vot").read_bytes()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("missing.fits", "o.csv"), "missing.fits"),
        (("t.vot", "o.what"), "--to"),
        (("t.vot", "-"), "--to"),
        (("t.vot", "o.csv", "--from", "fits"), "no FITS"),
        (("t.vot", "o.csv", "--table", "other"), "has no table 'other'"),
        (("t.vot", "o.csv", "--from", "excel"), "invalid choice"),
        ((".", "o.csv"), "cannot be read"),
    ],
)
def test_bad_input_is_exit_2_and_a_sentence(folder: Path, words: tuple[str, ...], said: str) -> None:
    assert said in convert(*words, cwd=folder, code=2).stderr.decode()
    assert not (folder / "o.csv").exists()
