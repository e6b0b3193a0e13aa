"""Names are resolved by Sesame or its mirror, kept for the days without one, several at once, each for itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stopdesk.domain.target import Position
from stopdesk.errors import Cancelled, InputError, Malformed, Unreachable
from stopdesk.net.http import Http
from stopdesk.vo.resolver import read_names, resolve
from tests.fakes.portal_documents import resolver
from tests.fakes.portal_server import PortalServer, portal_server

DEAD = "http://127.0.0.1:9/sesame/"


@pytest.fixture
def sesame(portal: PortalServer) -> PortalServer:
    simbad = "S=Simbad (CDS, via client/server)"
    portal.names = {
        "iras 16293-2422": resolver(simbad, 248.0954, -24.4766, "IRAS 16293-2422", "cor"),
        "m31": resolver(simbad, 10.684708, 41.26875, "M  31", "AGN") + resolver("N=NED", 10.68479, 41.26906, "M 31"),
        "hh 7": resolver(simbad, 52.2, 31.2, "HH 7") + resolver("V=VizieR (CDS)", 10.0, -5.0, "HH 7"),
        "uy": "<INFO>*** Multiple objects found: [ NAME UY Aur A, NAME UY Aur B ] ***</INFO>",
        "a&b": resolver(simbad, 1.0, 2.0, "A&amp;B"),
        "odd": "<Resolver name='S=Simbad'><jradeg>far</jradeg><jdedeg>away</jdedeg></Resolver>",
    }
    return portal


def address(portal: PortalServer) -> str:
    return f"{portal.url}/sesame/"


def test_a_name_is_found_with_who_said_so(http: Http, sesame: PortalServer) -> None:
    (found,) = resolve(http, ["IRAS 16293-2422"], addresses=[address(sesame)])
    assert found.target is not None
    assert found.target.position == Position(ra=248.0954, dec=-24.4766)
    assert found.target.source == f"Simbad (CDS, via client/server) by {sesame.url.removeprefix('http://')}"
    assert (found.target.name, found.target.main_name) == ("IRAS 16293-2422", "IRAS 16293-2422")
    assert (found.service, found.is_cached, found.error) == (address(sesame), False, None)
    assert found.date is not None


def test_several_are_asked_for_at_once_and_each_stands_for_itself(http: Http, sesame: PortalServer) -> None:
    names = ["IRAS 16293-2422", "no such thing", "A&B", "16:32:22.9 -24:28:36", "M31", "10 95", "***"]
    found = resolve(http, names, addresses=[address(sesame)])
    assert [each.name for each in found] == names
    assert len(sesame.requests) == 1
    assert [each.target is not None for each in found] == [True, False, True, True, True, False, False]
    assert "Nobody knows 'no such thing'. Check the spelling" in str(found[1].error)
    assert found[3].target is not None
    assert found[3].target.source == "as typed"
    assert found[3].service == ""
    assert "not within -90 to 90" in str(found[5].error)
    assert "neither a name nor a position" in str(found[6].error)


def test_more_names_than_one_question_takes(http: Http, sesame: PortalServer) -> None:
    sesame.names |= {f"source {i}": resolver("S=Simbad", i / 10, 0.0, f"Source {i}") for i in range(95)}
    found = resolve(http, [f"source {i}" for i in range(95)], addresses=[address(sesame)])
    assert [each.target.position.ra for each in found if each.target] == [i / 10 for i in range(95)]
    assert len(sesame.requests) == 3


def test_data_bases_that_agree_are_one_answer_and_others_a_choice(http: Http, sesame: PortalServer) -> None:
    near, apart = resolve(http, ["M31", "HH 7"], addresses=[address(sesame)])
    assert near.target is not None
    assert near.target.position.ra == 10.684708
    assert apart.target is None
    assert [target.position.ra for target in apart.targets] == [52.2, 10.0]
    assert apart.error is None


def test_an_ambiguous_name_offers_what_it_may_be(http: Http, sesame: PortalServer) -> None:
    (found,) = resolve(http, ["uy"], addresses=[address(sesame)])
    assert (found.targets, found.error) == ((), None)
    assert found.choices == ("NAME UY Aur A", "NAME UY Aur B")


def test_the_mirror_is_asked_when_the_first_does_not_answer(http: Http, sesame: PortalServer) -> None:
    (found,) = resolve(http, ["M31"], addresses=[DEAD, address(sesame)])
    assert found.service == address(sesame)
    with portal_server() as ill:
        for fault in ("trouble", "html", "text", "nothing"):
            ill.fault = fault
            (found,) = resolve(http, ["M31"], addresses=[f"{ill.url}/sesame/", address(sesame)], again=True)
            assert found.service == address(sesame), fault


def test_what_is_known_is_not_asked_for_again(http: Http, sesame: PortalServer, home: Path) -> None:
    (first,) = resolve(http, ["M31"], addresses=[address(sesame)])
    (kept,) = resolve(http, [" m31 ".strip().upper()], addresses=[address(sesame)])
    assert len(sesame.requests) == 1
    assert kept.is_cached
    assert (kept.date, kept.service) == (first.date, first.service)
    assert kept.target is not None
    resolve(http, ["M31"], addresses=[address(sesame)], again=True)
    assert len(sesame.requests) == 2
    (file,) = (home / "cache" / "names").iterdir()
    assert json.loads(file.read_text())["date"]
    file.write_text("{")
    assert not resolve(http, ["M31"], addresses=[address(sesame)])[0].is_cached


def test_what_nobody_knew_is_asked_for_again(http: Http, sesame: PortalServer) -> None:
    for _ in range(2):
        resolve(http, ["no such thing"], addresses=[address(sesame)])
    assert len(sesame.requests) == 2


def test_without_a_network_what_was_known_serves_and_the_rest_is_told(http: Http, sesame: PortalServer) -> None:
    resolve(http, ["M31"], addresses=[address(sesame)])
    known, unknown, typed = resolve(http, ["M31", "B335", "10 20"], addresses=[DEAD, DEAD], again=True)
    assert known.is_cached
    assert known.target is not None
    assert isinstance(unknown.error, Unreachable)
    assert "Type the position instead" in str(unknown.error)
    assert typed.target is not None


def test_an_answer_that_is_none_is_told(http: Http, sesame: PortalServer) -> None:
    for fault in ("html", "text", "nothing", "truncated"):
        sesame.fault = fault
        (found,) = resolve(http, ["M31"], addresses=[address(sesame)])
        assert isinstance(found.error, Malformed), fault
    sesame.fault = ""
    (odd,) = resolve(http, ["odd"], addresses=[address(sesame)])
    assert isinstance(odd.error, InputError)


@pytest.mark.parametrize("fault", ["hang", "hang in the middle", "endless"])
def test_it_ends_when_it_is_given_up(http: Http, sesame: PortalServer, fault: str) -> None:
    sesame.fault = fault
    if fault == "endless":
        (found,) = resolve(http, ["M31"], addresses=[address(sesame)])
        assert isinstance(found.error, Malformed)
        return
    with pytest.raises(Cancelled, match="Looking up names was cancelled"):
        resolve(http, ["M31"], addresses=[address(sesame)], cancelled=sesame.arrived.is_set)


def test_without_a_service_names_cannot_be_asked_for(http: Http) -> None:
    assert resolve(http, ["10 20"], addresses=[])[0].target is not None
    with pytest.raises(InputError, match="No service for names"):
        resolve(http, ["M31"], addresses=[])


def test_pasted_lists_are_taken_apart() -> None:
    text = " IRAS_16293-2422;M31\n  TW   Hya\r\n;; M31 \n16:32:22.9 -24:28:36"
    assert read_names(text) == ("IRAS 16293-2422", "M31", "TW Hya", "16:32:22.9 -24:28:36")


def test_a_cache_that_cannot_be_written_holds_nothing_up(http: Http, sesame: PortalServer, home: Path) -> None:
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "names").write_text("in the way")
    (found,) = resolve(http, ["M31"], addresses=[address(sesame)])
    assert found.target is not None
