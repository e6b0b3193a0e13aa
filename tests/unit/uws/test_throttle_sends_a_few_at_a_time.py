"""A service gets as many jobs at a time as it is meant to, the oldest first, and none while it is paused."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Contact, Run
from stopdesk.domain.settings import Service
from stopdesk.uws.throttle import Throttle, is_at_work
from tests.runs import make_run

SERVICE = "https://vo.example.org/lte/jobs"
OTHER = "https://other.example.org/jobs"


def waiting(n: int, service: str = SERVICE) -> list[Run]:
    return [make_run(phase=None, job_url=None, contact=Contact.WAITING, service=service) for _ in range(n)]


def keys(runs: list[Run]) -> tuple[str, ...]:
    return tuple(run.key for run in runs)


def test_only_as_many_as_the_service_takes_the_oldest_first() -> None:
    runs = waiting(5)
    shuffled = random.Random(1).sample(runs, 5)
    assert Throttle({SERVICE: 2}).allowed(shuffled) == keys(runs[:2])
    assert Throttle({SERVICE: 0}).allowed(shuffled) == keys(runs)
    assert Throttle().allowed(shuffled) == keys(runs)


def test_what_is_at_work_takes_a_place() -> None:
    runs = waiting(5)
    throttle = Throttle({SERVICE: 3})
    sending = make_run(phase=None, job_url=None, contact=Contact.UNSENT, service=SERVICE)
    assert throttle.allowed([*runs, sending, make_run(service=SERVICE)]) == keys(runs[:1])
    ended = [make_run(phase=phase, service=SERVICE) for phase in (Phase.COMPLETED, Phase.ERROR, Phase.ABORTED)]
    gone = make_run(contact=Contact.GONE, service=SERVICE)
    rejected = make_run(phase=None, job_url=None, contact=Contact.REJECTED, service=SERVICE)
    assert throttle.allowed([*runs, *ended, gone, rejected]) == keys(runs[:3])


def test_a_lost_server_keeps_its_jobs_and_gets_no_more() -> None:
    lost = [make_run(contact=Contact.UNREACHABLE, service=SERVICE) for _ in range(2)]
    assert Throttle({SERVICE: 2}).allowed([*waiting(3), *lost]) == ()


def test_jobs_that_wait_for_a_person_take_no_place() -> None:
    assert is_at_work(make_run(phase=Phase.PENDING))  # just made, about to be started
    assert not is_at_work(make_run(phase=Phase.PENDING, model=None, request={}))  # made elsewhere
    assert not is_at_work(make_run(phase=Phase.HELD))
    assert is_at_work(make_run(phase=Phase.SUSPENDED))
    assert is_at_work(make_run(phase=None))


def test_services_do_not_wait_for_each_other() -> None:
    here, there = waiting(3), waiting(3, OTHER)
    throttle = Throttle({SERVICE: 1, OTHER: 2})
    assert set(throttle.allowed([*here, *there])) == {*keys(here[:1]), *keys(there[:2])}


def test_the_models_of_a_service_share_its_limit() -> None:
    address = "https://vo.example.org/{model}/jobs"
    runs = waiting(2)
    lvg = make_run(model="lvg", service="https://vo.example.org/lvg/jobs")
    throttle = Throttle.of([Service(name="a", url=address, at_once=2), Service(name="b", url=OTHER)])
    assert throttle.allowed([*runs, lvg]) == keys(runs[:1])
    assert throttle.service_of(lvg) == address


def test_a_paused_service_gets_none_and_goes_on_afterwards() -> None:
    runs = [*waiting(2), *waiting(1, OTHER)]
    assert Throttle.of([Service(name="a", url=SERVICE, paused=True)]).allowed(runs) == keys(runs[2:])
    assert Throttle.of([Service(name="a", url=SERVICE)]).allowed(runs) == keys(runs)


def test_a_restart_changes_nothing() -> None:
    runs = [*waiting(5), make_run(service=SERVICE)]
    again = [Run.model_validate_json(run.model_dump_json()) for run in runs]
    assert Throttle({SERVICE: 2}).allowed(again) == Throttle({SERVICE: 2}).allowed(runs) == keys(runs[:1])


def test_an_expired_log_in_holds_back_all_behind_it_and_nobody_elsewhere() -> None:
    first, *behind = waiting(3)
    held = first.model_copy(update={"contact": Contact.NOT_ALLOWED})
    elsewhere = waiting(1, OTHER)
    runs = [held, *behind, *elsewhere, make_run(service=SERVICE)]
    throttle = Throttle({SERVICE: 5, OTHER: 5})
    assert throttle.held_back(runs) == {SERVICE}
    assert throttle.allowed(runs) == keys(elsewhere)
    said = list(throttle.behind(runs))
    assert [run.key for run, _, _ in said] == list(keys(behind))
    assert {contact for _, contact, _ in said} == {Contact.NOT_ALLOWED}
    assert all("logged in" in text for _, _, text in said)


def test_it_is_said_why_a_run_waits() -> None:
    runs = waiting(3)
    ((_, _, text),) = Throttle({SERVICE: 2}).behind(runs)
    assert "2 jobs at a time" in text
    texts = {text for _, _, text in Throttle(paused=frozenset({SERVICE})).behind(runs)}
    assert len(texts) == 1
    assert "paused" in texts.pop()
    assert not list(Throttle().behind(runs))


@given(st.lists(st.sampled_from(["waiting", "working", "done"]), max_size=30), st.integers(1, 5))
def test_the_limit_is_never_passed_and_no_place_is_left_empty(states: list[str], limit: int) -> None:
    made = {
        "waiting": lambda: waiting(1)[0],
        "working": lambda: make_run(service=SERVICE),
        "done": lambda: make_run(phase=Phase.COMPLETED, service=SERVICE),
    }
    runs = [made[state]() for state in states]
    sent = Throttle({SERVICE: limit}).allowed(runs)
    working = states.count("working")
    assert len(sent) == max(0, min(states.count("waiting"), limit - working))
