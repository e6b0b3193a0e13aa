"""CSV as other programs write it: tabs or semicolons between cells, and marks in cells that look like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopdesk.formats.convert import convert, read_any


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name\tflux\nL1544\t1.5\n", ["name", "flux"]),
        ("name;flux\nL1544;1.5\n", ["name", "flux"]),
        ('"name"\t"flux, Jy"\r\n"L1544"\t1.5\r\n', ["name", "flux, Jy"]),
        ('"name; main",flux\nL1544,1.5\n', ["name; main", "flux"]),
        ("name; main,flux\nL1544,1.5\n", ["name; main", "flux"]),
    ],
)
def test_the_first_line_tells_what_stands_between_cells(tmp_path: Path, text: str, names: list[str]) -> None:
    (tmp_path / "t.csv").write_bytes(text.encode())
    table = read_any(tmp_path / "t.csv")[0].table
    assert table.colnames == names
    assert [list(table[name]) for name in names] == [["L1544"], [1.5]]


def test_names_with_tabs_or_semicolons_come_back(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('"one; two"\n1\n2\n')
    assert convert(tmp_path / "t.csv", tmp_path / "o.csv").losses == ()
    assert read_any(tmp_path / "o.csv")[0].table.colnames == ["one; two"]
