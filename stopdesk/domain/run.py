"""A run: one filled-in spec, the job it led to, and what came back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import PurePosixPath

from pydantic import field_validator

from stopdesk.domain.grid import content_key
from stopdesk.domain.job import Job, Phase, Record
from stopdesk.domain.observation import Observation

#: The name of the local service where a service is named.
LOCAL = "local"

#: What a run says of results that are on their way.
FETCHING = "fetching"


class Contact(StrEnum):
    """How our last word with the server went; a lost server is not a failed job."""

    UNSENT = "unsent"  # not sent yet, or being sent
    WAITING = "waiting"  # not sent yet: its turn at a service that takes only a few at a time has not come
    REJECTED = "rejected"  # the server would not take it
    OK = "ok"
    UNREACHABLE = "unreachable"
    NOT_ALLOWED = "not allowed"
    GONE = "gone"


class StoredFile(Record):
    """A file kept in the session by the sha256 of its bytes; its name never leads out of a folder."""

    name: str
    sha256: str
    size: int
    mime_type: str | None = None

    @field_validator("name")
    @classmethod
    def _is_plain(cls, name: str) -> str:
        return PurePosixPath(name.replace("\\", "/").replace("\0", "")).name.strip(".") or "file"


class Run(Record):
    """One filled-in spec with the job it led to.

    ``model`` is the name of a spec of ours, None for a job of a service's own form, or made elsewhere. ``service`` is
    ``local`` or the URL of a job list. ``request`` is what was sent, in the units of the wire; ``attachments`` by
    parameter name went with it. ``job`` is the last document seen. ``results`` are the files fetched so far, by result
    id. ``observation`` is the one that it was made for.
    """

    key: str
    name: str
    model: str | None
    service: str
    created: datetime
    request: dict[str, str] = {}
    attachments: dict[str, StoredFile] = {}
    contact: Contact = Contact.UNSENT
    contact_text: str = ""
    job_url: str | None = None
    job: Job | None = None
    abort_asked: bool = False
    results: dict[str, StoredFile] = {}
    results_text: str = ""
    observation: Observation | None = None

    @property
    def content_key(self) -> str:
        """The stable key of what was asked for, whoever computes it."""
        hashes = {name: file.sha256 for name, file in self.attachments.items()}
        return content_key(self.model or self.service, self.request, hashes)

    @property
    def phase(self) -> Phase | None:
        """The phase to show: None before there is a job; an ERROR after our own ABORT counts as ABORTED.

        DaCHS ends an aborted job in ERROR "Job hung in EXECUTING".
        """
        if self.job is None:
            return None
        if self.abort_asked and self.job.phase is Phase.ERROR:
            return Phase.ABORTED
        return self.job.phase

    @property
    def state(self) -> str:
        """The word for the chip: a phase in lower case, or one of those for when there is none.

        These are ``waiting``, ``held back``, ``sending``, ``rejected``, ``lost`` and ``gone``.
        """
        if self.contact is Contact.REJECTED:
            return "rejected"
        if self.job_url is None:
            return "held back" if self.is_held_back else "waiting" if self.contact is Contact.WAITING else "sending"
        phase = self.phase
        if phase is not None and phase.is_final:
            return phase.value.lower()
        if self.contact is Contact.GONE:
            return "gone"
        if self.contact in (Contact.UNREACHABLE, Contact.NOT_ALLOWED):
            return "lost"
        return phase.value.lower() if phase is not None else "sending"

    @property
    def is_held_back(self) -> bool:
        """Whether it is not sent before somebody has logged in to its service (again)."""
        return self.job_url is None and self.contact is Contact.NOT_ALLOWED

    @property
    def is_active(self) -> bool:
        """Whether the job has to be followed."""
        if self.job_url is None or self.contact is Contact.GONE:
            return False
        return self.phase is None or not self.phase.is_final

    @property
    def is_unread(self) -> bool:
        """Whether only its entry in a job list is known, of a job made elsewhere that may have ended long ago."""
        is_there = self.job_url is not None and self.contact is not Contact.GONE
        return self.model is None and is_there and self.job is not None and not (self.job.raw or self.job.from_list)

    @property
    def run_time(self) -> float | None:
        """Seconds from start to end where the server tells both, else None."""
        if self.job is None or self.job.started is None or self.job.ended is None:
            return None
        return (self.job.ended - self.job.started).total_seconds()
