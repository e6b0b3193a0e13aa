"""Searches with their results and how they are looked at are in the session, and open without a network."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import ServiceKind
from stopdesk.session.file import read_session
from tests.fakes.portal_server import portal_server
from tests.observing import PATIENCE_MS, column, observations, point, portal, search, shown, use


def test_a_session_opens_with_its_search_on_the_screen(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    window, observe = desk.window, desk.window.observe
    with portal_server() as server:
        server.rows = observations(8)
        services = portal(server, ServiceKind.OBSTAP), portal(server, ServiceKind.SCS)
        use(desk, *services)
        point(desk)
        observe.panel.form.radius.setText("2")
        search(qtbot, desk, answers=2)
    ids = list(column(desk, "obs_id"))
    observe.show_alone(services[0].url)
    shown(qtbot, desk)
    observe.area.selection.choose([3], source=None)
    path = tmp_path / "observed.stop"
    saved: list[bool] = []
    desk.document.save(path, lambda: saved.append(True), desk.notices.fail)
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
    (kept,) = read_session(path).searches
    assert [each.n_rows for each in kept.answers] == [8, 8]

    desk.document.new()
    qtbot.waitUntil(lambda: not desk.document.session.searches, timeout=PATIENCE_MS)
    assert observe.empty.isVisibleTo(observe)
    assert observe.panel.form.radius.text() == "1"

    window.files.open_path(path)
    qtbot.waitUntil(lambda: bool(desk.document.session.searches), timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert window.rail.current == "observe"
    assert observe.panel.form.radius.text() == "2"
    assert observe.area.table.rows.n_rows == 8, "one portal alone, as it was left"
    assert list(column(desk, "obs_id")) == ids[:8]
    assert observe.area.selection.current == 3
    observe.show_alone("")
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 16
    assert not desk.document.is_modified
    words = observe.panel.history.list.item(0).text()
    assert words.startswith("IRAS 16293-2422, 2′")
    assert "16 rows" in words


def test_the_example_needs_no_network(qtbot: QtBot, desk: app.Desk) -> None:
    use(desk)
    observe = desk.window.observe
    desk.window.show_page("observe")
    observe.empty.example.click()
    qtbot.waitUntil(lambda: bool(desk.document.session.searches), timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert set(column(desk, "target_name")) == {"M83"}
    marks = observe.area.marks
    assert marks is not None
    assert len(set(marks.outlines.row.tolist())) == 4
    (answer,) = desk.document.session.searches[0].answers
    assert "2019-12-11" in answer.said
    assert "Example" in observe.bar.title.whole
