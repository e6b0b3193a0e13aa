"""The status bar: the last thing the user was told, and what is at work, with a cancel."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stopdesk.ui.notices import Level, Notice, Notices, plain_tip
from stopdesk.ui.tasks import Task, Tasks
from stopdesk.ui.theme import GRID, problem_colour

#: Work shorter than this is not shown, in milliseconds.
SHOW_AFTER_MS = 300

_SIGNS = {Level.INFO: "", Level.WARNING: "⚠ ", Level.ERROR: "⚠ "}


def _words(task: Task) -> str:
    """What is done, and how far it is."""
    return f"{task.name}: {task.message}" if task.message else task.name


class StatusLine(QWidget):
    """One line: a notice on the left, with Details where there are any; progress on the right."""

    def __init__(self, *, notices: Notices, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notices = notices
        self._tasks = tasks
        self._is_error = False
        self._text = QLabel()
        self._text.setAccessibleName("Last notice")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._history = QToolButton()
        self._history.setText("Notices")
        self._history.setToolTip("All that was said since the start, with details")
        self._history.setAutoRaise(True)
        self._work = QLabel()
        self._work.setAccessibleName("Work under way")
        self._work.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedSize(14 * GRID, GRID)
        self._cancel = QToolButton()
        self._cancel.setText("Cancel")
        self._cancel.setAutoRaise(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID, 0, GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self._text, 1)
        row.addWidget(self._history)
        for widget in (self._work, self._bar, self._cancel):
            row.addWidget(widget)
            widget.hide()
        self._row = row
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(SHOW_AFTER_MS)
        self._late.timeout.connect(self._show_work)
        notices.told.connect(self._show_notice)
        tasks.changed.connect(self._tasks_changed)
        tasks.progressed.connect(self._progressed)
        self._cancel.clicked.connect(self._cancel_first)
        self._history.clicked.connect(self._show_history)

    def add(self, item: QWidget) -> None:
        """Have something stand at the right end of the line."""
        self._row.addWidget(item)

    @property
    def text(self) -> str:
        """What the line says."""
        return self._text.text()

    def _show_notice(self, notice: Notice) -> None:
        first = notice.text.splitlines()[0] if notice.text else ""
        self._text.setText(_SIGNS[notice.level] + first)
        self._text.setToolTip(plain_tip(notice.text + (f"\n\n{notice.details}" if notice.details else "")))
        self._is_error = notice.level is Level.ERROR
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        sheet = f"color: {problem_colour().name()}" if self._is_error else ""
        if self._text.styleSheet() != sheet:
            self._text.setStyleSheet(sheet)

    def _shown(self) -> list[Task]:
        return [task for task in self._tasks.under_way if not (task.quiet or task.cancelled)]

    def _tasks_changed(self) -> None:
        if not self._shown():
            self._late.stop()
            for widget in (self._work, self._bar, self._cancel):
                widget.hide()
        elif self._bar.isHidden():
            if not self._late.isActive():
                self._late.start()
        else:
            self._show_work()

    def _progressed(self, _: Task) -> None:
        if not self._bar.isHidden():
            self._tasks_changed()  # what was cancelled is shown no more, though it may take a while to end

    def _show_work(self) -> None:
        shown = self._shown()
        if not shown:
            return
        task = shown[0]
        more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
        self._work.setText(f"{_words(task)}{more}")
        self._work.setToolTip(plain_tip("\n".join(map(_words, shown))))
        self._bar.setRange(0, 0 if task.fraction is None else 1000)
        if task.fraction is not None:
            self._bar.setValue(round(1000 * task.fraction))
        self._work.show()
        self._bar.show()
        self._cancel.setVisible(task.can_cancel)

    def _cancel_first(self) -> None:
        shown = self._shown()
        if shown and shown[0].can_cancel:
            self._notices.tell(f"{shown[0].name}: cancelled.")
            shown[0].cancel()

    def _show_history(self) -> None:
        dialog = QDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle("Notices")
        text = QPlainTextEdit(readOnly=True)
        lines = [
            f"{notice.at:%H:%M:%S}  {_SIGNS[notice.level]}{notice.text}"
            + (f"\n{notice.details}" if notice.details else "")
            for notice in self._notices.history
        ]
        text.setPlainText("\n\n".join(lines) or "Nothing was said yet.")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        column = QVBoxLayout(dialog)
        column.addWidget(text)
        column.addWidget(buttons)
        dialog.resize(80 * GRID, 50 * GRID)
        dialog.open()
