"""A region framed in the map, or a span of the curves, is a selection of rows; it is marked, added to and given up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stopdesk.ui.grids.content import ResultContent
from stopdesk.ui.plots.frame import PlotFrame
from tests.ui.plotted import click, drag, frame_with_shift
from tests.ui.sample_results import sample, screen_point, shown

SHAPE = (3, 4, 5)


@pytest.fixture
def content(qtbot: QtBot) -> Iterator[ResultContent]:
    with shown(qtbot, sample()) as content:
        open_tab(content, content.map)
        yield content


def open_tab(content: ResultContent, tab: object) -> None:
    content.tabs.setCurrentWidget(tab)  # type: ignore[arg-type]
    content.grab()  # painting may make an axis wider
    QApplication.processEvents()


def rows(*indices: list[int]) -> list[int]:
    return sorted(int(np.ravel_multi_index(each, SHAPE)) for each in itertools.product(*indices))


def selected(content: ResultContent) -> list[int]:
    return content.selection.rows.tolist()


def is_pink(frame: PlotFrame, x: float, y: float) -> bool:
    """Whether the line around selected cells runs by a point in view coordinates."""
    QApplication.processEvents()
    image = frame.canvas.grab().toImage()
    at = screen_point(frame, x, y)
    near = [QColor(image.pixelColor(at.x() + dx, at.y() + dy)) for dx in range(-3, 4) for dy in range(-3, 4)]
    return any(colour.red() > 220 and colour.blue() > 180 and colour.green() < 160 for colour in near)


def test_a_frame_drawn_with_shift_selects_the_cells_in_it(content: ResultContent, qtbot: QtBot) -> None:
    """Column density 1e15 and 1e16, H2 density 1e4 to 1e6, at the temperature of the slider, the middle one."""
    frame_with_shift(qtbot, content.map.frame, (14.8, 3.7), (16.2, 6.3))
    assert selected(content) == rows([0, 1], [1, 2, 3], [2])
    assert content.row in selected(content)
    assert content.facts.text() == "LVG · CO · 6 of 60 rows selected · 12 lines"
    assert is_pink(content.map.frame, 16.5, 5.0), "the right edge of the region"
    assert not is_pink(content.map.frame, 15.5, 5.0), "no line inside it"
    assert not is_pink(content.map.frame, 17.0, 4.0)
    assert content.rows.view.chosen.rows.tolist() == selected(content)


def test_what_is_framed_is_at_the_values_of_the_sliders(content: ResultContent, qtbot: QtBot) -> None:
    content.map.x_axis.box.setCurrentIndex(2)
    content.select_row(int(np.ravel_multi_index((2, 0, 0), SHAPE)))
    frame_with_shift(qtbot, content.map.frame, (15.0, 3.5), (35.0, 5.5))
    assert selected(content) == rows([2], [1, 2], [1, 2])
    assert content.map.sliders.value_text(0) == "1e17 cm⁻²"


def test_with_ctrl_a_frame_and_a_click_add_and_take_away(content: ResultContent, qtbot: QtBot) -> None:
    frame = content.map.frame
    frame_with_shift(qtbot, frame, (14.8, 3.7), (15.2, 5.3))
    shift = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
    drag(qtbot, frame, (16.7, 2.8), (17.2, 3.2), shift)
    assert selected(content) == sorted(rows([0], [1, 2], [2]) + rows([2], [0], [2]))
    click(qtbot, frame, 16.0, 6.0, ctrl=True)
    assert selected(content) == sorted(rows([0], [1, 2], [2]) + rows([2], [0], [2]) + rows([1], [3], [2]))
    assert content.row == rows([1], [3], [2])[0]
    drag(qtbot, frame, (14.8, 3.7), (15.2, 5.3), shift)
    assert selected(content) == sorted(rows([2], [0], [2]) + rows([1], [3], [2]))


def test_a_click_and_escape_go_back_to_one_row(content: ResultContent, qtbot: QtBot) -> None:
    frame = content.map.frame
    frame_with_shift(qtbot, frame, (14.8, 3.7), (16.2, 6.3))
    click(qtbot, frame, 15.0, 4.0)
    assert selected(content) == rows([0], [1], [2])
    assert not is_pink(frame, 15.5, 4.0)
    frame_with_shift(qtbot, frame, (14.8, 3.7), (16.2, 6.3))
    frame.setFocus()
    qtbot.keyClick(frame, Qt.Key.Key_Escape)
    assert selected(content) == rows([0], [1], [2])


def test_the_button_frames_without_shift(content: ResultContent, qtbot: QtBot) -> None:
    frame = content.map.frame
    before = frame.view.viewRange()
    qtbot.mouseClick(content.map.region, Qt.MouseButton.LeftButton)
    drag(qtbot, frame, (14.8, 3.7), (16.2, 6.3))
    assert selected(content) == rows([0, 1], [1, 2, 3], [2])
    assert frame.view.viewRange() == before
    qtbot.mouseClick(content.map.region, Qt.MouseButton.LeftButton)
    drag(qtbot, frame, (15.0, 4.0), (16.0, 5.0))
    assert selected(content) == rows([0, 1], [1, 2, 3], [2])
    assert frame.view.viewRange() != before, "without the button a drag moves the map"


def test_a_frame_that_holds_no_middle_of_a_cell_changes_nothing(content: ResultContent, qtbot: QtBot) -> None:
    before = selected(content)
    frame_with_shift(qtbot, content.map.frame, (15.1, 4.1), (15.4, 4.4))
    assert selected(content) == before


def test_a_region_is_marked_in_the_plane_in_which_it_lies(content: ResultContent, qtbot: QtBot) -> None:
    content.selection.choose(rows([0, 1], [1, 2, 3], [2]), source="elsewhere", current=rows([0], [1], [2])[0])
    assert is_pink(content.map.frame, 16.5, 5.0)
    both = rows([0, 1], [1, 2, 3], [2]) + rows([2], [0], [4])
    content.selection.choose(both, source="elsewhere", current=rows([2], [0], [4])[0])
    assert not is_pink(content.map.frame, 16.5, 5.0)


def test_a_span_of_the_curves_selects_the_values_in_it(content: ResultContent, qtbot: QtBot) -> None:
    open_tab(content, content.curves)
    frame = content.curves.frame
    (_, _), (low, high) = frame.view.viewRange()
    frame_with_shift(qtbot, frame, (15.0, low + 0.2 * (high - low)), (45.0, low + 0.7 * (high - low)))
    where = np.unravel_index(content.row, SHAPE)
    assert selected(content) == rows([int(where[0])], [int(where[1])], [1, 2, 3])
    click(qtbot, frame, 50.0, 0.5 * (low + high), ctrl=True)
    assert selected(content) == rows([int(where[0])], [int(where[1])], [1, 2, 3, 4])
    click(qtbot, frame, 11.0, 0.5 * (low + high))
    assert selected(content) == rows([int(where[0])], [int(where[1])], [0])
