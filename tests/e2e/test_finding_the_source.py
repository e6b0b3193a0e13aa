"""The source bar finds where a source is, by name or as typed; the targets that it found stay in the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from astropy.table import Table
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import ServiceKind
from stopdesk.formats.votable import write_table
from stopdesk.ui.targets import TargetsDialog
from tests.desk import answering, told
from tests.fakes.portal_server import PortalServer, portal_server
from tests.observing import DEC, IRAS, PATIENCE_MS, RA, observations, point, portal, search, use

CTRL = Qt.KeyboardModifier.ControlModifier


def resolver(ra: float, dec: float, name: str, by: str = "S=Simbad") -> str:
    return f"<Resolver name='{by}'><jradeg>{ra}</jradeg><jdedeg>{dec}</jdedeg><oname>{name}</oname></Resolver>"


@pytest.fixture
def sesame(desk: app.Desk) -> Iterator[PortalServer]:
    with portal_server() as server:
        server.names = {
            "iras 16293-2422": IRAS,
            "l1544": resolver(76.0792, 25.1783, "L1544"),
            "hh 7": resolver(52.2, 31.2, "HH 7") + resolver(10.0, -5.0, "HH 7", "V=VizieR"),
            "uy": "<INFO>*** Multiple objects found: [ NAME UY Aur A, NAME UY Aur B ] ***</INFO>",
            "name uy aur b": resolver(72.947, 30.787, "UY Aur B"),
        }
        use(desk, portal(server, ServiceKind.RESOLVER), portal(server, ServiceKind.SSA))
        yield server


def enter(desk: app.Desk, text: str) -> None:
    bar = desk.window.source_bar
    bar._name.setText(text)
    QTest.keyClick(bar._name, Qt.Key.Key_Return)


def said(desk: app.Desk) -> str:
    return desk.window.source_bar.answer.words


def test_a_name_is_looked_up_and_says_who_knew_it(qtbot: QtBot, desk: app.Desk, sesame: PortalServer) -> None:
    enter(desk, "IRAS 16293-2422")
    qtbot.waitUntil(lambda: said(desk).startswith("Simbad"), timeout=PATIENCE_MS)
    assert desk.document.session.source.position == "16:32:22.704 -24:28:36.12"
    (target,) = desk.document.session.targets
    assert (target.position.ra, target.position.dec, target.object_type) == (RA, DEC, "Y*O")
    assert f"by {sesame.url.removeprefix('http://')}" in said(desk)
    bar = desk.window.source_bar
    QTest.keyClick(bar._position, Qt.Key.Key_End)
    QTest.keyClick(bar._position, Qt.Key.Key_Backspace)
    assert said(desk) == "", "the answer can be edited, and is then none any more"
    QTest.keyClick(bar._position, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: said(desk) == "= 16:32:22.704 -24:28:36.10", timeout=PATIENCE_MS)
    enter(desk, "IRAS 16293-2422")
    qtbot.waitUntil(lambda: said(desk).startswith("Simbad"), timeout=PATIENCE_MS)
    assert len(sesame.requests) == 1, "what was said once is known"


def test_a_position_needs_no_network(qtbot: QtBot, desk: app.Desk) -> None:
    use(desk)
    enter(desk, "16:32:22.9 -24:28:36 IRAS 16293")
    qtbot.waitUntil(lambda: said(desk) == "= 16:32:22.900 -24:28:36.00", timeout=PATIENCE_MS)
    assert desk.document.session.source.name == "IRAS 16293"
    bar = desk.window.source_bar
    bar._position.setText("somewhere")
    QTest.keyClick(bar._position, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "'somewhere' is no position" in said(desk), timeout=PATIENCE_MS)


def test_an_ambiguous_name_offers_its_candidates(qtbot: QtBot, desk: app.Desk, sesame: PortalServer) -> None:
    bar = desk.window.source_bar
    for name, texts, number, found in (
        ("uy", ["NAME UY Aur A", "NAME UY Aur B"], 1, "04:51:47.280 +30:47:13.20"),
        ("hh 7", None, 0, "03:28:48.000 +31:12:00.00"),
    ):
        enter(desk, name)
        qtbot.waitUntil(lambda name=name: f"{name} may be one of 2" in said(desk), timeout=PATIENCE_MS)
        assert bar.choose.isVisible()
        menu = bar.choose.menu()
        assert menu is not None
        actions = menu.actions()
        assert texts is None or [action.text() for action in actions] == texts
        actions[number].trigger()
        qtbot.waitUntil(lambda found=found: desk.document.session.source.position == found, timeout=PATIENCE_MS)
        assert "Simbad by" in said(desk)
        assert not bar.choose.isVisible()


def test_what_nobody_knows_is_said_and_a_slow_answer_given_up(
    qtbot: QtBot, desk: app.Desk, sesame: PortalServer
) -> None:
    enter(desk, "no such thing")
    qtbot.waitUntil(lambda: "Nobody knows 'no such thing'" in said(desk), timeout=PATIENCE_MS)
    sesame.fault = "hang"
    enter(desk, "L1544")
    qtbot.waitUntil(sesame.arrived.is_set, timeout=PATIENCE_MS)
    bar = desk.window.source_bar
    assert said(desk) == "Looking up L1544…"
    assert not bar.stop.isHidden()
    bar.stop.click()
    qtbot.waitUntil(lambda: not any(task.queue_name == "names" for task in desk.tasks.under_way), timeout=PATIENCE_MS)
    assert said(desk) == ""
    assert desk.document.session.targets == ()


def test_a_search_looks_up_its_source_first(qtbot: QtBot, desk: app.Desk, sesame: PortalServer) -> None:
    sesame.rows = observations(4)
    desk.window.source_bar._name.setText("IRAS 16293-2422")
    found = search(qtbot, desk, answers=1)
    assert (found.name, found.cone.position.ra, found.answers[0].n_rows) == ("IRAS 16293-2422", RA, 4)


def test_a_new_name_is_not_searched_at_the_place_of_the_old_one(
    qtbot: QtBot, desk: app.Desk, sesame: PortalServer, tmp_path: Path
) -> None:
    bar = desk.window.source_bar
    bar._name.setText("IRAS 16293-2422")
    search(qtbot, desk, answers=1)
    bar._name.selectAll()
    QTest.keyClicks(bar._name, "L1544")
    found = search(qtbot, desk, answers=1)
    assert (found.name, found.cone.position.ra) == ("L1544", 76.0792)

    bar._name.selectAll()
    QTest.keyClicks(bar._name, "my core")
    bar._position.selectAll()
    QTest.keyClicks(bar._position, "10 20")
    found = search(qtbot, desk, answers=1)
    assert (found.name, found.cone.position.ra) == ("my core", 10.0), "a position that was typed is that of the name"
    bar._name.selectAll()
    QTest.keyClicks(bar._name, "my other core")
    found = search(qtbot, desk, answers=1)
    assert (found.name, found.cone.position.ra) == ("my other core", 10.0)

    enter(desk, "30 40")
    qtbot.waitUntil(lambda: said(desk) == "= 02:00:00.000 +40:00:00.00", timeout=PATIENCE_MS)
    bar._name.selectAll()
    QTest.keyClicks(bar._name, "L1544")
    found = search(qtbot, desk, answers=1)
    assert found.cone.position.ra == 76.0792, "a position typed as a name goes with that name"

    saved: list[bool] = []
    desk.document.save(tmp_path / "s.stop", lambda: saved.append(True), desk.notices.fail)
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
    desk.document.new()
    qtbot.waitUntil(lambda: not desk.document.session.searches and said(desk) == "", timeout=PATIENCE_MS)
    desk.window.files.open_path(tmp_path / "s.stop")
    qtbot.waitUntil(lambda: said(desk).startswith("Simbad"), timeout=PATIENCE_MS)
    bar._name.selectAll()
    QTest.keyClicks(bar._name, "IRAS 16293-2422")
    found = search(qtbot, desk, answers=1)
    assert found.cone.position.ra == RA, "also after the session was opened again"


def dialog_of(qtbot: QtBot, desk: app.Desk) -> TargetsDialog:
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(TargetsDialog)), timeout=PATIENCE_MS)
    return desk.window.findChildren(TargetsDialog)[0]


def names(dialog: TargetsDialog) -> list[str]:
    items = (dialog.list.topLevelItem(place) for place in range(dialog.list.topLevelItemCount()))
    return [item.text(0) for item in items if isinstance(item, QTreeWidgetItem)]


def test_several_names_are_pasted_and_those_that_fail_stay(qtbot: QtBot, desk: app.Desk, sesame: PortalServer) -> None:
    QGuiApplication.clipboard().setText("IRAS_16293-2422\nno such thing\nL1544\n10 20\nuy")
    desk.window.activateWindow()
    field = desk.window.source_bar._name
    QTest.keyClick(field, Qt.Key.Key_V, CTRL)
    dialog = dialog_of(qtbot, desk)
    qtbot.waitUntil(lambda: "3 of 5 found." in dialog.report.text(), timeout=PATIENCE_MS)
    assert names(dialog) == ["IRAS 16293-2422", "L1544", "10 20"]
    assert dialog.names.toPlainText() == "no such thing\nuy"
    assert "uy may be one of several: NAME UY Aur A, NAME UY Aur B." in dialog.report.text()
    dialog.list.setCurrentItem(dialog.list.topLevelItem(1))
    dialog.use.click()
    assert desk.document.session.source.name == "L1544"
    dialog.remove.click()
    assert [target.name for target in desk.document.session.targets] == ["IRAS 16293-2422", "10 20"]
    dialog.reject()


def offered(dialog: TargetsDialog) -> dict[str, QAction]:
    """What the menu of results has when it is opened."""
    assert dialog.take_table.menu() is dialog.choices
    dialog.choices.aboutToShow.emit()
    return {action.text(): action for action in dialog.choices.actions()}


def test_targets_come_from_the_results_that_one_chooses(
    qtbot: QtBot, desk: app.Desk, sesame: PortalServer, tmp_path: Path
) -> None:
    desk.window.source_bar.targets_menu.aboutToShow.emit()
    desk.window.source_bar.targets_menu.actions()[-1].trigger()
    dialog = dialog_of(qtbot, desk)
    assert list(offered(dialog)) == ["None yet: search portals, or open a table, in Observe"]
    own = tmp_path / "clumps.csv"
    own.write_text("name,ra,dec\nclump 1,10.0,20.0\nclump 2,11.0,20.0\n")
    desk.window.observe.add_table(own)
    qtbot.waitUntil(lambda: bool(desk.document.session.tables), timeout=PATIENCE_MS)
    offered(dialog)["File: clumps.csv (2)"].trigger()
    qtbot.waitUntil(lambda: names(dialog) == ["clump 1", "clump 2"], timeout=PATIENCE_MS)
    assert "2 targets in clumps.csv." in dialog.report.text()

    sesame.rows = observations(2)
    services = portal(sesame, ServiceKind.OBSTAP, "A & B"), portal(sesame, ServiceKind.SCS, "C")
    use(desk, *services)
    point(desk)
    search(qtbot, desk, answers=2)
    assert list(offered(dialog)) == ["A && B (2)", "C (2)", "File: clumps.csv (2)"]
    offered(dialog)["A && B (2)"].trigger()
    qtbot.waitUntil(lambda: len(names(dialog)) == 4, timeout=PATIENCE_MS)
    assert names(dialog)[2:] == ["IRAS 16293-2422 field 0", "IRAS 16293-2422 field 1"]
    dialog.reject()


def test_targets_of_a_table_and_near_ones_asked_about(
    qtbot: QtBot, desk: app.Desk, sesame: PortalServer, tmp_path: Path
) -> None:
    enter(desk, "IRAS 16293-2422")
    qtbot.waitUntil(lambda: len(desk.document.session.targets) == 1, timeout=PATIENCE_MS)
    table = Table({"Source": ["A", "B"], "RAJ2000": [RA + 1 / 3600, 10.0], "DEJ2000": [DEC, 20.0]})
    for name, ucd in (("Source", "meta.id;meta.main"), ("RAJ2000", "pos.eq.ra"), ("DEJ2000", "pos.eq.dec")):
        table[name].meta["ucd"] = ucd
    table["RAJ2000"].unit = table["DEJ2000"].unit = "deg"
    write_table(table, tmp_path / "sources.vot")
    desk.window.source_bar.targets_menu.aboutToShow.emit()
    desk.window.source_bar.targets_menu.actions()[-1].trigger()
    dialog = dialog_of(qtbot, desk)
    with answering(qtbot, "Keep both") as asked:
        dialog.take_file(tmp_path / "sources.vot")
        qtbot.waitUntil(lambda: len(desk.document.session.targets) == 3, timeout=PATIENCE_MS)
    assert "A is 0.9″ from IRAS 16293-2422" in asked[0]
    assert "B is" not in asked[0]
    assert {target.name for target in desk.document.session.targets} == {"IRAS 16293-2422", "A", "B"}
    assert "2 targets in sources.vot." in dialog.report.text()
    dialog.reject()
    assert told(desk) == []
