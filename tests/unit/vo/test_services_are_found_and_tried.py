"""Services are found in the registry by subject and kind, and each kind of service can be tried out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import Cancelled, InputError, Refused, Unreachable
from stopdesk.net.http import Http
from stopdesk.vo.probe import try_out
from stopdesk.vo.registry import KINDS, find_services, registry_adql
from tests.fakes.portal_documents import Column, Observation, error, resolver, votable
from tests.fakes.portal_server import PortalServer

COLUMNS: tuple[Column, ...] = tuple(
    (name, "char", "", "", "") for name in ("ivoid", "short_name", "res_title", "res_description", "access_url")
)
ROWS: Sequence[Sequence[str]] = (
    ("ivo://ov-gso/ssap/polarbase", "Polarbase", "Polarbase spectra", "Stellar\nspectra.", "http://a.example/ssa?"),
    ("ivo://ov-gso/ssap/polarbase", "Polarbase", "Polarbase again", "The same.", "http://a.example/ssa?"),
    ("ivo://x/cassis", "CASSIS", "", "", "https://c.example/ssap"),
    ("ivo://x/odd", "odd", "An odd one", "", "ftp://old.example/ssa"),
)


def registry(httpserver: HTTPServer, seen: list[dict[str, str]]) -> Service:
    def answer(request: Request) -> Response:
        seen.append(request.form.to_dict())
        return Response(votable(COLUMNS, ROWS), content_type="application/x-votable+xml")

    httpserver.expect_request("/tap/sync").respond_with_handler(answer)
    return Service(name="registry", url=httpserver.url_for("/tap"), kind=ServiceKind.REGISTRY)


def test_services_are_found_by_subject_and_kind(http: Http, httpserver: HTTPServer) -> None:
    seen: list[dict[str, str]] = []
    found = find_services(http, registry(httpserver, seen), "O'Dell spectra", ServiceKind.SSA)
    assert [(each.name, each.url, each.kind) for each in found] == [
        ("CASSIS", "https://c.example/ssap", ServiceKind.SSA),
        ("Polarbase spectra", "http://a.example/ssa?", ServiceKind.SSA),
    ]
    assert found[1].note == "ivo://ov-gso/ssap/polarbase Stellar spectra."
    (sent,) = seen
    assert "standard_id LIKE 'ivo://ivoa.net/std/ssa%'" in sent["QUERY"]
    assert "ivo_hasword(res_title, 'O''Dell')" in sent["QUERY"]
    assert "ivo_hasword(res_title, 'spectra')" in sent["QUERY"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_portal_has_its_question(kind: ServiceKind) -> None:
    adql = registry_adql("", kind)
    assert "standard_id LIKE" in adql
    assert ("obscore" in adql) is (kind is ServiceKind.OBSTAP)


def test_what_registries_do_not_list_is_refused() -> None:
    with pytest.raises(InputError, match="does not list"):
        registry_adql("x", ServiceKind.OBSPORTAL)


def test_a_registry_that_fails_says_so(http: Http, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/tap/sync").respond_with_data(error("rr is being rebuilt"), content_type="text/xml")
    there = Service(name="registry", url=httpserver.url_for("/tap"), kind=ServiceKind.REGISTRY)
    with pytest.raises(Refused, match="rr is being rebuilt"):
        find_services(http, there, "co", ServiceKind.SCS)


PATHS = {
    ServiceKind.SCS: "/scs",
    ServiceKind.SSA: "/ssa",
    ServiceKind.SIA1: "/sia",
    ServiceKind.SIA2: "/sia2",
    ServiceKind.OBSTAP: "/tap",
    ServiceKind.OBSPORTAL: "/obsportal/search.votable",
    ServiceKind.TAP: "/tap",
    ServiceKind.REGISTRY: "/tap",
    ServiceKind.RESOLVER: "/sesame/",
}


@pytest.mark.parametrize("kind", PATHS)
def test_each_kind_can_be_tried(http: Http, portal: PortalServer, kind: ServiceKind) -> None:
    portal.rows = [Observation(1, "M 31", 10.6847, 41.2688)]
    portal.names = {"m 31": resolver("S=Simbad", 10.684708, 41.26875, "M  31")}
    tried = Service(name="x", url=portal.url + PATHS[kind], kind=kind, mirrors=("http://127.0.0.1:9/",))
    (said,) = try_out(http, tried)
    assert said.startswith("It answers")
    dead = tried.model_copy(update={"url": "http://127.0.0.1:9/x"})
    with pytest.raises(Unreachable):
        try_out(http, dead)


@pytest.mark.parametrize("kind", PATHS)
def test_a_test_can_be_given_up(http: Http, portal: PortalServer, kind: ServiceKind) -> None:
    portal.fault = "hang"
    with pytest.raises(Cancelled):
        try_out(http, Service(name="x", url=portal.url + PATHS[kind], kind=kind), cancelled=portal.arrived.is_set)
