"""An axis says its unit however little room there is, and a plot that has nothing to show has no axes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from stopdesk.ui.notices import Notices
from stopdesk.ui.plots.frame import PlotFrame
from stopdesk.ui.plots.quantity import Quantity, show_frequency
from stopdesk.ui.spectra.spectrum import SpectrumPlot, height_range
from tests.ui.sample_results import sample


@pytest.fixture
def plot(qtbot: QtBot) -> SpectrumPlot:
    plot = SpectrumPlot(notices=Notices())
    qtbot.addWidget(plot)
    plot.resize(900, 420)
    plot.show()
    qtbot.waitExposed(plot)
    return plot


def title(frame: PlotFrame) -> str:
    return str(frame.plot.getAxis("left").labelText)


def test_the_title_becomes_short_in_a_low_plot_and_long_again(plot: SpectrumPlot, qtbot: QtBot) -> None:
    plot.show_row(sample(), 32, 2, None)
    plot.view_choice.setCurrentIndex(1)
    qtbot.waitUntil(lambda: title(plot.frame) == "Temperature above background (K)")
    plot.resize(900, 200)
    qtbot.waitUntil(lambda: title(plot.frame) == "T − T_bg (K)")
    label = plot.frame.plot.getAxis("left").label
    assert QFontMetricsF(label.font()).horizontalAdvance(title(plot.frame)) <= plot.frame.view.height() + 16
    plot.resize(900, 420)
    qtbot.waitUntil(lambda: title(plot.frame) == "Temperature above background (K)")


def test_a_name_without_a_short_one_is_cut_before_its_unit() -> None:
    quantity = Quantity("Kinetic temperature", "K")
    assert quantity.fitted(lambda text: len(text) <= 30) == "Kinetic temperature (K)"
    assert quantity.fitted(lambda text: len(text) <= 14) == "Kinetic t… (K)"
    for room in range(6, 24):
        cut = quantity.fitted(lambda text, room=room: len(text) <= room)  # type: ignore[misc]
        assert len(cut) <= room
        assert cut.endswith(" (K)")


def test_before_the_first_result_there_are_no_axes(plot: SpectrumPlot) -> None:
    assert not plot.frame.canvas.isVisible()
    assert not plot.view_choice.isEnabled()
    plot.show_row(sample(), 32, 2, None)
    assert plot.frame.canvas.isVisible()
    assert plot.view_choice.isEnabled()


def test_labels_stay_inside_the_frame(plot: SpectrumPlot, qtbot: QtBot) -> None:
    result = sample()
    result.outputs["peak_temperature"][32, ::2] *= -1.0
    names = tuple(f"3/2_2+_2PI3/2-3/2_1-_2PI3/{n}" for n in range(12))
    object.__setattr__(result.transitions, "transition", names)
    for height in (420, 200, 300):
        plot.resize(900, height)
        plot.show_row(result, 32, 2, None)
        peak = result.outputs["peak_temperature"][32]
        plot.frame.view.setRange(yRange=(1.01 * peak.min(), 1.2 * peak.max()), padding=0)  # no room below the deepest
        plot.grab()
        assert plot.labels.texts
        area = plot.frame.view.sceneBoundingRect().adjusted(-1, -1, 1, 1)
        for item in plot.labels._items:
            if item.isVisible():
                box = item.textItem.sceneBoundingRect().adjusted(4, 4, -4, -4)  # Qt's margin around a text
                assert area.contains(box), item.toPlainText()


def test_absorption_has_room_for_labels_below() -> None:
    low, high = height_range(np.array([10.0, -10.0]))
    assert low < -12.0
    assert high > 12.0


def test_frequencies_are_written_alike() -> None:
    assert [show_frequency(f) for f in (230.538, 921.7997, 1.72053)] == ["230.5380 GHz", "921.7997 GHz", "1.7205 GHz"]
