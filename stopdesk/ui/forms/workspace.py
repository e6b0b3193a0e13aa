"""The Model workspace: choose a model, fill its form, see the middle row at once, send the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from stopdesk.domain.models import MODELS
from stopdesk.domain.run import StoredFile
from stopdesk.domain.session import FormState
from stopdesk.domain.settings import url_problem
from stopdesk.domain.spec import ModelSpec, Preset
from stopdesk.errors import Problem
from stopdesk.ui import focus, theme
from stopdesk.ui.forms.attachments import BlobStore, export
from stopdesk.ui.forms.controls import PROBLEM_SIGN
from stopdesk.ui.forms.descriptions import Descriptions
from stopdesk.ui.forms.making import Form, new_form
from stopdesk.ui.forms.molecule_editors import AskFile, ask_file
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.order import RunOrder
from stopdesk.ui.forms.pages import Pages
from stopdesk.ui.forms.preview import Preview, Question
from stopdesk.ui.forms.preview_engine import PreviewEngine
from stopdesk.ui.forms.run_bar import RunBar
from stopdesk.ui.forms.strip import Strip
from stopdesk.ui.jobs.table import service_label
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks

#: The model in front when nobody says otherwise, and the one of the example.
_FIRST = "lvg"

#: The preview needs so many pixels beside the form; where there are fewer, it gives way.
_PREVIEW_WIDTH = 34 * theme.GRID


class ModelWorkspace(QWidget):
    """``run_requested`` brings a RunOrder; ``changed`` is sent when there is something new to save.

    A form belongs to a model of ours, by its name, or to a service, by the address of its job list; the form of a
    service is made of what the service says of itself, which is asked for when the form is first wanted.
    """

    changed = Signal()
    run_requested = Signal(object)

    def __init__(
        self,
        *,
        tasks: Tasks,
        notices: Notices,
        library: MoleculeLibrary,
        engine: PreviewEngine,
        descriptions: Descriptions | None = None,
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
        self._first = _FIRST if _FIRST in self._specs else next(iter(self._specs))
        self._model = self._first
        self._waiting_states: dict[str, FormState] = {}
        self._run_when_read = False
        self._services: dict[str, str] = {}  # names of those with a form of their own, by address
        self._awaited = ""  # the service whose form comes to the front once it has been read
        self._then: Callable[[], None] = lambda: None
        self.descriptions = descriptions or Descriptions(tasks=tasks, notices=notices)
        self.forms: dict[str, Form] = {}
        self.preview = Preview(tasks=tasks, notices=notices, engine=engine, v_lsr=v_lsr)
        self.run_bar = RunBar()
        self._lay_out()
        self._connect()
        self._show_model()

    # -- what it says -------------------------------------------------------------------------------------------------

    @property
    def model(self) -> str:
        """The name of the model in front, or the address of the service whose form is."""
        return self._model

    @property
    def service(self) -> str:
        """The key of the service chosen for our models."""
        return self.run_bar.chosen_service

    @property
    def form(self) -> Form:
        """The form in front; while that of a service is on its way, the one before."""
        return self.forms[self._model]

    def state(self) -> dict[str, FormState]:
        """All forms as they stand, by model or service."""
        return self._waiting_states | {name: form.state() for name, form in self.forms.items()}

    # -- what it is told ----------------------------------------------------------------------------------------------

    def restore(
        self,
        model: str,
        forms: Mapping[str, FormState],
        service: str = "",
        specs: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        """Show the forms of a session, with the specs of services as it has them.

        A model that it has no form of starts with its first preset.
        """
        self._awaited, self._model = "", self._first
        self.descriptions.restore(specs or {})
        for key in [key for key in self.forms if key not in self._specs]:
            self._drop_form(key)
        for name, form in self.forms.items():
            if name in forms:
                form.set_state(forms[name])
            else:
                form.start_over()
        known = [name for name in forms if name in self._specs or url_problem(name) is None]
        self._waiting_states = {name: forms[name] for name in known if name not in self.forms}
        self._model = model if self._spec(model) is not None else self._model
        if service:
            self.run_bar.choose_service(service)
        self.run_bar.set_name("")
        self._offer_services()
        self._show_model()

    def set_services(self, services: Sequence[tuple[str, str]], forms: Sequence[tuple[str, str]] = ()) -> None:
        """Offer services to run on, and services whose own forms can be filled in, as pairs of label and key."""
        self._services = {key: label for label, key in forms}
        self.run_bar.set_services(services)
        self._offer_services()
        self._refresh()

    def show_model(self, model: str) -> None:
        """Bring the form of a model, or of the service with this job list, to the front."""
        self._bring(model, lambda: None)

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
        """Fill the form of a model or a service from an earlier run, to be changed.

        Its files are taken out of the session first.
        """
        if model not in self._specs and url_problem(model):
            self._notices.warn(f"There is no form for the model {model!r}.")
            return
        self._bring(model, partial(self._fill, request, attachments, store, name))

    def undo(self) -> None:
        """Take back the last change of the form in front."""
        self.form.history.undo()

    def redo(self) -> None:
        """Make the change again that was taken back."""
        self.form.history.redo()

    def run(self) -> None:
        """Send what the form says; with a molecule on its way once it is there; with problems, say the first."""
        self._refresh()
        if self.form.is_reading and not self._awaited:
            self._run_when_read = True
        elif self._awaited or self.form.problems() or not self.run_bar.service:
            self._notices.warn(self.run_bar.size_label.words.removeprefix(f"{PROBLEM_SIGN} "))
        else:
            self.form.tell(())
            model = self._model if self._model in self._specs else None
            request, attachments = self.form.request(), self.form.attachments()
            order = RunOrder(self.run_bar.run_name, model, request, attachments, self.run_bar.service)
            self.run_requested.emit(order)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the preview where there is room for it beside the form."""
        super().resizeEvent(event)
        self._place_preview()

    # -- inside -------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.strip = Strip(tuple(self._specs.values()))
        self.models, self.presets = self.strip.models, self.strip.presets
        self.undo_button, self.redo_button = self.strip.undo_button, self.strip.redo_button
        self.stack = Pages()
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
        column.addWidget(self.strip)
        column.addLayout(middle, 1)
        column.addWidget(line)
        column.addWidget(self.run_bar)

    def _connect(self) -> None:
        self.strip.chosen.connect(self.show_model)
        self.strip.preset_chosen.connect(self._apply_preset)
        self.strip.undo_asked.connect(self.undo)
        self.strip.redo_asked.connect(self.redo)
        self.strip.read_again_asked.connect(lambda: self._read_again(self._model))
        self.run_bar.run_asked.connect(self.run)
        self.run_bar.changed.connect(self.changed)
        self.descriptions.ended.connect(self._reading_ended)

    def _spec(self, key: str) -> ModelSpec | None:
        return self._specs.get(key) or self.descriptions.spec(key)

    def _service_name(self, jobs_url: str) -> str:
        """What the user calls a service; one that is known from a session only is called by its address."""
        return self._services.get(jobs_url) or service_label(jobs_url)

    def _offer_services(self) -> None:
        """Offer the forms of the services that the user has, and those that the session has."""
        urls = dict.fromkeys((*self._services, *self.descriptions.documents))
        self.strip.set_services([(self._service_name(url), url) for url in urls])
        if self._model not in self._specs and not self._awaited:
            self.run_bar.fix_service((self._service_name(self._model), self._model))

    def _bring(self, key: str, then: Callable[[], None]) -> None:
        """Bring a form to the front and go on with ``then``; one that nothing is known of is asked for first."""
        was_awaited, self._awaited = self._awaited, ""
        if was_awaited and was_awaited != key:
            self.descriptions.cancel(was_awaited)
        self._run_when_read = False
        if self._spec(key) is None:
            name = self._service_name(key)
            self._awaited, self._then = key, then
            self.descriptions.read(key, name, partial(self._bring, key, then))
            self.strip.show_chosen(key)
            self.strip.show_reading(name)
            self.stack.wait(f"Asking {name} which parameters it has…")
            self._refresh()
            return
        is_other, self._model = key != self._model, key
        if is_other or was_awaited:
            self._show_model()
        if is_other:
            self.changed.emit()
        then()

    def _reading_ended(self, jobs_url: str) -> None:
        """Make the form of what a service has said; where it said nothing, all is as before."""
        spec, form = self.descriptions.spec(jobs_url), self.forms.get(jobs_url)
        self._offer_services()
        if form is not None and spec is not None and form.spec is not spec:
            self._renew_form(jobs_url)
        if self._awaited == jobs_url and spec is not None:
            self._bring(jobs_url, self._then)
        elif self._awaited == jobs_url:
            self._awaited = ""
            self._show_model()
        elif self._model == jobs_url and not self._awaited:
            self._show_model()
        self.changed.emit()

    def _read_again(self, jobs_url: str) -> None:
        self.strip.read_again.setEnabled(False)
        self.descriptions.read(jobs_url, self._service_name(jobs_url), partial(self._read_again, jobs_url))

    def _fill(
        self, request: Mapping[str, str], attachments: Mapping[str, StoredFile], store: BlobStore, name: str
    ) -> None:
        """Fill the form in front from a run."""
        self.run_bar.set_name(name)
        form = self.form
        if not attachments:
            form.set_request(request)
            return
        self._tasks.start(
            f"Taking the files of {name or form.spec.title} out of the session",
            lambda _: export(attachments, store),
            done=lambda files: form.set_request(request, files),
            failed=self._notices.fail,
        )

    def _new_form(self, key: str) -> Form:
        spec = self._spec(key)
        assert spec is not None
        form = new_form(spec, tasks=self._tasks, notices=self._notices, library=self._library, ask_file=self._ask_file)
        if key in self._waiting_states:
            form.set_state(self._waiting_states.pop(key))
        page = self.stack.add(key, form)
        focus.chain(self.strip, page, self.preview, self.run_bar)
        form.changed.connect(partial(self._form_changed, form))
        form.run_asked.connect(self.run)
        for change in (form.history.canUndoChanged, form.history.canRedoChanged, form.history.indexChanged):
            change.connect(self._show_history)
        return form

    def _drop_form(self, key: str) -> Form:
        self.stack.drop(key)
        return self.forms.pop(key)

    def _renew_form(self, key: str) -> None:
        """Make the form of a service anew, with what stood in the old one as far as it still has a place."""
        old = self._drop_form(key)
        self.forms[key] = new = self._new_form(key)
        if old.spec.free == new.spec.free:
            new.set_state(old.state())
        else:
            new.set_request(old.request(), old.attachments())

    def _show_model(self) -> None:
        if self._model not in self.forms:
            self.forms[self._model] = self._new_form(self._model)
        is_ours = self._model in self._specs
        self.run_bar.fix_service(None if is_ours else (self._service_name(self._model), self._model))
        self.strip.show_chosen(self._model)
        self.strip.show_spec(self.form.spec)
        self.strip.read_again.setEnabled(not self.descriptions.is_reading(self._model))
        self.stack.bring(self._model)
        self.setMinimumWidth(self.stack.width())
        self._place_preview()
        self._show_history()
        self._refresh()

    def _place_preview(self) -> None:
        """Show the preview where there is room for it, and where the model is one that can be computed here."""
        has_room = self.width() >= self.stack.width() + _PREVIEW_WIDTH
        self.preview.setVisible(has_room and self._model in self._specs and not self._awaited)

    def _apply_preset(self, preset: Preset) -> None:
        self.run_bar.set_name("")
        self.form.apply_preset(preset)

    def _form_changed(self, form: Form) -> None:
        if form is self.form:
            self._refresh()
        self.changed.emit()
        if self._run_when_read and not self.form.is_reading:
            self._run_when_read = False
            self.run()

    def _show_history(self) -> None:
        if not self._awaited:
            self.strip.show_history(self.form.history)

    def _refresh(self) -> None:
        """Show size, name and preview of the form in front."""
        if self._awaited:
            self.preview.hold("")
            self._place_preview()
            self.run_bar.show_size(0, 0.0, [f"The form of {self._service_name(self._awaited)} is being read."])
            return
        form, spec = self.form, self.form.spec
        problems = form.problems()
        n_rows = 0 if problems else form.n_rows
        seconds = n_rows * spec.seconds_per_row(form.molecule) / min(self._cores, max(1, n_rows))
        is_ours = self._model in self._specs
        title = spec.title if is_ours else self._service_name(self._model)
        kind = " grid" if form.n_rows > 1 else ""
        self.run_bar.suggest_name(f"{form.molecule_name} {title}{kind}".strip())
        self.run_bar.show_size(n_rows, seconds, [_reason(spec, problem) for problem in problems])
        if form.is_reading or not is_ours:
            self.preview.hold("")
        elif problems:
            self.preview.hold("The preview waits until the form has no problems.")
        else:
            self.preview.ask(Question(spec, dict(form.values()), form.attachments()))


def _reason(spec: ModelSpec, problem: Problem) -> str:
    """A problem with the labels of what it is about."""
    labels = ", ".join(spec.parameter(name).label for name in problem.parameters)
    return f"{labels}: {problem.text}" if labels else problem.text
