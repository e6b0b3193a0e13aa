"""Asks for the address of a job that was made elsewhere, and stays until that has been read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from stopdesk.errors import StopdeskError
from stopdesk.ui.adopting import Adopter, job_address
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Words
from stopdesk.ui.log_ins import LogIns
from stopdesk.ui.tasks import Task
from stopdesk.ui.theme import GRID


class AddJobDialog(QDialog):
    """Closes when the job is in the list; a wrong address is told below the field."""

    def __init__(self, *, adopter: Adopter, log_ins: LogIns, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Add a job by its address")
        self._adopter = adopter
        self._log_ins = log_ins
        self._task: Task | None = None
        self._is_open = True
        label = QLabel("Address of the &job")
        self.address = QLineEdit(placeholderText="https://example.org/uws/jobs/1234")
        self.address.setAccessibleName("Address of the job")
        self.address.setMinimumWidth(60 * GRID)
        self.address.textEdited.connect(lambda: self._say(""))
        label.setBuddy(self.address)
        self.words = Words()
        self.words.setMinimumHeight(5 * GRID)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._add = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._add.setText("Add")
        buttons.accepted.connect(self._read)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self._ended)
        column = QVBoxLayout(self)
        column.addWidget(label)
        column.addWidget(self.address)
        column.addWidget(self.words)
        column.addStretch(1)
        column.addWidget(buttons)

    def _say(self, text: str, *, problem: bool = False) -> None:
        self.words.set_problem(problem)
        self.words.setText(f"{PROBLEM_SIGN} {text}" if problem else text)

    def _read(self) -> None:
        text = self.address.text()
        if problem := self._adopter.problem(text):
            self._say(problem, problem=True)
            return
        since = self._log_ins.number

        def failed(error: StopdeskError) -> None:
            self._busy(busy=False)
            self._say(str(error), problem=True)
            self._log_ins.turned_away(error, f"add {job_address(text)}", self._again, since=since)

        self._say("Reading the job…")
        self._busy(busy=True)
        self._task = self._adopter.add_job(text, self.accept, failed)

    def _again(self) -> None:
        """Somebody has logged in there."""
        if self._is_open:
            self._read()

    def _busy(self, *, busy: bool) -> None:
        self._add.setEnabled(not busy)
        self.address.setReadOnly(busy)

    def _ended(self) -> None:
        self._is_open = False
        if self._task is not None:
            self._task.cancel()
