"""A real DaCHS is searched: a cone of 300,000 rows, spectra with DataLink, ObsCore over TAP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from stopdesk.domain.observation import lines_in_ranges
from stopdesk.domain.search import Cone, Outcome
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import Cancelled, Malformed, Refused
from stopdesk.formats.votable import read_table
from stopdesk.net.http import Http
from stopdesk.vo.answers import compare
from stopdesk.vo.columns import find_column, frequency_ranges, positions_of
from stopdesk.vo.content import Content
from stopdesk.vo.download import fetch
from stopdesk.vo.portals import search
from stopdesk.vo.probe import try_out
from tests.peers.dachs_site import DachsSite
from tests.peers.talking import stopdesk

#: All of the log lies within.
ALL = Cone.around(248.0, -24.5, 20.0)
NEAR = Cone.around(248.0954, -24.4766, 0.12)
WORDS = ("--ra", "248.0954", "--dec", "-24.4766", "--radius", "0.12")


@pytest.fixture
def http() -> Iterator[Http]:
    http = Http()
    yield http
    http.close()


@pytest.fixture
def cone(dachs: DachsSite) -> Service:
    return Service(name="log", url=f"{dachs.url}/log/q/cone/scs.xml", kind=ServiceKind.SCS)


@pytest.fixture
def spectra(dachs: DachsSite) -> Service:
    return Service(name="spectra", url=f"{dachs.url}/spectra/q/ssa/ssap.xml", kind=ServiceKind.SSA)


@pytest.fixture
def tap(dachs: DachsSite) -> Service:
    return Service(name="TAP", url=f"{dachs.url}/tap", kind=ServiceKind.OBSTAP)


def test_a_cone_of_300_000_rows(http: Http, cone: Service) -> None:
    told: list[int] = []
    start = time.perf_counter()
    answer = search(http, cone, ALL, max_rows=1_000_000, progress=told.append)
    took = time.perf_counter() - start
    assert (answer.outcome, answer.n_rows) == (Outcome.ROWS, 300_000)
    assert len(told) > 3, "progress while it arrives"
    assert told == sorted(told)
    found, ranges = positions_of(answer.table), frequency_ranges(answer.table)
    assert found is not None
    assert ranges is not None
    assert np.abs(found[0] - 248).max() <= 4
    start = time.perf_counter()
    lines = lines_in_ranges(*ranges, [230.538e9, 345.7959899e9, 115.271e9], v_lsr=4.0)
    print(f"\n300,000 rows: fetched and read in {took:.2f} s, lines looked for in {time.perf_counter() - start:.3f} s")
    assert lines.counts.tolist() == [1] * 300_000


def test_a_cone_is_given_up_or_cut_off(http: Http, cone: Service) -> None:
    rows: list[int] = []
    with pytest.raises(Cancelled):
        search(http, cone, ALL, progress=rows.append, cancelled=lambda: bool(rows))
    usual = search(http, cone, ALL)
    assert (usual.outcome, usual.n_rows) == (Outcome.OVERFLOW, 100_000), "what DaCHS gives unless more is asked for"
    assert usual.rest is not None
    assert usual.rest.max_rows == 1_000_000
    cut = search(http, cone, ALL, max_rows=1000)
    assert (cut.outcome, cut.n_rows) == (Outcome.OVERFLOW, 1000)
    with pytest.raises(Malformed, match="sent more than 1 MB"):
        search(http, cone, ALL, max_bytes=1_000_000)


def test_a_cone_that_is_too_large_and_one_with_nothing_in_it(http: Http, cone: Service) -> None:
    with pytest.raises(Refused, match="radius must be not greater than 90"):
        search(http, cone, Cone.around(248.0, -24.5, 120.0))
    assert search(http, cone, Cone.around(10.0, 60.0, 1.0)).outcome is Outcome.EMPTY


def test_spectra_are_found_and_fetched_by_way_of_their_links(http: Http, spectra: Service) -> None:
    answer = search(http, spectra, Cone.around(248.0954, -24.4766, 0.06))  # DaCHS takes SIZE for a radius
    assert answer.n_rows == 3
    found, ranges = positions_of(answer.table), frequency_ranges(answer.table)
    assert found is not None
    assert ranges is not None
    assert sorted(np.round(found[0], 4)) == [248.0954, 248.1454, 248.1954]
    counts = lines_in_ranges(*ranges, [230.538e9]).counts
    assert sorted(counts.tolist()) == [0, 1, 1]
    column = find_column(answer.table, "access_url")
    assert column is not None
    spectrum = fetch(http, str(answer.table[column][0]))
    assert spectrum.content is Content.VOTABLE_SPECTRUM
    rows = read_table(spectrum.path)
    assert len(rows) == 400
    linked = fetch(http, str(answer.table["datalink"][0]))
    assert linked.content is Content.VOTABLE_SPECTRUM, "#this was followed"
    product = fetch(http, f"{str(answer.table['datalink'][0]).replace('dlmeta', 'dlget')}&FORMAT=application/fits")
    assert product.content is Content.FITS_SPECTRUM
    with fits.open(product.path) as units:
        assert len(units[1].data) == 400


@pytest.mark.parametrize("run_async", [False, True])
def test_observations_are_found_over_tap(http: Http, tap: Service, run_async: bool) -> None:
    answer = search(http, tap, NEAR, run_async=run_async)
    assert (answer.outcome, answer.n_rows) == (Outcome.ROWS, 3)
    assert positions_of(answer.table) is not None
    assert frequency_ranges(answer.table) is not None
    again = search(http, tap, Cone.around(248.0954, -24.4766, 0.17), run_async=run_async)
    assert compare(answer.table, again.table).said == "1 row new"


@pytest.mark.parametrize("run_async", [False, True])
def test_errors_of_tap_are_in_its_own_words(http: Http, tap: Service, run_async: bool) -> None:
    with pytest.raises(Refused, match="no_such_table"):
        search(http, tap, NEAR, adql="SELECT * FROM no_such_table", run_async=run_async)


def test_more_rows_than_were_asked_for(http: Http, tap: Service, spectra: Service) -> None:
    for service in (tap, spectra):
        answer = search(http, service, Cone.around(248.3, -24.4766, 5.0), max_rows=5)
        assert (answer.outcome, answer.n_rows) == (Outcome.OVERFLOW, 5)
        assert answer.rest is not None
        assert search(http, service, answer.cone, max_rows=answer.rest.max_rows).n_rows == 20


def test_each_can_be_tried(http: Http, cone: Service, spectra: Service, tap: Service) -> None:
    for service in (cone, spectra, tap, tap.model_copy(update={"kind": ServiceKind.TAP})):
        assert try_out(http, service)[0].startswith("It answers")


def test_from_the_command_line(tmp_path: Path, cone: Service, spectra: Service, tap: Service) -> None:
    done = stopdesk("search", "--service", cone.url, "--protocol", "scs", *WORDS, "--out", "log.vot", cwd=tmp_path)
    rows = read_table(tmp_path / "log.vot")
    assert done.stderr == f"{len(rows):,} rows.\n"
    assert len(rows) > 100
    for service, protocol, n_rows in ((spectra, "ssa", 6), (tap, "obstap", 3)):  # DaCHS takes SIZE for a radius
        words = ("search", "--service", service.url, "--protocol", protocol, *WORDS, "--json")
        assert json.loads(stopdesk(*words, cwd=tmp_path).stdout)["n_rows"] == n_rows
    done = stopdesk("search", "--service", cone.url, "--protocol", "scs", *WORDS[:5], "120", cwd=tmp_path, code=5)
    assert "not greater than 90" in done.stderr
