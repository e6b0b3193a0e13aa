"""What stands above the results: which of them are shown, and what can be done with the row that is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from stopdesk.ui.forms.controls import Menu
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.theme import GRID

#: What can be done with a row, by its word, and what that means.
COMMANDS = {
    "Load": "Fetch the data behind the row and open them by what they are",
    "Model this": "Fill the LVG form from the row (source, frequency range), with its beam and resolution beside it",
    "Use as source": "Put the row's name and position into the source bar",
}

#: The choice of all portals.
ALL = ""


class ShownBar(QWidget):
    """``chosen`` carries the key of what is to be shown (`ALL`, the address of a portal, the key of a loaded table).

    ``commanded`` carries a word of `COMMANDS`, ``remove_wanted`` the key of a loaded table.
    """

    chosen = Signal(str)
    commanded = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.title = ElidedLabel()
        self.choice = Menu()
        self.choice.setAccessibleName("Results shown")
        self.choice.setToolTip("All portals together, one of them alone, or a table that was loaded")
        self.choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.choice.setFixedWidth(26 * GRID)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID // 2, GRID // 2, GRID // 2, 0)
        row.addWidget(self.title, 1)
        row.addWidget(self.choice)
        self.remove = QToolButton()
        self.remove.setText("✕")
        self.remove.setAutoRaise(True)
        self.remove.setAccessibleName("Remove the table")
        self.remove.setToolTip("Take this table out of the session; the file that it came from stays")
        self.remove.hide()
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self.choice.currentData()))
        row.addWidget(self.remove)
        self.buttons: dict[str, QPushButton] = {}
        for word, tip in COMMANDS.items():
            button = self.buttons[word] = QPushButton(word)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.setEnabled(False)
            button.clicked.connect(lambda _=False, word=word: self.commanded.emit(word))
            row.addWidget(button)
        self.choice.activated.connect(lambda _: self.chosen.emit(self.choice.currentData()))

    def offer(self, choices: Sequence[tuple[str, str]], current: str, *, can_remove: bool) -> None:
        """Offer these, as pairs of words and key; ``current`` is shown, and can be removed or not."""
        self.remove.setVisible(can_remove)
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for words, key in choices:
                self.choice.addItem(words, key)
            self.choice.setCurrentIndex(max(0, self.choice.findData(current)))

    def set_row(self, *, is_there: bool) -> None:
        """Whether a row is selected."""
        for button in self.buttons.values():
            button.setEnabled(is_there)
