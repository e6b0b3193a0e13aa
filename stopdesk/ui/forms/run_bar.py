"""The bar below the form: how large the run is, what it is called, where it goes, and the button that starts it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget

from stopdesk.ui import theme
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Elided, Menu

#: A run estimated to be longer than this, in seconds, is said to be long.
_LONG = 120.0


def duration_words(seconds: float) -> str:
    """A time as people say it: ``under 1 s``, ``about 40 s``, ``about 3 min``, ``about 5 h``, ``about 4 days``."""
    if seconds < 1:
        return "under 1 s"
    for size, unit, until in ((1, "s", 100), (60, "min", 100 * 60), (3600, "h", 48 * 3600)):
        if seconds < until:
            return f"about {math.ceil(seconds / size)} {unit}"
    return f"about {math.ceil(seconds / 86400):,} days"


def size_words(n_rows: int, seconds: float) -> str:
    """Rows and estimated time in words; no time (not a number) where another service takes it."""
    if math.isnan(seconds):
        return f"{n_rows:,} rows" if n_rows > 1 else ""  # what becomes of a single set of parameters nobody knows
    text = f"{n_rows:,} {'row' if n_rows == 1 else 'rows'}, {duration_words(seconds)} on this machine"
    return f"{text}. That is long: a coarser grid is quicker" if seconds > _LONG else text


class RunBar(QWidget):
    """Shows and asks; ``run_asked`` when the button is pressed, ``changed`` when name or service have been changed."""

    run_asked = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name_is_own = False
        self._offered: tuple[tuple[str, str], ...] = ()
        self._fixed: tuple[str, str] | None = None
        self._chosen = ""
        self.size_label = Elided()
        self.name = QLineEdit()
        self.name.setAccessibleName("Name of the run")
        self.name.setToolTip("Name of the run in the list of jobs; empty it to have it named after the model")
        self.name.setMaximumWidth(26 * theme.GRID)
        self.name.textEdited.connect(self._name_typed)
        self.services = Menu()
        self.services.setAccessibleName("Service")
        self.services.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.services.setMinimumWidth(12 * theme.GRID)
        self.services.setMaximumWidth(32 * theme.GRID)
        self.services.activated.connect(self.changed)
        self._show((), None, "")
        self.button = QPushButton("Run")
        self.button.setDefault(True)
        self.button.setMinimumWidth(12 * theme.GRID)
        self.button.clicked.connect(self.run_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        row.setSpacing(theme.GRID)
        row.addWidget(self.size_label, 1)
        for words, control in (("Name", self.name), ("Service", self.services)):
            label = QLabel(words)
            label.setBuddy(control)
            row.addWidget(label)
            row.addWidget(control)
        row.addWidget(self.button)

    @property
    def service(self) -> str:
        """The key of the service that a run goes to; empty where there is none."""
        return str(self.services.currentData() or "")

    @property
    def chosen_service(self) -> str:
        """The key of the service chosen from those offered, also while runs go to a fixed one."""
        return self._chosen if self._fixed else self.service

    def set_services(self, services: Sequence[tuple[str, str]]) -> None:
        """Offer services (label, key); the chosen one stays chosen while it is there."""
        self._show(tuple(services), self._fixed, self.chosen_service)

    def choose_service(self, key: str) -> None:
        """Choose a service where it is offered, else the first."""
        self._show(self._offered, self._fixed, key)

    def fix_service(self, service: tuple[str, str] | None) -> None:
        """Let runs go to this service (label, key) only; None: to the one chosen from those offered, as before."""
        self._show(self._offered, service, self.chosen_service)

    def _show(self, offered: tuple[tuple[str, str], ...], fixed: tuple[str, str] | None, chosen: str) -> None:
        self._offered, self._fixed, self._chosen = offered, fixed, chosen
        with QSignalBlocker(self.services):
            self.services.clear()
            for label, key in (fixed,) if fixed else offered:
                self.services.addItem(label, key)
            self.services.setCurrentIndex(max(0, self.services.findData(chosen)))
        self.services.setEnabled(fixed is None)
        self.services.setToolTip("The service whose form this is" if fixed else "Where the model is computed")

    def suggest_name(self, name: str) -> None:
        """Name the run, unless the astronomer has."""
        if not self._name_is_own:
            self.name.setText(name)
            self.name.setCursorPosition(0)
        self.name.setPlaceholderText(name)

    def set_name(self, name: str) -> None:
        """Name the run for the astronomer; empty: as suggested."""
        self._name_is_own = bool(name)
        self.name.setText(name or self.name.placeholderText())

    @property
    def run_name(self) -> str:
        """What the run is called."""
        return self.name.text().strip() or self.name.placeholderText()

    def show_size(self, n_rows: int, seconds: float, reasons: Sequence[str]) -> None:
        """Say how large the run is, or (``reasons``) what is in its way; the button follows."""
        reasons = list(reasons)
        if not self.service:
            reasons.append("There is no service to run on; add one with Jobs > Services.")
        self.button.setEnabled(not reasons)
        self.size_label.set_problem(bool(reasons))
        if reasons:
            more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
            self.size_label.set_words(f"{PROBLEM_SIGN} {reasons[0]}{more}")
            self.button.setToolTip("\n".join(reasons))
        else:
            self.size_label.set_words(size_words(n_rows, seconds))
            self.button.setToolTip("Send the model to the service (Enter)")
        self.button.setAccessibleDescription(self.button.toolTip())

    def _name_typed(self, text: str) -> None:
        self._name_is_own = bool(text.strip())
        self.changed.emit()
