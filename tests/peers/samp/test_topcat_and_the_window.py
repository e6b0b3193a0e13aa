"""The window and a real TOPCAT: a grid goes there, rows come back, and what is selected on one side is on the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from astropy.table import Table

from stopdesk.samp.messages import HIGHLIGHT_ROW, SELECT_ROWS, TABLE_FITS
from stopdesk.ui.grids.content import ResultContent
from tests.desk import Heartbeat
from tests.observing import shown
from tests.peers.samp.at_window import AtWindow
from tests.peers.samp.display import Display, Point
from tests.peers.samp.hubs import Lock, jsamp_hub
from tests.peers.samp.peer import Peer, peer
from tests.peers.samp.topcat import Topcat, topcat
from tests.sending import choose, large, open_result
from tests.ui.sample_results import sample

#: A pause of the window of 50 ms is promised; on a shared machine ten times that fails.
FAILS_MS = 500


@pytest.fixture(params=["stopdesk's hub", "JSAMP"])
def connected(request: pytest.FixtureRequest, at_window: AtWindow, lock: Lock) -> Iterator[AtWindow]:
    """The window, connected through its own hub or that of JSAMP."""
    with ExitStack() as stack:
        if request.param == "JSAMP":
            stack.enter_context(jsamp_hub(lock))
        status = at_window.connect()
        assert status.is_own_hub == (request.param != "JSAMP")
        yield at_window


@pytest.fixture
def running(connected: AtWindow, display: Display, lock: Lock) -> Iterator[Topcat]:
    """TOPCAT, of which the window knows."""
    with topcat(display, lock) as program:
        connected.wait_for_peer("topcat", TABLE_FITS)
        yield program


@pytest.fixture
def me(connected: AtWindow, lock: Lock) -> Iterator[Peer]:
    """Somebody who hears what TOPCAT tells everybody."""
    with peer(lock, "tests", SELECT_ROWS, HIGHLIGHT_ROW) as me:
        yield me


def send_grid(at: AtWindow, folder: Path) -> ResultContent:
    """Send the 60 rows of a grid from the menu beside them."""
    content = open_result(at.qtbot, at.desk, folder, sample())
    choose(content.send_button.menu(), "Rows for CO", "TOPCAT")
    at.wait_until_told("(60 rows) to TOPCAT: loaded.")
    return content


def test_the_selection_of_a_grid_is_one_selection(
    connected: AtWindow, running: Topcat, me: Peer, tmp_path: Path
) -> None:
    at, content = connected, send_grid(connected, tmp_path)
    at.meanwhile(lambda: running.drag_rows(2, 5))
    at.again(running.transmit_rows, lambda: content.selection.rows.tolist() == [2, 3, 4, 5], "rows dragged are here")

    content.selection.choose([7, 20, 33], source=None)
    at.until(lambda: at.is_answered(SELECT_ROWS), "TOPCAT has taken the selection")
    n = len(me.seen(SELECT_ROWS))
    at.again(running.transmit_subset, lambda: len(me.seen(SELECT_ROWS)) > n, "TOPCAT tells of its subset")
    assert me.wait_for(SELECT_ROWS, n + 1).params["row-list"] == ["7", "20", "33"]

    at.meanwhile(running.send_row_index)
    points: list[Point] = []
    at.meanwhile(lambda: points.extend(running.points()))
    n = len(me.seen(HIGHLIGHT_ROW))
    at.again(lambda: running.plot().click(points[0]), lambda: len(me.seen(HIGHLIGHT_ROW)) > n, "a point of the plot")
    row = int(me.wait_for(HIGHLIGHT_ROW, n + 1).params["row"])
    at.until(lambda: content.selection.current == row, "the row of the point is looked at here")
    assert content.selection.rows.tolist() == sorted({7, 20, 33, row}), "its model lies over those selected"
    assert len(at.sent(SELECT_ROWS)) == 1, "nothing was echoed"


def test_a_table_of_topcat_is_opened_here_and_shares_its_rows(
    connected: AtWindow, running: Topcat, me: Peer, tmp_path: Path
) -> None:
    at = connected
    table = Table({"n": np.arange(40), "ra": 83.0 + np.arange(40) / 40, "dec": -5.0 - np.arange(40) / 40})
    table["ra"].unit = table["dec"].unit = "deg"
    table.write(tmp_path / "mine.fits")
    client = me.wait_for_client("topcat", TABLE_FITS, pause=at.pause)
    me.ask(client, TABLE_FITS, url=(tmp_path / "mine.fits").as_uri(), table_id="mine", name="Mine")
    at.until(lambda: me.ask(client, SELECT_ROWS, table_id="mine", row_list=["0"]).there.wait(0.2), "TOPCAT has it")
    observe = at.desk.window.observe
    at.again(running.broadcast, lambda: observe.own.records, "the table is here")
    shown(at.qtbot, at.desk)
    assert observe.area.table.rows.n_rows == 40
    assert at.desk.window.rail.current == "observe"

    at.meanwhile(lambda: running.drag_rows(1, 3))
    at.again(running.transmit_rows, lambda: observe.area.selection.rows.tolist() == [1, 2, 3], "its rows are here")
    observe.area.selection.choose([4, 8], source=None)
    at.until(lambda: at.is_answered(SELECT_ROWS), "TOPCAT has taken the selection")
    n = len(me.seen(SELECT_ROWS))
    at.again(running.transmit_subset, lambda: len(me.seen(SELECT_ROWS)) > n, "TOPCAT tells of its subset")
    assert me.wait_for(SELECT_ROWS, n + 1).params["row-list"] == ["4", "8"]


def test_300000_rows_and_150000_selected_do_not_hold_up_the_window(
    connected: AtWindow, running: Topcat, me: Peer, tmp_path: Path
) -> None:
    at = connected
    content = open_result(at.qtbot, at.desk, tmp_path, large(), "Large grid")
    heartbeat = Heartbeat()
    heartbeat.start()
    choose(content.send_button.menu(), "Rows for", "TOPCAT")
    at.wait_until_told("(300,000 rows) to TOPCAT: loaded.")
    sent = heartbeat.longest_ms
    content.selection.choose(np.arange(0, 300_000, 2), source=None)
    at.until(lambda: at.is_answered(SELECT_ROWS), "TOPCAT has taken the selection")
    selected = heartbeat.longest_ms
    client = me.wait_for_client("topcat", pause=at.pause)
    told = len(me.seen(SELECT_ROWS))
    at.again(running.transmit_subset, lambda: len(me.seen(SELECT_ROWS)) > told, "TOPCAT tells of its subset")
    heartbeat.stop()
    print(f"longest pause: {sent:.0f} ms sending, {selected:.0f} ms selecting, {heartbeat.longest_ms:.0f} ms in all")
    assert me.wait_for(SELECT_ROWS, told + 1).sender == client
    assert len(me.wait_for(SELECT_ROWS, told + 1).params["row-list"]) == 150_000
    assert heartbeat.longest_ms < FAILS_MS, heartbeat.when
