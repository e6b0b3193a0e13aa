"""A search of portals around a position and what each of them answered, as values that a session keeps."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from stopdesk.domain.job import Record
from stopdesk.domain.run import StoredFile
from stopdesk.domain.settings import ServiceKind
from stopdesk.domain.target import Position

#: Degrees in one unit of those that a radius is given in.
RADIUS_UNITS = {"deg": 1.0, "arcmin": 1 / 60, "arcsec": 1 / 3600}


class Cone(Record):
    """Where to search: a circle on the sky, its radius in degrees."""

    position: Position
    radius: float = Field(gt=0.0, le=180.0)

    @classmethod
    def around(cls, ra: float, dec: float, radius: float) -> Cone:
        """The circle around a position in ICRS; all in degrees."""
        return cls(position=Position(ra=ra, dec=dec), radius=radius)


class Outcome(StrEnum):
    """How a portal answered; each is something else to the astronomer."""

    ROWS = "rows"
    EMPTY = "empty"  # it has nothing there
    OVERFLOW = "overflow"  # rows, and it has more
    REFUSED = "refused"  # it read the question and said no
    NOT_ALLOWED = "not allowed"  # it wants to know who asks, or does not let everybody ask
    UNREACHABLE = "unreachable"
    FAILED = "failed"  # what came was no answer, or none was allowed
    CANCELLED = "cancelled"

    @property
    def has_table(self) -> bool:
        """Whether there is a table to show, be it empty."""
        return self in (Outcome.ROWS, Outcome.EMPTY, Outcome.OVERFLOW)


class PortalAnswer(Record):
    """What one portal answered, and to what: ``adql`` is the query as sent, ``request`` all that was sent with it.

    ``url`` is the service's address in the list, ``answered_by`` the one that answered, a mirror perhaps. ``said`` is
    the sentence to show. ``table`` is a VOTable.
    """

    service: str
    url: str
    kind: ServiceKind
    outcome: Outcome
    date: datetime
    answered_by: str = ""
    adql: str = ""
    request: tuple[tuple[str, str], ...] = ()
    n_rows: int = 0
    n_new: int | None = None
    said: str = ""
    table: StoredFile | None = None


class Search(Record):
    """A search with the answers that have come; it can be run again. ``adql`` are queries edited by hand, by URL."""

    key: str
    created: datetime
    cone: Cone
    name: str = ""
    max_rows: int = 0
    adql: dict[str, str] = {}
    answers: tuple[PortalAnswer, ...] = ()

    def answer(self, url: str) -> PortalAnswer | None:
        """What the service of that address answered last; None where it has not."""
        return next((answer for answer in self.answers if answer.url == url), None)

    def with_answer(self, answer: PortalAnswer) -> Search:
        """The search with this answer, in the place of an earlier one of that service.

        An answer without a table leaves the rows of an earlier one where they are, and so does a cancelled one with
        fewer rows: nothing is lost by asking again.
        """
        old = self.answer(answer.url)
        fewer = answer.table is None or (old is not None and answer.n_rows < old.n_rows)
        if old is not None and old.table is not None and not answer.outcome.has_table and fewer:
            answer = answer.model_copy(update={"table": old.table, "n_rows": old.n_rows})
        if old is None:
            return self.model_copy(update={"answers": (*self.answers, answer)})
        kept = tuple(answer if each.url == answer.url else each for each in self.answers)
        return self.model_copy(update={"answers": kept})
