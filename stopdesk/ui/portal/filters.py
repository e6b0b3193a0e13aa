"""The drawer of filters, made of what is in the rows; what is filtered is hidden and never lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from stopdesk.ui import theme
from stopdesk.ui.portal.columns import Form, form_of
from stopdesk.ui.portal.filter_boxes import FilterBox, Kept, beginning
from stopdesk.vo.arranging import Facts, Filter, RangeFilter, ValuesFilter, fits, fitting
from stopdesk.vo.rows import RowColumn, Rows

#: So many filters are in the drawer at once; others are found by their names.
_MOST_BOXES = 30


class FilterDrawer(QWidget):
    """Filters by column, kept from one search to the next. ``changed`` comes when others rows are to be shown."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept: dict[str, Kept] = {}
        self._rows = Rows()
        self._facts: Mapping[str, Facts] = {}
        self._forms: Mapping[str, str] = {}
        self._offered: tuple[str, ...] = ()
        self.boxes: dict[str, FilterBox] = {}
        self.title = QLabel("Filters")
        self.title.setAccessibleName("Rows that the filters leave")
        self.clear_button = QPushButton("Clear")
        self.clear_button.setToolTip("Forget all filters")
        self.clear_button.setAutoDefault(False)
        self.clear_button.clicked.connect(self.clear)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find a column to filter by")
        self.search.setAccessibleName("Find a column to filter by")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _: self._build())
        self._nothing = QLabel()
        self._nothing.setWordWrap(True)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        self._inside = QVBoxLayout(inside)
        self._inside.setContentsMargins(0, 0, theme.GRID // 2, 0)
        self._inside.setSpacing(theme.GRID // 2)
        self._inside.addStretch(1)
        self._area.setWidget(inside)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.clear_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID // 2, theme.GRID // 2)
        layout.addLayout(head)
        layout.addWidget(self.search)
        layout.addWidget(self._nothing)
        layout.addWidget(self._area, 1)
        self.setMinimumWidth(27 * theme.GRID)
        self._build()

    # ---- what there is to filter ---------------------------------------------------------------------------------

    def set_rows(self, rows: Rows, facts: Mapping[str, Facts]) -> None:
        """Filter these rows, by what is known of their columns."""
        self._rows, self._facts = rows, facts
        self._build()

    def offer(self, keys: Sequence[str], forms: Mapping[str, str]) -> None:
        """Offer filters for these columns first, in these forms: those that the table shows."""
        if (tuple(keys), dict(forms)) != (self._offered, self._forms):
            self._offered, self._forms = tuple(keys), dict(forms)
            self._build()

    def set_counts(self, shown: int, total: int) -> None:
        """Say how many rows are left."""
        text = f"Filters: {shown:,} of {total:,} rows" if self.filters() else f"Filters: all {total:,} rows"
        self.title.setText(text if total else "Filters")

    @property
    def facts(self) -> Mapping[str, Facts]:
        """What is known of the columns, by their keys."""
        return self._facts

    @property
    def in_use(self) -> dict[str, Filter]:
        """All filters that are on, by the columns' keys, whether there are such columns or not."""
        return {key: kept.filter for key, kept in self._kept.items() if kept.on}

    def filters(self) -> dict[str, Filter]:
        """Those that can be applied to the rows that there are."""
        return fitting(self._rows, self.in_use, self._facts)

    @property
    def kept(self) -> dict[str, Filter]:
        """All filters, those that are off too."""
        return {key: kept.filter for key, kept in self._kept.items()}

    def clear(self) -> None:
        """Forget all filters, and show all rows."""
        self._kept = {}
        self._build()
        self.changed.emit()

    # ---- boxes ---------------------------------------------------------------------------------------------------

    def _wanted(self) -> list[str]:
        """The columns with a box: those in use, those that the table shows, or those that are looked for."""
        words = self.search.text().casefold().split()
        if words:
            found = [column for column in self._rows.columns if column.key in self._facts]
            said = [(column.key, f"{column.name} {column.description}".casefold()) for column in found]
            return [key for key, text in said if all(word in text for word in words)][:_MOST_BOXES]
        in_use = [key for key in self._kept if key not in self._offered]
        offered = [key for key in self._offered if key in self._facts or key in self._kept]
        return [*offered[:_MOST_BOXES], *in_use]

    def _build(self) -> None:
        """Have the wanted boxes in order; those that are as they would be made anew stay."""
        typing = next(((key, box.typing_at) for key, box in self.boxes.items() if box.typing_at), None)
        old, self.boxes = self.boxes, {}
        for place, key in enumerate(self._wanted()):
            box = old.pop(key, None)
            if box is not None and self._is_same(box):
                if self._inside.indexOf(box) != place:
                    self._inside.insertWidget(place, box)
            else:
                if box is not None:
                    self._remove(box)
                box = self._box(key)
                self._inside.insertWidget(place, box)
            self.boxes[key] = box
        for box in old.values():
            self._remove(box)
        if typing is not None and typing[0] in self.boxes:
            self.boxes[typing[0]].go_on_at(*typing[1])
        self.clear_button.setEnabled(bool(self._kept))
        self._nothing.setVisible(not self.boxes)
        self._nothing.setText(
            "No column of that name can be filtered by." if self.search.text() else "There is nothing to filter yet."
        )

    def _remove(self, box: FilterBox) -> None:
        self._inside.removeWidget(box)
        box.hide()
        box.deleteLater()

    def _usable(self, key: str) -> tuple[RowColumn, Facts, Form] | None:
        """A column with what is known of it and how it is shown; None where the filter kept for it cannot be used."""
        column, facts, kept = self._rows.column(key), self._facts.get(key), self._kept.get(key)
        if column is None or facts is None or (kept is not None and not fits(kept.filter, column, facts)):
            return None
        return column, facts, form_of(column, self._forms.get(key, ""))

    def _is_same(self, box: FilterBox) -> bool:
        usable, kept = self._usable(box.key), self._kept.get(box.key)
        if usable is None:
            return box.column is None and box.kept == kept
        same = box.column is usable[0] and box.facts == usable[1] and box.form is usable[2]
        return same and (box.kept == kept if kept is not None else not box.was_touched)

    def _box(self, key: str) -> FilterBox:
        usable, kept = self._usable(key), self._kept.get(key)
        if usable is None:
            assert kept is not None
            return FilterBox(key, kept, None, None, None)
        column, facts, form = usable
        box = FilterBox(key, kept or Kept(column.name, beginning(column, facts), on=False), column, facts, form)
        box.changed.connect(self._keep)
        return box

    def _keep(self, key: str, kept: Kept) -> None:
        self._kept[key] = kept
        self.clear_button.setEnabled(True)
        self.changed.emit()

    # ---- kept in a session ---------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """The filters as plain values, by the columns' keys."""
        return {key: _plain(kept) for key, kept in self._kept.items()}

    def set_state(self, state: Any) -> None:
        """Take filters back from plain values; what is none of ours is passed over."""
        found = {}
        for key, each in state.items() if isinstance(state, dict) else ():
            kept = _kept(each)
            if isinstance(key, str) and kept is not None:
                found[key] = kept
        self._kept = found
        self._build()
        self.changed.emit()


def _plain(kept: Kept) -> dict[str, Any]:
    chosen = kept.filter
    common = {"name": kept.name, "on": kept.on, "unknown": chosen.unknown}
    if isinstance(chosen, RangeFilter):
        return {**common, "low": chosen.low, "high": chosen.high, "unit": chosen.unit}
    return {**common, "values": sorted(chosen.values), "only": chosen.only}


def _kept(plain: Any) -> Kept | None:
    """A kept filter of its plain values; None for anything else."""
    if not isinstance(plain, dict):
        return None
    name, on, unknown = plain.get("name"), plain.get("on"), plain.get("unknown")
    if not (isinstance(name, str) and isinstance(on, bool) and isinstance(unknown, bool)):
        return None
    low, high, unit = (plain.get(word) for word in ("low", "high", "unit"))
    if isinstance(unit, str) and all(end is None or (_is_number(end)) for end in (low, high)):
        return Kept(name, RangeFilter(low, high, unit, unknown), on)
    values, only = plain.get("values"), plain.get("only")
    if isinstance(values, list) and all(isinstance(value, str) for value in values) and isinstance(only, bool):
        return Kept(name, ValuesFilter(frozenset(values), only, unknown), on)
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
