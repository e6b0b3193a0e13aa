"""The spectrum of a row: sticks with labels, profiles where resolved, one line against velocity."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.labels import thin
from stopdesk.ui.spectra.spectrum import SpectrumPlot
from tests.ui.sample_results import sample, screen_point


@pytest.fixture
def plot(qtbot: QtBot) -> SpectrumPlot:
    plot = SpectrumPlot(notices=Notices())
    qtbot.addWidget(plot)
    plot.resize(900, 420)
    plot.show()
    qtbot.waitExposed(plot)
    plot.show_row(sample(failed=[59]), 32, 2, 4.0)
    plot.grab()
    QApplication.processEvents()
    return plot


def table(plot: SpectrumPlot, folder: Path) -> list[list[str]]:
    plot.frame.export(folder / "spectrum.csv")
    with (folder / "spectrum.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_all_lines_stand_at_their_frequency_with_their_peak(plot: SpectrumPlot, tmp_path: Path) -> None:
    result = sample(failed=[59])
    header, *rows = table(plot, tmp_path)
    assert header == ["Rest frequency [GHz]", "Peak temperature [K]"]
    numbers = np.array(rows, dtype=float)
    assert numbers[:, 0] == pytest.approx(result.transitions.frequency)
    assert numbers[:, 1] == pytest.approx(result.outputs["peak_temperature"][32])
    assert plot.frame.plot.getAxis("bottom").labelText == "Rest frequency (GHz)"
    assert plot.caption.startswith("Row 33, CO 3-2 at 345.795990 GHz, τ ")


def test_the_other_height_is_the_integrated_intensity(plot: SpectrumPlot, tmp_path: Path) -> None:
    plot.height_choice.setCurrentIndex(1)
    header, *rows = table(plot, tmp_path)
    assert header[1] == "Integrated intensity [K km/s]"
    assert np.array(rows, dtype=float)[:, 1] == pytest.approx(sample().outputs["integrated_intensity"][32])


def test_labels_name_transitions_and_none_covers_another(plot: SpectrumPlot) -> None:
    assert {"1-0", "2-1", "3-2"} <= set(plot.labels.texts)
    boxes = [item.sceneBoundingRect() for item in plot.labels._items if item.isVisible()]
    for number, box in enumerate(boxes):
        assert not any(box.adjusted(3, 3, -3, -3).intersects(other.adjusted(3, 3, -3, -3)) for other in boxes[:number])


def test_labels_are_thinned_where_lines_crowd(plot: SpectrumPlot) -> None:
    everywhere = len(plot.labels.texts)
    plot.frame.view.setRange(xRange=(0, 12_000))
    plot.grab()
    assert 0 < len(plot.labels.texts) < everywhere
    assert "3-2" in plot.labels.texts, "the chosen line keeps its name"


def test_thinning_keeps_the_first_of_two_that_overlap() -> None:
    assert thin([(0, 0, 10, 10), (5, 5, 15, 15), (10, 0, 20, 10)]) == [0, 2]
    assert thin([]) == []


def test_zoomed_in_a_line_becomes_its_profile(plot: SpectrumPlot, tmp_path: Path, qtbot: QtBot) -> None:
    assert plot.resolved == ()
    qtbot.mouseClick(plot.zoom_button, Qt.MouseButton.LeftButton)
    assert plot.resolved == (2,)
    header, *rows = table(plot, tmp_path)
    assert header[2:] == ["CO 3-2: Rest frequency [GHz]", "CO 3-2: Temperature [K]"]
    temperature = np.array([float(row[3]) for row in rows if row[3]])
    assert temperature.max() == pytest.approx(sample().outputs["peak_temperature"][32, 2], rel=1e-6)
    plot.frame.reset()
    assert plot.resolved == ()


def test_velocity_shows_one_line_around_v_lsr(plot: SpectrumPlot, tmp_path: Path) -> None:
    plot.view_choice.setCurrentIndex(1)
    header, *rows = table(plot, tmp_path)
    assert header == ["CO 3-2: v_LSR [km/s]", "CO 3-2: Temperature [K]"]
    velocity, temperature = np.array(rows, dtype=float).T
    assert velocity[np.argmax(temperature)] == pytest.approx(4.0)
    area = np.trapezoid(temperature, velocity)
    assert area == pytest.approx(sample().outputs["integrated_intensity"][32, 2], rel=1e-3)
    assert not plot.height_choice.isEnabled()


def test_without_v_lsr_the_velocity_is_the_lines_own(plot: SpectrumPlot, tmp_path: Path) -> None:
    plot.view_choice.setCurrentIndex(1)
    plot.show_row(sample(), 32, 2, None)
    assert plot.frame.plot.getAxis("bottom").labelText == "Velocity from the line's centre (km/s)"
    velocity, temperature = np.array(table(plot, tmp_path)[1:], dtype=float).T
    assert velocity[np.argmax(temperature)] == pytest.approx(0.0, abs=1e-9)


def test_a_click_beside_a_stick_chooses_its_line(plot: SpectrumPlot, qtbot: QtBot) -> None:
    at = screen_point(plot.frame, 115.27, 0.5) + QPoint(3, 0)
    with qtbot.waitSignal(plot.line_chosen, timeout=5000) as told:
        qtbot.mouseClick(plot.frame.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [0]


def test_a_row_that_did_not_converge_says_so(plot: SpectrumPlot) -> None:
    plot.show_row(sample(failed=[59]), 59, 2, None)
    assert plot.frame.message == "Row 60 did not converge: there is no spectrum of it. Choose another row."
    assert plot.labels.texts == []
    plot.show_row(sample(failed=[59]), 58, 2, None)
    assert plot.frame.message == ""
