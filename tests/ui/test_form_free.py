"""For a service that describes nothing, names, values and files are typed into a table."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from stopdesk.domain.free import MAX_ROWS, FreeRow, free_state
from stopdesk.domain.session import FormState
from stopdesk.ui.forms.free_form import FreeForm
from stopdesk.ui.forms.making import new_form
from stopdesk.uws.describe import free_spec, problems_from_error
from tests.ui.form_parts import leave, type_into

SPEC = free_spec("http://uws.example/lab/async")


@pytest.fixture
def form(qtbot: QtBot, tasks, notices, library) -> FreeForm:
    form = new_form(SPEC, tasks=tasks, notices=notices, library=library, ask_file=lambda *_: Path("/data/co.dat"))
    assert isinstance(form, FreeForm)
    qtbot.addWidget(form)
    form.show()
    return form


def fill(form: FreeForm, *pairs: tuple[str, str]) -> None:
    for row, (name, value) in enumerate(pairs):
        type_into(form.rows[row].name, name)
        leave(form.rows[row].name)
        type_into(form.rows[row].value, value)
        leave(form.rows[row].value)


def test_what_is_typed_is_what_is_sent(form, qtbot):
    with qtbot.waitSignal(form.changed):
        fill(form, ("density", "1e4"), ("density", "3e4"), ("geometry", "slab"))
    assert form.request() == {"density": "1e4\n3e4", "geometry": "slab"}
    assert form.spec.fields(form.request()) == {"density": ("1e4", "3e4"), "geometry": "slab"}
    assert len(form.rows) == 4
    assert (form.problems(), form.n_rows, form.is_reading) == ((), 1, False)


def test_the_keyboard_reaches_everything_and_removes_rows(form, qtbot):
    fill(form, ("a", "1"), ("b", "2"))
    form.rows[0].name.setFocus()
    for expected in (form.rows[0].value, form.rows[0].remove_button, form.rows[1].name):
        QTest.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
        assert form.focusWidget() is expected
    QTest.keyClick(form.rows[0].value, Qt.Key.Key_Return)
    with qtbot.waitSignal(form.run_asked):
        QTest.keyClick(form.rows[0].value, Qt.Key.Key_Return)
    form.rows[0].remove_button.setFocus()
    QTest.keyClick(form.focusWidget(), Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert form.request() == {"b": "2"}
    form.rows[0].remove_button.click()
    assert form.request() == {}
    assert len(form.rows) == 1


def test_files_get_rows_of_their_own(form):
    form.file_button.click()
    assert form.problems()[0].text == "Row 1: A name is needed here, or the row can be removed."
    assert form.focusWidget() is form.rows[0].name
    type_into(form.rows[0].name, "molfile")
    assert (form.problems(), form.attachments(), form.request()) == ((), {"molfile": Path("/data/co.dat")}, {})
    assert form.rows[0].file.words == "co.dat"


def test_what_is_wrong_stands_below_its_row(form):
    fill(form, ("a", "1"), ("PHASE", "RUN"))
    assert form.rows[1].problem.text() == "⚠ PHASE steers the job; the program says it itself."
    assert not form.rows[0].problem.isVisibleTo(form)
    assert [problem.parameters for problem in form.problems()] == [()]


def test_one_history_covers_typing_files_and_removed_rows(form):
    states = [form.state()]
    fill(form, ("density", "1e4"))
    form.add_file()
    form.remove(0)
    assert form.history.count() == 4
    for _ in range(4):
        form.history.undo()
    assert form.state() == states[0]
    for _ in range(4):
        form.history.redo()
    assert form.state() == free_state([FreeRow("", "/data/co.dat", is_file=True)])


def test_a_form_comes_back_as_it_stood(form):
    state = free_state([FreeRow("a/b", "1"), FreeRow("", "x"), FreeRow("f", "/x", is_file=True)])
    form.set_state(FormState.model_validate_json(state.model_dump_json()))
    assert form.state() == state
    assert not form.history.canUndo()
    form.start_over()
    assert form.state() == FormState()


def test_a_run_fills_the_form_again(form):
    form.set_request({"density": "1\n2", "x": "y"}, {"f": Path("/x.dat")})
    assert (form.request(), form.attachments()) == ({"density": "1\n2", "x": "y"}, {"f": Path("/x.dat")})
    form.history.undo()
    assert form.request() == {}


def test_what_the_service_says_is_shown_until_something_changes(form):
    fill(form, ("a", "1"))
    form.tell(problems_from_error("a is <b>wrong</b>", SPEC))
    assert form.said.text() == "⚠ The service says: a is <b>wrong</b>"
    assert form.said.textFormat() == Qt.TextFormat.PlainText
    assert form.problems() == ()
    type_into(form.rows[0].value, "2")
    assert not form.said.isVisibleTo(form)


def test_rows_are_bounded(form):
    form.set_state(free_state([FreeRow(f"p{i}", "1") for i in range(2 * MAX_ROWS)]))
    assert len(form.rows) == MAX_ROWS
