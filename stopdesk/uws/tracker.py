"""Decides what to ask for when: a clock in, requests out, records back; no threads, no network, no own time.

Jobs are grouped by server (the origin of their URL). A server gets at most a few requests at a time, of which WAITs
leave one place free, and plain polls at a bounded rate; its jobs come in turn. While nothing changes a job is asked for
less and less often. A server that cannot be reached is probed with one request at a time, less and less often, until it
answers.

Where more jobs of one list are followed than can be asked for one by one, the list is asked for, and of its jobs only
those that it shows in another phase, or does not show; both share one rate, turn by turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from stopdesk.domain.job import Job, Phase
from stopdesk.domain.run import Contact
from stopdesk.errors import Gone, Malformed, NotAllowed, Refused, ServerTrouble, StopdeskError, Unreachable
from stopdesk.net.credentials import Origin
from stopdesk.uws.lists import JobList, list_of
from stopdesk.uws.polls import Change, Listing, ListPoll, Pace, Poll, place
from stopdesk.uws.servers import NEVER, ONE, Followed, Server

__all__ = ["Change", "ListPoll", "Listing", "Pace", "Poll", "Tracker"]


class Tracker:
    """Follows all jobs of all services. Used by one thread.

    With ``lists`` its owner makes the requests of `due_lists` too; without, each job is asked for by itself.
    """

    def __init__(self, pace: Pace | None = None, *, lists: bool = False) -> None:
        self.pace = pace if pace is not None else Pace()
        self._with_lists = lists
        self._jobs: dict[str, Followed] = {}
        self._servers: dict[Origin, Server] = {}
        self._tickets = itertools.count()

    def __len__(self) -> int:
        return len(self._jobs)

    def __contains__(self, key: str) -> bool:
        return key in self._jobs

    def contact(self, key: str) -> Contact | None:
        """How the last word with the server of a job went; None when it is not followed."""
        followed = self._jobs.get(key)
        return None if followed is None else followed.contact

    def phase(self, key: str) -> Phase | None:
        """The phase in which a job was seen last; None when it is not followed, or was not seen yet."""
        followed = self._jobs.get(key)
        return None if followed is None else followed.phase

    def follow(self, key: str, job_url: str, service: str = "", *, job: Job | None = None) -> None:
        """Follow a job under a key of the caller's; ``job`` is what is known of it already.

        ``service`` is the address of its job list; where it is none, the list is taken to be above the job. One that
        is known to have ended, and whose document is still to be read, waits behind all that may change.
        """
        self.unfollow(key)
        origin = Origin.of(job_url)
        server = self._servers.get(origin)
        if server is None:
            server = self._servers[origin] = Server(self.pace, origin.is_loopback, self._tickets)
        followed = Followed(key, job_url, place(job_url), service, server, interval=self.pace.shortest)
        if job is not None:
            followed.note(job)
        if server.lost:
            followed.contact = Contact.UNREACHABLE
        self._jobs[key] = server.jobs[key] = followed
        if job is not None and job.phase.is_final and not job.from_list:
            server.behind.add(key)
        else:
            self._enlist(followed)
        if followed.list is None or not followed.list.on:
            server.enqueue(followed, NEVER)

    def unfollow(self, key: str) -> None:
        """Follow a job no more; what comes in for it is ignored."""
        followed = self._jobs.pop(key, None)
        if followed is not None:
            followed.leave()

    def nudge(self, key: str) -> None:
        """The user did something with the job: look soon, and at a lost server too."""
        followed = self._jobs.get(key)
        if followed is None:
            return
        followed.interval = self.pace.shortest
        followed.wanted = True
        followed.server.quiet_until = NEVER
        if followed.under_way >= 0:
            followed.nudged = True
        else:
            followed.server.enqueue(followed, NEVER)

    def due_lists(self, now: float) -> list[ListPoll]:
        """The requests for job lists to make now, before those of `due`; each counts as under way from now on."""
        polls: list[ListPoll] = []
        for server in self._servers.values():
            self._prepare(server, now)
            first = server.first_list
            if first is None or first.due > now or not server.is_turn_of_list(now):
                continue
            after, phases = first.query()
            server.tokens -= 1.0
            server.list_was_last = True
            number = first.under_way = next(self._tickets)
            poll = ListPoll(next(iter(first.jobs)), first.url, first.service, after, phases, now, number)
            server.under_way[number] = poll
            polls.append(poll)
        return polls

    def due(self, now: float) -> list[Poll]:
        """The requests to make now; each counts as under way from now on."""
        polls: list[Poll] = []
        for server in self._servers.values():
            self._prepare(server, now)
            polls += self._due(server, now)
        return polls

    def next_due(self, now: float) -> float | None:
        """When to ask again for what is due if nothing comes in before; None when there is nothing to wait for."""
        times: list[float] = []
        for server in self._servers.values():
            self._prepare(server, now)
            times += [max(time, now) for time in (server.next_poll(now), server.next_list(now)) if time is not None]
        return min(times, default=None)

    def answered(self, poll: Poll, job: Job, now: float) -> Change | None:
        """The job came back; None when it is not followed any more."""
        followed = self._land(poll)
        if followed is None:
            return None
        server = followed.server
        changed = followed.phase is not job.phase
        news = changed or followed.progress != job.progress
        server.learn_wait(poll, now, changed=poll.phase is not job.phase)
        others = server.reached(followed)
        contact_changed = followed.contact is not Contact.OK
        followed.contact = Contact.OK
        if followed.list is not None:
            followed.list.contradicted(followed, job.phase, now)
        followed.note(job)
        followed.seen_at = now
        if job.phase.is_final:
            self.unfollow(poll.key)
        else:
            followed.interval = (
                self.pace.shortest if news else min(followed.interval * self.pace.growth, self.pace.longest)
            )
            if followed.key in server.behind:
                server.behind.discard(followed.key)
                self._enlist(followed)
            server.enqueue(followed, server.when(followed, poll, now, changed=changed))
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
        if poll.wait is not None and server.blame_wait(poll, error, now):
            followed.plain_next = True
            server.enqueue(followed, now)
            return Change(poll.key, followed.contact)
        contact = Contact.UNREACHABLE
        if isinstance(error, Gone):
            self.unfollow(poll.key)
            return Change(poll.key, Contact.GONE, str(error), changed=True, others=server.reached(followed))
        if isinstance(error, Unreachable):
            others = server.lose(followed, poll, now)
        else:
            others = server.reached(followed)
            if isinstance(error, NotAllowed):
                contact = Contact.NOT_ALLOWED
            if isinstance(error, ServerTrouble) and error.retry_after is not None:
                server.quiet_until = now + error.retry_after
        changed = followed.contact is not contact
        followed.contact = contact
        followed.interval = min(followed.interval * 2.0, self.pace.longest_lost)
        server.enqueue(followed, now if server.lost else now + followed.interval)
        return Change(poll.key, contact, str(error), changed=changed, others=others)

    def list_answered(self, poll: ListPoll, listing: Listing, now: float) -> tuple[Change, ...]:
        """A list came back; gives what is new in it, the documents of which will be asked for."""
        jobs = self._land_list(poll)
        if jobs is None:
            return ()
        server = self._servers[Origin.of(poll.url)]
        back = server.reached(None)
        changes = [Change(back[0], Contact.OK, changed=True, others=back[1:])] if back else []
        news, ask = jobs.take(poll, listing, now)
        for followed in (*news, *ask):
            server.want(followed, now)
        changes += [Change(job.key, job.contact, changed=True, phase=job.phase) for job in news]
        return tuple(changes)

    def list_failed(self, poll: ListPoll, error: StopdeskError, now: float) -> None:
        """A list did not come. That says nothing of its jobs: whether the server is there, one of them will show."""
        jobs = self._land_list(poll)
        if jobs is None:
            return
        server = self._servers[Origin.of(poll.url)]
        if isinstance(error, ServerTrouble) and error.retry_after is not None:
            server.quiet_until = max(server.quiet_until, now + error.retry_after)
        if isinstance(error, Refused) and (poll.after is not None or poll.phases):
            jobs.after_works = jobs.phases_work = False
        elif isinstance(error, (Gone, Malformed, NotAllowed, Refused)):
            jobs.avoid(now)
        jobs.strike(now)
        probe = next(iter(jobs.jobs.values()), None)
        if probe is not None and isinstance(error, Unreachable):
            server.want(probe, now)

    def list_dropped(self, poll: ListPoll, now: float) -> None:
        """The request for a list was not made, or nobody wants its answer any more."""
        jobs = self._land_list(poll)
        if jobs is not None:
            jobs.due = now + self.pace.shortest

    def _enlist(self, followed: Followed) -> None:
        """Put a job with the others of its list."""
        url = list_of(followed.url, followed.service) if self._with_lists else None
        if url is None:
            return
        server = followed.server
        jobs = server.lists.get(url)
        if jobs is None:
            jobs = server.lists[url] = JobList(url, followed.service, self.pace, server.rate)
        jobs.jobs[followed.key] = followed
        jobs.fresh.add(followed.key)
        followed.list = jobs

    def _prepare(self, server: Server, now: float) -> None:
        """See what has become of a server's lists and of what nobody gave back, and let its allowance grow."""
        for poll in tuple(server.under_way.values()):
            if now - poll.sent <= self.pace.patience + ((poll.wait or 0) if isinstance(poll, Poll) else 0):
                continue
            if isinstance(poll, ListPoll):
                self.list_dropped(poll, now)
            else:  # counted no more, so that it takes no place from others for ever
                followed = self._land(poll)
                if followed is not None:
                    server.enqueue(followed, now)
        for jobs in tuple(server.lists.values()):
            server.switch(jobs, now)
        server.fill(now)

    def _due(self, server: Server, now: float) -> Iterator[Poll]:
        """The requests to make now to one server."""
        while server.has_room and now >= server.quiet_until:
            head = server.next_head(now)
            if head is None or head[0] > now:
                return
            followed = head[1]
            if server.may_wait(followed, now):
                wait: int | None = server.wait_for(followed)
            elif server.tokens >= ONE and not server.keeps_turn_for_list(now):
                server.tokens -= 1.0
                server.list_was_last = False
                wait = None
            else:
                return
            followed.ticket, followed.under_way = -1, next(self._tickets)
            followed.plain_next = False
            poll = Poll(followed.key, followed.url, followed.service, wait, followed.phase, now, followed.under_way)
            server.under_way[poll.number] = poll
            yield poll

    def _land(self, poll: Poll) -> Followed | None:
        """Take note that a poll is not under way any more; gives its job, if it still is the one that was asked for."""
        followed = self._jobs.get(poll.key)
        self._servers[Origin.of(poll.url)].under_way.pop(poll.number, None)
        if followed is None or followed.under_way != poll.number:
            return None
        followed.under_way = -1
        followed.wanted = followed.nudged and followed.wanted
        return followed

    def _land_list(self, poll: ListPoll) -> JobList | None:
        """The same of a list; None when none of its jobs is followed any more."""
        server = self._servers[Origin.of(poll.url)]
        server.under_way.pop(poll.number, None)
        jobs = server.lists.get(poll.url)
        if jobs is None or jobs.under_way != poll.number:
            return None
        jobs.under_way = -1
        return jobs
