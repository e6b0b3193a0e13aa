"""Numbers, axes and units read back as they were written, and what is wrong is said in words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.lvg import LVG
from stopdesk.domain.models import MODELS, model_spec
from stopdesk.domain.parameter import Axis, FileInput, Number, convert, read_number, read_quantity, show_number
from stopdesk.errors import InputError
from tests.strategies import values_of

PARAMETERS = [
    pytest.param(parameter, id=f"{spec.name}.{parameter.name}")
    for spec in MODELS
    for parameter in spec.parameters
    if not isinstance(parameter, FileInput)
]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_shown_number_reads_back_exactly(value):
    assert read_number(show_number(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e14, "1e14"),
        (1.5e14, "1.5e14"),
        (2.725, "2.725"),
        (20.0, "20"),
        (0.0, "0"),
        (1e-4, "1e-4"),
        (99999.0, "99999"),
    ],
)
def test_numbers_are_shown_short(value, text):
    assert show_number(value) == text


@pytest.mark.parametrize("parameter", PARAMETERS)
@given(data=st.data())
def test_values_in_range_pass_and_read_back_from_the_wire(parameter, data):
    value = data.draw(values_of(parameter, ("co", "hco+")))
    assert parameter.problem(value) is None
    assert parameter.parse(parameter.format(value)) == value


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1e18 m-2", 1e18, "m-2"),
        ("20K", 20.0, "K"),
        ("1e4cm-3", 1e4, "cm-3"),
        ("2.5 km / s", 2.5, "km / s"),
        ("−3", -3.0, ""),
        ("1e5", 1e5, ""),
        (".5 K", 0.5, "K"),
    ],
)
def test_a_quantity_is_read_with_the_unit_typed_behind_it(text, number, unit):
    assert read_quantity(text) == (number, unit)


@pytest.mark.parametrize("text", ["", "1e", "1e-", "e5", "nan", "inf", "1 2 3e", "--1"])
def test_what_is_no_quantity_is_refused_in_words(text):
    with pytest.raises(InputError, match=r"number|unit"):
        LVG.parameter("column_density").parse(text)


@pytest.mark.parametrize("n", ["1000", "1e3", "1E3", "1000.0", " 1.e3 ", "+1000"])
def test_the_number_of_values_on_an_axis_may_be_written_with_a_power_of_ten(n):
    assert Axis.parse(f"1:2:{n}:log") == Axis(1.0, 2.0, 1000, log=True)


@pytest.mark.parametrize("n", ["", "1e-3", "2.5", "inf", "nan", "many", "1,5", "1 000"])
def test_what_is_no_number_of_values_is_refused_in_words(n):
    with pytest.raises(InputError, match="The number of values on an axis is a whole number"):
        Axis.parse(f"1:2:{n}")


@pytest.mark.parametrize("n", ["1e7", "1e400", "1e999999", "9" * 400])
def test_an_absurd_number_of_values_is_told_as_such(n):
    assert Axis.parse(f"1:2:{n}").problem == "An axis holds at most 1,000,000 values."
    assert Axis.parse(f"1:2:-{n}").problem == "An axis needs at least one value."


def test_a_decimal_comma_gets_the_advice_to_write_a_point():
    with pytest.raises(InputError, match=r"point: 1\.5"):
        read_number("1,5")


def test_typed_units_are_converted_to_that_of_the_wire():
    assert LVG.parameter("column_density").parse("1e18 m-2") == 1e14
    assert LVG.parameter("line_width").parse("500 m/s") == 0.5
    assert LVG.parameter("kinetic_temperature").parse("0 deg_C") == pytest.approx(273.15)
    assert LVG.parameter("frequency_min").parse("3 mm") == pytest.approx(99.930819333)


@given(st.floats(1e-3, 1e25))
def test_a_conversion_there_and_back_changes_nothing_that_is_shown(value):
    value = float(f"{value:.12e}")
    assert convert(convert(value, "cm-2", "m-2"), "m-2", "cm-2") == value


@pytest.mark.parametrize(
    ("unit", "says"), [("furlongs", "is not a unit"), ("K", "cannot be turned into"), ("km/s/Mpc", "is not a unit")]
)
def test_a_unit_that_does_not_fit_is_refused_in_words(unit, says):
    with pytest.raises(InputError, match=says):
        convert(1.0, unit, "cm-2")


def test_no_frequency_has_no_wavelength():
    with pytest.raises(InputError, match="0 GHz cannot be written in mm"):
        convert(0.0, "GHz", "mm")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1:2", "min:max:n"),
        ("1:2:3:cubic", "min:max:n"),
        ("1:2:3.5", "whole number"),
        ("a:2:3", "not a number"),
    ],
)
def test_an_axis_that_cannot_be_read_is_refused_in_words(text, says):
    with pytest.raises(InputError, match=says):
        Axis.parse(text)


@pytest.mark.parametrize(
    ("axis", "says"),
    [
        (Axis(1, 2, 0), "at least one"),
        (Axis(1, 2, 1_000_001), "at most 1,000,000"),
        (Axis(2, 1, 3), "smaller than the maximum"),
        (Axis(0, 1, 3, log=True), "above zero"),
    ],
)
def test_a_wrong_axis_says_what_is_wrong(axis, says):
    assert says in axis.problem


@given(st.floats(1e-10, 1e10), st.floats(1.001, 1e5), st.integers(2, 50), st.booleans())
def test_an_axis_rises_from_its_minimum_to_its_maximum(low, factor, n, log):
    axis = Axis(low, low * factor, n, log)
    values = axis.values()
    assert values.shape == (n,)
    assert (values[0], values[-1]) == (axis.minimum, axis.maximum)
    assert np.all(np.diff(values) > 0)
    assert axis.middle() == values[(n - 1) // 2]


def test_out_of_range_names_the_range_and_its_unit():
    assert LVG.parameter("kinetic_temperature").problem(0.0) == "0 is out of range: 0.1 to 1e5 K."
    assert "above 0" in LVG.parameter("column_density").problem(0.0)
    assert "out of range" in LVG.parameter("density_h2").problem(Axis(1e3, 1e20, 5, log=True))


def test_a_word_is_read_where_the_parameter_knows_it():
    ratio = LVG.parameter("ortho_para_ratio")
    assert isinstance(ratio, Number)
    assert ratio.parse(" Thermal ") == "thermal"
    assert ratio.problem("thermal") is None
    assert "neither a number" in ratio.problem("cold")


def test_frequencies_take_no_axis():
    with pytest.raises(InputError, match="not an axis"):
        LVG.parameter("frequency_min").parse("1:2:3")


def test_an_unknown_model_is_refused_with_the_names_there_are():
    with pytest.raises(InputError, match="lte, lvg"):
        model_spec("radex")


def test_infinite_values_never_reach_a_parameter():
    for text in ("inf", "1e999", "-inf"):
        with pytest.raises(InputError, match="not a"):
            read_number(text)
    assert math.isfinite(read_number("1e300"))
