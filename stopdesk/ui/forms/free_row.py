"""One row of a form without a description: a name, and a value or a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QPushButton, QToolButton, QWidget

from stopdesk.domain.free import FreeRow
from stopdesk.ui import theme
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Elided, PlainEdit, Words
from stopdesk.ui.forms.molecule_editors import AskFile
from stopdesk.ui.notices import plain_tip


class RowWidget(QWidget):
    """``typed`` is sent with the column that was typed in, ``chosen`` after another file has been chosen."""

    typed = Signal(str)
    chosen = Signal()
    left = Signal()
    remove_asked = Signal()

    def __init__(self, index: int, *, ask_file: AskFile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ask_file = ask_file
        self._path = ""
        self._is_file = False
        number = index + 1
        self.name = self._edit(f"Row {number}, name", "name")
        self.value = self._edit(f"Row {number}, value", "value")
        self.file = Elided()
        self.open_button = QPushButton("Open…")
        self.open_button.setAutoDefault(False)
        self.open_button.setAccessibleName(f"Row {number}: choose a file")
        self.open_button.clicked.connect(self._choose)
        self.remove_button = QToolButton()
        self.remove_button.setText("✕")
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.remove_button.setToolTip("Remove the row (Ctrl+Delete)")
        self.remove_button.setAccessibleName(f"Remove row {number}")
        self.remove_button.clicked.connect(self.remove_asked)
        self.problem = Words(problem=True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        grid.addWidget(self.name, 0, 0)
        grid.addWidget(self.value, 0, 1, 1, 2)
        grid.addWidget(self.file, 0, 1)
        grid.addWidget(self.open_button, 0, 2)
        grid.addWidget(self.remove_button, 0, 3)
        grid.addWidget(self.problem, 1, 0, 1, 4)
        self.name.setFixedWidth(24 * theme.GRID)
        grid.setColumnStretch(1, 1)
        self.set_row(FreeRow())
        self.show_problem("")

    def _edit(self, accessible: str, hint: str) -> PlainEdit:
        edit = PlainEdit()
        edit.setAccessibleName(accessible)
        edit.setPlaceholderText(hint)
        edit.textEdited.connect(lambda _: self.typed.emit(hint))
        edit.editingFinished.connect(self.left)
        return edit

    def row(self) -> FreeRow:
        """The row as it stands."""
        return FreeRow(self.name.text(), self._path if self._is_file else self.value.text(), self._is_file)

    def set_row(self, row: FreeRow) -> None:
        """Show a row; the cursor stays where nothing changes."""
        self._is_file, self._path = row.is_file, row.value if row.is_file else ""
        texts: tuple[tuple[QLineEdit, str], ...] = (
            (self.name, row.name),
            (self.value, "" if row.is_file else row.value),
        )
        for edit, text in texts:
            if edit.text() != text:
                edit.setText(text)
        self.file.set_words(Path(row.value).name if row.is_file and row.value else "no file")
        self.file.setToolTip(plain_tip(self._path))
        self.value.setVisible(not row.is_file)
        self.file.setVisible(row.is_file)
        self.open_button.setVisible(row.is_file)

    def show_problem(self, text: str) -> None:
        """Say what is wrong, or nothing."""
        self.problem.setText(f"{PROBLEM_SIGN} {text}" if text else "")
        self.problem.setVisible(bool(text))

    def controls(self) -> list[QWidget]:
        """What takes the focus, in reading order."""
        return [self.name, self.value, self.open_button, self.remove_button]

    def _choose(self) -> None:
        path = self._ask_file(self, "Open a file to send", "All files (*)")
        if path is not None:
            self.set_row(FreeRow(self.name.text(), str(path), is_file=True))
            self.chosen.emit()
