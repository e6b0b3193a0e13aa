"""The form of a model: fields generated from its spec, problems in words, undo and redo for every field."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QUndoStack
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from stopdesk.domain.kinds import Flag, Integer, Several, Text
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Choice, FileInput, MoleculeChoice, Number, Parameter, Value
from stopdesk.domain.session import FieldState, FormState
from stopdesk.domain.spec import ModelSpec, Preset
from stopdesk.errors import Problem
from stopdesk.ui import theme
from stopdesk.ui.forms import reading
from stopdesk.ui.forms.controls import Widths
from stopdesk.ui.forms.editors import ChoiceEditor, Editor, NumberEditor
from stopdesk.ui.forms.filled import Filled, fill
from stopdesk.ui.forms.history import FieldEdit, FormEdit
from stopdesk.ui.forms.loading import MoleculeLoader
from stopdesk.ui.forms.molecule_editors import AskFile, FileEditor, MoleculeEditor, ask_file
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.plain_editors import FlagEditor, LineEditor, LinesEditor
from stopdesk.ui.forms.rows import FieldRow, GroupBox
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks


class ModelForm(QWidget):
    """A form filled with the first preset of its spec, or with defaults where it has none.

    ``changed`` is sent after every change of what the form says, and when the molecule has been read; ``run_asked`` on
    Enter; ``revealed`` with a widget that should come into sight, after undo and redo.
    """

    changed = Signal()
    run_asked = Signal()
    revealed = Signal(QWidget)

    def __init__(
        self,
        spec: ModelSpec,
        *,
        tasks: Tasks,
        notices: Notices,
        library: MoleculeLibrary,
        ask_file: AskFile = ask_file,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.spec = spec
        self.history = QUndoStack(self)
        self._tasks = tasks
        self._notices = notices
        self._library = library
        self._loader = MoleculeLoader(tasks=tasks, library=library, parent=self)
        self._stay = 0
        self._molecule_row = next((p.name for p in spec.parameters if isinstance(p, MoleculeChoice)), None)
        files = (p.name for p in spec.parameters if isinstance(p, FileInput))
        self._file_row = next(files, None) if self._molecule_row else None  # other models' files are no molecules
        self._said: dict[str, str] = {}
        widths = Widths.of(self.fontMetrics(), tuple(parameter.label for parameter in spec.parameters))
        described = bool(spec.origin)
        self.rows = {
            p.name: FieldRow(self._editor(p, widths, ask_file), widths, with_help=described) for p in spec.parameters
        }
        self.boxes = self._lay_out()
        self._connect()
        self._fields = {name: reading.default_field(spec.parameter(name)) for name in self.rows}
        self._filled: Filled
        self._loader.arrived.connect(self._refresh)
        self.start_over()

    # -- what it says -------------------------------------------------------------------------------------------------

    @property
    def molecule(self) -> Molecule | None:
        """The molecule that the form goes by; None before the first has been read."""
        return self._loader.molecule

    @property
    def is_reading(self) -> bool:
        """Whether the molecule is still being read."""
        return self._loader.loading

    @property
    def n_rows(self) -> int:
        """Rows of the grid, as far as it can be read."""
        return self._filled.n_rows

    @property
    def molecule_name(self) -> str:
        """The molecule's formula, or the name of the file without its suffix."""
        attachments = self.attachments()
        if self._file_row in attachments:
            return attachments[self._file_row].stem
        return self._library.name_of(self._fields[self._molecule_row].text) if self._molecule_row else ""

    def state(self) -> FormState:
        """The form as it stands, right or wrong."""
        return FormState(fields=dict(self._fields))

    def values(self) -> Mapping[str, Value]:
        """What can be read and applies."""
        return self._filled.values

    def problems(self) -> tuple[Problem, ...]:
        """Everything that is in the way of a run, in words, in the order of the form."""
        return self._filled.problems + self._molecule_problems()

    def request(self) -> dict[str, str]:
        """What would be sent, files left out."""
        return dict(self._filled.request)

    def attachments(self) -> dict[str, Path]:
        """The files that would be sent."""
        files = (p.name for p in self.spec.parameters if isinstance(p, FileInput))
        return {name: Path(self._fields[name].text) for name in files if self._fields[name].text}

    # -- filling it in ------------------------------------------------------------------------------------------------

    def set_state(self, state: FormState) -> None:
        """Show a form as it once stood; fields it does not have get their default. History starts anew."""
        self.history.clear()
        self._put_form(state)

    def start_over(self) -> None:
        """Fill the form with the first preset, or with defaults. History starts anew."""
        self.set_state(self._state_of(self.spec.presets[0].request if self.spec.presets else {}, {}))

    def set_request(
        self, request: Mapping[str, str], attachments: Mapping[str, Path] | None = None, *, text: str = "changed run"
    ) -> None:
        """Fill the form from a request, as one step of undo; what the request leaves out gets its default."""
        unknown = [name for name in request if name not in self.rows]
        if unknown:
            self._notices.warn(f"The {self.spec.title} form has no field for {', '.join(unknown)}; this was left out.")
        after = self._state_of(request, attachments or {})
        if after != self.state():
            self.history.push(FormEdit(self._put_form, text, self.state(), after))

    def apply_preset(self, preset: Preset) -> None:
        """Fill the form from a preset, as one step of undo."""
        self.set_request(preset.request, text=f"preset {preset.name}")

    def tell(self, problems: Sequence[Problem]) -> None:
        """Show what the service said of its parameters beside their fields, each until its field is changed.

        A run is not held up by it: only the service knows whether it is mended.
        """
        said = {name: f"The service says: {problem.text}" for problem in problems for name in problem.parameters}
        self._said = {name: text for name, text in said.items() if name in self.rows}
        self._refresh()
        for box in self.boxes:
            if any(row.parameter.name in self._said for row in box.rows):
                box.unfold()
        if self._said:
            self.revealed.emit(self.rows[next(iter(self._said))])

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        first = next((row for row in self.rows.values() if not row.isHidden()), None)
        if first is not None:
            first.editor.controls()[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter asks for the run."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.run_asked.emit()
        else:
            super().keyPressEvent(event)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _editor(self, parameter: Parameter, widths: Widths, ask: AskFile) -> Editor:
        if isinstance(parameter, Number):
            return NumberEditor(parameter, widths)
        if isinstance(parameter, Choice):
            return ChoiceEditor(parameter, widths)
        if isinstance(parameter, MoleculeChoice):
            with_file = self._file_row is not None
            return MoleculeEditor(parameter, self._library.entries, widths, with_file=with_file)
        if isinstance(parameter, Flag):
            return FlagEditor(parameter, widths)
        if isinstance(parameter, Several) and parameter.by_line:
            return LinesEditor(parameter, widths)
        if isinstance(parameter, (Integer, Text, Several)):
            return LineEditor(parameter, widths)
        assert isinstance(parameter, FileInput)
        return FileEditor(parameter, widths, ask=ask)

    def _lay_out(self) -> list[GroupBox]:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        boxes = []
        for group in self.spec.groups:
            rows = [row for row in self.rows.values() if row.parameter.group == group.name]
            boxes.append(GroupBox(group, rows))
            column.addWidget(boxes[-1])
        column.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        return boxes

    def _connect(self) -> None:
        order: list[QWidget] = []
        for box in self.boxes:
            order += [box.title] if box.group.advanced else []
            for row in box.rows:
                order += row.editor.controls()
                row.editor.edited.connect(partial(self._edited, row.parameter.name))
                row.editor.left.connect(self._left)
                if isinstance(row.editor, MoleculeEditor) and self._file_row is not None:
                    file_editor = self.rows[self._file_row].editor
                    assert isinstance(file_editor, FileEditor)
                    row.editor.open_asked.connect(file_editor.choose)
                    row.editor.fetch_asked.connect(partial(self._fetch_molecule, file_editor))
        for before, after in itertools.pairwise(order):
            QWidget.setTabOrder(before, after)

    def _fetch_molecule(self, file_editor: FileEditor, name: str) -> None:
        """Fetch a molecule by name and use its file as if it had been opened."""
        self._tasks.start(
            f"Fetching {name} from LAMDA",
            lambda _: self._library.fetch(name),
            done=file_editor.take,
            failed=self._notices.fail,
            queue_name="LAMDA",
            width=1,
        )

    def _state_of(self, request: Mapping[str, str], attachments: Mapping[str, Path]) -> FormState:
        fields = {}
        for name, row in self.rows.items():
            if isinstance(row.parameter, FileInput):
                fields[name] = FieldState(text=str(attachments.get(name, "")))
            elif request.get(name, "").strip():
                fields[name] = reading.field_from_wire(row.parameter, request[name])
            else:
                fields[name] = reading.default_field(row.parameter)
        return FormState(fields=fields)

    def _edited(self, name: str, typing: bool) -> None:
        before, after = self._fields[name], self.rows[name].editor.state()
        if before == after:
            return
        self._fields[name] = after
        self._said.pop(name, None)
        stay = self._stay if typing else None
        label = self.rows[name].parameter.label
        self.history.push(FieldEdit(self._put_field, name, label, (before, after), stay=stay))
        self._refresh()
        if name == self._file_row and self._molecule_row is not None:  # one of the two rows has gone with the focus
            self.rows[name if after.text else self._molecule_row].editor.controls()[0].setFocus()

    def _left(self) -> None:
        self._stay += 1

    def _put_field(self, name: str, state: FieldState) -> None:
        row = self.rows[name]
        self._fields[name] = state
        row.editor.set_state(state)
        self._left()
        self._refresh()
        for box in self.boxes:
            if row in box.rows:
                box.unfold()
        if not row.isHidden():
            next(control for control in row.editor.controls() if not control.isHidden()).setFocus()
            self.revealed.emit(row)

    def _put_form(self, state: FormState) -> None:
        self._said = {}
        for name, row in self.rows.items():
            row.editor.set_state(state.fields.get(name) or reading.default_field(row.parameter))
            self._fields[name] = row.editor.state()
        self._left()
        self._refresh()

    def _want_molecule(self) -> None:
        path = self.attachments().get(self._file_row or "")
        key = self._fields[self._molecule_row].text if self._molecule_row else ""
        if path is not None:
            self._loader.want(path)
        elif key in self._library.keys:
            self._loader.want(key)
        else:
            self._loader.forget()

    def _molecule_problems(self) -> tuple[Problem, ...]:
        text = "The molecule is being read." if self._loader.loading else self._loader.problem
        name = self._file_row if self._file_row in self.attachments() else self._molecule_row
        return (Problem((name,), text),) if text and name else ()

    def _refresh(self) -> None:
        """Read the form anew and show what follows."""
        self._want_molecule()
        files = {name: self._loader.attachment(path) for name, path in self.attachments().items()}
        self._filled = fill(self.spec, self._fields, self.molecule, files=files, molecule_keys=self._library.keys)
        problems = self.problems()
        source = self._file_row if self._file_row in files else self._molecule_row
        for name, row in self.rows.items():
            no_file = name == self._file_row and self._molecule_row is not None and not self._fields[name].text
            row.setVisible(name in self._filled.shown and not no_file)
            mine = [problem.text for problem in problems if name in problem.parameters]
            mine += [self._said[name]] if name in self._said else []
            molecule = self.molecule if name == source and not mine else None
            row.show_doubts(molecule.doubts if molecule is not None else ())
            row.show_problems(mine, waiting=self._loader.loading and len(mine) == 1 and mine[0].endswith("being read."))
        for box in self.boxes:
            shown = [row for row in box.rows if not row.isHidden()]
            box.setVisible(bool(shown))
            box.count(
                sum(not reading.is_default(row.parameter, self._fields[row.parameter.name]) for row in shown),
                sum(not row.problem.isHidden() for row in shown),
            )
        self.changed.emit()
