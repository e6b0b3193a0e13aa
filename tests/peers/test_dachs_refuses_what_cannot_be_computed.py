"""A real DaCHS with our services says what is wrong with a request when it is sent, in the words of the declaration."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.peers.dachs_site import CHECKOUT, DachsSite
from tests.peers.talking import curl, curl_create, curl_start, given, stopdesk, wait_for_phase

DENSITY = {"density_h2": "1e4"}


def refusal(jobs: str, *form: str) -> str:
    """What is said to a request that makes no job."""
    before = curl(jobs).count("<uws:jobref")
    answer = curl("--write-out", "\n%{http_code}", *form, jobs)
    assert answer.endswith("\n400")
    assert curl(jobs).count("<uws:jobref") == before
    return answer


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (["column_density=-1", "density_h2=1e4"], "column_density: -1 is out of range: above 0 to 1e26 cm-2."),
        (["column_density=much", "density_h2=1e4"], "column_density: 'much' is not a number."),
        (["column_density=1e18:1e14:5", "density_h2=1e4"], "The minimum must be smaller than the maximum."),
        (["column_density=1e14:1e18:2000", "density_h2=1:9:2000"], "The grid has 4,000,000 rows"),
        (["colum_density=1e14", "density_h2=1e4"], "colum_density: The lvg model has no such parameter."),
        (["column_density=1e14"], "density_h2: Give the density of at least one collision partner."),
        (["geometry=cube", "density_h2=1e4"], "geometry: 'cube' is not one of: expanding_sphere"),
        (["molecule=xy", "density_h2=1e4"], "There is no bundled molecule 'xy'"),
        (["density_e=1"], "has no rates for collisions with e"),
        (["density_h2=1e4", "kinetic_temperature=90000"], "run from"),
        (["density_h2=1e4", "density_h2=1e5"], "density_h2: This parameter is given more than once"),
        (["density_h2=1e4", "molecule_file=co.dat"], "molecule_file: This parameter is a file: upload it."),
    ],
)
def test_when_the_job_is_made(dachs: DachsSite, fields: list[str], sentence: str) -> None:
    form = [word for field in fields for word in ("--form-string", field)]
    assert sentence in refusal(dachs.jobs("lvg"), *form)


def test_names_of_molecules_may_come_in_capitals(dachs: DachsSite) -> None:
    job = curl_create(dachs.jobs("lte"), {"molecule": "HCO+"})
    curl_start(job)
    wait_for_phase(job, "COMPLETED")


def test_a_damaged_molecule_file_by_its_line(dachs: DachsSite, tmp_path: Path) -> None:
    lines = (CHECKOUT / "resources" / "molecules" / "co.dat").read_text().splitlines()
    lines[9] = "    3   23.07  5.0 nonsense in here".replace("23.07", "much")
    (tmp_path / "bent.dat").write_text("\n".join(lines))
    form = ["--form-string", "density_h2=1e4", "--form-string", "UPLOAD=molecule_file,param:p"]
    answer = refusal(dachs.jobs("lvg"), *form, "--form", f"p=@{tmp_path / 'bent.dat'}")
    assert "molecule_file: bent.dat, line 10" in answer


def test_a_grid_larger_than_the_operators_want(dachs: DachsSite) -> None:
    dachs.configure(rows=100)
    try:
        form = [word for field in ("column_density=1e14:1e15:101", "density_h2=1e4") for word in ("--data", field)]
        assert "The grid has 101 rows; at most 100 are computed here at once." in refusal(dachs.jobs("lvg"), *form)
    finally:
        dachs.configure()


def test_when_a_value_is_set_later(dachs: DachsSite) -> None:
    job = curl_create(dachs.jobs("lvg"), DENSITY)
    answer = curl("--data", "line_width=0", f"{job}/parameters")
    assert "line_width: 0 is out of range" in answer
    assert "no such parameter" in curl("--data", "linewidth=1", f"{job}/parameters")
    assert "<VOTABLE" in answer


def test_an_unfinished_job_ends_in_error_without_being_queued(dachs: DachsSite) -> None:
    job = curl("--output", os.devnull, "--write-out", "%{redirect_url}", "--request", "POST", dachs.jobs("lvg"))
    curl("--output", os.devnull, "--data", "column_density=1e14", f"{job}/parameters")
    curl_start(job)
    document = curl(job)
    assert "<uws:phase>ERROR</uws:phase>" in document
    assert "Give the density of at least one collision partner." in document


def test_nothing_is_computed_while_the_server_waits(dachs: DachsSite) -> None:
    answer = curl(dachs.jobs("lvg").replace("/async", "/api?density_h2=1e4&RESPONSEFORMAT=votable"))
    assert "This service computes in jobs only" in answer


def test_the_command_line_says_it(dachs: DachsSite, tmp_path: Path) -> None:
    words = ["submit", dachs.jobs("lvg"), *given({"column_density": "-1", "density_h2": "1e4"})]
    done = stopdesk(*words, cwd=tmp_path, code=5)
    assert "column_density: -1 is out of range" in done.stderr
