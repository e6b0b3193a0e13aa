from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.errors import InputError
from stopdesk.samp import messages
from stopdesk.samp.messages import (
    ImageThere,
    Message,
    Pointing,
    ResourcesOffered,
    RowHighlighted,
    RowsSelected,
    SpectrumThere,
    TableThere,
    read_message,
)

TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40).filter(
    lambda text: text == text.strip()
)
ANY_TEXT = st.text(max_size=40)


def _read(message: Message) -> Any:
    return read_message(message.mtype, message.params)


@given(TEXTS, TEXTS, TEXTS, st.booleans())
def test_tables_come_out_as_they_went_in(url: str, table_id: str, name: str, fits: bool) -> None:
    message = messages.load_table(url, table_id, name, fits=fits)
    assert _read(message) == TableThere(url, table_id, re.sub("[:/]+ ?", " ", name).strip(), fits)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ALMA 16:32:22.9 -24:28:36.1", "ALMA 16 32 22.9 -24 28 36.1"),
        ("12CO/13CO ladder, CO 3-2", "12CO 13CO ladder, CO 3-2"),
        ("Example: ALMA in 2019", "Example ALMA in 2019"),
    ],
)
def test_names_of_tables_have_nothing_at_which_topcat_cuts_them(name: str, shown: str) -> None:
    assert messages.load_table("file:///x", "t", name, fits=True).params["name"] == shown


@given(TEXTS, TEXTS, TEXTS, st.dictionaries(TEXTS, TEXTS))
def test_spectra_and_images_too(url: str, ident: str, name: str, meta: dict[str, str]) -> None:
    assert _read(messages.load_spectrum(url, ident, name, meta)) == SpectrumThere(url, ident, name, meta)
    assert _read(messages.load_image(url, ident, name)) == ImageThere(url, ident, name)


@given(st.floats(0, 360, exclude_max=True), st.floats(-90, 90))
def test_positions_keep_all_their_digits(ra: float, dec: float) -> None:
    assert _read(messages.point_at(ra, dec)) == Pointing(ra, dec)


@given(st.lists(st.integers(0, 10**9), max_size=50))
def test_selections_are_sorted_and_each_row_is_there_once(rows: list[int]) -> None:
    read = _read(messages.select_rows("t", "file:///t", rows))
    assert isinstance(read, RowsSelected)
    assert read.rows.tolist() == sorted(set(rows))
    assert (read.table_id, read.url) == ("t", "file:///t")


@given(st.integers(0, 2**62))
def test_a_highlighted_row(row: int) -> None:
    assert _read(messages.highlight_row("t", "", row)) == RowHighlighted("t", "", row)


@pytest.mark.parametrize("kind", ["", *messages.RESOURCE_KINDS])
def test_services_are_offered_by_their_identifiers(kind: str) -> None:
    ids = ("ivo://one", "ivo://two")
    assert _read(messages.load_resources(ids, "mine", kind)) == ResourcesOffered(ids, "mine", kind)


def test_services_may_come_as_a_list_too() -> None:
    offered = read_message("voresource.loadlist", {"ids": ["ivo://one", " ivo://one ", "", 7]})
    assert offered == ResourcesOffered(("ivo://one",), "", "")


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for each in value for text in _strings(each)]
    assert isinstance(value, dict), f"{value!r} is nothing that SAMP can carry"
    return [text for pair in value.items() for each in pair for text in _strings(each)]


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT, st.dictionaries(ANY_TEXT, ANY_TEXT), st.lists(st.integers(0, 99)))
def test_all_that_is_said_is_made_of_ascii_strings(url: str, name: str, text: str, meta: Any, rows: list[int]) -> None:
    said = (
        messages.load_table(url, name, text, fits=True),
        messages.load_spectrum(url, name, text, meta),
        messages.load_image(url, name, text),
        messages.point_at(np.float64(1), np.float64(2)),
        messages.select_rows("t", url, rows),
        messages.highlight_row("t", url, np.int64(3)),
        messages.load_resources([url], name),
        messages.aladin_script(f"draw circle(1, 2, 3)\n{text}"),
    )
    for message in said:
        for each in _strings(dict(message.params)):
            assert all(" " <= letter <= "~" or letter == "\n" for letter in each), repr(each)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("¹³CO 3−2 (μm)", "13CO 3-2 (um)"), ("Égée Å", "Egee A"), ("a\tb\nc", "a b c"), ("星", "?")],
)
def test_text_is_spelt_as_near_as_may_be(text: str, plain: str) -> None:
    assert messages.ascii_text(text) == plain


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["url", "table-id", "name", "ra", "dec", "row", "row-list", "ids", "meta", "spectrum-id", "image-id", "other"]
)


@given(st.sampled_from((*messages.TAKEN, "x.unknown", "")), st.dictionaries(KEYS, ANYTHING))
def test_whatever_comes_is_read_or_refused(mtype: str, params: dict[str, Any]) -> None:
    with suppress(InputError):
        assert read_message(mtype, params) is not None


@pytest.mark.parametrize(
    ("mtype", "params", "words"),
    [
        ("table.load.votable", {}, "where the data are"),
        ("table.load.fits", {"url": " "}, "where the data are"),
        ("coord.pointAt.sky", {"ra": "nan", "dec": "0"}, "no number of degrees"),
        ("coord.pointAt.sky", {"ra": "0", "dec": "91"}, "declination of 91"),
        ("table.select.rowList", {"table-id": "t"}, "no list of rows"),
        ("table.select.rowList", {"row-list": ["1"]}, "which table"),
        ("table.select.rowList", {"table-id": "t", "row-list": ["1.5"]}, "whole number"),
        ("table.select.rowList", {"table-id": "t", "row-list": ["-1"]}, "below 0"),
        ("table.select.rowList", {"table-id": "t", "row-list": [1.5]}, "whole number"),
        ("table.select.rowList", {"table-id": "t", "row-list": [str(2**64)]}, "whole number"),
        ("table.highlight.row", {"table-id": "t"}, "whole number"),
        ("voresource.loadlist", {}, "no identifiers"),
        ("voresource.loadlist.cone", {"ids": {}}, "empty"),
        ("voresource.loadlist.other", {"ids": {"ivo://x": ""}}, "no message that stopdesk knows"),
    ],
)
def test_what_is_wrong_is_said(mtype: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_message(mtype, params)


def test_what_is_said_of_what_is_wrong_is_short() -> None:
    with pytest.raises(InputError) as said:
        read_message("coord.pointAt.sky", {"ra": "<b>\n" * 1_000_000, "dec": "0"})
    assert len(str(said.value)) < 150
    assert "\n" not in str(said.value)


def test_names_are_one_short_line() -> None:
    name = "../a\n<b>\u202e" + "x" * 1_000_000
    for mtype in ("table.load.votable", "spectrum.load.ssa-generic", "image.load.fits", "voresource.loadlist"):
        content = read_message(mtype, {"url": "file:///x", "name": name, "ids": {name: ""}})
        assert isinstance(content, TableThere | SpectrumThere | ImageThere | ResourcesOffered)
        assert content.name.startswith("../a <b>xxx")
        assert len(content.name) == 200
    assert isinstance(content, ResourcesOffered)
    assert [len(each) for each in content.identifiers] == [500]


def test_more_rows_than_can_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "MAX_ROWS", 3)
    with pytest.raises(InputError, match="at most 3"):
        read_message("table.select.rowList", {"table-id": "t", "row-list": ["1", "2", "3", "4"]})
