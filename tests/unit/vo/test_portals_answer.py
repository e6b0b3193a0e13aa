"""Every protocol is asked as it wants to be, and what comes is told apart: rows, none, more, an error, no answer."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable

import pytest

from stopdesk.domain.search import Cone, Outcome
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import (
    Cancelled,
    Gone,
    InputError,
    Malformed,
    NetworkError,
    NotAllowed,
    Refused,
    ServerTrouble,
    StopdeskError,
    Unreachable,
)
from stopdesk.net.credentials import Credential, Credentials, Origin
from stopdesk.net.http import Http, Limits
from stopdesk.vo.columns import find_column, frequency_ranges, positions_of
from stopdesk.vo.portals import failed, search
from stopdesk.vo.queries import adql_for
from tests.fakes.portal_documents import Observation
from tests.fakes.portal_server import TOO_LARGE, PortalServer

CONE = Cone.around(248.0954, -24.4766, 0.25)

PATHS = {
    ServiceKind.SCS: "/scs",
    ServiceKind.SSA: "/ssa",
    ServiceKind.SIA1: "/sia",
    ServiceKind.SIA2: "/sia2",
    ServiceKind.OBSTAP: "/tap",
    ServiceKind.OBSPORTAL: "/obsportal/search.votable",
}
KINDS = list(PATHS)


def service(portal: PortalServer, kind: ServiceKind, **more: object) -> Service:
    values = {"name": f"my {kind.value}", "url": portal.url + PATHS[kind], "kind": kind}
    return Service.model_validate({**values, **more})


@pytest.fixture
def filled(portal: PortalServer) -> PortalServer:
    """Three observations of which two are within the cone."""
    portal.rows = [
        Observation(1, "IRAS 16293-2422", 248.0954, -24.4766),
        Observation(2, "IRAS 16293E", 248.13, -24.49),
        Observation(3, "L1689", 248.6, -24.9),
    ]
    return portal


@pytest.mark.parametrize("kind", KINDS)
def test_each_protocol_gives_the_rows_within_the_circle(http: Http, filled: PortalServer, kind: ServiceKind) -> None:
    rows: list[int] = []
    answer = search(http, service(filled, kind), CONE, progress=rows.append)
    assert (answer.outcome, answer.n_rows, answer.said) == (Outcome.ROWS, 2, "2 rows.")
    assert rows
    assert rows[-1] == 2
    found = positions_of(answer.table)
    assert found is not None
    assert found[0].tolist() == [248.0954, 248.13]
    assert found[1].tolist() == [-24.4766, -24.49]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_there_is_an_answer(http: Http, filled: PortalServer, kind: ServiceKind) -> None:
    answer = search(http, service(filled, kind), Cone.around(10.0, 20.0, 0.01))
    assert (answer.outcome, answer.n_rows) == (Outcome.EMPTY, 0)
    assert answer.said == f"my {kind.value} has nothing there."
    assert answer.table.colnames


@pytest.mark.parametrize("kind", [ServiceKind.OBSTAP, ServiceKind.SSA, ServiceKind.SIA2, ServiceKind.SIA1])
def test_more_rows_than_were_asked_for_are_told_with_how_to_get_them(
    http: Http, filled: PortalServer, kind: ServiceKind
) -> None:
    answer = search(http, service(filled, kind), CONE, max_rows=1)
    assert (answer.outcome, answer.n_rows) == (Outcome.OVERFLOW, 1)
    assert answer.rest is not None
    assert answer.said == "1 row, and there are more. Raise the number of rows that are asked for, to 10 say."
    rest = search(http, service(filled, kind), CONE, max_rows=answer.rest.max_rows, run_async=answer.rest.run_async)
    assert (rest.outcome, rest.n_rows) == (Outcome.ROWS, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_where_a_service_heeds_no_limit_reading_stops(http: Http, filled: PortalServer, kind: ServiceKind) -> None:
    filled.heeds_maxrec = False
    answer = search(http, service(filled, kind), CONE, max_rows=1)
    assert (answer.outcome, answer.n_rows) == (Outcome.OVERFLOW, 1)


def test_limits_of_the_service_s_own_are_got_round_step_by_step(http: Http, filled: PortalServer) -> None:
    filled.limit = 1
    for kind in (ServiceKind.OBSTAP, ServiceKind.SSA):
        first = search(http, service(filled, kind), CONE)
        assert first.rest is not None
        assert (first.rest.max_rows, first.rest.run_async) == (10, False), "its default may be less than it can"
        second = search(http, service(filled, kind), CONE, max_rows=10)
        assert second.rest is not None
        if kind is ServiceKind.OBSTAP:
            assert (second.rest.max_rows, second.rest.run_async) == (10, True)
            assert "by a job" in second.said
        else:
            assert not second.rest.run_async
            assert "search smaller fields" in second.said


def test_the_query_that_is_shown_is_the_one_that_is_sent(http: Http, filled: PortalServer) -> None:
    tap = service(filled, ServiceKind.OBSTAP)
    shown = adql_for(tap, CONE)
    assert shown == (
        "SELECT *\nFROM ivoa.obscore\nWHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), "
        "CIRCLE('ICRS', 248.0954, -24.4766, 0.25))"
    )
    answer = search(http, tap, CONE)
    (sent,) = filled.asked("/tap/sync")
    assert answer.adql == sent["QUERY"] == dict(answer.request)["QUERY"] == shown


def test_a_query_written_by_hand_is_sent_as_it_is(http: Http, filled: PortalServer) -> None:
    mine = "SELECT s_ra -- mine, ünïcode\nFROM ivoa.obscore WHERE target_name = 'IRAS 4A' "
    answer = search(http, service(filled, ServiceKind.OBSTAP), CONE, adql=mine)
    assert filled.asked("/tap/sync")[0]["QUERY"] == answer.adql == mine


def test_another_table_of_observations_is_asked_where_the_service_has_one(portal: PortalServer) -> None:
    nrao = service(portal, ServiceKind.OBSTAP, table="tap_schema.obscore")
    assert "FROM tap_schema.obscore\n" in adql_for(nrao, CONE)
    tiny = adql_for(nrao, Cone.around(0.0, 0.0, 0.00001))
    assert "0, 0, 0.00001)" in tiny, "no exponents"


def test_tables_of_any_kind_take_queries_by_hand_only(http: Http, filled: PortalServer) -> None:
    tap = service(filled, ServiceKind.OBSTAP).model_copy(update={"kind": ServiceKind.TAP})
    assert search(http, tap, CONE, adql="SELECT * FROM anything").n_rows == 3
    with pytest.raises(InputError, match="queries in ADQL only; write one"):
        search(http, tap, CONE)
    with pytest.raises(InputError, match="takes no ADQL"):
        search(http, service(filled, ServiceKind.SCS), CONE, adql="SELECT 1")
    with pytest.raises(InputError, match="cannot be asked asynchronously"):
        search(http, service(filled, ServiceKind.SCS), CONE, run_async=True)


def test_a_job_is_made_waited_for_and_deleted(http: Http, filled: PortalServer) -> None:
    answer = search(http, service(filled, ServiceKind.OBSTAP), CONE, run_async=True, max_rows=50)
    assert (answer.outcome, answer.n_rows) == (Outcome.ROWS, 2)
    assert filled.jobs == {}
    made = filled.asked("/tap/async")[0]
    assert (made["QUERY"], made["MAXREC"]) == (answer.adql, "50")
    assert [values for values in filled.asked("/tap/async/j1/phase") if values] == [{"PHASE": "RUN"}]


def test_a_job_that_fails_says_why_and_is_deleted(http: Http, filled: PortalServer) -> None:
    filled.fault = "job error"
    with pytest.raises(Refused, match="Column s_dex does not exist"):
        search(http, service(filled, ServiceKind.OBSTAP), CONE, run_async=True)
    assert filled.jobs == {}


def test_a_job_that_is_given_up_is_aborted_and_deleted(http: Http, filled: PortalServer) -> None:
    filled.fault = "job hangs"
    with pytest.raises(Cancelled, match="search was cancelled"):
        search(http, service(filled, ServiceKind.OBSTAP), CONE, run_async=True, cancelled=filled.arrived.is_set)
    assert filled.jobs == {}
    assert {"PHASE": "ABORT"} in filled.asked("/tap/async/j1/phase")


def test_obsportal_is_asked_in_its_own_words(http: Http, filled: PortalServer) -> None:
    search(http, service(filled, ServiceKind.OBSPORTAL), Cone.around(248.0954, -24.4766, 30 / 3600))
    ((method, _, values),) = filled.requests
    assert method == "POST"
    assert values == {"ra": "248.0954", "dec": "-24.4766", "radius": "30", "all_fields": "false"}


def test_sia_2_is_asked_where_its_capabilities_say_or_else_at_its_address(http: Http, filled: PortalServer) -> None:
    assert search(http, service(filled, ServiceKind.SIA2), CONE).n_rows == 2
    filled.has_capabilities = False
    direct = service(filled, ServiceKind.SIA2, url=f"{filled.url}/sia2/query")
    assert search(http, direct, CONE).n_rows == 2
    assert all(values["POS"] == "CIRCLE 248.0954 -24.4766 0.25" for values in filled.asked("/sia2/query"))


def test_parameters_in_an_address_stay(http: Http, filled: PortalServer) -> None:
    search(http, service(filled, ServiceKind.SCS, url=f"{filled.url}/scs?cat=II/246&"), CONE)
    ((_, _, values),) = filled.requests
    assert values["cat"] == "II/246"
    assert {"RA", "DEC", "SR"} <= set(values)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("error", Refused, "says: Table ivoa.obscoer does not exist"),
        ("error 400", Refused, "Syntax error near FORM"),
        ("html", Malformed, "a web page in place of a table: Maintenance: Back on Monday"),
        ("trouble", ServerTrouble, "has trouble of its own.*Out of memory"),
        ("not allowed", NotAllowed, "wants to know who you are"),
        ("gone", Gone, "is not there"),
        ("text", Malformed, "sent words in place of a table: id,ra,dec 1,2,3"),
        ("nothing", Malformed, "."),
        ("truncated", Malformed, "."),
        ("no table", Malformed, "."),
        ("breaks off", Unreachable, "broke off before the answer was complete"),
        ("away", Unreachable, "refuses the connection"),
        ("loop", Malformed, "sends us from address to address"),
    ],
)
def test_what_is_no_table_is_a_sentence(
    http: Http, filled: PortalServer, kind: ServiceKind, fault: str, error: type[NetworkError], words: str
) -> None:
    filled.fault = fault
    with pytest.raises(StopdeskError) as caught:
        search(http, service(filled, kind), CONE)
    assert isinstance(caught.value, error), repr(caught.value)
    text = str(caught.value)
    assert re.search(words, text), text
    assert "Traceback" not in text
    assert "127.0.0.1" in text


def test_a_radius_that_is_too_large_is_refused_in_the_service_s_words(http: Http, filled: PortalServer) -> None:
    with pytest.raises(Refused, match=re.escape(TOO_LARGE)):
        search(http, service(filled, ServiceKind.SCS), Cone.around(10.0, 10.0, 120.0))


@pytest.mark.parametrize("radius", [60.0, 120.0, 180.0])
@pytest.mark.parametrize("kind", KINDS)
def test_no_radius_is_more_than_refused(http: Http, filled: PortalServer, kind: ServiceKind, radius: float) -> None:
    with contextlib.suppress(Refused):
        assert search(http, service(filled, kind), Cone.around(10.0, 10.0, radius)).outcome.has_table


def test_an_answer_without_an_end_is_cut_short(http: Http, filled: PortalServer) -> None:
    filled.fault = "endless"
    with pytest.raises(Malformed, match="sent more than 2 MB; the rest was not read"):
        search(http, service(filled, ServiceKind.OBSTAP), CONE, max_bytes=2_000_000)


@pytest.mark.parametrize("fault", ["hang", "hang in the middle"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_search_that_hangs_ends_when_it_is_given_up(
    http: Http, filled: PortalServer, kind: ServiceKind, fault: str
) -> None:
    filled.fault = fault
    with pytest.raises(Cancelled):
        search(http, service(filled, kind), CONE, cancelled=filled.arrived.is_set)


@pytest.mark.parametrize("fault", ["hang", "hang in the middle"])
def test_a_search_that_hangs_ends_when_its_time_is_up(http: Http, filled: PortalServer, fault: str) -> None:
    filled.fault = fault
    with pytest.raises(Unreachable, match=r"did not finish its answer within 0\.5 seconds"):
        search(http, service(filled, ServiceKind.SSA), CONE, timeout=0.5)


def test_one_that_hangs_holds_up_no_other(http: Http, filled: PortalServer) -> None:
    filled.fault = "hang"
    outcomes: list[str] = []
    give_up = threading.Event()

    def wait() -> None:
        try:
            search(http, service(filled, ServiceKind.SSA), CONE, cancelled=give_up.is_set)
        except Cancelled:
            outcomes.append("cancelled")

    thread = threading.Thread(target=wait)
    thread.start()
    assert filled.arrived.wait(20)
    filled.fault = ""
    assert search(http, service(filled, ServiceKind.OBSTAP), CONE).n_rows == 2
    give_up.set()
    thread.join(20)
    assert outcomes == ["cancelled"]


def test_mirrors_are_asked_in_turn_where_there_is_no_answer(http: Http, filled: PortalServer) -> None:
    dead = "http://127.0.0.1:9/tap"
    tap = service(filled, ServiceKind.OBSTAP, url=dead, mirrors=[f"{filled.url}/tap"])
    answer = search(http, tap, CONE)
    assert (answer.n_rows, answer.url) == (2, f"{filled.url}/tap")
    record = answer.record()
    assert (record.url, record.answered_by) == (dead, f"{filled.url}/tap")
    filled.fault = "error"
    with pytest.raises(Refused):
        search(http, service(filled, ServiceKind.OBSTAP, mirrors=[dead]), CONE)
    with pytest.raises(Unreachable, match="refuses the connection"):
        search(http, service(filled, ServiceKind.OBSTAP, url=dead), CONE)


def test_a_table_without_positions_is_shown_and_said_to_have_none(http: Http, filled: PortalServer) -> None:
    filled.fault = "no positions"
    answer = search(http, service(filled, ServiceKind.OBSTAP), CONE)
    assert answer.said == "2 rows, without positions: none of them can be shown on the sky."
    assert frequency_ranges(answer.table) is not None


def test_columns_of_one_name_are_all_kept(http: Http, filled: PortalServer) -> None:
    filled.fault = "duplicate names"
    table = search(http, service(filled, ServiceKind.OBSTAP), CONE).table
    assert len(table.colnames) == 10
    assert list(table[table.colnames[0]]) == ["ivo://x-stand-in/1", "ivo://x-stand-in/2"]
    assert list(table[table.colnames[-1]]) == ["ivo://x-stand-in/1 again", "ivo://x-stand-in/2 again"]


def test_who_we_are_is_told_to_that_server_alone(filled: PortalServer) -> None:
    credentials = Credentials(use_keyring=False)
    credentials.put(Origin.of(filled.url), Credential.basic("alice", "wonderland"), keep=False)
    http = Http(credentials)
    search(http, service(filled, ServiceKind.OBSTAP), CONE)
    assert all(headers["authorization"].startswith("Basic ") for headers in filled.headers)
    assert all(headers["user-agent"].startswith("stopdesk") for headers in filled.headers)
    credentials.forget(Origin.of(filled.url))
    credentials.want([Origin.of(filled.url)])
    with pytest.raises(NotAllowed, match="log in there first"):
        search(http, service(filled, ServiceKind.OBSTAP), CONE)
    http.close()


def test_redirects_are_bounded(filled: PortalServer) -> None:
    filled.fault = "loop"
    http = Http(limits=Limits(redirects=2))
    with pytest.raises(Malformed, match="gave up after 2 redirects"):
        search(http, service(filled, ServiceKind.OBSTAP), CONE)
    assert len(filled.asked("/tap/sync")) == 3
    http.close()


@pytest.mark.parametrize(
    ("make", "outcome"),
    [
        (lambda: Refused("no", url="u"), Outcome.REFUSED),
        (lambda: Unreachable("silence", url="u"), Outcome.UNREACHABLE),
        (lambda: ServerTrouble("ill", url="u"), Outcome.UNREACHABLE),
        (lambda: Malformed("a page", url="u"), Outcome.FAILED),
        (lambda: Cancelled("given up"), Outcome.CANCELLED),
    ],
)
def test_what_failed_is_kept_as_what_it_was(
    portal: PortalServer, make: Callable[[], StopdeskError], outcome: Outcome
) -> None:
    tap = service(portal, ServiceKind.OBSTAP)
    record = failed(tap, CONE, make())
    assert (record.outcome, record.said, record.adql) == (outcome, str(make()), adql_for(tap, CONE))


def test_columns_are_found_by_what_they_mean(http: Http, filled: PortalServer) -> None:
    table = search(http, service(filled, ServiceKind.OBSTAP), CONE).table
    assert find_column(table, "access_url") == "access_url"
    assert find_column(table, "publisher_id") == "obs_publisher_did"
    ranges = frequency_ranges(table)
    assert ranges is not None
    assert ranges[0][0] == pytest.approx(299792458 / 1.31e-3)
    assert ranges[1][0] == pytest.approx(299792458 / 1.29e-3)
    images = search(http, service(filled, ServiceKind.SIA1), CONE).table
    assert find_column(images, "access_url") == "url"
