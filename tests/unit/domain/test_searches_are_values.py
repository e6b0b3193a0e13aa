"""A search gathers answers, keeps rows when asking again fails, and lives in a session."""

from __future__ import annotations

from datetime import UTC, datetime

from stopdesk.domain.run import StoredFile
from stopdesk.domain.search import Cone, Outcome, PortalAnswer, Search
from stopdesk.domain.session import Session
from stopdesk.domain.settings import ServiceKind
from stopdesk.domain.target import Position, Target

NOW = datetime(2026, 11, 20, tzinfo=UTC)
FILE = StoredFile(name="a.vot", sha256="00", size=3)


def answer(outcome: Outcome, url: str = "https://a.example/tap", n_rows: int = 0, **more: object) -> PortalAnswer:
    values = {"service": "A", "url": url, "kind": ServiceKind.OBSTAP, "outcome": outcome, "date": NOW, "n_rows": n_rows}
    return PortalAnswer.model_validate({**values, **more})


def search(*answers: PortalAnswer) -> Search:
    return Search(key="s", created=NOW, cone=Cone.around(10.0, 20.0, 0.1), answers=answers)


def test_an_answer_takes_the_place_of_the_one_before() -> None:
    rows, other = answer(Outcome.ROWS, n_rows=3, table=FILE), answer(Outcome.EMPTY, url="https://b.example/tap")
    found = search().with_answer(rows).with_answer(other)
    assert found.answers == (rows, other)
    newer = answer(Outcome.OVERFLOW, n_rows=5, table=FILE.model_copy(update={"sha256": "11"}))
    assert found.with_answer(newer).answers == (newer, other)
    assert found.answer("https://c.example/tap") is None


def test_rows_stay_when_asking_again_fails() -> None:
    found = search(answer(Outcome.ROWS, n_rows=3, table=FILE)).with_answer(answer(Outcome.UNREACHABLE, said="silence"))
    (kept,) = found.answers
    assert (kept.outcome, kept.said, kept.n_rows, kept.table) == (Outcome.UNREACHABLE, "silence", 3, FILE)
    (emptied,) = found.with_answer(answer(Outcome.EMPTY)).answers
    assert (emptied.n_rows, emptied.table) == (0, None)


def test_a_session_keeps_searches_and_targets_by_key() -> None:
    found = search(answer(Outcome.ROWS, n_rows=3, table=FILE))
    session = Session().with_search(found).with_search(found.model_copy(update={"name": "again"}))
    assert [each.name for each in session.searches] == ["again"]
    assert list(session.files) == [FILE]
    assert session.without_search("s").searches == ()
    place = Position(ra=10.0, dec=20.0)
    here, there = Target(name="B 335", position=place), Target(name="L1544", position=place)
    session = session.with_targets(here, there)
    renewed = Target(name="b  335", position=place, source="Simbad")
    assert session.with_targets(renewed).targets == (renewed, there)
    assert session.without_target(here.key).targets == (there,)
    assert Session.model_validate_json(session.model_dump_json()) == session
