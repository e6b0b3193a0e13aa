"""Asks for the name of a file to write; what is there already is replaced only after a question."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget


def file_to_write(window: QWidget, title: str, start: str, pattern: str, suffix: str) -> Path | None:
    """The file that the user names, with this suffix; None when they change their mind."""
    name, _ = QFileDialog.getSaveFileName(window, title, start, pattern)
    if not name:
        return None
    path = Path(name)
    if path.suffix == suffix:
        return path
    path = path.with_name(path.name + suffix)
    if path.exists() and not _may_replace(window, path):  # the file dialog has asked about the name as typed only
        return None
    return path


def _may_replace(window: QWidget, path: Path) -> bool:
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{path.name} exists already. Replace it?")
    replace = box.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.exec()
    may_replace = box.clickedButton() is replace
    box.deleteLater()
    return may_replace
