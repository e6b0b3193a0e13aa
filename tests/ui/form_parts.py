"""What the tests of the forms share: real tasks, the bundled molecules, a preview that answers as told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from stopdesk.domain.lvg import LVG
from stopdesk.domain.models import model_spec
from stopdesk.domain.result import ModelResult, Transitions
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import Cancelled, StopdeskError
from stopdesk.ui.forms.form import ModelForm
from stopdesk.ui.forms.molecules import MoleculeLibrary
from stopdesk.ui.forms.workspace import ModelWorkspace
from stopdesk.ui.notices import Notices
from stopdesk.ui.tasks import Tasks

#: The longest that anything here may take, in milliseconds.
DEADLINE = 20_000


class ScriptedEngine:
    """Answers at once with a result that echoes the request, unless told to wait or to fail."""

    def __init__(self) -> None:
        self.requests: list[dict[str, str]] = []
        self.error: StopdeskError | None = None
        self.words = ""
        self.converges = True
        self.go = threading.Event()
        self.go.set()

    def compute(
        self,
        model: str,
        request: Mapping[str, str],
        files: Mapping[str, Path],
        *,
        told: Callable[[str], None],
        cancelled: Callable[[], bool],
    ) -> ModelResult:
        self.requests.append(dict(request))
        if self.words:
            told(self.words)
        while not self.go.wait(0.01):
            if cancelled():
                raise Cancelled("not wanted")
        if self.error is not None:
            raise self.error
        return echo(model, request, converged=self.converges)

    def close(self) -> None:
        self.go.set()


def echo(model: str, request: Mapping[str, str], *, converged: bool = True) -> ModelResult:
    """A result of four lines, the third the brightest."""
    n = 4
    transitions = Transitions(
        tuple(f"{i + 1}-{i}" for i in range(n)),
        115.0 * np.arange(1, n + 1),
        5.0 * np.arange(1, n + 1),
        np.full(n, 1e-7),
    )
    peak = np.array([[1.0, 2.0, 4.0, 3.0]]) if converged else np.full((1, n), np.nan)
    outputs = {
        "excitation_temperature": 10 * peak,
        "optical_depth": peak / 10,
        "peak_temperature": peak,
        "integrated_intensity": peak,
        "flux": peak * 1e-9,
    }
    spec = model_spec(model)
    rows = {"converged": np.array([converged])}
    notes = () if converged else ("1 of 1 row did not converge and is empty.",)
    return ModelResult(model, spec.complete(spec.read(request), None), "CO", transitions, outputs, rows, notes=notes)


@pytest.fixture
def tasks(qapp: object) -> Iterator[Tasks]:
    """Tasks that have ended when the test has."""
    tasks = Tasks()
    yield tasks
    assert tasks.shutdown(10.0)


@pytest.fixture
def notices(qapp: object) -> Notices:
    return Notices()


@pytest.fixture
def library() -> MoleculeLibrary:
    return MoleculeLibrary.bundled()


@pytest.fixture
def engine() -> Iterator[ScriptedEngine]:
    engine = ScriptedEngine()
    yield engine
    engine.close()


@pytest.fixture
def make_form(qtbot: QtBot, tasks: Tasks, notices: Notices, library: MoleculeLibrary) -> Callable[..., ModelForm]:
    """Makes a shown form that has read its molecule."""

    def make(spec: ModelSpec = LVG, **more: object) -> ModelForm:
        form = ModelForm(spec, tasks=tasks, notices=notices, library=library, **more)  # type: ignore[arg-type]
        qtbot.addWidget(form)
        form.show()
        read(qtbot, form)
        return form

    return make


@pytest.fixture
def form(make_form: Callable[..., ModelForm]) -> ModelForm:
    return make_form()


@pytest.fixture
def workspace(
    qtbot: QtBot, tasks: Tasks, notices: Notices, library: MoleculeLibrary, engine: ScriptedEngine
) -> ModelWorkspace:
    """The workspace, shown, with the local service, its molecule read."""
    workspace = ModelWorkspace(tasks=tasks, notices=notices, library=library, engine=engine, cores=2)  # type: ignore[arg-type]
    workspace.set_services([("local", "local"), ("Observatory", "https://uws.example/jobs")])
    qtbot.addWidget(workspace)
    workspace.resize(1280, 720)
    workspace.show()
    qtbot.waitUntil(lambda: workspace.preview.plot is not None, timeout=DEADLINE)
    read(qtbot, workspace.form)
    return workspace


def read(qtbot: QtBot, form: ModelForm) -> None:
    """Wait until the form has read its molecule."""
    qtbot.waitUntil(lambda: not form.is_reading, timeout=DEADLINE)


def type_into(edit: QLineEdit, text: str) -> None:
    """Replace what stands in a field, key by key, and stay in it."""
    edit.setFocus()
    edit.selectAll()
    QTest.keyClick(edit, Qt.Key.Key_Delete)
    for sign in text:
        key = Qt.Key(ord(sign.upper())) if sign.isascii() else Qt.Key.Key_unknown
        QApplication.sendEvent(edit, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, sign))


def leave(edit: QLineEdit) -> None:
    """End typing in a field as Enter and Tab do."""
    edit.editingFinished.emit()


def choose(menu: object, data: str) -> None:
    """Choose from a menu as the mouse does."""
    index = menu.findData(data)  # type: ignore[attr-defined]
    assert index >= 0, data
    menu.setCurrentIndex(index)  # type: ignore[attr-defined]
    menu.activated.emit(index)  # type: ignore[attr-defined]
