"""The form can be filled in and run without a mouse, and every control has a name."""

from __future__ import annotations

import itertools

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit

from stopdesk.domain.lte import LTE
from tests.ui.form_parts import DEADLINE


def active(qtbot, widget):
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow, timeout=DEADLINE)


def test_tab_goes_through_the_form_in_reading_order(qtbot, form):
    active(qtbot, form)
    form.focus_first()
    visited = []
    start = QApplication.focusWidget()
    for _ in range(200):
        widget = QApplication.focusWidget()
        visited.append(widget)
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is start:
            break
    places = [widget.mapTo(form, widget.rect().center()) for widget in visited]
    for (before, a), (after, b) in itertools.pairwise(zip(visited, places, strict=True)):
        below = b.y() > a.y() + 6
        beside = abs(b.y() - a.y()) <= 6 and b.x() > a.x()
        assert below or beside, f"{before.accessibleName()} -> {after.accessibleName()}"
    expected = {
        control
        for row in form.rows.values()
        for control in row.editor.controls()
        if control.isVisible() and control.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    assert expected <= set(visited)


def test_a_run_by_keyboard_alone(qtbot, workspace):
    active(qtbot, workspace)
    form = workspace.form
    form.focus_first()
    temperature = form.rows["kinetic_temperature"].editor
    for _ in range(60):
        if QApplication.focusWidget() is temperature.n:
            break
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is temperature.n
    QTest.keyClicks(temperature.n, "3")  # Tab has selected what stood there
    with qtbot.waitSignal(workspace.run_requested, timeout=DEADLINE) as heard:
        QTest.keyClick(temperature.n, Qt.Key.Key_Return)
    order = heard.args[0]
    assert (order.model, order.service) == ("lvg", "local")
    assert order.request["kinetic_temperature"] == "10:100:3"


def test_enter_with_problems_says_the_first_and_sends_nothing(workspace, notices):
    orders = []
    workspace.run_requested.connect(orders.append)
    width = workspace.form.rows["line_width"].editor.text
    width.selectAll()
    QTest.keyClicks(width, "x")
    QTest.keyClick(width, Qt.Key.Key_Enter)
    assert orders == []
    assert [notice.text for notice in notices.history] == ["Line width (FWHM): 'x' is not a number."]


def test_the_axis_button_answers_to_the_space_bar(form):
    button = form.rows["line_width"].editor.open_axis
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert form.rows["line_width"].editor.state().is_axis


def test_every_control_has_an_accessible_name(workspace):
    workspace.show_model("lte")
    workspace.show_model("lvg")
    controls = [
        control
        for kind in (QLineEdit, QComboBox, QAbstractButton)
        for control in (*workspace.form.findChildren(kind), *workspace.run_bar.findChildren(kind), workspace.models)
    ]
    assert len(controls) > 60
    nameless = [
        control
        for control in controls
        if not (control.accessibleName() or (isinstance(control, QAbstractButton) and control.text()))
    ]
    assert nameless == []


def test_labels_are_buddies_of_their_fields(make_form):
    form = make_form(LTE)
    for row in form.rows.values():
        assert row.label.buddy() in row.editor.controls()
        assert row.editor.controls()[0].accessibleDescription().startswith(row.parameter.help)


def test_enter_in_the_molecule_field_runs_too(qtbot, workspace):
    edit = workspace.form.rows["molecule"].editor.menu.lineEdit()
    edit.setFocus()
    with qtbot.waitSignal(workspace.run_requested, timeout=DEADLINE) as heard:
        QTest.keyClick(edit, Qt.Key.Key_Return)
    assert heard.args[0].request["molecule"] == "co"
