"""The manual says what is so: its list of models is that of the declarations, and its links and pictures exist."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.commands.models import manual
from tests.observing import PATIENCE_MS, shown

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_list_of_models_is_made_from_the_declarations() -> None:
    page = ROOT / "docs" / "models.md"
    if os.environ.get("STOPDESK_PICTURES"):
        page.write_text(manual(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == manual(), "renew it with: make pictures"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_picture_of_observing_shows_the_example(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    window.resize(1280, 800)
    window.show_page("observe")
    window.source_bar.point_at("M83", "13:36:59.310 -29:52:07.87")
    window.source_bar._v_lsr.setText("510")
    window.observe.show_example()
    qtbot.waitUntil(lambda: bool(desk.document.session.searches), timeout=PATIENCE_MS)
    shown(qtbot, desk)
    rows = window.observe.area.table.rows
    qtbot.waitUntil(lambda: window.observe.area.table.rows.named("My lines") is not None, timeout=PATIENCE_MS)
    window.observe.area.selection.choose([2], source=None)
    shown(qtbot, desk)
    assert rows.n_rows == 4
    plots = window.observe.area.plots
    assert plots is not None
    qtbot.waitUntil(lambda: plots.sky.is_settled and plots.coverage.is_settled, timeout=PATIENCE_MS)
    picture = window.grab()
    assert (picture.width(), picture.height()) == (1280, 800)
    if os.environ.get("STOPDESK_PICTURES"):
        assert picture.save(str(ROOT / "docs" / "pictures" / "8-observe.png"))


def test_the_picture_of_spectra_shows_the_example(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    window.resize(1280, 800)
    window.show_page("spectra")
    window.spectra.example_button.click()
    qtbot.waitUntil(lambda: not window.spectra.is_empty, timeout=PATIENCE_MS)
    content = window.spectra.content
    assert content is not None
    qtbot.waitUntil(lambda: bool(content.stack.frames) and content._under_way is None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not desk.tasks.under_way, timeout=PATIENCE_MS)
    assert len(content.keys) == 1
    picture = window.grab()
    assert (picture.width(), picture.height()) == (1280, 800)
    if os.environ.get("STOPDESK_PICTURES"):
        assert picture.save(str(ROOT / "docs" / "pictures" / "9-spectra.png"))
