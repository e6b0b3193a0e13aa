"""A job is made of a form, or refused with every problem in words and nothing made."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from stopdesk.formats import molecules
from stopdesk.uws.service import forms

UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"


def error_text(answer) -> str:
    """The words of an error document."""
    assert answer.headers["Content-Type"] == "application/x-votable+xml"
    info = ET.fromstring(answer.content).find(".//{http://www.ivoa.net/xml/VOTable/v1.3}INFO")
    assert info is not None
    assert info.get("name") == "QUERY_STATUS"
    assert info.get("value") == "ERROR"
    return info.text or ""


def assert_nothing_made(service) -> None:
    assert service.store.ids() == set()
    assert list(service.store.jobs_folder.iterdir()) == []


def lamda_file() -> bytes:
    return molecules.find("hco+").path.read_bytes()


def test_a_form_makes_a_pending_job_at_its_location(service) -> None:
    answer = service.post("/lte/jobs", data={"molecule": "co", "column_density": "1e14:1e16:3:log", "RUNID": "a <b>"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{service.url}/lte/jobs/")
    document = ET.fromstring(service.get(answer.headers["Location"]).content)
    assert document.findtext(f"{UWS}phase") == "PENDING"
    assert document.findtext(f"{UWS}runId") == "a <b>"
    parameters = {p.get("id"): p.text for p in document.iter(f"{UWS}parameter")}
    assert parameters["molecule"] == "co"
    assert parameters["column_density"] == "1e14:1e16:3:log"
    assert parameters["excitation_temperature"] == "20"  # the default is part of what was asked for
    assert service.pool.tasks == {}


def test_location_is_on_the_host_that_the_client_used(service) -> None:
    host = f"localhost:{service.port}"
    answer = service.post("/lte/jobs", data={"molecule": "co"}, headers={"Host": host})
    assert answer.headers["Location"].startswith(f"http://{host}/lte/jobs/")


@pytest.mark.parametrize(
    ("query", "fields"),
    [("", {"PHASE": "RUN"}), ("", {"phase": "RUN"}), ("?PHASE=RUN", {}), ("?Phase=RUN", {})],
)
def test_phase_run_at_creation_starts_the_job_and_is_no_parameter(service, query, fields) -> None:
    answer = service.post(f"/lte/jobs{query}", data={"molecule": "co", **fields})
    job_id = answer.headers["Location"].rpartition("/")[2]
    assert service.phase(job_id) == "QUEUED"
    assert "phase" not in {name.lower() for name in service.pool.tasks[job_id].request}
    assert service.pool.tasks[job_id].request["molecule"] == "co"


def test_a_form_without_anything_gets_the_defaults(service) -> None:
    assert service.post("/lte/jobs").status_code == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"molecule": "unobtainium"}, "unobtainium"),
        ({"molecule": "co", "column_density": "-3"}, "column_density: -3 is out of range"),
        ({"molecule": "co", "column_density": "many"}, "'many' is not a number"),
        ({"molecule": "co", "colour": "red"}, "colour: The lte model has no such parameter."),
        ({"molecule": "co", "line_width": "1:5:2000", "column_density": "1e14:1e16:2000"}, "4,000,000 rows"),
        ({"molecule": "co", "PHASE": "ABORT"}, "PHASE can only be RUN"),
        ({"molecule": "co", "EXECUTIONDURATION": "soon"}, "whole number of seconds"),
        ({"molecule": "co", "DESTRUCTION": "soon"}, "is not a time"),
        ({"molecule": "co", "RUNID": "bell \x07"}, "control characters"),
        ({"molecule_file": "file:///etc/passwd"}, "upload it"),
        ({"UPLOAD": "molecule_file,http://127.0.0.1/x"}, "not fetched from elsewhere"),
        ({"molecule_file": "param:there"}, "no file named 'there'"),
        ({"UPLOAD": "line_width,param:x"}, "takes no file"),
    ],
)
def test_a_bad_request_is_refused_in_words(service, fields, words) -> None:
    answer = service.post("/lte/jobs", data=fields)
    assert answer.status_code == 400
    assert words in error_text(answer)
    assert_nothing_made(service)


def test_all_problems_of_the_values_are_told_at_once(service) -> None:
    answer = service.post("/lte/jobs", data={"molecule": "co", "column_density": "-1", "line_width": "0"})
    assert "column_density" in error_text(answer)
    assert "line_width" in error_text(answer)


def test_a_parameter_given_twice_is_refused_and_not_dropped(service) -> None:
    answer = service.post("/lte/jobs", data=[("line_width", "1"), ("line_width", "2")])
    assert answer.status_code == 400
    assert "line_width: This parameter is given more than once" in error_text(answer)


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({}, "molecule_file"),
        ({"molecule_file": "param:upl"}, "upl"),
        ({"UPLOAD": "molecule_file,param:upl"}, "upl"),
        ({"upload": "molecule_file,param:upl;"}, "upl"),
    ],
)
def test_an_uploaded_molecule_is_kept_and_shown_by_reference(service, fields, part) -> None:
    data = lamda_file()
    upload = {part: ("../../my molecule.dat", data, "text/html")}
    answer = service.post("/lte/jobs", data={"PHASE": "RUN", **fields}, files=upload)
    assert answer.status_code == 303, answer.text
    job_url = answer.headers["Location"]
    parameters = ET.fromstring(service.get(f"{job_url}/parameters").content)
    (parameter,) = (p for p in parameters if p.get("id") == "molecule_file")
    assert parameter.get("byReference") == "true"
    content = service.get(str(parameter.text))
    assert content.content == data
    assert content.headers["Content-Type"] == "application/octet-stream"
    assert "my molecule.dat" in content.headers["Content-Disposition"] or "my%20molecule.dat" in str(content.headers)
    assert "molecule" not in {p.get("id") for p in parameters}
    (task,) = service.pool.tasks.values()
    assert task.files["molecule_file"].read_bytes() == data
    assert task.files["molecule_file"].is_relative_to(service.store.job_folder(task.task_id))
    assert "molecule_file" not in task.request


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("CS größer.dat", "CS größer.dat"),
        ("../../my molecule.dat", "my molecule.dat"),
        ("C:\\data\\co.dat", "co.dat"),
        ("/etc/passwd", "passwd"),
        ("..", "file"),
        ("a/.", "file"),
        ("folder/", "file"),
        ("β" * 300 + ".dat", "β" * 98 + ".dat"),
    ],
)
def test_an_uploaded_file_is_computed_under_its_own_name_without_a_path(service, sent, kept) -> None:
    answer = service.post("/lte/jobs", data={"PHASE": "RUN"}, files={"molecule_file": (sent, lamda_file())})
    assert answer.status_code == 303, answer.text
    (task,) = service.pool.tasks.values()
    path = task.files["molecule_file"]
    assert path.name == kept
    assert path.read_bytes() == lamda_file()
    assert path.resolve().is_relative_to(service.store.job_folder(task.task_id).resolve())


def test_a_damaged_molecule_is_refused_with_its_name_and_line(service) -> None:
    damaged = lamda_file().replace(b"1.0", b"one", 1)
    answer = service.post("/lte/jobs", files={"molecule_file": ("mine.dat", damaged)})
    assert answer.status_code == 400
    assert "mine.dat, line " in error_text(answer)
    assert_nothing_made(service)


def test_a_file_that_nobody_asked_for_is_refused(service) -> None:
    answer = service.post("/lte/jobs", files={"column_density": ("x", b"1e14")})
    assert answer.status_code == 400
    assert "takes no file of this name" in error_text(answer)
    assert_nothing_made(service)


def test_two_files_of_one_name_are_refused(service) -> None:
    files = [("molecule_file", ("a", b"1")), ("molecule_file", ("b", b"2"))]
    assert service.post("/lte/jobs", files=files).status_code == 400
    assert_nothing_made(service)


def test_a_file_input_left_empty_in_a_browser_is_no_file(service) -> None:
    boundary = "b"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="molecule"\r\n\r\nco\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="molecule_file"; filename=""\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
    )
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    assert service.post("/lte/jobs", data=body, headers=headers).status_code == 303


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data", b"--x", 400),
        ("multipart/form-data; boundary=x", b"no multipart at all", 400),
        ("application/json", b'{"molecule": "co"}', 415),
        ("text/plain", b"molecule=co", 415),
    ],
)
def test_a_body_that_is_no_form_is_refused(service, content_type, body, status, expected_warnings) -> None:
    expected_warnings.append("Expected boundary character")  # of the library that reads multipart
    answer = service.post("/lte/jobs", data=body, headers={"Content-Type": content_type})
    assert answer.status_code == status
    assert error_text(answer)
    assert_nothing_made(service)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(service, monkeypatch, chunked) -> None:
    monkeypatch.setattr("stopdesk.uws.service.app.MAX_CREATION", 50_000)
    body = b"molecule=co&line_width=" + b"1" * 60_000
    data = iter([body]) if chunked else body
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
    answer = service.post("/lte/jobs", data=data, headers=headers)
    assert answer.status_code == 413
    assert "50,000" in error_text(answer)
    assert_nothing_made(service)


def test_too_many_fields_are_refused(service) -> None:
    answer = service.post("/lte/jobs", files={f"f{i}": (None, "1") for i in range(forms._MAX_FIELDS + 1)})
    assert answer.status_code == 400
    assert_nothing_made(service)


def test_limits_may_be_asked_for_at_creation_and_are_bounded(service) -> None:
    job = service.create(executionduration="60", Destruction="9000-01-01T00:00:00Z")
    assert service.get(f"/lte/jobs/{job}/executionduration").text == "60"
    assert service.get(f"/lte/jobs/{job}/destruction").text < "9000"


def test_when_the_job_cannot_be_stored_nothing_is_left(service, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(service.store, "add", full)
    answer = service.post("/lte/jobs", data={"molecule": "co"})
    assert answer.status_code == 500
    assert "No space left" in error_text(answer)
    assert_nothing_made(service)
