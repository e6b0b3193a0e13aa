"""What goes between the tracker and whoever makes its requests: the pace, polls, and the change that came of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from stopdesk.domain.job import Job, JobRef, Phase
from stopdesk.domain.run import Contact


@dataclass(frozen=True)
class Pace:
    """How often we ask; times in seconds, rates in requests a second.

    ``wait_progress`` and ``wait_loopback`` take the place of ``wait`` for a running job that tells its progress, which
    a WAIT does not wake for, and on a server of this machine. ``longest`` bounds the pause between two looks at a job,
    ``longest_lost`` between two at a lost server or at a job that cannot be read. After ``distrust`` a server that
    ignored WAIT is tried again. A poll that nobody gave back counts no more after ``patience``.

    Of a job list with more than ``lists_from`` jobs that are followed, and more than the rate allows to ask for in two
    seconds, the list is asked for: at most ``list_bytes`` a second, and for ``list_share`` of the time.
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
    lists_from: int = 8
    list_bytes: float = 500_000.0
    list_share: float = 0.25


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
class ListPoll:
    """One request to make: GET the job list, with AFTER and PHASE where they are given.

    Whoever gets one gives it back once, to `Tracker.list_answered` or `Tracker.list_failed`. ``key`` is that of one of
    the jobs that it is for, ``service`` what was said with that job.
    """

    key: str
    url: str
    service: str
    after: datetime | None
    phases: tuple[Phase, ...]
    sent: float
    number: int


def place(url: str) -> str:
    """Where a job is on its server: path and query. The host counts for nothing, a service may have several names."""
    parts = urlsplit(url)
    return f"{parts.path.rstrip('/')}?{parts.query}" if parts.query else parts.path.rstrip("/")


class Listing:
    """A job list as it came, ready to be looked things up in, however long: built where it is read.

    ``size`` is in bytes; ``is_cut`` tells that the service shows only the newest of its jobs (UWS 1.1, section
    2.2.2.1: a redirect to ``?LAST=n``, or as many as were asked for).
    """

    def __init__(self, entries: Iterable[JobRef], *, size: int = 0, is_cut: bool = False) -> None:
        self.entries = tuple(entries)
        self.size = size
        self.is_cut = is_cut
        self.phases = Counter(entry.phase for entry in self.entries)
        self._by_path = {place(entry.url): entry for entry in self.entries}
        ids = Counter(entry.job_id for entry in self.entries)
        self._by_id = {entry.job_id: entry for entry in self.entries if ids[entry.job_id] == 1}

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, place: str) -> JobRef | None:
        """The entry of the job at this `place`, or else the only one with the id at its end."""
        return self._by_path.get(place) or self._by_id.get(unquote(place.rpartition("/")[2]))


@dataclass(frozen=True)
class Change:
    """What an answer or a failure means for a job.

    ``contact_text`` is the sentence when contact is not OK. ``changed`` tells whether phase or contact differ from
    before, ``ended`` whether the job came to a final phase. ``others`` are the keys of jobs on the same server that
    share the new contact: all are out of reach when their server is, and in reach again when it is.

    A job list shows a new phase before there is a document: then ``phase`` is that phase, ``job`` is None and
    ``ended`` is False; the change with the document follows.
    """

    key: str
    contact: Contact
    contact_text: str = ""
    job: Job | None = None
    changed: bool = False
    ended: bool = False
    others: tuple[str, ...] = ()
    phase: Phase | None = None


def with_phase(job: Job, phase: Phase) -> Job:
    """The job as a list shows it: with another phase, and without its document, which is older."""
    return job.model_copy(update={"phase": phase, "phase_word": phase.value, "raw": "", "from_list": True})
