"""Makes one short line of what other programs say, which may be of any length and hold any sign."""

from __future__ import annotations

import unicodedata

#: Signs that are not seen but have effects: on terminals, on the direction of what follows, on who reads it.
_UNSEEN = ("Cc", "Cf", "Co", "Cs")


def one_line(text: str, most: int = 200) -> str:
    """The text in one line of at most ``most`` letters, without signs that are not seen."""
    begun = text[: 4 * most]
    seen = "".join(" " if each.isspace() else each for each in begun if each.isspace() or _is_seen(each))
    line = " ".join(seen.split())
    return line if len(line) <= most and len(begun) == len(text) else f"{line[: most - 1]}…"


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter) not in _UNSEEN
