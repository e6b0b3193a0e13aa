"""What the Help menu shows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QDialog, QMessageBox, QTextBrowser, QVBoxLayout, QWidget

from stopdesk import __version__, paths
from stopdesk.ui.theme import GRID


def show(parent: QWidget) -> None:
    """Version, licence, what it builds on."""
    QMessageBox.about(
        parent,
        "About stopdesk",
        f"<b>stopdesk {__version__}</b><p>Models molecular lines, runs the models on UWS services and compares them "
        "with observations.</p><p>LVG numbers by pythonradex; molecular data from the Leiden database LAMDA, each file "
        "with its reference; the Virtual Observatory through astropy and pyvo; Qt through PySide6; plots by "
        "pyqtgraph.</p><p>MIT licence.</p>",
    )


class _Guide(QTextBrowser):
    """Markdown with pictures no wider than the page."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Load a page or a picture."""
        loaded = super().loadResource(kind, name)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return loaded
        picture = QImage.fromData(loaded) if isinstance(loaded, QByteArray) else QImage(loaded)
        return picture.scaledToWidth(100 * GRID, Qt.TransformationMode.SmoothTransformation)


def show_guide(parent: QWidget) -> QDialog:
    """The user's guide in a window of its own."""
    guide = paths.guide()
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle("User's guide")
    browser = _Guide()
    browser.setAccessibleName("User's guide")
    browser.setSearchPaths([str(guide.parent)])
    browser.setOpenExternalLinks(True)
    browser.setSource(QUrl.fromLocalFile(str(guide)))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(browser)
    dialog.resize(120 * GRID, 90 * GRID)
    dialog.show()
    return dialog
