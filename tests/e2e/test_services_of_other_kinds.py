"""Portals, resolvers and registries are shown, changed and tried out in the dialog of services, beside job lists."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.session.services import shipped
from stopdesk.ui.services.dialog import ServicesDialog
from tests.fakes.portal_documents import Observation
from tests.fakes.portal_server import PortalServer, portal_server


@pytest.fixture
def portal() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.rows = [Observation(1, "M 31", 10.6847, 41.2688)]
        yield server


def opened(desk: app.Desk) -> ServicesDialog:
    desk.window.actions_by_name["services"].trigger()
    (dialog,) = (each for each in desk.window.findChildren(ServicesDialog) if each.isVisible())
    return dialog


def press(dialog: ServicesDialog, text: str) -> None:
    (button,) = (each for each in dialog.findChildren(QPushButton) if each.text().replace("&", "") == text)
    assert button.isEnabled(), text
    button.click()


def add(dialog: ServicesDialog, url: str, kind: ServiceKind) -> None:
    press(dialog, "Add")
    QTest.keyClicks(dialog.fields.url, url)
    dialog.fields.kind.setCurrentIndex(dialog.fields.kind.findData(kind.value))


@pytest.mark.parametrize("kind", ServiceKind)
def test_every_kind_can_be_chosen_and_is_kept(desk: app.Desk, kind: ServiceKind) -> None:
    dialog = opened(desk)
    fields = dialog.fields
    add(dialog, "https://archive.example/tap", kind)
    assert fields.at_once.isVisible() is fields.paused.isVisible() is (kind is ServiceKind.UWS)
    assert fields.table.isVisible() is (kind is ServiceKind.OBSTAP)
    assert dialog.bring.isEnabled() is (kind is ServiceKind.UWS)
    if kind is ServiceKind.OBSTAP:
        QTest.keyClicks(fields.table, "tap_schema.obscore")
    press(dialog, "OK")
    (kept,) = desk.settings.settings.services
    assert (kept.name, kept.url, kept.kind) == ("archive.example", "https://archive.example/tap", kind)
    assert kept.table == ("tap_schema.obscore" if kind is ServiceKind.OBSTAP else "")
    offered = [url for _, url in desk.settings.services()]
    assert (kept.url in offered) is (kind is ServiceKind.UWS), "models are sent to job lists only"


def test_a_shipped_one_keeps_kind_and_mirrors(desk: app.Desk) -> None:
    known = next(service for service in shipped() if service.kind is ServiceKind.OBSTAP and service.mirrors)
    dialog = opened(desk)
    dialog.list.setCurrentRow(shipped().index(known))
    assert not dialog.fields.kind.isEnabled()
    QTest.keyClicks(dialog.fields.name, "My ")
    press(dialog, "OK")
    (kept,) = desk.settings.settings.services
    assert kept == known.model_copy(update={"name": f"My {known.name}"})


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        (ServiceKind.OBSTAP, "/tap", "It answers, with 9 columns; it has something in a small field around M 31."),
        (ServiceKind.SCS, "/scs", "It answers, with 3 columns"),
        (ServiceKind.SSA, "/nowhere", "refused the request"),
    ],
)
def test_a_portal_is_tried_out(
    qtbot: QtBot, desk: app.Desk, portal: PortalServer, kind: ServiceKind, path: str, said: str
) -> None:
    dialog = opened(desk)
    add(dialog, portal.url + path, kind)
    press(dialog, "Test")
    qtbot.waitUntil(lambda: said in dialog.report.toPlainText(), timeout=30_000)
    press(dialog, "Cancel")


def test_another_kind_makes_a_test_worthless(qtbot: QtBot, desk: app.Desk, portal: PortalServer) -> None:
    dialog = opened(desk)
    add(dialog, f"{portal.url}/tap", ServiceKind.OBSTAP)
    press(dialog, "Test")
    qtbot.waitUntil(lambda: "It answers" in dialog.report.toPlainText(), timeout=30_000)
    dialog.fields.kind.setCurrentIndex(dialog.fields.kind.findData(ServiceKind.SSA.value))
    assert dialog.report.toPlainText() == ""
    press(dialog, "Cancel")


def test_a_service_without_an_address_says_what_is_missing(desk: app.Desk) -> None:
    dialog = opened(desk)
    press(dialog, "Add")
    dialog.fields.kind.setCurrentIndex(dialog.fields.kind.findData(ServiceKind.SSA.value))
    press(dialog, "OK")
    assert "Its address is missing" in dialog.problem.text()
    assert Service(name="x", url="https://x.example").kind is ServiceKind.UWS
    press(dialog, "Cancel")
