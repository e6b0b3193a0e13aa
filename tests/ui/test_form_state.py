"""A form comes back as it stood, right or wrong; a request fills it so that it says the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stopdesk.domain.models import MODELS
from stopdesk.domain.session import FieldState, FormState
from tests.strategies import forms, requests

SPECS = pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
ONE_FORM = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SPECS
def test_any_form_comes_back_as_it_stood(spec, make_form):
    form = make_form(spec)

    @ONE_FORM
    @given(forms(spec, ("co", "hco+")))
    def comes_back(state):
        form.set_state(state)
        assert form.state() == state
        assert FormState.model_validate_json(form.state().model_dump_json()) == state
        assert not form.history.canUndo()
        names = {parameter.name for parameter in spec.parameters}
        for problem in form.problems():
            assert set(problem.parameters) <= names

    comes_back()


@SPECS
def test_a_request_fills_the_form_so_that_it_says_the_same(spec, make_form):
    form = make_form(spec)

    @ONE_FORM
    @given(requests(spec))
    def says_the_same(values):
        form.set_request(spec.request(values))
        for name, value in values.items():
            if not form.rows[name].isHidden():
                assert form.values()[name] == value
        for name, text in form.request().items():
            assert spec.parameter(name).parse(text) == form.values()[name]

    says_the_same()


@SPECS
def test_undo_leads_back_through_anything(spec, make_form):
    form = make_form(spec)

    @ONE_FORM
    @given(st.lists(requests(spec), max_size=3))
    def leads_back(changes):
        form.start_over()
        states = [form.state()]
        for values in changes:
            form.set_request(spec.request(values))
            if form.state() != states[-1]:
                states.append(form.state())
        for state in reversed(states[:-1]):
            form.history.undo()
            assert form.state() == state
        assert not form.history.canUndo()

    leads_back()


def test_what_a_request_leaves_out_gets_its_default(form):
    form.set_request({"column_density": "1e13", "density_h2": "1e5"})
    assert form.request() == {
        "molecule": "co",
        "geometry": "expanding_sphere",
        "column_density": "1e13",
        "density_h2": "1e5",
        "kinetic_temperature": "20",
        "line_width": "1",
        "background_temperature": "2.725",
        "ortho_para_ratio": "thermal",
    }
    assert form.n_rows == 1


def test_what_the_form_has_no_field_for_is_told(form, notices):
    form.set_request({"column_density": "1e13", "density_h2": "1e5", "colour": "red"})
    assert [notice.text for notice in notices.history] == ["The LVG form has no field for colour; this was left out."]


def test_what_cannot_be_read_in_a_request_is_shown_with_its_problem(form):
    form.set_request({"column_density": "plenty", "geometry": "torus", "density_h2": "1:2"})
    assert form.rows["column_density"].editor.text.text() == "plenty"
    assert form.rows["geometry"].editor.menu.currentText() == "torus"
    assert {problem.parameters[0] for problem in form.problems()} == {"column_density", "geometry", "density_h2"}


def test_a_unit_of_a_newer_form_is_kept(form):
    state = form.state()
    fields = {**state.fields, "line_width": FieldState(text="1e5", unit="cm/s")}
    form.set_state(FormState(fields=fields))
    assert form.state().fields["line_width"].unit == "cm/s"
    assert float(form.request()["line_width"]) == 1.0


def test_a_state_of_an_older_form_gets_defaults_for_what_it_lacks(form):
    form.set_state(FormState(fields={"line_width": FieldState(text="3", unit="km/s")}))
    assert form.request()["line_width"] == "3"
    assert form.request()["kinetic_temperature"] == "20"
