"""Asks before our hub ends with the window, while others talk through it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from stopdesk.ui.samp.bridge import SampLink
from stopdesk.ui.samp.words import joined


def unless_hub_is_needed(samp: SampLink, window: QWidget, then: Callable[[], object]) -> None:
    """Go on with ``then`` at once where nobody else needs our hub, else after "Close anyway"."""
    number = samp.other_clients
    if not number:
        then()
        return
    names = [samp.labels[peer.id] for peer in samp.peers][:number]
    unnamed = number - len(names)
    if unnamed:
        names.append(f"{unnamed} {'more' if names else 'other'} program{'s' if unnamed > 1 else ''}")
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{joined(names)} {'is' if number == 1 else 'are'} connected through stopdesk's hub.")
    box.setInformativeText("Without it, programs can send each other nothing until one of them starts another hub.")
    go_on = box.addButton("Close anyway", QMessageBox.ButtonRole.AcceptRole)
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(cancel)
    box.exec()
    clicked = box.clickedButton()
    box.deleteLater()
    if clicked is go_on:
        then()
