"""The preferences show what is set, take nothing wrong, and take effect with OK, all at once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from stopdesk.domain.settings import SETTINGS, LogIn, Service
from stopdesk.session.settings import SettingsFile
from stopdesk.ui.notices import Notices
from stopdesk.ui.preferences.dialog import PreferencesDialog
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.tasks import Tasks

HERE = "https://here.example/lvg/jobs"


@pytest.fixture
def keeper(tasks: Tasks, notices: Notices) -> SettingsKeeper:
    return SettingsKeeper(tasks=tasks, notices=notices)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """What stands for the window; the dialog deletes itself when it is closed."""
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    return parent


@pytest.fixture
def dialog(parent: QWidget, keeper: SettingsKeeper) -> PreferencesDialog:
    return opened(parent, keeper)


def opened(parent: QWidget, keeper: SettingsKeeper) -> PreferencesDialog:
    dialog = PreferencesDialog(settings=keeper, parent=parent)
    dialog.open()
    return dialog


def press(dialog: PreferencesDialog, text: str) -> None:
    buttons = [button for button in dialog.findChildren(QPushButton) if button.text().replace("&", "") == text]
    assert len(buttons) == 1
    buttons[0].click()


def type_service(dialog: PreferencesDialog, name: str, url: str) -> None:
    dialog._name.setText(name)
    dialog._url.setText(url)


def test_every_declared_setting_has_its_words(dialog: PreferencesDialog) -> None:
    for setting in SETTINGS:
        editor = dialog._editors[setting.name]
        assert editor.accessibleName() == setting.label
        assert editor.toolTip() == setting.help


def test_settings_take_effect_with_ok_and_are_on_disk(
    qtbot: QtBot, keeper: SettingsKeeper, dialog: PreferencesDialog
) -> None:
    changes: list[str] = []
    keeper.changed.connect(lambda: changes.append(keeper.settings.colour_scheme))
    dialog._editors["colour_scheme"].setCurrentIndex(2)  # type: ignore[attr-defined]
    dialog._editors["confirm_delete"].click()  # type: ignore[attr-defined]
    dialog._editors["open_results"].click()  # type: ignore[attr-defined]
    dialog._editors["local_workers"].setValue(3)  # type: ignore[attr-defined]
    type_service(dialog, "Here", HERE)
    press(dialog, "Add")
    assert changes == [], "nothing before OK"
    press(dialog, "OK")
    assert changes == ["dark"], "all at once"
    expected = keeper.settings
    assert (expected.confirm_delete, expected.open_results, expected.local_workers) == (False, False, 3)
    assert expected.services == (Service(name="Here", url=HERE),)
    qtbot.waitUntil(lambda: SettingsFile().load() == expected)


def test_cancel_changes_nothing(keeper: SettingsKeeper, dialog: PreferencesDialog) -> None:
    before = keeper.settings
    dialog._editors["confirm_delete"].click()  # type: ignore[attr-defined]
    type_service(dialog, "Here", HERE)
    press(dialog, "Add")
    press(dialog, "Cancel")
    assert keeper.settings == before


def test_ok_without_a_change_tells_nobody(keeper: SettingsKeeper, dialog: PreferencesDialog) -> None:
    keeper.changed.connect(lambda: pytest.fail("nothing has changed"))
    press(dialog, "OK")


@pytest.mark.parametrize(
    "url", ["", "here.example/jobs", "ftp://here.example/jobs", "https://", "https://a b/", "https://me:pw@here/jobs"]
)
def test_a_wrong_address_is_told_and_not_taken(dialog: PreferencesDialog, url: str) -> None:
    type_service(dialog, "Here", url)
    press(dialog, "Add")
    assert dialog._table.rowCount() == 0
    assert dialog._problem.text().startswith("⚠ ")
    type_service(dialog, "Here", HERE)
    press(dialog, "Add")
    assert dialog._problem.text() == ""
    assert dialog._table.rowCount() == 1


def test_an_address_typed_but_not_added_is_meant_all_the_same(
    keeper: SettingsKeeper, dialog: PreferencesDialog
) -> None:
    type_service(dialog, "", HERE)
    press(dialog, "OK")
    assert keeper.settings.services == (Service(name="here.example", url=HERE),)


def test_a_wrong_address_typed_but_not_added_keeps_the_dialog(
    keeper: SettingsKeeper, dialog: PreferencesDialog
) -> None:
    type_service(dialog, "Here", "nonsense")
    press(dialog, "OK")
    assert dialog.isVisible()
    assert keeper.settings.services == ()


def test_one_address_is_one_service(keeper: SettingsKeeper, dialog: PreferencesDialog) -> None:
    for name in ("One", "Two"):
        type_service(dialog, name, HERE)
        press(dialog, "Add")
    assert dialog._table.rowCount() == 1
    assert "One has this address already" in dialog._problem.text()
    type_service(dialog, "Two", HERE + "2")
    press(dialog, "Add")
    dialog._table.item(1, 1).setText(HERE)
    press(dialog, "OK")
    assert dialog.isVisible()
    assert keeper.settings.services == ()


def test_services_are_edited_and_removed_and_keep_how_to_log_in(parent: QWidget, keeper: SettingsKeeper) -> None:
    known = Service(name="Here", url=HERE, log_in=LogIn.BASIC, user="alice")
    other = Service(name="There", url="https://there.example/jobs")
    keeper.change(keeper.settings.with_service(known).with_service(other))
    dialog = opened(parent, keeper)
    dialog._table.item(0, 0).setText("My observatory")
    dialog._table.setCurrentCell(1, 0)
    press(dialog, "Remove")
    press(dialog, "OK")
    assert keeper.settings.services == (known.model_copy(update={"name": "My observatory"}),)
    assert keeper.services() == [("local", "local"), ("My observatory", HERE)]


def test_an_address_edited_into_nonsense_is_told_with_its_name(
    qtbot: QtBot, keeper: SettingsKeeper, dialog: PreferencesDialog
) -> None:
    type_service(dialog, "Here", HERE)
    press(dialog, "Add")
    dialog._table.item(0, 1).setText("nonsense")
    press(dialog, "OK")
    assert dialog.isVisible()
    assert "Here" in dialog._problem.text()
    assert keeper.settings.services == ()


def test_removing_where_nothing_is_chosen_does_nothing(dialog: PreferencesDialog) -> None:
    press(dialog, "Remove")
    assert dialog._table.rowCount() == 0


def test_enter_in_the_address_takes_it_and_closes(
    qtbot: QtBot, keeper: SettingsKeeper, dialog: PreferencesDialog
) -> None:
    type_service(dialog, "Here", HERE)
    with qtbot.waitSignal(dialog.accepted):
        QTest.keyClick(dialog._url, Qt.Key.Key_Return)
    assert keeper.settings.services == (Service(name="Here", url=HERE),)


def test_settings_that_no_task_could_write_are_written_at_the_end(tasks: Tasks, notices: Notices) -> None:
    keeper = SettingsKeeper(tasks=tasks, notices=notices)
    assert tasks.shutdown(10.0)
    keeper.keep_layout({"state": "wide"})
    keeper.flush()
    assert SettingsFile().load().layout == {"state": "wide"}
