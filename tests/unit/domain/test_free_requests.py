"""A table of names, values and files says what is sent, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.free import (
    MAX_ROWS,
    FreeRow,
    free_files,
    free_request,
    free_rows,
    free_state,
    row_problems,
    rows_of,
)
from stopdesk.domain.session import FieldState, FormState
from tests.described import ANYTHING

ROWS = st.builds(FreeRow, name=ANYTHING, value=ANYTHING, is_file=st.booleans())


@given(st.lists(ROWS, max_size=8).map(tuple))
def test_any_rows_come_back_from_the_session(rows):
    state = FormState.model_validate_json(free_state(rows).model_dump_json())
    assert free_rows(state) == rows


def test_a_name_that_comes_again_keeps_all_its_values():
    rows = (FreeRow("density", "1e4"), FreeRow("density", " 3e4 "), FreeRow("empty", ""), FreeRow(" geometry ", "slab"))
    assert free_request(rows) == {"density": "1e4\n3e4", "geometry": "slab"}
    assert row_problems(rows) == ("", "", "", "")


def test_files_go_under_their_names():
    rows = (FreeRow("molfile", "/data/co.dat", is_file=True), FreeRow("", "/data/x.dat", is_file=True))
    assert free_files(rows) == {"molfile": Path("/data/co.dat")}
    assert free_request(rows) == {}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((FreeRow("", "5"),), "A name is needed"),
        ((FreeRow("phase", "RUN"),), "PHASE steers the job"),
        ((FreeRow("RUNID", "x"),), "RUNID steers the job"),
        ((FreeRow("f", "", is_file=True),), "Choose the file"),
        ((FreeRow("f", "1"), FreeRow("f", "/x", is_file=True)), "a file needs a name of its own"),
        ((FreeRow("f", "/y", is_file=True), FreeRow("f", "/x", is_file=True)), "a file needs a name of its own"),
        ((FreeRow("a\tb", "1"),), "cannot be sent"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_words(rows, says):
    assert says in row_problems(rows)[-1]


@given(
    st.dictionaries(
        st.from_regex(r"\w{1,8}", fullmatch=True), st.from_regex(r"[a-z0-9]{1,5}(\n[a-z0-9]{1,5})?", fullmatch=True)
    )
)
def test_a_request_and_its_rows_say_the_same(request_):
    assert free_request(rows_of(request_, {})) == request_


def test_fields_of_other_forms_and_too_many_rows_are_left_out():
    state = FormState(
        fields={"line_width": FieldState(text="3"), "1/other/x": FieldState(), "1/value/x/y": FieldState()}
    )
    assert free_rows(state) == (FreeRow("x/y", ""),)
    assert len(free_rows(free_state([FreeRow("x", "1")] * (MAX_ROWS + 5)))) == MAX_ROWS
