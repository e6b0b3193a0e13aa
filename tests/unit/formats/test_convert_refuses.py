"""Files that cannot be converted are refused in one sentence that names them; what is there already is not touched."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from stopdesk.errors import FileError, InputError
from stopdesk.formats.convert import convert, read_any

ENDINGS = ("vot", "fits", "ecsv", "csv", "parquet")


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """A folder with a table in every format."""
    made = {"x": np.arange(300) + 0.5, "name": [f"n{i}" for i in range(300)]}
    Table(made).write(tmp_path / "t.ecsv", format="ascii.ecsv")
    for ending in ("vot", "fits", "csv", "parquet"):
        convert(tmp_path / "t.ecsv", tmp_path / f"t.{ending}")
    return tmp_path


def sentence(source: Path, target: Path) -> str:
    with pytest.raises(InputError) as caught:
        convert(source, target)
    words = str(caught.value)
    assert "\n" not in words
    assert not target.exists()
    return words


@pytest.mark.parametrize("ending", ENDINGS)
def test_damage_is_told_in_a_sentence(samples: Path, ending: str) -> None:
    bad, out = samples / f"bad.{ending}", samples / f"out.{'csv' if ending != 'csv' else 'vot'}"
    assert "bad" in sentence(bad, out)  # missing
    for data in (b"", b"   \n", b"\0\x80\xff\x01rubbish" * 500):
        bad.write_bytes(data)
        assert "bad" in sentence(bad, out)
    whole = (samples / f"t.{ending}").read_bytes()
    separator = {"csv": b",", "ecsv": b" "}.get(ending)
    bad.write_bytes(whole[: len(whole) * 2 // 3] if separator is None else whole[:-3].rpartition(separator)[0])
    assert "bad" in sentence(bad, out)
    bad.write_bytes(gzip.compress(whole)[:-20])
    assert "bad" in sentence(bad, out)
    bad.unlink()
    bad.mkdir()
    assert "bad" in sentence(bad, out)


def test_a_row_with_too_few_cells_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n3\n")
    assert "row 3 has 1 cells where there are 2 columns" in sentence(tmp_path / "t.csv", tmp_path / "o.vot")


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,"x\ny"\n2,"x\n3,y\n4,z\n')
    said = sentence(tmp_path / "t.csv", tmp_path / "o.vot")
    assert "t.csv, line 4: opens a quotation mark that is never closed" in said
    (tmp_path / "t.csv").write_text('a,b\n1,5" dish\n2,"x"\n')
    assert list(read_any(tmp_path / "t.csv")[0].table["b"]) == ['5" dish', "x"], "a sign for inches is none"


def test_a_fits_file_that_promises_too_much_is_refused_before_its_rows_are_made(samples: Path) -> None:
    data = (samples / "t.fits").read_bytes()
    promised = data.replace(b"NAXIS2  =                  300", b"NAXIS2  =         300000000000")
    assert promised != data
    (samples / "big.fits").write_bytes(promised)
    assert "ends too early" in sentence(samples / "big.fits", samples / "o.vot")


def test_what_is_there_is_replaced_only_when_asked_for(samples: Path) -> None:
    target = samples / "there.csv"
    target.write_text("mine")
    with pytest.raises(FileError, match="--overwrite"):
        convert(samples / "t.fits", target)
    assert target.read_text() == "mine"
    convert(samples / "t.fits", target, overwrite=True)
    assert target.read_text().startswith("x,name\n0.5,n0\n")
    (samples / "bad.fits").write_bytes(b"SIMPLE  = rubbish")
    with pytest.raises(FileError):
        convert(samples / "bad.fits", target, overwrite=True)
    assert target.read_text().startswith("x,name\n0.5,n0\n")
    assert not list(samples.glob("*.part"))


def test_nothing_is_left_where_a_table_cannot_be_written(samples: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        convert(samples / "t.fits", samples / "no" / "such" / "o.csv")
    with pytest.raises(FileError, match="folder"):
        convert(samples / "t.fits", samples, target_format="csv")


def test_more_than_the_bound_is_not_read(samples: Path) -> None:
    (samples / "z.csv.gz").write_bytes(gzip.compress(b"a\n" + b"1\n" * 1_000_000))
    with pytest.raises(FileError, match="larger than"):
        convert(samples / "z.csv.gz", samples / "o.vot", max_bytes=100_000)


def test_formats_are_known_by_their_content(samples: Path) -> None:
    for ending, known in zip(ENDINGS, ("votable", "fits", "ecsv", "csv", "parquet"), strict=True):
        data = (samples / f"t.{ending}").read_bytes()
        for stream in (io.BytesIO(data), io.BytesIO(gzip.compress(data))):
            found, said = read_any(stream)
            assert said == known
            assert found.table["name"][299] == "n299"


def test_a_target_of_no_known_format_is_asked_for(samples: Path) -> None:
    assert "--to" in sentence(samples / "t.fits", samples / "t.what")


@pytest.mark.parametrize("table", ["nonesuch", 7])
def test_a_table_that_is_not_there_is_told(samples: Path, table: str | int) -> None:
    for ending in ("vot", "fits"):
        with pytest.raises(FileError, match="has no table"):
            convert(samples / f"t.{ending}", samples / "o.csv", table=table)
    with pytest.raises(InputError, match="one table only"):
        convert(samples / "t.csv", samples / "o.vot", table=table)
