"""What stands above a table of observations, and in its place where there is nothing to show."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from stopdesk.ui import theme
from stopdesk.ui.grids.elided import ElidedLabel
from stopdesk.vo.rows import Rows


class TableStrip(QWidget):
    """Buttons for filters, columns and find, and how many rows there are."""

    def __init__(self) -> None:
        super().__init__()
        self.filters = _button("Filters", "Show or hide the filters")
        self.filters.setCheckable(True)
        self.columns = _button("Columns…", "Choose the columns and their order")
        self.find_button = _button("Find…", "Find text in the table (Ctrl+F)")
        self.save = _button("Save…", "Save the rows shown in a file")
        self.facts = ElidedLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.GRID // 2, theme.GRID // 2, theme.GRID // 2, theme.GRID // 2)
        layout.addWidget(self.facts, 1)
        for button in (self.find_button, self.columns, self.save, self.filters):
            layout.addWidget(button)

    def set_usable(self, on: bool) -> None:
        """Whether there is anything to use the buttons on."""
        for button in (self.find_button, self.columns, self.save):
            button.setEnabled(on)

    def say(self, shown: int, rows: Rows, n_chosen: int, n_chosen_hidden: int, n_filters: int) -> None:
        """Say how many rows are shown, of which portals, and how many are selected."""
        parts = []
        if rows.n_rows:
            counted = f"{shown:,} of {rows.n_rows:,}" if shown != rows.n_rows else f"{shown:,}"
            given = [portal.name for portal in rows.portals if portal.n_rows]
            origin = f"from {given[0]}" if len(given) == 1 else f"from {len(given)} portals"
            parts.append(f"{counted} {'row' if rows.n_rows == 1 else 'rows'} {origin}")
        if n_chosen:
            some = "" if n_chosen_hidden == n_chosen else f" {n_chosen_hidden:,} of them"
            hidden = f",{some} hidden" if n_chosen_hidden else ""
            parts.append(f"{n_chosen:,} selected{hidden}")
        self.facts.set_whole(" · ".join(parts))
        self.filters.setText(f"Filters ({n_filters})" if n_filters else "Filters")


class EmptyPage(QWidget):
    """A sentence where there are no rows, and the way out where filters hide them."""

    def __init__(self) -> None:
        super().__init__()
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clear_filters = QPushButton("Clear filters")
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.words)
        layout.addWidget(self.clear_filters, 0, Qt.AlignmentFlag.AlignCenter)
        layout.addStretch(2)

    def say(self, total: int, *, was_shown: bool) -> None:
        """Say why there is nothing: nothing searched, nothing there, all ``total`` rows filtered out."""
        self.clear_filters.setVisible(total > 0)
        if total:
            rows = "the only row" if total == 1 else f"all {total:,} rows"
            self.words.setText(f"The filters hide {rows}.")
        elif was_shown:
            self.words.setText("The portals have no rows there. A larger radius or other portals may have some.")
        else:
            self.words.setText("Nothing has been searched yet. What the portals answer is shown here, a row each.")


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text.rstrip("…"))
    return button
