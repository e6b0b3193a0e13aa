"""Which columns of a table are shown and in which order, as the user wants it, from one search to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stopdesk.ui.portal.columns import default_columns
from stopdesk.vo.rows import Rows


@dataclass(frozen=True)
class ColumnChoice:
    """Keys of columns that the user wants, in order, and of those that they took away; the others are as usual."""

    shown: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()

    def of(self, rows: Rows) -> list[str]:
        """The columns to show of these rows; never none where there are any."""
        usual = default_columns(rows)
        if not self.shown and not self.hidden:
            return usual
        wanted = [key for key in self.shown if rows.column(key) is not None]
        taken = set(wanted) | self.hidden
        return [*wanted, *(key for key in usual if key not in taken)] or usual

    def changed(self, rows: Rows, keys: Sequence[str]) -> ColumnChoice:
        """The choice after the user has put the columns of these rows so; what it says of other columns stays."""
        absent = [key for key in self.shown if rows.column(key) is None]
        gone = {column.key for column in rows.columns} - set(keys)
        return ColumnChoice((*keys, *absent), (self.hidden | (gone & set(default_columns(rows)))) - set(keys))

    def plain(self) -> dict[str, list[str]]:
        """The choice as plain values."""
        return {"columns": list(self.shown), "hidden": sorted(self.hidden)}

    @classmethod
    def read(cls, plain: dict[str, Any]) -> ColumnChoice:
        """The choice of plain values; empty for what is none."""
        return cls(tuple(_texts(plain.get("columns"))), frozenset(_texts(plain.get("hidden"))))


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
