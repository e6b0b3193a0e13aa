"""What is asked of all portals: how far around the source, how many rows; and the buttons that ask and stop."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QSizePolicy, QSpinBox, QWidget

from stopdesk.domain.parameter import read_number
from stopdesk.domain.search import RADIUS_UNITS
from stopdesk.errors import InputError
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Menu, Words
from stopdesk.ui.theme import GRID

#: Signs of the units of the radius.
_LABELS = {"deg": "deg", "arcmin": "arcmin", "arcsec": "arcsec"}
_MOST_ROWS = 10_000_000


class SearchForm(QWidget):
    """``search_wanted`` and ``stop_wanted`` are its buttons; ``changed`` is sent with every change of a field."""

    search_wanted = Signal()
    stop_wanted = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.radius = QLineEdit("1")
        self.radius.setAccessibleName("Radius")
        self.radius.setToolTip("Radius of the circle around the source")
        self.unit = Menu()
        self.unit.setAccessibleName("Unit of the radius")
        for unit, label in _LABELS.items():
            self.unit.addItem(label, unit)
        self.unit.setCurrentIndex(self.unit.findData("arcmin"))
        self.rows = QSpinBox(minimum=0, maximum=_MOST_ROWS, value=10_000, singleStep=1000)
        self.rows.setGroupSeparatorShown(True)
        self.rows.setSpecialValueText("all")
        self.rows.setAccessibleName("Rows at most")
        self.rows.setToolTip("So many rows are asked for of each portal; 0 for all that it gives")
        self.search = QPushButton("Search")
        self.search.setToolTip("Ask all ticked portals at once")
        self.search.setDefault(True)
        self.stop = QPushButton("Cancel all")
        self.stop.setToolTip("Stop asking; what has come stays")
        self.stop.setEnabled(False)
        self.problem = Words(problem=True)
        self.problem.hide()
        self._lay_out()
        self.radius.textChanged.connect(self._edited)
        self.unit.currentIndexChanged.connect(self._edited)
        self.rows.valueChanged.connect(self._edited)
        self.radius.returnPressed.connect(self.search_wanted)
        self.search.clicked.connect(self.search_wanted)
        self.stop.clicked.connect(self.stop_wanted)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GRID // 2)
        fields = (("&Radius", self.radius, 1), ("Ro&ws at most", self.rows, 2))
        for row, (label, field, n_columns) in enumerate(fields):
            text = QLabel(label)
            text.setBuddy(field)
            grid.addWidget(text, row, 0)
            grid.addWidget(field, row, 1, 1, n_columns)
        grid.addWidget(self.unit, 0, 2)
        self.unit.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        buttons = QHBoxLayout()
        buttons.addWidget(self.search, 1)
        buttons.addWidget(self.stop, 1)
        grid.addLayout(buttons, 2, 0, 1, 3)
        grid.addWidget(self.problem, 3, 0, 1, 3)
        grid.setColumnStretch(1, 1)

    def _edited(self) -> None:
        try:
            self.degrees  # noqa: B018 - read for its complaint
            self._say("")
        except InputError as error:
            self._say(str(error))
        self.changed.emit()

    def _say(self, text: str) -> None:
        self.problem.setText(f"{PROBLEM_SIGN} {text}" if text else "")
        self.problem.setVisible(bool(text))
        self.search.setEnabled(not text)

    @property
    def degrees(self) -> float:
        """The radius in degrees; InputError where it is none."""
        radius = read_number(self.radius.text().strip()) * RADIUS_UNITS[self.unit.currentData()]
        if not 0.0 < radius <= 180.0:
            raise InputError("The radius is above 0 and up to 180 degrees.")
        return radius

    @property
    def max_rows(self) -> int:
        """The rows to ask each portal for at most, 0 for all."""
        return self.rows.value()

    def show_at_work(self, at_work: bool) -> None:
        """Whether a search is under way."""
        self.stop.setEnabled(at_work)

    def state(self) -> dict[str, Any]:
        """The fields, as plain values."""
        return {"radius": self.radius.text(), "unit": self.unit.currentData(), "rows": self.rows.value()}

    def set_state(self, state: Any) -> None:
        """Show these fields; what is none of ours is passed over."""
        known = state if isinstance(state, dict) else {}
        radius, unit, rows = known.get("radius", "1"), known.get("unit", "arcmin"), known.get("rows", 10_000)
        self.radius.setText(radius if isinstance(radius, str) else "1")
        self.unit.setCurrentIndex(max(0, self.unit.findData(unit)))
        self.rows.setValue(rows if type(rows) is int else 10_000)
