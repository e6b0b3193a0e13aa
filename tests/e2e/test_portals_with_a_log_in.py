"""A portal that wants to know who asks: the search says so, one log-in lets all of that server go on, files too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.domain.search import Outcome
from stopdesk.domain.settings import LogIn, Service, ServiceKind
from stopdesk.ui.login import LoginDialog
from tests.desk import told
from tests.fakes.portal_server import PortalServer, portal_server
from tests.observing import PATIENCE_MS, answer, ended, observations, point, portal, press, search, shown, use, words


@pytest.fixture
def closed() -> Iterator[PortalServer]:
    """A site that answers its users only."""
    with portal_server() as server:
        server.rows = observations(5, url=f"{server.url}/files/spectrum.fits")
        server.users = {"alice": "wonderland"}
        server.files["spectrum.fits"] = ("image/fits", (paths.resources() / "spectra" / "example.fits").read_bytes())
        yield server


@pytest.fixture
def free() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.rows = observations(3)
        yield server


def dialogs() -> list[LoginDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, LoginDialog) and each.isVisible()]


def log_in(qtbot: QtBot, password: str) -> None:
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=PATIENCE_MS)
    (dialog,) = dialogs()
    dialog._user.setText("alice")
    dialog._secret.clear()
    QTest.keyClicks(dialog._secret, password)
    dialog.accept()


def has_rows(desk: app.Desk, *services: Service) -> bool:
    return all(answer(desk, each).outcome is Outcome.ROWS for each in services)


@pytest.mark.parametrize("kind", [ServiceKind.OBSTAP, ServiceKind.SCS, ServiceKind.SIA2, ServiceKind.OBSPORTAL])
def test_a_search_says_so_and_goes_on_after_the_log_in(
    qtbot: QtBot, desk: app.Desk, closed: PortalServer, free: PortalServer, kind: ServiceKind
) -> None:
    inside, outside = portal(closed, kind, "Closed"), portal(free, kind, "Free")
    use(desk, inside, outside)
    point(desk)
    search(qtbot, desk, answers=2)
    assert answer(desk, inside).outcome is Outcome.NOT_ALLOWED
    assert words(desk, inside).startswith("Not allowed: 127.0.0.1")
    assert "wants to know who you are. Give user name and password" in words(desk, inside)
    assert desk.window.observe.area.table.rows.n_rows == 3, "the other one's"
    assert "not allowed without a log-in: Closed" in told(desk)[-1]
    log_in(qtbot, "wonderland")
    qtbot.waitUntil(lambda: has_rows(desk, inside), timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert words(desk, inside) == "5 rows"
    assert desk.window.observe.area.table.rows.n_rows == 8
    assert not dialogs()
    assert all("authorization" not in headers for headers in free.headers), "it is nobody else's business"
    assert "wonderland" not in " ".join(told(desk))


def test_one_question_for_all_portals_of_a_server_and_its_files(
    qtbot: QtBot, desk: app.Desk, closed: PortalServer
) -> None:
    services = portal(closed, ServiceKind.OBSTAP, "A"), portal(closed, ServiceKind.SSA, "B")
    use(desk, *services)
    point(desk)
    search(qtbot, desk, answers=2)
    log_in(qtbot, "looking glass")
    log_in(qtbot, "wonderland")
    qtbot.waitUntil(lambda: has_rows(desk, *services), timeout=PATIENCE_MS)
    shown(qtbot, desk)
    desk.window.observe.commands.do("Load", 0)
    qtbot.waitUntil(lambda: bool(desk.document.session.spectra), timeout=PATIENCE_MS)
    assert not dialogs()


def test_a_file_is_loaded_after_the_log_in(qtbot: QtBot, desk: app.Desk, closed: PortalServer) -> None:
    desk.window.observe.loader.load(f"{closed.url}/files/spectrum.fits", "field 0")
    log_in(qtbot, "wonderland")
    qtbot.waitUntil(lambda: bool(desk.document.session.spectra), timeout=PATIENCE_MS)
    assert any("field 0 could not be loaded" in text for text in told(desk))


def test_who_does_not_log_in_keeps_what_was_there_and_may_do_it_later(
    qtbot: QtBot, desk: app.Desk, closed: PortalServer
) -> None:
    service = portal(closed, ServiceKind.SSA)
    users, closed.users = closed.users, {}
    use(desk, service)
    point(desk)
    key = search(qtbot, desk, answers=1).key
    closed.users = users
    closed.rows = observations(7)
    desk.window.observe.rerun(key)
    qtbot.waitUntil(lambda: bool(dialogs()), timeout=PATIENCE_MS)
    dialogs()[0].reject()
    ended(qtbot, desk, answers=1)
    assert words(desk, service).startswith("Not allowed; 5 rows kept: ")
    assert desk.window.observe.area.table.rows.n_rows == 5
    desk.window.observe.rerun(key)
    log_in(qtbot, "wonderland")
    qtbot.waitUntil(lambda: has_rows(desk, service), timeout=PATIENCE_MS)
    assert answer(desk, service).n_new == 2, "what was asked goes on, comparison and all"
    shown(qtbot, desk)
    assert desk.window.observe.area.table.rows.n_rows == 7


def test_a_portal_that_is_marked_hears_nothing_before_the_log_in(
    qtbot: QtBot, desk: app.Desk, closed: PortalServer
) -> None:
    service = portal(closed, ServiceKind.SSA).model_copy(update={"log_in": LogIn.BASIC, "user": "alice"})
    use(desk, service)
    point(desk)
    search(qtbot, desk, answers=1)
    assert "log in there first" in words(desk, service)
    assert closed.requests == []
    press(desk, service, "Retry")
    log_in(qtbot, "wonderland")
    qtbot.waitUntil(lambda: has_rows(desk, service), timeout=PATIENCE_MS)
    assert all("authorization" in headers for headers in closed.headers)
