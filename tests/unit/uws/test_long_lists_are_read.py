"""A list of 50,000 jobs is read in little more memory than its entries take, and each of them once."""

from __future__ import annotations

import tracemalloc

import pytest

from stopdesk.domain.job import Phase
from stopdesk.errors import Malformed
from stopdesk.uws import jobrefs
from stopdesk.uws.client import UwsClient
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.polls import Listing, ListPoll
from tests.fakes.uws_server import UwsServer

URL = "http://vo.example.org/lvg/async"
N = 50_000


def long_list(host: str = "vo.example.org", jobs: int = N) -> bytes:
    entries = (
        f'<u:jobref id="job{n:06}" l:href="http://{host}/lvg/async/job{n:06}"><u:phase>EXECUTING</u:phase>'
        f"<u:ownerId>alice</u:ownerId><u:creationTime>2026-11-20T10:00:00.123Z</u:creationTime></u:jobref>"
        for n in range(jobs)
    )
    return f'<u:jobs version="1.1" xmlns:u="urn:u" xmlns:l="urn:l">{"".join(entries)}</u:jobs>'.encode()


def test_a_long_list_takes_the_memory_of_its_entries() -> None:
    document = long_list("internal:8080")
    tracemalloc.start()
    try:
        entries = read_jobs(document, URL)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(entries) == N
    assert entries[-1].url == f"{URL}/job{N - 1:06}"
    assert kept < N * 2000
    assert peak - kept < 20e6  # a tree of it would take some 150 MB


def test_plain_addresses_cost_no_look_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    original = jobrefs.absolute

    def counting(href: str, base: str, used: str) -> str:
        looked.append(href)
        return original(href, base, used)

    monkeypatch.setattr(jobrefs, "absolute", counting)
    assert len(read_jobs(long_list(), URL)) == N
    assert len(looked) == 1  # the rest lie in the same folder


def test_odd_entries_among_many_are_looked_at_by_themselves() -> None:
    hrefs = ("a", "b c", "../x", ".", "..", "%2E%2E", "http://h/q?ID=7", "", "d/")
    body = "".join(f'<jobref id="id{n}" href="{href}"><phase>ERROR</phase></jobref>' for n, href in enumerate(hrefs))
    found = {entry.job_id: entry.url for entry in read_jobs(f"<jobs>{body}</jobs>".encode(), f"{URL}/")}
    assert found["a"] == f"{URL}/a"
    assert found["b c"] == f"{URL}/b%20c"
    assert found["id6"] == "http://h/q?ID=7"
    assert found["id7"] == f"{URL}/id7"
    assert found["d"].rstrip("/") == f"{URL}/d"


def test_a_list_that_is_cut_off_is_not_taken_for_the_whole() -> None:
    with pytest.raises(Malformed, match="cannot be read"):
        read_jobs(long_list(jobs=1000)[:-100], URL)


def test_a_poll_of_a_list_is_one_request_with_its_filters(client: UwsClient, uws_server: UwsServer) -> None:
    for phase in ("QUEUED", "EXECUTING", "COMPLETED"):
        uws_server.add_job(phase)
    poll = ListPoll("key", uws_server.url, uws_server.url, None, (Phase.EXECUTING, Phase.QUEUED), 0.0, 1)
    listing = client.poll_list(poll)
    assert isinstance(listing, Listing)
    assert uws_server.requests[-1].query == (("PHASE", "EXECUTING"), ("PHASE", "QUEUED"))
    assert listing.phases == {Phase.QUEUED: 1, Phase.EXECUTING: 1}
    entry = listing.find("/uws/jobs/job2")
    assert entry is not None
    assert entry.phase is Phase.EXECUTING
    assert listing.find("/uws/jobs/job3") is None
    assert listing.size > 200
    uws_server.fault("503")
    with pytest.raises(Exception, match="503"):
        client.poll_list(poll)
    assert len(uws_server.requests) == 2  # not tried again: the tracker does that
