"""The preferences: every declared setting, and the services that models can be sent to."""

from __future__ import annotations

from urllib.parse import urlsplit

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stopdesk.domain.settings import SETTINGS, ChoiceSetting, FlagSetting, Service, Setting, url_problem
from stopdesk.ui.settings_keeper import SettingsKeeper
from stopdesk.ui.theme import GRID, problem_colour


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
        self._kept = {service.url: service for service in current.services}
        self._table = QTableWidget(0, 2)
        self._table.setAccessibleName("Services")
        self._table.setHorizontalHeaderLabels(["Name", "Address of the job list"])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self._table.verticalHeader().hide()
        self._table.setColumnWidth(0, 18 * GRID)
        for service in current.services:
            self._add(service.name, service.url)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._lay_out()

    def _add(self, name: str, url: str) -> None:
        row = self._table.rowCount()
        self._table.insertRow(row)
        self._table.setItem(row, 0, QTableWidgetItem(name))
        self._table.setItem(row, 1, QTableWidgetItem(url))

    def _lay_out(self) -> None:
        form = QFormLayout()
        for setting in SETTINGS:
            editor = self._editors[setting.name]
            editor.setToolTip(setting.help)
            editor.setAccessibleName(setting.label)
            form.addRow("" if isinstance(setting, FlagSetting) else setting.label, editor)
        hint = QLabel(
            "Other UWS services: the address of the job list, as https://example.org/lvg/q/grid/async. "
            "{model} in it stands for lte or lvg."
        )
        hint.setWordWrap(True)
        self._name = QLineEdit(placeholderText="Name")
        self._name.setAccessibleName("Name of the new service")
        self._name.setMaximumWidth(18 * GRID)
        self._url = QLineEdit(placeholderText="https://…")
        self._url.setAccessibleName("Address of the new service")
        row = QHBoxLayout()
        row.addWidget(self._name)
        row.addWidget(self._url)
        for text, call in (("Add", self._add_typed), ("Remove", self._remove)):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, call=call: call())
            row.addWidget(button)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addSpacing(GRID)
        column.addWidget(hint)
        column.addWidget(self._table, 1)
        column.addLayout(row)
        column.addWidget(self._problem)
        column.addWidget(buttons)
        self.resize(76 * GRID, 60 * GRID)

    def _say(self, text: str | None) -> None:
        self._problem.setStyleSheet(f"color: {problem_colour().name()}")
        self._problem.setText(f"⚠ {text}" if text else "")

    def _add_typed(self) -> bool:
        url = self._url.text().strip()
        problem = url_problem(url) or self._taken(url, self._table.rowCount())
        self._say(problem)
        if problem is None:
            self._add(self._name.text().strip() or urlsplit(url).netloc, url)
            self._name.clear()
            self._url.clear()
        return problem is None

    def _taken(self, url: str, row: int) -> str | None:
        """A sentence when a row above has this address already."""
        for other in range(row):
            if self._text(other, 1) == url:
                return f"{self._text(other, 0) or 'Another service'} has this address already: {url}"
        return None

    def _remove(self) -> None:
        self._table.removeRow(self._table.currentRow())

    def _text(self, row: int, column: int) -> str:
        item = self._table.item(row, column)
        return item.text().strip() if item is not None else ""

    def _accept(self) -> None:
        if self._url.text().strip() and not self._add_typed():  # typed but not added: it is meant
            return
        services = []
        for row in range(self._table.rowCount()):
            name, url = self._text(row, 0), self._text(row, 1)
            if problem := url_problem(url) or self._taken(url, row):
                self._say(f"{name}: {problem}" if name else problem)
                self._table.setCurrentCell(row, 1)
                return
            kept = self._kept.get(url)
            named = name or urlsplit(url).netloc
            services.append(kept.model_copy(update={"name": named}) if kept else Service(name=named, url=url))
        changed = self._keeper.settings
        for setting_name, editor in self._editors.items():
            changed = changed.with_value(setting_name, _value(editor))
        self._keeper.change(changed.model_copy(update={"services": tuple(services)}))
        self.accept()
