"""The source bar: name, position and v_LSR of what is observed and modelled, as typed, and what became of the name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from stopdesk.domain.parameter import read_number
from stopdesk.domain.session import Source
from stopdesk.errors import InputError
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Elided
from stopdesk.ui.notices import plain_tip
from stopdesk.ui.send_button import SendButton
from stopdesk.ui.theme import GRID, problem_colour


class NameEdit(QLineEdit):
    """A field for a name; a paste of several lines is too much for it and is sent as ``lines_pasted``."""

    lines_pasted = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type; several names go elsewhere, Escape gives up what is asked."""
        text = QGuiApplication.clipboard().text() if event.matches(QKeySequence.StandardKey.Paste) else ""
        if len([line for line in text.splitlines() if line.strip()]) > 1:
            self.lines_pasted.emit(text)
            return
        super().keyPressEvent(event)


class SourceBar(QWidget):
    """Fields as typed; ``changed`` is sent with every keystroke.

    ``name_entered`` carries one name or several (as text), ``position_entered`` a position; ``given_up`` wants no
    answer any more, ``edited`` says that what stood beside them no longer holds.
    """

    changed = Signal()
    name_entered = Signal(str)
    position_entered = Signal(str)
    given_up = Signal()
    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = self._field(NameEdit(), "Source name", "Source, e.g. IRAS 16293-2422", 22)
        self._name.setToolTip("A name is looked up with Enter, several between semicolons or pasted as lines")
        self._position = self._field(QLineEdit(), "Source position", "Position, e.g. 16:32:22.9 -24:28:36", 27)
        self._position.setToolTip("In any notation; ICRS where no frame is named")
        self._v_lsr = self._field(QLineEdit(), "Source velocity", "0", 7)
        self._v_lsr.setToolTip("Velocity of the source in the LSRK frame, radio convention, in km/s")
        self._problem = QLabel()
        self._problem.setAccessibleName("Problem with the velocity")
        self.answer = Elided()
        self.answer.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.stop = _button("Cancel", "Stop looking up the name")
        self.stop.hide()
        self.targets = _button("Targets", "The targets of this session")
        self.targets.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.targets_menu = QMenu(self.targets)
        self.targets_menu.setToolTipsVisible(True)
        self.targets.setMenu(self.targets_menu)
        self.send_button = SendButton("the position of the source")
        self.send_button.setFlat(True)
        self.choose = _button("Choose", "Say which of these is meant")
        self.choose.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choose.setMenu(QMenu(self.choose))
        self.choose.hide()
        self._lay_out()
        assert isinstance(self._name, NameEdit)
        self._name.lines_pasted.connect(self.name_entered)
        self._name.returnPressed.connect(lambda: self.name_entered.emit(self._name.text()))
        self._position.returnPressed.connect(lambda: self.position_entered.emit(self._position.text()))
        for field in (self._name, self._position):
            field.textEdited.connect(self._forget_answer)
        self.stop.clicked.connect(self.given_up)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        for label, field in (("Source", self._name), ("Position", self._position)):
            text = QLabel(label)
            text.setBuddy(field)
            row.addWidget(text)
            row.addWidget(field, 2)
        row.addWidget(self.answer, 3)
        row.addWidget(self.choose)
        row.addWidget(self.stop)
        text = QLabel("v_LSR")
        text.setBuddy(self._v_lsr)
        row.addWidget(text)
        row.addWidget(self._v_lsr)
        row.addWidget(QLabel("km/s"))
        row.addWidget(self._problem)
        row.addWidget(self.targets)
        row.addWidget(self.send_button)

    def _field(self, field: QLineEdit, name: str, placeholder: str, width: int) -> QLineEdit:
        field.setPlaceholderText(placeholder)
        field.setAccessibleName(name)
        field.setMinimumWidth(width * GRID)
        field.setMaximumWidth(2 * width * GRID)
        field.textChanged.connect(self._edited)
        return field

    def _forget_answer(self) -> None:
        self.say("")
        self.edited.emit()

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
        self.say("")

    def point_at(self, name: str, position: str) -> None:
        """Show a name and a position in place of those before, as one change."""
        with QSignalBlocker(self._name), QSignalBlocker(self._position):
            self._name.setText(name)
            self._position.setText(position)
            self._position.setCursorPosition(0)
        self._edited()

    def say(self, text: str, *, problem: bool = False, tip: str = "") -> None:
        """Say what came of the name or the position; "" for nothing."""
        self.answer.set_problem(problem)
        self.answer.set_words(f"{PROBLEM_SIGN} {text}" if problem else text)
        if tip:
            self.answer.setToolTip(plain_tip(tip))
        for button in (self.stop, self.choose):
            button.hide()

    def show_asking(self, text: str) -> None:
        """Say that a name is being looked up; it can be stopped."""
        self.say(text)
        self.stop.show()

    def offer(self, choices: Sequence[str], picked: Callable[[int], object]) -> None:
        """Offer what an ambiguous name may mean; ``picked`` is told the number of the choice."""
        menu = QMenu(self.choose)
        for number, text in enumerate(choices):
            action = menu.addAction(text.replace("&", "&&"))
            action.triggered.connect(lambda _=False, number=number: picked(number))
        old = self.choose.menu()
        self.choose.setMenu(menu)
        self.choose.show()
        if old is not None:
            old.deleteLater()

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


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    return button
