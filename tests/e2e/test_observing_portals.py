"""Portals are searched all at once: each with its own count, its own words for what went wrong, and its own buttons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.search import Outcome
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.ui.portal.answer_dialog import AnswerDialog
from tests.desk import told, wait_until_told
from tests.fakes.portal_server import TOO_LARGE, PortalServer, portal_server
from tests.observing import (
    PATIENCE_MS,
    answer,
    column,
    ended,
    newest,
    observations,
    point,
    portal,
    press,
    search,
    shown,
    use,
    words,
)


@pytest.fixture
def portals() -> Iterator[PortalServer]:
    with portal_server() as server:
        server.rows = observations(12)
        yield server


@pytest.fixture
def troubled() -> Iterator[PortalServer]:
    """A second site, with faults of its own."""
    with portal_server() as server:
        server.rows = observations(12)
        yield server


def test_portals_of_all_protocols_give_one_table(qtbot: QtBot, desk: app.Desk, portals: PortalServer) -> None:
    kinds = ("scs", "ssa", "sia1", "sia2", "obstap", "obsportal")
    services = [portal(portals, ServiceKind(kind)) for kind in kinds]
    use(desk, *services)
    point(desk)
    found = search(qtbot, desk, answers=len(kinds))
    assert [each.outcome for each in found.answers] == [Outcome.ROWS] * len(kinds)
    observe = desk.window.observe
    rows = observe.area.table.rows
    assert (rows.n_rows, [each.name for each in rows.portals]) == (72, [each.name for each in services])
    assert {words(desk, service) for service in services} == {"12 rows"}
    marks = observe.area.marks
    assert marks is not None
    assert np.isfinite(marks.ra).all()
    assert np.isfinite(marks.low).sum() == 36, "those of SSA, SIA 2 and ObsCore say at which frequency"
    assert "72 rows from 6 portals" in told(desk)[-1]

    press(desk, services[1], "Only this")
    shown(qtbot, desk)
    assert [each.n_rows for each in observe.area.table.rows.portals] == [0, 12, 0, 0, 0, 0]
    press(desk, services[1], "Only this")
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 72


def test_four_ways_to_have_no_rows_look_and_read_differently(
    qtbot: QtBot, desk: app.Desk, portals: PortalServer, troubled: PortalServer
) -> None:
    good, empty = portal(portals, ServiceKind.OBSTAP, "Good"), portal(troubled, ServiceKind.SSA, "Empty")
    troubled.rows = []
    refusing = portal(portals, ServiceKind.SCS, "Refusing")
    gone = Service(name="Gone", url="http://127.0.0.1:1/ssa", kind=ServiceKind.SSA)
    page = Service(name="Page", url=f"{troubled.url}/files/page", kind=ServiceKind.SSA)
    troubled.files["page"] = ("text/html", b"<html><title>Maintenance</title><body>Back on Monday</body></html>")
    use(desk, good, empty, refusing, gone, page)
    point(desk)
    desk.window.observe.panel.form.radius.setText("120")
    desk.window.observe.panel.form.unit.setCurrentIndex(0)
    search(qtbot, desk, answers=5)
    outcomes = {each.name: answer(desk, each).outcome for each in (good, empty, refusing, gone, page)}
    assert outcomes == {
        "Good": Outcome.ROWS,
        "Empty": Outcome.EMPTY,
        "Refusing": Outcome.REFUSED,
        "Gone": Outcome.UNREACHABLE,
        "Page": Outcome.FAILED,
    }
    assert words(desk, empty) == "Nothing there"
    assert words(desk, refusing).startswith("Says no: ")
    assert TOO_LARGE.partition(":")[2].strip() in words(desk, refusing)
    assert words(desk, gone).startswith("No answer: 127.0.0.1:1 refuses")
    assert "web page" in words(desk, page)
    assert "Maintenance" in words(desk, page)
    rows = desk.window.observe.panel.portals.rows
    signs = [rows[each.url].sign.chip for each in (good, empty, refusing, gone)]
    assert len({(sign.shape, sign.light) for sign in signs if sign is not None}) == 4
    assert desk.window.observe.area.table.rows.n_rows == 12, "none of them holds up the others"

    press(desk, refusing, "Details")
    dialog = next(each for each in desk.window.findChildren(AnswerDialog) if each.isVisible())
    assert TOO_LARGE in dialog.text.toPlainText()
    assert "SR = 120" in dialog.text.toPlainText() or "SR" in dialog.text.toPlainText()
    dialog.reject()


def test_a_slow_portal_holds_up_none_and_can_be_given_up(
    qtbot: QtBot, desk: app.Desk, portals: PortalServer, troubled: PortalServer
) -> None:
    quick, slow = portal(portals, ServiceKind.SSA, "Quick"), portal(troubled, ServiceKind.SSA, "Slow")
    troubled.fault = "hang"
    use(desk, quick, slow)
    point(desk)
    observe = desk.window.observe
    desk.window.show_page("observe")
    observe.panel.form.search.click()
    qtbot.waitUntil(lambda: observe.area.table.rows.n_rows == 12, timeout=PATIENCE_MS)
    assert words(desk, slow).startswith("Asking…")
    assert observe.panel.form.stop.isEnabled()
    press(desk, slow, "Cancel")
    ended(qtbot, desk, answers=2)
    assert answer(desk, slow).outcome is Outcome.CANCELLED
    assert words(desk, slow) == "Cancelled"
    assert observe.area.table.rows.n_rows == 12
    assert not observe.panel.form.stop.isEnabled()

    troubled.fault = ""
    press(desk, slow, "Retry")
    qtbot.waitUntil(lambda: answer(desk, slow).outcome is Outcome.ROWS, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert observe.area.table.rows.n_rows == 24

    troubled.fault = "hang"
    observe.rerun(newest(desk).key)
    qtbot.waitUntil(lambda: answer(desk, quick).n_new == 0, timeout=PATIENCE_MS)
    observe.panel.form.stop.click()
    qtbot.waitUntil(lambda: answer(desk, slow).outcome is Outcome.CANCELLED, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert words(desk, slow) == "Cancelled; 12 rows kept"
    assert observe.area.table.rows.n_rows == 24, "what came before stays"


def test_more_rows_than_the_limit_are_said_and_fetched(qtbot: QtBot, desk: app.Desk, portals: PortalServer) -> None:
    service = portal(portals, ServiceKind.OBSTAP)
    use(desk, service)
    point(desk)
    desk.window.observe.panel.form.rows.setValue(5)
    search(qtbot, desk, answers=1)
    assert answer(desk, service).outcome is Outcome.OVERFLOW
    assert words(desk, service) == "5 rows, and there are more"
    assert "more than was asked for" in told(desk)[-1]
    press(desk, service, "Get the rest")
    qtbot.waitUntil(lambda: answer(desk, service).outcome is Outcome.ROWS, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert words(desk, service) == "12 rows"
    assert len(column(desk, "obs_id")) == 12


def test_a_search_run_again_says_what_is_new(qtbot: QtBot, desk: app.Desk, portals: PortalServer) -> None:
    service = portal(portals, ServiceKind.SSA)
    use(desk, service)
    point(desk)
    key = search(qtbot, desk, answers=1).key
    portals.rows = observations(15)
    history = desk.window.observe.panel.history
    assert history.current == key
    history.rerun.click()
    qtbot.waitUntil(lambda: answer(desk, service).n_new == 3, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    assert words(desk, service) == "15 rows, 3 new"
    assert "3 new" in told(desk)[-1]
    assert "3 new" in history.list.item(0).text()
    assert len(desk.document.session.searches) == 1
    history.drop.click()
    assert desk.document.session.searches == ()
    assert desk.window.observe.area.table.rows.n_rows == 12 or desk.window.observe.empty.isVisible()


def test_queries_follow_the_search_until_they_are_edited(qtbot: QtBot, desk: app.Desk, portals: PortalServer) -> None:
    service, by_hand = portal(portals, ServiceKind.OBSTAP), portal(portals, ServiceKind.TAP, "By hand")
    by_hand = by_hand.model_copy(update={"url": f"{portals.url}/tap/"})
    use(desk, service, by_hand)
    point(desk)
    observe, adql = desk.window.observe, desk.window.observe.panel.adql
    observe.panel.form.search.click()
    wait_until_told(qtbot, desk, "By hand takes queries written by hand")
    assert observe.panel.tabs.currentWidget() is adql
    assert adql.services.currentText() == "By hand"
    desk.settings.change(desk.settings.settings.with_service(by_hand.model_copy(update={"enabled": False})))

    search(qtbot, desk, answers=1)
    qtbot.waitUntil(lambda: "CIRCLE('ICRS', 248.0946, -24.4767, 0.0166666667)" in adql.text.toPlainText())
    observe.panel.form.radius.setText("2")
    assert "0.0333333333" in adql.text.toPlainText()
    assert not adql.reset.isEnabled()
    text = adql.text.toPlainText().replace("SELECT *", "SELECT TOP 3 *")
    adql.text.setPlainText(text)
    assert "edited" in adql.services.currentText()
    name = desk.window.observe.panel.portals.rows[service.url].name
    assert name.whole == f"{service.name}: edited query", "seen before a search elsewhere is made with it"
    observe.panel.form.radius.setText("3")
    assert adql.text.toPlainText() == text, "it no longer follows"
    search(qtbot, desk, answers=1)
    assert newest(desk).adql == {service.url: text}
    assert answer(desk, service).adql == text
    assert portals.asked("/tap/sync")[-1]["QUERY"] == text
    adql.reset.click()
    assert "0.05" in adql.text.toPlainText()
    assert adql.edited == {}
    assert name.whole == service.name


def test_what_no_portal_can_be_asked_is_said(qtbot: QtBot, desk: app.Desk, portals: PortalServer) -> None:
    use(desk)
    observe = desk.window.observe
    desk.window.show_page("observe")
    observe.panel.form.search.click()
    assert told(desk)[-1] == "Tick a portal to search."
    service = portal(portals, ServiceKind.SSA)
    use(desk, service)
    observe.panel.form.search.click()
    assert "Type a name or a position" in desk.window.source_bar.answer.words
    observe.panel.form.radius.setText("-3")
    assert not observe.panel.form.search.isEnabled()
    assert "radius" in observe.panel.form.problem.text()
    tick = observe.panel.portals.rows[service.url].tick
    tick.click()
    assert not next(each for each in desk.settings.settings.services if each.url == service.url).enabled


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [
        ("no positions", Outcome.ROWS, "12 rows, without positions"),
        ("duplicate names", Outcome.ROWS, "12 rows."),
        ("endless", Outcome.OVERFLOW, "10,000 rows, and there are more."),
        ("truncated", Outcome.FAILED, ""),
        ("error", Outcome.REFUSED, "Table ivoa.obscoer does not exist"),
    ],
)
def test_odd_answers_are_a_sentence_each(
    qtbot: QtBot, desk: app.Desk, portals: PortalServer, fault: str, outcome: Outcome, said: str
) -> None:
    service = portal(portals, ServiceKind.OBSTAP)
    portals.fault = fault
    use(desk, service)
    point(desk)
    search(qtbot, desk, answers=1)
    found = answer(desk, service)
    assert found.outcome is outcome
    assert said in found.said
    assert desk.window.observe.area.table.rows.n_rows == found.n_rows


def test_rows_that_have_come_before_a_cancel_stay(qtbot: QtBot, desk: app.Desk, portals: PortalServer) -> None:
    service = portal(portals, ServiceKind.SSA)
    portals.fault = "endless"
    use(desk, service)
    point(desk)
    observe = desk.window.observe
    observe.panel.form.rows.setValue(0)
    desk.window.show_page("observe")
    observe.panel.form.search.click()
    qtbot.waitUntil(lambda: "so far" in words(desk, service), timeout=PATIENCE_MS)
    press(desk, service, "Cancel")
    ended(qtbot, desk, answers=1)
    found = answer(desk, service)
    assert found.outcome is Outcome.CANCELLED
    assert found.n_rows > 0
    assert words(desk, service) == f"Cancelled; {found.n_rows:,} rows kept"
    assert observe.area.table.rows.n_rows == found.n_rows
    assert found.table is not None
