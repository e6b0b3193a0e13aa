"""A server's error text is shown beside the parameter that it names."""

from __future__ import annotations

import pytest

from stopdesk.uws.describe import free_spec, problems_from_error, read_metadata
from stopdesk.uws.describe.drafts import Draft, spec_of
from tests.described import recorded

GRID = read_metadata(recorded("dachs_metadata.xml"), "http://h/capabilities")
ODD = spec_of([Draft(name=name) for name in ("n", "T.max", "a+b", "mode")], origin="http://h/capabilities")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Field cd_n: 'notanumber' is not a valid literal for cd_n", ("cd_n",)),
        ("Field TK_MIN: engine must not be cold", ("tk_min",)),
        ("tk_min must be below tk_max", ("tk_min", "tk_max")),
        ("The 'linewidth' is not what tbg wants", ("linewidth",)),
        ("The densities of colliders are wrong", ()),
        ("cd_min_total is unknown", ()),
        ("No convergence", ()),
    ],
)
def test_the_parameters_that_a_text_names_are_found(text, names):
    (problem,) = problems_from_error(text, GRID)
    assert (problem.parameters, problem.text) == (names, text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("There are n jobs before yours", ()),
        ("parameter n: too small", ("n",)),
        ("T.max is too high", ("T.max",)),
        ("Txmax is too high", ()),
        ("a+b is wrong", ("a+b",)),
        ("unknown Mode.", ("mode",)),
    ],
)
def test_odd_and_short_names_are_found_only_where_they_are_meant(text, names):
    assert problems_from_error(text, ODD)[0].parameters == names


def test_an_empty_text_is_no_problem():
    assert problems_from_error(" \n", GRID) == ()


def test_a_service_without_description_has_the_text_alone():
    (problem,) = problems_from_error("density is <b>wrong</b>\x00 " + "x" * 1000, free_spec("http://h/async"))
    assert problem.parameters == ()
    assert problem.text.startswith("density is <b>wrong</b> xxx")
    assert len(problem.text) == 300
