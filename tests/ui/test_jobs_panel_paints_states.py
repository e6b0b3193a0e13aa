"""Every state has a chip of its own, in light and in dark, and progress a bar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication, QImage, QPalette
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import JobProgress, Phase
from stopdesk.domain.run import Run
from stopdesk.ui import theme
from stopdesk.ui.jobs import table
from stopdesk.ui.jobs.panel import JobsPanel
from stopdesk.ui.theme import CHIPS
from tests.runs import every_state, make_run


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest, qapp: object) -> Iterator[str]:
    theme.apply_scheme(request.param)
    assert theme.is_dark() == (request.param == "dark")
    yield request.param
    theme.apply_scheme("system")


@pytest.fixture
def panel(qtbot: QtBot) -> JobsPanel:
    panel = JobsPanel()
    qtbot.addWidget(panel)
    panel.resize(1200, 200)
    panel.show()
    return panel


def picture(panel: JobsPanel, run: Run, column: int, *, selected: bool = False) -> QImage:
    """What stands in one cell."""
    panel.set_runs((run,))
    if selected:
        panel.select(run.key)
    place: QRect = panel._view.visualRect(panel.index_of(run.key, column))
    return panel._view.viewport().grab(place).toImage()


def colours(image: QImage) -> set[int]:
    return {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("selected", [False, True])
def test_no_two_states_look_the_same(panel: JobsPanel, scheme: str, selected: bool) -> None:
    pictures = {state: picture(panel, run, table.PHASE, selected=selected) for state, run in every_state().items()}
    assert set(pictures) == set(CHIPS)
    for state, image in pictures.items():
        assert len(colours(image)) > 10, f"{state} is painted in {scheme}"
        for other, its in pictures.items():
            assert state == other or image != its, (state, other)


def test_shapes_differ_where_colours_do_not(qapp: object) -> None:
    looks = [(chip.word, chip.shape) for chip in CHIPS.values()]
    assert len(set(looks)) == len(looks)
    words = [chip.word for chip in CHIPS.values()]
    assert len(set(words)) == len(words), "never the colour alone"


@pytest.mark.parametrize("state", sorted(CHIPS))
def test_a_chip_reads_on_its_ground(scheme: str, state: str) -> None:
    """Contrast of at least 4.5 to 1 between the word and the table (WCAG 2.2, 1.4.3)."""

    def luminance(colour: object) -> float:
        parts = [part / 255 for part in colour.getRgb()[:3]]  # type: ignore[attr-defined]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    base = QGuiApplication.palette().color(QPalette.ColorRole.Base)
    light, dark = sorted((luminance(CHIPS[state].colour), luminance(base)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_bar_grows_with_progress_and_goes_with_the_job(panel: JobsPanel, scheme: str) -> None:
    def bar(run: Run) -> int:
        image = picture(panel, run, table.PROGRESS)
        full = theme.CHIPS["executing"].colour.rgb()
        return sum(image.pixel(x, y) == full for x in range(image.width()) for y in range(image.height()))

    lengths = [bar(make_run(progress=JobProgress(fraction=fraction, message=""))) for fraction in (0.0, 0.3, 0.9)]
    assert lengths[0] < lengths[1] < lengths[2]
    assert bar(make_run(phase=Phase.COMPLETED)) == 0
    assert bar(make_run(phase=Phase.QUEUED)) == 0


def test_the_colours_of_the_system_come_back(qapp: object) -> None:
    before = QGuiApplication.palette().color(QPalette.ColorRole.Window)
    theme.apply_scheme("dark")
    assert QGuiApplication.palette().color(QPalette.ColorRole.Window) != before
    theme.apply_scheme("system")
    assert QGuiApplication.palette().color(QPalette.ColorRole.Window) == before


def test_a_long_progress_message_stays_in_its_cell(panel: JobsPanel) -> None:
    short = picture(panel, make_run(progress=JobProgress(fraction=0.5, message="x")), table.CREATED)
    run = make_run(progress=JobProgress(fraction=0.5, message="row " * 500), created=panel.model.runs[0].created)
    assert picture(panel, run, table.CREATED) == short
