"""Whole numbers, yes or no, text and several values are read as people and services write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.kinds import Flag, Integer, Several, Text
from stopdesk.domain.parameter import Choice, Number, Parameter
from stopdesk.errors import InputError

COMMON = {"name": "n", "label": "n", "help": "A value.", "group": "g"}
INTEGER = Integer(**COMMON, unit="s", minimum=0, maximum=1000)
DENSITIES = Several(**COMMON, each=Number(**COMMON, units=("cm-3",), minimum=0.0, axis=False))
BAND = Several(**COMMON, each=Number(**COMMON, axis=False), joined=True, least=2, most=2)
TEXTS = Several(**COMMON, each=Text(**COMMON))


@pytest.mark.parametrize(("text", "value"), [("5", 5), (" -3 ", -3), ("−3", -3), ("1e3", 1000), ("5.0", 5)])
def test_whole_numbers_are_read(text, value):
    assert INTEGER.parse(text) == value
    assert isinstance(INTEGER.parse(text), int)


@pytest.mark.parametrize("text", ["2.5", "five", "", "1e30", "9" * 5000, "nan"])
def test_what_is_no_whole_number_is_refused_in_words(text):
    with pytest.raises(InputError, match="number"):
        INTEGER.parse(text)


def test_a_whole_number_out_of_range_names_the_range():
    assert INTEGER.problem(1000) is None
    assert INTEGER.problem(1001) == "1001 is out of range: a whole number, 0 to 1000 s."
    assert INTEGER.problem(True) == "A whole number is needed here."


@pytest.mark.parametrize("words", [("true", "false"), ("True", "False"), ("1", "0"), ("T", "F"), ("yes", "no")])
def test_yes_and_no_are_written_in_the_words_of_the_service(words):
    flag = Flag(**COMMON, words=words)
    assert [flag.format(flag.parse(text)) for text in ("yes", "TRUE", "1", "on")] == [words[0]] * 4
    assert [flag.format(flag.parse(text)) for text in ("no", "False", "0", "off")] == [words[1]] * 4
    with pytest.raises(InputError, match="neither yes nor no"):
        flag.parse("perhaps")


def test_text_that_is_too_long_or_cannot_be_sent_is_a_problem():
    text = Text(**COMMON, max_length=3)
    assert text.problem("abc") is None
    assert "4 characters, where 3" in text.problem("abcd")
    assert text.problem("a\x00") == "This has characters that cannot be sent."


@pytest.mark.parametrize("text", ["1e4 3e4", "1e4, 3e4", " 1e4\n3e4 ", "1e4;\t3e4"])
def test_several_numbers_are_read_however_they_are_parted(text):
    assert DENSITIES.parse(text) == (1e4, 3e4)


def test_a_wrong_value_among_several_is_named():
    with pytest.raises(InputError, match="'plenty' is not a number"):
        DENSITIES.parse("1e4 plenty")
    assert DENSITIES.problem((1.0, -2.0)) == "-2 is out of range: at least 0 cm-3."


def test_an_array_goes_in_one_value_and_repeated_values_line_by_line():
    assert BAND.format((1.0, 2.5)) == "1 2.5"
    assert DENSITIES.format((1.0, 2.5)) == "1\n2.5"
    assert BAND.problem((1.0,)) == "There is 1 value here: 2 values are needed."
    assert BAND.problem((1.0, 2.0)) is None


def test_texts_may_hold_blanks_and_so_have_lines_of_their_own():
    assert TEXTS.by_line
    assert TEXTS.parse("para H2\n\n ortho H2 \n") == ("para H2", "ortho H2")
    assert not Several(**COMMON, each=Choice(**COMMON, options=("a", "b"))).by_line
    assert Several(**COMMON, each=Choice(**COMMON, options=("a b", "c"))).by_line


def test_too_many_values_are_refused():
    with pytest.raises(InputError, match="at most 10,000"):
        DENSITIES.parse("1 " * 10_001)


def test_no_axis_is_taken_among_several_values():
    with pytest.raises(InputError, match="not an axis"):
        DENSITIES.parse("1:2:3")


@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=5))
def test_several_numbers_read_back_from_the_wire(values):
    for parameter in (DENSITIES, Several(**COMMON, each=DENSITIES.each, joined=True)):
        assert parameter.parse(parameter.format(tuple(values))) == tuple(values)


@given(st.integers(-(10**17), 10**17))
def test_a_whole_number_reads_back_from_the_wire(value):
    parameter: Parameter = Integer(**COMMON)
    assert parameter.parse(parameter.format(value)) == value


def test_a_unit_of_the_service_that_nobody_knows_cannot_be_converted_to():
    with pytest.raises(InputError, match="use furlongs"):
        Number(**COMMON, units=("furlongs",)).parse("5 km")
