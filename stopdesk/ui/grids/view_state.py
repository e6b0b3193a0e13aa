"""How a result is looked at, as plain values that a session can keep: tolerant of values that fit no longer."""

from __future__ import annotations

from collections.abc import Mapping

ViewState = dict[str, str | int]


def number_in(state: Mapping[str, object], name: str, n: int, absent: int) -> int:
    """A whole number from 0 to ``n - 1``; ``absent`` where there is none such."""
    value = state.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < n else absent


def numbers_in(state: Mapping[str, object], name: str, n: int) -> set[int] | None:
    """Whole numbers from 0 to ``n - 1`` out of ``1,2,3``; None where there are none such."""
    words = str(state.get(name, "")).split(",")
    found = {int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 10}
    return {number for number in found if number < n} or None


def word_in(state: Mapping[str, object], name: str) -> str:
    """A text; empty where there is none."""
    value = state.get(name)
    return value if isinstance(value, str) else ""
