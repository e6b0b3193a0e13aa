"""One row and one line are chosen, everywhere the same, wherever they were chosen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.plots.frame import PlotFrame
from tests.ui.sample_results import sample, screen_point, shown


@pytest.fixture
def content(qtbot: QtBot) -> Iterator[ResultContent]:
    with shown(qtbot, sample()) as content:
        yield content


def open_tab(content: ResultContent, name: str) -> None:
    names = [content.tabs.tabText(number) for number in range(content.tabs.count())]
    content.tabs.setCurrentIndex(names.index(name))
    content.grab()  # painting may make an axis wider
    QApplication.processEvents()


def click(frame: PlotFrame, qtbot: QtBot, x: float, y: float) -> None:
    qtbot.mouseClick(frame.canvas.viewport(), Qt.MouseButton.LeftButton, pos=screen_point(frame, x, y))


def table_row(content: ResultContent) -> int:
    return content.rows.model.row_of(content.rows.view.currentIndex().row())


def test_the_middle_row_and_its_strongest_line_come_first(content: ResultContent) -> None:
    result = sample()
    assert content.row == result.grid.middle_row() == table_row(content)
    assert content.line == int(np.argmax(result.outputs["peak_temperature"][content.row])) != 0
    assert content.line_choice.value() == content.line


def test_a_cell_of_the_map_chooses_the_row_in_table_and_spectrum(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, "Map")
    with qtbot.waitSignal(content.row_selected, timeout=5000) as told:
        click(content.map.frame, qtbot, 17.0, 6.0)
    # column density 1e17 is the third, H2 density 1e6 the fourth, the temperature stays the middle one
    expected = int(np.ravel_multi_index((2, 3, 2), (3, 4, 5)))
    assert told.args == [expected]
    assert content.row == table_row(content) == expected
    open_tab(content, "Spectrum")
    assert content.spectrum.caption.startswith(f"Row {expected + 1},")


def test_a_slider_moves_the_row_along_its_axis(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, "Map")
    slider = content.map.sliders.slider(2)
    assert slider.isVisible()
    assert not content.map.sliders.slider(0).isVisible(), "the map's own axes have no slider"
    assert slider.accessibleName() == "Kinetic temperature"
    before = content.row
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert content.row == before + 1 == table_row(content)
    assert content.map.sliders.value_text(2) == "40 K"


def test_a_row_of_the_table_moves_map_and_sliders(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, "Map")
    with qtbot.waitSignal(content.row_selected, timeout=5000):
        content.rows.view.selectRow(4)
    assert content.row == 4
    assert content.map.sliders.value_text(2) == "50 K"
    assert content.map.sliders.slider(2).value() == 4


def test_arrow_keys_walk_through_the_rows(content: ResultContent, qtbot: QtBot) -> None:
    before = content.row
    content.rows.view.setFocus()
    qtbot.keyClick(content.rows.view, Qt.Key.Key_Down)
    assert content.row == before + 1
    assert content.spectrum.caption.startswith(f"Row {before + 2},")


def test_a_click_on_the_curves_chooses_the_nearest_value(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, "Curves")
    before = content.row
    click(content.curves.frame, qtbot, 49.0, 1.0)
    assert content.row == before + 2 == table_row(content)


def test_a_line_chosen_anywhere_is_chosen_everywhere(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, "Lines")
    content.lines.view.selectRow(5)
    assert content.line == 5 == content.line_choice.value()
    assert content.rows.model.columns[6].at(np.array([10]))[0] == sample().outputs["peak_temperature"][10, 5]
    open_tab(content, "Spectrum")
    assert "CO 6-5" in content.spectrum.caption
    content.line_choice.box.setCurrentIndex(1)
    assert content.line == 1
    assert "CO 2-1" in content.spectrum.caption
    open_tab(content, "Curves")
    content.select_line(7)
    assert 7 in content.curves.drawn_lines()


def test_the_lines_of_the_row_are_listed_with_their_constants(content: ResultContent) -> None:
    open_tab(content, "Lines")
    model = content.lines.model
    first = [model.data(model.index(0, section)) for section in range(4)]
    assert first == ["1-0", "115.271202", "5.53", "7.203e-8"]
    headers = [model.headerData(section, Qt.Orientation.Horizontal) for section in range(4)]
    assert headers == ["Transition", "Frequency (GHz)", "E_up (K)", "A (s⁻¹)"]
    content.select_row(0)
    cold = float(model.data(model.index(0, 6)))
    assert cold == pytest.approx(sample().outputs["peak_temperature"][0, 0], rel=1e-4)
