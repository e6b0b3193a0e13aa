"""A job as a UWS service shows it: phase, times, parameters, results, error."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Base of what comes from outside or goes to a file: immutable, unknown fields of newer versions ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Phase(StrEnum):
    """The phases of UWS 1.1 (section 2.1.3); a word that is none of them is UNKNOWN."""

    PENDING = "PENDING"
    QUEUED = "QUEUED"
    EXECUTING = "EXECUTING"
    COMPLETED = "COMPLETED"
    ERROR = "ERROR"
    ABORTED = "ABORTED"
    HELD = "HELD"
    SUSPENDED = "SUSPENDED"
    ARCHIVED = "ARCHIVED"
    UNKNOWN = "UNKNOWN"

    @classmethod
    def read(cls, word: str) -> Phase:
        """The phase of a word in whatever case and blanks; UNKNOWN when there is no such phase."""
        try:
            return cls(word.strip().upper())
        except ValueError:
            return cls.UNKNOWN

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in (Phase.COMPLETED, Phase.ERROR, Phase.ABORTED, Phase.ARCHIVED)

    @property
    def is_waitable(self) -> bool:
        """Whether a WAIT may block in this phase (section 2.2.1.2)."""
        return self in (Phase.PENDING, Phase.QUEUED, Phase.EXECUTING)

    @property
    def can_start(self) -> bool:
        """Whether PHASE=RUN makes sense."""
        return self in (Phase.PENDING, Phase.HELD)

    @property
    def can_abort(self) -> bool:
        """Whether PHASE=ABORT makes sense."""
        return not self.is_final


class JobParameter(Record):
    """One parameter as the server echoes it; a value by reference is a URL."""

    name: str
    value: str
    by_reference: bool = False


class JobResult(Record):
    """One result in the job's list: its id (never a file name) and absolute URL; size in bytes where given."""

    result_id: str
    url: str
    mime_type: str | None = None
    size: int | None = None
    name: str | None = None
    sha1: str | None = None


class JobError(Record):
    """The error summary; ``detail`` is what stands at /error, once fetched."""

    message: str = ""
    fatal: bool = True
    has_detail: bool = False
    detail: str | None = None


class JobProgress(Record):
    """How far a job is, from its jobInfo: a fraction from 0 to 1, and words."""

    fraction: float | None = None
    message: str = ""


class Job(Record):
    """A job document, read. Times are aware (UTC); what the server does not say is None; ``raw`` is the document.

    ``from_list`` tells that the phase was seen in a job list, and that the document is older than it.
    """

    url: str
    job_id: str
    phase: Phase
    phase_word: str
    version: str | None = None
    run_id: str | None = None
    owner: str | None = None
    created: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    quote: datetime | None = None
    execution_duration: int | None = None
    destruction: datetime | None = None
    parameters: tuple[JobParameter, ...] = ()
    results: tuple[JobResult, ...] = ()
    error: JobError | None = None
    progress: JobProgress | None = None
    raw: str = ""
    from_list: bool = False


class JobRef(Record):
    """One entry of a job list."""

    url: str
    job_id: str
    phase: Phase
    run_id: str | None = None
    owner: str | None = None
    created: datetime | None = None
