"""What a table loses on its way from one format to another, in words for the astronomer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: The kinds of loss, and what is then not kept.
KINDS = {
    "table": "other tables of the file",
    "name": "names of columns",
    "unit": "units",
    "description": "descriptions",
    "UCD": "UCDs",
    "utype": "utypes",
    "xtype": "xtypes",
    "note": "notes on columns",
    "VALUES": "ranges and options of values",
    "array": "arrays as arrays",
    "null": "missing values",
    "nan": "the difference between what is missing and what is NaN or empty",
    "type": "types of columns",
    "value": "values exactly",
    "INFO": "INFOs",
    "PARAM": "PARAMs",
    "GROUP": "GROUPs",
    "COOSYS": "coordinate systems",
    "TIMESYS": "time systems",
    "LINK": "LINKs",
    "RESOURCE": "RESOURCEs",
    "about": "what is said of the table",
}

_SHOWN = 5


@dataclass(frozen=True)
class Loss:
    """One thing that is not kept: its ``kind`` (see `KINDS`), the column or element, and what it was."""

    kind: str
    name: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Found:
    """A table that was read, and what of its file is not in it."""

    table: Any
    losses: tuple[Loss, ...] = ()


def sentences(losses: Sequence[Loss], who: str) -> list[str]:
    """A line for each kind of loss; ``who`` does not keep it: the name of a format."""
    lines = []
    for kind, words in KINDS.items():
        these = [loss for loss in losses if loss.kind == kind]
        if these:
            shown = [f"{loss.name} ({loss.detail})" if loss.detail else loss.name for loss in these[:_SHOWN]]
            more = f" and {len(these) - _SHOWN} more" if len(these) > _SHOWN else ""
            lines.append(f"{who} does not keep {words}: {', '.join(shown)}{more}")
    return lines
