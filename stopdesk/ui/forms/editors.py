"""The editors of a form, one a parameter: numbers with units and axes, and choices."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QWidget,
)

from stopdesk.domain.parameter import Choice, Number, Parameter
from stopdesk.domain.session import FieldState
from stopdesk.ui.forms import reading
from stopdesk.ui.forms.controls import AxisButton, Menu, PlainEdit, Widths
from stopdesk.ui.notices import plain_tip


class Editor(QWidget):
    """What all editors have: the state of their field in and out, and word of every change.

    ``edited(typing)`` is sent for every change by the user; ``left`` when typing in the field has ended.
    """

    edited = Signal(bool)
    left = Signal()

    def __init__(self, parameter: Parameter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)

    def state(self) -> FieldState:
        """The field as it stands."""
        raise NotImplementedError

    def set_state(self, state: FieldState) -> None:
        """Show a state; nothing is sent."""
        raise NotImplementedError

    def controls(self) -> list[QWidget]:
        """What takes the focus, in reading order."""
        raise NotImplementedError

    def _watch(self, edit: QLineEdit) -> None:
        edit.textEdited.connect(self._typed)
        edit.editingFinished.connect(self.left)

    def _typed(self) -> None:
        self.edited.emit(True)

    def _chosen(self) -> None:
        self.edited.emit(False)


class NumberEditor(Editor):
    """A number with its unit; the small button opens it to minimum, maximum, number of values and a log tick."""

    def __init__(self, parameter: Number, widths: Widths, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.number = parameter
        self._unit = parameter.unit_text
        self.text = self._edit(widths.editor, "", reading.default_field(parameter).text or "none")
        self._axis = QWidget()
        axis_row = QHBoxLayout(self._axis)
        axis_row.setContentsMargins(0, 0, 0, 0)
        axis_row.setSpacing(4)
        self._axis.setFixedWidth(widths.editor)
        self.minimum = self._edit(widths.number, "minimum")
        self.maximum = self._edit(widths.number, "maximum")
        self.n = self._edit(widths.count, "number of values")
        self.log = QCheckBox("log")
        self.log.setAccessibleName(f"{parameter.label}, logarithmic")
        self.log.setToolTip("Equal steps of the logarithm")
        for words, edit in (("min", self.minimum), ("max", self.maximum), ("n", self.n)):
            axis_row.addWidget(QLabel(words))
            axis_row.addWidget(edit)
        axis_row.addStretch()
        axis_row.addWidget(self.log)
        self.row.addWidget(self.text)
        self.row.addWidget(self._axis)
        self.units = self._unit_menu(widths.unit)
        self.open_axis = AxisButton()
        self.open_axis.setFixedWidth(widths.button)
        self.row.addWidget(self.open_axis)
        keep = self.open_axis.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.open_axis.setSizePolicy(keep)
        self.open_axis.setVisible(parameter.axis)
        self.open_axis.clicked.connect(self._toggle)
        self.log.clicked.connect(self._chosen)
        self._show_axis(False)

    def _edit(self, width: int, part: str, hint: str = "") -> PlainEdit:
        edit = PlainEdit()
        edit.setFixedWidth(width)
        edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        edit.setPlaceholderText(hint)
        edit.setAccessibleName(f"{self.number.label}, {part}" if part else self.number.label)
        edit.editingFinished.connect(self._settle)
        self._watch(edit)
        return edit

    def _unit_menu(self, width: int) -> Menu | None:
        """A menu where there is a choice, else the unit as a word."""
        units = self.number.units
        if len(units) == 1:
            label = QLabel(reading.unit_label(units[0]))
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFixedWidth(width)
            label.setToolTip(plain_tip(units[0]))
            label.setIndent(6)
            self.row.addWidget(label)
            return None
        menu = Menu()
        menu.setFixedWidth(width)
        menu.setAccessibleName(f"{self.number.label}, unit")
        menu.setToolTip("The unit; changing it keeps the quantity")
        for unit in units:
            menu.addItem(reading.unit_label(unit), unit)
        menu.activated.connect(self._change_unit)
        self.row.addWidget(menu)
        return menu

    def state(self) -> FieldState:
        """The texts as typed."""
        return FieldState(
            text=self.text.text(),
            unit=self._unit,
            is_axis=self.open_axis.isChecked(),
            minimum=self.minimum.text(),
            maximum=self.maximum.text(),
            n=self.n.text(),
            log=self.log.isChecked(),
        )

    def set_state(self, state: FieldState) -> None:
        """Show a state; only what differs is touched, so that the cursor stays where it is."""
        self._unit = state.unit or self.number.unit_text
        texts = (
            (self.text, state.text),
            (self.minimum, state.minimum),
            (self.maximum, state.maximum),
            (self.n, state.n),
        )
        for edit, text in texts:
            if edit.text() != text:
                edit.setText(text)
        self.log.setChecked(state.log)
        self._show_axis(state.is_axis and self.number.axis)
        if self.units is not None:
            with QSignalBlocker(self.units):
                if self.units.findData(self._unit) < 0:
                    self.units.addItem(reading.unit_label(self._unit), self._unit)
                self.units.setCurrentIndex(self.units.findData(self._unit))

    def controls(self) -> list[QWidget]:
        """Numbers, unit, axis button."""
        unit = [] if self.units is None else [self.units]
        return [self.text, self.minimum, self.maximum, self.n, self.log, *unit, self.open_axis]

    def _show_axis(self, is_axis: bool) -> None:
        self.open_axis.setChecked(is_axis)
        self.text.setVisible(not is_axis)
        self._axis.setVisible(is_axis)
        words = "Back to one value" if is_axis else "Open to an axis: minimum, maximum, number of values"
        self.open_axis.setToolTip(words)
        self.open_axis.setAccessibleName(f"{self.number.label}: {words.lower()}")

    def _toggle(self, is_axis: bool) -> None:
        change = reading.opened if is_axis else reading.closed
        before = self.state().model_copy(update={"is_axis": not is_axis})
        self.set_state(change(self.number, before))
        self._chosen()

    def _change_unit(self, index: int) -> None:
        assert self.units is not None
        unit = str(self.units.itemData(index))
        if unit != self._unit:
            self.set_state(reading.with_unit(self.number, self.state(), unit))
            self._chosen()

    def _settle(self) -> None:
        before = self.state()
        after = reading.settled(self.number, before)
        if after != before:
            self.set_state(after)
            self._typed()  # one step of undo with the typing that it ends


class ChoiceEditor(Editor):
    """A menu of a few words."""

    def __init__(self, parameter: Choice, widths: Widths, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.menu = Menu()
        self.menu.setFixedWidth(widths.whole)
        self.menu.setAccessibleName(parameter.label)
        if parameter.default is None:
            self.menu.addItem("choose" if parameter.required else "not given", "")
        for option in parameter.options:
            self.menu.addItem(parameter.label_of(option), option)
        self.menu.activated.connect(self._chosen)
        self.row.addWidget(self.menu)

    def state(self) -> FieldState:
        """The option as it goes on the wire."""
        return FieldState(text=str(self.menu.currentData() or ""))

    def set_state(self, state: FieldState) -> None:
        """Choose; a word that is no option is shown as it is, with its problem beside it."""
        if self.menu.findData(state.text) < 0:
            self.menu.addItem(state.text, state.text)
        self.menu.setCurrentIndex(self.menu.findData(state.text))

    def controls(self) -> list[QWidget]:
        """The menu."""
        return [self.menu]
