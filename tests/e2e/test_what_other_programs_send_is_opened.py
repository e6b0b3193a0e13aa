"""Tables, spectra and images that other programs send over SAMP are opened by what they are, and answered then."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.samp.exchange import Answer, Received
from stopdesk.samp.messages import load_image, load_spectrum, load_table, point_at, select_rows
from tests.desk import told, wait_until_told
from tests.fakes import portal_documents as documents
from tests.fakes.portal_server import PortalServer, portal_server
from tests.fakes.samp_link import TOPCAT
from tests.observing import observations, shown
from tests.samp_desk import answered, said

EXAMPLE = paths.resources() / "spectra" / "example.fits"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A VOTable of five rows, in a folder with a name that has to be quoted."""
    path = tmp_path / "a folder" / "rows ä.vot"
    path.parent.mkdir()
    cells = [each.cells(documents.CONE) for each in observations(5)]
    path.write_bytes(documents.votable(documents.CONE, cells))
    return path


@pytest.fixture
def server() -> Iterator[PortalServer]:
    with portal_server() as running:
        yield running


def boxes() -> list[QMessageBox]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]


@pytest.mark.parametrize("start", ["file://", "file:", "file://localhost"])
def test_a_table_in_a_file_is_shown_and_its_selection_shared(
    qtbot: QtBot, desk: app.Desk, table: Path, start: str
) -> None:
    url = start + table.as_uri().removeprefix("file://")
    assert answered(qtbot, said(desk, load_table(url, "topcat77", "Rows of mine", fits=False)))[0] is Answer.OK
    shown(qtbot, desk)
    observe = desk.window.observe
    assert desk.window.rail.current == "observe"
    assert observe.area.table.rows.n_rows == 5
    (record,) = observe.own.records
    assert (record.name, record.origin) == ("Rows of mine.vot", f"TOPCAT: {table.as_uri()}")
    assert answered(qtbot, said(desk, select_rows("topcat77", url, [1, 3])))[0] is Answer.OK
    assert observe.area.selection.rows.tolist() == [1, 3]


def test_a_fits_table_comes_over_http(qtbot: QtBot, desk: app.Desk, server: PortalServer, tmp_path: Path) -> None:
    made = Table({"name": ["a", "b", "c"], "size": [1.0, 2.0, 3.0]})
    made.write(tmp_path / "t.fits")
    server.files["t.fits"] = ("image/fits", (tmp_path / "t.fits").read_bytes())
    url = f"{server.url}/files/t.fits"
    for name in ("", "again"):  # the second time it is read anew: what lies there may be another table by now
        assert answered(qtbot, said(desk, load_table(url, f"id{name}", name, fits=True)))[0] is Answer.OK
    shown(qtbot, desk)
    assert desk.window.observe.area.table.rows.n_rows == 3
    assert [path for _, path, _ in server.requests] == ["/files/t.fits"] * 2


def test_a_spectrum_is_shown_and_called_by_its_target(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    path = tmp_path / "s.fits"
    path.write_bytes(EXAMPLE.read_bytes())
    meta = {"Access.Format": "application/fits", "Target.Name": "../../etc/IRAS 16293"}
    assert answered(qtbot, said(desk, load_spectrum(path.as_uri(), "s1", "", meta)))[0] is Answer.OK
    (spectrum,) = desk.document.session.spectra
    assert (spectrum.file.name, spectrum.origin) == ("etc_IRAS 16293.fits", f"TOPCAT: {path.as_uri()}")
    assert desk.window.rail.current == "spectra"
    assert desk.window.spectra.content is not None


def test_a_table_that_is_a_spectrum_by_its_content_is_shown_as_one(qtbot: QtBot, desk: app.Desk) -> None:
    assert answered(qtbot, said(desk, load_table(EXAMPLE.as_uri(), "t", "HCN", fits=True)))[0] is Answer.OK
    assert [each.file.name for each in desk.document.session.spectra] == ["HCN.fits"]
    assert not desk.document.session.tables


def test_a_table_that_only_looks_like_a_spectrum_is_shown_as_a_table(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    path = tmp_path / "lines.fits"
    Table({"frequency": [1.0, 2.0], "transition": ["1-0", "2-1"]}).write(path)
    assert answered(qtbot, said(desk, load_table(path.as_uri(), "t", "Lines", fits=True)))[0] is Answer.OK
    assert [each.name for each in desk.document.session.tables] == ["Lines.fits"]
    assert not [text for text in told(desk) if "could not" in text or "no spectrum" in text]


def test_what_to_do_with_an_image_is_asked(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    path = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((4, 3), dtype=np.float32)).writeto(path)
    reply = answered(qtbot, said(desk, load_image(path.as_uri(), "i", "Moment 0")))
    assert reply == (Answer.OK, "The user of stopdesk is asked what to do with it: image (FITS).")
    (box,) = boxes()
    assert box.text().startswith("Moment 0.fits is here: image (FITS), ")
    box.close()


FAULTS: dict[str, tuple[Callable[[Path, str], str], str]] = {
    "no file": (lambda folder, _: (folder / "none.vot").as_uri(), "none.vot: is not there."),
    "a folder": (lambda folder, _: folder.as_uri(), "cannot be read: it is no file."),
    "another computer": (lambda _, __: "file://elsewhere/x.vot", "elsewhere"),
    "another scheme": (lambda _, __: "ftp://ftp.example/x.vot", "ftp://ftp.example/x.vot"),
    "no address": (lambda _, __: "x.vot", "x.vot"),
    "not found": (lambda _, server: f"{server}/files/none.vot", "is not there (any more)"),
    "nobody there": (lambda _, __: "http://127.0.0.1:1/x.vot", "127.0.0.1"),
    "a page": (lambda _, server: f"{server}/files/page.vot", "a web page in place of the file"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_had_is_said_to_both_sides(
    qtbot: QtBot, desk: app.Desk, server: PortalServer, tmp_path: Path, fault: str
) -> None:
    server.files["page.vot"] = ("text/html", b"<html><body>Log in first</body></html>")
    address, words = FAULTS[fault]
    reply = answered(qtbot, said(desk, load_table(address(tmp_path, server.url), "t", "A table", fits=False)))
    assert reply[0] is Answer.FAILED
    is_file = not address(tmp_path, server.url).startswith("http")
    assert (words if is_file else "its user has been told why") in reply[1]
    wait_until_told(qtbot, desk, "A table from TOPCAT could not be opened.")
    assert words in told(desk)[-1]
    assert not desk.document.session.tables


def test_a_pipe_is_not_waited_for(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.vot"
    os.mkfifo(pipe)
    reply = answered(qtbot, said(desk, load_table(pipe.as_uri(), "t", "", fits=False)))
    assert reply[0] is Answer.FAILED
    assert "it is no file" in reply[1]


@pytest.mark.parametrize("kind", ["table", "spectrum"])
def test_nothing_of_a_file_goes_to_who_had_it_opened(qtbot: QtBot, desk: app.Desk, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "private"
    path.write_text("user=me\npassword=hunter2 a b\nx,y\n")
    url = path.as_uri()
    is_table = kind == "table"
    reply = answered(
        qtbot, said(desk, load_table(url, "t", "x", fits=False) if is_table else load_spectrum(url, "s", "x", {}))
    )
    assert reply == (Answer.FAILED, "stopdesk could not open it; its user has been told why.")


def test_an_image_is_shown_by_the_desktop_where_it_lies(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "image.fits"
    fits.PrimaryHDU(np.zeros((4, 3), dtype=np.float32)).writeto(path)
    mine = tmp_path / "shown" / "Moment 0.fits"
    mine.parent.mkdir()
    mine.write_text("of the user")
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url) or True)
    answered(qtbot, said(desk, load_image(path.as_uri(), "i", "Moment 0")))
    (box,) = boxes()
    next(button for button in box.buttons() if "desktop" in button.text()).click()
    assert [url.toLocalFile() for url in opened] == [str(path)]
    assert mine.read_text() == "of the user"


@pytest.mark.parametrize("kind", ["table", "spectrum"])
def test_what_cannot_be_read_is_said_to_both_sides(qtbot: QtBot, desk: app.Desk, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "odd.vot"
    path.write_bytes(b"<VOTABLE version='1.4'><RESOURCE><TABLE>")
    url = path.as_uri()
    message = load_table(url, "", "Odd", fits=False) if kind == "table" else load_spectrum(url, "", "Odd", {})
    assert answered(qtbot, said(desk, message))[0] is Answer.FAILED
    assert [text for text in told(desk) if text.startswith("Odd from TOPCAT could not be opened.")] == told(desk)


def test_what_comes_while_a_question_is_open_waits(qtbot: QtBot, desk: app.Desk, table: Path) -> None:
    box = QMessageBox(QMessageBox.Icon.Question, "A question", "Sure?", parent=desk.window)
    box.open()
    qtbot.waitUntil(lambda: QApplication.activeModalWidget() is box)
    first, second = said(desk, point_at(10.0, 20.0)), said(desk, point_at(30.0, 40.0))
    reply = said(desk, load_table(table.as_uri(), "t", "Rows", fits=False))
    assert answered(qtbot, first) == (Answer.WARNING, "Another message came before this one could be followed.")
    assert desk.window.source_bar.source.position == ""
    assert not [task for task in desk.tasks.under_way if "Rows" in task.name]
    assert not second
    assert not reply
    box.close()
    assert answered(qtbot, second)[0] is Answer.OK
    assert desk.window.source_bar.source.position.startswith("02:00:00")
    assert answered(qtbot, reply)[0] is Answer.OK


def test_a_load_that_the_user_cancels_is_answered(qtbot: QtBot, desk: app.Desk, server: PortalServer) -> None:
    server.fault = "hang"
    reply = said(desk, load_table(f"{server.url}/tap/sync?QUERY=1&REQUEST=1&RA=1&DEC=1&SR=1", "t", "Slow", fits=False))
    qtbot.waitUntil(lambda: any("Slow" in task.name for task in desk.tasks.under_way))
    next(task for task in desk.tasks.under_way if "Slow" in task.name).cancel()
    server.released.set()
    assert answered(qtbot, reply) == (Answer.FAILED, "The user of stopdesk cancelled it.")


def test_a_message_that_says_nothing_usable_is_told(qtbot: QtBot, desk: app.Desk) -> None:
    problem = "It is not said where the data are (url)."
    desk.samp.received.emit(Received(TOPCAT, "table.load.fits", None, lambda *_: None, problem=problem))
    assert told(desk) == [f"TOPCAT sent something that cannot be used: {problem}"]


def test_a_file_of_ours_is_never_written_over(qtbot: QtBot, desk: app.Desk, table: Path) -> None:
    before = {path: path.read_bytes() for path in table.parent.iterdir()}
    for _ in range(2):
        assert answered(qtbot, said(desk, load_table(table.as_uri(), "t", "/" + "x" * 400, fits=False)))[0] is Answer.OK
    assert {path: path.read_bytes() for path in table.parent.iterdir()} == before
    assert [len(each.name) for each in desk.document.session.tables] == [104]
