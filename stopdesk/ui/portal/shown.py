"""What stands above the results: which of them are shown, and what can be done with the row that is selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from stopdesk.ui.forms.controls import Menu
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.ui.send_button import SendButton
from stopdesk.ui.theme import GRID

#: What can be done with a row, by its word, and what that means.
COMMANDS = {
    "Load": "Fetch the data behind the row and open them by what they are",
    "Model this": "Fill the LVG form from the row (source, frequency range), with its beam and resolution beside it",
    "Use as source": "Put the row's name and position into the source bar",
}

#: The choice of all portals.
ALL = ""


@dataclass(frozen=True)
class Choice:
    """What can be shown: `ALL`, a portal by its address, or a table of one's own by its key."""

    key: str
    name: str
    n_rows: int = 0
    is_own: bool = False

    @property
    def words(self) -> str:
        """The choice as it stands in the menu."""
        return self.name if self.key == ALL else f"{'File: ' if self.is_own else ''}{self.name} ({self.n_rows:,})"


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
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(GRID // 2, GRID // 2, GRID // 2, 0)
        self._lines.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._which, self._commands = QHBoxLayout(), QHBoxLayout()
        self._lines.addLayout(self._which, 1)
        self._lines.addLayout(self._commands)
        self._which.addWidget(self.title, 1)
        self._which.addWidget(self.choice)
        self.remove = QToolButton()
        self.remove.setText("✕")
        self.remove.setAutoRaise(True)
        self.remove.setAccessibleName("Remove the table")
        self.remove.setToolTip("Take this table out of the session; the file that it came from stays")
        self.remove.hide()
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(self.choice.currentData()))
        self._which.addWidget(self.remove)
        self.send_button = SendButton("the observations")
        self._commands.addWidget(self.send_button)
        self.buttons: dict[str, QPushButton] = {}
        for word, tip in COMMANDS.items():
            button = self.buttons[word] = QPushButton(word)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.setEnabled(False)
            button.clicked.connect(lambda _=False, word=word: self.commanded.emit(word))
            self._commands.addWidget(button)
        self.choice.activated.connect(lambda _: self.chosen.emit(self.choice.currentData()))

    def _widths(self) -> tuple[int, int]:
        """What each of the two halves takes, and what is around them, in pixels."""
        margins = self._lines.contentsMargins()
        around = margins.left() + margins.right()
        return self._which.minimumSize().width() + around, self._commands.minimumSize().width() + around

    def minimumSizeHint(self) -> QSize:
        """As wide as one half: there may be two lines."""
        return QSize(max(self._widths()), self._lines.minimumSize().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand on two lines where one has no room."""
        super().resizeEvent(event)
        has_room = self.width() >= sum(self._widths())
        wanted = QBoxLayout.Direction.LeftToRight if has_room else QBoxLayout.Direction.TopToBottom
        if wanted != self._lines.direction():
            self._lines.setDirection(wanted)
            self.updateGeometry()

    def offer(self, choices: Sequence[Choice], current: str) -> None:
        """Offer these; the one with the key ``current`` is shown, and can be removed where it is the user's own."""
        self.remove.setVisible(any(each.is_own for each in choices if each.key == current))
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for each in choices:
                self.choice.addItem(each.words, each.key)
            self.choice.setCurrentIndex(max(0, self.choice.findData(current)))

    def set_row(self, *, is_there: bool) -> None:
        """Whether a row is selected."""
        for button in self.buttons.values():
            button.setEnabled(is_there)
