"""The preferences: every declared setting."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.settings import SETTINGS, ChoiceSetting, FlagSetting, Setting
from stopdesk.ui.settings_keeper import SettingsKeeper


def _editor(setting: Setting, value: bool | int | str) -> QWidget:
    """The control for one setting."""
    if isinstance(setting, FlagSetting):
        box = QCheckBox(setting.label)
        box.setChecked(bool(value))
        return box
    if isinstance(setting, ChoiceSetting):
        menu = QComboBox()
        for option, label in zip(setting.options, setting.labels, strict=True):
            menu.addItem(label.capitalize(), option)
        menu.setCurrentIndex(max(0, menu.findData(value)))
        return menu
    spin = QSpinBox(minimum=setting.minimum, maximum=setting.maximum)
    spin.setSpecialValueText(setting.zero.capitalize())
    spin.setValue(int(value))
    return spin


def _value(editor: QWidget) -> bool | int | str:
    if isinstance(editor, QCheckBox):
        return editor.isChecked()
    if isinstance(editor, QComboBox):
        return str(editor.currentData())
    assert isinstance(editor, QSpinBox)
    return editor.value()


class PreferencesDialog(QDialog):
    """Changes take effect with OK, all at once."""

    def __init__(self, *, settings: SettingsKeeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Preferences")
        self._keeper = settings
        current = settings.settings
        self._editors = {setting.name: _editor(setting, getattr(current, setting.name)) for setting in SETTINGS}
        self._lay_out()

    def _lay_out(self) -> None:
        form = QFormLayout()
        for setting in SETTINGS:
            editor = self._editors[setting.name]
            editor.setToolTip(setting.help)
            editor.setAccessibleName(setting.label)
            form.addRow("" if isinstance(setting, FlagSetting) else setting.label, editor)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(buttons)

    def _accept(self) -> None:
        changed = self._keeper.settings
        for setting_name, editor in self._editors.items():
            changed = changed.with_value(setting_name, _value(editor))
        self._keeper.change(changed)
        self.accept()
