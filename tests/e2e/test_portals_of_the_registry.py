"""Portals are found by subject in the registry and added to the list of services."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytest_httpserver import HTTPServer
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.ui.services.dialog import ServicesDialog
from stopdesk.ui.services.registry import RegistryDialog
from tests.fakes import portal_documents as documents
from tests.observing import PATIENCE_MS, use

COLUMNS: tuple[documents.Column, ...] = tuple(
    (name, "char", "", "", "") for name in ("ivoid", "short_name", "res_title", "res_description", "access_url")
)


def test_what_is_found_is_ticked_and_added(qtbot: QtBot, desk: app.Desk, httpserver: HTTPServer) -> None:
    known = "https://known.example/tap"
    rows = [
        ("ivo://a", "a", "Clouds of molecules", "A survey", "https://a.example/tap"),
        ("ivo://b", "b", "Known already", "Another", known),
    ]
    httpserver.expect_request("/tap/sync").respond_with_data(documents.votable(COLUMNS, rows), content_type="text/xml")
    use(
        desk,
        Service(name="Registry", url=httpserver.url_for("/tap"), kind=ServiceKind.REGISTRY),
        Service(name="Known", url=known, kind=ServiceKind.OBSTAP, enabled=False),
    )
    desk.window.show_page("observe")
    desk.window.observe.panel.services.click()
    dialog = desk.window.findChildren(ServicesDialog)[0]
    dialog.find_button.click()
    (registry,) = dialog.findChildren(RegistryDialog)
    registry.ask.click()
    assert "Type what the services should be about" in registry.report.text()
    registry.words.setText("molecular clouds")
    registry.ask.click()
    qtbot.waitUntil(lambda: registry.list.count() == 1, timeout=PATIENCE_MS)
    assert registry.report.text() == "1 service; tick those to add. In the list already: 1 more."
    assert not registry.add.isEnabled()
    item = registry.list.item(0)
    assert item.text() == "Clouds of molecules"
    item.setCheckState(Qt.CheckState.Checked)
    registry.add.click()
    assert dialog.list.currentItem().text() == "Clouds of molecules"
    dialog._accept()
    assert "https://a.example/tap" in desk.window.observe.panel.portals.rows
    assert "https://a.example/tap" in [each.url for each in desk.window.observe.panel.portals.services]
