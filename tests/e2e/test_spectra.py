"""Open a spectrum from the window, look at it over another axis, save the session, and open it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.loaded import LoadedSpectrum
from stopdesk.domain.run import StoredFile
from stopdesk.session.file import read_session
from stopdesk.ui.spectra.content import SpectraContent
from tests.desk import opened_desk, told, wait_until_told
from tests.spectra import radio, write_class, write_image

pytestmark = pytest.mark.timeout(120)

DEADLINE = 30_000


def open_files(qtbot: QtBot, desk: app.Desk, monkeypatch: pytest.MonkeyPatch, *files: Path) -> SpectraContent:
    """Open files by the menu."""
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(file) for file in files], ""))
    wanted = len(desk.document.session.spectra) + len(files)
    desk.window.actions_by_name["open_spectrum"].trigger()
    qtbot.waitUntil(lambda: len(desk.document.session.spectra) == wanted, timeout=DEADLINE)
    return drawn(qtbot, desk)


def drawn(qtbot: QtBot, desk: app.Desk) -> SpectraContent:
    page = desk.window.spectra
    qtbot.waitUntil(lambda: page.content is not None and bool(page.content.stack.frames), timeout=DEADLINE)
    content = page.content
    assert content is not None
    qtbot.waitUntil(lambda: content._under_way is None, timeout=DEADLINE)
    return content


def save(qtbot: QtBot, desk: app.Desk, path: Path) -> None:
    saved: list[bool] = []
    desk.document.save(path, lambda: saved.append(True), lambda error: pytest.fail(str(error)))
    qtbot.waitUntil(lambda: bool(saved), timeout=DEADLINE)


def test_opened_looked_at_saved_and_opened_again(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write_class(tmp_path / "smt.fits", 3800.0), write_image(tmp_path / "jy.fits", radio(BUNIT="Jy"))
    content = open_files(qtbot, desk, monkeypatch, first)
    content = open_files(qtbot, desk, monkeypatch, second)
    assert desk.window.pages.currentWidget() is desk.window.spectra
    assert desk.document.is_modified
    content.axis.box.setCurrentIndex(content.axis.box.findData("radio velocity|km/s"))
    drawn(qtbot, desk)
    assert len(content.stack.frames) == 2
    item = content.list.tree.topLevelItem(0)
    assert item is not None
    item.setCheckState(0, Qt.CheckState.Unchecked)
    drawn(qtbot, desk)
    (frame,) = content.stack.frames
    frame.setFocus()
    qtbot.keyClick(frame, Qt.Key.Key_Plus)
    zoom = frame.view.viewRange()
    target = tmp_path / "with spectra.stop"
    save(qtbot, desk, target)
    assert not desk.document.is_modified
    first.unlink()
    second.unlink()

    with opened_desk(qtbot) as again:
        again.open_at_start([str(target)])
        shown = drawn(qtbot, again)
        assert again.window.pages.currentWidget() is again.window.spectra
        assert shown.axis.value() == "radio velocity|km/s"
        assert len(shown.keys) == 2
        assert len(shown.list.hidden) == 1
        (frame,) = shown.stack.frames
        assert frame.plot.getAxis("bottom").labelText == "Radio velocity, LSRK (km/s)"
        assert frame.plot.getAxis("left").labelText == "Flux density (Jy)"
        for now, then in zip(frame.view.viewRange(), zoom, strict=True):
            assert now == pytest.approx(then)
        assert frame.zoomed
        assert not again.document.is_modified
        save(qtbot, again, tmp_path / "again.stop")
    assert read_session(tmp_path / "again.stop").spectra == read_session(target).spectra


def test_a_spectrum_that_arrives_elsewhere_leaves_a_dot_and_the_page_in_front(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path
) -> None:
    with qtbot.waitSignal(desk.window.spectra.arrived, timeout=DEADLINE):
        desk.window.spectra.add(write_image(tmp_path / "a.fits", radio()), origin="another program")
    assert desk.window.pages.currentWidget() is desk.window.workspace
    assert desk.window.rail._new == {"spectra"}
    desk.window.show_page("spectra")
    assert desk.window.rail._new == frozenset()
    drawn(qtbot, desk)


def test_a_new_session_has_no_spectra(
    qtbot: QtBot, desk: app.Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_files(qtbot, desk, monkeypatch, write_image(tmp_path / "a.fits", radio()))
    desk.document.settle()
    with qtbot.waitSignal(desk.document.replaced, timeout=DEADLINE):
        desk.window.files.new()
    assert desk.window.spectra.is_empty
    assert desk.window.spectra.content is not None
    assert desk.window.spectra.content.keys == ()


def test_what_cannot_be_read_of_a_session_is_said_and_kept(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    store = desk.document.store
    good = write_image(tmp_path / "a.fits", radio()).read_bytes()
    files = [StoredFile(name=name, sha256=store.put_blob(data)[0], size=1) for name, data in (("a", good), ("b", b"?"))]
    spectra = tuple(LoadedSpectrum(key=file.name, name=file.name, file=file) for file in files)
    desk.document.set_spectra((*spectra, LoadedSpectrum(key="c", name="c", file=files[0], number=5)))
    save(qtbot, desk, tmp_path / "odd.stop")
    desk.window.files.open_path(tmp_path / "odd.stop")
    wait_until_told(qtbot, desk, "A spectrum of the session cannot be shown: b: is text, but not one of columns")
    wait_until_told(qtbot, desk, "a: has no spectrum number 6 any more.")
    assert drawn(qtbot, desk).keys == ("a",)
    assert len(desk.document.session.spectra) == 3, told(desk)
