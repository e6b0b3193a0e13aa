"""A click on an address in a row: data and lists of links (DataLink) are loaded, pages go to the browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.ui.portal import loading
from stopdesk.vo.datalink import MEDIA_TYPE
from tests.desk import told, wait_until_told
from tests.fakes import portal_documents as documents
from tests.fakes.portal_server import PortalServer, portal_server
from tests.observing import DEC, PATIENCE_MS, RA, point, search, use

COLUMNS = (
    *documents.OBSCORE[2:5],
    ("access_url", "char", "", "", "obscore:Access.Reference"),
    ("dl", "char", "", "", ""),
    ("datalink", "char", "", "", ""),
    ("reference", "char", "", "", ""),
)


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were opened in the browser."""
    opened: list[str] = []

    class Desktop:
        @staticmethod
        def openUrl(url: QUrl) -> bool:
            opened.append(url.toString())
            return True

    monkeypatch.setattr(loading, "QDesktopServices", Desktop)
    return opened


@pytest.fixture
def archive(qtbot: QtBot, desk: app.Desk) -> Iterator[PortalServer]:
    """A search of an archive: row 0 has a file and links, row 1 a page in place of the file, row 2 links only."""
    with portal_server() as server:
        files, links = f"{server.url}/files", f"{server.url}/links?ID=1"
        server.links = [("1", f"{files}/spectrum.fits", "", "", "", "#this", "image/fits", "")]
        server.files["spectrum.fits"] = ("image/fits", (paths.resources() / "spectra" / "example.fits").read_bytes())
        server.files["page"] = ("text/html", b"<html><head><title>Log in</title></head></html>")
        rows = [
            (f"field {row}", str(RA), str(DEC), url, links, links, f"{files}/page")
            for row, url in enumerate((f"{files}/spectrum.fits", f"{files}/page", ""))
        ]
        said = documents.votable(COLUMNS, rows).decode()
        said = said.replace(
            '<FIELD name="dl" datatype="char" arraysize="*"/>',
            f'<FIELD name="dl" datatype="char" arraysize="*"><LINK content-type="{MEDIA_TYPE}"/></FIELD>',
        )
        assert "LINK" in said
        server.files["rows"] = ("application/x-votable+xml", said.encode())
        use(desk, Service(name="Archive", url=f"{files}/rows", kind=ServiceKind.SSA))
        point(desk)
        search(qtbot, desk, answers=1)
        yield server


def click(qtbot: QtBot, desk: app.Desk, row: int, name: str) -> None:
    """A click on the text of a cell."""
    table = desk.window.observe.area.table
    if table.model.section_of(name) is None:
        table.show_columns([*(column.key for column in table.model.columns), name])
    section = table.model.section_of(name)
    assert section is not None
    index = table.model.index(row, section)
    table.view.scrollTo(index)
    cell = table.view.visualRect(index)
    at = QPoint(cell.left() + 8, cell.center().y())
    qtbot.mouseClick(table.view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def loaded(qtbot: QtBot, desk: app.Desk) -> str:
    """Wait for a spectrum, and give the address that it came from."""
    qtbot.waitUntil(lambda: bool(desk.document.session.spectra), timeout=PATIENCE_MS)
    return desk.document.session.spectra[0].origin


@pytest.mark.parametrize("column", ["access_url", "datalink", "dl"])
def test_data_and_lists_of_links_are_loaded(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer, browser: list[str], column: str
) -> None:
    click(qtbot, desk, 0, column)
    assert loaded(qtbot, desk) == f"{archive.url}/files/spectrum.fits"
    assert browser == []
    assert desk.window.rail.current == "spectra"


def test_a_page_goes_to_the_browser(qtbot: QtBot, desk: app.Desk, archive: PortalServer, browser: list[str]) -> None:
    click(qtbot, desk, 0, "reference")
    assert browser == [f"{archive.url}/files/page"], "an address of who knows what"
    click(qtbot, desk, 1, "access_url")
    qtbot.waitUntil(lambda: len(browser) == 2, timeout=PATIENCE_MS)
    assert browser[1] == f"{archive.url}/files/page", "data that turned out to be a page"
    archive.files["page"] = ("application/fits", b"\x89PNG\r\n" + bytes(100))
    click(qtbot, desk, 1, "access_url")
    qtbot.waitUntil(lambda: len(browser) == 3, timeout=PATIENCE_MS)
    assert not [text for text in told(desk) if "could not be loaded" in text]


def test_load_goes_by_the_links_where_there_is_no_other_address(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer
) -> None:
    desk.window.observe.area.selection.choose([2], source=None)
    desk.window.observe.bar.buttons["Load"].click()
    assert loaded(qtbot, desk) == f"{archive.url}/files/spectrum.fits"


def test_addresses_in_the_details_lead_to_the_same(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer, browser: list[str]
) -> None:
    desk.window.observe.area.selection.choose([2], source=None)
    tree = desk.window.observe.details.tree
    items = {item.text(0): item for item in map(tree.topLevelItem, range(tree.topLevelItemCount())) if item}
    tree.itemActivated.emit(items["reference"], 1)
    assert browser == [f"{archive.url}/files/page"]
    tree.itemActivated.emit(items["datalink"], 1)
    assert loaded(qtbot, desk) == f"{archive.url}/files/spectrum.fits"


def test_a_file_on_its_way_is_not_fetched_twice(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    loader = desk.window.observe.loader
    for _ in range(2):
        loader.load(f"{archive.url}/files/spectrum.fits", "field 0")
    wait_until_told(qtbot, desk, "field 0 is being loaded.")
    loaded(qtbot, desk)
    assert len(archive.asked("/files/spectrum.fits")) == 1
