"""A run says what is so: a lost server is not a failed job, a queued job has not failed, an end stays an end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Contact, Run, StoredFile
from tests.runs import START, make_run, stored

FINAL = (Phase.COMPLETED, Phase.ERROR, Phase.ABORTED, Phase.ARCHIVED)
WORDS = {phase.value.lower() for phase in Phase} | {"waiting", "held back", "sending", "rejected", "lost", "gone"}


@pytest.mark.parametrize("phase", list(Phase))
def test_in_contact_the_state_is_the_phase(phase: Phase) -> None:
    run = make_run(phase=phase)
    assert run.state == phase.value.lower()
    assert run.is_active == (phase not in FINAL)


@pytest.mark.parametrize("contact", [Contact.UNREACHABLE, Contact.NOT_ALLOWED, Contact.GONE])
@pytest.mark.parametrize("phase", FINAL)
def test_an_end_stays_an_end_when_the_server_goes(phase: Phase, contact: Contact) -> None:
    run = make_run(phase=phase, contact=contact)
    assert run.state == phase.value.lower()
    assert not run.is_active


@pytest.mark.parametrize("contact", [Contact.UNREACHABLE, Contact.NOT_ALLOWED])
@pytest.mark.parametrize("phase", [Phase.PENDING, Phase.QUEUED, Phase.EXECUTING, Phase.HELD])
def test_a_lost_server_is_no_contact_and_the_job_is_followed_on(phase: Phase, contact: Contact) -> None:
    run = make_run(phase=phase, contact=contact)
    assert run.state == "lost"
    assert run.is_active


def test_a_job_that_is_gone_is_followed_no_more() -> None:
    run = make_run(contact=Contact.GONE)
    assert run.state == "gone"
    assert not run.is_active


def test_what_has_no_job_yet_waits_or_is_being_sent_or_was_not_accepted() -> None:
    sending = make_run(phase=None, job_url=None, contact=Contact.UNSENT)
    assert (sending.state, sending.phase, sending.is_active) == ("sending", None, False)
    for contact, word in ((Contact.WAITING, "waiting"), (Contact.NOT_ALLOWED, "held back")):
        run = sending.model_copy(update={"contact": contact})
        assert (run.state, run.phase, run.is_active) == (word, None, False)
    rejected = sending.model_copy(update={"contact": Contact.REJECTED})
    assert (rejected.state, rejected.phase, rejected.is_active) == ("rejected", None, False)


def test_a_job_of_which_nothing_is_known_but_its_address_is_followed() -> None:
    run = make_run(phase=None)
    assert run.state == "sending"
    assert run.is_active


def test_an_error_after_our_abort_is_an_abort_and_no_other_error_is() -> None:
    assert make_run(phase=Phase.ERROR, abort_asked=True).phase is Phase.ABORTED
    assert make_run(phase=Phase.ERROR, abort_asked=True).state == "aborted"
    assert make_run(phase=Phase.ERROR).state == "error"
    assert make_run(phase=Phase.COMPLETED, abort_asked=True).state == "completed"
    assert make_run(abort_asked=True).state == "executing"


@given(
    phase=st.none() | st.sampled_from(list(Phase)),
    contact=st.sampled_from(list(Contact)),
    has_url=st.booleans(),
    abort_asked=st.booleans(),
)
def test_every_run_has_a_state_and_only_what_has_no_end_is_followed(
    phase: Phase | None, contact: Contact, has_url: bool, abort_asked: bool
) -> None:
    run = make_run(phase=phase, contact=contact, abort_asked=abort_asked)
    run = run if has_url else run.model_copy(update={"job_url": None})
    assert run.state in WORDS
    if run.is_active:
        assert run.job_url is not None
        assert run.state not in {each.value.lower() for each in FINAL} | {"gone"}


def test_the_run_time_is_that_of_the_service_or_none() -> None:
    end = START + timedelta(minutes=2, seconds=3)
    assert make_run(phase=Phase.COMPLETED, started=START, ended=end).run_time == 123.0
    assert make_run(started=START).run_time is None
    assert make_run(phase=Phase.COMPLETED, ended=end).run_time is None
    assert make_run(phase=None).run_time is None


def test_the_content_key_is_that_of_what_was_asked_for() -> None:
    run = make_run(attachments={"molecule_file": stored()})
    same = make_run("another name", phase=Phase.COMPLETED, attachments={"molecule_file": stored("renamed.dat")})
    same = same.model_copy(update={"request": dict(reversed(run.request.items()))})
    assert same.content_key == run.content_key
    changed = run.model_copy(update={"request": {**run.request, "column_density": "2e15"}})
    other_file = run.model_copy(
        update={"attachments": {"molecule_file": stored().model_copy(update={"sha256": "cd" * 32})}}
    )
    keys = {run.content_key, changed.content_key, other_file.content_key}
    keys |= {run.model_copy(update={"model": "lvg"}).content_key}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("grid.vot", "grid.vot"),
        ("../../.bashrc", "bashrc"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\autoexec.bat", "autoexec.bat"),
        ("..", "file"),
        ("", "file"),
        ("a/", "a"),
        ("Ångström 水.vot", "Ångström 水.vot"),
    ],
)
def test_the_name_of_a_file_never_leads_out_of_a_folder(name: str, plain: str) -> None:
    assert StoredFile(name=name, sha256="", size=0).name == plain


def test_a_run_survives_its_way_through_json() -> None:
    run = make_run("Ångström\n水", phase=Phase.ERROR, results={"grid": stored()}, contact=Contact.UNREACHABLE)
    assert Run.model_validate_json(run.model_dump_json()) == run
