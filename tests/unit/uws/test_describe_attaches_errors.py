"""A server's error text is shown beside the parameter that it names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stopdesk.domain.lvg import LVG
from stopdesk.errors import InvalidParameters, Problem
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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The COLUMN DENSITY is too high", ("column_density",)),
        ("column_density is too high", ("column_density",)),
        ("The electron density is too high", ("density_e",)),
        ("The H2 density is too high", ("density_h2",)),
        ("The H₂ density is too high", ("density_h2",)),
        ("The line width must be above 0", ("line_width",)),
        ("Choose a kinetic temperature inside, or another geometry", ("geometry", "kinetic_temperature")),
        ("parameter 'Kinetic temperature' of the geometry", ("kinetic_temperature",)),
        ("There is too much density", ()),
        ("Cold temperatures are wrong", ()),
    ],
)
def test_labels_count_as_names_do(text, names):
    assert problems_from_error(text, LVG)[0].parameters == names


def test_sentences_that_begin_with_names_are_problems_of_their_own():
    told = InvalidParameters(
        [
            Problem(("density_h2",), "Give the density of the molecule's partner, such as 1e4."),
            Problem(("frequency_min", "frequency_max"), "They are the wrong way round."),
            Problem(("Column density",), "-1 is out of range."),
        ]
    )
    assert problems_from_error(str(told), LVG) == (
        Problem(("density_h2",), "Give the density of the molecule's partner, such as 1e4."),
        Problem(("frequency_min", "frequency_max"), "They are the wrong way round."),
        Problem(("column_density",), "-1 is out of range."),
    )
    (problem,) = problems_from_error("Nothing was made. GEOMETRY: there is no cube", LVG)
    assert (problem.parameters, problem.text) == (("geometry",), "Nothing was made. there is no cube")


def test_an_empty_text_is_no_problem():
    assert problems_from_error(" \n", GRID) == ()


def test_a_service_without_description_has_the_text_alone():
    (problem,) = problems_from_error("density is <b>wrong</b>\x00 " + "x" * 1000, free_spec("http://h/async"))
    assert problem.parameters == ()
    assert problem.text.startswith("density is <b>wrong</b> xxx")
    assert len(problem.text) == 300


def test_a_text_of_blanks_is_gone_through_once():
    code = (
        "from stopdesk.domain.lvg import LVG; from stopdesk.uws.describe import problems_from_error; "
        "problems_from_error('a' + '\\n' * 19_000 + 'b', LVG)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
