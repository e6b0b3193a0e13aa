"""The preferences show what is set, take nothing wrong, and take effect with OK, all at once."""

from __future__ import annotations

import pytest
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
    assert changes == [], "nothing before OK"
    press(dialog, "OK")
    assert changes == ["dark"], "all at once"
    expected = keeper.settings
    assert (expected.confirm_delete, expected.open_results, expected.local_workers) == (False, False, 3)
    qtbot.waitUntil(lambda: SettingsFile().load() == expected)


def test_cancel_changes_nothing(keeper: SettingsKeeper, dialog: PreferencesDialog) -> None:
    before = keeper.settings
    dialog._editors["confirm_delete"].click()  # type: ignore[attr-defined]
    press(dialog, "Cancel")
    assert keeper.settings == before


def test_ok_without_a_change_tells_nobody(keeper: SettingsKeeper, dialog: PreferencesDialog) -> None:
    keeper.changed.connect(lambda: pytest.fail("nothing has changed"))
    press(dialog, "OK")


def test_the_services_are_left_alone(keeper: SettingsKeeper, parent: QWidget) -> None:
    known = Service(name="Here", url=HERE, log_in=LogIn.BASIC, user="alice")
    keeper.change(keeper.settings.with_service(known))
    dialog = opened(parent, keeper)
    dialog._editors["confirm_delete"].click()  # type: ignore[attr-defined]
    press(dialog, "OK")
    assert keeper.settings.services == (known,)
    assert not keeper.settings.confirm_delete


def test_settings_that_no_task_could_write_are_written_at_the_end(tasks: Tasks, notices: Notices) -> None:
    keeper = SettingsKeeper(tasks=tasks, notices=notices)
    assert tasks.shutdown(10.0)
    keeper.keep_layout({"state": "wide"})
    keeper.flush()
    assert SettingsFile().load().layout == {"state": "wide"}
