"""What the tracker knows of a server and of each job there: who comes when, what is under way, what works."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from stopdesk.domain.job import Job, JobProgress, Phase
from stopdesk.domain.run import Contact
from stopdesk.errors import Refused, ServerTrouble, StopdeskError, Unreachable
from stopdesk.uws.lists import JobList
from stopdesk.uws.polls import ListPoll, Pace, Poll

NEVER = float("-inf")

#: One request of the allowance, less what sums of floats may lose.
ONE = 1.0 - 1e-6

#: When a job is due, which entry for it this is, and its key.
_Ticket = tuple[float, int, str]

#: A job of which a list has shown something new comes before all that are only due; first come, first served.
_AHEAD = 1e9


@dataclass(eq=False)
class Followed:
    """A job that is followed."""

    key: str
    url: str
    path: str
    service: str
    server: Server
    phase: Phase | None = None
    version: str | None = None
    progress: JobProgress | None = None
    created: datetime | None = None
    contact: Contact = Contact.OK
    interval: float = 1.0
    ticket: int = -1  # the entry in the queue that counts; -1 while under way
    under_way: int = -1  # the number of the poll under way
    nudged: bool = False
    wanted: bool = False  # by the user, or a list has shown something new; until its document comes
    plain_next: bool = False
    seen_at: float = NEVER  # when the last document came
    list: JobList | None = None

    def note(self, job: Job) -> None:
        """Remember what a document says."""
        self.phase, self.version, self.progress = job.phase, job.version, job.progress
        self.created = job.created or self.created

    def leave(self) -> None:
        """Is not followed any more."""
        del self.server.jobs[self.key]
        self.server.behind.discard(self.key)
        if self.list is not None:
            self.list.drop(self.key)
            if not self.list.jobs:
                del self.server.lists[self.list.url]


@dataclass(eq=False)
class Server:
    """A server: its queue of jobs, what is under way, whether it can be reached and heeds WAIT."""

    pace: Pace
    is_loopback: bool
    tickets: Iterator[int]
    jobs: dict[str, Followed] = field(default_factory=dict)
    lists: dict[str, JobList] = field(default_factory=dict)
    queue: list[_Ticket] = field(default_factory=list)
    behind: set[str] = field(default_factory=set)  # jobs that have ended, of which only the document is to be read
    queue_behind: list[_Ticket] = field(default_factory=list)
    under_way: dict[int, Poll | ListPoll] = field(default_factory=dict)
    tokens: float = 0.0
    tokens_at: float = NEVER
    quiet_until: float = NEVER
    lost: bool = False
    lost_at: float = NEVER
    failures: int = 0
    wait_works: bool | None = None
    wait_late: int = 0
    distrust_until: float = NEVER
    list_was_last: bool = False

    @property
    def rate(self) -> float:
        """How many plain polls a second it gets."""
        return self.pace.loopback_rate if self.is_loopback else self.pace.rate

    @property
    def is_crowded(self) -> bool:
        """Whether there are more jobs that may change than there may be WAITs."""
        return len(self.jobs) - len(self.behind) > self.pace.waits_at_once

    @property
    def has_lists(self) -> bool:
        """Whether jobs here are followed by their lists."""
        return any(each.on for each in self.lists.values())

    @property
    def waits(self) -> int:
        """How many WAITs are under way."""
        return sum(isinstance(poll, Poll) and poll.wait is not None for poll in self.under_way.values())

    @property
    def has_room(self) -> bool:
        """Whether one more request may be under way; a lost server gets one at a time."""
        return not self.under_way if self.lost else len(self.under_way) < self.pace.at_once

    def wait_for(self, job: Followed) -> int:
        """How many seconds to WAIT for a job."""
        if job.phase is not Phase.EXECUTING:
            return self.pace.wait
        if self.is_loopback:
            return min(self.pace.wait, self.pace.wait_loopback)
        return self.pace.wait if job.progress is None else min(self.pace.wait, self.pace.wait_progress)

    def fill(self, now: float) -> None:
        """Let the allowance for plain polls grow with time; where lists are asked for there are no bursts."""
        if self.tokens_at == NEVER:
            self.tokens = self.pace.burst
        else:
            self.tokens += max(now - self.tokens_at, 0.0) * self.rate
        self.tokens = min(self.tokens, 1.0 if self.has_lists else self.pace.burst)
        self.tokens_at = now

    def may_wait(self, job: Followed, now: float) -> bool:
        """Whether to ask with WAIT: the version has it, the phase can block, the server heeds it, a place is free.

        A PENDING job, which waits for the user, takes no place from others; where lists are asked for there is none.
        One that could not be seen last time is asked for plainly: a WAIT would hide for long that it is in sight again.
        """
        if self.lost or job.plain_next or job.phase is None or not job.phase.is_waitable or now < self.distrust_until:
            return False
        if job.contact is not Contact.OK:
            return False
        if (job.phase is Phase.PENDING and self.is_crowded) or self.has_lists:
            return False
        known = has_wait(job.version)
        if known is False or (self.wait_works is None and known is None and self.waits):
            return False
        return self.waits < self.pace.waits_at_once

    def doubt_waits(self, now: float) -> None:
        """Stop using WAIT for a good while."""
        self.wait_works = False
        self.distrust_until = now + self.pace.distrust

    def enqueue(self, job: Followed, when: float) -> None:
        """Put a job into the queue; an older entry of it counts no more."""
        if job.nudged:
            job.nudged, when = False, NEVER
        job.ticket = next(self.tickets)
        queue = self.queue_behind if job.key in self.behind and not job.wanted else self.queue
        heapq.heappush(queue, (when, job.ticket, job.key))

    def want(self, job: Followed, now: float) -> None:
        """Look at a job soon: a list has shown something new of it."""
        if job.wanted:
            return
        job.wanted = True
        if job.under_way >= 0:
            job.nudged = True
        else:
            self.enqueue(job, now - _AHEAD)

    def next_head(self, now: float) -> tuple[float, Followed] | None:
        """When the next job is due, and which; those that have ended come when no other is due."""
        head = self._head(self.queue)
        if head is not None and head[0] <= now:
            return head
        return min(filter(None, (head, self._head(self.queue_behind))), key=lambda each: each[0], default=None)

    def _head(self, queue: list[_Ticket]) -> tuple[float, Followed] | None:
        """The first of a queue; entries that count no more are thrown away."""
        while queue:
            when, ticket, key = queue[0]
            job = self.jobs.get(key)
            if job is not None and job.ticket == ticket:
                return when, job
            heapq.heappop(queue)
        return None

    def wants_one(self, now: float) -> bool:
        """Whether a job waits that comes before all that are only due."""
        head = self._head(self.queue)
        return head is not None and head[0] < now - _AHEAD / 2

    def next_poll(self, now: float) -> float | None:
        """When the next job may be asked for; None when an answer has to come first."""
        head = self.next_head(now)
        if head is None or not self.has_room:
            return None
        when, job = head
        time = max(when, self.quiet_until)
        return time if self.may_wait(job, max(time, now)) else self._with_token(time, now)

    # lists

    @property
    def first_list(self) -> JobList | None:
        """The list to be asked for first, of those that are not under way."""
        lists = [each for each in self.lists.values() if each.on and each.under_way < 0]
        return min(lists, key=lambda each: each.due, default=None)

    def is_turn_of_list(self, now: float) -> bool:
        """Whether a list may be asked for now; it takes turns with the jobs of which lists have shown something."""
        if self.lost or now < self.quiet_until or not self.has_room or self.tokens < ONE:
            return False
        return not (self.list_was_last and self.wants_one(now))

    def keeps_turn_for_list(self, now: float) -> bool:
        """Whether the next request is to be for a list and not for a job."""
        first = self.first_list
        return first is not None and first.due <= now and not self.lost and not self.list_was_last

    def next_list(self, now: float) -> float | None:
        """When the next list may be asked for; None when something else has to come first."""
        first = self.first_list
        if first is None or self.lost or not self.has_room:
            return None
        return self._with_token(max(first.due, self.quiet_until), now)

    def switch(self, jobs: JobList, now: float) -> None:
        """Begin to follow jobs by their list, or end it: then each is to be looked at by itself."""
        on = jobs.is_worth_it(now)
        if on != jobs.on:
            concerned = list(jobs.jobs.values())
        else:
            concerned = [jobs.jobs[key] for key in jobs.fresh] if on else []
        for job in concerned:
            if job.under_way < 0 and not job.wanted and job.key not in jobs.unlisted:
                self.enqueue(job, now + jobs.refresh(job) if on and job.phase is not None else now)
        jobs.fresh.clear()
        jobs.on = on

    # what answers tell

    def when(self, job: Followed, poll: Poll, now: float, *, changed: bool) -> float:
        """When to look at a job again after an answer."""
        if job.list is not None and job.list.on and job.key not in job.list.unlisted:
            return now + job.list.refresh(job)
        if not self.may_wait(job, now) or (self.is_crowded and not changed):
            return now + job.interval
        took = now - poll.sent
        if changed or poll.wait is None or took >= poll.wait / 2:
            return now
        return now + min(took, job.interval)  # it waits less long than asked for: never ask without a pause

    def learn_wait(self, poll: Poll, now: float, *, changed: bool) -> None:
        """See from an answer to a WAIT whether the server heeds it: one that comes at once without news does not."""
        if poll.wait is None:
            return
        took = now - poll.sent
        if not changed and took < min(self.pace.shortest, poll.wait):
            self.doubt_waits(now)
        elif took >= self.pace.shortest:
            self.wait_works, self.wait_late = True, 0

    def blame_wait(self, poll: Poll, error: StopdeskError, now: float) -> bool:
        """Whether a failure is the WAIT's fault and not the job's: the same is asked again without it.

        A server, or a proxy before it, may never answer a long WAIT, or not know the word.
        """
        if isinstance(error, Refused):
            self.doubt_waits(now)
            return True
        if isinstance(error, (Unreachable, ServerTrouble)) and now - poll.sent >= self.pace.shortest:
            self.wait_late += 1
            if self.wait_late >= 2:
                self.doubt_waits(now)
            return True
        return False

    def lose(self, job: Followed, poll: Poll, now: float) -> tuple[str, ...]:
        """The server cannot be reached: probe it later; gives the other jobs that are out of reach with it."""
        others: tuple[str, ...] = ()
        if not self.lost:
            self.lost, self.lost_at, self.failures = True, now, 0
            others = self._share(job, Contact.OK, Contact.UNREACHABLE)
            for each in self.lists.values():
                each.strikes = 0  # the lists were not to blame
        elif poll.sent < self.lost_at:
            return others  # it was under way already, and says nothing new
        pause = min(self.pace.shortest * 2.0**self.failures, self.pace.longest_lost)
        self.quiet_until = max(self.quiet_until, now + pause)
        self.failures = min(self.failures + 1, 30)
        return others

    def reached(self, job: Followed | None) -> tuple[str, ...]:
        """The server answers; gives the other jobs that are in reach again with it."""
        if not self.lost:
            return ()
        self.lost, self.failures = False, 0
        self.quiet_until = NEVER
        return self._share(job, Contact.UNREACHABLE, Contact.OK)

    def _share(self, job: Followed | None, old: Contact, new: Contact) -> tuple[str, ...]:
        """Give the other jobs that may change the contact ``new`` where it was ``old``; gives their keys."""
        keys = []
        for other in self.jobs.values():
            if other is not job and other.contact is old and other.key not in self.behind:
                other.contact, other.interval = new, self.pace.shortest
                keys.append(other.key)
        return tuple(keys)

    def _with_token(self, time: float, now: float) -> float:
        """When a request that is due at a time is allowed by the rate."""
        return time if self.tokens >= ONE else max(time, now + (1.0 - self.tokens) / self.rate)


def has_wait(version: str | None) -> bool | None:
    """Whether a service of this UWS version knows WAIT (since 1.1); None when the version says nothing."""
    try:
        major, minor = (int(part) for part in ((version or "").strip() + ".0").split(".")[:2])
    except ValueError:
        return None
    return (major, minor) >= (1, 1)
