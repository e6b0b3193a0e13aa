"""Rows of runs, of their lines and of observations are selected as other programs select them in tables of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import Phase
from stopdesk.domain.run import Run, StoredFile
from stopdesk.domain.settings import ServiceKind
from stopdesk.formats.results import write_grid
from stopdesk.samp.exchange import Answer
from stopdesk.samp.messages import highlight_row, select_rows
from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.samp.places import Places
from stopdesk.ui.samp.shared_tables import SentTable, TablePlace
from stopdesk.ui.selection import SHOWING
from tests.fakes.portal_server import PortalServer, portal_server
from tests.fakes.samp_link import TOPCAT
from tests.observing import observations, point, portal, search, shown, use
from tests.runs import make_run
from tests.samp_desk import PATIENCE_MS, answered, said
from tests.ui.sample_results import GRID, sample


def run_in(desk: app.Desk, folder: Path, name: str, changes: dict[str, str] | None = None) -> Run:
    """A run with a grid of CO in the session."""
    file = folder / f"{name}.vot"
    write_grid(sample(changes), file)
    sha256, size = desk.document.store.put_blob(file)
    grid = StoredFile(name="grid.vot", sha256=sha256, size=size)
    run = make_run(name, Phase.COMPLETED, model="lvg", results={"grid": grid})
    desk.document.put_run(run)
    return run


def opened(qtbot: QtBot, desk: app.Desk, run: Run) -> ResultContent:
    desk.window.open_results(run.key)
    qtbot.waitUntil(lambda: desk.window.results.run_key == run.key, timeout=PATIENCE_MS)
    content = desk.window.results.view.content
    assert content is not None
    return content


def kept(desk: app.Desk, identifier: str, place: TablePlace, rows: list[int] | None = None) -> None:
    numbers = None if rows is None else np.array(rows)
    desk.shared.keep(SentTable(identifier, "file:///tmp/x.fits", "A table", place, numbers), [TOPCAT])


def choose(qtbot: QtBot, desk: app.Desk, identifier: str, rows: list[int]) -> None:
    assert answered(qtbot, said(desk, select_rows(identifier, "", rows)))[0] is Answer.OK


def look_at(qtbot: QtBot, desk: app.Desk, identifier: str, row: int) -> None:
    assert answered(qtbot, said(desk, highlight_row(identifier, "", row)))[0] is Answer.OK


@pytest.fixture
def archive() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.rows = observations(6)
        yield server


def test_rows_of_a_sorted_and_filtered_grid_go_by_their_numbers(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    run = run_in(desk, tmp_path, "grid")
    content = opened(qtbot, desk, run)
    place = Places(desk.window).run_shown()
    assert place is not None
    kept(desk, place.table_id(line=2), place)
    content.rows.view.horizontalHeader().sectionClicked.emit(0)
    content.rows.view.horizontalHeader().sectionClicked.emit(0)  # downwards
    qtbot.keyClicks(content.rows.filters.edits[3], ">25")
    qtbot.waitUntil(lambda: content.rows.model.rowCount() < 60)
    choose(qtbot, desk, place.table_id(line=2), [0, 3, 59])
    assert content.selection.rows.tolist() == [0, 3, 59]
    assert content.row in (0, 3, 59)


def test_a_row_looked_at_elsewhere_is_the_chosen_one_beside_the_one_of_here(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    run = run_in(desk, tmp_path, "grid")
    content = opened(qtbot, desk, run)
    place = Places(desk.window).run_shown()
    assert place is not None
    kept(desk, place.table_id(), place)
    before = content.row
    look_at(qtbot, desk, place.table_id(), 7)
    assert (content.selection.rows.tolist(), content.row) == (sorted((7, before)), 7)
    look_at(qtbot, desk, place.table_id(), 50)
    assert (content.selection.rows.tolist(), content.row) == (sorted((50, before)), 50)


def test_another_run_is_brought_for_its_rows(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    first = run_in(desk, tmp_path, "first")
    second = run_in(desk, tmp_path, "second", {**GRID, "density_h2": "1e4"})
    opened(qtbot, desk, first)
    place = Places(desk.window).run_shown()
    assert place is not None
    kept(desk, place.table_id(), place)
    opened(qtbot, desk, second)
    desk.window.show_page("model")
    choose(qtbot, desk, place.table_id(), [20, 21])
    content = desk.window.results.view.content
    assert content is not None
    assert (desk.window.results.run_key, desk.window.rail.current) == (first.key, "runs")
    assert content.selection.rows.tolist() == [20, 21]
    too_many = answered(qtbot, said(desk, select_rows(place.table_id(), "", [60])))
    assert too_many == (Answer.FAILED, "A table has 60 rows, numbered from 0: there is no row 60.")


def test_a_mouse_over_rows_elsewhere_leaves_the_workspace_in_front(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    first, second = run_in(desk, tmp_path, "first"), run_in(desk, tmp_path, "second", {**GRID, "density_h2": "1e4"})
    opened(qtbot, desk, first)
    place = Places(desk.window).run_shown()
    assert place is not None
    kept(desk, place.table_id(), place)
    opened(qtbot, desk, second)
    desk.window.show_page("model")
    look_at(qtbot, desk, place.table_id(), 11)
    content = desk.window.results.view.content
    assert content is not None
    assert (desk.window.results.run_key, desk.window.rail.current, content.row) == (first.key, "model", 11)


def test_rows_that_are_selected_as_a_run_is_opened_are_not_chosen_by_anybody(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    first, second = run_in(desk, tmp_path, "first"), run_in(desk, tmp_path, "second", {**GRID, "density_h2": "1e4"})
    content = opened(qtbot, desk, first)
    content.selection.choose([3, 4], source=None)
    content.select_line(0)
    sources: list[object] = []
    content.selection.changed.connect(sources.append)
    content.line_selection.changed.connect(sources.append)
    opened(qtbot, desk, second)
    opened(qtbot, desk, first)
    assert len(content.selection.rows) == 1
    assert sources
    assert all(source is SHOWING for source in sources)


def test_rows_that_are_no_more_selected_as_others_are_shown_are_not_left_by_anybody(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer
) -> None:
    first, second = portal(archive, ServiceKind.OBSTAP), portal(archive, ServiceKind.SCS)
    use(desk, first, second)
    point(desk)
    search(qtbot, desk, answers=2)
    observe = desk.window.observe
    observe.show_alone(second.url)
    shown(qtbot, desk)
    observe.area.selection.choose([1], source=None)
    sources: list[object] = []
    observe.area.selection.changed.connect(sources.append)
    observe.show_alone(first.url)
    shown(qtbot, desk)
    assert observe.area.selection.rows.tolist() == observe.area.table.selected_rows.tolist() == []
    assert sources
    assert all(source is SHOWING for source in sources)


def test_a_run_that_is_gone_is_said(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    run = run_in(desk, tmp_path, "grid")
    opened(qtbot, desk, run)
    place = Places(desk.window).run_shown()
    assert place is not None
    kept(desk, place.table_id(), place)
    desk.document.drop_run(run.key)
    reply = answered(qtbot, said(desk, select_rows(place.table_id(), "", [1])))
    assert reply == (Answer.FAILED, "The run of that table is not in the session that is open in stopdesk.")


def test_lines_of_a_row_bring_their_row(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    run = run_in(desk, tmp_path, "grid")
    content = opened(qtbot, desk, run)
    place = Places(desk.window).lines_of_row(run.key, 4)
    assert place is not None
    kept(desk, place.table_id(), place, rows=[9, 5, 1])
    choose(qtbot, desk, place.table_id(), [0, 2])
    assert content.row == 4
    assert content.line_selection.rows.tolist() == [1, 9]


def test_tables_of_an_earlier_life_are_known_by_their_identifiers(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, archive: PortalServer
) -> None:
    use(desk, portal(archive, ServiceKind.OBSTAP))
    point(desk)
    search(qtbot, desk, answers=1)
    run = run_in(desk, tmp_path, "grid")
    places = Places(desk.window)
    observed, grid, lines = places.observations_shown(), places.rows_of_run(run.key), places.lines_of_row(run.key, 3)
    assert observed is not None
    assert grid is not None
    assert lines is not None
    file = tmp_path / "session.stop"
    saved: list[bool] = []
    desk.document.save(file, lambda: saved.append(True), desk.notices.fail)
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
    desk.document.new()
    qtbot.waitUntil(lambda: not desk.document.session.runs, timeout=PATIENCE_MS)
    unknown = answered(qtbot, said(desk, select_rows(grid.table_id(line=1), "", [1])))
    assert unknown == (Answer.FAILED, f"stopdesk has no table with the id '{grid.table_id(line=1)}'.")
    desk.window.files.open_path(file)
    qtbot.waitUntil(lambda: bool(desk.document.session.runs), timeout=PATIENCE_MS)
    choose(qtbot, desk, grid.table_id(line=1), [5, 6])
    content = desk.window.results.view.content
    assert content is not None
    assert content.selection.rows.tolist() == [5, 6]
    choose(qtbot, desk, lines.table_id(), [2])
    assert (content.row, content.line) == (3, 2)
    choose(qtbot, desk, observed.table_id(), [4])
    assert desk.window.observe.area.selection.rows.tolist() == [4]


def test_rows_of_a_portal_are_found_among_those_of_all_and_alone(
    qtbot: QtBot, desk: app.Desk, archive: PortalServer
) -> None:
    first, second = portal(archive, ServiceKind.OBSTAP), portal(archive, ServiceKind.SCS)
    use(desk, first, second)
    point(desk)
    search(qtbot, desk, answers=2)
    observe, places = desk.window.observe, Places(desk.window)
    together = places.observations_shown()
    assert together is not None
    assert together.n_rows == 12
    observe.show_alone(second.url)
    shown(qtbot, desk)
    alone = places.observations_shown()
    assert alone is not None
    assert (alone.n_rows, alone.portals[0].key) == (6, second.url)
    assert alone.table_id() != together.table_id()
    kept(desk, "all", together)
    kept(desk, "one", alone)
    choose(qtbot, desk, "one", [1, 2])
    assert observe.area.selection.rows.tolist() == [1, 2]
    choose(qtbot, desk, "all", [0, 7])  # rows of both portals have to be shown
    assert observe.area.table.rows.n_rows == 12
    assert observe.area.selection.rows.tolist() == [0, 7]
    choose(qtbot, desk, "one", [1, 2])
    offset = 12 - 6 if observe.area.table.rows.portals[1].key == second.url else 0
    assert observe.area.selection.rows.tolist() == [offset + 1, offset + 2]
    observe.area.selection.choose([0, offset + 5], source=None)
    assert alone.from_screen(observe.area.selection.rows).tolist() == ([5] if offset else [0, 5])


def test_rows_that_were_asked_for_anew_are_others(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    service = portal(archive, ServiceKind.OBSTAP)
    use(desk, service)
    point(desk)
    key = search(qtbot, desk, answers=1).key
    place = Places(desk.window).observations_shown()
    assert place is not None
    kept(desk, "rows", place)
    archive.rows = observations(4, first=10)
    desk.window.observe.rerun(key)
    qtbot.waitUntil(lambda: not desk.window.observe.searcher.is_asking(key), timeout=PATIENCE_MS)
    shown(qtbot, desk)
    reply = answered(qtbot, said(desk, select_rows("rows", "", [1])))
    words = "The observations of that table are not in the session that is open in stopdesk, or were asked for anew."
    assert reply == (Answer.FAILED, words)
    assert desk.window.observe.area.selection.rows.tolist() == []


def test_a_search_is_brought_in_the_place_of_another(qtbot: QtBot, desk: app.Desk, archive: PortalServer) -> None:
    use(desk, portal(archive, ServiceKind.OBSTAP))
    point(desk)
    first = search(qtbot, desk, answers=1).key
    place = Places(desk.window).observations_shown()
    assert place is not None
    kept(desk, "first", place)
    archive.rows = observations(3)
    search(qtbot, desk, answers=1)
    assert place.selection is None
    desk.window.show_page("model")
    choose(qtbot, desk, "first", [5])
    assert (desk.window.observe.shown_search, desk.window.rail.current) == (first, "observe")
    assert desk.window.observe.area.selection.rows.tolist() == [5]
