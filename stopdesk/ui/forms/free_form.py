"""The form of a service that does not describe its parameters: a table of names with values or files."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from stopdesk.domain import free
from stopdesk.domain.free import FreeRow
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Value
from stopdesk.domain.session import FormState
from stopdesk.domain.spec import ModelSpec, Preset
from stopdesk.errors import Problem
from stopdesk.ui import theme
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Words
from stopdesk.ui.forms.free_row import RowWidget
from stopdesk.ui.forms.history import FormEdit
from stopdesk.ui.forms.molecule_editors import AskFile, ask_file

_TYPING = 2


class _Typing(QUndoCommand):
    """Typing in one cell that has already happened; more of it in the same stay is one step with it."""

    def __init__(self, form: FreeForm, before: FormState, after: FormState, stay: tuple[int, int, str]) -> None:
        super().__init__(f"change of row {stay[1] + 1}")
        self._form, self._before, self._after, self._stay = form, before, after, stay
        self._done = True

    def id(self) -> int:
        """All of these may merge."""
        return _TYPING

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take in more typing in the same cell."""
        if not isinstance(other, _Typing) or other._stay != self._stay:
            return False
        self._after = other._after
        self.setObsolete(self._after == self._before)
        return True

    def undo(self) -> None:
        """Put the rows back."""
        self._form.put(self._before, row=self._stay[1])

    def redo(self) -> None:
        """Put the change there again; the first time it is there already."""
        if self._done:
            self._done = False
            return
        self._form.put(self._after, row=self._stay[1])


class FreeForm(QWidget):
    """Names, values and files as they are typed; a blank row always waits at the end.

    It says and takes what `ModelForm` does. Ctrl+Delete in a row removes it; Enter asks for the run.
    """

    changed = Signal()
    run_asked = Signal()
    revealed = Signal(QWidget)

    #: What other forms know of a molecule and of a grid.
    molecule: Molecule | None = None
    is_reading = False
    n_rows = 1
    molecule_name = ""

    def __init__(self, spec: ModelSpec, *, ask_file: AskFile = ask_file, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self.history = QUndoStack(self)
        self._ask_file = ask_file
        self._stay = 0
        self._said = ""
        self.rows: list[RowWidget] = []
        self._lay_out()
        self.set_state(FormState())

    # -- what it says -------------------------------------------------------------------------------------------------

    def state(self) -> FormState:
        """The rows as they stand, right or wrong, without the blank ones at the end."""
        return free.free_state(self._read())

    def values(self) -> Mapping[str, Value]:
        """Nothing: what the values mean only the service knows."""
        return {}

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is in the way of a run, in words."""
        texts = free.row_problems(self._read())
        return tuple(Problem((), f"Row {number}: {text}") for number, text in enumerate(texts, start=1) if text)

    def request(self) -> dict[str, str]:
        """What would be sent, files left out; `ModelSpec.fields` makes form fields of it."""
        return free.free_request(self._read())

    def attachments(self) -> dict[str, Path]:
        """The files that would be sent."""
        return free.free_files(self._read())

    # -- filling it in ------------------------------------------------------------------------------------------------

    def set_state(self, state: FormState) -> None:
        """Show rows as they once stood. History starts anew."""
        self.history.clear()
        self.put(state)

    def start_over(self) -> None:
        """Empty the form. History starts anew."""
        self.set_state(FormState())

    def set_request(
        self, request: Mapping[str, str], attachments: Mapping[str, Path] | None = None, *, text: str = "changed run"
    ) -> None:
        """Fill the form from a request, as one step of undo."""
        after = free.free_state(free.rows_of(dict(request), dict(attachments or {})))
        if after != self.state():
            self.history.push(FormEdit(self.put, text, self.state(), after))

    def apply_preset(self, preset: Preset) -> None:
        """Fill the form from a preset, as one step of undo."""
        self.set_request(preset.request, text=f"preset {preset.name}")

    def tell(self, problems: Sequence[Problem]) -> None:
        """Show what the service said, until something is changed; a run is not held up by it."""
        self._said = "\n".join(f"{PROBLEM_SIGN} The service says: {problem.text}" for problem in problems)
        self._show_problems()

    def focus_first(self) -> None:
        """Put the cursor into the first row."""
        self.rows[0].name.setFocus()

    def add_file(self) -> None:
        """Ask for a file and add a row for it, as one step of undo; its name is to be typed."""
        path = self._ask_file(self, "Open a file to send", "All files (*)")
        if path is not None:
            rows = self._read()
            self._change((*rows, FreeRow("", str(path), is_file=True)), "added file", row=len(rows))

    def remove(self, index: int) -> None:
        """Remove a row, as one step of undo."""
        rows = self._read()
        if index < len(rows):
            self._change((*rows[:index], *rows[index + 1 :]), "removed row", row=index)

    def put(self, state: FormState, *, row: int | None = None) -> None:
        """Show a state; the cursor goes into the row of that number."""
        rows = free.free_rows(state)
        self._resize(len(rows))
        for widget, each in zip(self.rows, itertools.chain(rows, [FreeRow()]), strict=False):
            widget.set_row(each)
        self._said = ""
        self._stay += 1
        self._show_problems()
        if row is not None:
            chosen = self.rows[min(row, len(self.rows) - 1)]
            chosen.name.setFocus()
            self.revealed.emit(chosen)
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks for the run; Ctrl+Delete removes the row with the cursor."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run_asked.emit()
        elif event.key() == Qt.Key.Key_Delete and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            focused = next((i for i, row in enumerate(self.rows) if row.isAncestorOf(self.focusWidget())), None)
            if focused is not None:
                self.remove(focused)
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        self.hint = Words()
        self.hint.setText(
            f"{self.spec.summary}. Give names and values as its documentation does; "
            "a name may come several times. Rows without a value are not sent."
        )
        column.addWidget(self.hint)
        self._table = QVBoxLayout()
        self._table.setSpacing(4)
        column.addLayout(self._table)
        self.file_button = QPushButton("Add a file…")
        self.file_button.setAutoDefault(False)
        self.file_button.setToolTip("Send a file along, under a name of your own")
        self.file_button.clicked.connect(self.add_file)
        buttons = QHBoxLayout()
        buttons.addWidget(self.file_button)
        buttons.addStretch()
        column.addLayout(buttons)
        self.said = Words(problem=True)
        column.addWidget(self.said)
        column.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.setFixedWidth(64 * theme.GRID)

    def _resize(self, n: int) -> None:
        """Have a widget for each of so many rows, and the blank one at the end."""
        wanted = min(n + 1, free.MAX_ROWS)
        while len(self.rows) > wanted:
            row = self.rows.pop()
            self._table.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < wanted:
            index = len(self.rows)
            row = RowWidget(index, ask_file=self._ask_file)
            row.typed.connect(partial(self._typed, index))
            row.chosen.connect(partial(self._chosen, index))
            row.left.connect(self._left)
            row.remove_asked.connect(partial(self.remove, index))
            self.rows.append(row)
            self._table.addWidget(row)
            row.show()  # now, so that Tab may go there with the next key
        order: list[QWidget] = [control for row in self.rows for control in row.controls()] + [self.file_button]
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    def _read(self) -> tuple[FreeRow, ...]:
        rows = [row.row() for row in self.rows]
        while rows and rows[-1].is_blank:
            rows.pop()
        return tuple(rows)

    def _change(self, rows: Sequence[FreeRow], text: str, *, row: int) -> None:
        """A change of whole rows, as one step of undo."""
        put = partial(self.put, row=row)
        self.history.push(FormEdit(put, text, self._shown, free.free_state(rows)))

    def _typed(self, index: int, column: str) -> None:
        before, after = self._shown, self.state()
        if before != after:
            self._resize(len(self._read()))
            self.history.push(_Typing(self, before, after, (self._stay, index, column)))
            self._said = ""
            self._show_problems()
            self.changed.emit()

    def _chosen(self, index: int) -> None:
        self._left()
        self._typed(index, "file")
        self._left()

    def _left(self) -> None:
        self._stay += 1

    def _show_problems(self) -> None:
        self._shown = self.state()
        texts = free.row_problems(self._read())
        for row, text in itertools.zip_longest(self.rows, texts, fillvalue=""):
            if isinstance(row, RowWidget):
                row.show_problem(str(text))
        self.said.setText(self._said)
        self.said.setVisible(bool(self._said))
