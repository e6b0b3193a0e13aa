"""The work of a table of observations that may take long: putting tables together, sorting, filtering, copying."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stopdesk.errors import StopdeskError
from stopdesk.ui.notices import Notices
from stopdesk.ui.portal.columns import Form, copied_text, form_of
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.vo.arranging import Arrangement, Facts, Filter, SortKey, arrange, facts_of, fitting
from stopdesk.vo.merging import Part, merge
from stopdesk.vo.rows import Asked, Ints, RowColumn, Rows, chunks

#: From so many rows on, sorting and filtering, and copying, go to a worker thread.
_MANY, _MANY_COPIED = 20_000, 500


@dataclass(frozen=True)
class Wishes:
    """What a table is to look like: sort keys as they are shown, forms by column, filters kept and those in use."""

    sort: tuple[SortKey, ...]
    forms: Mapping[str, str]
    kept: Mapping[str, Filter]
    in_use: Mapping[str, Filter]


@dataclass(frozen=True, eq=False)
class Merged:
    """Tables put together: the rows, what is known of columns with filters, those applied, and the arrangement."""

    rows: Rows
    facts: dict[str, Facts]
    filters: dict[str, Filter]
    arrangement: Arrangement


class TableWork:
    """Does one thing of a kind at a time: what is asked for again drops what was asked before."""

    def __init__(self, *, tasks: Tasks, notices: Notices) -> None:
        self._tasks, self._notices = tasks, notices
        self._under_way: dict[str, Task] = {}

    def is_at(self, name: str) -> bool:
        """Whether work of that name is under way."""
        return name in self._under_way

    def merge(self, parts: Sequence[Part], wishes: Wishes, done: Callable[[Merged], object]) -> None:
        """Put tables together and arrange their rows as wished."""
        given = tuple(parts)

        def work(asked: Asked) -> Merged:
            rows = merge(given, asked)
            with_filter = [column for column in rows.columns if column.key in wishes.kept]
            facts = facts_of(with_filter, wishes.kept, asked)
            filters = fitting(rows, wishes.in_use, facts)
            keys = in_data(rows, wishes.sort, wishes.forms)
            return Merged(rows, facts, filters, arrange(rows, keys, filters, cancelled=asked))

        for name in ("Sorting the table", "Looking at columns"):
            self._drop(name)
        self._start("Putting tables together", work, done)

    def look(
        self, columns: Sequence[RowColumn], kept: Mapping[str, Filter], done: Callable[[dict[str, Facts]], object]
    ) -> None:
        """Find out what there is to filter by."""
        self._start("Looking at columns", lambda asked: facts_of(columns, kept, asked), done, quiet=True)

    def arrange(
        self,
        rows: Rows,
        sort: Sequence[SortKey],
        filters: Mapping[str, Filter],
        before: Arrangement | None,
        done: Callable[[Arrangement], object],
    ) -> None:
        """Sort and filter; few rows at once."""
        if rows.n_rows < _MANY:
            self._drop("Sorting the table")
            done(arrange(rows, sort, filters, before=before))
            return
        self._start(
            "Sorting the table", lambda asked: arrange(rows, sort, filters, before=before, cancelled=asked), done
        )

    def copy(
        self, columns: Sequence[RowColumn], forms: Mapping[str, Form], rows: Ints, done: Callable[[str], object]
    ) -> None:
        """Make text of rows; of few at once."""
        if len(rows) <= _MANY_COPIED:
            done(copy_text(columns, forms, rows))
        else:
            self._start("Copying rows", lambda asked: copy_text(columns, forms, rows, asked), done)

    def _drop(self, name: str) -> None:
        task = self._under_way.pop(name, None)
        if task is not None:
            task.cancel()

    def _start(
        self, name: str, work: Callable[[Asked], Any], done: Callable[[Any], object], *, quiet: bool = False
    ) -> None:
        def over() -> None:
            if self._under_way.get(name) is task:
                del self._under_way[name]

        def ended(outcome: Any) -> None:
            over()
            done(outcome)

        def failed(error: StopdeskError) -> None:
            over()
            self._notices.fail(error)

        self._drop(name)
        task = self._under_way[name] = self._tasks.start(
            name,
            lambda task: work(lambda: task.cancelled),
            done=ended,
            failed=failed,
            dropped=over,
            queue_name="table",
            width=1,
            quiet=quiet,
        )


def in_data(rows: Rows, sort: Sequence[SortKey], forms: Mapping[str, str]) -> tuple[SortKey, ...]:
    """The sort keys for the numbers as they are, of those for the numbers as shown: frequencies for wavelengths."""
    found = []
    for key in sort:
        column = rows.column(key.column)
        if column is not None:
            turned = form_of(column, forms.get(key.column, "")).reverses
            found.append(replace(key, descending=key.descending != turned))
    return tuple(found)


def copy_text(
    columns: Sequence[RowColumn], forms: Mapping[str, Form], rows: Ints, cancelled: Asked | None = None
) -> str:
    """Rows as tab-separated text below a line of names with units; safe in any thread. Raises Cancelled."""
    units = [f" [{forms[column.key].unit}]" if forms[column.key].unit else "" for column in columns]
    lines = ["\t".join(f"{column.name}{unit}" for column, unit in zip(columns, units, strict=True))]
    for part in chunks(len(rows), cancelled):
        lines += ["\t".join(copied_text(each, forms[each.key], row) for each in columns) for row in rows[part].tolist()]
    return "\n".join(lines) + "\n"
