"""Numbers in a form: units as typed, units from the menu, axes opened and closed, problems in words."""

from __future__ import annotations

import pytest

from tests.ui.form_parts import choose, leave, type_into


def editor(form, name):
    return form.rows[name].editor


@pytest.mark.parametrize("typed", ["3e15", "3e19 m-2", "3e19 m⁻²", "3e15 cm^-2", "3e15cm-2", "3e15 1/cm2"])
def test_a_unit_typed_behind_the_number_is_understood(form, typed):
    column = editor(form, "column_density")
    column.open_axis.click()
    type_into(column.text, typed)
    assert form.request()["column_density"] == "3e15"
    assert form.problems() == ()


def test_a_typed_unit_that_the_menu_has_moves_there_when_typing_ends(form):
    column = editor(form, "column_density")
    column.open_axis.click()
    type_into(column.text, "3e19 m-2")
    leave(column.text)
    assert (column.text.text(), column.units.currentText()) == ("3e19", "m⁻²")
    assert form.request()["column_density"] == "3e15"


def test_changing_the_unit_keeps_the_quantity(form):
    width = editor(form, "line_width")
    type_into(width.text, "0.35")
    before = form.request()
    choose(width.units, "m/s")
    assert width.text.text() == "350"
    assert form.request() == before
    axis = editor(form, "column_density")
    choose(axis.units, "m-2")
    assert (axis.minimum.text(), axis.maximum.text()) == ("1e18", "1e22")
    assert form.request() == before


def test_changing_the_unit_leaves_what_is_no_number(form):
    width = editor(form, "line_width")
    type_into(width.text, "wide")
    choose(width.units, "m/s")
    assert width.text.text() == "wide"
    assert form.problems()[0].text == "'wide' is not a number."


def test_a_frequency_in_millimetres_is_sent_in_gigahertz(form):
    low = editor(form, "frequency_min")
    type_into(low.text, "3 mm")
    leave(low.text)
    assert (low.text.text(), low.units.currentText()) == ("3", "mm")
    assert float(form.request()["frequency_min"]) == pytest.approx(99.930819)
    choose(low.units, "MHz")
    assert float(low.text.text()) == pytest.approx(99930.819)


def test_the_button_opens_a_number_to_an_axis_around_it(form):
    width = editor(form, "line_width")
    type_into(width.text, "2")
    width.open_axis.click()
    assert width.state().is_axis
    assert not width.text.isVisible()
    assert [edit.text() for edit in (width.minimum, width.maximum, width.n)] == ["1", "4", "5"]
    assert form.request()["line_width"] == "1:4:5"
    assert form.n_rows == 250 * 5
    width.log.click()
    assert form.request()["line_width"] == "1:4:5:log"
    width.open_axis.click()
    assert form.request()["line_width"] == "2"
    width.open_axis.click()
    assert form.request()["line_width"] == "1:4:5:log", "what the axis was is kept"


def test_axes_of_densities_start_logarithmic_a_decade_either_way(form):
    density = editor(form, "density_h2")
    density.open_axis.click()
    type_into(density.text, "1e4")
    density.set_state(density.state().model_copy(update={"minimum": "", "maximum": "", "n": ""}))
    density.open_axis.click()
    assert form.request()["density_h2"] == "1000:1e5:5:log"


def test_an_axis_can_be_typed_as_one_word(form):
    width = editor(form, "line_width")
    type_into(width.text, "1:3:5")
    assert form.request()["line_width"] == "1:3:5"
    leave(width.text)
    assert width.state().is_axis
    assert form.request()["line_width"] == "1:3:5"


def test_an_axis_closed_gives_its_middle_where_there_was_no_number(form):
    temperature = editor(form, "kinetic_temperature")
    temperature.open_axis.click()
    assert temperature.text.text() == "50"


@pytest.mark.parametrize(
    ("part", "typed", "says"),
    [
        ("minimum", "200", "The minimum must be smaller than the maximum."),
        ("minimum", "", "An axis needs a minimum, a maximum and the number of its values."),
        ("n", "2.5", "The number of values on an axis is a whole number, not '2.5'."),
        ("n", "0", "An axis needs at least one value."),
        ("maximum", "1e9", "1e9 is out of range: 0.1 to 1e5 K."),
        ("maximum", "hot", "'hot' is not a number."),
    ],
)
def test_what_is_wrong_with_an_axis_stands_below_it(form, part, typed, says):
    temperature = editor(form, "kinetic_temperature")
    good = getattr(temperature, part).text()
    type_into(getattr(temperature, part), typed)
    label = form.rows["kinetic_temperature"].problem
    assert label.isVisible()
    assert label.text() == f"⚠ {says}"
    assert [problem.parameters for problem in form.problems()] == [("kinetic_temperature",)]
    type_into(getattr(temperature, part), good)
    assert not label.isVisible()
    assert form.problems() == ()


@pytest.mark.parametrize("typed", ["1e3", "1E3", "1000.0"])
def test_the_number_of_values_may_be_written_with_a_power_of_ten(form, typed):
    column = editor(form, "column_density")
    type_into(column.n, typed)
    assert form.problems() == ()
    assert form.request()["column_density"].split(":")[2] == "1000"
    assert column.n.text() == typed, "it stays as it was typed"


def test_a_logarithmic_axis_from_zero_is_refused(form):
    density = editor(form, "density_h2")
    type_into(density.minimum, "0")
    assert "above zero" in form.rows["density_h2"].problem.text()


def test_a_decimal_comma_gets_advice(form):
    type_into(editor(form, "line_width").text, "1,5")
    assert form.rows["line_width"].problem.text() == "⚠ Write the decimal sign as a point: 1.5."


def test_a_unit_of_another_kind_is_refused_in_words(form):
    type_into(editor(form, "line_width").text, "3 K")
    assert form.rows["line_width"].problem.text() == "⚠ A value in K cannot be turned into km/s."


def test_an_emptied_field_means_the_default_and_says_so(form):
    width = editor(form, "line_width")
    type_into(width.text, "")
    assert "line_width" not in form.request()
    assert width.text.placeholderText() == "1"
    assert form.problems() == ()


def test_every_key_counts_without_leaving_the_field(form):
    type_into(editor(form, "line_width").text, "1.2")
    assert form.state().fields["line_width"].text == "1.2"
    assert form.request()["line_width"] == "1.2"
