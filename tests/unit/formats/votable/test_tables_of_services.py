"""Answers of real services: their rows, what they say of them, and how they say that something went wrong."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from stopdesk.errors import FileError, QueryFailed
from stopdesk.formats.votable import Serialization, read_table, write_table
from tests.unit.formats.votable.test_astropy_agrees import assert_same_as_astropys, by_astropy
from tests.votables import SERIALIZATIONS

DATA = Path(__file__).parents[3] / "data" / "votables"
ANSWERS = sorted(path.stem for path in DATA.glob("*.vot") if path.stem != "cone_search_error")


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_are_read_as_astropy_reads_them(name: str) -> None:
    data = (DATA / f"{name}.vot").read_bytes()
    assert_same_as_astropys(read_table(data), by_astropy(data))


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("serialization", SERIALIZATIONS)
def test_answers_come_back_with_all_that_they_say(name: str, serialization: Serialization) -> None:
    table = read_table(DATA / f"{name}.vot")
    for info in table.meta["infos"]:
        info.setdefault("value", "")  # which an INFO must have
    file = io.BytesIO()
    write_table(table, file, serialization)
    found = read_table(file.getvalue())
    assert {**found.meta, "votable": None} == {**table.meta, "votable": None}
    for column in table.colnames:
        one, other = found[column], table[column]
        assert (one.meta, one.description, str(one.unit)) == (other.meta, other.description, str(other.unit))
        assert [str(cell) for cell in one] == pytest.approx([str(cell) for cell in other]) or (
            other.dtype.kind in "Of" and serialization == "binary"
        )


def test_binary_and_text_of_the_same_search_agree() -> None:
    text, binary = (read_table(DATA / f"cone_search_{name}.vot") for name in ("tabledata", "binary"))
    assert len(text) == len(binary) == 20
    for name in binary.colnames:
        np.testing.assert_array_equal(np.asarray(text[name]), np.asarray(binary[name]))


def test_rows_none_and_too_many_are_told_apart() -> None:
    names = {
        "cone_search_binary": (20, "OK"),
        "cone_search_empty": (0, "OK"),
        "cone_search_metadata": (0, "OK"),
        "cone_search_overflow": (5, "OVERFLOW"),
    }
    found = {name: read_table(DATA / f"{name}.vot") for name in names}
    assert {name: (len(table), table.meta["QUERY_STATUS"]) for name, table in found.items()} == names
    assert all(
        table.colnames == found["cone_search_binary"].colnames for name, table in found.items() if "meta" not in name
    )


def test_an_error_is_one_in_the_words_of_the_service() -> None:
    with pytest.raises(QueryFailed, match="The service says: Field RA: 'abc' is not a valid literal") as caught:
        read_table(DATA / "cone_search_error.vot")
    assert caught.value.words == "Field RA: 'abc' is not a valid literal for RA"


def test_service_descriptors_are_kept() -> None:
    resources = read_table(DATA / "ssa.vot").meta["resources"]
    assert {each["utype"] for each in resources} == {"adhoc:service"}
    params = [each for each in resources[0]["elements"] if each["element"] == "PARAM"]
    assert {"accessURL", "standardID"} <= {each["name"] for each in params}


_HEAD = '<VOTABLE xmlns="http://www.ivoa.net/xml/VOTable/v1.3">'
_ROWS = (
    '<TABLE ID="{name}"><FIELD name="{name}" datatype="int"/><DATA><TABLEDATA>'
    "<TR><TD>1</TD></TR><TR><TD>2</TD></TR></TABLEDATA></DATA></TABLE>"
)


def test_rows_before_an_error_are_no_answer() -> None:
    after = '<INFO name="QUERY_STATUS" value="ERROR">the disk\n is full</INFO>'
    with pytest.raises(QueryFailed, match="the disk is full"):
        read_table(f"{_HEAD}<RESOURCE>{_ROWS.format(name='a')}{after}</RESOURCE></VOTABLE>".encode())


def test_an_error_beside_descriptions_of_tables_is_one() -> None:
    meta = '<RESOURCE type="meta"><TABLE><FIELD name="a" datatype="int"/></TABLE></RESOURCE>'
    error = '<RESOURCE type="results"><INFO name="QUERY_STATUS" value="ERROR">no such column</INFO></RESOURCE>'
    with pytest.raises(QueryFailed, match="no such column"):
        read_table(f"{_HEAD}{meta}{error}</VOTABLE>".encode())


def test_overflow_after_the_rows_is_told() -> None:
    after = '<INFO name="QUERY_STATUS" value="OVERFLOW"/>'
    before = '<INFO name="QUERY_STATUS" value="OK"/>'
    data = f"{_HEAD}<RESOURCE>{before}{_ROWS.format(name='a')}{after}</RESOURCE></VOTABLE>".encode()
    assert read_table(data).meta["QUERY_STATUS"] == "OVERFLOW"


def test_errors_of_old_cone_searches() -> None:
    with pytest.raises(QueryFailed, match="SR is too large"):
        read_table(f'{_HEAD}<INFO ID="Error" name="Error" value="SR is too large"/></VOTABLE>'.encode())


def test_a_parameter_named_error_beside_rows_is_none() -> None:
    param = '<PARAM name="error" datatype="float" value="0.1"/>'
    assert len(read_table(f"{_HEAD}<RESOURCE>{param}{_ROWS.format(name='a')}</RESOURCE></VOTABLE>".encode())) == 2


def test_one_of_several_tables_is_chosen() -> None:
    inside = "".join(_ROWS.format(name=name) for name in "abc")
    meta = f'<RESOURCE type="meta">{_ROWS.format(name="m")}</RESOURCE>'
    data = f"{_HEAD}{meta}<RESOURCE>{inside}</RESOURCE></VOTABLE>".encode()
    assert read_table(data).colnames == ["a"]
    assert read_table(data, table=0).colnames == ["m"]
    assert read_table(data, table=3).colnames == ["c"]
    assert read_table(data, table="b").colnames == ["b"]
    with pytest.raises(FileError, match="has no table 'x'; it has m, a, b, c"):
        read_table(data, table="x")


def test_names_that_are_given_twice_get_numbers() -> None:
    fields = '<FIELD name="x" datatype="int"/>' * 3
    data = f"{_HEAD}<RESOURCE><TABLE>{fields}</TABLE></RESOURCE></VOTABLE>".encode()
    assert read_table(data).colnames == ["x", "x2", "x3"]
