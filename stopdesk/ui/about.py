"""What the Help menu shows."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMessageBox, QWidget

from stopdesk import __version__, paths
from stopdesk.ui.notices import Notices


def show(parent: QWidget) -> None:
    """Version, licence, what it builds on."""
    QMessageBox.about(
        parent,
        "About stopdesk",
        f"<b>stopdesk {__version__}</b><p>Models molecular lines, runs the models on UWS services and compares them "
        "with observations.</p><p>LVG numbers by pythonradex; molecular data from the Leiden database LAMDA, each file "
        "with its reference; the Virtual Observatory through astropy and pyvo; Qt through PySide6; plots by "
        "pyqtgraph.</p>"
        "<p>MIT licence.</p>",
    )


def open_guide(notices: Notices) -> None:
    """Open the guide in the browser."""
    guide = paths.resources() / "guide" / "index.html"
    if not guide.is_file() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(guide))):
        notices.warn(f"The guide could not be opened in a browser; it lies at {guide}.")
