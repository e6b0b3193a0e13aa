"""Decides which of the runs that wait may be sent to their service now: a few at a time, none while it is paused.

All follows from the states of the runs, so that it goes on after a restart as if nothing had been: a run that waits has
the contact WAITING, one that an expired log-in held back NOT_ALLOWED, both without a job; what has a job is at work
until that ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Contact, Run
from stopdesk.domain.settings import Service
from stopdesk.errors import NetworkError, NotAllowed


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
        known = sorted(runs, key=lambda run: (run.created, run.key))
        held = self.paused | self.logged_out(known)
        at_work = Counter(self.service_of(run) for run in known if is_at_work(run))
        keys = []
        for run in known:
            service = self.service_of(run)
            limit = self.limits.get(service, 0)
            if run.contact is Contact.WAITING and service not in held and (not limit or at_work[service] < limit):
                at_work[service] += 1
                keys.append(run.key)
        return tuple(keys)

    def logged_out(self, runs: Iterable[Run]) -> frozenset[str]:
        """The services that wait for the user to log in again."""
        return frozenset(self.service_of(run) for run in runs if _is_held(run))

    def turned_away(self, run: Run, error: NetworkError, runs: Iterable[Run]) -> Run:
        """The run as it is after a service would not take it.

        A 401 of a service that has taken jobs of this session before is an expired log-in: the run waits for the next
        one, and so do those behind it. All else is a no to this run.
        """
        service = self.service_of(run)
        if isinstance(error, NotAllowed) and error.login and any(_was_taken(each, service, self) for each in runs):
            text = f"{error} This run is sent when you have logged in again."
            return run.model_copy(update={"contact": Contact.NOT_ALLOWED, "contact_text": text})
        return run.model_copy(update={"contact": Contact.REJECTED, "contact_text": str(error)})

    def logged_in(self, address: str, runs: Iterable[Run]) -> tuple[Run, ...]:
        """The runs that a log-in at a service, or to the list of one of its models, lets wait for their turn again."""
        return tuple(
            run.model_copy(update={"contact": Contact.WAITING, "contact_text": ""})
            for run in runs
            if _is_held(run) and address in (run.service, self.service_of(run))
        )


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


def _is_held(run: Run) -> bool:
    return run.job_url is None and run.contact is Contact.NOT_ALLOWED


def _was_taken(run: Run, service: str, throttle: Throttle) -> bool:
    return run.job_url is not None and throttle.service_of(run) == service
