"""Answers recorded from four real UWS services, where their folder is at hand."""

from __future__ import annotations

import re

import pytest

from stopdesk.domain.job import Phase
from stopdesk.errors import Refused
from stopdesk.net.documents import server_words
from stopdesk.uws.jobrefs import read_jobs
from stopdesk.uws.xml import read_error, read_job
from tests.unit.uws.records import ABSENT, FOLDER, recorded

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=ABSENT)


def all_of(root: str) -> list[str]:
    """The records with a document of that root."""
    pattern = re.compile(rb"# curl .*\r?\n\r?\n(<\?[^>]*\?>\s*)*<(uws:)?" + root.encode() + rb"[\s>]", re.DOTALL)
    paths = [path for path in sorted(FOLDER.glob("*/*.txt")) if pattern.match(path.read_bytes())]
    return [f"{path.parent.name}/{path.name}" for path in paths]


def test_every_recorded_job_is_read() -> None:
    names = all_of("job")
    for name in names:
        url, _, body = recorded(name)
        job = read_job(body, url)
        assert job.phase is not Phase.UNKNOWN, name
        assert job.created is not None, name
        assert url.endswith(job.job_id) or "?" in url, name
        for result in job.results:
            assert result.url.startswith("http://127.0.0.1"), name
            assert " " not in result.url, name
    assert {name.split("/")[0] for name in names} == {"dachs", "opus", "safir", "vollt"}


def test_every_recorded_list_is_read_with_addresses_below_it() -> None:
    names = all_of("jobs")
    for name in names:
        url, _, body = recorded(name)
        for entry in read_jobs(body, url):
            assert entry.phase is not Phase.UNKNOWN, name
            assert entry.url.rpartition("/")[2] == entry.job_id, name
            assert entry.url.startswith(url.rsplit("/", 1)[0]) or "/tap/" in url, name
    assert {name.split("/")[0] for name in names} == {"dachs", "opus", "safir", "vollt"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dachs/15_bad_param.txt", "Field cd_n: 'notanumber' is not a valid literal for cd_n"),
        ("dachs/62_fail_reportable_error.txt", "No convergence after 1000 iterations (tau > 1e4) Hint: Lower the"),
        ("dachs/C5_job_noauth.txt", "stopdesk test data centre -- Authentication Required: The resource"),
        ("opus/29-nonexistent.txt", 'Error: 404 Not Found: Job "nosuchjob" NOT FOUND'),
        ("vollt/29-nonexistent.txt", 'SERVICE ERROR: Incorrect job ID! The job "nosuchjob" does not exist'),
        ("safir/29-nonexistent.txt", "UsageError: Job nosuchjob not found"),
        ("safir/17-error-detail.txt", "Error: Unknown error executing task WorkerFatalError: asked to fail"),
    ],
)
def test_the_servers_words(name: str, words: str) -> None:
    assert server_words(recorded(name)[2]).startswith(words)


def test_an_error_with_status_200_is_an_error() -> None:
    url, status, body = recorded("dachs/46_foreign_job.txt")
    assert status == 200
    with pytest.raises(Refused, match="supposed to redirect"):
        read_job(body, url)
    assert read_error(recorded("dachs/34_job_completed.txt")[2]) is None


def test_the_address_of_an_uploaded_file_is_known_in_spite_of_its_capital_letter() -> None:
    url, _, body = recorded("dachs/A20_radex_job.txt")
    (file,) = (each for each in read_job(body, url).parameters if each.by_reference)
    assert file.name == "molfile"
    assert file.value.endswith("/results/molfile")
