"""Tells which results have to be fetched, and what has to be said, before a service destroys a job.

Services keep jobs for days (IRSA 72 hours, TAPVizieR 5 days, OPUS 30 days) and then delete them with their results.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from stopdesk.domain.job import JobResult, Phase
from stopdesk.domain.run import FETCHING, Contact, Run

#: So long before its destruction a job is looked after, or for a tenth of its life where that is shorter.
LONGEST_NOTICE = timedelta(hours=24)


def notice_from(run: Run) -> datetime | None:
    """From when on the destruction of a run's job is near; None when it has no such date, or no job any more."""
    if run.job is None or run.job.destruction is None or run.contact is Contact.GONE:
        return None
    life = run.job.destruction - (run.job.created or run.created)
    return run.job.destruction - min(LONGEST_NOTICE, max(life / 10, timedelta(0)))


def unsaved(run: Run) -> tuple[JobResult, ...]:
    """The results of a run that can be fetched and are not here yet."""
    results = run.job.results if run.job is not None else ()
    return tuple(
        each for each in results if each.result_id not in run.results and each.url.startswith(("http://", "https://"))
    )


def due_for_saving(runs: Iterable[Run], now: datetime) -> tuple[str, ...]:
    """The keys of the runs whose results have to be fetched now, the most urgent first."""
    near = [run for run in runs if _is_near(run, now) and unsaved(run) and run.results_text != FETCHING]
    return tuple(run.key for run in sorted(near, key=_destruction))


def warning(run: Run, now: datetime) -> str:
    """What has to be said of a job: that its results are not saved, or that it will not live to its end.

    It goes on from its name, as ``the service will …``; empty when there is nothing to say.
    """
    is_late = _comes_too_late(run)
    if not (is_late or _is_near(run, now)):
        return ""
    when = f"{_destruction(run):%Y-%m-%d %H:%M} UTC"
    missing = len(unsaved(run))
    if run.is_active and is_late:
        return f"the service expects to end it after {when}, when it will delete it. Ask for a later destruction."
    if run.is_active:
        return f"the service will delete it at {when}, though it has not ended. Ask for a later destruction."
    if missing:
        total = len(run.job.results) if run.job is not None else 0
        return f"the service will delete it at {when}; {missing} of its {total} results are not saved here yet."
    return ""


def next_look(runs: Iterable[Run], now: datetime) -> datetime | None:
    """When the next destruction comes near; None when none is known."""
    times = (notice_from(run) for run in runs if run.is_active or unsaved(run))
    return min((time for time in times if time is not None and time > now), default=None)


def _is_near(run: Run, now: datetime) -> bool:
    begins = notice_from(run)
    return begins is not None and begins <= now < _destruction(run)


def _destruction(run: Run) -> datetime:
    assert run.job is not None
    assert run.job.destruction is not None
    return run.job.destruction


def _comes_too_late(run: Run) -> bool:
    """Whether the service itself expects (``quote``) the end of a waiting job after its destruction."""
    job = run.job
    if job is None or job.quote is None or job.destruction is None or run.contact is Contact.GONE:
        return False
    return job.phase in (Phase.PENDING, Phase.QUEUED, Phase.HELD, Phase.EXECUTING) and job.quote > job.destruction
