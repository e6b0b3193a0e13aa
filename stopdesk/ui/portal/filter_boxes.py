"""One filter: a box that switches it on, and below it a range or the values to keep."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from stopdesk.errors import InputError
from stopdesk.ui import theme
from stopdesk.ui.plots.plain import plain_tip
from stopdesk.ui.plots.quantity import pretty_unit
from stopdesk.ui.portal.columns import Form
from stopdesk.vo.arranging import Facts, Filter, RangeFacts, RangeFilter, ValuesFacts, ValuesFilter, range_in
from stopdesk.vo.rows import RowColumn

#: So many values are in sight before the list scrolls.
_VALUES_SHOWN = 8


@dataclass(frozen=True)
class Kept:
    """A filter as it is kept: what it lets through, whether it is on, and the column's name in words."""

    name: str
    filter: Filter
    on: bool


def beginning(column: RowColumn, facts: Facts) -> Filter:
    """A filter that keeps all."""
    return RangeFilter(unit=column.unit) if isinstance(facts, RangeFacts) else ValuesFilter()


class RangeBody(QWidget):
    """Least and greatest value, in the unit that the table shows."""

    changed = Signal(object)

    def __init__(self, column: RowColumn, facts: RangeFacts, form: Form, chosen: RangeFilter) -> None:
        super().__init__()
        self._form, self._filter = form, chosen
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        ends, known = range_in(chosen, column) or (None, None), (facts.low, facts.high)
        if form.reverses:
            ends, known = ends[::-1], known[::-1]
        self._ends = list(ends)
        self.fields: list[QLineEdit] = []
        for place, word in enumerate(("least", "greatest")):
            field = QLineEdit()
            field.setAccessibleName(f"{column.name}, {word}")
            field.setPlaceholderText("" if math.isnan(known[place]) else form.text(known[place]))
            end = ends[place]
            field.setText("" if end is None else form.text(end))
            field.textEdited.connect(lambda text, place=place: self._edited(place, text))
            self.fields.append(field)
        layout.addWidget(self.fields[0], 1)
        layout.addWidget(QLabel("to"))
        layout.addWidget(self.fields[1], 1)
        unit = QLabel(pretty_unit(form.unit))
        unit.setTextFormat(Qt.TextFormat.PlainText)
        unit.setVisible(bool(form.unit) and form.key not in ("date", "sexagesimal"))
        layout.addWidget(unit)
        self._unit = column.unit

    def _edited(self, place: int, text: str) -> None:
        field = self.fields[place]
        field.setStyleSheet("")
        field.setToolTip("")
        try:
            self._ends[place] = self._form.read(text) if text.strip() else None
        except InputError as error:
            field.setStyleSheet(f"color: {theme.problem_colour().name()}; text-decoration: underline;")
            field.setToolTip(plain_tip(str(error)))
            self._ends[place] = None
        low, high = self._ends[::-1] if self._form.reverses else self._ends
        self._filter = replace(self._filter, low=low, high=high, unit=self._unit)
        self.changed.emit(self._filter)


class ValuesBody(QWidget):
    """The values with their counts, each with a tick."""

    changed = Signal(object)

    def __init__(self, column: RowColumn, facts: ValuesFacts, chosen: ValuesFilter) -> None:
        super().__init__()
        self._filter = chosen
        present = {value for value, _ in facts.values}
        kept = sorted(chosen.values - present)
        self.list = QListWidget()
        self.list.setAccessibleName(f"{column.name}, values")
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        for value, n in (*facts.values, *((value, 0) for value in kept)):
            item = QListWidgetItem(f"{value}  ({n:,})")
            item.setData(Qt.ItemDataRole.UserRole, value)
            item.setToolTip(plain_tip(value))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if chosen.keeps(value) else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        row = self.list.sizeHintForRow(0) if self.list.count() else 0
        self.list.setFixedHeight(min(self.list.count(), _VALUES_SHOWN) * row + 2 * self.list.frameWidth() + 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        line = QHBoxLayout()
        for text, slot in (("All", lambda: self._set_all(on=True)), ("None", lambda: self._set_all(on=False))):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.setAccessibleName(f"{column.name}, tick {text.lower()}")
            button.clicked.connect(slot)
            line.addWidget(button)
        line.addStretch(1)
        layout.addLayout(line)
        self.list.itemChanged.connect(self._ticked)

    def _set_all(self, *, on: bool) -> None:
        self.list.blockSignals(True)
        for number in range(self.list.count()):
            self.list.item(number).setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._filter = replace(self._filter, values=frozenset(), only=not on)
        self.changed.emit(self._filter)

    def _ticked(self, item: QListWidgetItem) -> None:
        value = str(item.data(Qt.ItemDataRole.UserRole))
        kept = item.checkState() == Qt.CheckState.Checked
        values = self._filter.values | {value} if kept == self._filter.only else self._filter.values - {value}
        self._filter = replace(self._filter, values=values)
        self.changed.emit(self._filter)


class FilterBox(QFrame):
    """A filter with its enable box; one whose column is not there is grey and keeps what it has."""

    changed = Signal(str, object)  # the column's key, Kept

    def __init__(self, key: str, kept: Kept, column: RowColumn | None, facts: Facts | None, form: Form | None) -> None:
        super().__init__()
        self.key, self.kept = key, kept
        self.column, self.facts, self.form = column, facts, form
        self.was_touched = False
        self.body: RangeBody | ValuesBody | None = None
        self.unknown: QCheckBox | None = None
        self.enable = QCheckBox()
        self.enable.setChecked(kept.on)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, theme.GRID // 2)
        self._layout.setSpacing(theme.GRID // 2)
        self._layout.addWidget(self.enable)
        self._below = QWidget()
        self._below.hide()
        self._layout.addWidget(self._below)
        self._name()
        if column is None or facts is None:
            self.setEnabled(False)
            self.enable.setToolTip("These rows have no such column; the filter is kept for others.")
            return
        self.enable.setToolTip(plain_tip(column.description or column.name))
        self.enable.toggled.connect(self._switch)
        if kept.on:
            self._open()

    @property
    def typing_at(self) -> tuple[int, int] | None:
        """The field that is typed in and the place of the cursor; None where none is."""
        for number, field in enumerate(self.body.fields if isinstance(self.body, RangeBody) else ()):
            if field.hasFocus():
                return number, field.cursorPosition()
        return None

    def go_on_at(self, number: int, cursor: int) -> None:
        """Be typed in there, after the box was made anew."""
        if isinstance(self.body, RangeBody):
            self.body.fields[number].setFocus()
            self.body.fields[number].setCursorPosition(cursor)

    def _name(self) -> None:
        """The name says what happens to rows without a value."""
        unit = self.form.unit if self.form is not None else ""
        text = f"{self.kept.name} ({pretty_unit(unit)})" if unit else self.kept.name
        n_unknown = self.facts.n_unknown if self.facts is not None else 0
        if self.kept.on and n_unknown:
            text += " or unknown" if self.kept.filter.unknown else ", known"
        self.enable.setText(text.replace("&", "&&"))

    def _open(self) -> None:
        """Make what is below the box, once it is wanted."""
        assert self.column is not None
        assert self.form is not None
        if isinstance(self.facts, RangeFacts) and isinstance(self.kept.filter, RangeFilter):
            self.body = RangeBody(self.column, self.facts, self.form, self.kept.filter)
        elif isinstance(self.facts, ValuesFacts) and isinstance(self.kept.filter, ValuesFilter):
            self.body = ValuesBody(self.column, self.facts, self.kept.filter)
        else:
            return
        layout = QVBoxLayout(self._below)
        layout.setContentsMargins(2 * theme.GRID + theme.GRID // 2, 0, 0, 0)
        layout.addWidget(self.body)
        self.body.changed.connect(self._edited)
        if self.facts.n_unknown:
            self.unknown = QCheckBox(f"or unknown ({self.facts.n_unknown:,})")
            self.unknown.setToolTip("Keep rows that have no value here")
            self.unknown.setAccessibleName(f"{self.kept.name}, or unknown")
            self.unknown.setChecked(self.kept.filter.unknown)
            self.unknown.toggled.connect(self._keep_unknown)
            layout.addWidget(self.unknown)
        self._below.show()

    def _switch(self, on: bool) -> None:
        if on and self.body is None:
            self._open()
        self._below.setVisible(on)
        self._become(replace(self.kept, on=on))

    def _edited(self, chosen: Filter) -> None:
        self._become(replace(self.kept, filter=replace(chosen, unknown=self.kept.filter.unknown)))

    def _keep_unknown(self, on: bool) -> None:
        self._become(replace(self.kept, filter=replace(self.kept.filter, unknown=on)))

    def _become(self, kept: Kept) -> None:
        self.kept, self.was_touched = kept, True
        self._name()
        self.changed.emit(self.key, kept)
