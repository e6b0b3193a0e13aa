"""Every control that the keyboard can reach has a name for who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QTabBar,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import Phase
from stopdesk.domain.run import Contact
from stopdesk.ui.jobs.add_dialog import AddJobDialog
from stopdesk.ui.jobs.limits import DestructionDialog, RunTimeDialog
from stopdesk.ui.login import LoginDialog
from stopdesk.ui.preferences.dialog import PreferencesDialog
from stopdesk.ui.services.dialog import ServicesDialog
from tests.desk import PATIENCE_MS
from tests.runs import make_run, stored

pytestmark = pytest.mark.timeout(180)


def controls(root: QWidget) -> Iterator[QWidget]:
    """What the keyboard can reach; parts of a control that Qt makes are that control's."""
    for widget in root.findChildren(QWidget):
        reachable = widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        if reachable and widget.focusProxy() is None and not widget.objectName().startswith("qt_"):
            yield widget


def name_of(widget: QWidget, root: QWidget) -> str:
    """The name that a screen reader says: its own, its text's, its label's, or that of what it is a part of."""
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QAbstractButton) and widget.text():
        return widget.text()
    labels = [label.text() for label in root.findChildren(QLabel) if label.buddy() is widget]
    if labels:
        return labels[0]
    parent = widget.parentWidget()
    is_part = isinstance(widget, QTabBar) and isinstance(parent, QTabWidget)
    is_part = is_part or isinstance(parent, QAbstractScrollArea)
    return parent.accessibleName() if is_part and parent is not None else ""


def nameless(root: QWidget) -> list[str]:
    found = list(controls(root))
    assert found
    return [f"{type(each).__name__} in {type(each.parent()).__name__}" for each in found if not name_of(each, root)]


def test_the_model_workspace_with_jobs_and_details(qtbot: QtBot, desk: app.Desk) -> None:
    qtbot.waitUntil(lambda: not desk.window.workspace.form.is_reading)
    desk.document.put_run(
        make_run(contact=Contact.NOT_ALLOWED, contact_text="Who are you?", results={"grid": stored()}, service="x")
    )
    desk.document.put_run(make_run(phase=Phase.COMPLETED))
    desk.window.details_dock.show()
    assert nameless(desk.window) == []
    desk.window.details._tabs.setCurrentIndex(1)
    assert nameless(desk.window.details) == []
    desk.window.details._tabs.setCurrentIndex(2)
    assert nameless(desk.window.details) == []


def test_the_spectra_workspace_empty_and_full(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.show_page("spectra")
    assert nameless(desk.window) == []
    with qtbot.waitSignal(desk.window.spectra.arrived, timeout=PATIENCE_MS):
        desk.window.spectra.example_button.click()
    assert nameless(desk.window) == []


def test_the_runs_workspace_empty_and_full(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.show_page("runs")
    assert nameless(desk.window) == []
    desk.window.workspace.show_model("lte")
    desk.window.workspace.form.set_request(
        {"molecule": "co", "column_density": "1e15:1e16:2", "excitation_temperature": "10:20:2"}
    )
    qtbot.waitUntil(desk.window.workspace.run_bar.button.isEnabled)
    with qtbot.waitSignal(desk.window.results.shown, timeout=PATIENCE_MS):
        desk.window.workspace.run()
    content = desk.window.results.view.content
    assert content is not None
    for index in range(content.tabs.count()):
        content.tabs.setCurrentIndex(index)
        assert nameless(desk.window) == [], content.tabs.tabText(index)


def test_the_dialogs(qtbot: QtBot, desk: app.Desk) -> None:
    desk.window.actions_by_name["preferences"].trigger()
    (preferences,) = desk.window.findChildren(PreferencesDialog)
    assert nameless(preferences) == []
    preferences.reject()
    desk.window.actions_by_name["services"].trigger()
    (services,) = desk.window.findChildren(ServicesDialog)
    services.fields.log_in.setCurrentIndex(1)
    assert nameless(services) == []
    services.reject()
    dialogs = (DestructionDialog("a", None, parent=desk.window), RunTimeDialog("a", None, parent=desk.window))
    for dialog in dialogs:
        dialog.open()
        assert nameless(dialog) == []
        dialog.reject()
    desk.window.actions_by_name["add_job"].trigger()
    (adding,) = desk.window.findChildren(AddJobDialog)
    assert nameless(adding) == []
    adding.reject()
    login = LoginDialog("https://uws.example:443", parent=desk.window)
    login.open()
    assert nameless(login) == []
    login.reject()
    desk.window.actions_by_name["guide"].trigger()
    guides = [each for each in QApplication.topLevelWidgets() if each.windowTitle() == "User's guide"]
    assert nameless(guides[0]) == []
    guides[0].close()
