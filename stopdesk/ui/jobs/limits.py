"""Until when a job is kept and how long it may run: shown beside the details, and the dialogs that ask for others."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDateTime, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from stopdesk.domain.job import Job
from stopdesk.domain.run import Contact, Run
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Menu, Words
from stopdesk.ui.jobs.table import duration_text
from stopdesk.ui.theme import GRID

#: Seconds in the units of a run-time limit.
UNITS = {"seconds": 1, "minutes": 60, "hours": 3600}

#: The longest limit that can be asked for, in seconds: ten years.
_LONGEST = 10 * 366 * 86400


def time_text(when: datetime | None) -> str:
    """A destruction time for people, in local time."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S") if when is not None else "no date"


def limit_text(seconds: int | None) -> str:
    """A run-time limit for people; zero is none (UWS 1.1, section 2.1.8)."""
    if seconds is None:
        return "not told"
    return duration_text(seconds) if seconds else "none"


class LimitRows(QWidget):
    """Both limits of a job with a button each."""

    destruction_wanted = Signal()
    run_time_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.destruction, self.change_destruction = QLabel(), self._button("Change the destruction time")
        self.run_time, self.change_run_time = QLabel(), self._button("Change the run-time limit")
        self.change_destruction.clicked.connect(self.destruction_wanted)
        self.change_run_time.clicked.connect(self.run_time_wanted)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        rows = (
            ("Deleted by the service on", self.destruction, self.change_destruction),
            ("Run-time limit", self.run_time, self.change_run_time),
        )
        for row, (label, text, button) in enumerate(rows):
            grid.addWidget(QLabel(label), 2 * row, 0)  # above its value: the details are narrow
            grid.addWidget(text, 2 * row + 1, 0)
            grid.addWidget(button, 2 * row, 1, 2, 1)

    @staticmethod
    def _button(name: str) -> QPushButton:
        button = QPushButton("Change…")
        button.setAccessibleName(name)
        button.setToolTip(name)
        return button

    def show_run(self, run: Run) -> None:
        """Show the limits of this run's job; the limit on the run time of one that has ended stays as it is."""
        job: Job | None = run.job
        self.setVisible(job is not None)
        if job is None:
            return
        is_there = run.contact is not Contact.GONE and not run.is_unread
        self.destruction.setText(time_text(job.destruction))
        self.run_time.setText(limit_text(job.execution_duration))
        self.change_destruction.setEnabled(is_there)
        self.change_run_time.setEnabled(is_there and not job.phase.is_final)


def _buttons(dialog: QDialog) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


def _say_whose(form: QFormLayout, text: str) -> None:
    """A first line on what is changed."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(48 * GRID)
    form.addRow(label)


class DestructionDialog(QDialog):
    """Asks for a destruction time in local time, and says what that is in UTC."""

    def __init__(self, name: str, when: datetime | None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Change the destruction time")
        start = when if when is not None else datetime.now(UTC)
        self.edit = QDateTimeEdit(QDateTime.fromSecsSinceEpoch(int(start.timestamp()) // 60 * 60))
        self.edit.setDisplayFormat("yyyy-MM-dd HH:mm")
        self.edit.setCalendarPopup(True)
        self.edit.setAccessibleName("Destruction time, local time")
        self.words = Words()
        self._buttons = _buttons(self)
        form = QFormLayout(self)
        _say_whose(form, f"When may the service delete {name} with its results? The service has the last word.")
        form.addRow("Local time", self.edit)
        form.addRow("", self.words)
        form.addRow(self._buttons)
        self.edit.dateTimeChanged.connect(self._changed)
        self._changed()

    @property
    def when(self) -> datetime:
        """The time that was chosen, in UTC."""
        return datetime.fromtimestamp(self.edit.dateTime().toSecsSinceEpoch(), UTC)

    def _changed(self) -> None:
        is_past = self.when <= datetime.now(UTC)
        utc = f"{self.when:%Y-%m-%d %H:%M} UTC"
        past = f"{PROBLEM_SIGN} {utc} is in the past. To delete the job now, use Delete."
        self.words.set_problem(is_past)
        self.words.setText(past if is_past else utc)
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not is_past)


class _Number(QDoubleSpinBox):
    """Shows no more digits than there are."""

    def textFromValue(self, value: float) -> str:
        """The number as people write it."""
        return self.locale().toString(value, "g", 10)


class RunTimeDialog(QDialog):
    """Asks for a limit on the run time in seconds, minutes or hours; 0 is none."""

    def __init__(self, name: str, seconds: int | None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Change the run-time limit")
        self.seconds = seconds or 0
        self.number = _Number(decimals=6, minimum=0, maximum=_LONGEST)
        self.number.setSpecialValueText("no limit")
        self.number.setAccessibleName("Run-time limit")
        self.unit: QComboBox = Menu()
        self.unit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.unit.setAccessibleName("Unit of the run-time limit")
        self.unit.addItems(list(UNITS))
        fitting = [unit for unit, size in UNITS.items() if self.seconds and self.seconds % size == 0]
        self.unit.setCurrentText(fitting[-1] if fitting else "minutes")
        self.words = Words()
        form = QFormLayout(self)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        _say_whose(form, f"How long may {name} run before the service stops it? The service has the last word.")
        form.addRow("Run-time limit", self.number)
        form.addRow("Unit", self.unit)
        form.addRow("", self.words)
        form.addRow(_buttons(self))
        self.unit.currentIndexChanged.connect(self._show)
        self.number.valueChanged.connect(self._typed)
        self._show()

    def _show(self) -> None:
        """Show the limit in the chosen unit."""
        size = UNITS[self.unit.currentText()]
        with QSignalBlocker(self.number):
            self.number.setMaximum(_LONGEST / size)
            self.number.setValue(self.seconds / size)
        self._say()

    def _typed(self, value: float) -> None:
        self.seconds = round(value * UNITS[self.unit.currentText()])
        self._say()

    def _say(self) -> None:
        self.words.setText(f"{self.seconds:,} s" if self.seconds else "It may run as long as it takes.")
