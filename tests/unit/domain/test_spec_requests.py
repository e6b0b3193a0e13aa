"""A spec reads requests, completes them with what applies, and says everything that is wrong at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.models import MODELS
from stopdesk.domain.parameter import Attachment, FileInput
from stopdesk.errors import InvalidParameters
from stopdesk.formats import molecules
from tests.strategies import requests

SPECS = pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)


@SPECS
@given(data=st.data())
def test_a_request_reads_back_as_the_same_values(spec, data):
    values = data.draw(requests(spec))
    assert spec.read(spec.request(values)) == values


@SPECS
@given(data=st.data())
def test_problems_are_sentences_about_parameters_of_the_spec_whatever_is_asked(spec, data):
    values = data.draw(requests(spec, ("co", "hco+", "c+")))
    molecule = molecules.load(str(values.get("molecule", "co")))
    names = {parameter.name for parameter in spec.parameters}
    for problem in spec.problems(values, molecule):
        assert set(problem.parameters) <= names
        assert problem.text[0].isupper() or problem.text[0].isdigit() or problem.text[0] in "'-"
        assert problem.text.endswith(".")


@SPECS
def test_every_preset_is_without_problems(spec):
    for preset in spec.presets:
        values = spec.read(preset.request)
        assert spec.problems(values, molecules.load(str(values["molecule"]))) == ()


@SPECS
def test_the_spec_is_whole(spec):
    names = [parameter.name for parameter in spec.parameters]
    assert len(set(names)) == len(names)
    assert {parameter.group for parameter in spec.parameters} == {group.name for group in spec.groups}
    assert set(spec.conditions) <= set(names)
    for parameter in spec.parameters:
        assert parameter.label
        assert parameter.help.endswith(".")
        default = parameter.default_value
        assert default is None or parameter.problem(default) is None


def test_all_that_cannot_be_read_is_said_at_once():
    with pytest.raises(InvalidParameters) as raised:
        MODELS[0].read({"column_density": "x", "line_width": "1:2", "colour": "red", "molecule_file": "a.dat"})
    assert {problem.parameters for problem in raised.value.problems} == {
        ("column_density",),
        ("line_width",),
        ("colour",),
        ("molecule_file",),
    }


def test_a_file_takes_the_place_of_the_molecule():
    spec = MODELS[0]
    values = spec.read({}, {"molecule_file": Attachment("my.dat", "00", 3)})
    complete = spec.complete(values, None)
    assert "molecule" not in complete
    assert isinstance(spec.parameter("molecule_file"), FileInput)
    assert "molecule_file" not in spec.request(complete)
