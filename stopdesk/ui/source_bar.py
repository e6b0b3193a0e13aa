"""The source bar: name, position and v_LSR of what is observed and modelled, as typed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from stopdesk.domain.parameter import read_number
from stopdesk.domain.session import Source
from stopdesk.errors import InputError
from stopdesk.ui.theme import GRID, problem_colour


class SourceBar(QWidget):
    """Three fields; ``changed`` is sent with every keystroke."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = self._field("Source name", "Source, e.g. IRAS 16293-2422", 28)
        self._position = self._field("Source position", "Position, e.g. 16:32:22.9 -24:28:36", 32)
        self._v_lsr = self._field("Source velocity", "0", 9)
        self._v_lsr.setToolTip("Velocity of the source in the LSRK frame, radio convention, in km/s")
        self._problem = QLabel()
        self._problem.setAccessibleName("Problem with the velocity")
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        for label, field, unit in (
            ("Source", self._name, ""),
            ("Position", self._position, ""),
            ("v_LSR", self._v_lsr, "km/s"),
        ):
            text = QLabel(label)
            text.setBuddy(field)
            row.addWidget(text)
            row.addWidget(field)
            if unit:
                row.addWidget(QLabel(unit))
        row.addWidget(self._problem)
        row.addStretch(1)

    def _field(self, name: str, placeholder: str, width: int) -> QLineEdit:
        field = QLineEdit(placeholderText=placeholder)
        field.setAccessibleName(name)
        field.setMinimumWidth(width * GRID)
        field.setMaximumWidth(2 * width * GRID)
        field.textChanged.connect(self._edited)
        return field

    def _edited(self) -> None:
        self._problem.setText("")
        try:
            self.v_lsr  # noqa: B018 - read for its complaint
        except InputError as error:
            self._problem.setText(f"⚠ {error}")
            self._problem.setStyleSheet(f"color: {problem_colour().name()}")
        self.changed.emit()

    @property
    def source(self) -> Source:
        """The source as typed."""
        return Source(name=self._name.text(), position=self._position.text(), v_lsr=self._v_lsr.text())

    def set_source(self, source: Source) -> None:
        """Show this source."""
        self._name.setText(source.name)
        self._position.setText(source.position)
        self._v_lsr.setText(source.v_lsr)

    @property
    def v_lsr(self) -> float | None:
        """The velocity in km/s, None when there is none; InputError when it is no number."""
        text = self._v_lsr.text().strip()
        return read_number(text) if text else None

    def v_lsr_or_none(self) -> float | None:
        """The velocity in km/s, None when there is none or it is no number."""
        try:
            return self.v_lsr
        except InputError:
            return None
