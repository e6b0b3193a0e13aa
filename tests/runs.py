"""Runs in any state, for tests of what shows them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from stopdesk.domain.job import Job, JobError, JobProgress, Phase
from stopdesk.domain.run import Contact, Run, StoredFile

_NUMBERS = itertools.count(1)
START = datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)


def make_run(name: str = "", phase: Phase | None = Phase.EXECUTING, **values: Any) -> Run:
    """A run of LTE whose job is in this phase (None: nothing is known of it yet)."""
    number = next(_NUMBERS)
    service = values.pop("service", "local")
    url = f"http://127.0.0.1:9/{'lte/jobs' if service == 'local' else 'x'}/{number}"
    job_values = {name: values.pop(name) for name in ("progress", "error", "started", "ended", "raw") if name in values}
    job = None
    if phase is not None:
        job = Job(url=url, job_id=str(number), phase=phase, phase_word=phase.value, **job_values)
    defaults: dict[str, Any] = {
        "key": f"key{number}",
        "name": name or f"run {number}",
        "model": "lte",
        "service": service,
        "created": START + timedelta(seconds=number),
        "contact": Contact.OK,
        "job_url": url,
        "job": job,
        "request": {"molecule": "co", "column_density": "1e15"},
    }
    return Run(**{**defaults, **values})


def stored(name: str = "grid.vot", size: int = 1234) -> StoredFile:
    """A result file."""
    return StoredFile(name=name, sha256="ab" * 32, size=size, mime_type="application/x-votable+xml")


def every_state() -> dict[str, Run]:
    """A run for every state that there is."""
    states = {phase.value.lower(): make_run(phase=phase) for phase in Phase}
    states["error"] = make_run(phase=Phase.ERROR, error=JobError(message="too cold"))
    states["executing"] = make_run(progress=JobProgress(fraction=0.4, message="row 4 of 10"))
    states["sending"] = make_run(phase=None, job_url=None, contact=Contact.UNSENT)
    states["waiting"] = make_run(phase=None, job_url=None, contact=Contact.WAITING, contact_text="Its turn comes.")
    states["held back"] = make_run(phase=None, job_url=None, contact=Contact.NOT_ALLOWED, contact_text="Who are you?")
    states["rejected"] = make_run(phase=None, job_url=None, contact=Contact.REJECTED, contact_text="No.")
    states["lost"] = make_run(contact=Contact.UNREACHABLE, contact_text="No answer.")
    states["gone"] = make_run(contact=Contact.GONE, contact_text="Not there.")
    return states
