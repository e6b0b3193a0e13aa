"""What a model is made for stands above its form, in the session and with its runs: observation, beam, resolution."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.session.file import read_session
from tests.desk import only_run, opened_desk, run_on
from tests.fakes import portal_documents as documents
from tests.fakes.portal_server import portal_server
from tests.fakes.uws_server import UwsServer
from tests.observing import DEC, PATIENCE_MS, RA, point, search, use

COLUMNS = (
    *documents.OBSCORE[2:7],
    ("s_resolution", "double", "arcmin", "pos.angResolution", ""),
    ("em_res_power", "double", "", "spect.resolution", "obscore:Char.SpectralAxis.Resolution.ResolPower.refVal"),
    ("s_fov", "double", "deg", "", ""),
)
#: 230 and 231 GHz in metres.
RANGE = ("0.0012978028484848485", "0.0013034454695652174")
LINE = "Modelled from: IRAS 16293-2422, 230 to 231 GHz, beam 27″, resolution 0.3 km/s"


@pytest.fixture(autouse=True)
def searched(qtbot: QtBot, desk: app.Desk) -> Iterator[None]:
    """A search with a row that says all, one that has a field of view only, and one that says nothing."""
    where = (str(RA), str(DEC))
    rows = [
        ("IRAS 16293-2422", *where, *RANGE, "0.45", "999308.2", "0.01"),
        ("dish", *where, *RANGE, "", "", "0.0075"),
        ("little", *where, "", "", "", "", ""),
    ]
    with portal_server() as server:
        server.files["rows"] = ("application/x-votable+xml", documents.votable(COLUMNS, rows))
        use(desk, Service(name="Archive", url=f"{server.url}/files/rows", kind=ServiceKind.SSA))
        point(desk)
        search(qtbot, desk, answers=1)
        yield


def model(desk: app.Desk, row: int) -> str:
    """Model a row; what then stands above the form."""
    desk.window.observe.area.selection.choose([row], source=None)
    desk.window.observe.bar.buttons["Model this"].click()
    return said(desk)


def said(desk: app.Desk) -> str:
    line = desk.window.workspace.strip.observation
    assert line.isHidden() is not bool(line.words.words)
    return line.words.words


def test_what_a_row_says_stands_above_the_form_until_it_is_dropped(desk: app.Desk) -> None:
    assert said(desk) == ""
    assert model(desk, 0) == LINE
    tip = desk.window.workspace.strip.observation.words.toolTip()
    assert "Given by Archive" in tip
    assert "Field 36″ across" in tip
    assert model(desk, 1) == "Modelled from: dish, 230 to 231 GHz, field 27″"
    request = desk.window.workspace.form.request()
    assert model(desk, 2) == "Modelled from: little"
    assert desk.window.workspace.form.request() == request, "it has no range"
    desk.window.workspace.strip.observation.drop.click()
    assert said(desk) == ""
    assert desk.document.session.observation is None
    assert desk.window.workspace.form.request() == request


def test_undo_takes_back_the_form_and_the_line_above_it(desk: app.Desk) -> None:
    workspace = desk.window.workspace
    workspace.show_model("lvg")
    empty = workspace.form.request()
    model(desk, 0)
    filled = workspace.form.request()
    assert filled != empty
    model(desk, 2)
    assert workspace.strip.undo_button.toolTip() == "Undo observation"
    assert model(desk, 2) == "Modelled from: little", "a second time, which is no further step"
    workspace.undo()
    assert (said(desk), workspace.form.request()) == (LINE, filled)
    workspace.undo()
    assert (said(desk), workspace.form.request()) == ("", empty)
    assert desk.document.session.observation is None
    workspace.redo()
    assert (said(desk), workspace.form.request()) == (LINE, filled)


def test_runs_take_it_along_and_give_it_back(qtbot: QtBot, desk: app.Desk) -> None:
    model(desk, 0)
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        run = only_run(desk)
        assert run.observation == desk.document.session.observation
        desk.window.jobs.select(key)
        facts = desk.window.details._facts
        items = [item for item in map(facts.topLevelItem, range(facts.topLevelItemCount())) if item is not None]
        shown = {item.text(0): item.text(1) for item in items}
        assert shown["Modelled from"] == LINE.removeprefix("Modelled from: ")
        desk.window.workspace.strip.observation.drop.click()
        desk.window.jobs.commanded.emit("Rerun with changes", [key])
        assert said(desk) == LINE
        desk.window.results.example_requested.emit()
        assert said(desk) == ""
        qtbot.waitUntil(lambda: len(desk.document.session.runs) == 2, timeout=PATIENCE_MS)
        assert [each.observation is None for each in desk.document.session.runs] == [False, True]


def test_the_session_keeps_it(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    model(desk, 0)
    saved: list[bool] = []
    target = tmp_path / "observed.stop"
    desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
    kept = read_session(target).observation
    assert kept is not None
    assert (kept.beam, kept.aperture) == (pytest.approx(27.0), pytest.approx(36.0))
    with opened_desk(qtbot) as again:
        again.open_at_start([str(target)])
        qtbot.waitUntil(lambda: said(again) == LINE, timeout=PATIENCE_MS)
        assert not again.document.is_modified
        with qtbot.waitSignal(again.document.replaced, timeout=PATIENCE_MS):
            again.window.files.new()
        assert said(again) == ""
