"""Decides which job to ask for when: a clock in, requests out, records back; no threads, no network, no own time.

Jobs are grouped by server (the origin of their URL). A server gets at most a few requests at a time, of which WAITs
leave one place free, and plain polls at a bounded rate; its jobs come in turn. While nothing changes a job is asked for
less and less often. A server that cannot be reached is probed with one request at a time, less and less often, until it
answers.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field

from stopdesk.domain.job import Job, JobProgress, Phase
from stopdesk.domain.run import Contact
from stopdesk.errors import Gone, NotAllowed, Refused, ServerTrouble, StopdeskError, Unreachable
from stopdesk.net.credentials import Origin
from stopdesk.uws.polls import Change, Pace, Poll

__all__ = ["Change", "Pace", "Poll", "Tracker"]

#: One request of the allowance, less what sums of floats may lose.
_ONE = 1.0 - 1e-6


@dataclass
class _Followed:
    """A job that is followed."""

    key: str
    url: str
    service: str
    server: _Server
    phase: Phase | None = None
    version: str | None = None
    progress: JobProgress | None = None
    contact: Contact = Contact.OK
    interval: float = 1.0
    ticket: int = -1  # the entry in the queue that counts; -1 while under way
    under_way: int = -1  # the number of the poll under way
    nudged: bool = False
    plain_next: bool = False


@dataclass
class _Server:
    """What is known of a server: its queue of jobs, what is under way, whether it can be reached and heeds WAIT."""

    pace: Pace
    is_loopback: bool
    jobs: dict[str, _Followed] = field(default_factory=dict)
    queue: list[tuple[float, int, str]] = field(default_factory=list)
    under_way: dict[int, Poll] = field(default_factory=dict)
    tokens: float = 0.0
    tokens_at: float = float("-inf")
    quiet_until: float = float("-inf")
    lost: bool = False
    lost_at: float = float("-inf")
    failures: int = 0
    wait_works: bool | None = None
    wait_late: int = 0
    distrust_until: float = float("-inf")

    @property
    def rate(self) -> float:
        """How many plain polls a second it gets."""
        return self.pace.loopback_rate if self.is_loopback else self.pace.rate

    @property
    def waits(self) -> int:
        """How many WAITs are under way."""
        return sum(poll.wait is not None for poll in self.under_way.values())

    def wait_for(self, job: _Followed) -> int:
        """How many seconds to WAIT for a job."""
        if job.phase is not Phase.EXECUTING:
            return self.pace.wait
        if self.is_loopback:
            return min(self.pace.wait, self.pace.wait_loopback)
        return self.pace.wait if job.progress is None else min(self.pace.wait, self.pace.wait_progress)

    def fill(self, now: float) -> None:
        """Let the allowance for plain polls grow with time."""
        if self.tokens_at == float("-inf"):
            self.tokens = self.pace.burst
        else:
            self.tokens = min(self.pace.burst, self.tokens + max(now - self.tokens_at, 0.0) * self.rate)
        self.tokens_at = now

    def may_wait(self, job: _Followed, now: float) -> bool:
        """Whether to ask with WAIT: the version has it, the phase can block, the server heeds it, a place is free.

        A PENDING job, which waits for the user, takes no place from others.
        """
        if self.lost or job.plain_next or job.phase is None or not job.phase.is_waitable or now < self.distrust_until:
            return False
        if job.phase is Phase.PENDING and len(self.jobs) > self.pace.waits_at_once:
            return False
        known = _has_wait(job.version)
        if known is False or (self.wait_works is None and known is None and self.waits):
            return False
        return self.waits < self.pace.waits_at_once

    def doubt_waits(self, now: float) -> None:
        """Stop using WAIT for a good while."""
        self.wait_works = False
        self.distrust_until = now + self.pace.distrust


class Tracker:
    """Follows all jobs of all services. Used by one thread."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.pace = pace if pace is not None else Pace()
        self._jobs: dict[str, _Followed] = {}
        self._servers: dict[Origin, _Server] = {}
        self._tickets = itertools.count()

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, key: str) -> bool:
        return key in self._jobs

    def follow(self, key: str, job_url: str, service: str = "", *, job: Job | None = None) -> None:
        """Follow a job under a key of the caller's; ``job`` is what is known of it already."""
        self.unfollow(key)
        origin = Origin.of(job_url)
        server = self._servers.get(origin)
        if server is None:
            server = self._servers[origin] = _Server(self.pace, origin.is_loopback)
        followed = _Followed(key, job_url, service, server, interval=self.pace.shortest)
        if job is not None:
            followed.phase, followed.version, followed.progress = job.phase, job.version, job.progress
        if server.lost:
            followed.contact = Contact.UNREACHABLE
        self._jobs[key] = server.jobs[key] = followed
        self._enqueue(followed, float("-inf"))

    def unfollow(self, key: str) -> None:
        """Follow a job no more; what comes in for it is ignored."""
        followed = self._jobs.pop(key, None)
        if followed is not None:
            del followed.server.jobs[key]

    def nudge(self, key: str) -> None:
        """The user did something with the job: look soon, and at a lost server too."""
        followed = self._jobs.get(key)
        if followed is None:
            return
        followed.interval = self.pace.shortest
        followed.server.quiet_until = float("-inf")
        if followed.under_way >= 0:
            followed.nudged = True
        else:
            self._enqueue(followed, float("-inf"))

    def due(self, now: float) -> list[Poll]:
        """The requests to make now; each counts as under way from now on."""
        polls: list[Poll] = []
        for server in self._servers.values():
            server.fill(now)
            self._give_up(server, now)
            polls += self._due(server, now)
        return polls

    def next_due(self, now: float) -> float | None:
        """When `due` should be called next if nothing comes in before; None when there is nothing to wait for."""
        times = []
        for server in self._servers.values():
            server.fill(now)
            time = self._next(server, now)
            if time is not None:
                times.append(max(time, now))
        return min(times, default=None)

    def answered(self, poll: Poll, job: Job, now: float) -> Change | None:
        """The job came back; None when it is not followed any more."""
        followed = self._land(poll)
        if followed is None:
            return None
        server = followed.server
        changed = followed.phase is not job.phase
        news = changed or followed.progress != job.progress
        self._learn_wait(server, poll, now, changed=poll.phase is not job.phase)
        others = self._reached(server, followed)
        contact_changed = followed.contact is not Contact.OK
        followed.contact = Contact.OK
        followed.phase, followed.version, followed.progress = job.phase, job.version, job.progress
        if job.phase.is_final:
            self.unfollow(poll.key)
        else:
            followed.interval = (
                self.pace.shortest if news else min(followed.interval * self.pace.growth, self.pace.longest)
            )
            self._enqueue(followed, self._when(followed, poll, now, changed=changed))
        return Change(
            poll.key,
            Contact.OK,
            job=job,
            changed=changed or contact_changed,
            ended=job.phase.is_final,
            others=others,
        )

    def failed(self, poll: Poll, error: StopdeskError, now: float) -> Change | None:
        """The request failed; None when the job is not followed any more."""
        followed = self._land(poll)
        if followed is None:
            return None
        server = followed.server
        others: tuple[str, ...] = ()
        if poll.wait is not None and self._blame_wait(server, poll, error, now):
            followed.plain_next = True
            self._enqueue(followed, now)
            return Change(poll.key, followed.contact)
        contact = Contact.UNREACHABLE
        if isinstance(error, Gone):
            self.unfollow(poll.key)
            return Change(poll.key, Contact.GONE, str(error), changed=True, others=self._reached(server, followed))
        if isinstance(error, Unreachable):
            others = self._lost(server, followed, poll, now)
        else:
            others = self._reached(server, followed)
            if isinstance(error, NotAllowed):
                contact = Contact.NOT_ALLOWED
            if isinstance(error, ServerTrouble) and error.retry_after is not None:
                server.quiet_until = now + error.retry_after
        changed = followed.contact is not contact
        followed.contact = contact
        followed.interval = min(followed.interval * 2.0, self.pace.longest_lost)
        self._enqueue(followed, now if server.lost else now + followed.interval)
        return Change(poll.key, contact, str(error), changed=changed, others=others)

    def _enqueue(self, followed: _Followed, when: float) -> None:
        """Put a job into its server's queue; an older entry of it counts no more."""
        if followed.nudged:
            followed.nudged, when = False, float("-inf")
        followed.ticket = next(self._tickets)
        heapq.heappush(followed.server.queue, (when, followed.ticket, followed.key))

    def _head(self, server: _Server) -> tuple[float, _Followed] | None:
        """When the next job of a server is due, and which; entries that count no more are thrown away."""
        while server.queue:
            when, ticket, key = server.queue[0]
            followed = server.jobs.get(key)
            if followed is not None and followed.ticket == ticket:
                return when, followed
            heapq.heappop(server.queue)
        return None

    def _due(self, server: _Server, now: float) -> Iterator[Poll]:
        """The requests to make now to one server."""
        while self._room(server) and now >= server.quiet_until:
            head = self._head(server)
            if head is None or head[0] > now:
                return
            followed = head[1]
            if server.may_wait(followed, now):
                wait: int | None = server.wait_for(followed)
            elif server.tokens >= _ONE:
                server.tokens -= 1.0
                wait = None
            else:
                return
            heapq.heappop(server.queue)
            followed.ticket, followed.under_way = -1, next(self._tickets)
            followed.plain_next = False
            poll = Poll(followed.key, followed.url, followed.service, wait, followed.phase, now, followed.under_way)
            server.under_way[poll.number] = poll
            yield poll

    def _give_up(self, server: _Server, now: float) -> None:
        """Count polls that were never given back no more, so that they take no place from others for ever."""
        for poll in tuple(server.under_way.values()):
            if now - poll.sent > self.pace.patience + (poll.wait or 0):
                followed = self._land(poll)
                if followed is not None:
                    self._enqueue(followed, now)

    def _room(self, server: _Server) -> bool:
        """Whether one more request may be under way; a lost server gets one at a time."""
        return not server.under_way if server.lost else len(server.under_way) < self.pace.at_once

    def _next(self, server: _Server, now: float) -> float | None:
        """When the next request to one server may be made; None when an answer has to come first."""
        head = self._head(server)
        if head is None or not self._room(server):
            return None
        when, followed = head
        time = max(when, server.quiet_until)
        if not server.may_wait(followed, max(time, now)) and server.tokens < _ONE:
            time = max(time, now + (1.0 - server.tokens) / server.rate)
        return time

    def _land(self, poll: Poll) -> _Followed | None:
        """Take note that a poll is not under way any more; gives its job, if it still is the one that was asked for."""
        followed = self._jobs.get(poll.key)
        self._servers[Origin.of(poll.url)].under_way.pop(poll.number, None)
        if followed is None or followed.under_way != poll.number:
            return None
        followed.under_way = -1
        return followed

    def _when(self, followed: _Followed, poll: Poll, now: float, *, changed: bool) -> float:
        """When to look again after an answer."""
        server = followed.server
        crowded = len(server.jobs) > self.pace.waits_at_once
        if not server.may_wait(followed, now) or (crowded and not changed):
            return now + followed.interval
        took = now - poll.sent
        if changed or poll.wait is None or took >= poll.wait / 2:
            return now
        return now + min(took, followed.interval)  # it waits less long than asked for: never ask without a pause

    def _learn_wait(self, server: _Server, poll: Poll, now: float, *, changed: bool) -> None:
        """See from an answer to a WAIT whether the server heeds it: one that comes at once without news does not."""
        if poll.wait is None:
            return
        took = now - poll.sent
        if not changed and took < min(self.pace.shortest, poll.wait):
            server.doubt_waits(now)
        elif took >= self.pace.shortest:
            server.wait_works, server.wait_late = True, 0

    def _blame_wait(self, server: _Server, poll: Poll, error: StopdeskError, now: float) -> bool:
        """Whether a failure is the WAIT's fault and not the job's: the same is asked again without it.

        A server, or a proxy before it, may never answer a long WAIT, or not know the word.
        """
        if isinstance(error, Refused):
            server.doubt_waits(now)
            return True
        if isinstance(error, (Unreachable, ServerTrouble)) and now - poll.sent >= self.pace.shortest:
            server.wait_late += 1
            if server.wait_late >= 2:
                server.doubt_waits(now)
            return True
        return False

    def _lost(self, server: _Server, followed: _Followed, poll: Poll, now: float) -> tuple[str, ...]:
        """The server cannot be reached: probe it later; gives the other jobs that are out of reach with it."""
        others: tuple[str, ...] = ()
        if not server.lost:
            server.lost, server.lost_at, server.failures = True, now, 0
            others = self._share(server, followed, Contact.OK, Contact.UNREACHABLE)
        elif poll.sent < server.lost_at:
            return others  # it was under way already, and says nothing new
        pause = min(self.pace.shortest * 2.0**server.failures, self.pace.longest_lost)
        server.quiet_until = max(server.quiet_until, now + pause)
        server.failures = min(server.failures + 1, 30)
        return others

    def _reached(self, server: _Server, followed: _Followed) -> tuple[str, ...]:
        """The server answers; gives the other jobs that are in reach again with it."""
        if not server.lost:
            return ()
        server.lost, server.failures = False, 0
        server.quiet_until = float("-inf")
        return self._share(server, followed, Contact.UNREACHABLE, Contact.OK)

    def _share(self, server: _Server, followed: _Followed, old: Contact, new: Contact) -> tuple[str, ...]:
        """Give the other jobs of a server the contact ``new`` where it was ``old``; gives their keys."""
        keys = []
        for other in server.jobs.values():
            if other is not followed and other.contact is old:
                other.contact, other.interval = new, self.pace.shortest
                keys.append(other.key)
        return tuple(keys)


def _has_wait(version: str | None) -> bool | None:
    """Whether a service of this UWS version knows WAIT (since 1.1); None when the version says nothing."""
    try:
        major, minor = (int(part) for part in ((version or "").strip() + ".0").split(".")[:2])
    except ValueError:
        return None
    return (major, minor) >= (1, 1)
