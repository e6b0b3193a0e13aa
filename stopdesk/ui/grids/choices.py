"""A labelled choice from a list, and how a line is called in one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLabel

from stopdesk.domain.result import ModelResult
from stopdesk.ui.plots.quantity import molecule_name, show_frequency


def line_title(result: ModelResult, line: int) -> str:
    """Molecule, transition and frequency."""
    transitions = result.transitions
    frequency = show_frequency(transitions.frequency[line])
    return f"{molecule_name(result.molecule)} {transitions.transition[line]}, {frequency}"


def line_items(result: ModelResult) -> list[str]:
    """Transition and frequency of every line."""
    lines = zip(result.transitions.transition, result.transitions.frequency, strict=True)
    return [f"{name}  {show_frequency(frequency)}" for name, frequency in lines]


class Choice(QObject):
    """A combo box with its label; ``changed`` comes only when the user chooses."""

    changed = Signal()

    def __init__(self, label: str, name: str) -> None:
        super().__init__()
        self.box = QComboBox()
        self.box.setAccessibleName(name)
        self.box.setToolTip(name)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.label = QLabel(label)
        self.label.setBuddy(self.box)
        self.box.currentIndexChanged.connect(self.changed)

    def add_to(self, layout: QBoxLayout) -> None:
        """Put label and box into a row."""
        layout.addWidget(self.label)
        layout.addWidget(self.box)

    def set_items(self, items: Sequence[tuple[str, Any]], value: Any) -> None:
        """Offer other items, and choose one, without telling."""
        with QSignalBlocker(self.box):
            self.box.clear()
            for text, data in items:
                self.box.addItem(text, data)
            self.box.setCurrentIndex(max(0, self.box.findData(value)))

    def value(self) -> Any:
        """The data of the chosen item."""
        return self.box.currentData()

    def set_value(self, value: Any) -> None:
        """Choose the item with that data, if there is one, without telling."""
        index = self.box.findData(value)
        if index >= 0:
            with QSignalBlocker(self.box):
                self.box.setCurrentIndex(index)
