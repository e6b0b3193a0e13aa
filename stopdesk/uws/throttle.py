"""Decides which of the runs that wait may be sent to their service now: a few at a time, none while it is paused.

All follows from the states of the runs, so that it goes on after a restart as if nothing had been: a run that waits has
the contact WAITING, one that an expired log-in held back NOT_ALLOWED, both without a job; what has a job is at work
until that ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Contact, Run
from stopdesk.domain.settings import Service


@dataclass(frozen=True)
class Throttle:
    """How many jobs each service may have at work, by its address (0 for any number), and which are paused.

    An address may have ``{model}`` in it, for the models that the service has a job list each of; they share a limit.
    A service without an entry takes any number.
    """

    limits: Mapping[str, int] = field(default_factory=dict)
    paused: frozenset[str] = frozenset()

    @classmethod
    def of(cls, services: Iterable[Service]) -> Throttle:
        """What the user has set for the services."""
        known = tuple(services)
        return cls({each.url: each.at_once for each in known}, frozenset(each.url for each in known if each.paused))

    def service_of(self, run: Run) -> str:
        """The address under which the service of a run stands here; its own where there is no entry."""
        for address in (*self.limits, *self.paused):
            if address == run.service or address.replace("{model}", run.model or "") == run.service:
                return address
        return run.service

    def allowed(self, runs: Iterable[Run]) -> tuple[str, ...]:
        """The keys of the runs to send now, the oldest of a service first; to be told again when a run has changed."""
        known = tuple(runs)
        waiting = sorted(
            (run for run in known if run.contact is Contact.WAITING), key=lambda run: (run.created, run.key)
        )
        if not waiting:
            return ()
        services = {(run.service, run.model): self.service_of(run) for run in known}
        held = self.paused | self.held_back(known)
        at_work = Counter(services[run.service, run.model] for run in known if is_at_work(run))
        keys = []
        for run in waiting:
            service = services[run.service, run.model]
            limit = self.limits.get(service, 0)
            if service not in held and (not limit or at_work[service] < limit):
                at_work[service] += 1
                keys.append(run.key)
        return tuple(keys)

    def held_back(self, runs: Iterable[Run]) -> frozenset[str]:
        """The services that wait for the user to log in."""
        return frozenset(self.service_of(run) for run in runs if run.is_held_back)

    def behind(self, runs: Iterable[Run]) -> Iterator[tuple[Run, Contact, str]]:
        """The runs that wait and are not allowed, each with what it waits for and why, for the user."""
        known = tuple(runs)
        if not any(run.contact is Contact.WAITING for run in known):
            return
        held, allowed = self.held_back(known), frozenset(self.allowed(known))
        for run in known:
            if run.contact is not Contact.WAITING or run.key in allowed:
                continue
            if self.service_of(run) in held:
                yield run, Contact.NOT_ALLOWED, "It is sent when you have logged in to this service."
            else:
                yield run, Contact.WAITING, self._reason(run)

    def _reason(self, run: Run) -> str:
        service = self.service_of(run)
        if service in self.paused:
            return "Sending to this service is paused; Run ▸ Services… ends the pause."
        limit = self.limits.get(service, 0)
        if limit:
            jobs = "one job" if limit == 1 else f"{limit} jobs"
            return f"It is sent when its turn comes: this service gets {jobs} at a time, as Run ▸ Services… says."
        return "It is sent when its turn comes."


def is_at_work(run: Run) -> bool:
    """Whether a run counts against the limit of its service: being sent, or with a job that goes on by itself.

    A job that is HELD, or that somebody else made and nobody has started, waits for a person and not for the service.
    """
    if run.job_url is None:
        return run.contact is Contact.UNSENT
    if not run.is_active or run.phase is Phase.HELD:
        return False
    is_ours = bool(run.model or run.request or run.attachments)
    return is_ours or run.phase is not Phase.PENDING
