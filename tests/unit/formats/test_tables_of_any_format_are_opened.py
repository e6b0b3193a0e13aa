"""The table in a file is opened by its content, whatever its name; what holds none is told in a sentence."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from stopdesk.errors import Cancelled, FileError
from stopdesk.formats.convert import convert
from stopdesk.formats.opening import MOST_TABLES, open_table, open_tables
from stopdesk.formats.votable import write_table


@pytest.fixture
def votable() -> bytes:
    table = Table({"name": ["a", "b", "c"], "flux": [1.0, 2.5, np.nan]})
    table["flux"].unit = "Jy"
    target = io.BytesIO()
    write_table(table, target)
    return target.getvalue()


@pytest.mark.parametrize("ending", ["vot", "fits", "ecsv", "csv", "parquet"])
@pytest.mark.parametrize("packs", [False, True])
def test_every_format_is_known_by_its_content(tmp_path: Path, votable: bytes, ending: str, packs: bool) -> None:
    (tmp_path / "given.vot").write_bytes(votable)
    convert(tmp_path / "given.vot", tmp_path / f"given.{ending}", overwrite=True)
    data = (tmp_path / f"given.{ending}").read_bytes()
    table = open_table(gzip.compress(data) if packs else data, "no ending at all")
    assert table.colnames == ["name", "flux"]
    assert list(table["name"]) == ["a", "b", "c"]
    assert list(np.ma.filled(np.ma.asarray(table["flux"], dtype=float), np.nan)[:2]) == [1.0, 2.5]


def test_what_a_column_links_to_stays(votable: bytes) -> None:
    field = re.search(rb'(<FIELD[^>]*name="name"[^>]*)/>', votable)
    assert field is not None
    linked = votable.replace(field[0], field[1] + b'><LINK href="http://a.example/${name}"/></FIELD>')
    assert open_table(linked, "linked.vot")["name"].meta["links"] == [{"href": "http://a.example/${name}"}]


def image() -> bytes:
    target = io.BytesIO()
    fits.PrimaryHDU(np.zeros((2, 2))).writeto(target)
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\0\1\2\3" * 100, "is no CSV: there are bytes in it that are no text"),
        (image(), "is a FITS file without a table"),
        (b'<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">No</INFO></RESOURCE></VOTABLE>', "says: No"),
        (b"<html><body>Log in</body></html>", "web page"),
        (b"<VOTABLE><RESOURCE><TABLE/></RESOURCE></VOTABLE>", "without columns"),
        (b"PAR1 and no more", "Parquet"),
        (b"", "empty"),
        (b"a,b\n1,2,3\n", "row 2 has 3 cells where there are 2 columns"),
    ],
)
def test_what_holds_no_table_is_told(data: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words) as caught:
        open_table(data, "given.dat")
    assert str(caught.value).startswith("given.dat")


def test_what_unpacks_to_more_than_the_bound_is_refused() -> None:
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 5_000_000)
    with pytest.raises(FileError, match="is larger than 1,000,000 bytes"):
        open_table(bomb, "bomb.csv.gz", max_bytes=1_000_000)


def test_a_cancel_ends_it(votable: bytes) -> None:
    with pytest.raises(Cancelled):
        open_table(votable + b" " * (3 << 20), "given.vot", cancelled=lambda: True)


def several(*names: str) -> bytes:
    """A VOTable with metadata, and a table of so many rows for each name, in one RESOURCE or another."""
    field = '<FIELD name="a" datatype="int"/>'
    tables = "".join(
        f"<RESOURCE><TABLE{f' name={name!r}' if name else ''}>{field}<DATA><TABLEDATA>"
        f"{''.join(f'<TR><TD>{row}</TD></TR>' for row in range(rows))}</TABLEDATA></DATA></TABLE></RESOURCE>"
        for rows, name in enumerate(names, start=1)
    )
    meta = f'<RESOURCE type="meta"><TABLE name="about">{field}<DATA><TABLEDATA/></DATA></TABLE></RESOURCE>'
    return f'<VOTABLE version="1.4">{meta}{tables}</VOTABLE>'.encode()


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (("stars", "lines"), ["stars", "lines"]),
        (("stars", "", "stars"), ["stars 1", "table 2", "stars 3"]),
        (("stars",), [""]),
    ],
)
@pytest.mark.parametrize("packs", [False, True])
def test_all_tables_of_a_votable_are_opened(given: tuple[str, ...], names: list[str], packs: bool) -> None:
    data = gzip.compress(several(*given)) if packs else several(*given)
    tables, problems = open_tables(data, "several.vot")
    assert [each.name for each in tables] == names
    assert [len(each.table) for each in tables] == list(range(1, len(given) + 1))
    assert not problems
    for each in tables:
        assert len(open_table(data, "several.vot", each.number)) == len(each.table), "found again by its number"


def units(*sizes: int) -> bytes:
    """A FITS file with an image and tables of so many rows, named EXT0, EXT1 …; the last has no name."""
    tables = [
        fits.BinTableHDU.from_columns(
            [fits.Column("a", "J", array=np.arange(size))], name=f"EXT{i}" if i < len(sizes) - 1 else None
        )
        for i, size in enumerate(sizes)
    ]
    target = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(np.zeros((2, 2))), *tables]).writeto(target)
    return target.getvalue()


def test_all_tables_of_a_fits_file_are_opened() -> None:
    data = units(3, 1, 2)
    tables, problems = open_tables(data, "units.fits")
    assert [(each.name, len(each.table)) for each in tables] == [("EXT0", 3), ("EXT1", 1), ("table 3", 2)]
    assert not problems
    assert [len(open_table(data, "units.fits", each.number)) for each in tables] == [3, 1, 2]


def test_tables_beyond_a_bound_and_those_that_cannot_be_read_are_told() -> None:
    tables, problems = open_tables(several(*(f"t{i}" for i in range(MOST_TABLES + 3))), "many.vot")
    assert len(tables) == MOST_TABLES
    assert problems == [f"many.vot has {MOST_TABLES + 3} tables; the first {MOST_TABLES} were opened."]
    bare = several("stars", "lines").replace(b"</VOTABLE>", b'<RESOURCE><TABLE name="bare"/></RESOURCE></VOTABLE>')
    tables, problems = open_tables(bare, "bare.vot")
    assert [each.name for each in tables] == ["stars", "lines"]
    assert problems == ["The table bare was left out. bare.vot: has a table without columns; there is nothing to show."]
