"""The window closes while portals are asked: soon, with all that has come in the session, and without a word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.search import Outcome
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.session.file import read_session
from stopdesk.ui.notices import Level
from tests.desk import answering, opened_desk
from tests.fakes.portal_server import PortalServer, portal_server
from tests.observing import PATIENCE_MS, newest, observations, point, portal, shown, use

#: In how many ways five portals take their time.
SLOW = ("hang", "hang in the middle", "endless", "hang", "hang in the middle")

#: Seconds in which the window is gone; tasks are waited for two seconds.
BOUND = 20.0


@pytest.fixture
def archives() -> Iterator[list[PortalServer]]:
    """One that answers and five slow ones."""
    with ExitStack() as stack:
        servers = [stack.enter_context(portal_server()) for _ in range(6)]
        for server, fault in zip(servers, ("", *SLOW), strict=True):
            server.rows, server.fault = observations(30), fault
        yield servers


def asking(qtbot: QtBot, desk: app.Desk, archives: list[PortalServer]) -> list[Service]:
    """Search all of them, and wait until one has answered and the others are at it."""
    services = [portal(server, ServiceKind.SSA, f"Archive {place}") for place, server in enumerate(archives)]
    use(desk, *services)
    point(desk)
    desk.window.show_page("observe")
    observe = desk.window.observe
    observe.panel.form.rows.setValue(0)  # all that there are: one has no end
    observe.panel.form.search.click()
    quick, *slow = services

    def all_at_it() -> bool:
        searches = desk.document.session.searches
        busy = [each for each in slow if searches and observe.searcher.is_asking(newest(desk).key, each.url)]
        asked = all(server.requests for server in archives)
        return len(busy) == len(slow) and asked and newest(desk).answer(quick.url) is not None

    qtbot.waitUntil(all_at_it, timeout=PATIENCE_MS)
    endless = services[1 + SLOW.index("endless")]
    qtbot.waitUntil(lambda: observe.searcher.so_far(endless.url) > 1000, timeout=PATIENCE_MS)
    return services


def close(qtbot: QtBot, desk: app.Desk, word: str) -> float:
    """Close the window with this answer, as `run_window` does; the seconds that it takes."""
    before, start = len(desk.notices.history), time.monotonic()
    with answering(qtbot, word), qtbot.waitSignal(desk.window.closed, timeout=PATIENCE_MS):
        desk.window.close()
    desk.shut_down()
    loud = [each.text for each in desk.notices.history[before:] if each.level is not Level.INFO]
    assert not loud
    return time.monotonic() - start


def test_what_has_come_is_saved_and_nobody_is_waited_for(
    qtbot: QtBot, tmp_path: Path, home: Path, archives: list[PortalServer]
) -> None:
    target, saved = tmp_path / "asking.stop", list[bool]()
    with opened_desk(qtbot) as desk:
        desk.document.save(target, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
        qtbot.waitUntil(lambda: bool(saved), timeout=PATIENCE_MS)
        quick, *_ = asking(qtbot, desk, archives)
        assert close(qtbot, desk, "Save") < BOUND
    assert not list((home / "data" / "recovery").iterdir())
    (search,) = read_session(target).searches
    answer = search.answer(quick.url)
    assert answer is not None
    assert (answer.outcome, answer.n_rows) == (Outcome.ROWS, 30)
    with opened_desk(qtbot) as again:
        again.open_at_start([str(target)])
        qtbot.waitUntil(lambda: bool(again.document.session.searches), timeout=PATIENCE_MS)
        shown(qtbot, again)
        assert again.window.observe.area.table.rows.n_rows == 30


def test_what_is_given_up_leaves_nothing(qtbot: QtBot, home: Path, archives: list[PortalServer]) -> None:
    with opened_desk(qtbot) as desk:
        asking(qtbot, desk, archives)
        assert close(qtbot, desk, "Don't save") < BOUND
    assert not list((home / "data" / "recovery").iterdir())
