"""The view of a table of observations: links under the mouse, columns that are moved, widths, and the header's menu."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHeaderView, QMenu

from stopdesk.ui import theme
from stopdesk.ui.portal.columns import forms_of
from stopdesk.ui.portal.table_model import RowsModel
from stopdesk.ui.row_selection import SelectingView
from stopdesk.vo.rows import PORTAL, Kind

#: So many columns are made as wide as what is in them, by so many cells of each; the widest.
_FITTED, _SAMPLED = 200, 24
_NARROWEST, _WIDEST = 6 * theme.GRID, 40 * theme.GRID


class RowsView(SelectingView):
    """Shows a `RowsModel`; says what is asked of columns, and which address was clicked."""

    link_wanted = Signal(str, str, int)  # the address, the key of its column, its row
    sort_wanted = Signal(str, bool)  # a column's key, whether as a further one
    form_wanted = Signal(str, str)  # a column's key, a form's
    columns_wanted = Signal(object)  # the keys to show, in order; None to be asked which

    def __init__(self, model: RowsModel, name: str) -> None:
        super().__init__(model)
        self._rows = model
        self._pressed = QModelIndex()
        self.widths: dict[str, int] = {}
        self._setting_widths = False
        self.setAccessibleName(name)
        self.setShowGrid(True)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._set_up_headers()

    def _set_up_headers(self) -> None:
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(_NARROWEST)
        header.setDefaultSectionSize(12 * theme.GRID)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._show_header_menu)
        header.sectionClicked.connect(self._clicked)
        header.sectionMoved.connect(self._moved)
        header.sectionResized.connect(self._resized)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._rows.repaint_colours()

    # ---- columns -------------------------------------------------------------------------------------------------

    def fit(self) -> None:
        """Give each column the width that the user gave it, or what its header and a sample of its cells ask for."""
        self._setting_widths = True
        header = self.horizontalHeader()
        for section, column in enumerate(self._rows.columns):
            width = self.widths.get(column.key)
            if width is None and section < _FITTED:
                width = self._wanted(section)
            if width is not None:
                header.resizeSection(section, width)
        self._setting_widths = False

    def _wanted(self, section: int) -> int:
        metrics, model = self.fontMetrics(), self._rows
        n = model.rowCount()
        places = sorted({round(k * (n - 1) / _SAMPLED) for k in range(_SAMPLED + 1)}) if n else []
        name, _, unit = model.headerData(section, Qt.Orientation.Horizontal).partition("\n")
        texts = [name.rstrip(" ▲▼₁₂₃₄₅₆₇₈₉") + " ▲₁", unit]
        texts += [model.data(model.index(place, section)) for place in places]
        icon = 3 * theme.GRID if model.columns[section].key == PORTAL else 0
        width = max(metrics.horizontalAdvance(text[:200]) for text in texts) + 2 * theme.GRID + icon
        return min(max(width, _NARROWEST), _WIDEST)

    def _resized(self, section: int, _: int, width: int) -> None:
        if not self._setting_widths and section < len(self._rows.columns):
            self.widths[self._rows.columns[section].key] = width

    def _clicked(self, section: int) -> None:
        column = self._rows.columns[section]
        if column.kind is not Kind.OTHER:
            further = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
            self.sort_wanted.emit(column.key, further)

    def _moved(self, _section: int, _old: int, _new: int) -> None:
        header = self.horizontalHeader()
        keys = [self._rows.columns[header.logicalIndex(place)].key for place in range(header.count())]
        if keys != [column.key for column in self._rows.columns]:
            self.columns_wanted.emit(keys)

    def straighten(self) -> None:
        """Let the sections stand in the order of the model's columns, which the user's order has become."""
        header = self.horizontalHeader()
        header.blockSignals(True)
        for section in range(header.count()):
            if header.visualIndex(section) != section:
                header.moveSection(header.visualIndex(section), section)
        header.blockSignals(False)

    def _show_header_menu(self, at: QPoint) -> None:
        header = self.horizontalHeader()
        menu = self.header_menu(header.logicalIndexAt(at))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(header.mapToGlobal(at))

    def header_menu(self, section: int) -> QMenu:
        """What can be done with a column, or with all where ``section`` is none."""
        menu = QMenu(self)
        if 0 <= section < len(self._rows.columns):
            self._offer_column(menu, section)
        menu.addAction("Columns…", lambda: self.columns_wanted.emit(None))
        return menu

    def _offer_column(self, menu: QMenu, section: int) -> None:
        column = self._rows.columns[section]
        keys = [each.key for each in self._rows.columns]
        forms = forms_of(column)
        if len(forms) > 1:
            units = menu.addMenu("Show as")
            group = QActionGroup(units)
            for form in forms:
                action = units.addAction(form.label if form.key else f"{form.label} (as given)")
                group.addAction(action)
                action.setCheckable(True)
                action.setChecked(form.key == self._rows.forms[column.key].key)
                action.triggered.connect(lambda _, key=form.key: self.form_wanted.emit(column.key, key))
        if column.kind is not Kind.OTHER:
            menu.addAction("Sort by this column", lambda: self.sort_wanted.emit(column.key, False))
            menu.addAction("Sort by this column further", lambda: self.sort_wanted.emit(column.key, True))
        menu.addSeparator()
        name = column.name.replace("&", "&&")
        hide = menu.addAction(f"Hide {name}", lambda: self.columns_wanted.emit(_without(keys, column.key)))
        hide.setEnabled(len(keys) > 1)

    # ---- links ---------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A hand over what leads somewhere."""
        super().mouseMoveEvent(event)
        link = self._link_under(event.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if link else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click begins."""
        super().mousePressEvent(event)
        self._pressed = self.indexAt(event.position().toPoint())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Forget where the click began: its address has been followed."""
        super().mouseDoubleClickEvent(event)
        self._pressed = QModelIndex()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A plain click on an address leads there; one with keys selects."""
        super().mouseReleaseEvent(event)
        at = event.position().toPoint()
        plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        index = self.indexAt(at)
        if plain and index.isValid() and index == self._pressed and not QApplication.activePopupWidget():
            link = self._link_under(at)
            if link:
                self.link_wanted.emit(link, self._rows.columns[index.column()].key, self._rows.row_at(index.row()))

    def _link_under(self, at: QPoint) -> str:
        """The address at a point, where its text is and not in the empty rest of the cell."""
        index = self.indexAt(at)
        link = self._rows.link_at(index)
        if not link:
            return ""
        text = self._rows.data(index)
        rectangle = self.visualRect(index)
        ends = rectangle.left() + self.fontMetrics().horizontalAdvance(text[:500]) + theme.GRID
        return link if at.x() <= ends or self._rows.columns[index.column()].kind is Kind.NUMBER else ""


def _without(keys: Iterable[str], key: str) -> list[str]:
    return [each for each in keys if each != key]
