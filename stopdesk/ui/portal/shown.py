"""What stands above the results: which of them are shown, and what can be done with the row that is selected."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

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
    """``chosen`` carries the key of what is to be shown (`ALL`, the address of a portal, the name of a file).

    ``commanded`` carries a word of `COMMANDS`.
    """

    chosen = Signal(str)
    commanded = Signal(str)

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
        self.buttons: dict[str, QPushButton] = {}
        for word, tip in COMMANDS.items():
            button = self.buttons[word] = QPushButton(word)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.setEnabled(False)
            button.clicked.connect(lambda _=False, word=word: self.commanded.emit(word))
            row.addWidget(button)
        self.choice.activated.connect(lambda _: self.chosen.emit(self.choice.currentData()))

    def offer(self, choices: Sequence[tuple[str, str]], current: str) -> None:
        """Offer these, as pairs of words and key; ``current`` is shown."""
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for words, key in choices:
                self.choice.addItem(words, key)
            self.choice.setCurrentIndex(max(0, self.choice.findData(current)))

    def set_row(self, *, is_there: bool) -> None:
        """Whether a row is selected."""
        for button in self.buttons.values():
            button.setEnabled(is_there)
