"""Each program gets a table in the format that it takes best; what is cancelled or cannot be written leaves nothing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table

from stopdesk.errors import Cancelled, FileError
from stopdesk.formats.votable import read_table
from stopdesk.samp.exchange import Peer
from stopdesk.samp.messages import TABLE_FITS, TABLE_VOTABLE
from stopdesk.samp.tables import TableFormat, table_format, write


def peer(name: str, mtypes: Iterable[str]) -> Peer:
    return Peer("c1", name, subscriptions=frozenset(mtypes))


BOTH = (TABLE_FITS, TABLE_VOTABLE)


@pytest.mark.parametrize(
    ("name", "mtypes", "n_rows", "form"),
    [
        ("topcat", BOTH, 10, TableFormat.FITS),
        ("TOPCAT", BOTH, 300_000, TableFormat.FITS),
        ("TOPCAT", (TABLE_VOTABLE,), 10, TableFormat.VOTABLE),
        ("Aladin", BOTH, 10, TableFormat.VOTABLE),
        ("Aladin", BOTH, 300_000, TableFormat.VOTABLE_TEXT),
        ("SPLAT", (TABLE_FITS,), 10, TableFormat.FITS),
        ("other", BOTH, 300_000, TableFormat.VOTABLE),
        ("all of them", ("table.load.*",), 10, TableFormat.VOTABLE),
    ],
)
def test_formats_follow_the_program(name: str, mtypes: tuple[str, ...], n_rows: int, form: TableFormat) -> None:
    assert table_format(peer(name, mtypes), n_rows) is form


def texts_and_numbers() -> Table:
    table = Table()
    table["name"] = MaskedColumn(["C₂H", "", "HC₅N", "x"], dtype=object, mask=[False, False, False, True])
    table["number"] = MaskedColumn([1, 2, 3, 4], mask=[False, True, False, False])
    table["flag"] = [True, False, True, False]
    table["ends"] = np.arange(8.0).reshape(4, 2)
    return table


@pytest.mark.parametrize("form", list(TableFormat))
def test_what_is_written_is_read_by_others(form: TableFormat, tmp_path: Path) -> None:
    path = tmp_path / f"table{form.value}"
    write(texts_and_numbers(), form, path)
    back = Table.read(path, hdu=1) if form.is_fits else Table.read(path, format="votable")
    names = ["".join(map(str, name)) for name in np.ma.filled(back["name"], "")]
    assert names == (["C?H", "", "HC?N", ""] if form.is_fits else ["C₂H", "", "HC₅N", ""])
    assert np.ma.filled(back["number"], -1).tolist() == [1, -1, 3, 4]
    assert back["flag"].tolist() == [True, False, True, False]
    assert back["ends"].tolist() == np.arange(8.0).reshape(4, 2).tolist()


def test_texts_of_any_length_are_kept_in_fits(tmp_path: Path) -> None:
    texts = ["x" * (k % 300) for k in range(10_000)]
    write(Table({"text": np.array(texts, dtype=object)}), TableFormat.FITS, tmp_path / "t.fits")
    back = Table.read(tmp_path / "t.fits", hdu=1)
    assert ["".join(map(str, text)) for text in back["text"]] == texts


def test_many_rows_of_texts_in_fits_are_those_of_the_table(tmp_path: Path) -> None:
    n = 20_000
    texts = np.char.add("row ", np.arange(n).astype("U5"))
    texts[[0, 9_000, n - 1]] = "µ Cep", "tab\there", "~ z"
    mask = np.arange(n) % 7 == 3
    table = Table({"text": MaskedColumn(texts, mask=mask), "pair": np.char.add(texts, "b").reshape(-1, 2).repeat(2, 0)})
    table["number"] = np.arange(n) / 7
    write(table, TableFormat.FITS, tmp_path / "t.fits")
    back = Table.read(tmp_path / "t.fits", hdu=1)
    plain = np.char.replace(np.char.replace(texts, "µ", "?"), "\t", "?")
    assert np.ma.filled(back["text"], "").tolist() == np.where(mask, "", plain).tolist()
    assert back["pair"].tolist() == np.char.add(plain, "b").reshape(-1, 2).repeat(2, 0).tolist()
    assert back["number"].tolist() == table["number"].tolist()


@pytest.mark.parametrize("form", list(TableFormat))
def test_a_cancel_leaves_no_file(form: TableFormat, tmp_path: Path) -> None:
    asked = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 2

    table = Table({f"c{k}": np.arange(200_000.0) for k in range(4)})
    with pytest.raises(Cancelled):
        write(table, form, tmp_path / "table", cancelled)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="nowhere"):
        write(Table({"a": [1]}), TableFormat.FITS, tmp_path / "nowhere" / "t.fits")


def test_booleans_are_called_so(tmp_path: Path) -> None:
    """TOPCAT 4.8 fails on booleans that are said to be bits."""
    path = tmp_path / "t.vot"
    write(Table({"flag": [True, False]}), TableFormat.VOTABLE, path)
    assert b'datatype="boolean"' in path.read_bytes()
    assert read_table(path)["flag"].tolist() == [True, False]
