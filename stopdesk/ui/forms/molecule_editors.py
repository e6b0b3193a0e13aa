"""The editors for a molecule: one of the list, a file, or a name in the Leiden data base."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QCompleter,
    QFileDialog,
    QInputDialog,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from stopdesk.domain.parameter import FileInput, MoleculeChoice
from stopdesk.domain.session import FieldState
from stopdesk.ui.forms.controls import Elided, Menu, PlainEdit, Widths
from stopdesk.ui.forms.editors import Editor
from stopdesk.ui.forms.molecules import MoleculeEntry

#: Asks the user for a file: parent, title and patterns in, path out, None when they changed their mind.
AskFile = Callable[[QWidget, str, str], Path | None]


def ask_file(parent: QWidget, title: str, patterns: str) -> Path | None:
    """Ask with the platform's dialog."""
    name, _ = QFileDialog.getOpenFileName(parent, title, "", patterns)
    return Path(name) if name else None


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
        self.row.addWidget(self.open_button)
        self.open_button.setVisible(with_file)  # in its place first: alone it would be a window for a moment
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
