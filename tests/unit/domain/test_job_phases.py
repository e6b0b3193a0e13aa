"""The phases of UWS 1.1, read from whatever a service writes, and what may be done in each."""

from __future__ import annotations

import pytest

from stopdesk.domain.job import Job, Phase


@pytest.mark.parametrize(
    ("word", "phase"),
    [
        ("EXECUTING", Phase.EXECUTING),
        (" executing\r\n", Phase.EXECUTING),
        ("Completed", Phase.COMPLETED),
        ("", Phase.UNKNOWN),
        ("RUN", Phase.UNKNOWN),
        ("FINISHED", Phase.UNKNOWN),
        ("unknown", Phase.UNKNOWN),
    ],
)
def test_words_are_read_kindly(word: str, phase: Phase) -> None:
    assert Phase.read(word) is phase


@pytest.mark.parametrize("phase", list(Phase))
def test_every_phase_reads_back(phase: Phase) -> None:
    assert Phase.read(phase.value) is phase


def test_what_may_be_done_in_a_phase() -> None:
    assert {phase for phase in Phase if phase.is_final} == {
        Phase.COMPLETED,
        Phase.ERROR,
        Phase.ABORTED,
        Phase.ARCHIVED,
    }
    assert {phase for phase in Phase if phase.is_waitable} == {Phase.PENDING, Phase.QUEUED, Phase.EXECUTING}
    assert {phase for phase in Phase if phase.can_start} == {Phase.PENDING, Phase.HELD}
    assert {phase for phase in Phase if phase.can_abort} == {phase for phase in Phase if not phase.is_final}


def test_a_job_of_a_newer_version_is_read_with_what_is_known() -> None:
    job = Job.model_validate(
        {"url": "http://x/1", "job_id": "1", "phase": "QUEUED", "phase_word": "QUEUED", "priority": 3}
    )
    assert job.phase is Phase.QUEUED
    assert not hasattr(job, "priority")
