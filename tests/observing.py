"""The Observe workspace for tests: portals of the stand-in in place of the real ones, a search and its end."""

from __future__ import annotations

from collections.abc import Sequence

from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.search import PortalAnswer, Search
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.session.services import services, with_services
from tests.fakes.portal_documents import Observation
from tests.fakes.portal_server import PortalServer

#: IRAS 16293-2422, in degrees.
RA, DEC = 248.0946, -24.4767

#: First uses load libraries that are slow to load.
PATIENCE_MS = 60_000

_LIGHT = 299792458.0

#: What Sesame knows of the source.
IRAS = (
    "<Resolver name='S=Simbad (CDS, via client/server)'><INFO>from cache</INFO>"
    f"<jradeg>{RA}</jradeg><jdedeg>{DEC}</jdedeg><oname>IRAS 16293-2422</oname><otype>Y*O</otype></Resolver>"
)


def observations(n: int, *, first: int = 0, url: str = "", low: float = 230e9) -> list[Observation]:
    """So many rows within 20 arcsec of the source, each 1 GHz wide, the first from ``low`` (Hz) on."""
    return [
        Observation(
            number,
            f"IRAS 16293-2422 field {number}",
            RA + 0.005 * ((number * 7919) % 101 / 101 - 0.5),
            DEC + 0.005 * ((number * 104729) % 97 / 97 - 0.5),
            _LIGHT / (low + (number % 40 + 1) * 1e9),
            _LIGHT / (low + (number % 40) * 1e9),
            url,
        )
        for number in range(first, first + n)
    ]


def portal(server: PortalServer, kind: ServiceKind, name: str = "") -> Service:
    """A portal of the stand-in."""
    paths = {
        ServiceKind.SCS: "/scs",
        ServiceKind.SSA: "/ssa",
        ServiceKind.SIA1: "/sia",
        ServiceKind.SIA2: "/sia2",
        ServiceKind.OBSTAP: "/tap",
        ServiceKind.TAP: "/tap",
        ServiceKind.OBSPORTAL: "/obsportal/search.votable",
        ServiceKind.RESOLVER: "/sesame/",
    }
    return Service(name=name or f"Stand-in {kind.value}", url=server.url + paths[kind], kind=kind)


def use(desk: app.Desk, *chosen: Service) -> None:
    """Have these services, and none of those that come with the program in use."""
    settings = desk.settings.settings
    idle = [each.model_copy(update={"enabled": False}) for each in services(settings)]
    desk.settings.change(with_services(settings, [*chosen, *idle]))


def point(desk: app.Desk, name: str = "IRAS 16293-2422") -> None:
    """Have the source in the source bar, with its position."""
    desk.window.source_bar.point_at(name, f"{RA} {DEC}")


def newest(desk: app.Desk) -> Search:
    """The search made last."""
    return desk.document.session.searches[-1]


def search(qtbot: QtBot, desk: app.Desk, *, answers: int) -> Search:
    """Press Search and wait until so many portals have answered, and table and plots show it."""
    before = len(desk.document.session.searches)
    desk.window.show_page("observe")
    desk.window.observe.panel.form.search.click()
    qtbot.waitUntil(lambda: len(desk.document.session.searches) > before, timeout=PATIENCE_MS)
    return ended(qtbot, desk, answers=answers)


def ended(qtbot: QtBot, desk: app.Desk, *, answers: int) -> Search:
    """Wait until so many portals have answered the newest search and what they gave is shown."""
    observe = desk.window.observe

    def done() -> bool:
        key = newest(desk).key
        return len(newest(desk).answers) >= answers and not observe.searcher.is_asking(key)

    qtbot.waitUntil(done, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    return newest(desk)


def shown(qtbot: QtBot, desk: app.Desk) -> None:
    """Wait until table and plots show what there is."""
    area = desk.window.observe.area

    def done() -> bool:
        busy = {task.name for task in desk.tasks.under_way} - {"Preview"}
        return area.plots is not None and area.is_settled and not busy and not desk.window.observe.is_about_to_show

    qtbot.waitUntil(done, timeout=PATIENCE_MS)


def answer(desk: app.Desk, service: Service) -> PortalAnswer:
    """What a portal answered to the newest search."""
    found = newest(desk).answer(service.url)
    assert found is not None, [each.service for each in newest(desk).answers]
    return found


def words(desk: app.Desk, service: Service) -> str:
    """What stands beside a portal in the list."""
    return desk.window.observe.panel.portals.rows[service.url].words.words


def press(desk: app.Desk, service: Service, word: str) -> None:
    """Press a portal's button."""
    button = desk.window.observe.panel.portals.rows[service.url].buttons[word]
    assert not button.isHidden(), f"{service.name} has no button {word}"
    button.click()


def column(desk: app.Desk, name: str) -> Sequence[str]:
    """The texts of a column of the table."""
    rows = desk.window.observe.area.table.rows
    found = rows.named(name)
    assert found is not None, [each.name for each in rows.columns]
    return [found.text(row) for row in range(rows.n_rows)]
