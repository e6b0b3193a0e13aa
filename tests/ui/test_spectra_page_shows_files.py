"""The Spectra workspace: files in, curves, list and header on the screen, and a sentence where that cannot be."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk.errors import InputError
from stopdesk.formats import spectra
from stopdesk.session.recovery import Recovery
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.spectra.content import SpectraContent
from stopdesk.ui.spectra.workspace import SpectraPage
from stopdesk.ui.tasks import Tasks
from tests.desk import Heartbeat
from tests.spectra import SDM, radio, write_class, write_eso, write_image, write_many_channels

DEADLINE = 30_000


@pytest.fixture
def document(tasks: Tasks, notices: Notices, home: Path) -> Iterator[Document]:
    document = Document(tasks=tasks, notices=notices, recovery=Recovery())
    yield document
    assert tasks.shutdown(10.0)
    document.close()


@pytest.fixture
def page(qtbot: QtBot, document: Document, tasks: Tasks, notices: Notices) -> SpectraPage:
    page = SpectraPage(document=document, tasks=tasks, notices=notices)
    qtbot.addWidget(page)
    page.resize(1200, 560)
    page.show()
    qtbot.waitExposed(page)
    return page


def load(qtbot: QtBot, page: SpectraPage, *files: Path, origin: str = "") -> SpectraContent:
    for file in files:
        with qtbot.waitSignal(page.arrived, timeout=DEADLINE):
            page.add(file, origin)
    return settled(qtbot, page)


def settled(qtbot: QtBot, page: SpectraPage) -> SpectraContent:
    assert page.content is not None
    qtbot.waitUntil(lambda: page.content._under_way is None, timeout=DEADLINE)
    return page.content


def choose(qtbot: QtBot, page: SpectraPage, key: str) -> SpectraContent:
    assert page.content is not None
    box = page.content.axis.box
    assert box.findData(key) >= 0, key
    box.setCurrentIndex(box.findData(key))
    return settled(qtbot, page)


def tick(content: SpectraContent, row: int, *, on: bool) -> None:
    item = content.list.tree.topLevelItem(row)
    assert item is not None
    item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def titles(content: SpectraContent, number: int = 0) -> tuple[str, str]:
    plot = content.stack.frames[number].plot
    return plot.getAxis("bottom").labelText, plot.getAxis("left").labelText


def numbers(content: SpectraContent, folder: Path, number: int = 0) -> tuple[list[str], np.ndarray]:
    content.stack.frames[number].export(folder / "it.csv")
    with (folder / "it.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, np.array([[float(cell or "nan") for cell in row] for row in rows])


def cell(content: SpectraContent, row: int, column: int) -> str:
    item = content.list.tree.topLevelItem(row)
    assert item is not None
    return item.text(column)


def test_an_empty_page_is_filled_by_one_click(qtbot: QtBot, page: SpectraPage, document: Document) -> None:
    assert page.is_empty
    with qtbot.waitSignal(page.arrived, timeout=DEADLINE):
        qtbot.mouseClick(page.example_button, Qt.MouseButton.LeftButton)
    content = settled(qtbot, page)
    assert not page.is_empty
    assert titles(content) == ("Radio velocity, LSRK (km/s)", "Temperature (K)")
    (kept,) = document.session.spectra
    assert (kept.name, kept.origin) == ("Example HCN 1-0", "the example of the program")
    assert "Computed, not observed" in " ".join(card.value for card in content.header.model.cards)


def test_a_file_is_drawn_as_it_says_and_over_other_axes(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    content = load(qtbot, page, write_class(tmp_path / "smt.fits", 3800.0))
    assert titles(content) == ("Frequency, LSRK (GHz)", "Temperature (K)")
    header, values = numbers(content, tmp_path)
    assert header == ["10074-190 HCOP(3-2): Frequency, LSRK [GHz]", "10074-190 HCOP(3-2): Temperature [K]"]
    assert np.all(np.diff(values[:, 0]) > 0)
    content = choose(qtbot, page, "radio velocity|km/s")
    assert titles(content) == ("Radio velocity, LSRK (km/s)", "Temperature (K)")
    _, values = numbers(content, tmp_path)
    assert values[:, 0].mean() == pytest.approx(3.8)
    assert values[:, 1].max() == pytest.approx(2.0, abs=1e-3)
    (x0, x1), (y0, y1) = content.stack.frames[0].view.viewRange()
    assert (x0, x1) == pytest.approx((values[0, 0], values[-1, 0]))
    assert y0 < values[:, 1].min() < values[:, 1].max() < y1
    offered = [content.axis.box.itemText(i) for i in range(content.axis.box.count())]
    assert "Wavelength (mm)" in offered
    assert "Wavelength in air (Å)" not in offered


def test_several_share_a_plot_where_their_units_do(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    (tmp_path / "orion.vot").write_text(SDM)
    kelvin = write_image(tmp_path / "a.fits", radio(CTYPE1="FREQ", CUNIT1="GHz", CRVAL1=115.1, CDELT1=0.001))
    content = load(qtbot, page, kelvin, tmp_path / "orion.vot")
    assert len(content.stack.frames) == 1
    header, values = numbers(content, tmp_path)
    assert header[2:] == ["Orion KL: Frequency, LSRK [GHz]", "Orion KL: Temperature [K]"]
    assert values[:3, 3] == pytest.approx([0.01, np.nan, 0.03], nan_ok=True)
    jansky = write_image(
        tmp_path / "b.fits", radio(CTYPE1="FREQ", CUNIT1="GHz", CRVAL1=115.0, CDELT1=0.001, BUNIT="Jy")
    )
    content = load(qtbot, page, jansky)
    assert [titles(content, n)[1] for n in (0, 1)] == ["Temperature (K)", "Flux density (Jy)"]
    tick(content, 2, on=False)
    settled(qtbot, page)
    assert len(content.stack.frames) == 1


def test_plots_show_the_same_of_the_axis(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    content = load(
        qtbot, page, write_image(tmp_path / "a.fits", radio()), write_image(tmp_path / "b.fits", radio(BUNIT="Jy"))
    )
    upper, lower = content.stack.frames
    lower.view.setXRange(1.0, 2.0, padding=0)
    assert upper.view.viewRange()[0] == pytest.approx([1.0, 2.0])

    def edges() -> set[float]:
        page.grab()
        return {frame.view.sceneBoundingRect().left() for frame in (upper, lower)}

    qtbot.waitUntil(lambda: len(edges()) == 1)  # their axes begin at one place


def test_what_cannot_be_drawn_is_marked_and_says_why(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    files = write_image(tmp_path / "a.fits", radio()), write_eso(tmp_path / "eso.fits")
    content = load(qtbot, page, *files)
    assert cell(content, 1, 0) == "⚠ HD 1"
    item = content.list.tree.topLevelItem(1)
    assert item is not None
    assert item.toolTip(0).startswith("Not drawn over radio velocity: wavelengths in air are shown as such only.")
    assert "1 not drawn" in content.words.whole
    content = choose(qtbot, page, "wavelength in air|Å")
    assert (cell(content, 0, 0), cell(content, 1, 0)) == ("⚠ L1544", "HD 1")
    tick(content, 1, on=False)
    settled(qtbot, page)
    assert "None of the ticked spectra can be drawn" in content.stack._frames[0].message
    tick(content, 0, on=False)
    settled(qtbot, page)
    assert "No spectrum has a tick" in content.stack._frames[0].message
    tick(content, 1, on=True)
    settled(qtbot, page)
    assert content.stack.frames[0].message == ""


def test_frames_that_differ_are_said(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    first, second = radio(), radio(SPECSYS="TOPOCENT", OBJECT="B")
    content = load(qtbot, page, write_image(tmp_path / "a.fits", first), write_image(tmp_path / "b.fits", second))
    assert titles(content)[0] == "Radio velocity, frames differ (km/s)"
    assert "LSRK, topocentric" in content.words.whole
    assert [cell(content, row, 2) for row in (0, 1)] == ["LSRK", "TOPO"]


def test_many_spectra_of_a_file_and_its_origin(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    content = load(qtbot, page, write_image(tmp_path / "a.fits", radio()), origin="https://archive.example/file?id=7")
    assert cell(content, 0, 3) == "https://archive.example/file?id=7"
    item = content.list.tree.topLevelItem(0)
    assert item is not None
    for words in ("64 channels, radio velocity, LSRK", "110.2013541 GHz", "a.fits, HDU 0", "archive.example"):
        assert words in item.toolTip(0)


def test_the_same_file_is_not_loaded_twice(
    qtbot: QtBot, page: SpectraPage, notices: Notices, document: Document, tmp_path: Path
) -> None:
    path = write_image(tmp_path / "a.fits", radio())
    content = load(qtbot, page, path, path)
    assert notices.history[-1].text == "a.fits is loaded already."
    assert len(content.keys) == len(document.session.spectra) == 1


def test_removed_spectra_leave_the_session_and_give_their_colour_back(
    qtbot: QtBot, page: SpectraPage, document: Document, tmp_path: Path
) -> None:
    content = load(qtbot, page, *(write_image(tmp_path / f"{n}.fits", radio(OBJECT=n)) for n in "abc"))
    assert [each.colour for each in document.session.spectra] == [0, 1, 2]
    content.list.tree.setCurrentItem(content.list.tree.topLevelItem(1))
    qtbot.mouseClick(content.list.remove_button, Qt.MouseButton.LeftButton)
    assert [each.name for each in document.session.spectra] == ["a", "c"]
    load(qtbot, page, write_image(tmp_path / "d.fits", radio(OBJECT="d")))
    assert [each.colour for each in document.session.spectra] == [0, 2, 1]
    content.list.tree.selectAll()
    content.list.tree.setFocus()
    qtbot.keyClick(content.list.tree, Qt.Key.Key_Delete)
    assert document.session.spectra == ()
    assert page.is_empty


def test_what_cannot_be_read_is_a_notice_and_leaves_the_rest(
    qtbot: QtBot, page: SpectraPage, notices: Notices, document: Document, tmp_path: Path
) -> None:
    load(qtbot, page, write_image(tmp_path / "good.fits", radio()))
    cube = write_image(tmp_path / "cube.fits", radio(), data=np.ones((2, 2, 8), np.float32))
    page.add(cube)
    qtbot.waitUntil(lambda: "HDU 0 is a cube of 8 x 2 x 2" in notices.history[-1].text, timeout=DEADLINE)
    page.add(tmp_path / "gone.fits")
    qtbot.waitUntil(lambda: "there is no such file" in notices.history[-1].text, timeout=DEADLINE)
    assert [each.name for each in document.session.spectra] == ["L1544"]


def test_what_a_file_leaves_open_is_told(qtbot: QtBot, page: SpectraPage, notices: Notices, tmp_path: Path) -> None:
    content = load(qtbot, page, write_image(tmp_path / "quiet.fits", {}))
    assert notices.history[-1].text.startswith("Loaded quiet of quiet.fits. The file does not say what its axis is in")
    assert titles(content) == ("Channel", "Flux")


def test_files_can_be_dropped_here(qtbot: QtBot, page: SpectraPage, document: Document, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(write_image(tmp_path / f"{n}.fits", radio(OBJECT=n)))) for n in "ab"])
    copy, button, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, button, none)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), copy, data, button, none))
    qtbot.waitUntil(lambda: {each.name for each in document.session.spectra} == {"a", "b"}, timeout=DEADLINE)
    text = QMimeData()
    text.setText("a letter")
    other = QDragEnterEvent(QPoint(50, 50), copy, text, button, none)
    other.ignore()
    QApplication.sendEvent(page, other)
    assert not other.isAccepted()
    settled(qtbot, page)


def test_the_file_dialog_takes_several(
    qtbot: QtBot, page: SpectraPage, document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [str(write_image(tmp_path / f"{n}.fits", radio(OBJECT=n))) for n in "ab"]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (files, ""))
    page.open()
    qtbot.waitUntil(lambda: len(document.session.spectra) == 2, timeout=DEADLINE)
    settled(qtbot, page)


def test_the_header_is_searched_and_copied(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    content = load(qtbot, page, write_class(tmp_path / "smt.fits"))
    view = content.header
    assert view.title.whole == "10074-190 HCOP(3-2)"
    everything = view.model.rowCount()
    qtbot.keyClicks(view.search, "frequency rest")
    assert 0 < view.model.rowCount() < everything
    view.search.setText("restfreq")
    assert [card.keyword for card in view.model.cards] == ["RESTFREQ"]
    view.table.selectAll()
    view.copy()
    assert QGuiApplication.clipboard().text() == "RESTFREQ\t267557625900.0"
    load(qtbot, page, write_image(tmp_path / "b.fits", radio()))
    assert view.title.whole == "L1544"
    assert view.model.rowCount() == 0, "the words looked for stay"


def test_zoom_stays_when_another_is_ticked_and_goes_with_the_axis(
    qtbot: QtBot, page: SpectraPage, tmp_path: Path
) -> None:
    content = load(
        qtbot, page, write_image(tmp_path / "a.fits", radio()), write_image(tmp_path / "b.fits", radio(OBJECT="b"))
    )
    frame = content.stack.frames[0]
    frame.view.setRange(xRange=(2.0, 5.0), yRange=(0.0, 1.0), padding=0)
    frame.zoomed = True
    tick(content, 1, on=False)
    settled(qtbot, page)
    assert frame.view.viewRange()[0] == pytest.approx([2.0, 5.0])
    choose(qtbot, page, "frequency|GHz")
    assert frame.view.viewRange()[0][0] > 100.0


def test_on_paper_the_curves_have_names(qtbot: QtBot, page: SpectraPage, tmp_path: Path) -> None:
    content = load(
        qtbot, page, write_image(tmp_path / "a.fits", radio()), write_image(tmp_path / "b.fits", radio(OBJECT="B 335"))
    )
    frame = content.stack.frames[0]
    assert frame.legend.names == ()
    frame.export(tmp_path / "it.svg")
    text = (tmp_path / "it.svg").read_text(encoding="utf-8")
    assert "L1544" in text
    assert "B 335" in text
    assert frame.legend.names == ()


@pytest.mark.timeout(240)
def test_ten_million_channels_are_drawn_zoomed_and_never_stall_the_window(
    qtbot: QtBot, page: SpectraPage, tmp_path: Path
) -> None:
    path = write_many_channels(tmp_path / "long.fits", 10_000_000)
    load(qtbot, page, write_image(tmp_path / "a.fits", radio()))
    heart = Heartbeat()
    heart.start()
    page.add(path)
    qtbot.waitUntil(lambda: page.content is not None and len(page.content.keys) == 2, timeout=120_000)
    assert page.content is not None
    qtbot.waitUntil(lambda: page.content._under_way is None, timeout=120_000)
    frame = page.content.stack.frames[0]
    curve = frame._curves[-1][1]
    assert len(curve.x) < 20_000
    assert curve.y.max() == 50.0, "a line of one channel is not lost"
    for part in (0.5, 0.1, 1e-3, 1e-6):
        frame.view.setXRange(3.8 - 500 * part, 3.8 + 500 * part, padding=0)
        QApplication.processEvents()
        assert frame._curves[-1][1].y.max() == 50.0
    heart.stop()
    print(f"longest pause of the window's thread: {heart.longest_ms:.0f} ms; {heart.when}")
    assert heart.longest_ms < 500
    with pytest.raises(InputError, match="channels are not written as CSV"):
        frame.export(tmp_path / "it.csv")


def test_a_session_that_is_left_while_a_file_is_read_does_not_get_it(
    qtbot: QtBot,
    page: SpectraPage,
    document: Document,
    tasks: Tasks,
    notices: Notices,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go = threading.Event()
    read = spectra.read_bytes

    def read_late(*about: Any) -> bytes:
        assert go.wait(30)
        return read(*about)

    monkeypatch.setattr(spectra, "read_bytes", read_late)
    page.add(write_image(tmp_path / "a.fits", radio()))
    with qtbot.waitSignal(document.replaced, timeout=DEADLINE):
        document.new()
    go.set()
    qtbot.waitUntil(lambda: not tasks.under_way, timeout=DEADLINE)
    assert document.session.spectra == ()
    assert page.is_empty
    assert notices.history == []
