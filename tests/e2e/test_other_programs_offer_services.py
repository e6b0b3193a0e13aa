"""Services that another program offers are looked up, and added to the list as the user wants."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytest_httpserver import HTTPServer
from pytestqt.qtbot import QtBot
from werkzeug import Request, Response

from stopdesk import app
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.samp.exchange import Answer
from stopdesk.samp.messages import load_resources
from stopdesk.ui.samp.offered import OfferedDialog
from tests.desk import told
from tests.fakes import portal_documents as documents
from tests.observing import PATIENCE_MS, use
from tests.samp_desk import answered, said

COLUMNS: tuple[documents.Column, ...] = tuple(
    (name, "char", "", "", "") for name in ("ivoid", "short_name", "res_title", "res_description", "access_url")
)
KNOWN = "https://known.example/ssa"
ROWS = {
    "std/ssa": [
        ("ivo://x/a", "a", "Spectra of clouds", "", "https://a.example/ssa"),
        ("ivo://x/k", "k", "Known already", "", KNOWN),
    ],
    "std/tap": [("ivo://x/b", "b", "Tables & more", "", "https://b.example/tap")],
}


def registry(desk: app.Desk, httpserver: HTTPServer, *, url: str = "") -> list[str]:
    """A registry that knows `ROWS` and gives what it was asked."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        query = request.form["QUERY"]
        asked.append(query)
        is_observations = "obscore" in query
        rows = next((rows for word, rows in ROWS.items() if word in query and not is_observations), [])
        return Response(documents.votable(COLUMNS, rows), content_type="text/xml")

    httpserver.expect_request("/tap/sync").respond_with_handler(answer)
    use(
        desk,
        Service(name="Registry", url=url or httpserver.url_for("/tap"), kind=ServiceKind.REGISTRY),
        Service(name="Known", url=KNOWN, kind=ServiceKind.SSA, enabled=False),
    )
    return asked


def test_the_user_chooses_what_is_added(qtbot: QtBot, desk: app.Desk, httpserver: HTTPServer) -> None:
    asked = registry(desk, httpserver)
    offer = load_resources(["ivo://X/a", "ivo://x/b", "ivo://x/it's"], "Clouds")
    assert answered(qtbot, said(desk, offer)) == (Answer.OK, "The user is asked which of them to add.")
    assert all("ivoid IN ('ivo://x/a', 'ivo://x/b', 'ivo://x/it''s')" in query for query in asked)
    (dialog,) = desk.window.findChildren(OfferedDialog)
    assert dialog.words.text() == (
        "TOPCAT offers 3 services (Clouds). Which of these shall be added to your list? In the list already: 1."
    )
    texts = [dialog.list.item(place).text() for place in range(dialog.list.count())]
    assert texts == ["Spectra of clouds: Spectra (SSA)", "Tables & more: Tables (TAP), for queries by hand"]
    assert not dialog.add.isEnabled()
    dialog.list.item(0).setCheckState(Qt.CheckState.Checked)
    dialog.add.click()
    assert "https://a.example/ssa" in [each.url for each in desk.settings.settings.services]
    assert "https://b.example/tap" not in [each.url for each in desk.settings.settings.services]
    assert "https://a.example/ssa" in desk.window.observe.panel.portals.rows
    assert told(desk)[-1] == "Added Spectra of clouds to the list of services."


def test_a_list_of_one_kind_is_looked_up_as_such(qtbot: QtBot, desk: app.Desk, httpserver: HTTPServer) -> None:
    asked = registry(desk, httpserver)
    reply = answered(qtbot, said(desk, load_resources(["ivo://x/k"], "", "cone")))
    assert reply[0] is Answer.WARNING
    assert len(asked) == 1
    assert "conesearch" in asked[0]
    assert "none of which can be added" in told(desk)[-1]


def test_without_a_network_it_is_said_what_was_offered(qtbot: QtBot, desk: app.Desk, httpserver: HTTPServer) -> None:
    registry(desk, httpserver, url="http://127.0.0.1:1/tap")
    reply = said(desk, load_resources([f"ivo://x/{number}" for number in range(7)], "", "ssap"))
    assert answered(qtbot, reply)[0] is Answer.FAILED
    first = "TOPCAT offers 7 services, which cannot be looked up: ivo://x/0, ivo://x/1, ivo://x/2, ivo://x/3, ivo://x/4"
    qtbot.waitUntil(lambda: bool(told(desk)), timeout=PATIENCE_MS)
    assert told(desk)[-1].startswith(f"{first} and 2 more. ")
    assert not desk.window.findChildren(OfferedDialog)
