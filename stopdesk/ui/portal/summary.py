"""What came of a search, in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from stopdesk.domain.search import Outcome, PortalAnswer, Search


def summary(search: Search) -> tuple[str, bool]:
    """How many rows of how many portals, what is new, and who gave none; and whether every portal gave all it has."""
    answers = search.answers
    with_rows = [answer for answer in answers if answer.outcome.has_table and answer.n_rows]
    n_rows = sum(answer.n_rows for answer in with_rows)
    counted = "1 row" if n_rows == 1 else f"{n_rows:,} rows"
    origin = with_rows[0].service if len(with_rows) == 1 else f"{len(with_rows)} portals"
    parts = [f"{counted} from {origin}" if n_rows else "no rows"]
    new = [answer for answer in answers if answer.n_new is not None]
    if new:
        n_new = sum(answer.n_new or 0 for answer in new)
        parts.append(f"{n_new:,} new" if n_new else "nothing new")
    for outcome, words in _WORDS.items():
        those = [answer for answer in answers if answer.outcome is outcome]
        if those:
            parts.append(f"{words}: {_names(those)}")
    name = search.name or search.cone.position.sexagesimal
    is_whole = all(answer.outcome in (Outcome.ROWS, Outcome.EMPTY) for answer in answers)
    return f"{name}: {'; '.join(parts)}.", is_whole


_WORDS = {
    Outcome.OVERFLOW: "more than was asked for",
    Outcome.REFUSED: "said no",
    Outcome.NOT_ALLOWED: "not allowed without a log-in",
    Outcome.UNREACHABLE: "did not answer",
    Outcome.FAILED: "gave no usable answer",
    Outcome.CANCELLED: "cancelled",
}


def _names(answers: Sequence[PortalAnswer]) -> str:
    names = [answer.service for answer in answers]
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:3])} and {len(names) - 3} more"
