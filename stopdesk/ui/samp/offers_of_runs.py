"""What the Runs workspace can send: the rows of a result for a line or with all lines, and the lines of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.result import ModelResult
from stopdesk.formats import result_tables
from stopdesk.formats.results import LINES_LIMIT
from stopdesk.formats.votable import ResultDocument
from stopdesk.samp.tables import LOADS_TABLE
from stopdesk.ui.samp.offers import Offer, Send, short
from stopdesk.ui.samp.parcels import TableParcel, part_id, rows_words
from stopdesk.ui.samp.places import Places, RowsOfRun
from stopdesk.ui.samp.sending import Sendings

if TYPE_CHECKING:
    from stopdesk.ui.grids.content import ResultContent

Ints = NDArray[np.int64]


class RunOffers:
    """Makes tables of the result on the screen; all of them are None, or "", while there is none."""

    def __init__(self, *, content: ResultContent, places: Places, sendings: Sendings) -> None:
        self._content = content
        self._places = places
        self._sendings = sendings

    @property
    def of_rows(self) -> tuple[Offer, ...]:
        """The rows, for the table of rows and the page as a whole."""
        return (
            self._offer(self._rows_title, self.rows),
            self._offer(self._selected_title, self.selected_rows),
            self._offer(self._all_lines_title, self.rows_with_all_lines),
        )

    @property
    def of_lines(self) -> tuple[Offer, ...]:
        """The lines of the row, for the table of lines."""
        return (
            self._offer(self._lines_title, self.lines),
            self._offer(self._selected_lines_title, self.selected_lines),
            self._offer(self._every_line_title, self.every_line),
        )

    def _offer(self, title: Callable[[ModelResult], str], make: Callable[[], TableParcel | None]) -> Offer:
        def words() -> str:
            result = self._result
            return "" if result is None or self._places.run_shown() is None else title(result)

        def take() -> Send | None:
            parcel = make()
            return None if parcel is None else partial(self._sendings.send_table, parcel)

        return Offer(words, LOADS_TABLE, take)

    @property
    def _result(self) -> ModelResult | None:
        return self._content.result

    # ---- titles --------------------------------------------------------------------------------------------------

    def _rows_title(self, result: ModelResult) -> str:
        return f"Rows for {self._transition(result)} ({result.n_rows:,})" if result.n_lines else ""

    def _selected_title(self, result: ModelResult) -> str:
        n = len(self._content.selection.rows)
        return (
            f"Selected rows for {self._transition(result)} ({n:,})" if result.n_lines and 1 < n < result.n_rows else ""
        )

    def _all_lines_title(self, result: ModelResult) -> str:
        return f"Rows with all {result.n_lines} lines ({result.n_rows:,})" if result.n_lines > 1 else ""

    def _lines_title(self, result: ModelResult) -> str:
        return f"Lines of row {self._content.row + 1:,} ({result.n_lines:,})" if result.n_lines else ""

    def _selected_lines_title(self, result: ModelResult) -> str:
        n = len(self._content.line_selection.rows)
        return f"Selected lines of row {self._content.row + 1:,} ({n:,})" if 1 < n < result.n_lines else ""

    def _every_line_title(self, result: ModelResult) -> str:
        number = result.n_rows * result.n_lines
        return f"Lines of all rows ({number:,})" if result.n_rows > 1 and 0 < number <= LINES_LIMIT else ""

    def _transition(self, result: ModelResult) -> str:
        return short(f"{result.molecule} {result.transitions.transition[self._content.line]}".strip())

    # ---- tables --------------------------------------------------------------------------------------------------

    def rows(self) -> TableParcel | None:
        """All rows, with the numbers of the line that is looked at."""
        found = self._found()
        if found is None:
            return None
        result, place = found
        line = self._content.line
        return self._parcel(
            place.table_id(line),
            self._transition(result),
            result.n_rows,
            partial(result_tables.rows_document, result, line),
            place,
        )

    def selected_rows(self) -> TableParcel | None:
        """The selected rows of that table."""
        found, whole = self._found(), self.rows()
        if found is None or whole is None:
            return None
        rows = self._content.selection.rows
        document = partial(result_tables.rows_document, found[0], self._content.line, rows)
        return _part(whole, rows, document)

    def rows_with_all_lines(self) -> TableParcel | None:
        """All rows, outputs as arrays over the lines."""
        found = self._found()
        if found is None:
            return None
        result, place = found
        return self._parcel(
            place.table_id(), "all lines", result.n_rows, partial(result_tables.grid_document, result), place
        )

    def lines(self) -> TableParcel | None:
        """The lines of the row that is looked at."""
        found = self._found()
        row = self._content.row
        place = self._places.lines_of_row(found[1].run_key, row) if found is not None else None
        if found is None or place is None:
            return None
        result = found[0]
        document = partial(result_tables.row_lines_document, result, row)
        parcel = self._parcel(place.table_id(), f"row {row + 1}", result.n_lines, document, None)
        return replace(parcel, place=place)

    def selected_lines(self) -> TableParcel | None:
        """The selected lines of that row."""
        found, whole = self._found(), self.lines()
        if found is None or whole is None:
            return None
        rows = self._content.line_selection.rows
        document = partial(result_tables.row_lines_document, found[0], self._content.row, rows)
        return _part(whole, rows, document)

    def every_line(self) -> TableParcel | None:
        """One row for each row and line; its rows are those of the grid, each as often as there are lines."""
        found = self._found()
        if found is None:
            return None
        result, place = found
        document = partial(result_tables.lines_document, result)
        parcel = self._parcel(f"{place.table_id()}-lines", "lines", result.n_rows * result.n_lines, document, place)
        return replace(parcel, rows=np.repeat(np.arange(result.n_rows, dtype=np.int64), result.n_lines))

    def _found(self) -> tuple[ModelResult, RowsOfRun] | None:
        result, place = self._result, self._places.run_shown()
        return None if result is None or place is None else (result, place)

    def _parcel(
        self,
        table_id: str,
        what: str,
        n_rows: int,
        document: Callable[[], ResultDocument],
        place: RowsOfRun | None,
    ) -> TableParcel:
        name = f"{self._content.run_name}, {what}"
        return TableParcel(table_id, name, n_rows, lambda _: result_tables.as_astropy(document(), name), place=place)


def _part(whole: TableParcel, rows: Ints, document: Callable[[], ResultDocument]) -> TableParcel:
    name = f"{whole.name}, {rows_words(len(rows))}"
    return TableParcel(
        part_id(whole.table_id, rows),
        name,
        len(rows),
        lambda _: result_tables.as_astropy(document(), name),
        place=whole.place,
        rows=rows,
    )
