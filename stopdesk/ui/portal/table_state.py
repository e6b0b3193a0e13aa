"""How a table of observations is looked at, as plain values for a session, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stopdesk.ui.portal.column_choice import ColumnChoice
from stopdesk.vo.arranging import SortKey

_WIDEST = 10_000


@dataclass(frozen=True)
class TableState:
    """Columns, their forms and widths in pixels by key, sort keys as shown, and whether the filters are in sight."""

    choice: ColumnChoice = field(default_factory=ColumnChoice)
    forms: dict[str, str] = field(default_factory=dict)
    widths: dict[str, int] = field(default_factory=dict)
    sort: tuple[SortKey, ...] = ()
    drawer: bool = False

    def plain(self) -> dict[str, Any]:
        """As values that JSON knows."""
        return {
            **self.choice.plain(),
            "widths": dict(self.widths),
            "units": {key: form for key, form in self.forms.items() if form},
            "sort": [[key.column, key.descending] for key in self.sort],
            "drawer": self.drawer,
        }

    @classmethod
    def read(cls, plain: dict[str, Any]) -> TableState:
        """Of such values; what is none of ours is passed over."""
        sort = plain.get("sort")
        return cls(
            ColumnChoice.read(plain),
            {key: form for key, form in _pairs(plain.get("units")) if isinstance(form, str)},
            {key: n for key, n in _pairs(plain.get("widths")) if type(n) is int and 0 < n < _WIDEST},
            tuple(
                SortKey(each[0], descending=each[1])
                for each in (sort if isinstance(sort, list) else ())
                if isinstance(each, list) and len(each) == 2 and isinstance(each[0], str) and isinstance(each[1], bool)
            ),
            plain.get("drawer") is True,
        )


def _pairs(value: Any) -> list[tuple[str, Any]]:
    return [(key, each) for key, each in value.items() if isinstance(key, str)] if isinstance(value, dict) else []
