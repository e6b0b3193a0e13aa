"""A Qt item model over the rows of portals: a million of them cost what those in sight cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QGuiApplication, QIcon, QPalette

from stopdesk.ui.plots.plain import plain_tip
from stopdesk.ui.plots.quantity import pretty_unit
from stopdesk.ui.portal.colours import portal_colour, portal_icon
from stopdesk.ui.portal.columns import Form, cell_text, form_of, link_of, tip_text, whole_text
from stopdesk.ui.row_selection import OrderedModel
from stopdesk.vo.arranging import Arrangement, SortKey, arrange
from stopdesk.vo.rows import PORTAL, Ints, Kind, RowColumn, Rows

_Index = QModelIndex | QPersistentModelIndex
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ROLE = Qt.ItemDataRole

#: How much of a portal's colour lies behind its rows, of 255.
_TINT = 26


class RowsModel(OrderedModel):
    """Some columns of the rows, in an arrangement that is handed in."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows()
        self.arrangement: Arrangement = arrange(self.rows)
        self.sort_keys: tuple[SortKey, ...] = ()
        self.columns: list[RowColumn] = []
        self.forms: dict[str, Form] = {}
        self._brushes: list[QBrush] = []
        self._icons: list[QIcon] = []
        self._link_font = QFont()
        self._link_font.setUnderline(True)

    # ---- what is shown -------------------------------------------------------------------------------------------

    def show(self, rows: Rows, keys: Iterable[str], forms: Mapping[str, str], arrangement: Arrangement) -> None:
        """Show these rows and, of their columns, those of the keys, in the forms named by key."""
        self.beginResetModel()
        if rows.portals != self.rows.portals:
            self._icons = []
        self.rows, self.arrangement = rows, arrangement
        self._take_columns(keys, forms)
        self.endResetModel()

    def show_columns(self, keys: Iterable[str], forms: Mapping[str, str]) -> None:
        """Show other columns of the same rows."""
        self.beginResetModel()
        self._take_columns(keys, forms)
        self.endResetModel()

    def arranged(self, arrangement: Arrangement, sort: Sequence[SortKey]) -> None:
        """Show the same rows in another arrangement; ``sort`` is what the header says of it."""
        self.beginResetModel()
        self.arrangement, self.sort_keys = arrangement, tuple(sort)
        self.endResetModel()

    def _take_columns(self, keys: Iterable[str], forms: Mapping[str, str]) -> None:
        found = (self.rows.column(key) for key in keys)
        self.columns = [column for column in found if column is not None]
        self.forms = {column.key: form_of(column, forms.get(column.key, "")) for column in self.columns}
        self.repaint_colours()

    def repaint_colours(self) -> None:
        """Take the colours of the present palette."""
        self._brushes, self._icons = [], []
        for number in range(len(self.rows.portals)):
            tint = QColor(portal_colour(number))
            tint.setAlpha(_TINT)
            self._brushes.append(QBrush(tint))
            self._icons.append(portal_icon(number))
        self._link_colour = QGuiApplication.palette().brush(QPalette.ColorRole.Link)

    @property
    def n_rows(self) -> int:
        """Number of rows, hidden ones too."""
        return self.rows.n_rows

    @property
    def order(self) -> Ints:
        """The rows that are shown, in order."""
        return self.arrangement.order

    def row_at(self, place: int) -> int:
        """The row that stands at a place in the table."""
        return int(self.arrangement.order[place])

    def place_of(self, row: int) -> int | None:
        """Where a row stands; None where it is hidden."""
        place = int(self.arrangement.places[row]) if 0 <= row < self.rows.n_rows else -1
        return place if place >= 0 else None

    def section_of(self, key: str) -> int | None:
        """Where a column stands; None where it is not shown."""
        return next((section for section, column in enumerate(self.columns) if column.key == key), None)

    def whole_at(self, index: _Index) -> str:
        """All that a cell holds."""
        return whole_text(self.columns[index.column()], self.row_at(index.row()))

    def link_at(self, index: _Index) -> str:
        """The web address that a cell leads to, "" for none."""
        return link_of(self.rows, self.columns[index.column()], self.row_at(index.row())) if index.isValid() else ""

    # ---- as Qt has it --------------------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Number of rows shown."""
        return 0 if parent.isValid() else len(self.arrangement.order)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """Number of columns shown."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: _Index, role: int = _ROLE.DisplayRole) -> Any:
        """The text of a cell and how it looks."""
        column, row = self.columns[index.column()], int(self.arrangement.order[index.row()])
        if role == _ROLE.DisplayRole:
            return cell_text(column, self.forms[column.key], row)
        if role == _ROLE.TextAlignmentRole:
            return _RIGHT if column.kind is Kind.NUMBER else _LEFT
        if role == _ROLE.BackgroundRole:
            return self._brushes[self._portal(row)] if len(self._brushes) > 1 else None
        if role == _ROLE.ToolTipRole:
            return plain_tip(tip_text(column, row))
        if role == _ROLE.DecorationRole and column.key == PORTAL:
            return self._icons[self._portal(row)]
        if role in (_ROLE.FontRole, _ROLE.ForegroundRole) and link_of(self.rows, column, row):
            return self._link_font if role == _ROLE.FontRole else self._link_colour
        return None

    def _portal(self, row: int) -> int:
        return next(number for number, each in enumerate(self.rows.portals) if row < each.first + each.n_rows)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _ROLE.DisplayRole) -> Any:
        """Names with the direction of sorting above units; all that is said of the column as the tooltip."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        column = self.columns[section]
        if role == _ROLE.DisplayRole:
            return f"{column.name}{self._sign(column.key)}\n{pretty_unit(self.forms[column.key].unit)}"
        if role == _ROLE.ToolTipRole:
            return plain_tip(column_tip(column, self.forms[column.key]))
        if role == _ROLE.TextAlignmentRole:
            return _RIGHT if column.kind is Kind.NUMBER else _LEFT
        return None

    def _sign(self, key: str) -> str:
        """The sort's arrow, numbered where there are several keys."""
        for number, each in enumerate(self.sort_keys, 1):
            if each.column == key:
                several = "₁₂₃₄₅₆₇₈₉"[min(number, 9) - 1] if len(self.sort_keys) > 1 else ""
                return f" {'▼' if each.descending else '▲'}{several}"
        return ""


def column_tip(column: RowColumn, form: Form) -> str:
    """All that is said of a column, a line each."""
    lines = [column.name, column.description]
    if form.key:
        turned = ": the smallest there is the largest here" if form.reverses else ""
        lines.append(f"Shown as {form.label}, given as {pretty_unit(column.unit) or 'numbers'}{turned}")
    elif column.unit:
        lines.append(f"Unit: {pretty_unit(column.unit)}")
    lines += [f"{word}: {said}" for word, said in (("UCD", column.ucd), ("Utype", column.utype)) if said]
    if column.origins:
        lines.append(f"Given by {', '.join(column.origins)} only")
    lines.append("Click to sort; with Ctrl as a further key." if column.kind is not Kind.OTHER else "")
    return "\n".join(filter(None, lines))
