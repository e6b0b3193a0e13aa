"""Old session files open; steps from version to version are done one by one, each as a whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stopdesk.domain.job import Phase
from stopdesk.domain.search import Outcome
from stopdesk.errors import FileError
from stopdesk.formats.spectra import parse_spectra
from stopdesk.session.file import SessionStore, read_session
from stopdesk.session.migrate import STEPS, VERSION, migrate

SAMPLES = Path(__file__).parents[2] / "data" / "sessions"


def test_there_is_a_sample_of_every_version_and_a_step_to_each() -> None:
    assert sorted(path.name for path in SAMPLES.glob("*.stop")) == [f"v{n}.stop" for n in range(1, VERSION + 1)]
    assert sorted(STEPS) == list(range(2, VERSION + 1))


def test_a_session_of_version_1_opens(tmp_path: Path) -> None:
    content = (SAMPLES / "v1.stop").read_bytes()
    with closing(SessionStore.open_copy(SAMPLES / "v1.stop", tmp_path / "working.stop")) as store:
        session = store.read()
        assert session.source.name == "IRAS 16293-2422"
        assert session.source.v_lsr == "3.8"
        assert (session.model, session.service) == ("lvg", "local")
        column = session.forms["lvg"].fields["column_density"]
        assert (column.is_axis, column.minimum, column.maximum, column.n, column.log) == (
            True,
            "1e14",
            "1e16",
            "5",
            True,
        )
        assert session.forms["lte"].fields["excitation_temperature"].text == "50"
        assert session.layout == {"workspace": "runs", "splitter": [320, 960], "dark": None}
        done, waiting = session.runs
        assert (done.key, done.name, done.state, done.run_time) == ("a1", "CO ladder", "completed", 2.5)
        assert done.created == datetime(2026, 1, 5, 10, 59, 58, tzinfo=UTC)
        assert done.request["column_density"] == "1e14:1e16:5:log"
        assert done.job is not None
        assert [result.result_id for result in done.job.results] == ["grid.vot"]
        assert store.blob(done.results["grid.vot"].sha256).startswith(b"<VOTABLE")
        assert store.blob(done.attachments["molecule_file"].sha256).startswith(b"!MOLECULE")
        assert waiting.job_url == "https://example.org/uws/jobs/17"
        assert waiting.phase is Phase.EXECUTING
        assert waiting.state == "lost"
        assert (session.targets, session.searches) == ((), ())
    assert (SAMPLES / "v1.stop").read_bytes() == content


def test_a_session_of_version_2_opens(tmp_path: Path) -> None:
    with closing(SessionStore.open_copy(SAMPLES / "v2.stop", tmp_path / "working.stop")) as store:
        session = store.read()
        assert [run.key for run in session.runs] == [run.key for run in read_session(SAMPLES / "v1.stop").runs]
        (target,) = session.targets
        assert (target.name, target.position.sexagesimal) == ("IRAS 16293-2422", "16:32:22.901 -24:28:36.01")
        assert target.date == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
        (search,) = session.searches
        assert (search.key, search.cone.radius, search.max_rows) == ("s1", 0.1, 1000)
        rows, none = search.answers
        assert (rows.outcome, rows.n_rows, rows.adql) == (Outcome.ROWS, 1, "SELECT * FROM ivoa.obscore")
        assert dict(rows.request)["LANG"] == "ADQL"
        assert rows.table is not None
        assert store.blob(rows.table.sha256).startswith(b"<VOTABLE")
        assert (none.outcome, none.table) == (Outcome.UNREACHABLE, None)
        assert session.spectra == ()


def test_a_session_of_version_3_opens(tmp_path: Path) -> None:
    with closing(SessionStore.open_copy(SAMPLES / "v3.stop", tmp_path / "working.stop")) as store:
        session = store.read()
        assert session.searches == read_session(SAMPLES / "v2.stop").searches
        (loaded,) = session.spectra
        assert (loaded.key, loaded.name, loaded.number, loaded.colour) == ("o1", "Example HCN 1-0", 0, 2)
        assert (loaded.file.name, loaded.origin) == ("example.fits", "the example of the program")
        (spectrum,) = parse_spectra(store.blob(loaded.file.sha256), loaded.file.name)
        assert (spectrum.object, spectrum.n_channels, spectrum.sha256) == ("Example", 512, loaded.file.sha256)


def test_a_session_of_version_4_opens(tmp_path: Path) -> None:
    with closing(SessionStore.open_copy(SAMPLES / "v4.stop", tmp_path / "working.stop")) as store:
        session, before = store.read(), read_session(SAMPLES / "v3.stop")
        assert session.spectra == before.spectra
        assert (before.tables, before.observation) == ((), None)
        (table,) = session.tables
        assert (table.key, table.name, table.origin, table.n_rows) == ("table 1", "clumps.csv", "another program", 1)
        assert store.blob(table.file.sha256).startswith(b"name,ra,dec")
        assert session.observation is not None
        assert (session.observation.words, session.observation.portal) == (
            "IRAS 16293-2422, 230 to 231 GHz, beam 27″, resolution 0.25 km/s",
            "ALMA",
        )
        assert [run.observation for run in session.runs] == [session.observation, None]


@pytest.fixture
def old(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A file of version 1 of some other kind, in autocommit mode as sessions are."""
    with closing(sqlite3.connect(tmp_path / "old.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE run (key TEXT)")
        connection.execute("INSERT INTO run VALUES ('a')")
        connection.execute("PRAGMA user_version = 1")
        yield connection


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def to_2(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE run ADD COLUMN name TEXT NOT NULL DEFAULT ''")


def to_3(connection: sqlite3.Connection) -> None:
    connection.execute("UPDATE run SET name = 'run ' || key")


def breaks(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM run")
    connection.execute("SELECT * FROM nowhere")


def test_steps_are_taken_in_order_and_once(old: sqlite3.Connection) -> None:
    for _ in range(2):
        migrate(old, Path("old.stop"), steps={3: to_3, 2: to_2}, version=3)
        assert version(old) == 3
        assert old.execute("SELECT * FROM run").fetchall() == [("a", "run a")]


def test_a_step_that_breaks_off_leaves_the_file_at_the_step_before(old: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError):
        migrate(old, Path("old.stop"), steps={2: to_2, 3: breaks}, version=3)
    assert version(old) == 2
    assert old.execute("SELECT * FROM run").fetchall() == [("a", "")]
    migrate(old, Path("old.stop"), steps={2: to_2, 3: to_3}, version=3)
    assert old.execute("SELECT * FROM run").fetchall() == [("a", "run a")]


def test_a_newer_file_is_refused_in_words(old: sqlite3.Connection) -> None:
    old.execute("PRAGMA user_version = 4")
    with pytest.raises(FileError, match=r"newer stopdesk \(format 4\); this one reads up to 3: update"):
        migrate(old, Path("old.stop"), steps={2: to_2, 3: to_3}, version=3)
    assert version(old) == 4


def test_a_file_that_was_never_finished_is_refused(old: sqlite3.Connection) -> None:
    old.execute("PRAGMA user_version = 0")
    with pytest.raises(FileError, match="no complete session"):
        migrate(old, Path("old.stop"))
