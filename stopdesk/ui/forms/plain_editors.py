"""The editors of what other services describe: whole numbers, yes or no, lines of text, several values."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QPlainTextEdit, QWidget

from stopdesk.domain.kinds import Flag, Integer, Several, Text
from stopdesk.domain.session import FieldState
from stopdesk.errors import InputError
from stopdesk.ui.forms import reading
from stopdesk.ui.forms.controls import PlainEdit, Widths, is_history
from stopdesk.ui.forms.editors import Editor
from stopdesk.ui.notices import plain_tip


class LineEditor(Editor):
    """One line: a whole number, a text, or several values parted by blanks; with the unit behind it."""

    def __init__(self, parameter: Integer | Text | Several, widths: Widths, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.text = PlainEdit()
        self.text.setAccessibleName(parameter.label)
        self.text.setPlaceholderText(reading.default_field(parameter).text or _hint(parameter))
        unit = reading.unit_label(parameter.unit_text)
        if isinstance(parameter, Integer):
            self.text.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.text.setFixedWidth(widths.editor if unit or isinstance(parameter, Integer) else widths.whole)
        self._watch(self.text)
        self.row.addWidget(self.text)
        if unit:
            label = QLabel(unit)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setFixedWidth(widths.unit)
            label.setToolTip(plain_tip(unit))
            label.setIndent(6)
            self.row.addWidget(label)
        self.row.addStretch()
        self.setFixedWidth(widths.whole)

    def state(self) -> FieldState:
        """The text as typed."""
        return FieldState(text=self.text.text())

    def set_state(self, state: FieldState) -> None:
        """Show a text; the cursor stays where nothing changes."""
        if self.text.text() != state.text:
            self.text.setText(state.text)

    def controls(self) -> list[QWidget]:
        """The line."""
        return [self.text]


def _hint(parameter: Integer | Text | Several) -> str:
    if not isinstance(parameter, Several):
        return "not given"
    count = f"{parameter.most} " if parameter.most is not None and parameter.most == parameter.least else ""
    return f"{count}values parted by blanks"


class Lines(QPlainTextEdit):
    """A few lines of plain text whose undo is the form's; Tab leads on, Ctrl+Enter goes to the form."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setFixedHeight(3 * self.fontMetrics().lineSpacing() + 12)

    def event(self, event: QEvent) -> bool:
        """Leave the keys of undo and redo to the form's actions."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_history(event):
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type; undo, redo and Ctrl+Enter pass to the form."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_history(event) or (enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            event.ignore()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Typing has ended."""
        super().focusOutEvent(event)
        self.left.emit()


class LinesEditor(Editor):
    """Several values that may hold blanks, one a line."""

    def __init__(self, parameter: Several, widths: Widths, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.lines = Lines()
        self.lines.setFixedWidth(widths.whole)
        self.lines.setAccessibleName(parameter.label)
        self.lines.setPlaceholderText("one value a line")
        self.lines.textChanged.connect(self._typed)
        self.lines.left.connect(self.left)
        self.row.addWidget(self.lines)

    def state(self) -> FieldState:
        """The lines as typed."""
        return FieldState(text=self.lines.toPlainText())

    def set_state(self, state: FieldState) -> None:
        """Show lines; the cursor stays where nothing changes."""
        if self.lines.toPlainText() != state.text:
            with QSignalBlocker(self.lines):
                self.lines.setPlainText(state.text)

    def controls(self) -> list[QWidget]:
        """The lines."""
        return [self.lines]


class FlagEditor(Editor):
    """A tick box; without a default it has a third position, which leaves the matter to the service."""

    _WORDS: ClassVar = {
        Qt.CheckState.Checked: "yes",
        Qt.CheckState.Unchecked: "no",
        Qt.CheckState.PartiallyChecked: "left to the service",
    }

    def __init__(self, parameter: Flag, widths: Widths, parent: QWidget | None = None) -> None:
        super().__init__(parameter, parent)
        self.flag = parameter
        self._text = ""
        self.box = QCheckBox()
        self.box.setFixedWidth(widths.whole)
        self.box.setAccessibleName(parameter.label)
        self.box.clicked.connect(self._clicked)
        self.row.addWidget(self.box)
        self.set_state(FieldState())

    def state(self) -> FieldState:
        """Yes or no in the words of the wire; whatever else stood in the request until the box is used."""
        return FieldState(text=self._text)

    def set_state(self, state: FieldState) -> None:
        """Tick or not; the third position for what is neither yes nor no."""
        self._text = state.text
        self.box.setTristate(self.flag.default is None)
        try:
            is_set = self.flag.parse(state.text) if state.text.strip() else None
        except InputError:
            is_set = None
        if is_set is None:
            self.box.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self.box.setCheckState(Qt.CheckState.Checked if is_set else Qt.CheckState.Unchecked)
        self._name()

    def controls(self) -> list[QWidget]:
        """The box."""
        return [self.box]

    def _clicked(self) -> None:
        state = self.box.checkState()
        is_neither = state == Qt.CheckState.PartiallyChecked
        self._text = "" if is_neither else self.flag.format(state == Qt.CheckState.Checked)
        self._name()
        self._chosen()

    def _name(self) -> None:
        self.box.setText(self._WORDS[self.box.checkState()])
