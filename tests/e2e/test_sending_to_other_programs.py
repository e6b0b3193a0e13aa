"""Tables, spectra, images, positions, drawings and services go from the views of the real window to other programs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from PySide6.QtWidgets import QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.domain.target import Position, Target
from stopdesk.formats.votable import read_table
from stopdesk.samp import messages
from stopdesk.ui.samp.offers import OfferMenu
from stopdesk.ui.samp.places import Places
from stopdesk.ui.services.dialog import ServicesDialog
from stopdesk.ui.targets import TargetsDialog
from tests.desk import Heartbeat, told, wait_until_told
from tests.fakes.portal_server import PortalServer, portal_server
from tests.fakes.samp_taker import Program, program
from tests.observing import PATIENCE_MS, observations, point, portal, search, use
from tests.sending import choose, large, offers, open_result
from tests.ui.sample_results import sample

TOPCAT = (messages.TABLE_FITS, messages.TABLE_VOTABLE, messages.SELECT_ROWS, messages.HIGHLIGHT_ROW,
          messages.POINT_AT, messages.RESOURCES, f"{messages.RESOURCES}.cone")  # fmt: skip
ALADIN = (messages.TABLE_VOTABLE, messages.IMAGE, messages.POINT_AT, messages.SCRIPT)
SPLAT = (messages.SPECTRUM, messages.TABLE_FITS)


class Others:
    """The window with its hub, and programs there as they are wanted."""

    def __init__(self, qtbot: QtBot, desk: app.Desk, stack: ExitStack) -> None:
        self.qtbot, self.desk, self._stack = qtbot, desk, stack
        desk.samp.start()
        qtbot.waitUntil(lambda: desk.samp.is_connected, timeout=PATIENCE_MS)

    def join(self, name: str, mtypes: tuple[str, ...]) -> Program:
        """Another program comes."""
        made = self._stack.enter_context(program(name, *mtypes))
        there = lambda: any(peer.name == name and all(map(peer.takes, mtypes)) for peer in self.desk.samp.peers)  # noqa: E731
        self.qtbot.waitUntil(there, timeout=PATIENCE_MS)
        return made

    def wait_for(self, who: Program, mtype: str, number: int = 1) -> dict[str, str]:
        """The newest message of this MType, when there are so many."""
        self.qtbot.waitUntil(lambda: len(who.of(mtype)) >= number, timeout=PATIENCE_MS)
        return who.of(mtype)[-1]


@pytest.fixture
def others(qtbot: QtBot, desk: app.Desk) -> Iterator[Others]:
    with ExitStack() as stack:
        yield Others(qtbot, desk, stack)


def path_of(params: dict[str, str]) -> Path:
    return Path(unquote(urlsplit(params["url"]).path))


# ---- results ---------------------------------------------------------------------------------------------------------


def test_the_rows_of_a_result_go_as_they_are_shown(others: Others, tmp_path: Path) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    result = sample()
    content = open_result(others.qtbot, others.desk, tmp_path, result)
    content.select_line(2)
    assert not content.send_button.isHidden()
    choose(content.send_button.menu(), "Rows for CO 3-2 (60)", "TOPCAT")
    params = others.wait_for(topcat, messages.TABLE_FITS)
    table = Table.read(path_of(params), hdu=1)
    np.testing.assert_array_equal(table["peak_temperature"], result.outputs["peak_temperature"][:, 2])
    np.testing.assert_array_equal(table["kinetic_temperature"], result.grid.columns()["kinetic_temperature"])
    assert params["name"] == "CO ladder, CO 3-2"
    wait_until_told(others.qtbot, others.desk, "Sent CO ladder, CO 3-2 (60 rows) to TOPCAT: loaded.")
    known = Places(others.desk.window).known(params["table-id"])
    assert known is not None
    content.selection.choose([4, 9], source=None)
    assert others.wait_for(topcat, messages.SELECT_ROWS)["row-list"] == ["4", "9"]


def test_a_part_of_the_rows_keeps_its_place_in_the_selection(others: Others, tmp_path: Path) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    result = sample()
    content = open_result(others.qtbot, others.desk, tmp_path, result)
    content.selection.choose([7, 20, 33, 41], source=None)
    choose(content.send_button.menu(), "Selected rows", "TOPCAT")
    params = others.wait_for(topcat, messages.TABLE_FITS)
    table = Table.read(path_of(params), hdu=1)
    np.testing.assert_array_equal(table["flux"], result.outputs["flux"][[7, 20, 33, 41], content.line])
    content.selection.choose([33, 50], source=None)
    assert others.wait_for(topcat, messages.SELECT_ROWS)["row-list"] == ["2"]


def test_all_lines_of_a_grid_the_lines_of_a_row_and_each_line_can_be_sent(others: Others, tmp_path: Path) -> None:
    aladin = others.join("Aladin", ALADIN)
    result = sample()
    content = open_result(others.qtbot, others.desk, tmp_path, result)
    content.select_row(11)
    menu = content.send_button.menu()
    assert offers(menu) == [
        f"Rows for CO {result.transitions.transition[content.line]} (60)",
        "Rows with all 12 lines (60)",
        "Lines of row 12 (12)",
        "Lines of all rows (720)",
    ]
    choose(menu, "Rows with all", "Aladin")
    grid = read_table(path_of(others.wait_for(aladin, messages.TABLE_VOTABLE, 1)))
    np.testing.assert_array_equal(grid["optical_depth"], result.outputs["optical_depth"])
    choose(menu, "Lines of row 12", "Aladin")
    params = others.wait_for(aladin, messages.TABLE_VOTABLE, 2)
    lines = read_table(path_of(params))
    assert lines["transition"].tolist() == list(result.transitions.transition)
    np.testing.assert_array_equal(lines["flux"], result.outputs["flux"][11])
    choose(menu, "Lines of all rows", "Aladin")
    each = read_table(path_of(others.wait_for(aladin, messages.TABLE_VOTABLE, 3)))
    assert len(each) == 720
    np.testing.assert_array_equal(each["flux"], result.outputs["flux"].ravel())
    ids = {params["table-id"] for params in aladin.of(messages.TABLE_VOTABLE)}
    assert len(ids) == 3
    assert [action.menu() for action in content.rows.view.actions() if action.menu()]
    assert [action.menu() for action in content.lines.view.actions() if action.menu()]


def test_300000_rows_go_without_holding_up_the_window(others: Others, tmp_path: Path) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    content = open_result(others.qtbot, others.desk, tmp_path, large(), "Large grid")
    others.qtbot.waitUntil(lambda: {content.map, content.curves} <= set(content._drawn), timeout=PATIENCE_MS)
    heartbeat = Heartbeat()
    heartbeat.start()
    choose(content.send_button.menu(), "Rows for", "TOPCAT")
    params = others.wait_for(topcat, messages.TABLE_FITS)
    wait_until_told(others.qtbot, others.desk, "(300,000 rows) to TOPCAT: loaded.")
    heartbeat.stop()
    with fits.open(path_of(params)) as units:
        assert units[1].header["NAXIS2"] == 300_000
    print(f"longest pause of the window's thread: {heartbeat.longest_ms:.0f} ms; {heartbeat.when}")
    assert heartbeat.longest_ms < 500


# ---- observations ----------------------------------------------------------------------------------------------------


@pytest.fixture
def archive() -> Iterator[PortalServer]:
    with portal_server() as server:
        image = io.BytesIO()
        fits.PrimaryHDU(np.zeros((3, 2), dtype=np.float32)).writeto(image)
        server.files["image.fits"] = ("image/fits", image.getvalue())
        server.rows = observations(12, url=f"{server.url}/files/image.fits")
        yield server


def searched(others: Others, archive: PortalServer) -> None:
    use(others.desk, portal(archive, ServiceKind.OBSTAP, "Archive"))
    point(others.desk)
    search(others.qtbot, others.desk, answers=1)


def test_observations_go_whole_filtered_or_selected(others: Others, archive: PortalServer) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    searched(others, archive)
    area, menu = others.desk.window.observe.area, others.desk.window.observe.bar.send_button.menu()
    assert offers(menu) == ["All 12 rows", "Circle of the search"]
    choose(menu, "All 12 rows", "TOPCAT")
    params = others.wait_for(topcat, messages.TABLE_FITS)
    assert params["name"] == "Archive IRAS 16293-2422"
    table = Table.read(path_of(params), hdu=1)
    assert len(table) == 12
    assert table["s_ra"].unit == "deg"
    area.selection.choose([2, 5, 6], source=None)
    assert others.wait_for(topcat, messages.SELECT_ROWS)["row-list"] == ["2", "5", "6"]
    choose(menu, "Selected rows (3)", "TOPCAT")
    some = Table.read(path_of(others.wait_for(topcat, messages.TABLE_FITS, 2)), hdu=1)
    np.testing.assert_array_equal(some["s_ra"], table["s_ra"][[2, 5, 6]])
    assert menu.menuAction() in area.table.row_menu.make().actions()


def test_positions_circle_and_footprints_are_shown_by_aladin(others: Others, archive: PortalServer) -> None:
    aladin = others.join("Aladin", ALADIN)
    searched(others, archive)
    observe = others.desk.window.observe
    observe.area.selection.choose([3], source=None)
    menu = observe.bar.send_button.menu()
    choose(menu, "Position of", "Aladin")
    params = others.wait_for(aladin, messages.POINT_AT)
    assert observe.area.marks is not None
    assert float(params["ra"]) == observe.area.marks.ra[3]
    assert float(params["dec"]) == observe.area.marks.dec[3]
    choose(menu, "Circle of the search", "Aladin")
    script = others.wait_for(aladin, messages.SCRIPT)["script"]
    assert "draw circle(248.0946" in script
    wait_until_told(others.qtbot, others.desk, "Sent the circle of the search to Aladin")


def test_an_image_that_was_fetched_goes_to_aladin(others: Others, archive: PortalServer) -> None:
    aladin = others.join("Aladin", ALADIN)
    searched(others, archive)
    observe = others.desk.window.observe
    observe.area.selection.choose([0], source=None)
    observe.bar.buttons["Load"].click()
    boxes = lambda: [each for each in others.desk.window.findChildren(QMessageBox) if each.isVisible()]  # noqa: E731
    others.qtbot.waitUntil(lambda: bool(boxes()), timeout=PATIENCE_MS)
    (box,) = boxes()
    button = next(each for each in box.buttons() if each.text().replace("&", "") == "Send")
    choose(button.menu(), "image.fits", "Aladin")
    params = others.wait_for(aladin, messages.IMAGE)
    assert params["name"] == "image.fits"
    assert path_of(params).read_bytes() == archive.files["image.fits"][1]
    assert box.isVisible()
    box.close()


# ---- spectra ---------------------------------------------------------------------------------------------------------


def test_a_spectrum_goes_with_what_is_known_of_it(others: Others) -> None:
    splat, topcat = others.join("SPLAT", SPLAT), others.join("TOPCAT", TOPCAT)
    window = others.desk.window
    with others.qtbot.waitSignal(window.spectra.arrived, timeout=PATIENCE_MS):
        window.spectra.add_example()
    content = window.spectra.content
    assert content is not None
    (record,) = others.desk.document.session.spectra
    menu = content.list.send_button.menu()
    choose(menu, record.name[:20], "All 2 of them")
    params = others.wait_for(splat, messages.SPECTRUM)
    assert path_of(params).read_bytes() == (paths.resources() / "spectra" / "example.fits").read_bytes()
    assert params["meta"]["Access.Format"] == "application/fits"  # type: ignore[index]
    table = Table.read(path_of(others.wait_for(topcat, messages.TABLE_FITS)), hdu=1)
    assert len(table) == content.selected[0][1].n_channels


# ---- around ----------------------------------------------------------------------------------------------------------


def test_the_source_is_shown_where_it_is(others: Others) -> None:
    aladin = others.join("Aladin", ALADIN)
    bar = others.desk.window.source_bar
    menu = bar.send_button.menu()
    assert offers(menu) == []
    point(others.desk)
    choose(menu, "Position of IRAS 16293-2422", "Aladin")
    params = others.wait_for(aladin, messages.POINT_AT)
    assert float(params["ra"]) == pytest.approx(248.0946, abs=1e-6)
    assert float(params["dec"]) == pytest.approx(-24.4767, abs=1e-6)


def test_targets_are_a_table(others: Others) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    desk = others.desk
    known = (
        Target(name="L1544", position=Position(ra=76.04, dec=25.18), source="SIMBAD"),
        Target(name="B68", position=Position(ra=260.66, dec=-23.83)),
        Target(name="HH 212", position=Position(ra=85.96, dec=-1.05)),
    )
    desk.document.set_targets(known)
    action = next(each for each in _targets_menu(desk).actions() if each.text() == "All targets…")
    action.trigger()
    (dialog,) = desk.window.findChildren(TargetsDialog)
    menu = dialog.send_button.menu()
    choose(menu, "All targets (3)", "TOPCAT")
    table = Table.read(path_of(others.wait_for(topcat, messages.TABLE_FITS)), hdu=1)
    assert table["ra"].tolist() == [76.04, 260.66, 85.96]
    dialog.list.topLevelItem(1).setSelected(True)
    assert offers(menu) == ["All targets (3)", "Selected targets (1)", "Position of B68"]
    choose(menu, "Position of B68", "TOPCAT")
    assert others.wait_for(topcat, messages.POINT_AT)["ra"] == "260.66"
    dialog.close()


def _targets_menu(desk: app.Desk) -> QMenu:
    menu = desk.window.source_bar.targets_menu
    menu.aboutToShow.emit()
    return menu


def test_services_of_the_registry_are_offered_by_their_identifiers(others: Others) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    desk = others.desk
    use(
        desk,
        Service(name="Cone A", url="http://a.example/scs", kind=ServiceKind.SCS, ivoid="ivo://a/scs"),
        Service(name="By hand", url="http://b.example/scs", kind=ServiceKind.SCS),
    )
    desk.window.actions_by_name["services"].trigger()
    (dialog,) = desk.window.findChildren(ServicesDialog)
    menu = dialog.send_button.menu()
    dialog.list.setCurrentRow(1)
    assert offers(menu) == []
    assert isinstance(menu, OfferMenu)
    shown = [action.text() for action in menu.actions() if action.isVisible()]
    assert shown == ["Only services found in the registry can be sent"]
    dialog.list.setCurrentRow(0)
    choose(menu, "Cone A", "TOPCAT")
    params = others.wait_for(topcat, f"{messages.RESOURCES}.cone")
    assert list(params["ids"]) == ["ivo://a/scs"]
    dialog.reject()


def test_what_is_refused_is_said_in_the_words_of_the_other_program(others: Others, tmp_path: Path) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    topcat.answers, topcat.said = "samp.error", "Table is too wide"
    content = open_result(others.qtbot, others.desk, tmp_path, sample())
    choose(content.send_button.menu(), "Rows for", "TOPCAT")
    wait_until_told(others.qtbot, others.desk, "(60 rows): Table is too wide.")
    assert any("TOPCAT could not take CO ladder" in text for text in told(others.desk))


def test_files_are_gone_with_the_window(others: Others, tmp_path: Path) -> None:
    topcat = others.join("TOPCAT", TOPCAT)
    content = open_result(others.qtbot, others.desk, tmp_path, sample())
    choose(content.send_button.menu(), "Rows for", "TOPCAT")
    path = path_of(others.wait_for(topcat, messages.TABLE_FITS))
    assert path.is_file()
    others.desk.shut_down()
    assert not path.exists()
