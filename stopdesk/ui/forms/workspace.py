"""The Model workspace: choose a model, fill its form, see the middle row at once, send the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from stopdesk import paths
from stopdesk.domain.models import MODELS
from stopdesk.domain.run import StoredFile
from stopdesk.domain.session import FormState
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import Problem
from stopdesk.ui import focus, theme
from stopdesk.ui.forms.controls import PROBLEM_SIGN, Elided, Menu
from stopdesk.ui.forms.form import ModelForm
from stopdesk.ui.forms.molecule_editors import AskFile, ask_file
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.preview import Preview, Question
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.forms.run_bar import RunBar
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Task, Tasks

#: The model in front when nobody says otherwise, and the one of the example.
_FIRST = "lvg"

#: The preview needs so many pixels beside the form; where there are fewer, it gives way.
_PREVIEW_WIDTH = 34 * theme.GRID


@dataclass(frozen=True)
class RunOrder:
    """What the astronomer wants computed: as sent, with its files by parameter name; ``service`` is a service's key."""

    name: str
    model: str
    request: dict[str, str]
    attachments: dict[str, Path] = field(default_factory=dict)
    service: str = ""


class BlobStore(Protocol):
    """Where the files of earlier runs are kept."""

    def export_blob(self, sha256: str, path: Path) -> None:
        """Write the bytes of that sha256 to a file."""


class ModelWorkspace(QWidget):
    """``run_requested`` brings a RunOrder; ``changed`` is sent when there is something new to save."""

    changed = Signal()
    run_requested = Signal(object)

    def __init__(
        self,
        *,
        tasks: Tasks,
        notices: Notices,
        library: MoleculeLibrary,
        engine: PreviewEngine,
        specs: Sequence[ModelSpec] = MODELS,
        v_lsr: Callable[[], float | None] = lambda: None,
        cores: int | None = None,
        ask_file: AskFile = ask_file,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._notices = notices
        self._library = library
        self._specs = {spec.name: spec for spec in specs}
        self._cores = cores or os.cpu_count() or 1
        self._ask_file = ask_file
        self._model = _FIRST if _FIRST in self._specs else next(iter(self._specs))
        self._waiting_states: dict[str, FormState] = {}
        self._run_when_read = False
        self.forms: dict[str, ModelForm] = {}
        self._pages: dict[str, QScrollArea] = {}
        self.preview = Preview(tasks=tasks, notices=notices, engine=engine, v_lsr=v_lsr)
        self.run_bar = RunBar()
        self._lay_out()
        self.run_bar.run_asked.connect(self.run)
        self.run_bar.changed.connect(self.changed)
        self._show_model()

    # -- what it says -------------------------------------------------------------------------------------------------

    @property
    def model(self) -> str:
        """The name of the model in front."""
        return self._model

    @property
    def service(self) -> str:
        """The key of the chosen service."""
        return self.run_bar.service

    @property
    def form(self) -> ModelForm:
        """The form in front."""
        return self.forms[self._model]

    def state(self) -> dict[str, FormState]:
        """All forms as they stand, by model."""
        return self._waiting_states | {name: form.state() for name, form in self.forms.items()}

    # -- what it is told ----------------------------------------------------------------------------------------------

    def restore(self, model: str, forms: Mapping[str, FormState], service: str = "") -> None:
        """Show the forms of a session; a model that it has no form of starts with its first preset."""
        for name, form in self.forms.items():
            if name in forms:
                form.set_state(forms[name])
            else:
                form.start_over()
        self._waiting_states = {name: forms[name] for name in forms if name in self._specs and name not in self.forms}
        self._model = model if model in self._specs else self._model
        if service:
            self.run_bar.choose_service(service)
        self.run_bar.set_name("")
        self._show_model()

    def set_services(self, services: Sequence[tuple[str, str]]) -> None:
        """Offer services to run on, as pairs of label and key."""
        self.run_bar.set_services(services)
        self._refresh()

    def show_model(self, model: str) -> None:
        """Bring the form of a model to the front."""
        if model != self._model:
            self._model = model
            self._show_model()
            self.changed.emit()

    def show_example(self) -> None:
        """Fill the form with the example, which needs no network."""
        self.show_model(_FIRST)
        self.form.apply_preset(self.form.spec.presets[0])

    def show_run(
        self,
        model: str,
        request: Mapping[str, str],
        attachments: Mapping[str, StoredFile],
        store: BlobStore,
        *,
        name: str = "",
    ) -> None:
        """Fill the form from an earlier run, to be changed; its files are taken out of the session first."""
        if model not in self._specs:
            self._notices.warn(f"There is no form for the model {model!r}.")
            return
        self.show_model(model)
        self.run_bar.set_name(name)
        if not attachments:
            self.form.set_request(request)
            return
        form = self.form

        def export(_: Task) -> dict[str, Path]:
            files = {}
            for parameter, stored in attachments.items():
                files[parameter] = paths.cache_dir() / "attachments" / stored.sha256[:16] / stored.name
                files[parameter].parent.mkdir(parents=True, exist_ok=True)
                store.export_blob(stored.sha256, files[parameter])
            return files

        self._tasks.start(
            f"Taking the files of {name or model} out of the session",
            export,
            done=lambda files: form.set_request(request, files),
            failed=self._notices.fail,
        )

    def undo(self) -> None:
        """Take back the last change of the form in front."""
        self.form.history.undo()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        self.form.history.redo()

    def run(self) -> None:
        """Send what the form says; with a molecule on its way once it is there; with problems, say the first."""
        self._refresh()
        problems = self.form.problems()
        if self.form.is_reading:
            self._run_when_read = True
        elif problems or not self.service:
            self._notices.warn(self.run_bar.size_label.words.removeprefix(f"{PROBLEM_SIGN} "))
        else:
            self.run_requested.emit(
                RunOrder(
                    self.run_bar.run_name,
                    self._model,
                    self.form.request(),
                    self.form.attachments(),
                    self.service,
                )
            )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the preview where there is room for it beside the form."""
        super().resizeEvent(event)
        self.preview.setVisible(event.size().width() >= self.stack.width() + _PREVIEW_WIDTH)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        strip = QHBoxLayout()
        strip.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, 0)
        strip.setSpacing(theme.GRID)
        self.models = Menu()
        self.models.setAccessibleName("Model")
        self.models.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.models.setMinimumWidth(12 * theme.GRID)
        for spec in self._specs.values():
            self.models.addItem(spec.title, spec.name)
            self.models.setItemData(self.models.count() - 1, spec.summary, Qt.ItemDataRole.ToolTipRole)
        self.models.activated.connect(lambda index: self.show_model(self.models.itemData(index)))
        label = QLabel("Model")
        label.setBuddy(self.models)
        self.presets = _button("Presets", "Fill the form with an example")
        self.presets.setMenu(QMenu(self.presets))
        self.presets.menu().setToolTipsVisible(True)
        self.undo_button = _button("Undo", "Nothing to undo")
        self.undo_button.clicked.connect(self.undo)
        self.redo_button = _button("Redo", "Nothing to redo")
        self.redo_button.clicked.connect(self.redo)
        self.summary = Elided()
        for widget in (label, self.models, self.presets, self.undo_button, self.redo_button):
            strip.addWidget(widget)
        strip.addWidget(self.summary, 1)
        self.stack = QStackedWidget()
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, theme.GRID, 0)
        middle.setSpacing(0)
        middle.addWidget(self.stack)
        right = QVBoxLayout()
        right.setContentsMargins(0, theme.GRID, 0, theme.GRID)
        right.addWidget(self.preview)
        middle.addLayout(right, 1)
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Sunken)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(strip)
        column.addLayout(middle, 1)
        column.addWidget(line)
        column.addWidget(self.run_bar)

    def _new_form(self, model: str) -> ModelForm:
        form = ModelForm(
            self._specs[model],
            tasks=self._tasks,
            notices=self._notices,
            library=self._library,
            ask_file=self._ask_file,
        )
        if model in self._waiting_states:
            form.set_state(self._waiting_states.pop(model))
        page = QScrollArea()
        page.setFrameShape(QFrame.Shape.NoFrame)
        page.setWidgetResizable(True)
        page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.setWidget(form)
        page.setFixedWidth(form.sizeHint().width() + page.verticalScrollBar().sizeHint().width())
        self.stack.addWidget(page)
        self._pages[model] = page
        focus.chain(self.models, self.presets, self.undo_button, self.redo_button, page, self.preview, self.run_bar)
        form.changed.connect(partial(self._form_changed, form))
        form.run_asked.connect(self.run)
        form.revealed.connect(page.ensureWidgetVisible)
        for change in (form.history.canUndoChanged, form.history.canRedoChanged, form.history.indexChanged):
            change.connect(self._show_history)
        return form

    def _show_model(self) -> None:
        if self._model not in self.forms:
            self.forms[self._model] = self._new_form(self._model)
        spec = self.form.spec
        with QSignalBlocker(self.models):
            self.models.setCurrentIndex(self.models.findData(self._model))
        self.summary.set_words(spec.summary)
        self.summary.setToolTip(f"{spec.description}\n\n{spec.reference}")
        self.stack.setCurrentWidget(self._pages[self._model])
        self.stack.setFixedWidth(self._pages[self._model].width())
        self.setMinimumWidth(self.stack.width())
        menu = self.presets.menu()
        menu.clear()
        for preset in spec.presets:
            action = menu.addAction(f"{preset.name}:  {preset.help}")
            action.triggered.connect(partial(self._apply_preset, preset.name))
        self._show_history()
        self._refresh()

    def _apply_preset(self, name: str) -> None:
        self.run_bar.set_name("")
        self.form.apply_preset(next(preset for preset in self.form.spec.presets if preset.name == name))

    def _form_changed(self, form: ModelForm) -> None:
        if form is self.form:
            self._refresh()
        self.changed.emit()
        if self._run_when_read and not self.form.is_reading:
            self._run_when_read = False
            self.run()

    def _show_history(self) -> None:
        history = self.form.history
        self.undo_button.setEnabled(history.canUndo())
        self.redo_button.setEnabled(history.canRedo())
        self.undo_button.setToolTip(f"Undo {history.undoText()}" if history.canUndo() else "Nothing to undo")
        self.redo_button.setToolTip(f"Redo {history.redoText()}" if history.canRedo() else "Nothing to redo")

    def _refresh(self) -> None:
        """Show size, name and preview of the form in front."""
        form, spec = self.form, self.form.spec
        problems = form.problems()
        n_rows = 0 if problems else form.n_rows
        seconds = n_rows * spec.seconds_per_row(form.molecule) / min(self._cores, max(1, n_rows))
        kind = " grid" if form.n_rows > 1 else ""
        self.run_bar.suggest_name(f"{form.molecule_name} {spec.title}{kind}".strip())
        self.run_bar.show_size(n_rows, seconds, [_reason(spec, problem) for problem in problems])
        if form.is_reading:
            self.preview.hold("")
        elif problems:
            self.preview.hold("The preview waits until the form has no problems.")
        else:
            self.preview.ask(Question(spec, dict(form.values()), form.attachments()))


def _reason(spec: ModelSpec, problem: Problem) -> str:
    """A problem with the labels of what it is about."""
    labels = ", ".join(spec.parameter(name).label for name in problem.parameters)
    return f"{labels}: {problem.text}" if labels else problem.text


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return button
