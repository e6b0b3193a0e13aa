"""What goes between the tracker and whoever makes its requests: the pace, a poll, and the change that came of it."""

from __future__ import annotations

from dataclasses import dataclass

from stopdesk.domain.job import Job, Phase
from stopdesk.domain.run import Contact


@dataclass(frozen=True)
class Pace:
    """How often we ask; times in seconds, rates in requests a second.

    ``wait_progress`` and ``wait_loopback`` take the place of ``wait`` for a running job that tells its progress, which
    a WAIT does not wake for, and on a server of this machine. ``longest`` bounds the pause between two looks at a job,
    ``longest_lost`` between two at a lost server or at a job that cannot be read. After ``distrust`` a server that
    ignored WAIT is tried again. A poll that nobody gave back counts no more after ``patience``.
    """

    wait: int = 30
    wait_progress: int = 10
    wait_loopback: int = 2
    shortest: float = 1.0
    longest: float = 30.0
    longest_lost: float = 60.0
    growth: float = 1.5
    at_once: int = 4
    waits_at_once: int = 3
    rate: float = 1.0
    loopback_rate: float = 20.0
    burst: float = 4.0
    distrust: float = 600.0
    patience: float = 300.0


@dataclass(frozen=True)
class Poll:
    """One request to make: GET the job, with WAIT and the last phase where ``wait`` is given.

    Whoever gets a poll gives it back once, to `Tracker.answered` or `Tracker.failed`.
    """

    key: str
    url: str
    service: str
    wait: int | None
    phase: Phase | None
    sent: float
    number: int


@dataclass(frozen=True)
class Change:
    """What an answer or a failure means for a job.

    ``contact_text`` is the sentence when contact is not OK. ``changed`` tells whether phase or contact differ from
    before, ``ended`` whether the job came to a final phase. ``others`` are the keys of jobs on the same server that
    share the new contact: all are out of reach when their server is, and in reach again when it is.
    """

    key: str
    contact: Contact
    contact_text: str = ""
    job: Job | None = None
    changed: bool = False
    ended: bool = False
    others: tuple[str, ...] = ()
