"""Sending from the views of the real window for tests: their menus, and results that can be sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.job import Phase
from stopdesk.domain.models import model_spec
from stopdesk.domain.result import ModelResult
from stopdesk.domain.run import StoredFile
from stopdesk.formats.molecules import load
from stopdesk.formats.results import write_grid
from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.samp.offers import OfferMenu
from tests.observing import PATIENCE_MS
from tests.runs import make_run
from tests.ui.sample_results import sample


def offers(menu: QMenu | None) -> list[str]:
    """What a menu offers, as it opens."""
    assert isinstance(menu, OfferMenu)
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.isVisible() and action.isEnabled()]


def choose(menu: QMenu | None, title: str, whom: str) -> None:
    """Open a menu, go to the offer that begins so, and choose a program."""
    assert any(text.startswith(title) for text in offers(menu)), offers(menu)
    assert isinstance(menu, OfferMenu)
    within = next(each for each in menu.menus if each.title().startswith(title))
    within.aboutToShow.emit()
    action = next((each for each in within.actions() if each.text() == whom), None)
    assert action is not None, [each.text() for each in within.actions()]
    action.trigger()


def open_result(
    qtbot: QtBot, desk: app.Desk, folder: Path, result: ModelResult, name: str = "CO ladder"
) -> ResultContent:
    """A finished run with this result, on the screen."""
    path = folder / "grid.vot"
    write_grid(result, path)
    sha256, size = desk.document.store.put_blob(path)
    run = make_run(
        name, Phase.COMPLETED, model="lvg", results={"grid.vot": StoredFile(name="grid.vot", sha256=sha256, size=size)}
    )
    desk.document.put_run(run)
    with qtbot.waitSignal(desk.window.results.shown, timeout=PATIENCE_MS):
        desk.window.open_results(run.key)
    content = desk.window.results.view.content
    assert content is not None
    return content


def large() -> ModelResult:
    """300,000 rows and two lines with numbers that mean nothing."""
    axes = {"column_density": "1e14:1e17:60:log", "density_h2": "1e3:1e6:50:log", "kinetic_temperature": "10:109:100"}
    spec, small = model_spec("lvg"), sample(n_lines=2)
    request = {"molecule": "co", "geometry": "uniform_slab", "line_width": "1"} | axes
    values = spec.check(spec.read(request), load("co"))
    outputs = {name: np.linspace(0.0, 1.0, 600_000).reshape(-1, 2) for name in small.outputs if name != "maser"}
    outputs["maser"] = np.zeros((300_000, 2), dtype=bool)
    return replace(small, values=values, outputs=outputs, row_outputs={"converged": np.ones(300_000, dtype=bool)})
