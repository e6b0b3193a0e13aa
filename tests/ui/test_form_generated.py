"""A form is generated from what a service says of itself, and shows what the service says of the values."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from stopdesk.domain.session import FieldState, FormState
from stopdesk.domain.spec import ModelSpec
from stopdesk.ui.forms.form import ModelForm
from stopdesk.ui.forms.making import new_form
from stopdesk.uws.describe import problems_from_error, read_capabilities, read_datalink, read_metadata
from stopdesk.uws.describe.drafts import Draft, spec_of
from tests.described import drafts, recorded
from tests.strategies import TYPED
from tests.ui.form_parts import choose, type_into

URL = "http://uws.example/lvg/q/grid/capabilities"
GRID = read_metadata(recorded("dachs_metadata.xml"), URL, {"maxrec", "verb", "responseformat"})
FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def grid(make_form: Callable[..., ModelForm]) -> ModelForm:
    return make_form(GRID)


def test_a_form_without_presets_starts_with_the_defaults_of_the_service(grid):
    assert grid.problems() == ()
    assert grid.request() == {
        "geometry": "sphere",
        "cd_n": "5",
        "cd_log": "True",
        "tk_n": "5",
        "tk_log": "False",
        "linewidth": "1",
        "tbg": "2.73",
        "engine": "numpy",
        "delay": "0",
    }
    assert (grid.n_rows, grid.molecule_name, grid.is_reading) == (1, "", False)


def test_units_are_chosen_and_sent_in_that_of_the_wire(grid):
    editor = grid.rows["linewidth"].editor
    choose(editor.units, "m/s")
    type_into(editor.text, "2500")
    assert grid.request()["linewidth"] == "2.5"
    type_into(grid.rows["cd_min"].editor.text, "1e18 m-2")
    assert grid.request()["cd_min"] == "1e14"
    assert not grid.rows["cd_min"].editor.open_axis.isVisibleTo(grid)


def test_a_whole_number_takes_no_decimals(grid):
    type_into(grid.rows["cd_n"].editor.text, "2.5")
    assert grid.rows["cd_n"].problem.text() == "⚠ 2.5 is not a whole number."
    type_into(grid.rows["cd_n"].editor.text, "7")
    assert grid.request()["cd_n"] == "7"


def test_a_tick_says_yes_or_no_in_the_words_of_the_service(grid):
    box = grid.rows["cd_log"].editor.box
    assert (box.isChecked(), box.text(), box.isTristate()) == (True, "yes", False)
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert (grid.request()["cd_log"], box.text()) == ("False", "no")
    grid.history.undo()
    assert grid.request()["cd_log"] == "True"


def test_a_tick_without_default_may_be_left_to_the_service(make_form):
    form = make_form(spec_of([Draft(name="fast", type_word="boolean")], origin=URL))
    box = form.rows["fast"].editor.box
    assert (form.request(), box.text()) == ({}, "left to the service")
    words = []
    for _ in range(3):
        box.click()
        words.append((box.text(), form.request().get("fast")))
    assert words == [("yes", "true"), ("no", "false"), ("left to the service", None)]


def test_several_values_are_typed_with_blanks_or_line_by_line(grid):
    type_into(grid.rows["density"].editor.text, "1e4 3e4")
    lines = grid.rows["collider"].editor.lines
    lines.setFocus()
    QTest.keyClicks(lines, "para H2")
    QTest.keyClick(lines, Qt.Key.Key_Return)
    QTest.keyClicks(lines, "ortho H2")
    assert grid.spec.fields(grid.request())["collider"] == ("para H2", "ortho H2")
    assert grid.spec.fields(grid.request())["density"] == ("10000", "30000")
    type_into(grid.rows["density"].editor.text, "1e4 lots")
    assert "'lots' is not a number" in grid.rows["density"].problem.text()
    assert grid.history.undoText() == "change of density"


def test_lines_leave_undo_and_enter_with_control_to_the_form(grid, qtbot):
    lines = grid.rows["collider"].editor.lines
    QTest.keyClicks(lines, "e")
    for key in (Qt.Key.Key_Z,):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.ControlModifier)
        QApplication.sendEvent(lines, event)
        assert not event.isAccepted()
    with qtbot.waitSignal(grid.run_asked):
        QTest.keyClick(lines, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    grid.history.undo()
    assert lines.toPlainText() == ""


def test_an_interval_wants_its_two_values(make_form):
    form = make_form(read_datalink(recorded("dachs_datalink.xml"), "http://h/dlmeta"))
    type_into(form.rows["BAND"].editor.text, "0.0013002")
    assert "2 values are needed" in form.rows["BAND"].problem.text()
    type_into(form.rows["BAND"].editor.text, "0.0013002 0.0013005")
    assert form.request()["BAND"] == "0.0013002 0.0013005"
    menu = form.rows["FLUXCALIB"].editor.menu
    assert (menu.currentText(), "FLUXCALIB" in form.request()) == ("not given", False)
    choose(menu, "RELATIVE")
    assert form.request()["FLUXCALIB"] == "RELATIVE"


def test_a_file_is_chosen_and_is_not_read_as_a_molecule(make_form, tmp_path):
    path = tmp_path / "no molecule.dat"
    path.write_text("whatever")
    form = make_form(GRID, ask_file=lambda *_: path)
    form.rows["molfile"].editor.open_button.click()
    assert form.attachments() == {"molfile": path}
    assert (form.problems(), form.is_reading, form.molecule) == ((), False, None)


def test_what_is_required_has_to_be_given(make_form):
    form = make_form(
        spec_of([Draft(name="mode", required=True), Draft(name="f", is_file=True, required=True)], origin=URL)
    )
    assert [problem.parameters for problem in form.problems()] == [("mode",), ("f",)]
    assert form.rows["f"].problem.text() == "⚠ A value is needed here."


def test_help_stands_below_the_field_and_range_and_options_in_the_tooltip(grid):
    assert grid.rows["geometry"].help.words == "Escape probability geometry"
    assert "Sphere, lvg, slab." in grid.rows["geometry"].editor.menu.toolTip()
    assert "whole number" in grid.rows["cd_n"].editor.text.toolTip()


def test_what_the_service_says_stands_beside_the_field_until_it_is_changed(grid, qtbot):
    text = "Field maxrec: 'x' is not a valid literal for maxrec"
    with qtbot.waitSignal(grid.revealed) as revealed:
        grid.tell(problems_from_error(text, GRID))
    row = grid.rows["maxrec"]
    assert revealed.args == [row]
    assert row.problem.text() == f"⚠ The service says: {text}"
    assert not grid.boxes[-1].folded
    assert grid.problems() == ()
    type_into(grid.rows["tbg"].editor.text, "3")
    assert row.problem.text()
    type_into(row.editor.text, "5")
    assert row.problem.text() == ""


def test_a_run_fills_the_form_again(grid):
    request = {
        "density": "10000\n30000",
        "collider": "para H2\northo H2",
        "cd_log": "False",
        "geometry": "lvg",
        "weights": "1 2",
    }
    grid.set_request(request, {"molfile": Path("/data/co.dat")})
    assert grid.rows["density"].editor.text.text() == "10000 30000"
    assert grid.rows["collider"].editor.lines.toPlainText() == "para H2\northo H2"
    assert {name: grid.request()[name] for name in request} == request
    assert grid.attachments() == {"molfile": Path("/data/co.dat")}


@FEW
@given(st.lists(drafts(), min_size=1, max_size=5), st.data())
def test_any_described_form_comes_back_as_it_stood(make_form, found, data):
    spec = spec_of(found, origin=URL)
    form = make_form(spec)
    states = {
        p.name: data.draw(st.builds(FieldState, text=TYPED)) for p in spec.parameters if type(p).__name__ != "Number"
    }
    form.set_state(FormState(fields=states))
    assert {name: form.state().fields[name] for name in states} == states
    form.set_request(form.request())
    assert {name for problem in form.problems() for name in problem.parameters} <= form.rows.keys()
    form.deleteLater()


def hostile() -> ModelSpec:
    evil = "&lt;b&gt;R&amp;D&lt;/b&gt;&lt;img src='http://evil.example/x.png'&gt;"
    texts = "".join(f"<{tag}>{evil}</{tag}>" for tag in ("name", "description", "unit"))
    param = f"<param>{texts}<dataType>int</dataType></param>"
    more = "".join(f"<param><name>p{i}</name><dataType>real</dataType></param>" for i in range(10_000))
    document = (
        f'<capabilities xmlns:xsi="x"><capability><description>{evil}</description><interface xsi:type="ParamHTTP">'
        f"<accessURL>http://h/api</accessURL>{param}{more}</interface></capability></capabilities>"
    )
    return read_capabilities(document.encode(), URL)


def test_markup_and_masses_of_a_hostile_service_are_shown_as_plain_text(make_form):
    form = make_form(hostile())
    row = next(iter(form.rows.values()))
    assert len(form.rows) == 100
    assert row.label.textFormat() == Qt.TextFormat.PlainText
    assert row.label.text().startswith("<b>R&&D</b>")
    assert row.help.textFormat() == Qt.TextFormat.PlainText
    for widget in row.findChildren(QWidget):
        assert "<img" not in widget.toolTip()
        if isinstance(widget, QLabel):
            assert widget.textFormat() == Qt.TextFormat.PlainText
    assert form.width() < 800


def test_the_form_fits_the_spec(tasks, notices, library, qtbot):
    form = new_form(GRID, tasks=tasks, notices=notices, library=library)
    qtbot.addWidget(form)
    assert isinstance(form, ModelForm)
