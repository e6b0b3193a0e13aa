"""A real DaCHS is searched from the window: all its portals at once, its words, and what lies behind a row."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.search import Outcome
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.ui.portal.answer_dialog import AnswerDialog
from stopdesk.ui.spectra.content import SpectraContent
from tests.desk import Heartbeat, told, wait_until_told
from tests.observing import PATIENCE_MS, answer, column, press, search, shown, use, words
from tests.peers.dachs_site import DachsSite

pytestmark = pytest.mark.timeout(300)

#: A pause of the window of 50 ms is promised; on a shared machine ten times that fails.
FAILS_MS = 500

#: DaCHS keeps the limits of spectra in single precision.
_SINGLE = 1e-7


@pytest.fixture
def cone(dachs: DachsSite) -> Service:
    return Service(name="Log", url=f"{dachs.url}/log/q/cone/scs.xml", kind=ServiceKind.SCS)


@pytest.fixture
def spectra(dachs: DachsSite) -> Service:
    return Service(name="Spectra", url=f"{dachs.url}/spectra/q/ssa/ssap.xml", kind=ServiceKind.SSA)


@pytest.fixture
def tap(dachs: DachsSite) -> Service:
    return Service(name="ObsCore", url=f"{dachs.url}/tap", kind=ServiceKind.OBSTAP)


def aim(desk: app.Desk, position: str, radius: str, *, most: int = 10_000) -> None:
    """Point at a place, with a radius in degrees."""
    form = desk.window.observe.panel.form
    desk.window.source_bar.point_at("IRAS 16293-2422", position)
    form.unit.setCurrentIndex(form.unit.findText("deg"))
    form.radius.setText(radius)
    form.rows.setValue(most)


def load(qtbot: QtBot, desk: app.Desk, row: int) -> SpectraContent:
    """Load what lies behind a row into the Spectra page, and wait until it is drawn there."""
    wanted = len(desk.document.session.spectra) + 1
    desk.window.observe.area.selection.choose([row], source=None)
    desk.window.observe.bar.buttons["Load"].click()

    def there() -> bool:
        page = desk.window.spectra
        return len(desk.document.session.spectra) == wanted and page.content is not None and bool(page.content.keys)

    qtbot.waitUntil(there, timeout=PATIENCE_MS)
    content = desk.window.spectra.content
    assert content is not None
    qtbot.waitUntil(lambda: bool(content.stack.frames) and content._under_way is None, timeout=PATIENCE_MS)
    return content


def test_all_portals_at_once_and_a_spectrum_of_one(
    qtbot: QtBot, desk: app.Desk, cone: Service, spectra: Service, tap: Service
) -> None:
    use(desk, cone, spectra, tap)
    aim(desk, "248.0954 -24.4766", "0.06")
    search(qtbot, desk, answers=3)
    for service in (cone, spectra, tap):
        assert answer(desk, service).outcome is Outcome.ROWS, answer(desk, service).said
        assert answer(desk, service).n_rows > 0
        assert words(desk, service).endswith((" row", " rows"))
    assert "ivoa.obscore" in answer(desk, tap).adql.lower()
    observe = desk.window.observe
    assert observe.area.table.rows.n_rows == sum(answer(desk, each).n_rows for each in (cone, spectra, tap))
    assert "from 3 portals" in told(desk)[-1]

    press(desk, spectra, "Only this")
    shown(qtbot, desk)
    assert {text.partition(" ")[0] for text in column(desk, "ssa_targname")} == {"clump"}
    content = load(qtbot, desk, 0)
    assert desk.window.rail.current == "spectra"
    (frame,) = content.stack.frames
    assert "Frequency" in frame.plot.getAxis("bottom").labelText


def test_a_spectrum_is_loaded_by_way_of_datalink(qtbot: QtBot, desk: app.Desk, dachs: DachsSite, tap: Service) -> None:
    use(desk, tap)
    aim(desk, "248.0954 -24.4766", "0.06")
    search(qtbot, desk, answers=1)
    editor = desk.window.observe.panel.adql
    editor.text.setPlainText(
        "SELECT ssa_targname AS target_name, datalink AS access_url FROM spectra.data WHERE ssa_targname = 'clump 1'"
    )
    search(qtbot, desk, answers=1)
    (address,) = column(desk, "access_url")
    assert address.startswith(f"{dachs.url}/spectra/q/sdl/dlmeta"), "a list of links, not the spectrum"
    load(qtbot, desk, 0)
    (spectrum,) = desk.document.session.spectra
    assert spectrum.origin == f"{dachs.url}/getproduct/spectra/data/clump01.fits", "the link to the spectrum itself"
    assert spectrum.name == "clump 1"
    assert desk.window.rail.current == "spectra"


def test_a_click_on_its_datalink_loads_a_spectrum(
    qtbot: QtBot, desk: app.Desk, dachs: DachsSite, spectra: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk.window.observe.loader, "open_link", lambda url: pytest.fail(f"{url} went to the browser"))
    use(desk, spectra)
    aim(desk, "248.0954 -24.4766", "0.06")
    search(qtbot, desk, answers=1)
    table = desk.window.observe.area.table
    row = list(column(desk, "ssa_targname")).index("clump 1")
    address = column(desk, "datalink")[row]
    assert address.startswith(f"{dachs.url}/spectra/q/sdl/dlmeta")
    table.link_wanted.emit(address, "datalink", row)
    qtbot.waitUntil(lambda: bool(desk.document.session.spectra), timeout=PATIENCE_MS)
    (spectrum,) = desk.document.session.spectra
    assert (spectrum.name, spectrum.origin) == ("clump 1", f"{dachs.url}/getproduct/spectra/data/clump01.fits")


def test_a_row_is_modelled(qtbot: QtBot, desk: app.Desk, tap: Service) -> None:
    use(desk, tap)
    aim(desk, "248.0954 -24.4766", "0.06")
    search(qtbot, desk, answers=1)
    row = column(desk, "target_name").index("clump 0")
    window = desk.window
    window.observe.area.selection.choose([row], source=None)
    window.observe.bar.buttons["Model this"].click()
    assert (window.rail.current, window.workspace.model) == ("model", "lvg")
    request = window.workspace.form.request()
    assert float(request["frequency_min"]) == pytest.approx(230.488, rel=_SINGLE)
    assert float(request["frequency_max"]) == pytest.approx(230.58775, rel=_SINGLE)
    assert desk.document.session.source.name == "clump 0"
    observation = desk.document.session.observation
    assert observation is not None
    assert (observation.name, observation.portal) == ("clump 0", "ObsCore")
    assert window.workspace.strip.observation.words.words.startswith("Modelled from: clump 0, 230.488 to 230.5")
    assert desk.document.session.source.position == "16:32:22.896 -24:28:35.76"


def test_beam_and_resolution_come_with_a_row_of_ssa(qtbot: QtBot, desk: app.Desk, spectra: Service) -> None:
    use(desk, spectra)
    aim(desk, "248.0954 -24.4766", "0.06")
    search(qtbot, desk, answers=1)
    desk.window.observe.commands.do("Model this", list(column(desk, "ssa_targname")).index("clump 0"))
    observation = desk.document.session.observation
    assert observation is not None
    assert observation.aperture == pytest.approx(20, rel=_SINGLE)
    assert observation.resolution == pytest.approx(299792.458 * 0.25e6 / 230.538e9, rel=1e-3)


def test_a_refusal_is_told_in_the_words_of_the_service(
    qtbot: QtBot, desk: app.Desk, cone: Service, tap: Service
) -> None:
    use(desk, cone, tap)
    aim(desk, "248.0 -24.5", "120")
    search(qtbot, desk, answers=2)
    assert answer(desk, cone).outcome is Outcome.REFUSED
    assert words(desk, cone).startswith("Says no: ")
    assert "radius must be not greater than 90" in words(desk, cone)
    assert answer(desk, tap).outcome.has_table, "the other one goes on"
    assert desk.window.observe.area.table.rows.n_rows == answer(desk, tap).n_rows
    press(desk, cone, "Details")
    (dialog,) = (each for each in desk.window.findChildren(AnswerDialog) if each.isVisible())
    assert "radius must be not greater than 90" in dialog.text.toPlainText()
    dialog.reject()


def test_300_000_rows_come_when_the_rest_is_wanted(qtbot: QtBot, desk: app.Desk, cone: Service) -> None:
    use(desk, cone)
    aim(desk, "248.0 -24.5", "20", most=100_000)
    search(qtbot, desk, answers=1)
    assert (answer(desk, cone).outcome, answer(desk, cone).n_rows) == (Outcome.OVERFLOW, 100_000)
    assert words(desk, cone) == "100,000 rows, and there are more"
    assert answer(desk, cone).said.endswith("Raise the number of rows that are asked for, to 1,000,000 say.")
    assert "more than was asked for: Log" in told(desk)[-1]
    heart = Heartbeat()
    heart.doing = lambda: ", ".join(task.name for task in desk.tasks.under_way)
    heart.start()
    press(desk, cone, "Get the rest")
    qtbot.waitUntil(lambda: answer(desk, cone).outcome is not Outcome.OVERFLOW, timeout=PATIENCE_MS)
    shown(qtbot, desk)
    heart.stop()
    assert (answer(desk, cone).outcome, answer(desk, cone).n_rows) == (Outcome.ROWS, 300_000)
    assert words(desk, cone) == "300,000 rows"
    assert desk.window.observe.area.table.rows.n_rows == 300_000
    print(f"300,000 rows of DaCHS: longest pause {heart.longest_ms:.0f} ms (promised: 50); {heart.when}")
    assert heart.longest_ms < FAILS_MS


def test_a_query_of_ones_own_is_refused_in_words_and_can_be_mended(qtbot: QtBot, desk: app.Desk, tap: Service) -> None:
    use(desk, tap)
    aim(desk, "248.0954 -24.4766", "0.06")
    editor = desk.window.observe.panel.adql
    search(qtbot, desk, answers=1)
    qtbot.waitUntil(lambda: "obscore" in editor.text.toPlainText().lower(), timeout=PATIENCE_MS)
    editor.text.setPlainText("SELECT TOP 3 nothing FROM ivoa.obscore")
    search(qtbot, desk, answers=1)
    assert answer(desk, tap).outcome is Outcome.REFUSED
    assert "nothing" in answer(desk, tap).said
    editor.text.setPlainText("SELECT TOP 3 * FROM ivoa.obscore")
    search(qtbot, desk, answers=1)
    assert (answer(desk, tap).n_rows, answer(desk, tap).adql) == (3, "SELECT TOP 3 * FROM ivoa.obscore")
    wait_until_told(qtbot, desk, "3 rows")
