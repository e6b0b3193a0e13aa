"""A spec that was read from a description goes into the session and comes back as it was."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.spec_document import VERSION, spec_from_json, spec_to_json
from stopdesk.errors import InputError
from stopdesk.uws.describe import free_spec, read_metadata
from stopdesk.uws.describe.drafts import spec_of
from tests.described import drafts, recorded

URL = "http://uws.example/lvg/capabilities"


@given(st.lists(drafts(), min_size=1, max_size=6))
def test_any_described_spec_comes_back_as_it_was(found):
    spec = spec_of(found, origin=URL, title="A service")
    back = spec_from_json(json.loads(json.dumps(spec_to_json(spec))))
    assert back == spec
    assert [repr(parameter) for parameter in back.parameters] == [repr(parameter) for parameter in spec.parameters]


def test_a_service_without_description_comes_back_as_such():
    spec = free_spec("http://uws.example/lab/async")
    assert spec_from_json(spec_to_json(spec)) == spec
    assert spec.free


def test_how_long_a_row_takes_elsewhere_is_not_known():
    spec = spec_from_json(spec_to_json(read_metadata(recorded("dachs_metadata.xml"), URL)))
    assert math.isnan(spec.seconds_per_row(None))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": VERSION + 1}, "another version"),
        ({"parameters": None}, "no parameters"),
        ({"parameters": [{"kind": "molecule", "name": "x"}]}, "kind of parameter"),
        ({"parameters": ["x"]}, "kind of parameter"),
        ({"parameters": [{"kind": "several", "name": "x"}]}, "kind of parameter"),
        (
            {
                "parameters": [
                    {"kind": "integer", "name": "x", "label": "x", "help": "", "group": "g", "minimum": "low"}
                ]
            },
            "minimum",
        ),
        ({"groups": [{"name": 5}]}, "damaged"),
        ({"groups": []}, "in no group"),
        ({"parameters": 2 * [{"kind": "flag", "name": "x", "label": "x", "help": "", "group": "parameters"}]}, "twice"),
    ],
)
def test_a_damaged_document_is_refused_in_words(change, says):
    document = spec_to_json(read_metadata(recorded("dachs_metadata.xml"), URL)) | change
    with pytest.raises(InputError, match=says):
        spec_from_json(document)


def test_repeated_parameters_become_form_fields_of_their_own():
    spec = read_metadata(recorded("dachs_metadata.xml"), URL)
    values = spec.read({"density": "1e4\n3e4", "weights": "1 2", "cd_n": "7", "collider": "para-H2"})
    request = spec.request(values)
    assert spec.fields(request) == {
        "density": ("10000", "30000"),
        "weights": "1 2",
        "cd_n": "7",
        "collider": "para-H2",
    }
