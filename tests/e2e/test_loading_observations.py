"""A row is loaded: links are followed, and what comes is opened by what it contains; or it is modelled."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.domain.settings import ServiceKind
from stopdesk.ui.portal.loading import LinksDialog
from tests.desk import wait_until_told
from tests.fakes import portal_documents as documents
from tests.fakes.portal_server import PortalServer, portal_server
from tests.observing import PATIENCE_MS, observations, point, portal, search, shown, use


@pytest.fixture
def archive() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.files["spectrum.fits"] = ("image/fits", (paths.resources() / "spectra" / "example.fits").read_bytes())
        cells = [each.cells(documents.CONE) for each in observations(4)]
        server.files["rows.vot"] = ("application/x-votable+xml", documents.votable(documents.CONE, cells))
        cube = io.BytesIO()
        fits.PrimaryHDU(np.zeros((4, 3, 2), dtype=np.float32)).writeto(cube)
        server.files["cube.fits"] = ("image/fits", cube.getvalue())
        yield server


def searched(qtbot: QtBot, desk: app.Desk, archive: PortalServer, url: str) -> None:
    """A search whose first row leads to this address, and that row selected."""
    archive.rows = observations(3, url=url)
    use(desk, portal(archive, ServiceKind.OBSTAP))
    point(desk)
    search(qtbot, desk, answers=1)
    observe = desk.window.observe
    observe.area.selection.choose([0], source=None)
    assert observe.bar.buttons["Load"].isEnabled()


def test_one_of_several_links_is_chosen_and_a_spectrum_is_shown(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer
) -> None:
    files = f"{archive.url}/files"
    archive.links = [
        ("1", f"{files}/spectrum.fits", "", "", "Spectrum of HCN", "#this", "image/fits", "23040"),
        ("1", f"{files}/rows.vot", "", "", "Sources found", "#this", "application/x-votable+xml", ""),
    ]
    searched(qtbot, desk, archive, f"{archive.url}/links?ID=1")
    desk.window.observe.bar.buttons["Load"].click()
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(LinksDialog)), timeout=PATIENCE_MS)
    dialog = desk.window.findChildren(LinksDialog)[0]
    assert [dialog.list.item(place).text() for place in range(2)] == [
        "Spectrum of HCN (image/fits), 23 kB",
        "Sources found (application/x-votable+xml)",
    ]
    dialog.accept()
    qtbot.waitUntil(lambda: bool(desk.document.session.spectra), timeout=PATIENCE_MS)
    (spectrum,) = desk.document.session.spectra
    assert (spectrum.file.name, spectrum.origin) == ("spectrum.fits", f"{files}/spectrum.fits")
    assert desk.window.rail.current == "spectra"


def test_links_are_asked_of_the_service_that_the_portal_describes(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer
) -> None:
    archive.describes_links = True
    archive.links = [("1", f"{archive.url}/files/rows.vot", "", "", "Sources", "#this", "", "")]
    searched(qtbot, desk, archive, "")
    desk.window.observe.area.selection.choose([1], source=None)
    desk.window.observe.bar.buttons["Load"].click()
    wait_until_told(qtbot, desk, "rows.vot has 4 rows", timeout=PATIENCE_MS)
    asked = {"of": "archive", "RESPONSEFORMAT": "votable", "ID": "ivo://x-stand-in/1"}
    assert archive.asked("/links") == [asked]


def test_a_table_is_shown_beside_the_portals(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    searched(qtbot, desk, archive, f"{archive.url}/files/rows.vot")
    observe = desk.window.observe
    observe.area.table.view.doubleClicked.emit(observe.area.table.model.index(0, 0))
    wait_until_told(qtbot, desk, "rows.vot has 4 rows", timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert observe.bar.choice.currentText() == "File: rows.vot (4)"
    assert observe.area.table.rows.n_rows == 4
    observe.show_alone("")
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 3


def test_a_cube_is_saved_where_the_user_says(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "kept.fits"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    searched(qtbot, desk, archive, f"{archive.url}/files/cube.fits")
    desk.window.observe.bar.buttons["Load"].click()
    qtbot.waitUntil(lambda: bool(boxes(desk)), timeout=PATIENCE_MS)
    (box,) = boxes(desk)
    assert "cube.fits is here: cube (FITS)" in box.text()
    next(button for button in box.buttons() if button.text() == "Save as…").click()
    wait_until_told(qtbot, desk, "Saved")
    assert target.read_bytes() == archive.files["cube.fits"][1]


def boxes(desk: app.Desk) -> list[QMessageBox]:
    return [each for each in desk.window.findChildren(QMessageBox) if each.isVisible()]


def test_what_is_not_there_is_said(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    searched(qtbot, desk, archive, f"{archive.url}/files/lost.fits")
    desk.window.observe.bar.buttons["Load"].click()
    wait_until_told(qtbot, desk, "field 0 could not be loaded.", timeout=PATIENCE_MS)
    archive.rows = observations(3)
    search(qtbot, desk, answers=1)
    desk.window.observe.area.selection.choose([0], source=None)
    desk.window.observe.bar.buttons["Load"].click()
    wait_until_told(qtbot, desk, "gives no address of the data")


def test_a_row_fills_the_form(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    searched(qtbot, desk, archive, "")
    window = desk.window
    window.source_bar._v_lsr.setText("3.8")
    window.workspace.show_model("lte")
    window.observe.bar.buttons["Model this"].click()
    assert window.rail.current == "model"
    assert window.workspace.model == "lvg"
    request = window.workspace.form.request()
    at_rest = 1 / (1 - 3.8 / 299792.458)
    assert float(request["frequency_min"]) == pytest.approx(230.0 * at_rest, rel=1e-9)
    assert float(request["frequency_max"]) == pytest.approx(231.0 * at_rest, rel=1e-9)
    assert request["molecule"] == "co"
    source = desk.document.session.source
    assert (source.name, source.v_lsr) == ("IRAS 16293-2422 field 0", "3.8")
    assert source.position.startswith("16:32:2")
    window.workspace.undo()
    assert "frequency_min" not in window.workspace.form.request()


def test_lines_of_the_model_stand_beside_the_rows(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    searched(qtbot, desk, archive, "")
    table = desk.window.observe.area.table

    def lines() -> list[str]:
        column = table.rows.named("My lines")
        return [] if column is None else [column.text(row) for row in range(table.rows.n_rows)]

    qtbot.waitUntil(lambda: lines() == ["CO 2-1", "none", "none"], timeout=PATIENCE_MS)
    desk.window.source_bar._v_lsr.setText("-1000")
    qtbot.waitUntil(lambda: lines() == ["none", "CO 2-1", "none"], timeout=PATIENCE_MS)


def test_the_details_have_every_value_of_the_row(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    searched(qtbot, desk, archive, f"{archive.url}/files/rows.vot")
    window = desk.window
    assert window.details_stack.currentWidget() is window.observe.details
    tree = window.observe.details.tree
    items = [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]
    shown_values = {item.text(0): (item.text(1), item.text(2)) for item in items if item is not None}
    assert shown_values["target_name"] == ("IRAS 16293-2422 field 0", "")
    assert shown_values["em_min"][1] == "m"
    assert shown_values["access_url"][0].endswith("/files/rows.vot")
