"""Names and observations from the command line, against real HTTP: tables, JSON, files, sentences and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from stopdesk.domain.settings import Service, ServiceKind, Settings
from stopdesk.formats.convert import read_any
from stopdesk.formats.votable import read_table
from stopdesk.session.settings import SettingsFile
from tests.e2e.test_command_line import ROOT, stopdesk
from tests.fakes.portal_documents import Observation, resolver
from tests.fakes.portal_server import PortalServer, portal_server

pytestmark = pytest.mark.timeout(180)

CONE = ("--ra", "248.0954", "--dec", "-24.4766", "--radius", "0.25")
PATHS = {
    "scs": "/scs",
    "ssa": "/ssa",
    "sia": "/sia",
    "sia2": "/sia2",
    "obstap": "/tap",
    "obsportal": "/obsportal/search.votable",
}


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.rows = [
            Observation(1, "IRAS 16293-2422", 248.0954, -24.4766),
            Observation(2, "IRAS 16293E", 248.13, -24.49),
        ]
        server.names = {
            "m31": resolver("S=Simbad", 10.684708, 41.26875, "M  31"),
            "hh 7": resolver("S=Simbad", 52.2, 31.2, "HH 7") + resolver("V=VizieR", 10.0, -5.0, "HH 7"),
        }
        yield server


@pytest.mark.parametrize("protocol", PATHS)
def test_each_protocol_gives_a_table(tmp_path: Path, portal: PortalServer, protocol: str) -> None:
    words = ("search", "--service", portal.url + PATHS[protocol], "--protocol", protocol, *CONE)
    done = stopdesk(*words, "--json", cwd=tmp_path)
    answer = json.loads(done.stdout)
    assert (answer["outcome"], answer["n_rows"], len(answer["rows"])) == ("rows", 2, 2)
    assert done.stderr == "2 rows.\n"
    names = [column["name"].lower() for column in answer["columns"]]
    assert 248.13 in answer["rows"][1]
    assert any(name.endswith("ra") for name in names)


def test_rows_are_printed_or_written_to_a_file(tmp_path: Path, portal: PortalServer) -> None:
    words = ("search", "--service", f"{portal.url}/tap", "--protocol", "obstap", *CONE)
    printed = stopdesk(*words, cwd=tmp_path).stdout.splitlines()
    assert printed[0].split("\t")[:4] == ["obs_publisher_did", "obs_id", "target_name", "s_ra [deg]"]
    assert len(printed) == 3
    done = stopdesk(*words, "--out", "rows.vot", "--async", cwd=tmp_path)
    assert done.stdout == ""
    assert list(read_table(tmp_path / "rows.vot")["target_name"]) == ["IRAS 16293-2422", "IRAS 16293E"]
    assert portal.jobs == {}
    refused = stopdesk(*words, "--out", "rows.vot", cwd=tmp_path, code=2)
    assert "such a file already" in refused.stderr


def test_the_ending_says_in_which_format_rows_are_written(tmp_path: Path, portal: PortalServer) -> None:
    words = ("search", "--service", f"{portal.url}/tap", "--protocol", "obstap", *CONE)
    done = stopdesk(*words, "--out", "rows.fits", cwd=tmp_path)
    assert read_any(tmp_path / "rows.fits")[1] == "fits"
    assert done.stderr == "2 rows.\n"
    done = stopdesk(*words, "--out", "rows.csv", cwd=tmp_path)
    assert "CSV does not keep units: s_ra (deg)" in done.stderr
    assert list(read_any(tmp_path / "rows.csv")[0].table["s_ra"]) == [248.0954, 248.13]
    done = stopdesk(*words, "--out", "-", "--json", cwd=tmp_path)
    assert done.stdout.startswith("<?xml")
    assert json.loads(done.stderr.splitlines()[0])["n_rows"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "rows.csv", "rows.fits"]


def test_where_nothing_can_be_written_nothing_is_asked_for(tmp_path: Path, portal: PortalServer) -> None:
    words = ("search", "--service", f"{portal.url}/tap", "--protocol", "obstap", *CONE)
    done = stopdesk(*words, "--out", "no/such/rows.vot", cwd=tmp_path, code=2)
    assert "rows.vot: cannot be written" in done.stderr
    assert portal.requests == []


def test_more_rows_and_none_are_told(tmp_path: Path, portal: PortalServer) -> None:
    words = ("search", "--service", f"{portal.url}/tap", "--protocol", "obstap")
    done = stopdesk(*words, *CONE, "--max-rows", "1", cwd=tmp_path)
    assert "there are more" in done.stderr
    done = stopdesk(*words, "--ra", "1", "--dec", "1", "--radius", "0.1", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["outcome"] == "empty"
    assert "has nothing there" in done.stderr


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--service", "{}/scs", "--protocol", "scs", "--ra", "10", "--dec", "5", "--radius", "120"), 5, "90 degrees"),
        (("--service", "{}/tap", "--protocol", "tap", *CONE), 2, "queries in ADQL only"),
        (("--service", "{}/scs", "--protocol", "scs", "--ra", "400", "--dec", "5", "--radius", "1"), 2, "--ra goes"),
        (("--service", "{}/nowhere", "--protocol", "ssa", *CONE), 5, "refused the request"),
        (("--service", "http://127.0.0.1:9/x", "--protocol", "ssa", *CONE), 5, "refuses the connection"),
        (("--service", "nowhere", "--protocol", "ssa", *CONE), 2, "no web address"),
        (("--service", "{}/ssa", "--protocol", "ssa", *CONE, "--adql", "SELECT 1"), 2, "takes no ADQL"),
    ],
)
def test_what_does_not_work_is_a_sentence(
    tmp_path: Path, portal: PortalServer, more: tuple[str, ...], code: int, said: str
) -> None:
    done = stopdesk("search", *(word.format(portal.url) for word in more), cwd=tmp_path, code=code)
    assert said in done.stderr


def test_names_are_resolved_with_partial_success(tmp_path: Path, portal: PortalServer) -> None:
    sesame = ("--service", f"{portal.url}/sesame/")
    done = stopdesk("resolve", "m31", "16:32:22.9 -24:28:36", *sesame, cwd=tmp_path)
    first, second = done.stdout.splitlines()
    assert first.startswith("m31 ")
    assert "00:42:44.330 +41:16:07.50" in first
    assert "Simbad" in first
    assert "as typed" in second
    done = stopdesk("resolve", "m31", "nonesuch", "HH 7", *sesame, "--json", cwd=tmp_path, code=2)
    found, unknown, ambiguous = json.loads(done.stdout)
    assert (found["ra"], found["cached"], found["error"]) == (10.684708, True, None)
    assert (unknown["ra"], "Nobody knows" in unknown["error"]) == (None, True)
    assert [each["position"]["ra"] for each in ambiguous["candidates"]] == [52.2, 10.0]
    assert "ambiguous" in done.stderr
    stopdesk("resolve", "B335", "--service", "http://127.0.0.1:9/", cwd=tmp_path, code=5)


def test_the_services_of_the_list_are_used(tmp_path: Path, portal: PortalServer) -> None:
    mine = Service(name="mine", url=f"{portal.url}/sesame/", kind=ServiceKind.RESOLVER)
    tap = Service(
        name="my archive", url="http://127.0.0.1:9/tap", kind=ServiceKind.OBSTAP, mirrors=(f"{portal.url}/tap",)
    )
    SettingsFile().save(Settings(services=(mine, tap)))
    assert "Simbad" in stopdesk("resolve", "m31", cwd=tmp_path).stdout
    done = stopdesk("search", "--service", tap.url, "--protocol", "obstap", *CONE, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["answered_by"] == f"{portal.url}/tap"


def test_a_session_shows_its_searches(tmp_path: Path) -> None:
    done = stopdesk("session", "show", str(ROOT / "tests" / "data" / "sessions" / "v2.stop"), cwd=tmp_path)
    assert "targets  IRAS 16293-2422" in done.stdout
    assert "rows         ALMA: 1 row." in done.stdout
    assert "unreachable  ESO: archive.eso.org cannot be reached" in done.stdout
