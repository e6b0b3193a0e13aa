"""A job that could not be seen is asked for plainly: a WAIT would hide for long that it is in sight again."""

from __future__ import annotations

import pytest

from stopdesk.domain.job import Job, Phase
from stopdesk.errors import Malformed, NotAllowed, StopdeskError
from stopdesk.uws.tracker import Tracker

URL = "https://uws.example/jobs/1"


def job() -> Job:
    return Job(url=URL, job_id="1", phase=Phase.QUEUED, phase_word="QUEUED", version="1.1")


@pytest.mark.parametrize(
    "error", [NotAllowed("Who are you?", url=URL, login=True), Malformed("That is no job.", url=URL)]
)
def test_after_a_refusal_the_next_look_is_a_plain_one_and_then_waits_come_back(error: StopdeskError) -> None:
    tracker = Tracker()
    tracker.follow("key", URL, job=job())
    (waiting,) = tracker.due(0.0)
    assert waiting.wait
    tracker.failed(waiting, error, 0.1)
    tracker.nudge("key")  # as after a log-in
    (plain,) = tracker.due(0.2)
    assert plain.wait is None
    tracker.answered(plain, job(), 0.3)
    now = tracker.next_due(0.3)
    assert now is not None
    (again,) = tracker.due(now)
    assert again.wait
