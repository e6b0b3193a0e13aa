"""What the tracker knows of a job list, and what it makes of one: when to ask, for what, and what is new in it.

A list with all jobs shows each new phase. One filtered by AFTER shows it too, and is shorter. One filtered by PHASE is
the shortest, but does not tell what became of a job that is not in it any more: that has to be asked for. Services may
not heed a filter, or heed it wrongly: a filter that hides a job is not used again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from stopdesk.domain.job import Phase
from stopdesk.errors import InputError
from stopdesk.net.credentials import Origin
from stopdesk.uws.polls import Listing, ListPoll, Pace

if TYPE_CHECKING:
    from stopdesk.uws.servers import Followed

#: Of so many jobs that are not in a list by PHASE any more each is asked for; of more, the whole list.
_FEW = 2

#: So often a list may fail, or contradict its jobs, until its jobs are followed by themselves.
_STRIKES = 3

#: A job of a list that tells no progress is looked at by itself so often, in seconds.
_REFRESH = 600.0


@dataclass(eq=False)
class JobList:
    """A job list of which jobs are followed; ``on`` tells whether it is asked for."""

    url: str
    service: str
    pace: Pace
    rate: float
    jobs: dict[str, Followed] = field(default_factory=dict)
    on: bool = False
    due: float = float("-inf")
    under_way: int = -1
    avoid_until: float = float("-inf")
    fresh: set[str] = field(default_factory=set)  # followed since it is on
    unlisted: set[str] = field(default_factory=set)  # not in the whole list
    hidden: set[str] = field(default_factory=set)  # not in the last list by PHASE or AFTER
    asked: tuple[Phase, ...] = ()
    whole_next: bool = False
    after_works: bool = True
    phases_work: bool = True
    strikes: int = 0
    lies: int = 0
    whole: int = 0  # entries of the last list without PHASE, and those of them in an active phase
    active: int = 0
    entry_bytes: float = 0.0
    entry_seconds: float = 0.0

    @property
    def listed(self) -> int:
        """How many of its jobs it is good for."""
        return len(self.jobs) - len(self.unlisted)

    def is_worth_it(self, now: float) -> bool:
        """Whether to ask for it: there are too many jobs for WAITs and single questions."""
        least = max(self.pace.lists_from, 2 * self.rate)
        return now >= self.avoid_until and self.listed > (least / 2 if self.on else least)

    def query(self) -> tuple[datetime | None, tuple[Phase, ...]]:
        """AFTER and PHASE of the next question: of those that work, what shows a change the soonest."""
        jobs = [job for key, job in self.jobs.items() if key not in self.unlisted]
        created = [job.created for job in jobs if job.created is not None]
        after = None
        if self.after_works and created and len(created) == len(jobs):
            after = min(created) - timedelta(seconds=1)  # AFTER is strict, and times may be rounded
        phases = {job.phase for job in jobs if job.phase is not None and not job.phase.is_final}
        is_known = self.whole and all(job.phase is not None for job in jobs)
        if not self.phases_work or self.whole_next or not is_known or Phase.UNKNOWN in phases:
            return after, ()
        by_phase = self.pause(self.active, by_phase=True) / 2 + 1 / self.rate
        if by_phase >= self.pause(self.whole) / 2:
            return after, ()
        return after, tuple(sorted(phases | {Phase.QUEUED, Phase.EXECUTING}))

    def pause(self, entries: int, *, by_phase: bool = False) -> float:
        """How many seconds lie between two lists of so many entries; a whole one leaves every second turn to jobs."""
        least = max((1.0 if by_phase else 2.0) / self.rate, 0.5)
        size = entries * self.entry_bytes / self.pace.list_bytes
        return max(least, size, entries * self.entry_seconds / self.pace.list_share)

    def refresh(self, job: Followed) -> float:
        """After how many seconds a job that is in the list is looked at by itself; half of the rate is for that."""
        turn = 2 * len(self.jobs) / self.rate
        tells = job.progress is not None and job.phase is Phase.EXECUTING
        return max(turn, self.pace.longest if tells else _REFRESH)

    def take(self, poll: ListPoll, listing: Listing, now: float) -> tuple[list[Followed], list[Followed]]:
        """Note the phases in an answer; gives the jobs that have a new one, and those to be asked for by themselves."""
        self.strikes = 0
        news: list[Followed] = []
        missing: set[str] = set()
        for key, job in self.jobs.items():
            entry = listing.find(job.path)
            if entry is None or entry.phase is Phase.UNKNOWN:
                if key not in self.unlisted and not (job.phase is not None and job.phase.is_final):
                    missing.add(key)
                continue
            self.unlisted.discard(key)
            job.created = job.created or entry.created
            if entry.phase is not job.phase and job.seen_at < poll.sent:  # else its document may be the newer one
                job.phase = entry.phase
                news.append(job)
        self._measure(listing, now - poll.sent)
        ask = self._note_hidden(poll, listing, missing)
        self._plan(poll, now)
        return news, [self.jobs[key] for key in ask]

    def contradicted(self, job: Followed, phase: Phase, now: float) -> None:
        """A document tells another phase than the list made us believe."""
        if job.key in self.hidden and phase in self.asked:
            self.phases_work = False
            self.hidden.discard(job.key)
        if job.phase is not None and job.phase.is_final and not phase.is_final:
            self.lies += 1
            if self.lies >= _STRIKES:
                self.avoid(now)

    def strike(self, now: float) -> None:
        """Something is wrong with the list: ask later, and after some times for its jobs by themselves."""
        self.due = max(self.due, now + min(self.pace.shortest * 2.0**self.strikes, self.pace.longest_lost))
        self.strikes += 1
        if self.strikes >= _STRIKES:
            self.avoid(now)

    def avoid(self, now: float) -> None:
        """Follow its jobs by themselves for a good while."""
        self.strikes, self.lies, self.avoid_until = 0, 0, now + self.pace.distrust

    def drop(self, key: str) -> None:
        """A job is not followed any more."""
        del self.jobs[key]
        for keys in (self.fresh, self.unlisted, self.hidden):
            keys.discard(key)

    def _measure(self, listing: Listing, took: float) -> None:
        if len(listing):
            self.entry_bytes = listing.size / len(listing)
            self.entry_seconds = took / len(listing)

    def _note_hidden(self, poll: ListPoll, listing: Listing, missing: set[str]) -> set[str]:
        """What the jobs that are not in an answer say of the filters; gives those to be asked for by themselves."""
        if poll.phases:
            self.hidden, self.asked = missing, poll.phases
            self.active = len(listing)
            self.phases_work = self.phases_work and set(listing.phases) <= set(poll.phases)
            self.whole_next = len(missing) > _FEW or not self.phases_work
            return set() if self.whole_next else missing
        shown = self.hidden - missing
        if self.asked:
            self.phases_work = self.phases_work and not any(self.jobs[key].phase in self.asked for key in shown)
        self.whole, self.active = len(listing), sum(n for phase, n in listing.phases.items() if not phase.is_final)
        self.whole_next, self.asked = False, ()
        if poll.after is not None and missing:
            self.after_works, self.hidden, self.whole_next = False, missing, True
            return set()
        if poll.after is None:
            self.after_works = self.after_works or (bool(self.hidden) and not shown)
            self.unlisted |= missing
        self.hidden = set()
        return missing

    def _plan(self, poll: ListPoll, now: float) -> None:
        """When to ask again; not at all where asking for each job is quicker."""
        phases = self.query()[1]
        pause = self.pause(self.active if phases else self.whole, by_phase=bool(phases))
        self.due = max(now, poll.sent + pause) if not self.whole_next else now
        if pause > max(self.listed / self.rate, self.pace.lists_from):
            self.avoid(now)


def list_of(job_url: str, service: str) -> str | None:
    """The address of the list that a job is in: its service's, where that is on the same server, else the one above."""
    try:
        if Origin.of(service) == Origin.of(job_url):
            return service
    except InputError:
        pass  # the local service has a name instead of an address
    parts = urlsplit(job_url)
    above = parts.path.rstrip("/").rpartition("/")[0]
    return urlunsplit((parts.scheme, parts.netloc, above, "", "")) if above and not parts.query else None
