"""What is written to a session file is what is read from it: documents, files, places with any name."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stopdesk.domain.job import Job, JobError, JobParameter, JobProgress, JobResult, Phase
from stopdesk.domain.loaded import LoadedTable
from stopdesk.domain.observation import Observation
from stopdesk.domain.run import Contact, Run, StoredFile
from stopdesk.domain.session import FieldState, FormState, Session, Source
from stopdesk.domain.target import Position
from stopdesk.errors import FileError
from stopdesk.session.blobs import PIECE
from stopdesk.session.file import SessionStore, read_session
from stopdesk.session.rows import USER_INFO

WHEN = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)

text = st.text(max_size=12)
times = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(minutes=330)), timezone(-timedelta(hours=9))]))
numbers = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
files = st.builds(
    StoredFile,
    name=text,
    sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    size=st.integers(0, 2**62),
    mime_type=st.none() | text,
)
jobs = st.builds(
    Job,
    url=text,
    job_id=text,
    phase=st.sampled_from(Phase),
    phase_word=text,
    version=st.none() | text,
    run_id=st.none() | text,
    owner=st.none() | text,
    created=st.none() | times,
    started=st.none() | times,
    ended=st.none() | times,
    quote=st.none() | times,
    execution_duration=st.none() | st.integers(),
    destruction=st.none() | times,
    parameters=st.lists(st.builds(JobParameter, name=text, value=text, by_reference=st.booleans()), max_size=2).map(
        tuple
    ),
    results=st.lists(
        st.builds(JobResult, result_id=text, url=text, mime_type=st.none() | text, size=st.none() | st.integers(0)),
        max_size=2,
    ).map(tuple),
    error=st.none() | st.builds(JobError, message=text, fatal=st.booleans(), detail=st.none() | text),
    progress=st.none() | st.builds(JobProgress, fraction=st.none() | numbers, message=text),
    raw=text,
)
positive = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
seen = st.builds(
    Observation,
    name=text,
    portal=text,
    position=st.none() | st.builds(Position, ra=st.floats(0, 360), dec=st.floats(-90, 90)),
    frequencies=st.none() | st.tuples(positive, positive),
    beam=st.none() | positive,
    aperture=st.none() | positive,
    resolution=st.none() | positive,
)
runs = st.builds(
    Run,
    key=text,
    name=text,
    model=st.none() | text,
    service=text,
    created=times,
    request=st.dictionaries(text, text, max_size=3),
    attachments=st.dictionaries(text, files, max_size=2),
    contact=st.sampled_from(Contact),
    contact_text=text,
    job_url=st.none() | text,
    job=st.none() | jobs,
    abort_asked=st.booleans(),
    results=st.dictionaries(text, files, max_size=2),
    results_text=text,
    observation=st.none() | seen,
)
fields = st.builds(
    FieldState, text=text, unit=text, is_axis=st.booleans(), minimum=text, maximum=text, n=text, log=st.booleans()
)
sessions = st.builds(
    Session,
    source=st.builds(Source, name=text, position=text, v_lsr=text),
    model=text,
    service=text,
    forms=st.dictionaries(text, st.builds(FormState, fields=st.dictionaries(text, fields, max_size=3)), max_size=3),
    specs=st.dictionaries(text, st.dictionaries(text, plain, max_size=3), max_size=2),
    runs=st.lists(runs, max_size=4, unique_by=lambda run: run.key).map(tuple),
    layout=st.dictionaries(text, plain, max_size=3),
    tables=st.lists(st.builds(LoadedTable, key=text, name=text, file=files, origin=text), max_size=2).map(tuple),
    observation=st.none() | seen,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SessionStore]:
    with closing(SessionStore.create(tmp_path / "working.stop")) as store:
        yield store


def a_run(key: str, **changes: object) -> Run:
    return Run.model_validate({"key": key, "name": key, "model": "lvg", "service": "local", "created": WHEN, **changes})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(session=sessions)
def test_any_session_replaces_any_other_and_reads_back_the_same(store: SessionStore, session: Session) -> None:
    assume(USER_INFO.search(session.model_dump_json()) is None)
    store.write(session)
    assert store.read() == session


def test_a_new_session_is_the_empty_one(store: SessionStore) -> None:
    assert store.read() == Session()


@pytest.mark.parametrize(
    "name", ["ä ö ü.stop", "星 形成.stop", "blank at end .stop", "100%41?#&.stop", "no suffix", "a'b\"c.stop", "-wal"]
)
def test_names_with_blanks_signs_and_any_script(tmp_path: Path, store: SessionStore, name: str) -> None:
    folder = tmp_path / f"folder of {name}"
    folder.mkdir()
    session = Session(source=Source(name="ρ Oph A"), runs=(a_run("a"),))
    store.write(session)
    store.save_to(folder / name)
    assert read_session(folder / name) == session
    assert [path.name for path in folder.iterdir()] == [name]


def test_a_name_that_is_no_text(tmp_path: Path, store: SessionStore) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.stop"))
    store.write(Session(model="lte"))
    store.save_to(path)
    assert read_session(path).model == "lte"


def test_only_rows_that_differ_are_written(store: SessionStore) -> None:
    session = Session(forms={"lvg": FormState(), "lte": FormState()}, runs=tuple(a_run(f"{n}") for n in range(50)))
    store.write(session)
    with closing(sqlite3.connect(store.path)) as watcher:

        def written() -> int:
            """Bytes of the log of changes; a change of one row takes a few pages of it."""
            watcher.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            store.write(session)
            return Path(f"{store.path}-wal").stat().st_size

        assert written() == 0
        session = session.with_run(a_run("30", name="changed"))
        assert 0 < written() < 40_000
        session = session.without_run("3")
        assert 0 < written() < 40_000
        session = session.model_copy(update={"source": Source(name="L1157")})
        assert 0 < written() < 40_000
    assert store.read() == session


def test_the_order_of_runs_is_kept_however_they_are_moved(store: SessionStore) -> None:
    first, second, third = a_run("1"), a_run("2"), a_run("3")
    for order in [(first, second), (second, first), (third, second, first), (second, third), (), (third, first)]:
        store.write(Session(runs=order))
        assert store.read().runs == order


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1])
@pytest.mark.parametrize("packs", [True, False])
def test_bytes_come_back_as_they_were(tmp_path: Path, store: SessionStore, size: int, packs: bool) -> None:
    data = b"<TD>1.5</TD>\n" * (size // 13) + b"x" * (size % 13) if packs else os.urandom(size)
    (tmp_path / "given").write_bytes(data)
    sha256, kept = store.put_blob(tmp_path / "given")
    assert (sha256, kept) == (hashlib.sha256(data).hexdigest(), size)
    assert store.put_blob(data) == (sha256, kept)
    assert store.has_blob(sha256)
    assert store.blob(sha256) == data
    store.export_blob(sha256, tmp_path / "taken")
    assert (tmp_path / "taken").read_bytes() == data


def test_a_hundred_megabytes(tmp_path: Path, store: SessionStore) -> None:
    block = os.urandom(1_000_000)
    with (tmp_path / "cube.fits").open("wb") as file:
        for number in range(100):
            file.write(number.to_bytes(8, "big") + block[8:])
    sha256, size = store.put_blob(tmp_path / "cube.fits")
    store.save_to(tmp_path / "big.stop")
    assert size == 100_000_000
    with closing(SessionStore.open_copy(tmp_path / "big.stop", tmp_path / "other.stop")) as other:
        other.export_blob(sha256, tmp_path / "again.fits")
    with (tmp_path / "again.fits").open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == sha256


def test_what_repeats_itself_takes_little_room_and_the_same_bytes_take_it_once(
    tmp_path: Path, store: SessionStore
) -> None:
    table = b"<TR><TD>115.2712018</TD><TD>5.53</TD></TR>\n" * 100_000
    for _ in range(3):
        store.put_blob(table)
    store.save_to(tmp_path / "small.stop")
    assert (tmp_path / "small.stop").stat().st_size < len(table) / 20


def test_files_that_nothing_speaks_of_can_be_dropped_and_leave_no_trace(tmp_path: Path, store: SessionStore) -> None:
    result, attachment, loose = b"result " + os.urandom(20_000), b"!molecule", b"unused " + os.urandom(500_000)
    stored = {}
    for name, data in [("result", result), ("attachment", attachment), ("loose", loose)]:
        sha256, size = store.put_blob(data)
        stored[name] = StoredFile(name=name, sha256=sha256, size=size)
    run = a_run("1", attachments={"molecule_file": stored["attachment"]}, results={"grid": stored["result"]})
    session = Session(runs=(run,))
    store.write(session)
    assert store.drop_unused_blobs(session) == 0, "a file whose run is still on its way is kept"
    store.write(session.with_run(a_run("2", results={"grid": stored["loose"]})))
    store.write(session)
    assert store.drop_unused_blobs(session) == 1
    assert not store.has_blob(stored["loose"].sha256)
    assert store.blob(stored["result"].sha256) == result
    assert store.blob(stored["attachment"].sha256) == attachment
    store.save_to(tmp_path / "saved.stop")
    content = (tmp_path / "saved.stop").read_bytes()
    assert loose[:40] not in content
    assert result[:40] in content
    with pytest.raises(FileError, match="Fetch the results again"):
        store.blob(stored["loose"].sha256)


def test_a_file_that_cannot_be_read_is_told_and_leaves_nothing(tmp_path: Path, store: SessionStore) -> None:
    with pytest.raises(FileError, match=r"gone\.dat: cannot be read"):
        store.put_blob(tmp_path / "gone.dat")
    with pytest.raises(FileError, match="cannot be read"):
        store.put_blob(tmp_path)
    with pytest.raises(FileError, match="Fetch the results again"):
        store.export_blob("0" * 64, tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_no_credential_no_pickle_and_no_class_path_in_the_file(tmp_path: Path, store: SessionStore) -> None:
    url = "https://ada:s3cr3t%21@example.org:8443/uws/jobs"
    job = Job(url=f"{url}/7", job_id="7", phase=Phase.QUEUED, phase_word="QUEUED", raw=f'<job href="{url}/7"/>')
    run = a_run("1", service=url, job_url=f"{url}/7", job=job, contact_text=f"No answer from {url}.")
    store.write(Session(service=url, runs=(run,), layout={"last": [url]}))
    store.save_to(tmp_path / "saved.stop")
    contents = [path.read_bytes() for path in tmp_path.iterdir()]
    assert len(contents) >= 2
    for content in contents:
        for word in (b"s3cr3t", b"ada:", b"stopdesk.", b"pickle", b"__class__"):
            assert word not in content
    saved = read_session(tmp_path / "saved.stop")
    assert saved.service == saved.runs[0].service == "https://example.org:8443/uws/jobs"
    assert saved.runs[0].job_url == "https://example.org:8443/uws/jobs/7"


def test_an_at_sign_elsewhere_is_let_be(store: SessionStore) -> None:
    session = Session(runs=(a_run("1", service="https://example.org/~a@b/jobs?to=c@d", results_text="mail a@b.org"),))
    store.write(session)
    assert store.read() == session


def test_every_letter_of_a_text_survives(store: SessionStore) -> None:
    odd = string.printable + "\x00\x1f\u2028\ufeff😀'\"\\"
    store.write(Session(source=Source(name=odd), layout={odd: odd}))
    assert store.read() == Session(source=Source(name=odd), layout={odd: odd})
