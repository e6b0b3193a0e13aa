"""What the Observe workspace is for, while it has nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from stopdesk.ui import theme


class EmptyPage(QWidget):
    """``example_wanted`` asks for the answer that comes with the program, ``open_wanted`` for a table of one's own."""

    example_wanted = Signal()
    open_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        words = QLabel(
            "<h3>Nothing searched yet</h3><p>Type a name or a position above, tick portals on the left, and search: "
            "all are asked at once. What they have is listed here, shown on the sky, over frequency and over time, and "
            "loaded with a double click.</p><p>Tables of your own (VOTable, FITS, ECSV, CSV, Parquet) are shown in the "
            "same way: open them, or drop them here. Or begin with an example, which needs no network: a record of "
            "ALMA's archive about M83, as it was in December 2019.</p>"
        )
        words.setWordWrap(True)
        words.setFixedWidth(60 * theme.GRID)
        words.setMinimumHeight(words.heightForWidth(60 * theme.GRID))
        self.example = QPushButton("Show the example")
        self.example.setToolTip("Show an answer that comes with the program; works without a network")
        self.example.clicked.connect(self.example_wanted)
        self.open = QPushButton("Open table…")
        self.open.setToolTip("Show tables of files")
        self.open.clicked.connect(self.open_wanted)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.example)
        row.addWidget(self.open)
        row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(words, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.GRID)
        layout.addLayout(row)
        layout.addStretch(3)
