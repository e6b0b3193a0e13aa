"""Results are fetched, and the user is told, before a service destroys a job; never too early, never for nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from stopdesk.domain.job import JobResult, Phase
from stopdesk.domain.run import FETCHING, Contact, Run
from stopdesk.uws.keeping import due_for_saving, next_look, notice_from, unsaved, warning
from tests.runs import START, make_run, stored

RESULTS = (
    JobResult(result_id="grid", url="http://h/grid"),
    JobResult(result_id="log", url="https://h/log"),
    JobResult(result_id="diag", url="uws:executing:10"),
)


def job_until(
    life: timedelta | None, phase: Phase = Phase.COMPLETED, quote: datetime | None = None, **values: object
) -> Run:
    run = make_run("co grid", phase=phase, **values)
    assert run.job is not None
    destruction = None if life is None else START + life
    changes = {"created": START, "destruction": destruction, "results": RESULTS, "quote": quote}
    return run.model_copy(update={"job": run.job.model_copy(update=changes)})


@pytest.mark.parametrize(
    ("life", "ahead"),
    [
        (timedelta(days=30), timedelta(hours=24)),  # OPUS
        (timedelta(hours=72), timedelta(hours=7.2)),  # IRSA
        (timedelta(minutes=10), timedelta(minutes=1)),
        (timedelta(seconds=-5), timedelta(0)),
    ],
)
def test_the_notice_is_a_day_or_a_tenth_of_the_life(life: timedelta, ahead: timedelta) -> None:
    assert notice_from(job_until(life)) == START + life - ahead


def test_results_that_are_not_here_are_due_when_the_end_is_near_and_not_before() -> None:
    run = job_until(timedelta(days=30))
    end = START + timedelta(days=30)
    assert due_for_saving([run], end - timedelta(hours=25)) == ()
    assert due_for_saving([run], end - timedelta(hours=23)) == (run.key,)
    assert due_for_saving([run], end) == ()  # too late
    assert next_look([run], START) == end - timedelta(hours=24)
    assert next_look([run], end) is None


def test_what_is_here_or_on_its_way_or_no_address_is_not_due() -> None:
    near = START + timedelta(days=30, hours=-1)
    life = timedelta(days=30)
    assert [each.result_id for each in unsaved(job_until(life))] == ["grid", "log"]
    here = job_until(life, results={"grid": stored(), "log": stored()})
    coming = job_until(life, results_text=FETCHING)
    gone = job_until(life, contact=Contact.GONE)
    partly = job_until(life, results={"grid": stored()})
    for_ever = job_until(None)
    assert due_for_saving([here, coming, gone, partly, for_ever], near) == (partly.key,)
    assert next_look([here, gone, for_ever], START) is None


def test_the_most_urgent_comes_first() -> None:
    late, soon = job_until(timedelta(hours=60)), job_until(timedelta(hours=58))
    assert due_for_saving([late, soon], START + timedelta(hours=57)) == (soon.key, late.key)


def test_the_user_is_told_what_will_be_lost() -> None:
    now = START + timedelta(hours=70)
    life = timedelta(hours=72)
    saved = job_until(life, results={"grid": stored(), "log": stored()})
    unfinished = job_until(life, phase=Phase.EXECUTING)
    assert warning(job_until(life), now) == (
        "the service will delete it at 2026-11-23 10:00 UTC; 2 of its 3 results are not saved here yet."
    )
    assert warning(unfinished, now) == (
        "the service will delete it at 2026-11-23 10:00 UTC, though it has not ended. Ask for a later destruction."
    )
    for quiet in (saved, job_until(timedelta(days=60)), job_until(life, contact=Contact.GONE)):
        assert warning(quiet, now) == ""
    assert warning(job_until(life), now + timedelta(hours=2)) == "", "it has been deleted"


def test_a_quote_after_the_destruction_means_that_it_will_not_run_to_its_end() -> None:
    quote = START + timedelta(days=5)
    doomed = job_until(timedelta(days=3), phase=Phase.QUEUED, quote=quote)
    assert "expects to end it after 2026-11-23 10:00 UTC" in warning(doomed, START)
    assert warning(job_until(timedelta(days=9), phase=Phase.QUEUED, quote=quote), START) == ""
