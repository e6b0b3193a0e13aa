from __future__ import annotations

import pytest

from stopdesk.samp.lines import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("  Größe  µm ", "Größe µm"),
        ("a\nb\tc\u2028d", "a b c d"),
        ("a\x1b[31m\x9b\u202e\u200b\ud800b", "a[31mb"),
        ("x" * 10, "x" * 10),
        ("x" * 11, "xxxxxxxxx…"),
        ("\u200b" * 1000 + "x", "…"),
    ],
)
def test_one_line_is_short_and_seen(text: str, line: str) -> None:
    assert one_line(text, 10) == line
