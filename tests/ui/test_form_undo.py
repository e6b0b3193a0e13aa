"""One history covers every field: typing is one step a field, a preset is one step."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from stopdesk import paths
from tests.ui.form_parts import DEADLINE, choose, leave, read, type_into


def test_typing_in_a_field_is_one_step_and_each_field_its_own(form):
    start = form.state()
    type_into(form.rows["line_width"].editor.text, "1.25")
    leave(form.rows["line_width"].editor.text)
    type_into(form.rows["background_temperature"].editor.text, "10")
    assert form.history.count() == 2
    form.history.undo()
    assert form.request()["background_temperature"] == "2.725"
    assert form.request()["line_width"] == "1.25"
    form.history.undo()
    assert form.state() == start
    form.history.redo()
    form.history.redo()
    assert (form.request()["line_width"], form.request()["background_temperature"]) == ("1.25", "10")


def test_coming_back_to_a_field_is_another_step(form):
    width = form.rows["line_width"].editor.text
    type_into(width, "2")
    leave(width)
    type_into(width, "3")
    form.history.undo()
    assert form.request()["line_width"] == "2"


def test_typing_back_what_stood_there_leaves_no_step(form):
    width = form.rows["line_width"].editor.text
    type_into(width, "1")
    assert not form.history.canUndo()


def test_units_axes_choices_and_ticks_are_steps(form):
    start = form.state()
    choose(form.rows["line_width"].editor.units, "m/s")
    form.rows["line_width"].editor.open_axis.click()
    form.rows["column_density"].editor.log.click()
    choose(form.rows["geometry"].editor.menu, "uniform_sphere")
    end = form.state()
    assert form.history.count() == 4
    for _ in range(4):
        form.history.undo()
    assert form.state() == start
    for _ in range(4):
        form.history.redo()
    assert form.state() == end
    assert form.rows["dust_temperature"].isVisibleTo(form) or form.boxes[3].folded


def test_a_preset_is_one_step(form):
    start = form.state()
    form.apply_preset(form.spec.presets[1])
    assert form.request()["column_density"] == "1e16"
    assert "CO in a dark cloud" in form.history.undoText()
    form.history.undo()
    assert form.state() == start


def test_a_preset_that_changes_nothing_is_no_step(form):
    form.apply_preset(form.spec.presets[0])
    assert not form.history.canUndo()


def test_a_molecule_and_a_file_are_steps(qtbot, make_form):
    file = paths.resources() / "molecules" / "cs.dat"
    form = make_form(ask_file=lambda *_: Path(file))
    choose(form.rows["molecule"].editor.menu, "hco+")
    form.rows["molecule"].editor.open_button.click()
    assert form.attachments() == {"molecule_file": file}
    form.history.undo()
    assert form.attachments() == {}
    assert form.request()["molecule"] == "hco+"
    form.history.undo()
    read(qtbot, form)
    assert form.request()["molecule"] == "co"
    assert form.problems() == ()


def test_undo_brings_the_field_into_sight(form):
    partners = next(box for box in form.boxes if box.group.name == "partners")
    type_into(form.rows["density_ph2"].editor.text, "5")
    assert partners.folded
    form.history.undo()
    assert not partners.folded
    assert form.focusWidget() is form.rows["density_ph2"].editor.text


def test_the_undo_key_in_a_field_is_the_windows(qtbot, workspace):
    window = QMainWindow()
    qtbot.addWidget(window, before_close_func=lambda _: window.takeCentralWidget())
    window.setCentralWidget(workspace)
    edit = window.menuBar().addMenu("Edit")
    undo = edit.addAction("Undo", "Ctrl+Z", workspace.undo)
    assert undo.isEnabled()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=DEADLINE)
    width = workspace.form.rows["line_width"].editor.text
    type_into(width, "7")
    background = workspace.form.rows["background_temperature"].editor.text
    background.setFocus()
    QTest.keyClick(background, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert workspace.form.request()["line_width"] == "1"


def test_the_buttons_say_what_they_would_undo(workspace):
    assert not workspace.undo_button.isEnabled()
    type_into(workspace.form.rows["line_width"].editor.text, "7")
    assert workspace.undo_button.toolTip() == "Undo change of line width (FWHM)"
    workspace.undo_button.click()
    assert workspace.form.request()["line_width"] == "1"
    assert workspace.redo_button.isEnabled()
    workspace.redo_button.click()
    assert workspace.form.request()["line_width"] == "7"
