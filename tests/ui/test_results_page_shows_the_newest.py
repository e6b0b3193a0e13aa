"""The page of results shows the run that was asked for last, and says of itself what is on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import Phase
from stopdesk.domain.run import Run, StoredFile
from stopdesk.formats.results import write_grid
from stopdesk.session.recovery import Recovery
from stopdesk.ui.document import Document
from stopdesk.ui.notices import Notices
from stopdesk.ui.results_page import ResultsPage, free_path
from stopdesk.ui.tasks import Tasks
from tests.runs import make_run
from tests.ui.form_parts import echo


@pytest.fixture
def document(tasks: Tasks, notices: Notices, home: Path) -> Iterator[Document]:
    document = Document(tasks=tasks, notices=notices, recovery=Recovery())
    yield document
    assert tasks.shutdown(10.0)
    document.close()


@pytest.fixture
def page(qtbot: QtBot, document: Document, tasks: Tasks, notices: Notices) -> ResultsPage:
    page = ResultsPage(document=document, tasks=tasks, notices=notices, v_lsr=lambda: None)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    return page


@pytest.fixture
def make(document: Document, tmp_path: Path):  # type: ignore[no-untyped-def]  # a function that makes runs
    def make(name: str, *, damaged: bool = False) -> Run:
        file = tmp_path / f"{name}.vot"
        write_grid(echo("lte", {"molecule": "co", "column_density": "1e15"}), file)
        if damaged:
            file.write_bytes(file.read_bytes()[:300])
        sha256, size = document.store.put_blob(file)
        run = make_run(name, Phase.COMPLETED, results={"grid": StoredFile(name="grid.vot", sha256=sha256, size=size)})
        document.put_run(run)
        return run

    return make


def test_the_last_wish_wins(qtbot: QtBot, page: ResultsPage, make, tasks: Tasks) -> None:  # type: ignore[no-untyped-def]
    shown: list[str] = []
    page.shown.connect(shown.append)
    runs = [make(name) for name in ("first", "second", "third")]
    for run in runs:
        page.open(run)
    qtbot.waitUntil(lambda: page.run_key == runs[2].key, timeout=20_000)
    qtbot.waitUntil(lambda: not tasks.under_way)
    assert shown == [runs[2].key]
    assert page.view.content is not None
    assert "third" in page.view.content.title.toolTip() + page.view.content.title.text()


def test_what_cannot_be_read_leaves_what_is_shown(
    qtbot: QtBot,
    page: ResultsPage,
    make,
    notices: Notices,  # type: ignore[no-untyped-def]
) -> None:
    good, bad = make("good"), make("bad", damaged=True)
    page.open(good)
    qtbot.waitUntil(lambda: page.run_key == good.key, timeout=20_000)
    page.open(bad)
    qtbot.waitUntil(lambda: any("The results of bad cannot be shown" in n.text for n in notices.history))
    page.velocity_changed()
    assert page.run_key == good.key


def test_what_is_waiting_for_the_plots_is_not_taken_for_what_came_later(
    qtbot: QtBot,
    page: ResultsPage,
    make,  # type: ignore[no-untyped-def]
) -> None:
    first, later = make("first"), make("later", damaged=True)
    seen: list[tuple[str, str]] = []
    give = page.view.show_result

    def hold(result: object, title: str, v_lsr: float | None) -> None:
        page.open(later)  # asked for while the plots are being loaded for the first
        give(result, title, v_lsr)  # type: ignore[arg-type]

    page.view.show_result = hold  # type: ignore[method-assign, assignment]
    page.shown.connect(lambda key: seen.append((key, page.run_key)))
    page.open(first)
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert seen == [(first.key, first.key)], "the screen shows the first"


def test_a_run_that_is_deleted_is_shown_no_more(qtbot: QtBot, page: ResultsPage, make, tasks: Tasks) -> None:  # type: ignore[no-untyped-def]
    shown, wanted = make("shown"), make("wanted")
    page.open(shown)
    qtbot.waitUntil(lambda: page.run_key == shown.key, timeout=20_000)
    page.open(wanted)
    page.forget(wanted.key)
    qtbot.waitUntil(lambda: not tasks.under_way, timeout=20_000)
    assert page.run_key == shown.key
    page.forget(shown.key)
    assert page.run_key == ""
    assert page.view.is_empty


def test_a_session_that_is_left_shows_nothing_in_the_next(qtbot: QtBot, page: ResultsPage, make, tasks: Tasks) -> None:  # type: ignore[no-untyped-def]
    page.open(make("old"))
    page.clear()
    qtbot.waitUntil(lambda: not tasks.under_way, timeout=20_000)
    assert page.view.is_empty
    assert page.run_key == ""


def test_a_run_without_a_table_is_told(page: ResultsPage, notices: Notices) -> None:
    assert not page.open(make_run("other"))
    assert "other has no result table" in notices.history[-1].text


def test_tables_are_saved_under_free_names(
    qtbot: QtBot,
    page: ResultsPage,
    make,
    notices: Notices,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "grid.vot").write_text("mine")
    run = make("ladder")
    page.open(run)
    qtbot.waitUntil(lambda: page.run_key == run.key, timeout=20_000)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    page.save_tables()
    qtbot.waitUntil(lambda: any("is in" in notice.text for notice in notices.history), timeout=20_000)
    assert notices.history[-1].text == f"1 file of ladder is in {folder}."
    assert (folder / "grid.vot").read_text() == "mine"
    assert (folder / "grid-2.vot").read_bytes().startswith(b"<?xml")
    assert free_path(folder / "grid.vot") == folder / "grid-3.vot"
