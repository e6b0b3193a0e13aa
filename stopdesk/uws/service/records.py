"""What the service keeps of a job, and its times: whole milliseconds since 1970, shown as UTC with a Z."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stopdesk.domain.job import Phase
from stopdesk.errors import InputError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
#: The end of the year 9999, the last that a document can show.
LAST_TIME = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MS

#: What XML 1.0 cannot hold (section 2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def now() -> int:
    """The present, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def show_time(milliseconds: int | None) -> str:
    """``2026-11-20T12:00:00.000Z``; empty for None."""
    if milliseconds is None:
        return ""
    moment = _EPOCH + min(milliseconds, LAST_TIME) * _MS
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read_time(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 time (no zone means UTC); InputError when it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is not a time; write it as 2026-11-20T12:00:00Z.") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def is_xml_text(text: str) -> bool:
    """Whether the text can stand in an XML document as it is."""
    return _NOT_XML.search(text) is None


def xml_text(text: str) -> str:
    """The text with a replacement sign for everything that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


@dataclass(frozen=True)
class StoredParameter:
    """One parameter of a job; with ``file`` (a name in the job's folder) ``value`` is the name of the uploaded file."""

    name: str
    value: str
    file: str | None = None


@dataclass(frozen=True)
class StoredResult:
    """One result of a job: its id, its file in the job's folder, type and size in bytes."""

    result_id: str
    file: str
    mime_type: str
    size: int


@dataclass(frozen=True)
class Progress:
    """How far a job is: rows done of all rows, and words."""

    done: int
    total: int
    message: str = ""

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return min(max(self.done / self.total, 0.0), 1.0) if self.total > 0 else 0.0


@dataclass(frozen=True, kw_only=True)
class JobRecord:
    """A job as it is kept. Times are in ms since 1970; ``estimate`` is the computing time expected, in seconds.

    ``starts`` counts how often the job began to execute without the service ending it in good order.
    """

    job_id: str
    model: str
    phase: Phase
    run_id: str | None
    created: int
    started: int | None = None
    ended: int | None = None
    execution_duration: int
    destruction: int
    estimate: float
    starts: int = 0
    parameters: tuple[StoredParameter, ...] = ()
    results: tuple[StoredResult, ...] = ()
    error: str | None = None
    last_words: str = ""
    progress: Progress | None = None

    @property
    def quote(self) -> int | None:
        """When the job is expected to be done, were it started now; None when it is over."""
        if self.phase.is_final:
            return None
        return (now() if self.started is None else self.started) + round(self.estimate * 1000)


@dataclass(frozen=True)
class JobLine:
    """What a job list shows of a job."""

    job_id: str
    phase: Phase
    run_id: str | None
    created: int
