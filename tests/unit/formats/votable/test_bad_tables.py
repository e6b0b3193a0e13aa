"""What is no table, a damaged or a hostile one, is refused in one sentence, without a wrong value, in little memory."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import re
import struct
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopdesk.errors import FileError
from stopdesk.formats.votable import read_table, write_table
from tests.votables import SERIALIZATIONS, one_of_everything

_HEAD = (
    '<?xml version="1.0"?>\n<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n'
    '<RESOURCE type="results">\n<TABLE>\n'
)
_TAIL = "</TABLE>\n</RESOURCE>\n</VOTABLE>\n"
_FIELDS = '<FIELD name="a" datatype="int"/><FIELD name="b" datatype="char" arraysize="*"/>'
_ROW = "<TR><TD>1</TD><TD>x</TD></TR>\n"
_PACKED = b"\0" + struct.pack(">ii", 7, 3) + b"abc"


def text(rows: str, fields: str = _FIELDS) -> bytes:
    return f"{_HEAD}{fields}<DATA><TABLEDATA>{rows}</TABLEDATA></DATA>{_TAIL}".encode()


def packed(rows: bytes | str, fields: str = _FIELDS, name: str = "BINARY2") -> bytes:
    stream = rows if isinstance(rows, str) else base64.b64encode(rows).decode()
    inside = f'<{name}><STREAM encoding="base64">{stream}</STREAM></{name}>'
    return f"{_HEAD}{fields}<DATA>{inside}</DATA>{_TAIL}".encode()


def field(**about: str) -> str:
    return f'<FIELD name="a" {" ".join(f"{key}={value!r}" for key, value in about.items())}/>'


def fields(n_columns: int, about: str = 'datatype="int"') -> str:
    return "".join(f'<FIELD name="c{i}" {about}/>' for i in range(n_columns))


_GOOD = text(_ROW * 5)
_CDATA = "<!-- </TABLEDATA> --><TR><TD>1</TD><TD><![CDATA[x</TD>&<]]></TD></TR>"

CASES = {
    "nothing": (b" \n", "is empty"),
    "a web page": (b"<!DOCTYPE html><html><title>Log in</title></html>", r"is a web page \(Log in\)"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0", "no well-formed XML"),
    "other XML": (b"<rss></rss>", "outermost element is <rss>"),
    "another namespace": (_GOOD.replace(b"www.ivoa.net/xml/VOTable", b"www.w3.org/xhtml"), "its elements are those of"),
    "no table": (f"{_HEAD}{_TAIL}".replace("<TABLE>", "").replace("</TABLE>", "").encode(), "without a table"),
    "an unknown encoding": (_GOOD.replace(b'"1.0"?', b'"1.0" encoding="klingon"?'), "encoding klingon"),
    "a DTD": (b'<!DOCTYPE VOTABLE [<!ENTITY a "b">]>' + _GOOD[22:], "line 1: has a document type declaration"),
    "an entity in the head": (text("").replace(b"<TABLE>", b"<INFO>&x;</INFO><TABLE>"), "undefined entity"),
    "an entity in a row": (text("<TR><TD>1</TD><TD>&foo;</TD></TR>"), "row 1.*&foo; is no entity"),
    "a lone ampersand": (text(_ROW + "<TR><TD>1</TD><TD>a & b</TD></TR>"), "row 2"),
    "cut in the head": (_GOOD[:120], "ends too early"),
    "cut in the rows": (_GOOD[: _GOOD.rindex(b"<TR>") + 20], "ends too early"),
    "cut at the end": (_GOOD[:-8], "ends too early"),
    "cut in packed rows": (packed(_PACKED * 3 + _PACKED[:-1]), "middle of row 4"),
    "cut within base64": (packed(_PACKED * 3)[:-60], "ends in the middle of row|ends too early"),
    "rows that are missing": (_GOOD.replace(b"<TABLE>", b'<TABLE nrows="6">'), "should have 6 rows and has 5"),
    "a cell too many": (text(_ROW + "<TR><TD>1</TD><TD>x</TD><TD>y</TD></TR>"), "has 3 cells in row 2, but 2 columns"),
    "a cell too few": (text(_ROW * 3 + "<TR><TD>1</TD></TR>"), "has 1 cells in row 4, but 2 columns"),
    "something else in the rows": (text(_ROW + "<TR><TD>1</TD><TH>x</TH></TR>"), "<TH> among its rows"),
    "a word for a number": (text(_ROW * 2 + "<TR><TD>one</TD><TD/></TR>"), r"row 3 \(a\): 'one' is no whole number"),
    "a fraction for a whole number": (text("<TR><TD>1.5</TD><TD/></TR>"), "'1.5' is no whole number"),
    "digits that are none": (text("<TR><TD>1_0</TD><TD/></TR>"), "'1_0' is no whole number"),
    "a number too large": (text("<TR><TD>3000000000</TD><TD/></TR>"), r"beyond what its column holds \(-2147483648 to"),
    "no float": (text("<TR><TD>1.5.2</TD></TR>", field(datatype="double")), r"'1.5.2' is no number"),
    "no truth value": (text("<TR><TD>maybe</TD></TR>", field(datatype="boolean")), "'maybe' is neither true nor false"),
    "no letter of truth": (packed(b"\0T\0X", field(datatype="boolean")), "row 2 .*neither true nor false"),
    "too many in an array": (text("<TR><TD>1 2 3</TD></TR>", field(datatype="int", arraysize="2")), "3 numbers"),
    "no whole steps": (text("<TR><TD>1 2 3</TD></TR>", field(datatype="int", arraysize="2x*")), "whole steps of 2"),
    "no base64": (packed("!!!!abcd"), "not base64, after row 0"),
    "base64 of no length": (packed("AAA"), "not base64, after row 0"),
    "base64 that goes on": (packed("AAAAAAcAAAADYWJj=AAAAA=="), "not base64"),
    "an element in base64": (packed(base64.b64encode(_PACKED).decode() + "<b/>"), "something else between its rows"),
    "a length beyond the end": (packed(b"\0" + struct.pack(">iI", 7, 2**32 - 1) + b"abc"), "middle of row 1"),
    "rows elsewhere": (packed("").replace(b"<STREAM", b'<STREAM href="file:///etc/passwd"'), "in another file"),
    "rows elsewhere at once": (packed("").replace(b"></STREAM>", b' href="http://x/"/>'), "in another file"),
    "an unknown datatype": (text(_ROW, _FIELDS.replace('"int"', '"quux"')), "unknown datatype 'quux'"),
    "an unknown arraysize": (text(_ROW, _FIELDS.replace('"*"', '"many"')), "unknown arraysize 'many'"),
    "rows without columns": (text(_ROW, ""), "no columns"),
    "an array too large": (packed(b"\0" * 99, field(datatype="double", arraysize="1000000000")), "too large"),
    "an empty array too large": (text("<TR><TD/></TR>", field(datatype="int", arraysize="1000000000")), "nothing"),
    "empty texts too large": (text("<TR><TD/></TR>", field(datatype="char", arraysize="2x1000000000")), "do not stand"),
    "nested resources": (_HEAD.encode() + b"<RESOURCE>" * 1_000_000, "nested more than 100 deep"),
    "a million nested groups": (_HEAD.encode() + b"<GROUP>" * 1_000_000, "nested more than 100 deep"),
    "foreign elements": (b"<VOTABLE>" + b"<x:a>" * 1_000_000, "nested more than 100 deep"),
    "too many groups": (text("").replace(b"<DATA>", b"<GROUP/>" * 300_000 + b"<DATA>"), "more descriptions"),
    "damaged gzip": (gzip.compress(_GOOD)[:-30] + b"\0" * 22, "packed with gzip"),
    "cut gzip": (gzip.compress(_GOOD)[:-10], "packed with gzip and ends too early"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_one_sentence(case: str) -> None:
    data, words = CASES[case]
    tracemalloc.start()
    try:
        for source in (data, io.BytesIO(data)):
            with pytest.raises(FileError, match=words) as caught:
                read_table(source)
            assert "\n" not in str(caught.value)
        assert tracemalloc.get_traced_memory()[1] < 250_000_000
    finally:
        tracemalloc.stop()


def test_the_line_is_named_in_a_head() -> None:
    with pytest.raises(FileError, match="line 4"):
        read_table(text(_ROW).replace(b"<TABLE>", b"<TABLE name=>"))


_LATIN = ' encoding="latin-1"?>'
_SPACED = [(1, ""), (16, "a\nb")]


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (text(_CDATA + _ROW), [(1, "x</TD>&<"), (1, "x")]),
        (text('<TR id="a"><TD>1</TD><TD xml:lang="de">é</TD></TR>'), [(1, "é")]),
        (text("<TR><TD>+1</TD><TD>a&amp;b&#233;&#xe9;&lt;</TD></TR>"), [(1, "a&béé<")]),
        (text("\n <TR>\n  <TD> 1 </TD>\n  <TD/>\n </TR>\r\n<TR><TD>0x10</TD><TD >a\r\nb</TD></TR>"), _SPACED),
        (re.sub(rb"<(/?)(\w)", rb"<\1v:\2", _GOOD).replace(b"xmlns=", b"xmlns:v="), [(1, "x")] * 5),
        (_GOOD.decode().replace('"1.0"?', '"1.0" encoding="utf-16"?').encode("utf-16"), [(1, "x")] * 5),
        (text("<TR><TD>1</TD><TD>é</TD></TR>").decode().replace("?>", _LATIN).encode("latin-1"), [(1, "é")]),
        (_GOOD.decode().replace("x<", "é<").encode("latin-1"), [(1, "é")] * 5),
        (packed("\n".join(base64.b64encode(_PACKED * 40).decode())), [(7, "abc")] * 40),
        (packed(_PACKED[1:] * 3, name="BINARY"), [(7, "abc")] * 3),
        (packed(b"\x40" + _PACKED[1:]), [(7, None)]),
        (packed(b"\0" + struct.pack(">ii", 7, 4) + b"ab\0c"), [(7, "ab")]),
        (packed(b"\0" + struct.pack(">ii", 7, 2) + b"\xc3\xa9"), [(7, "é")]),
        (packed(b"\0" + struct.pack(">ii", 7, 1) + b"\xe9"), [(7, "é")]),
    ],
)  # fmt: skip
def test_unusual_but_right(data: bytes, rows: list[tuple[int, str | None]]) -> None:
    found = read_table(data)
    assert [(int(a), str(b) if b != "--" else None) for a, b in ((row["a"], str(row["b"])) for row in found)] == rows


def test_bits_are_truth_values() -> None:
    columns = field(datatype="bit", arraysize="3") + field(datatype="bit") + field(datatype="bit", arraysize="*")
    expected = ([[True, False, True]], [True], [False, True])
    for data in (
        text("<TR><TD>1 0 1</TD><TD>1</TD><TD>0 1</TD></TR>", columns),
        text("<TR><TD>101</TD><TD>1</TD><TD>01</TD></TR>", columns),
        packed(b"\0\xa0\x80" + struct.pack(">i", 2) + b"\x40", columns),
    ):
        found = read_table(data)
        assert found["a"].tolist() == expected[0]
        assert found["a2"].tolist() == expected[1]
        assert found["a3"][0].tolist() == expected[2]


@pytest.mark.parametrize(
    "data",
    [
        text(f"<TR>{'<TD>1</TD>' * 10_000}</TR>" * 3, fields(10_000)),
        packed(b"\0" * (1250 + 40_000) * 3, fields(10_000)),
        packed((b"\0" * 1250 + b"\0\0\0\1A" * 10_000) * 3, fields(10_000, 'datatype="char" arraysize="*"')),
    ],
)
def test_ten_thousand_columns_are_read(data: bytes) -> None:
    found = read_table(data)
    assert (len(found), len(found.colnames)) == (3, 10_000)


@given(st.sampled_from(SERIALIZATIONS), st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damage_is_a_sentence_or_no_damage(serialization: str, data: st.DataObject) -> None:
    """Any bytes changed, left out or cut off: a FileError, or a table; never another exception, never a hang."""
    file = io.BytesIO()
    write_table(one_of_everything(), file, serialization)  # type: ignore[arg-type]
    whole = file.getvalue()
    at = data.draw(st.integers(0, len(whole) - 1))
    size = data.draw(st.integers(0, 40))
    damaged = whole[:at] + data.draw(st.binary(max_size=40)) + whole[at + size :]
    with contextlib.suppress(FileError):
        read_table(damaged)
