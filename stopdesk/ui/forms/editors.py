"""The editors of a form, one a parameter: numbers with units and axes, choices, molecules, files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from stopdesk.domain.parameter import Choice, FileInput, MoleculeChoice, Number, Parameter
from stopdesk.domain.session import FieldState
from stopdesk.ui.forms import reading
from stopdesk.ui.forms.controls import AxisButton, Elided, Menu, PlainEdit, Widths
from stopdesk.ui.forms.molecules import MoleculeEntry

#: Asks the user for a file: parent, title and patterns in, path out, None when they changed their mind.
AskFile = Callable[[QWidget, str, str], Path | None]


def ask_file(parent: QWidget, title: str, patterns: str) -> Path | None:
    """Ask with the platform's dialog."""
    name, _ = QFileDialog.getOpenFileName(parent, title, "", patterns)
    return Path(name) if name else None


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
            label.setFixedWidth(width)
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


class MoleculeEditor(Editor):
    """A menu of the bundled molecules that can be searched by typing, and the way to a file of one's own."""

    open_asked = Signal()
    fetch_asked = Signal(str)

    def __init__(
        self,
        parameter: MoleculeChoice,
        entries: tuple[MoleculeEntry, ...],
        widths: Widths,
        *,
        with_file: bool,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parameter, parent)
        self._entries = entries
        self.menu = Menu()
        self.menu.setEditable(True)
        self.menu.setInsertPolicy(Menu.InsertPolicy.NoInsert)
        self.menu.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.menu.setAccessibleName(parameter.label)
        edit = PlainEdit()
        self.menu.setLineEdit(edit)
        edit.setAccessibleName(f"{parameter.label}, type to search")
        for number, entry in enumerate(entries):
            self.menu.addItem(entry.label, entry.key)
            self.menu.setItemData(number, entry.reference, Qt.ItemDataRole.ToolTipRole)
        completer = QCompleter(QStringListModel([entry.label for entry in entries], self), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(12)
        self.menu.setCompleter(completer)
        self.menu.activated.connect(self._activated)
        self._watch(edit)
        edit.editingFinished.connect(self._settle)
        self.row.addWidget(self.menu)
        self.open_button = self._open_button()
        self.open_button.setVisible(with_file)
        self.row.addWidget(self.open_button)
        self.setFixedWidth(widths.whole)

    def _open_button(self) -> QToolButton:
        """Opens a file; its menu fetches one by name as well."""
        button = QToolButton()
        button.setText("Open a LAMDA file…")
        button.setToolTip("Use a molecule from a file in the format of the Leiden data base; the arrow fetches one")
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        button.clicked.connect(self.open_asked)
        menu = QMenu(button)
        menu.addAction("Open a file…").triggered.connect(lambda _=False: self.open_asked.emit())
        self.fetch_action = menu.addAction("Fetch from LAMDA by name…")
        self.fetch_action.triggered.connect(lambda _=False: self._ask_name())
        button.setMenu(menu)
        return button

    def _ask_name(self) -> None:
        """Ask for the name that a molecule has in the data base; what was typed and is no bundled one stands there."""
        typed = self.menu.currentText()
        known = "" if self._key_of(typed) else typed.strip()
        name, is_ok = QInputDialog.getText(
            self,
            "Fetch from LAMDA",
            "Name of the file in the Leiden data base, such as hc3n@xpol or ph2co-h2",
            text=known,
        )
        if is_ok and name.strip():
            self.fetch_asked.emit(name.strip())

    def _key_of(self, text: str) -> str | None:
        word = text.strip().lower()
        for entry in self._entries:
            if word in (entry.key, entry.name.lower(), entry.label.lower()):
                return entry.key
        return None

    def state(self) -> FieldState:
        """The molecule's key; what is typed where it is no molecule yet."""
        text = self.menu.currentText()
        return FieldState(text=self._key_of(text) or text)

    def set_state(self, state: FieldState) -> None:
        """Show a molecule by its key, or whatever was typed."""
        if state == self.state():
            return
        self._show(self.menu.findData(state.text), state.text)

    def controls(self) -> list[QWidget]:
        """The menu and the button."""
        return [self.menu, self.open_button]

    def _show(self, index: int, text: str) -> None:
        with QSignalBlocker(self.menu):
            self.menu.setCurrentIndex(index)
            self.menu.setEditText(self.menu.itemText(index) if index >= 0 else text)

    def _activated(self, index: int) -> None:
        self._show(index, "")
        self._chosen()

    def _settle(self) -> None:
        """Show the whole name of a molecule that has been typed by its formula."""
        key = self._key_of(self.menu.currentText())
        if key is not None:
            self._show(self.menu.findData(key), "")


class FileEditor(Editor):
    """A chosen file, shown by its name, with buttons to choose another and to do without."""

    def __init__(
        self, parameter: FileInput, widths: Widths, *, ask: AskFile = ask_file, parent: QWidget | None = None
    ) -> None:
        super().__init__(parameter, parent)
        self._ask = ask
        self._patterns = f"{parameter.label} ({' '.join(parameter.patterns)});;All files (*)"
        self._path = ""
        self.name = Elided()
        self.open_button = QPushButton("Open…")
        self.open_button.setAutoDefault(False)
        self.open_button.setAccessibleName(f"{parameter.label}: choose a file")
        self.open_button.clicked.connect(self.choose)
        self.clear_button = QToolButton()
        self.clear_button.setText("✕")
        self.clear_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.clear_button.setFixedWidth(widths.button)
        self.clear_button.setToolTip("Do without the file")
        self.clear_button.setAccessibleName(f"{parameter.label}: do without the file")
        self.clear_button.clicked.connect(self._clear)
        self.row.addWidget(self.name, 1)
        self.row.addWidget(self.open_button)
        self.row.addWidget(self.clear_button)
        self.setFixedWidth(widths.whole)

    def state(self) -> FieldState:
        """The path."""
        return FieldState(text=self._path)

    def set_state(self, state: FieldState) -> None:
        """Show a path."""
        self._path = state.text
        self.name.set_words(Path(state.text).name if state.text else "no file")
        self.name.setToolTip(state.text)

    def controls(self) -> list[QWidget]:
        """The two buttons."""
        return [self.open_button, self.clear_button]

    def choose(self) -> None:
        """Ask for a file and take it."""
        path = self._ask(self, f"Open: {self.parameter.label.lower()}", self._patterns)
        if path is not None:
            self.take(path)

    def take(self, path: Path) -> None:
        """Take this file."""
        self.set_state(FieldState(text=str(path)))
        self._chosen()

    def _clear(self) -> None:
        self.set_state(FieldState())
        self._chosen()
