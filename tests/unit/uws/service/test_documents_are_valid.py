"""Every document is valid against the schema of its standard."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from stopdesk.domain.job import Phase
from stopdesk.domain.models import MODELS
from stopdesk.formats import molecules
from stopdesk.uws.service import documents
from stopdesk.uws.service.records import JobLine, JobRecord, Progress, StoredParameter, StoredResult

SCHEMAS = Path(__file__).resolve().parents[3] / "data" / "schema"


class _FromDisk(etree.Resolver):
    """Leads what the schemas import to the files beside them."""

    def resolve(self, url, public_id, context):
        return self.resolve_filename(str(SCHEMAS / str(url).rpartition("/")[2]), context)


def schema(*names: str) -> etree.XMLSchema:
    """One schema out of several files."""
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_FromDisk())
    spaces = {name: etree.parse(SCHEMAS / name).getroot().get("targetNamespace") for name in names}
    imports = "".join(f'<xs:import namespace="{space}" schemaLocation="{name}"/>' for name, space in spaces.items())
    text = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(text, parser))


@pytest.fixture(scope="module")
def uws() -> etree.XMLSchema:
    return schema("UWS.xsd")


@pytest.fixture(scope="module")
def vosi() -> etree.XMLSchema:
    return schema("VOSIAvailability.xsd", "VOSICapabilities.xsd", "VODataService.xsd")


@pytest.fixture(scope="module")
def votable() -> etree.XMLSchema:
    return schema("VOTable.xsd")


def test_the_schema_would_find_a_mistake(uws) -> None:
    wrong = documents.job_list([], "http://x").replace("</uws:jobs>", "<uws:nothing/></uws:jobs>")
    assert not uws.validate(etree.fromstring(wrong.encode()))


def test_documents_of_a_job_in_every_phase(service, uws) -> None:
    urls = ["/lte/jobs"]

    def check() -> None:
        for url in urls:
            uws.assertValid(etree.fromstring(service.get(url).content))

    check()
    files = {"molecule_file": ('<odd> & "name".dat', molecules.find("co").path.read_bytes())}
    answer = service.post("/lte/jobs", data={"RUNID": "<&> \u03bc"}, files=files)
    job_id = answer.headers["Location"].rpartition("/")[2]
    urls += [f"/lte/jobs/{job_id}", f"/lte/jobs/{job_id}/parameters", f"/lte/jobs/{job_id}/results"]
    check()
    service.supervisor.run(job_id)
    check()
    service.pool.start(job_id)
    service.pool.listeners[job_id].progressed(1, 3, "compiling <the first time>\x07")
    check()
    service.pool.finish(job_id)
    check()
    failed, aborted = service.create(PHASE="RUN"), service.create()
    service.pool.fail(failed, "bad & <worse>\x00", "last \x1b words")
    service.supervisor.abort(aborted)
    urls += [f"/lte/jobs/{failed}", f"/lte/jobs/{aborted}"]
    check()


def test_error_documents(service, votable) -> None:
    failed = service.create(PHASE="RUN")
    service.pool.fail(failed, "bad & <worse>\x00", "last \x1b words")
    for path in (f"/lte/jobs/{failed}/error", "/nothing", "/lte/jobs/nobody", "/lte/jobs?LAST=x"):
        votable.assertValid(etree.fromstring(service.get(path).content))


def test_availability_and_capabilities(service, vosi) -> None:
    for path in ("/availability", "/capabilities", "/", *(f"/{spec.name}/capabilities" for spec in MODELS)):
        answer = service.get(path)
        assert answer.headers["Content-Type"].startswith("text/xml")
        vosi.assertValid(etree.fromstring(answer.content))


def test_capabilities_tell_where_the_job_lists_are(service) -> None:
    document = ET.fromstring(service.get("/capabilities").content)
    urls = [url.text for url in document.iter("accessURL")]
    for spec in MODELS:
        assert f"{service.url}/{spec.name}/jobs" in urls
    assert f"{service.url}/availability" in urls


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_every_parameter_is_described(service, spec) -> None:
    document = ET.fromstring(service.get(f"/{spec.name}/capabilities").content)
    described = {param.findtext("name"): param for param in document.iter("param")}
    for parameter in spec.parameters:
        param = described.pop(parameter.name)
        words = param.findtext("description")
        assert parameter.help in words
        assert (param.findtext("unit") or "") == parameter.unit_text
        assert param.find("dataType") is not None
        if parameter.name == "molecule":
            assert all(molecule.key in words for molecule in molecules.bundled())
        else:
            assert parameter.range_text in words
    assert set(described) == {"PHASE", "RUNID", "EXECUTIONDURATION", "DESTRUCTION", "UPLOAD"}
    assert all(param.get("std") == "true" for param in described.values())


times = st.none() | st.integers(0, 10**13)


@settings(max_examples=60, deadline=None)
@given(
    phase=st.sampled_from(Phase),
    texts=st.lists(st.text(max_size=30), min_size=8, max_size=8),
    created=st.integers(0, 10**15),
    started=times,
    ended=times,
    fraction=st.tuples(st.integers(-5, 10), st.integers(-5, 10)),
)
def test_any_record_gives_a_valid_document(uws, phase, texts, created, started, ended, fraction) -> None:
    record = JobRecord(
        job_id=texts[0] or "1",
        model="lte",
        phase=phase,
        run_id=texts[1],
        created=created,
        started=started,
        ended=ended,
        execution_duration=1,
        destruction=created,
        estimate=1.0,
        parameters=(StoredParameter(texts[2], texts[3]), StoredParameter(texts[4], "x", "in/x")),
        results=(StoredResult(texts[5], "f", texts[6], 3),),
        error=texts[7],
        last_words=texts[0],
    )
    url = "http://127.0.0.1:1/lte/jobs/1"
    uws.assertValid(etree.fromstring(documents.job(record, url, Progress(*fraction, texts[1])).encode()))
    uws.assertValid(etree.fromstring(documents.parameters(record, url).encode()))
    uws.assertValid(etree.fromstring(documents.results(record, url).encode()))
    lines = [JobLine(record.job_id, phase, texts[1], created)]
    uws.assertValid(etree.fromstring(documents.job_list(lines, url).encode()))
