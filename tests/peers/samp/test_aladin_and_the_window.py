"""The window and a real Aladin: observations, an image and positions go both ways; a snooper stands for SPLAT."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from astropy.io import fits
from PySide6.QtWidgets import QApplication, QMessageBox

from stopdesk import paths
from stopdesk.domain.settings import ServiceKind
from stopdesk.samp.exchange import Answer
from stopdesk.samp.messages import IMAGE, SCRIPT, SELECT_ROWS, SPECTRUM, TABLE_VOTABLE
from stopdesk.vo.positions import read_position
from tests.fakes.portal_server import portal_server
from tests.observing import DEC, PATIENCE_MS, RA, observations, point, portal, search, use
from tests.peers.samp.aladin import Aladin, aladin
from tests.peers.samp.at_window import AtWindow
from tests.peers.samp.display import Display
from tests.peers.samp.hubs import Lock, jsamp_hub
from tests.peers.samp.peer import Peer, peer
from tests.peers.samp.pictures import write_image
from tests.peers.samp.snooper import snooper
from tests.sending import choose


@pytest.fixture(params=["stopdesk's hub", "JSAMP"])
def connected(request: pytest.FixtureRequest, at_window: AtWindow, lock: Lock) -> Iterator[AtWindow]:
    """The window, connected through its own hub or that of JSAMP."""
    with ExitStack() as stack:
        if request.param == "JSAMP":
            stack.enter_context(jsamp_hub(lock))
        at_window.connect()
        yield at_window


@pytest.fixture
def running(connected: AtWindow, display: Display, lock: Lock) -> Iterator[Aladin]:
    """Aladin, of which the window knows."""
    with aladin(display, lock) as program:
        connected.wait_for_peer("Aladin", IMAGE)
        yield program


@pytest.fixture
def me(connected: AtWindow, lock: Lock) -> Iterator[Peer]:
    """Somebody who can ask Aladin where it looks."""
    with peer(lock, "tests") as me:
        yield me


@pytest.fixture
def searched(connected: AtWindow, tmp_path: Path) -> Iterator[AtWindow]:
    """The window with twelve observations, behind each of which there is an image of the place."""
    with portal_server() as server:
        path = write_image(tmp_path / "image.fits", RA, DEC)
        server.files["image.fits"] = ("image/fits", path.read_bytes())
        server.rows = observations(12, url=f"{server.url}/files/image.fits")
        use(connected.desk, portal(server, ServiceKind.OBSTAP, "Archive"))
        point(connected.desk)
        search(connected.qtbot, connected.desk, answers=1)
        yield connected


def boxes() -> list[QMessageBox]:
    """The questions that are asked."""
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]


def send_image(at: AtWindow) -> None:
    """Fetch the image behind the first observation, and send it from the question what to do with it."""
    observe = at.desk.window.observe
    observe.area.selection.choose([0], source=None)
    observe.bar.buttons["Load"].click()
    at.until(boxes, "the window asks what to do with the image", within=PATIENCE_MS / 1000)
    (box,) = boxes()
    button = next(each for each in box.buttons() if each.text().replace("&", "") == "Send")
    choose(button.menu(), "image.fits", "Aladin")
    box.close()
    at.wait_until_told("Sent image.fits to Aladin: loaded.")


def where(at: AtWindow, me: Peer) -> tuple[float, float]:
    """Where Aladin looks, in degrees."""
    asked = me.ask(me.wait_for_client("Aladin", pause=at.pause), "coord.get.sky")
    at.until(asked.there.is_set, "Aladin says where it looks")
    result = asked.wait()["samp.result"]
    return float(result["ra"]), float(result["dec"])


def test_a_table_an_image_and_positions_go_both_ways(searched: AtWindow, running: Aladin, me: Peer) -> None:
    at, observe = searched, searched.desk.window.observe
    send_image(at)
    menu = observe.bar.send_button.menu()
    choose(menu, "All 12 rows", "Aladin")
    at.wait_until_told("to Aladin: loaded.")
    observe.area.selection.choose([3], source=None)
    choose(menu, "Position of", "Aladin")
    marks = observe.area.marks
    assert marks is not None
    at.until(lambda: where(at, me) == pytest.approx((marks.ra[3], marks.dec[3]), abs=1e-4), "Aladin looks there")
    choose(menu, "Circle of the search", "Aladin")
    at.until(lambda: at.is_answered(SCRIPT), "the drawing has been sent")
    assert at.sent(SCRIPT)[-1].answer is Answer.NO_ANSWER, "Aladin never answers it"

    at.again(
        running.select_all, lambda: len(observe.area.selection.rows) == 12, "sources drawn around are selected here"
    )
    observe.area.selection.choose([2, 5], source=None)
    at.until(lambda: at.is_answered(SELECT_ROWS), "Aladin has been told")
    assert at.sent(SELECT_ROWS)[-1].answer is Answer.OK

    bar = at.desk.window.source_bar
    before = bar.source
    at.again(lambda: running.point((500, 300)), lambda: bar.source != before, "the place clicked on is the source")
    position = read_position(bar.source.position)
    assert position is not None
    assert where(at, me) == pytest.approx((position.ra, position.dec), abs=1e-3)


def test_aladin_sends_its_planes(searched: AtWindow, running: Aladin, me: Peer) -> None:
    at = searched
    send_image(at)
    client = me.wait_for_client("Aladin", IMAGE, pause=at.pause)
    me.notify(client, SCRIPT, script="select image.fits")
    at.again(running.broadcast, boxes, "the window asks what to do with the image")
    (box,) = boxes()
    assert "image.fits" in box.text()
    box.close()


def test_a_spectrum_goes_to_what_stands_for_splat(connected: AtWindow, lock: Lock) -> None:
    at, window = connected, connected.desk.window
    with snooper(lock, "SPLAT", SPECTRUM, TABLE_VOTABLE) as splat:
        at.wait_for_peer("SPLAT", SPECTRUM)
        with at.qtbot.waitSignal(window.spectra.arrived, timeout=PATIENCE_MS):
            window.spectra.add_example()
        content = window.spectra.content
        assert content is not None
        (record,) = at.desk.document.session.spectra
        choose(content.list.send_button.menu(), record.name[:20], "SPLAT")
        at.wait_until_told("to SPLAT, which has doubts")  # a snooper says that it did nothing
        printed = splat.printed()
    assert "spectrum.load.ssa-generic" in printed
    assert '"Access.Format": "application/fits"' in printed
    sent = next(line for line in printed.splitlines() if '"url": "file:///' in line).split('"')[3]
    assert fits.getheader(Path(sent.removeprefix("file://")))["NAXIS"] >= 1
    assert Path(sent.removeprefix("file://")).read_bytes() == (paths.resources() / "spectra/example.fits").read_bytes()
