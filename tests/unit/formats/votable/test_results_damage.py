"""Files that are no ResultDocument, or a damaged one, are refused with one sentence."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopdesk.errors import FileError
from stopdesk.formats.votable import (
    ResultDocument,
    ResultTable,
    TableColumn,
    read_document,
    read_table,
    write_document,
)


@pytest.fixture
def table(tmp_path: Path) -> bytes:
    columns = (TableColumn("x", np.arange(60.0).reshape(20, 3)), TableColumn("name", np.array(["a"] * 20)))
    write_document(ResultDocument((ResultTable("t", columns),)), tmp_path / "t.vot")
    return (tmp_path / "t.vot").read_bytes()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"<html><body>Log in</body></html>", "web page"),
        (b"SIMPLE  =  T", "no well-formed"),
        (b'<!DOCTYPE V [<!ENTITY a "b">]><VOTABLE/>', "document type"),
        (
            b'<VOTABLE><RESOURCE><TABLE><FIELD name="a" datatype="int"/><DATA><BINARY><STREAM href="file:///etc/passwd"/>'
            b"</BINARY></DATA></TABLE></RESOURCE></VOTABLE>",
            "in another file",
        ),
        (
            b'<VOTABLE><RESOURCE><TABLE><FIELD name="a" datatype="double"/><DATA><TABLEDATA><TR><TD>one</TD></TR>'
            b"</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>",
            r"row 1 \(a\)",
        ),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(FileError, match=words):
        read_document(data)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.vot"):
        read_document(tmp_path / "nowhere.vot")


def test_rows_that_end_too_early_are_refused(table: bytes) -> None:
    end = table.index(b"</STREAM>")
    for cut in (1, 2, 8):
        with pytest.raises(FileError, match=r"written to its end|base64"):
            read_document(table[: end - 1 - cut] + table[end:])


@given(st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_damage_is_an_error_or_a_table(table: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(table) - 1))
    stop = data.draw(st.integers(start, min(start + 40, len(table))))
    mutilated = table[:start] + data.draw(st.binary(max_size=8)) + table[stop:]
    with contextlib.suppress(FileError):
        assert isinstance(read_document(mutilated), ResultDocument)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("stream", ["STREAM", "STREAM type='>'", "STREAM type='locator'", "v:STREAM"])
def test_rows_elsewhere_are_never_fetched(tmp_path: Path, encoding: str, stream: str) -> None:
    elsewhere = tmp_path / "secret"
    elsewhere.write_bytes(np.arange(4.0).astype(">f8").tobytes())
    document = (
        f"<?xml version='1.0' encoding='{encoding}'?><VOTABLE version='1.3' xmlns:v='urn:v'><RESOURCE><TABLE>"
        f"<FIELD name='a' datatype='double'/><DATA><BINARY><{stream} href='{elsewhere.as_uri()}'/>"
        "</BINARY></DATA></TABLE></RESOURCE></VOTABLE>"
    ).encode(encoding)
    for read in (read_document, read_table):
        with pytest.raises(FileError, match="in another file"):
            read(document)
