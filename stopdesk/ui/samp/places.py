"""The tables of the window whose rows other programs may have: those of runs, of their lines, and observations."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from stopdesk.domain.run import Run
from stopdesk.domain.search import Search
from stopdesk.ui.portal.shown import ALL
from stopdesk.ui.portal.workspace import ObservePage
from stopdesk.ui.results_page import grid_table
from stopdesk.ui.samp.shared_tables import Ints, SentTable, split_id, table_id
from stopdesk.ui.selection import Selection
from stopdesk.ui.window import Window
from stopdesk.vo.rows import Portal, Rows

if TYPE_CHECKING:
    from stopdesk.ui.grids.content import ResultContent

_NO_RUN = "The run of that table is not in the session that is open in stopdesk."
_NO_SEARCH = "The observations of that table are not in the session that is open in stopdesk, or were asked for anew."
_LEFT = "Something else was opened in stopdesk in the meantime."

#: What the identifiers of our tables say behind the content: the grid with the numbers of one line, lines of a row.
_OF_LINE, _OF_ROW = re.compile(r"line\d{1,9}"), re.compile(r"row(\d{1,9})")


@dataclass(frozen=True)
class RowsOfRun:
    """The rows of a run's grid; ``sha256`` is that of the file that has them."""

    window: Window
    run_key: str
    sha256: str
    overlays = True

    @property
    def key(self) -> str:
        """The run and the file."""
        return f"run {self.run_key} {self.sha256}"

    def table_id(self, line: int | None = None) -> str:
        """The identifier of the grid as it is kept, with all lines, or of its numbers for one line."""
        return table_id(self.sha256, "" if line is None else f"line{line}")

    @property
    def content(self) -> ResultContent | None:
        """What shows the run; None while it shows another one, or none."""
        results = self.window.results
        run = self._run()
        is_shown = run is not None and results.run_key == self.run_key and not results.view.is_empty
        return results.view.content if is_shown else None

    @property
    def selection(self) -> Selection | None:
        """The rows selected in the table and the plots of the run."""
        content = self.content
        return None if content is None else content.selection

    @property
    def n_rows(self) -> int:
        """The number of parameter sets."""
        content = self.content
        return 0 if content is None or content.result is None else content.result.n_rows

    def to_screen(self, rows: Ints) -> Ints:
        """The rows themselves."""
        return rows

    def from_screen(self, rows: Ints) -> Ints:
        """The rows themselves."""
        return rows

    def bring(self, then: Callable[[], object], failed: Callable[[str], object], *, to_front: bool) -> None:
        """Open the run, unless it is; a workspace that is behind another gets a dot then."""
        if self.content is not None:
            self.window.rail.mark("runs", is_new=True)
            then()
            return
        if self._run() is None:
            failed(_NO_RUN)
            return
        results = self.window.results

        def shown(key: str) -> None:
            results.shown.disconnect(shown)
            if key == self.run_key:
                then()
            else:
                failed(_LEFT)

        results.shown.connect(shown)
        self.window.open_results(self.run_key, to_front=to_front)

    def _run(self) -> Run | None:
        run = self.window.document.run(self.run_key)
        file = grid_table(run) if run is not None else None
        return run if file is not None and file.sha256 == self.sha256 else None


@dataclass(frozen=True)
class LinesOfRow:
    """The lines of one row of a run's grid."""

    grid: RowsOfRun
    row: int
    overlays = False

    @property
    def key(self) -> str:
        """The run, the file and the row."""
        return f"{self.grid.key} row {self.row}"

    def table_id(self) -> str:
        """The identifier of the table of these lines."""
        return table_id(self.grid.sha256, f"row{self.row}")

    @property
    def selection(self) -> Selection | None:
        """The lines selected in the table of lines, while it is that of this row."""
        content = self.grid.content
        return content.line_selection if content is not None and content.row == self.row else None

    @property
    def n_rows(self) -> int:
        """The number of lines."""
        content = self.grid.content
        return 0 if content is None or content.result is None else content.result.n_lines

    def to_screen(self, rows: Ints) -> Ints:
        """The lines themselves."""
        return rows

    def from_screen(self, rows: Ints) -> Ints:
        """The lines themselves."""
        return rows

    def bring(self, then: Callable[[], object], failed: Callable[[str], object], *, to_front: bool) -> None:
        """Open the run and go to the row."""

        def go() -> None:
            content = self.grid.content
            if content is not None and self.row < self.grid.n_rows:
                content.select_row(self.row)
                then()
            else:
                failed(f"The run has no row {self.row:,}.")

        self.grid.bring(go, failed, to_front=to_front)


@dataclass(frozen=True)
class Observed:
    """Rows of a search: all those of ``portals``, one after the other, each in the version that it has in ``versions``.

    Portals go by their address, versions are the sha256 of the tables that the session keeps. A table of its own, which
    no search gave, stands alone as a portal of no search.
    """

    window: Window
    search_key: str
    portals: tuple[Portal, ...]
    versions: Mapping[str, str] = field(hash=False)
    overlays = False

    @property
    def key(self) -> str:
        """The search, the portals and their versions."""
        return " ".join(("search", self.search_key, *(f"{url} {sha}" for url, sha in self.versions.items())))

    def table_id(self, what: str = "") -> str:
        """The identifier of the table of these rows."""
        return table_id(_joined(self.versions), what)

    @property
    def selection(self) -> Selection | None:
        """The rows selected in the table and the plots, while these rows are among those shown."""
        observe, area = self.window.observe, self.window.observe.area
        if not self._is_there() or observe.shown_search != self.search_key or not area.has_rows:
            return None
        shown = {portal.key: portal.n_rows for portal in area.table.rows.portals}
        return area.selection if all(shown.get(each.key) == each.n_rows for each in self.portals) else None

    @property
    def n_rows(self) -> int:
        """The number of rows of all portals."""
        return sum(portal.n_rows for portal in self.portals)

    def to_screen(self, rows: Ints) -> Ints:
        """The rows among those of all portals shown."""
        return _carried(self._rows, self.window.observe.area.table.rows, rows)

    def from_screen(self, rows: Ints) -> Ints:
        """Of the rows shown, those of these portals."""
        return _carried(self.window.observe.area.table.rows, self._rows, rows)

    @property
    def _rows(self) -> Rows:
        return Rows(self.portals, (), self.n_rows)

    def bring(self, then: Callable[[], object], failed: Callable[[str], object], *, to_front: bool) -> None:
        """Show the search, all portals together where need be; a workspace behind another gets a dot."""
        observe = self.window.observe
        if self.selection is not None:
            self.window.rail.mark("observe", is_new=True)
            then()
            return
        if not self._is_there():
            failed(_NO_SEARCH)
            return

        def arrived(_: object) -> None:
            if self.selection is not None:
                observe.area.chosen.disconnect(arrived)
                then()
            elif observe.area.has_rows and _wanted(observe) != wanted:
                observe.area.chosen.disconnect(arrived)
                failed(_LEFT)

        if to_front:
            self.window.show_page("observe")
        else:
            self.window.rail.mark("observe", is_new=True)
        if self.search_key:
            observe.show_search(self.search_key)
        observe.show_alone(ALL if len(self.portals) != 1 else self.portals[0].key)
        wanted = _wanted(observe)
        observe.area.chosen.connect(arrived)

    def _is_there(self) -> bool:
        observe = self.window.observe
        if not self.search_key:
            return all(observe.own.record(portal.key) is not None for portal in self.portals)
        search = observe.searcher.search(self.search_key)
        return search is not None and self.versions.items() <= _versions(search).items()


def _wanted(observe: ObservePage) -> tuple[object, object]:
    """Which search was asked for last, and what of it alone; it may not be shown yet."""
    view = observe.view_state()
    return view["search"], view["alone"]


def _carried(here: Rows, there: Rows, rows: Ints) -> Ints:
    chosen = np.zeros(here.n_rows, dtype=bool)
    chosen[rows[rows < here.n_rows]] = True
    return np.flatnonzero(there.from_other(here, chosen))


def _versions(search: Search) -> dict[str, str]:
    """The versions of the tables of a search, by the addresses of their portals."""
    return {answer.url: answer.table.sha256 for answer in search.answers if answer.table is not None}


def _joined(versions: Mapping[str, str]) -> str:
    """One sha256 for one or several tables."""
    each = tuple(versions.values())
    return each[0] if len(each) == 1 else hashlib.sha256(" ".join(each).encode()).hexdigest()


class Places:
    """Finds the places of tables in a window."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def run_shown(self) -> RowsOfRun | None:
        """The rows of the run on the screen; None where there is none."""
        return self.rows_of_run(self._window.results.run_key)

    def rows_of_run(self, key: str) -> RowsOfRun | None:
        """The rows of a run of the session; None where it has none."""
        run = self._window.document.run(key)
        file = grid_table(run) if run is not None else None
        return RowsOfRun(self._window, key, file.sha256) if file is not None else None

    def lines_of_row(self, key: str, row: int) -> LinesOfRow | None:
        """The lines of a row of a run of the session; None where the run has no rows."""
        grid = self.rows_of_run(key)
        return LinesOfRow(grid, row) if grid is not None else None

    def observations_shown(self) -> Observed | None:
        """The observations in the table, filtered away or not; None where there are none that the session keeps."""
        observe = self._window.observe
        portals = tuple(each for each in observe.area.table.rows.portals if each.n_rows)
        if len(portals) == 1 and observe.own.record(portals[0].key) is not None:
            return self.own_table(portals[0].key)
        return self._observed(observe.shown_search, portals)

    def own_table(self, key: str) -> Observed | None:
        """The rows of a table that the session keeps by itself; None where it has none of that key."""
        record = self._window.observe.own.record(key)
        if record is None:
            return None
        portal = Portal(record.key, record.name, 0, record.n_rows)
        return Observed(self._window, "", (portal,), {record.key: record.sha256})

    def known(self, identifier: str) -> SentTable | None:
        """A table of the open session by an identifier that an earlier life of the program gave it."""
        start, what = split_id(identifier)
        if not start:
            return None
        found = self._known_run(identifier, start, what)
        return found or self._known_search(identifier, start, what) or self._known_table(identifier, start, what)

    def _known_run(self, identifier: str, start: str, what: str) -> SentTable | None:
        for run in self._window.document.session.runs:
            file = grid_table(run)
            if file is None or not file.sha256.startswith(start):
                continue
            grid, of_row = RowsOfRun(self._window, run.key, file.sha256), _OF_ROW.fullmatch(what)
            if of_row is not None:
                return SentTable(identifier, "", f"Lines of {run.name}", LinesOfRow(grid, int(of_row[1])))
            if not what or _OF_LINE.fullmatch(what):
                return SentTable(identifier, "", run.name, grid)
        return None

    def _known_search(self, identifier: str, start: str, what: str) -> SentTable | None:
        if what:
            return None
        for search in reversed(self._window.document.session.searches):
            answers = [answer for answer in search.answers if answer.table is not None and answer.n_rows]
            for chosen in (answers, *([answer] for answer in answers)):
                portals, first = [], 0
                for answer in chosen:
                    portals.append(Portal(answer.url, answer.service, first, answer.n_rows))
                    first += answer.n_rows
                place = self._observed(search.key, tuple(portals))
                if place is not None and place.table_id() == identifier:
                    return SentTable(identifier, "", search.name or "Observations", place)
        return None

    def _known_table(self, identifier: str, start: str, what: str) -> SentTable | None:
        for record in self._window.observe.own.records:
            place = self.own_table(record.key)
            if not what and place is not None and record.sha256.startswith(start):
                return SentTable(identifier, "", record.name, place)
        return None

    def _observed(self, search_key: str, portals: tuple[Portal, ...]) -> Observed | None:
        search = self._window.observe.searcher.search(search_key)
        versions = _versions(search) if search is not None else {}
        if not portals or any(portal.key not in versions for portal in portals):
            return None
        return Observed(self._window, search_key, portals, {each.key: versions[each.key] for each in portals})
