"""The rows that a search shows are saved in the format of the file's name, filtered and sorted as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import ServiceKind
from stopdesk.formats.convert import read_any
from stopdesk.ui.portal.filter_boxes import RangeBody
from tests.desk import told, wait_until_told
from tests.fakes.portal_server import PortalServer, portal_server
from tests.observing import observations, point, portal, press, search, shown, use


@pytest.fixture
def portals() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.rows = observations(12)
        yield server


def save_as(monkeypatch: pytest.MonkeyPatch, desk: app.Desk, path: Path, kind: str = "") -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), kind))
    desk.window.observe.area.table.strip.save.click()


def test_rows_are_saved_as_they_are_shown(
    qtbot: QtBot, desk: app.Desk, portals: PortalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tap, cone = portal(portals, ServiceKind.OBSTAP, "Archive"), portal(portals, ServiceKind.SCS, "Cone")
    use(desk, tap, cone)
    point(desk)
    table = desk.window.observe.area.table
    assert not table.strip.save.isEnabled()
    search(qtbot, desk, answers=2)

    save_as(monkeypatch, desk, tmp_path / "all", "FITS (*.fits)")
    wait_until_told(qtbot, desk, "Saved 24 rows in all.fits.")
    saved = read_any(tmp_path / "all.fits")[0].table
    assert list(saved["portal"]) == ["Archive"] * 12 + ["Cone"] * 12
    assert str(saved["s_ra"].unit) == "deg"
    assert saved["s_ra"].meta["ucd"] == "pos.eq.ra"
    assert list(saved["s_ra"]) == [each.ra for each in portals.rows] * 2
    assert saved["em_min"].mask.tolist() == [False] * 12 + [True] * 12

    press(desk, tap, "Only this")
    shown(qtbot, desk)
    table.drawer.boxes["em_min"].enable.click()
    body = table.drawer.boxes["em_min"].body
    assert isinstance(body, RangeBody)
    qtbot.keyClicks(body.fields[1], repr(portals.rows[4].em_min))
    table.view.sort_wanted.emit("obs_id", False)
    table.view.sort_wanted.emit("obs_id", False)
    shown(qtbot, desk)
    qtbot.waitUntil(lambda: len(table.shown) == 8 and int(table.shown[0]) == 11)
    save_as(monkeypatch, desk, tmp_path / "one.csv")
    wait_until_told(qtbot, desk, "Saved 8 rows in one.csv. CSV does not keep units")
    assert list(read_any(tmp_path / "one.csv")[0].table["obs_id"]) == [f"obs{number}" for number in range(11, 3, -1)]


def test_a_file_that_cannot_be_written_is_told(
    qtbot: QtBot, desk: app.Desk, portals: PortalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(desk, portal(portals, ServiceKind.OBSTAP))
    point(desk)
    search(qtbot, desk, answers=1)
    save_as(monkeypatch, desk, tmp_path / "no" / "rows.vot")
    wait_until_told(qtbot, desk, "rows.vot: cannot be written")
    (tmp_path / "rows.vot").write_text("mine")
    save_as(monkeypatch, desk, tmp_path / "rows", "VOTable (*.vot)")
    wait_until_told(qtbot, desk, "rows.vot: is there already")
    assert (tmp_path / "rows.vot").read_text() == "mine", "nobody was asked whether to replace it"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    before = told(desk)
    desk.window.observe.area.table.strip.save.click()
    assert told(desk) == before
