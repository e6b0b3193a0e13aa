"""A file goes in the way that the service takes it, as far as its description tells, and by its own name."""

from __future__ import annotations

from pathlib import Path

import pytest

from stopdesk.domain.spec import Uploads
from stopdesk.domain.spec_document import spec_from_json, spec_to_json
from stopdesk.errors import Refused
from stopdesk.uws.client import UwsClient
from stopdesk.uws.describe import free_spec, read_capabilities, read_jdl_json, read_jdl_votable, read_metadata
from tests.described import recorded
from tests.fakes.uws_server import UwsServer

DATA = b"!MOLECULE\n\x00\xff"
URL = "http://uws.example/rest/lab"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my co.dat"
    path.write_bytes(DATA)
    return path


def test_by_reference_a_part_of_another_name_is_announced_in_both_conventions(
    client: UwsClient, uws_server: UwsServer, file: Path
) -> None:
    files = {"molfile": file, "weights": file}
    client.create(uws_server.url, {"cd": "1e14:1e16:3:log"}, files, uploads=Uploads.REFERENCE)
    (request,) = uws_server.requests
    assert request.fields == (
        ("cd", "1e14:1e16:3:log"),
        ("molfile", "param:upload_1"),
        ("UPLOAD", "molfile,param:upload_1"),
        ("weights", "param:upload_2"),
        ("UPLOAD", "weights,param:upload_2"),
    )
    assert request.files == {"upload_1": ("my co.dat", DATA), "upload_2": ("my co.dat", DATA)}


def test_as_a_part_it_has_the_name_of_its_parameter_and_no_other_word(
    client: UwsClient, uws_server: UwsServer, file: Path
) -> None:
    client.create(uws_server.url, {"cd": "1e14"}, {"molfile": file}, "my run", uploads=Uploads.PART)
    (request,) = uws_server.requests
    assert request.fields == (("cd", "1e14"), ("RUNID", "my run"))
    assert request.files == {"molfile": ("my co.dat", DATA)}
    head = request.body.partition(DATA)[0].rpartition(b"\r\n--")[2]
    assert b'name="molfile"; filename="my co.dat"' in head
    assert b"Content-Type: application/octet-stream" in head


def test_of_an_unknown_service_both_kinds_find_it(client: UwsClient, uws_server: UwsServer, file: Path) -> None:
    client.create(uws_server.url, {"cd": "1e14"}, {"molfile": file})
    (request,) = uws_server.requests
    assert request.fields == (("cd", "1e14"), ("UPLOAD", "molfile,param:molfile"))
    assert request.files == {"molfile": ("my co.dat", DATA)}


def test_an_unknown_service_that_refuses_the_word_upload_gets_the_part_alone(
    client: UwsClient, uws_server: UwsServer, file: Path
) -> None:
    uws_server.unknown = {"UPLOAD"}
    url = client.create(uws_server.url, {"cd": "1e14"}, {"molfile": file})
    first, second = uws_server.requests
    assert ("UPLOAD", "molfile,param:molfile") in first.fields
    assert second.fields == (("cd", "1e14"),)
    assert second.files == {"molfile": ("my co.dat", DATA)}
    assert list(uws_server.jobs) == [url.rpartition("/")[2]], "one job"


@pytest.mark.parametrize("uploads", list(Uploads))
def test_any_other_refusal_is_the_last_word(
    client: UwsClient, uws_server: UwsServer, file: Path, uploads: Uploads
) -> None:
    uws_server.refusal = "molfile: this is no molecule, upload another"
    with pytest.raises(Refused, match="no molecule"):
        client.create(uws_server.url, {}, {"molfile": file}, uploads=uploads)
    assert len(uws_server.requests) == 1


def test_a_service_that_told_its_way_is_not_asked_in_another(
    client: UwsClient, uws_server: UwsServer, file: Path
) -> None:
    uws_server.unknown = {"UPLOAD"}
    with pytest.raises(Refused, match="UPLOAD"):
        client.create(uws_server.url, {}, {"molfile": file}, uploads=Uploads.REFERENCE)
    assert len(uws_server.requests) == 1


@pytest.mark.parametrize(
    ("spec", "uploads"),
    [
        (read_jdl_json(recorded("opus_job_description.json"), URL), Uploads.PART),
        (read_jdl_votable(recorded("opus_job_description.xml"), URL), Uploads.PART),
        (read_metadata(recorded("dachs_metadata.xml"), URL), Uploads.REFERENCE),
        (read_capabilities(recorded("dachs_capabilities.xml"), URL), Uploads.REFERENCE),
        (free_spec(URL), Uploads.EITHER),
    ],
    ids=["OPUS JSON", "OPUS VOTable", "DaCHS metadata", "capabilities", "nothing"],
)
def test_the_description_tells_the_way_and_the_session_keeps_it(spec, uploads):
    assert spec.uploads is uploads
    assert spec_from_json(spec_to_json(spec)).uploads is uploads


def test_a_session_from_before_the_way_was_kept_has_the_usual_one():
    for spec in (free_spec(URL), read_metadata(recorded("dachs_metadata.xml"), URL)):
        document = spec_to_json(spec)
        del document["uploads"]
        assert spec_from_json(document) == spec
