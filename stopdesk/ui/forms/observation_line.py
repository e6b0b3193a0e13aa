"""The line that says which observation a model is made for, with its beam and resolution."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from stopdesk.domain.observation import Observation
from stopdesk.ui.forms.controls import Elided
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.theme import GRID


class ObservationLine(QWidget):
    """Shown where there is an observation; ``dropped`` when the user wants it to be none."""

    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.words = Elided()
        self.drop = QToolButton()
        self.drop.setText("✕")
        self.drop.setAutoRaise(True)
        self.drop.setAccessibleName("Forget the observation")
        self.drop.setToolTip("Forget the observation; the form stays as it is")
        self.drop.clicked.connect(self.dropped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.words, 1)
        row.addWidget(self.drop)
        self.hide()

    def show_observation(self, observation: Observation | None) -> None:
        """Say what is known of it; nothing for None."""
        self.words.set_words(f"Modelled from: {observation.words}" if observation is not None else "")
        self.words.setToolTip(plain_tip(observation.details) if observation is not None else "")
        self.setVisible(observation is not None)
