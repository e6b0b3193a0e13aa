"""Job and list documents as servers write them: everything readable is read, nothing odd loses the job."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from stopdesk.domain.job import Phase
from stopdesk.errors import Malformed, Refused
from stopdesk.net.documents import MAX_DEPTH
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.values import read_integer, read_time, write_time
from stopdesk.uws.xml import read_error, read_job

URL = "http://vo.example.org/lvg/async/j1"
LIST = "http://vo.example.org/lvg/async"

FULL = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href='/x.xsl' type='text/xsl'?>
<!-- a comment -->
<u:job version="1.1" xmlns:u="http://www.ivoa.net/xml/UWS/v1.0" xmlns:l="http://www.w3.org/1999/xlink"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" strange="1">
  <u:jobInfo><phase>ERROR</phase><u:results><u:result id="no"/></u:results>
    <s:progress xmlns:s="urn:s" fraction="0.25">250 of 1000 rows</s:progress></u:jobInfo>
  <u:unknown><u:phase>ABORTED</u:phase></u:unknown>
  <u:errorSummary type="transient" hasDetail="true"><u:message>odd &lt;b&gt;</u:message></u:errorSummary>
  <u:results>
    <u:result id="image with blank.fits" l:href="http://vo.example.org/lvg/async/j1/results/image with blank.fits"/>
    <u:result id="relative" l:href="/store?ID=7&amp;x=%20" mime-type="text/plain" size="12"/>
    <u:result id="no address"/>
    <u:result id="diag" l:href="uws:executing:10"/>
    <u:result l:href="http://other.example.org/file" size="many" name="a.txt"
      hash="f572d396fae9206628714fb2ce00f72e94f2258f"/>
  </u:results>
  <u:parameters>
    <u:parameter id="density">[10000.0, 30000.0]</u:parameter>
    <u:parameter id="density">2</u:parameter>
    <u:parameter id="empty"/>
    <u:parameter id="markup">a <b c="d">bold</b> word<![CDATA[ <&]]></u:parameter>
    <u:parameter byReference="True" id="molfile">http://vo.example.org/lvg/async/j1/results/mol file</u:parameter>
  </u:parameters>
  <u:destruction>2026-12-20T24:00:00Z</u:destruction>
  <u:executionDuration>600.0</u:executionDuration>
  <u:endTime xsi:nil="true"/><u:startTime>2026-11-20T10:32:48.123456789+01:00</u:startTime>
  <u:creationTime>2026-11-20T10:32:47</u:creationTime>
  <u:quote>120</u:quote>
  <u:phase>
    executing
  </u:phase>
  <u:ownerId xsi:nil="1"/><u:runId>my run</u:runId><u:jobId>j1</u:jobId>
</u:job>"""


def test_a_full_document_in_odd_order_with_odd_values() -> None:
    job = read_job(FULL.encode(), URL)
    assert (job.url, job.job_id, job.phase, job.phase_word, job.version) == (
        URL,
        "j1",
        Phase.EXECUTING,
        "executing",
        "1.1",
    )
    assert (job.run_id, job.owner, job.quote, job.ended, job.execution_duration) == ("my run", None, None, None, 600)
    assert job.created == datetime(2026, 11, 20, 10, 32, 47, tzinfo=UTC)
    assert job.started == datetime(2026, 11, 20, 9, 32, 48, 123456, tzinfo=UTC)
    assert job.destruction == datetime(2026, 12, 21, tzinfo=UTC)
    assert job.error is not None
    assert (job.error.message, job.error.fatal, job.error.has_detail) == ("odd <b>", False, True)
    assert job.progress is not None
    assert (job.progress.fraction, job.progress.message) == (0.25, "250 of 1000 rows")
    assert job.raw == FULL


def test_parameters_are_shown_as_they_came() -> None:
    parameters = read_job(FULL.encode(), URL).parameters
    assert [(each.name, each.value) for each in parameters[:4]] == [
        ("density", "[10000.0, 30000.0]"),
        ("density", "2"),
        ("empty", ""),
        ("markup", 'a <b c="d">bold</b> word &lt;&amp;'),
    ]
    assert parameters[4].by_reference
    assert parameters[4].value == f"{URL}/results/mol%20file"
    assert not parameters[0].by_reference


def test_results_have_absolute_quoted_addresses() -> None:
    results = read_job(FULL.encode(), URL).results
    assert [each.url for each in results] == [
        f"{URL}/results/image%20with%20blank.fits",
        "http://vo.example.org/store?ID=7&x=%20",
        f"{URL}/results/no%20address",
        "uws:executing:10",
        "http://other.example.org/file",
    ]
    assert (results[1].mime_type, results[1].size) == ("text/plain", 12)
    assert (results[4].result_id, results[4].size, results[4].name) == ("result-5", None, "a.txt")
    assert results[4].sha1 == "f572d396fae9206628714fb2ce00f72e94f2258f"


def test_the_least_document() -> None:
    job = read_job(b"<job/>", "http://vo.example.org/lvg/async/my%20job")
    assert (job.job_id, job.phase, job.phase_word, job.version) == ("my job", Phase.UNKNOWN, "", None)
    assert (job.parameters, job.results, job.error, job.progress, job.created) == ((), (), None, None, None)


def test_an_unknown_phase_is_kept_as_a_word() -> None:
    job = read_job(b"<job><phase>SLEEPING</phase></job>", URL)
    assert (job.phase, job.phase_word) == (Phase.UNKNOWN, "SLEEPING")


def test_prefixes_need_not_be_declared() -> None:
    document = b'<uws:job><uws:phase>QUEUED</uws:phase><uws:quote xsi:nil="true">1</uws:quote></uws:job>'
    assert read_job(document, URL).phase is Phase.QUEUED


def test_an_error_summary_without_message_as_opus_writes_it() -> None:
    job = read_job(b"<job><errorSummary>Error in lab.sh</errorSummary></job>", URL)
    assert job.error is not None
    assert (job.error.message, job.error.fatal, job.error.has_detail) == ("Error in lab.sh", True, False)
    assert read_job(b'<job><errorSummary nil="true"/></job>', URL).error is None
    assert read_job(b"<job><errorSummary/></job>", URL).error is None


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<?xml version="1.0" encoding="UTF-8"?>', "utf-8"),
        ('<?xml version="1.0" encoding="UTF-8"?>', "utf-8-sig"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16"),
        ('<?xml version="1.0" encoding="ISO-8859-15"?>', "iso-8859-15"),
        ('<?xml version="1.0" encoding="windows-1252"?>', "windows-1252"),
        ("\n ", "utf-8"),
        ("", "iso-8859-1"),  # says nothing, so it would have to be UTF-8
    ],
)
def test_encodings(head: str, encoding: str) -> None:
    document = f"{head}<job><runId>Ångström</runId></job>".encode(encoding)
    assert read_job(document, URL).run_id == "Ångström"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"no xml",
        b"<job>",
        b"<job><phase>X</job>",
        b"<job/><job/>",
        b"<!DOCTYPE job SYSTEM 'http://evil.example.org/x.dtd'><job/>",
        b"<!DOCTYPE job [<!ENTITY a 'b'>]><job><runId>&a;</runId></job>",
        b"<!DOCTYPE job [<!ENTITY % a SYSTEM 'file:///etc/passwd'> %a;]><job/>",
        b"<job><runId>&undeclared;</runId></job>",
        b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1),
        b'<?xml version="1.0" encoding="klingon"?><job/>',
        b"<jobs/>",
        b"<html><head><title>Welcome</title></head></html>",
        b"<!DOCTYPE html><html><title>Welcome</title></html>",
        b'<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="OK"/></RESOURCE></VOTABLE>',
    ],
)
def test_what_is_no_job_is_malformed_in_one_sentence(document: bytes) -> None:
    with pytest.raises(Malformed, match=r"vo\.example\.org sent"):
        read_job(document, URL)


def test_a_votable_with_an_error_is_the_services_no() -> None:
    document = b'<VOTABLE><RESOURCE><INFO name="QUERY_STATUS" value="ERROR">Bad phase: FOO</INFO></RESOURCE></VOTABLE>'
    with pytest.raises(Refused, match="Bad phase: FOO"):
        read_job(document, URL)
    with pytest.raises(Refused):
        read_jobs(document, LIST)
    assert read_error(document) == "Bad phase: FOO"
    assert read_error(b'<VOTABLE><INFO name="Error" value="radius too large"/></VOTABLE>') == "radius too large"
    for innocent in (b"", b"plain text", b"<VOTABLE/>", b"<broken", b"\x00\x01<VOTABLE>"):
        assert read_error(innocent) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T10:32:48Z", datetime(2026, 11, 20, 10, 32, 48, tzinfo=UTC)),
        ("2026-11-20T10:32:48", datetime(2026, 11, 20, 10, 32, 48, tzinfo=UTC)),
        ("2026-11-20 10:32:48.5 UTC", datetime(2026, 11, 20, 10, 32, 48, 500000, tzinfo=UTC)),
        ("2026-11-20T10:32:48,25-05:30", datetime(2026, 11, 20, 16, 2, 48, 250000, tzinfo=UTC)),
        ("2026-11-20T10:32:48+0100", datetime(2026, 11, 20, 9, 32, 48, tzinfo=UTC)),
        ("2026-12-31T24:00:00Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-12-31T23:59:60Z", datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:32Z", datetime(2026, 11, 20, 10, 32, tzinfo=UTC)),
        ("", None),
        (None, None),
        ("120", None),
        ("tomorrow", None),
        ("2026-02-30T00:00:00Z", None),
        ("2026-11-20T25:00:00Z", None),
        ("2026-11-20T10:00:00+99:99", None),
        ("9999-12-31T24:00:00Z", None),
        ("0001-01-01T00:00:00+10:00", None),
    ],
)
def test_times(text: str | None, expected: datetime | None) -> None:
    assert read_time(text) == expected


def test_times_are_written_in_utc() -> None:
    assert write_time(datetime(2026, 11, 20, 10, 0, tzinfo=UTC)) == "2026-11-20T10:00:00Z"
    assert write_time(datetime(2026, 11, 20, 10, 0, 0, 250_999)) == "2026-11-20T10:00:00.250Z"
    assert write_time(datetime.fromisoformat("2026-11-20T12:00:00+02:00")) == "2026-11-20T10:00:00Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("600", 600),
        ("600.0", 600),
        ("1e3", 1000),
        ("0", 0),
        ("-1", None),
        ("PT1H", None),
        ("nan", None),
        ("1e999", None),
    ],
)
def test_whole_numbers(text: str, expected: int | None) -> None:
    assert read_integer(text) == expected


@pytest.mark.parametrize(
    ("info", "fraction", "message"),
    [
        ('<p:progress xmlns:p="urn:p" fraction="0.5">half way</p:progress>', 0.5, "half way"),
        ("<progress>0.25</progress>", 0.25, ""),
        ("<progress>42</progress>", 0.42, ""),
        ("<Progress>42 % done</Progress>", 0.42, "42 % done"),
        ("<deep><percentComplete>1</percentComplete></deep>", 0.01, ""),
        ("<progress>compiling</progress>", None, "compiling"),
        ('<progress fraction="7">far</progress>', None, "far"),
        ("about 30 percent", 0.3, "about 30 percent"),
    ],
)
def test_progress(info: str, fraction: float | None, message: str) -> None:
    progress = read_job(f"<job><jobInfo>{info}</jobInfo></job>".encode(), URL).progress
    assert progress is not None
    assert progress.fraction == (None if fraction is None else pytest.approx(fraction))
    assert progress.message == message


@pytest.mark.parametrize("info", ["", "<process_id>123</process_id>", "line 3 of 5", "<progress/>"])
def test_no_progress(info: str) -> None:
    assert read_job(f"<job><jobInfo>{info}</jobInfo></job>".encode(), URL).progress is None


def _list(*entries: str) -> bytes:
    return f"<u:jobs>{''.join(entries)}</u:jobs>".encode()


def test_a_list_in_the_servers_order() -> None:
    document = _list(
        '<u:jobref id="b" xlink:type="simple" xlink:href="http://vo.example.org/lvg/async/b"><u:phase>ERROR</u:phase>'
        "<u:runId/><u:ownerId>alice</u:ownerId><u:creationTime>2026-11-20T10:00:00Z</u:creationTime></u:jobref>",
        '<u:jobref id="a"><u:phase>PENDING</u:phase><u:runId>mine</u:runId></u:jobref>',
    )
    first, second = read_jobs(document, LIST)
    assert (first.job_id, first.url, first.phase, first.run_id, first.owner) == (
        "b",
        f"{LIST}/b",
        Phase.ERROR,
        None,
        "alice",
    )
    assert first.created == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (second.job_id, second.url, second.run_id, second.created) == ("a", f"{LIST}/a", "mine", None)
    assert read_jobs(b"<jobs/>", LIST) == ()


@pytest.mark.parametrize(
    ("list_url", "href", "expected"),
    [
        (LIST, "", f"{LIST}/my%20id"),
        (LIST, "uws:nonsense", f"{LIST}/my%20id"),
        (LIST, "async/x", f"{LIST}/x"),
        (f"{LIST}/", "x", f"{LIST}/x"),
        (LIST, "http://internal:8080/lvg/async/x", f"{LIST}/x"),
        (LIST, "http://vo.example.org:80/lvg/async/a b", f"{LIST}/a%20b"),
        ("https://vo.example.org/lvg/async", "http://vo.example.org/lvg/async/x", "https://vo.example.org/lvg/async/x"),
        # another path on the same host is believed (DaCHS TAP), on another host too
        ("http://h/tap/async", "http://h/__system__/tap/run/async/x", "http://h/__system__/tap/run/async/x"),
        ("http://h/tap/async", "http://g/jobs/x", "http://g/jobs/x"),
        # an alias of the list's name, with the host that DaCHS calls itself
        ("http://localhost:1/g/uws.xml", "http://127.0.0.1:1/g/async/x", "http://localhost:1/g/async/x"),
        # OPUS forgets the first part of the path
        ("http://h/rest/lab", "http://h/lab/x", "http://h/rest/lab/x"),
        ("http://user:pw@h/a/jobs", "http://g/a/jobs/x", "http://h/a/jobs/x"),
    ],
)
def test_addresses_in_lists(list_url: str, href: str, expected: str) -> None:
    (entry,) = read_jobs(_list(f'<jobref id="my id" xlink:href="{href}"/>'), list_url)
    assert entry.url == expected


def test_the_true_id_is_in_the_address() -> None:
    (entry,) = read_jobs(_list('<jobref id="my table" href="http://vo.example.org/lvg/async/17%2F3"/>'), LIST)
    assert entry.job_id == "17/3"


def test_results_on_the_host_that_was_used() -> None:
    document = b'<job><results><result id="r" href="http://127.0.0.1:8080/g/async/j1/results/r"/></results></job>'
    assert read_job(document, "http://localhost:8080/g/async/j1").results[0].url.startswith("http://localhost:8080/")
    assert (
        read_job(document, "https://far.example.org/g/async/j1").results[0].url.startswith("https://far.example.org/g")
    )
    assert read_job(document, "https://far.example.org/h/jobs/j1").results[0].url.startswith("http://127.0.0.1:8080/")
