"""What a portal was asked and what it answered, word by word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from stopdesk.domain.search import PortalAnswer
from stopdesk.ui.theme import GRID


def answer_text(answer: PortalAnswer) -> str:
    """All that is known of an answer, in lines."""
    lines = [answer.said, "", f"Date      {answer.date.astimezone():%Y-%m-%d %H:%M:%S %Z}", f"Service   {answer.url}"]
    if answer.answered_by not in ("", answer.url):
        lines.append(f"Answered  {answer.answered_by}")
    lines.append(f"Protocol  {answer.kind.value}")
    if answer.n_new is not None:
        lines.append(f"New rows  {answer.n_new:,}")
    if answer.adql:
        lines += ["", "Query", answer.adql]
    if answer.request:
        lines += ["", "Sent", *(f"  {name} = {value}" for name, value in answer.request if name.upper() != "QUERY")]
    return "\n".join(lines)


class AnswerDialog(QDialog):
    """Shows the answer; the text can be copied."""

    def __init__(self, answer: PortalAnswer, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Answer of {answer.service}")
        self.text = QPlainTextEdit(answer_text(answer), readOnly=True)
        self.text.setAccessibleName(f"What {answer.service} was asked and answered")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.text, 1)
        layout.addWidget(close)
        self.resize(80 * GRID, 44 * GRID)
