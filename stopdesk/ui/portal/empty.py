"""What the Observe workspace is for, while it has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from stopdesk.ui import theme


class EmptyPage(QWidget):
    """``example_wanted`` asks for the answer that comes with the program."""

    example_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        words = QLabel(
            "<h3>Nothing searched yet</h3><p>Type a name or a position above, tick portals on the left, and search: "
            "all are asked at once. What they have is listed here, shown on the sky, over frequency and over time, and "
            "loaded with a double click.</p><p>Or begin with an example, which needs no network: a record of ALMA's "
            "archive about M83, as it was in December 2019.</p>"
        )
        words.setWordWrap(True)
        words.setFixedWidth(60 * theme.GRID)
        words.setMinimumHeight(words.heightForWidth(60 * theme.GRID))
        self.example = QPushButton("Show the example")
        self.example.setToolTip("Show an answer that comes with the program; works without a network")
        self.example.clicked.connect(self.example_wanted)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.GRID)
        layout.addWidget(self.example, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
