"""Tables of files are shown like the rows of portals, without any search, and stay in the session until removed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import ServiceKind
from stopdesk.session.file import read_session
from tests.desk import opened_desk, told, wait_until_told
from tests.fakes import portal_documents as documents
from tests.fakes.portal_server import portal_server
from tests.observing import DEC, PATIENCE_MS, RA, column, observations, point, portal, search, shown, use

CSV = f'name,ra,dec,note\nclump 1,{RA},{DEC},"bright, red"\nclump 2,{RA + 0.01},{DEC},\n'


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "clumps.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    """A FITS table without an ending that says so."""
    target = io.BytesIO()
    columns = [
        fits.Column("RAJ2000", "D", unit="deg", array=np.linspace(248.0, 248.2, 500)),
        fits.Column("DEJ2000", "D", unit="deg", array=np.linspace(-24.5, -24.4, 500)),
        fits.Column("flux", "E", unit="Jy", array=np.linspace(0, 1, 500)),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(target)
    path = tmp_path / "survey"
    path.write_bytes(target.getvalue())
    return path


def added(qtbot: QtBot, desk: app.Desk, path: Path, **how: str) -> str:
    """Add the table of a file and wait until it is on the screen; its key."""
    observe = desk.window.observe
    with qtbot.waitSignal(observe.own.added, timeout=PATIENCE_MS) as signal:
        observe.add_table(path, **how)
    shown(qtbot, desk)
    return str(signal.args[0])


def choices(desk: app.Desk) -> list[str]:
    menu = desk.window.observe.bar.choice
    return [menu.itemText(place) for place in range(menu.count())]


def test_files_are_opened_and_shown_without_a_search(
    qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch, table: Path, survey: Path
) -> None:
    observe = desk.window.observe
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(table)], ""))
    with qtbot.waitSignal(observe.arrived, timeout=PATIENCE_MS):
        desk.window.actions_by_name["open_table"].trigger()
    shown(qtbot, desk)
    assert desk.window.rail.current == "observe"
    assert list(column(desk, "note")) == ["bright, red", ""]
    assert observe.bar.title.whole == f"clumps.csv · {table}"
    marks = observe.area.marks
    assert marks is not None
    assert marks.ra.tolist() == pytest.approx([RA, RA + 0.01]), "they are on the sky"
    added(qtbot, desk, survey, origin="another program", name="survey.fits")
    assert choices(desk) == ["File: clumps.csv (2)", "File: survey.fits (500)"]
    assert observe.bar.choice.currentText() == "File: survey.fits (500)"
    assert observe.area.table.rows.n_rows == 500
    observe.commands.do("Use as source", 0)
    assert desk.document.session.source.position.startswith("16:32:00.00")
    added(qtbot, desk, table)
    assert len(desk.document.session.tables) == 2, "the same file is there already"
    assert observe.area.table.rows.n_rows == 2


def test_they_stand_beside_a_search_and_are_removed(qtbot: QtBot, desk: app.Desk, table: Path) -> None:
    observe = desk.window.observe
    key = added(qtbot, desk, table)
    with portal_server() as server:
        server.rows = observations(5)
        use(desk, portal(server, ServiceKind.SSA, "Archive"))
        point(desk)
        search(qtbot, desk, answers=1)
    assert choices(desk) == ["All portals together", "Archive (5)", "File: clumps.csv (2)"]
    assert observe.area.table.rows.n_rows == 5
    assert observe.bar.remove.isHidden()
    observe.show_alone(key)
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 2
    observe.panel.history.show_wanted.emit(desk.document.session.searches[0].key)
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 5, "the search that is meant, though it was never left"
    observe.show_alone(key)
    shown(qtbot, desk)
    observe.bar.remove.click()
    shown(qtbot, desk)
    assert choices(desk) == ["All portals together", "Archive (5)"]
    assert observe.area.table.rows.n_rows == 5
    assert desk.document.session.tables == ()
    assert table.exists()
    added(qtbot, desk, table)
    observe.panel.history.drop.click()
    shown(qtbot, desk)
    assert choices(desk) == ["File: clumps.csv (2)"], "what is looked at stays"
    assert observe.area.table.rows.n_rows == 2


def test_the_session_keeps_them(qtbot: QtBot, desk: app.Desk, tmp_path: Path, table: Path, survey: Path) -> None:
    added(qtbot, desk, survey)
    key = added(qtbot, desk, table, origin="https://archive.example/clumps")
    desk.window.observe.area.selection.choose([1], source=None)
    target, saved = tmp_path / "tables.stop", list[bool]()
    desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
    table.unlink()
    survey.unlink()
    kept = read_session(target).tables
    assert [(each.name, each.n_rows) for each in kept] == [("survey", 500), ("clumps.csv", 2)]
    assert kept[1].origin == "https://archive.example/clumps"
    desk.document.new()
    qtbot.waitUntil(lambda: not desk.document.session.tables, timeout=PATIENCE_MS)
    assert desk.window.observe.empty.isVisibleTo(desk.window.observe)

    with opened_desk(qtbot) as again:
        again.open_at_start([str(target)])
        qtbot.waitUntil(lambda: bool(again.document.session.tables), timeout=PATIENCE_MS)
        shown(qtbot, again)
        observe = again.window.observe
        assert again.window.rail.current == "model", "it was in front when the session was saved"
        assert observe.bar.choice.currentData() == key
        assert list(column(again, "name")) == ["clump 1", "clump 2"]
        assert observe.area.selection.current == 1
        assert choices(again) == ["File: survey (500)", "File: clumps.csv (2)"]
        observe.show_alone(kept[0].key)
        shown(qtbot, again)
        assert observe.area.table.rows.n_rows == 500
        observe.bar.remove.click()
        shown(qtbot, again)
        assert observe.bar.choice.currentData() == key, "the other one"
        observe.bar.remove.click()
        shown(qtbot, again)
        assert observe.empty.isVisibleTo(observe)


@pytest.fixture
def two_tables(tmp_path: Path) -> Path:
    """A FITS file with 3 and with 5 rows."""
    parts = [
        fits.BinTableHDU.from_columns([fits.Column("a", "J", array=np.arange(size))], name=name)
        for name, size in (("STARS", 3), ("LINES", 5))
    ]
    path = tmp_path / "two.fits"
    fits.HDUList([fits.PrimaryHDU(), *parts]).writeto(path)
    return path


def test_all_tables_of_a_file_are_in_the_menu(qtbot: QtBot, desk: app.Desk, tmp_path: Path, two_tables: Path) -> None:
    observe = desk.window.observe
    added(qtbot, desk, two_tables)
    wait_until_told(qtbot, desk, "two.fits has 2 tables; they are in the menu of results.")
    assert choices(desk) == ["File: two.fits: STARS (3)", "File: two.fits: LINES (5)"]
    assert observe.area.table.rows.n_rows == 3
    first, second = desk.document.session.tables
    assert first.sha256 != second.sha256, "other programs know them by that"
    observe.show_alone(second.key)
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 5
    observe.bar.remove.click()
    shown(qtbot, desk)
    added(qtbot, desk, two_tables)
    assert [each.n_rows for each in desk.document.session.tables] == [3, 5], "what was there is there once"
    target, saved = tmp_path / "tables.stop", list[bool]()
    desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
    with opened_desk(qtbot) as again:
        again.open_at_start([str(target)])
        qtbot.waitUntil(lambda: bool(again.document.session.tables), timeout=PATIENCE_MS)
        again.window.observe.show_alone(again.document.session.tables[1].key)
        shown(qtbot, again)
        assert again.window.observe.area.table.rows.n_rows == 5


def test_a_table_of_a_link_is_kept_too(qtbot: QtBot, desk: app.Desk) -> None:
    with portal_server() as server:
        cells = [each.cells(documents.CONE) for each in observations(4)]
        server.files["rows.vot"] = ("application/x-votable+xml", documents.votable(documents.CONE, cells))
        server.files["clumps.csv"] = ("text/csv", CSV.encode())
        for name in ("rows.vot", "clumps.csv"):
            desk.window.observe.loader.load(f"{server.url}/files/{name}", name)
            wait_until_told(qtbot, desk, f"{name} has ", timeout=PATIENCE_MS)
        shown(qtbot, desk)
        first, second = sorted(desk.document.session.tables, key=lambda each: each.n_rows)
        assert (second.name, second.origin, second.n_rows) == ("rows.vot", f"{server.url}/files/rows.vot", 4)
        assert (first.name, first.n_rows) == ("clumps.csv", 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "notes: holds no table: it is a picture."),
        (b"", "notes: is empty"),
        (b"Dear diary\nI was, so to speak,\nlost\n", "row 2 has 3 cells where there are 1 columns."),
        (None, "cannot be read: there is no such file"),
    ],
)
def test_what_cannot_be_read_is_said_and_loses_nothing(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, table: Path, content: bytes | None, words: str
) -> None:
    added(qtbot, desk, table)
    path = tmp_path / "notes"
    if content is not None:
        path.write_bytes(content)
    before = len(told(desk))
    desk.window.observe.add_table(path)
    qtbot.waitUntil(lambda: len(told(desk)) > before, timeout=PATIENCE_MS)
    assert words in told(desk)[-1]
    assert [each.name for each in desk.document.session.tables] == ["clumps.csv"]
    assert desk.window.observe.area.table.rows.n_rows == 2


def test_a_file_too_large_is_refused_unread(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    path = tmp_path / "huge.fits"
    with path.open("wb") as file:
        file.truncate(2 << 30)  # a hole: no bytes on the disk
    desk.window.observe.add_table(path)
    wait_until_told(qtbot, desk, "has 2.1 GB; tables of up to 537 MB are read.", timeout=PATIENCE_MS)


def drop(target: QWidget, *paths: Path) -> bool:
    """Drag files over a widget and drop them where they are taken; whether they were."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    plain, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, left, plain)
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, plain))
    return enter.isAccepted()


def test_files_are_dropped_on_the_workspace(qtbot: QtBot, desk: app.Desk, table: Path, survey: Path) -> None:
    desk.window.show_page("observe")
    observe = desk.window.observe
    assert drop(observe, table, survey)
    qtbot.waitUntil(lambda: len(desk.document.session.tables) == 2, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    plots = observe.area.plots
    assert plots is not None
    for part in (observe.area.table.view, plots.sky, plots.coverage):
        taking = [each for each in part.findChildren(QWidget) if each.acceptDrops()]
        assert not taking, "what is dropped on a part is for the page"
    assert not drop(observe)
