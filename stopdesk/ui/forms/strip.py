"""The strip above the form: which model it is and what for, its presets, undo and redo, what it is in one line."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from stopdesk.domain.spec import ModelSpec
from stopdesk.ui import theme
from stopdesk.ui.forms.controls import Elided, Menu
from stopdesk.ui.forms.observation_line import ObservationLine
from stopdesk.ui.notices import plain_tip


class Strip(QWidget):
    """``chosen`` carries the name of a model or the address of a service, ``preset_chosen`` a Preset."""

    chosen = Signal(str)
    preset_chosen = Signal(object)
    undo_asked = Signal()
    redo_asked = Signal()
    read_again_asked = Signal()

    def __init__(self, specs: Sequence[ModelSpec], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._n_own = len(specs)
        self.models = Menu()
        self.models.setAccessibleName("Model")
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.models.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.models.setMinimumWidth(12 * theme.GRID)
        self.models.setMaximumWidth(32 * theme.GRID)
        for spec in specs:
            self._offer(spec.title, spec.name, spec.summary)
        self.models.activated.connect(lambda index: self.chosen.emit(self.models.itemData(index)))
        label = QLabel("Model")
        label.setBuddy(self.models)
        self.presets = _button("Presets", "Fill the form with an example")
        self.presets.setMenu(QMenu(self.presets))
        self.presets.menu().setToolTipsVisible(True)
        self.undo_button = _button("Undo", "Nothing to undo")
        self.undo_button.clicked.connect(self.undo_asked)
        self.redo_button = _button("Redo", "Nothing to redo")
        self.redo_button.clicked.connect(self.redo_asked)
        self.read_again = _button("Read again", "Ask the service once more which parameters it has")
        self.read_again.clicked.connect(self.read_again_asked)
        self.summary = Elided()
        self.observation = ObservationLine()
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        for widget in (label, self.models, self.presets, self.undo_button, self.redo_button, self.read_again):
            row.addWidget(widget)
        row.addWidget(self.summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, 0)
        column.setSpacing(theme.GRID // 2)
        column.addLayout(row)
        column.addWidget(self.observation)

    def set_services(self, services: Sequence[tuple[str, str]]) -> None:
        """Offer the forms of these services (name, address of the job list) below the models."""
        shown = self.models.currentData()
        with QSignalBlocker(self.models):
            while self.models.count() > self._n_own:
                self.models.removeItem(self._n_own)
            if services:
                self.models.insertSeparator(self._n_own)
            for name, jobs_url in services:
                self._offer(f"Form of {name}", jobs_url, jobs_url)
            self.models.setCurrentIndex(self.models.findData(shown))

    def _offer(self, text: str, key: str, tip: str) -> None:
        self.models.addItem(text, key)
        self.models.setItemData(self.models.count() - 1, plain_tip(tip), Qt.ItemDataRole.ToolTipRole)

    def show_chosen(self, key: str) -> None:
        """Show this model, or the service with this job list, as the chosen one."""
        with QSignalBlocker(self.models):
            self.models.setCurrentIndex(self.models.findData(key))

    def show_spec(self, spec: ModelSpec) -> None:
        """Say what the spec is, and offer what it has: presets, or that its service is asked again."""
        self.summary.set_words(spec.summary)
        self.summary.setToolTip(plain_tip(f"{spec.description}\n\n{spec.reference}"))
        menu = self.presets.menu()
        menu.clear()
        for preset in spec.presets:
            action = menu.addAction(f"{preset.name}:  {preset.help}")
            action.triggered.connect(lambda _=False, preset=preset: self.preset_chosen.emit(preset))
        self.presets.setEnabled(True)
        self.presets.setVisible(not spec.origin)
        self.read_again.setVisible(bool(spec.origin))

    def show_history(self, history: QUndoStack) -> None:
        """Offer undo and redo where there is something to undo or to do again."""
        self.undo_button.setEnabled(history.canUndo())
        self.redo_button.setEnabled(history.canRedo())
        self.undo_button.setToolTip(f"Undo {history.undoText()}" if history.canUndo() else "Nothing to undo")
        self.redo_button.setToolTip(f"Redo {history.redoText()}" if history.canRedo() else "Nothing to redo")

    def show_reading(self, name: str) -> None:
        """Say that the form of a service is on its way: there is nothing to do here until it has come."""
        self.summary.set_words(f"Asking {name} which parameters it has")
        self.read_again.hide()
        for button in (self.presets, self.undo_button, self.redo_button):
            button.setEnabled(False)


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return button
