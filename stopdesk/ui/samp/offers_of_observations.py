"""What the Observe workspace can send: rows, the position of one, the footprints of several, the circle searched."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.search import Cone
from stopdesk.domain.target import Position
from stopdesk.samp.messages import POINT_AT, SCRIPT
from stopdesk.samp.scripts import MOST_OUTLINES, circle_script, outlines_script
from stopdesk.samp.tables import LOADS_TABLE
from stopdesk.ui.portal.wishes import observation_of
from stopdesk.ui.portal.workspace import ObservePage
from stopdesk.ui.samp.offers import Offer, Send, short
from stopdesk.ui.samp.parcels import Asked, TableParcel, part_id, rows_words
from stopdesk.ui.samp.places import Places
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.samp.shared_tables import PREFIX
from stopdesk.vo.footprints import Footprints
from stopdesk.vo.rows import EXTRA, Rows
from stopdesk.vo.saving import table_shown

Ints = NDArray[np.int64]


class ObservationOffers:
    """Makes tables and drawings of the observations on the screen."""

    def __init__(self, *, observe: ObservePage, places: Places, sendings: Sendings) -> None:
        self._observe = observe
        self._places = places
        self._sendings = sendings
        self._latest: tuple[Rows | None, str] = (None, "")  # the rows that were sent last, and a word for this state

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All of them, the tables first."""
        return (
            Offer(self._all_title, LOADS_TABLE, self._take_rows),
            Offer(self._shown_title, LOADS_TABLE, lambda: self._take_rows(self._shown)),
            Offer(self._portal_title, LOADS_TABLE, lambda: self._take_rows(self._of_portal)),
            Offer(self._selected_title, LOADS_TABLE, lambda: self._take_rows(self._selected)),
            Offer(self._position_title, (POINT_AT,), self._take_position),
            Offer(self._footprints_title, (SCRIPT,), self._take_footprints),
            Offer(self._circle_title, (SCRIPT,), self._take_circle),
        )

    # ---- which rows ----------------------------------------------------------------------------------------------

    @property
    def _rows(self) -> Rows:
        return self._observe.area.table.rows

    @property
    def _shown(self) -> Ints:
        """The rows that filters leave, ascending, whichever way the table is sorted."""
        return np.flatnonzero(self._observe.area.table.shown_mask)

    @property
    def _selected(self) -> Ints:
        rows = self._observe.area.selection.rows
        return rows[rows < self._rows.n_rows]

    @property
    def _of_portal(self) -> Ints:
        """All rows of the portal that the current row is of; none where it is the only one."""
        rows, current = self._rows, self._observe.area.selection.current
        if current is None or current >= rows.n_rows or sum(bool(each.n_rows) for each in rows.portals) < 2:
            return np.empty(0, dtype=np.int64)
        portal = rows.portals[int(rows.portal_numbers([current])[0])]
        return np.arange(portal.first, portal.first + portal.n_rows, dtype=np.int64)

    @property
    def _words(self) -> str:
        """What the rows are called: by the portal, or file, where it is one, and by what was searched for."""
        search = self._observe.searcher.search(self._observe.shown_search)
        around = (search.name or search.cone.position.sexagesimal) if search is not None else ""
        portals = [portal.name for portal in self._rows.portals if portal.n_rows]
        return " ".join([*(portals if len(portals) == 1 else ()), *([around] if around else ())]) or "Observations"

    def _all_title(self) -> str:
        n = self._rows.n_rows
        return f"All {rows_words(n)}" if n > 1 else "The row" if n else ""

    def _shown_title(self) -> str:
        n = int(np.count_nonzero(self._observe.area.table.shown_mask))
        return f"Rows that the filters leave ({n:,})" if 0 < n < self._rows.n_rows else ""

    def _portal_title(self) -> str:
        rows = self._of_portal
        if not len(rows):
            return ""
        name = self._rows.portals[int(self._rows.portal_numbers(rows[:1])[0])].name
        return f"Rows of {short(name)} ({len(rows):,})"

    def _selected_title(self) -> str:
        n = len(self._selected)
        return f"Selected rows ({n:,})" if 0 < n < self._rows.n_rows else ""

    # ---- tables --------------------------------------------------------------------------------------------------

    def table(self, chosen: Ints | None = None) -> TableParcel | None:
        """The rows on the screen, or the ``chosen`` ones; None where there are none."""
        rows, parts, place = self._rows, self._observe.area.parts, self._places.observations_shown()
        if not rows.n_rows or parts is None or (chosen is not None and not len(chosen)):
            return None
        table_id = place.table_id() if place is not None else f"{PREFIX}{self._version(rows)}"
        title = self._words
        name = title if chosen is None else f"{title}, {rows_words(len(chosen))}"

        def make(asked: Asked) -> Any:
            order = np.arange(rows.n_rows) if chosen is None else chosen
            made = table_shown(parts, _without_extras(rows), order, asked)
            made.meta["name"] = name
            return made

        return TableParcel(
            table_id if chosen is None else part_id(table_id, chosen),
            name,
            rows.n_rows if chosen is None else len(chosen),
            make,
            version="" if place is not None else self._version(rows),
            place=place,
            rows=chosen,
        )

    def _version(self, rows: Rows) -> str:
        """Another word whenever the table has other rows or columns."""
        if self._latest[0] is not rows:
            self._latest = (rows, uuid.uuid4().hex)
        return self._latest[1]

    def _take_rows(self, chosen: Ints | None = None) -> Send | None:
        table = self.table(chosen)
        return None if table is None else partial(self._sendings.send_table, table)

    # ---- on the sky ----------------------------------------------------------------------------------------------

    def _position(self) -> tuple[str, Position] | None:
        area, row = self._observe.area, self._observe.area.selection.current
        if row is None or area.marks is None or not area.is_settled or row >= area.marks.n_rows:
            return None
        found = observation_of(self._rows, area.marks, row)
        return None if found.position is None else (found.name or f"row {row + 1}", found.position)

    def _position_title(self) -> str:
        found = self._position()
        return "" if found is None else f"Position of {short(found[0])}"

    def _take_position(self) -> Send | None:
        found = self._position()
        return None if found is None else partial(self._sendings.point_at, found[0], found[1].ra, found[1].dec)

    def _outlines(self) -> tuple[Footprints, Ints] | None:
        """All outlines, and the numbers of those of the selected rows."""
        area = self._observe.area
        if area.marks is None or not area.is_settled or not len(area.selection.rows):
            return None
        chosen = np.zeros(area.marks.n_rows, dtype=bool)
        chosen[self._selected] = True
        shapes = np.flatnonzero(chosen[area.marks.outlines.row])
        return (area.marks.outlines, shapes) if len(shapes) else None

    def _footprints_title(self) -> str:
        found = self._outlines()
        if found is None:
            return ""
        n = len(found[1])
        words = f"{n:,}" if n <= MOST_OUTLINES else f"the first {MOST_OUTLINES:,} of {n:,}"
        return f"Footprints of the selected rows ({words})"

    def _take_footprints(self) -> Send | None:
        found = self._outlines()
        if found is None:
            return None
        shapes = found[1][:MOST_OUTLINES]
        words = "1 footprint" if len(shapes) == 1 else f"{len(shapes):,} footprints"
        script = partial(_footprints_script, f"Footprints {self._words}", found[0], shapes)
        return partial(self._sendings.draw, words, script)

    def _circle_title(self) -> str:
        return "Circle of the search" if self._cone() is not None else ""

    def _take_circle(self) -> Send | None:
        cone = self._cone()
        if cone is None:
            return None
        position = cone.position
        script = partial(circle_script, f"Search {self._words}", position.ra, position.dec, cone.radius)
        return partial(self._sendings.draw, "the circle of the search", script)

    def _cone(self) -> Cone | None:
        search = self._observe.searcher.search(self._observe.shown_search)
        return None if search is None else search.cone


def _without_extras(rows: Rows) -> Rows:
    """The columns of the portals alone: the same rows are the same table, whatever molecule is looked for in them."""
    return Rows(rows.portals, tuple(each for each in rows.columns if not each.key.startswith(EXTRA)), rows.n_rows)


def _footprints_script(name: str, outlines: Footprints, shapes: Ints) -> str:
    corners = (slice(int(outlines.first[shape]), int(outlines.first[shape + 1])) for shape in shapes)
    return outlines_script(name, ((outlines.ra[each], outlines.dec[each]) for each in corners))
